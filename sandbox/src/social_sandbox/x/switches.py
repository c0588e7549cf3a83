"""What can be changed about X while the sandbox runs: everything its contract calls uncertain or switchable."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from social_sandbox.x.limits import DOCUMENTED, LIMITERS


class XSwitches(BaseModel, extra="forbid", frozen=True):
    """The behaviour of the simulated X; the defaults suit the local stack."""

    vocabulary: Literal["asked", "old", "new"] = "asked"
    """The words of answers: as the field parameter asks, or one of both always."""
    refused_parameter: Literal["tweet.fields", "post.fields"] | None = None
    """A field parameter that is answered with 400."""
    family_revocation: bool = False
    """Whether a spent refresh token ends the whole grant."""
    spent_refresh_error: Literal["invalid_request", "invalid_grant"] = "invalid_request"
    rotate_refresh: bool = True
    """Off: a refresh answers without a new refresh token and the old one stays."""
    withheld_scopes: tuple[str, ...] = ()
    """Scopes that are asked for and not granted."""
    public_clients: tuple[str, ...] = ()
    """Client ids that have no secret and name themselves in the form."""
    not_found_form: Literal["errors", "problem"] = "problem"
    """How the lookup of one missing post answers: 200 with `errors` only, or a 404 problem."""
    timeline_lag_s: float = Field(default=1.0, ge=0)
    """How long a new post is missing from timelines."""
    code_life_s: float = Field(default=30.0, gt=0)
    access_life_s: int = Field(default=7200, gt=0)
    refresh_life_s: int = Field(default=180 * 86_400, gt=0)
    duplicate_window_s: float = Field(default=3600.0, ge=0)
    too_long_status: Literal[400, 403] = 400
    credits: Literal["funded", "credits", "credits-depleted"] = "funded"
    """Whether the app can pay, and which 402 body is sent when it cannot."""
    app_state: Literal["enrolled", "client-not-enrolled", "official-client-forbidden", "usage-capped"] = "enrolled"
    """What is wrong with the app itself, whoever's token it uses."""
    legacy_rate_limit: bool = False
    limits: dict[str, dict[str, int]] = {}
    """Budgets per endpoint instead of the documented ones (see `limits`)."""
    append_answer: Literal["json", "empty"] = "json"
    media_life_s: int = Field(default=86_400, gt=0)
    processing_polls: int = Field(default=2, ge=0)
    """How many status calls a video takes; a call before `check_after_s` has passed does not count."""
    check_after_s: int = Field(default=1, ge=0)
    processing_fails: bool = False
    processing_error_object: bool = False
    """Whether a failed processing state carries an `error` object."""
    longest_video_min: int = Field(default=20, gt=0)
    longest_premium_video_min: int = Field(default=125, gt=0)

    @field_validator("limits")
    @classmethod
    def _know_limits(cls, value: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        for endpoint, budgets in value.items():
            if endpoint not in DOCUMENTED or not set(budgets) <= LIMITERS:
                raise ValueError(f"endpoints are {', '.join(DOCUMENTED)}; limiters are {', '.join(sorted(LIMITERS))}")
        return value

    @property
    def timeline_lag(self) -> timedelta:
        """The lag as a duration."""
        return timedelta(seconds=self.timeline_lag_s)
