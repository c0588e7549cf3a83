"""What can be changed about the identity while the sandbox runs."""

from pydantic import BaseModel, Field


class IdentitySwitches(BaseModel, extra="forbid", frozen=True):
    """Switches that every platform of the family has; those of the platform whose address was called count."""

    testing: bool = False
    """The project's publishing status: consents that go beyond identity end after seven days."""
    access_ends_after_s: int | None = Field(default=None, gt=0)
    """Time-based access: the person lets the app in for so long only."""
    admin_policy: bool = False
    """A Workspace administrator restricts the app: no consent, no refresh."""
    org_internal: bool = False
    """The app is for the organisation's own people only, and nobody here is one of them."""
    withheld_scopes: tuple[str, ...] = ()
    """Scopes (long form) that are asked for and never granted."""
    rotates_refresh: bool = False
    """A refresh answers with a new refresh token beside the old one, which Google says may happen."""
    code_life_s: float = Field(default=300.0, gt=0)
    access_life_s: int = Field(default=3599, gt=0)
    unused_life_s: int = Field(default=183 * 86_400, gt=0)
    """How long a refresh token lives without being used."""
    live_refresh_tokens: int = Field(default=100, gt=0)
    """How many a person can have for one client id; one more ends the oldest."""
