"""What is owed to a platform user after a link ended, and how it can end."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

ErasureId = NewType("ErasureId", UUID)


class ErasureReason(StrEnum):
    """Why a token came to be forgotten."""

    DISCONNECTED = "disconnected"
    UNFINISHED = "unfinished"
    RELINKED = "relinked"
    SUPERSEDED = "superseded"
    ERASED = "erased"


class Proof(StrEnum):
    """What the revocation ended in; kept after the copy is shredded."""

    REVOKED = "revoked"
    ALREADY_INVALID = "already_invalid"
    NOT_SUPPORTED = "not_supported"
    STILL_IN_USE = "still_in_use"  # another live grant rests on the same person
    UNREADABLE = "unreadable"  # no key opens the copy any more
    REFUSED = "refused"  # the platform refused to the end; the copy is shredded all the same


class Resting(StrEnum):
    """Who still rests on a person."""

    NOBODY = "nobody"
    PENDING = "pending"  # somebody is choosing places right now
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One copy of tokens that waits for its revocation, with the row it is bound to."""

    id: ErasureId
    user_id: UUID
    reason: ErasureReason
    platform: str
    app: str
    family: str
    person_id: str
    grant_id: UUID | None
    source_table: str
    source_row: str
    access_token: str | None
    refresh_token: str | None
    attempts: int


class Step(StrEnum):
    """What the worker does next with a copy."""

    REVOKE = "revoke"
    SHRED = "shred"
    WAIT = "wait"


def decide(resting: Resting, *, ends_all: bool) -> Step:
    """Whether to revoke: never where that would end what another live grant rests on."""
    if not ends_all:
        return Step.REVOKE
    match resting:
        case Resting.LIVE:
            return Step.SHRED
        case Resting.PENDING:
            return Step.WAIT
        case Resting.NOBODY:
            return Step.REVOKE
