"""When a target is due, how long a failing one waits, and what a platform's refusal holds back.

Due times are product time. Waits after failures and holds are real time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

_FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
_JITTER: Final = 0.2


class Operation(StrEnum):
    """The two calls of a platform's metrics facet; a hold concerns one of them, or ALL."""

    ACCOUNT = "account"
    POSTS = "posts"
    ALL = "all"


class Scope(StrEnum):
    """Whose calls a hold stops."""

    APP = "app"
    GRANT = "grant"
    CONNECTION = "connection"


class Pause(StrEnum):
    """Why a connection is not collected until its next event."""

    NOT_GRANTED = "not_granted"
    NOT_USABLE = "not_usable"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Step:
    """Posts younger than `until` are read every `every`."""

    until: timedelta
    every: timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often one platform is asked. `kinds` overrides the steps for forms that live shorter, such as stories."""

    account_every: timedelta
    steps: tuple[Step, ...]
    kinds: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    one_limit: bool = False  # True where accounts and posts draw on the same limit of the platform
    reads_posts: bool = True  # False where the platform reports nothing of single posts

    def __post_init__(self) -> None:
        if self.account_every <= timedelta(0):
            raise ValueError("an account's interval must be longer than nothing")
        for steps in (self.steps, *self.kinds.values()):
            _check_steps(steps)

    def steps_for(self, kind: str | None) -> tuple[Step, ...]:
        """The steps that hold for a post of that kind."""
        return self.kinds.get(kind or "", self.steps)

    def first_post_due(self, *, kind: str | None, posted_at: datetime, now: datetime) -> datetime:
        """When a post that just became known is read first: one interval after it went live, or now if that is past.

        A post older than its schedule is still read once, so that its end numbers are known.
        """
        return max(now, min(posted_at, now) + self.steps_for(kind)[0].every)

    def next_post_due(self, *, kind: str | None, posted_at: datetime, now: datetime) -> datetime | None:
        """When a post read just now is read again; None once it would be older than its schedule."""
        age = max(now - posted_at, timedelta(0))
        steps = self.steps_for(kind)
        for step in steps:
            if age < step.until:
                return now + step.every if age + step.every < steps[-1].until else None
        return None

    def next_account_due(self, *, now: datetime) -> datetime:
        """When an account read just now is read again."""
        return now + self.account_every


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedule of every platform; `otherwise` holds for one that has none of its own."""

    by_platform: Mapping[str, Schedule]
    otherwise: Schedule

    def of(self, platform: str) -> Schedule:
        """That platform's schedule."""
        return self.by_platform.get(platform, self.otherwise)


def _check_steps(steps: tuple[Step, ...]) -> None:
    if not steps:
        raise ValueError("a schedule needs a step")
    if any(step.every <= timedelta(0) for step in steps):
        raise ValueError("a step's interval must be longer than nothing")
    if any(a.until >= b.until or a.every > b.every for a, b in pairwise(steps)):
        raise ValueError("steps are ordered by age, and older posts are not read more often")


def wait_after(failures: int, *, jitter: float, at_least: timedelta = timedelta(0)) -> timedelta:
    """How long a target that failed that often in a row waits; `jitter` is from 0 to 1 and only makes it longer."""
    doubled: timedelta = _FIRST_WAIT * 2 ** min(max(failures - 1, 0), 16)
    return max(min(doubled, LONGEST_WAIT) * (1 + _JITTER * jitter), at_least)


def batch_size(posts_per_call: int, failures: int) -> int:
    """How many posts that failed that often share a call: halved each time, so that one bad post ends up alone."""
    return max(1, posts_per_call >> min(failures, 30))


class Remedy(StrEnum):
    """What to do after a platform refused a read."""

    NEW_TOKEN = "new_token"  # noqa: S105 (a name)
    HOLD = "hold"
    BACK_OFF = "back_off"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Reaction:
    """A remedy for a refusal, with how long it lasts at least and, for a hold, whose calls it stops."""

    code: str
    remedy: Remedy
    wait: timedelta = timedelta(0)
    scope: Scope = Scope.GRANT
    whole_app: bool = False  # the app itself is refused: both operations stop


def react_to(code: str, *, scope: str = "account", retry_after: timedelta | None = None, targets: int = 1) -> Reaction:
    """What a refused read means for those concerned; `code` is of design section 5, an unknown one backs off."""
    whose = Scope.APP if scope == "app" else Scope.GRANT
    asked = retry_after or timedelta(0)
    match code:
        case "rate_limited":
            return Reaction(code, Remedy.HOLD, asked or timedelta(minutes=15), whose)
        case "quota_exhausted":
            return Reaction(code, Remedy.HOLD, asked or timedelta(hours=1), whose)
        case "app_misconfigured" | "version_retired":
            return Reaction(code, Remedy.HOLD, asked or timedelta(hours=1), Scope.APP, whole_app=True)
        case "auth_expired" | "auth_revoked":
            return Reaction(code, Remedy.NEW_TOKEN)
        case "not_found" if targets == 1:
            return Reaction(code, Remedy.GONE)
        case "permission_missing" | "account_restricted" | "destination_gone":
            return Reaction(code, Remedy.BACK_OFF, max(asked, LONGEST_WAIT))
        case _:
            return Reaction(code, Remedy.BACK_OFF, asked)
