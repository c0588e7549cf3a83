"""What asking for a refresh came to."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from social_platforms._core import PlatformError


class Outcome(StrEnum):
    """How a refresh ended."""

    REFRESHED = "refreshed"  # by us or by somebody else: newer tokens are stored
    UNCHANGED = "unchanged"  # not due, or the platform renews nothing now: the tokens are as they were
    BUSY = "busy"  # another process refreshes it just now
    FAILED = "failed"  # a passing failure; to be tried again
    LOST = "lost"  # no live tokens: the merchant must reconnect


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, with the platform's passing failure and the wait before the next try where there is one."""

    outcome: Outcome
    error: PlatformError | None = None
    wait: timedelta | None = None
