"""The life of a post: every status, every move, and who may ask for it. One table, and nothing else decides.

`MOVES` is the state table of the design. A change of status is made by `move`, which refuses what the table does not
name; `ALLOWED` says in which statuses a merchant's command is taken.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType
from uuid import UUID

PostId = NewType("PostId", UUID)
CampaignId = NewType("CampaignId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
AttemptId = NewType("AttemptId", UUID)
UserId = NewType("UserId", UUID)


class Status(StrEnum):
    """Where a post stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    HELD = "held"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MISSED = "missed"
    CANCELED = "canceled"


class Step(StrEnum):
    """How far a publishing post has come."""

    UPLOADING = "uploading"
    SENDING = "sending"
    PROCESSING = "processing"
    CONFIRMING = "confirming"
    SETTLING = "settling"


class HeldFor(StrEnum):
    """Why a post is held; each reason ends in its own way."""

    CONNECTION = "connection"  # ends with the connection's return
    QUOTA = "quota"  # ends at a time the platform or the budget named
    RETRY = "retry"  # nothing was sent; tried again soon


class CancelReason(StrEnum):
    """Why a post will not go out."""

    MERCHANT = "merchant"
    UNSCHEDULED = "unscheduled"
    DISCONNECTED = "disconnected"


class SettledBy(StrEnum):
    """Who said that a post is live."""

    ANSWER = "answer"
    READ_BACK = "read_back"
    MERCHANT = "merchant"


class Outcome(StrEnum):
    """What came of one attempt."""

    LIVE = "live"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOTHING_SENT = "nothing_sent"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"
    RESOLVED = "resolved"


class OnDoubt(StrEnum):
    """What a merchant wants when a platform cannot tell whether a post is out."""

    ASK = "ask"
    RESEND = "resend"


class Command(StrEnum):
    """What a merchant may ask of a post."""

    PATCH_CONTENT = "patch_content"
    PATCH_TIME = "patch_time"
    UNSCHEDULE = "unschedule"
    PUBLISH = "publish"
    RETRY = "retry"
    RESOLVE = "resolve"
    CANCEL = "cancel"
    REMOVE = "remove"
    HIDE = "hide"


_S = Status

MOVES: dict[Status, frozenset[Status]] = {
    _S.DRAFT: frozenset({_S.SCHEDULED}),
    _S.SCHEDULED: frozenset({_S.PUBLISHING, _S.HELD, _S.CANCELED, _S.MISSED, _S.DRAFT}),
    _S.HELD: frozenset({_S.SCHEDULED, _S.MISSED, _S.CANCELED, _S.DRAFT}),
    _S.PUBLISHING: frozenset({_S.PUBLISHED, _S.FAILED, _S.UNKNOWN, _S.HELD}),
    _S.PUBLISHED: frozenset(),
    _S.FAILED: frozenset({_S.SCHEDULED}),
    _S.UNKNOWN: frozenset({_S.PUBLISHED, _S.FAILED, _S.SCHEDULED}),
    _S.MISSED: frozenset({_S.SCHEDULED}),
    _S.CANCELED: frozenset(),
}

_NOT_OUT = frozenset({_S.DRAFT, _S.SCHEDULED, _S.HELD, _S.FAILED, _S.MISSED})

ALLOWED: dict[Command, frozenset[Status]] = {
    Command.PATCH_CONTENT: _NOT_OUT,
    Command.PATCH_TIME: _NOT_OUT,
    Command.UNSCHEDULE: frozenset({_S.SCHEDULED, _S.HELD}),
    Command.PUBLISH: _NOT_OUT,
    Command.RETRY: frozenset({_S.FAILED, _S.MISSED, _S.UNKNOWN}),
    Command.RESOLVE: frozenset({_S.UNKNOWN}),
    Command.CANCEL: frozenset({_S.SCHEDULED, _S.HELD}),
    Command.REMOVE: frozenset({_S.DRAFT, _S.CANCELED, _S.FAILED, _S.MISSED}),
    Command.HIDE: frozenset({_S.PUBLISHED}),
}

WAITING = frozenset({_S.SCHEDULED, _S.HELD})
ENDED = frozenset({_S.PUBLISHED, _S.FAILED, _S.UNKNOWN, _S.MISSED, _S.CANCELED})


class WrongMoveError(Exception):
    """The state table has no such move."""

    def __init__(self, from_: Status, to: Status) -> None:
        super().__init__(f"a post cannot go from {from_} to {to}")
        self.from_ = from_
        self.to = to


class NotAllowedError(Exception):
    """The merchant's command is not taken in this status."""

    def __init__(self, command: Command, status: Status) -> None:
        super().__init__(f"{command} is not possible while the post is {status}")
        self.command = command
        self.status = status


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as the merchant and the events are told: a code of the closed set in plain words."""

    code: str
    detail: str
    action: str = ""
    retry_at: str | None = None
    evidence: str = field(default="", repr=False)  # the platform's own words, for the operator

    def as_json(self) -> dict[str, str]:
        """The stored form; `retry_at` only where there is one."""
        known = {"code": self.code, "detail": self.detail, "action": self.action}
        return known | ({"retry_at": self.retry_at} if self.retry_at else {})

    def as_entry(self) -> dict[str, str]:
        """The form the ledger keeps, with the platform's own words; the API leaves those out."""
        return self.as_json() | ({"evidence": self.evidence} if self.evidence else {})


def move(status: Status, to: Status) -> Status:
    """The new status, or `WrongMoveError`. Staying is not a move; scheduling anew keeps `scheduled` without one."""
    if to not in MOVES[status]:
        raise WrongMoveError(status, to)
    return to


def check_allowed(command: Command, status: Status) -> None:
    """Raises `NotAllowedError` where the table does not let a merchant do that."""
    if status not in ALLOWED[command]:
        raise NotAllowedError(command, status)


def deletion_of(status: Status) -> Command:
    """What DELETE means in this status; refused while an attempt is open or in doubt."""
    for command in (Command.CANCEL, Command.REMOVE, Command.HIDE):
        if status in ALLOWED[command]:
            return command
    raise NotAllowedError(Command.REMOVE, status)
