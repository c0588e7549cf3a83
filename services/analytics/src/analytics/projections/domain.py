"""What a connection or a post is to analytics, and what an event makes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

ERASED = "erased"
_ANALYTICS = "analytics"


class ConnectionState(StrEnum):
    """How far a connection is known: UNKNOWN when only a post of it was seen yet."""

    UNKNOWN = "unknown"
    USABLE = "usable"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class KnownConnection:
    """A connection as its newest event told it."""

    connection_id: UUID
    user_id: UUID
    revision: int
    platform: str
    state: ConnectionState
    grant_id: UUID | None = None
    platform_id: str | None = None
    kind: str | None = None
    platform_username: str | None = None
    capabilities: tuple[str, ...] = ()
    down_reason: str | None = None

    def is_collected(self) -> bool:
        """True where the merchant allowed analytics, or where only asking can tell."""
        match self.state:
            case ConnectionState.UNKNOWN:
                return True
            case ConnectionState.USABLE:
                return _ANALYTICS in self.capabilities
            case ConnectionState.DOWN:
                return False


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post as its newest event told it; `status` keeps words that are not known here."""

    post_id: UUID
    connection_id: UUID
    user_id: UUID
    revision: int
    platform: str
    status: str
    campaign_id: UUID | None = None
    kind: str | None = None
    product_id: str | None = None
    scheduled_at: datetime | None = None
    posted_at: datetime | None = None
    platform_post_id: str | None = None
    permalink: str | None = None
    may_be_duplicate: bool = False
