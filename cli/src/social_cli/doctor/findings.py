"""What a look finds: one thing each, with the next step in one sentence where something is wrong."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `about` names whose it is; no secret stands in any of its texts."""

    state: State
    check: str
    about: str
    found: str
    next_step: str = ""


def fine(check: str, about: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(State.OK, check, about, found)


def wrong(check: str, about: str, found: str, *, step: str) -> Finding:
    """It keeps something from working."""
    return Finding(State.ERROR, check, about, found, step)


def doubtful(check: str, about: str, found: str, *, step: str) -> Finding:
    """It works, and will not for ever, or not as it should."""
    return Finding(State.WARNING, check, about, found, step)
