"""The three facts that auth-linker tells the others (design, section 4). Fields are only ever added."""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

LINKED: Final = "connection.linked"
UPDATED: Final = "connection.updated"
UNLINKED: Final = "connection.unlinked"


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConnectionLinked(_Fact):
    """A place is linked, or usable again."""

    connection_id: UUID
    grant_id: UUID
    user_id: UUID
    revision: int
    platform: str
    platform_id: str
    kind: str
    platform_username: str | None
    scopes: list[str]
    capabilities: list[str]
    missing_scopes: list[str]
    health: str
    expires_at: datetime | None
    renewable: bool
    relinked: bool
    linked_at: datetime


class ConnectionUpdated(ConnectionLinked):
    """Health, scopes, name or expiry of a usable place changed."""

    cause: str
    updated_at: datetime


class ConnectionUnlinked(_Fact):
    """A place is no longer usable."""

    connection_id: UUID
    grant_id: UUID
    user_id: UUID
    revision: int
    platform: str
    platform_id: str
    reason: str
    unlinked_at: datetime


# What auth-linker reads, as (topic, consumer); the handler hangs on it in `main`.
CONSUMES: Final = (("post.scheduled", "token-ready"), ("post.failed", "place-doubts"))
EVENT_MODELS: Final[dict[str, type[BaseModel]]] = {
    LINKED: ConnectionLinked,
    UPDATED: ConnectionUpdated,
    UNLINKED: ConnectionUnlinked,
}
