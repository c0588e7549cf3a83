"""The moments right before and right after each write that others can see, by name.

Every such write is a member of an `Effect` and has both moments by construction: a call is made inside `crossing`, a
commit is named on its session (`WriteSession.marks`). Nothing happens there: `passing` is empty, no setting fills it,
and no code of a service replaces it. Only the development stack's own command does, to kill the process it starts at
one of them, so that a harness can walk the whole list.
"""

from enum import StrEnum
from types import TracebackType


class Side(StrEnum):
    """On which side of the write the process is."""

    BEFORE = "before"
    AFTER = "after"


class Effect(StrEnum):
    """A write that others can see. Each part of the system declares its own as a subclass: a closed set."""


class Plumbing(Effect):
    """What every service does; `about` is the topic."""

    EVENT = "event.commit"  # state and its event in the outbox
    INBOX = "inbox.commit"  # a handler's work and its row in the inbox
    SEND = "kafka.send"
    MARK = "outbox.mark"
    OFFSET = "offset.commit"
    LETTER = "letter.send"


def passing(effect: Effect, side: Side, about: str = "") -> None:
    """Says that the process is there; `about` tells the platform or topic. Does nothing."""


class crossing:  # noqa: N801 - used as a statement, like contextlib's own
    """A block that is the write; its end by an exception is no answer, and is not passed."""

    __slots__ = ("_about", "_effect")

    def __init__(self, effect: Effect, about: str = "") -> None:
        self._effect = effect
        self._about = about

    def __enter__(self) -> None:
        passing(self._effect, Side.BEFORE, self._about)

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            passing(self._effect, Side.AFTER, self._about)
