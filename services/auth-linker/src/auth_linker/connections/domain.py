"""A connection: one place to publish, its health, and what may become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from auth_linker.grants.domain import GrantId, Health

ConnectionId = NewType("ConnectionId", UUID)


class UnlinkReason(StrEnum):
    """Why a connection is no longer usable."""

    USER = "user"
    REVOKED = "revoked"
    RECONNECT_REQUIRED = "reconnect_required"
    ERASED = "erased"


class UpdateCause(StrEnum):
    """What changed on a connection that stayed usable."""

    HEALTH = "health"
    SCOPES = "scopes"
    PROFILE = "profile"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as its merchant may see it: everything but the tokens."""

    id: ConnectionId
    grant_id: GrantId
    user_id: UUID
    platform: str
    app: str
    platform_id: str
    kind: str
    platform_username: str | None
    display_name: str | None
    avatar_url: str | None
    is_connected: bool
    health: Health
    unlinked_reason: UnlinkReason | None
    capabilities: tuple[str, ...]
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    act_by: datetime | None
    renewable: bool
    last_refreshed_at: datetime | None
    linked_at: datetime
    created_at: datetime
    updated_at: datetime
    revision: int
    facts: Mapping[str, Any]

    @property
    def waits_for_reconnect(self) -> bool:
        """Whether it was lost, not given up: a new consent or a late good token brings it back."""
        return not self.is_connected and self.unlinked_reason in {
            UnlinkReason.REVOKED,
            UnlinkReason.RECONNECT_REQUIRED,
        }


def find_missing_scopes(asked: frozenset[str], granted: frozenset[str] | None) -> tuple[str, ...]:
    """The asked scopes that were not granted, sorted; none where the platform does not tell what it granted."""
    return () if granted is None else tuple(sorted(asked - granted))
