"""What a due post's standing means: may it go out now, must it wait, is it too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from publisher.domain import HeldFor, Problem, Status
from publisher.posts import Post

_LONGEST_RETRY = timedelta(minutes=10)
_ON_TIME = timedelta(minutes=1)
_LINE = timedelta(seconds=2)
_WHOLE_LINE = timedelta(days=8)  # longer than anything may be late

TOO_LATE = Problem(
    "connection_not_usable",
    "Its time passed while it could not go out.",
    "Retry it, if it should still be published.",
)
LATE_WITHOUT_REASON = Problem(
    "internal",
    "Its time passed longer ago than your catch-up limit allows.",
    "Retry it, if it should still be published.",
)
LATE_BY_QUOTA = Problem(
    "quota_exhausted",
    "The platform's limit did not free up in time.",
    "Retry it, if it should still be published.",
)


class Move(StrEnum):
    """What to do with a claimed post."""

    GO = "go"
    MISS = "miss"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Limits:
    """How late is too late."""

    catch_up: timedelta
    quota: timedelta


def latest(post: Post, limits: Limits) -> datetime:
    """The last moment (product time) at which a post may still go out."""
    if post.scheduled_at is None:
        raise ValueError("a waiting post has a time")
    allowed = max(limits.catch_up, limits.quota) if post.held_for is HeldFor.QUOTA else limits.catch_up
    return post.scheduled_at + allowed


def next_move(post: Post, *, now: datetime, limits: Limits, is_usable: bool) -> Move:
    """What follows from the time and the connection. A held post's connection is probed even if it looks down."""
    if now > latest(post, limits):
        return Move.MISS
    if not is_usable and post.status is Status.SCHEDULED:
        return Move.HOLD
    return Move.GO


def why_missed(post: Post) -> Problem:
    """The reason a merchant is told: what held it, else only that it is late."""
    match post.held_for:
        case HeldFor.QUOTA:
            return LATE_BY_QUOTA
        case HeldFor.CONNECTION | HeldFor.RETRY:
            told = post.error or {}
            detail = f"{TOO_LATE.detail} {told.get('detail', '')}".strip()
            return Problem(told.get("code", TOO_LATE.code), detail, TOO_LATE.action)
        case None:
            return LATE_WITHOUT_REASON


def wait_for_retry(post: Post, least: timedelta, *, now: datetime) -> timedelta:
    """Before the next try of what failed for a passing reason: the later the post is already, the longer.

    A platform that is down for hours is not asked every few seconds, and the ledger does not fill with the same line.
    """
    late = timedelta(0) if post.scheduled_at is None else now - post.scheduled_at
    return max(least, min(late / 8, _LONGEST_RETRY))


def look_again_at(post: Post, wanted: datetime, limits: Limits) -> datetime:
    """When a held post is looked at next: as wanted, but no later than when it is missed."""
    return min(wanted, latest(post, limits) + timedelta(seconds=1))


def is_late(post: Post, now: datetime) -> bool:
    """Whether its time is so long ago that posts which are on time go first where a budget is short."""
    return post.scheduled_at is not None and now - post.scheduled_at > _ON_TIME


def in_line(post: Post, until: datetime) -> datetime:
    """When a post that waits for a moment with many others is looked at: right after it, in the order of their times.

    Thousands of posts with the very same moment would else come back in any order.
    """
    age = timedelta(0) if post.scheduled_at is None else until - post.scheduled_at
    return until + _LINE * (1 - min(max(age, timedelta(0)), _WHOLE_LINE) / _WHOLE_LINE)
