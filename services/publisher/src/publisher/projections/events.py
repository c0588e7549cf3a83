"""What publisher reads of auth-linker's events: its own tolerant copy, which ignores what it does not know."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

LINKED = "connection.linked"
UPDATED = "connection.updated"
UNLINKED = "connection.unlinked"


class _Tolerant(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    connection_id: UUID
    user_id: UUID
    grant_id: UUID | None = None
    revision: int
    platform: str = Field(max_length=50)
    platform_id: str = Field(max_length=255)


class ConnectionState(_Tolerant):
    """`connection.linked` and `connection.updated`."""

    kind: str | None = Field(default=None, max_length=50)
    platform_username: str | None = Field(default=None, max_length=255)
    scopes: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    health: str = Field(default="ok", max_length=50)
    expires_at: AwareDatetime | None = None
    renewable: bool | None = None


class ConnectionEnd(_Tolerant):
    """`connection.unlinked`."""

    reason: Literal["user", "revoked", "reconnect_required", "erased"]
