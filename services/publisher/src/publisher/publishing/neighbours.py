"""Equal attempts of a connection beside one that is in doubt: where a look begins, where it ends, what to distrust."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select

from publisher.domain import Outcome
from publisher.publishing.ledger import IN_DOUBT, MADE_NOTHING, Attempt
from publisher.tables import publisher_attempts as attempts
from social_common.db import ReadSession
from social_platforms._core import ErrorCode

# A look also takes what was made a little before the sending, because clocks differ; by more than this never.
_CLOCKS_DIFFER: Final = timedelta(minutes=10)
_MAY_BE_OUT: Final = (*IN_DOUBT, Outcome.LIVE)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What equal attempts mean for a look: made after `since`, before `until` (as the platform counts).

    `has_rival`: another post's equal attempt may have made, at about that time, what looks the same.
    """

    since: datetime
    until: datetime | None = None
    has_rival: bool = False


async def neighbours_of(session: ReadSession, attempt: Attempt) -> Neighbours:
    """The attempt among its equals."""
    return Neighbours(
        since=await _since(session, attempt),
        until=await _next_start(session, attempt),
        has_rival=await _has_rival(session, attempt),
    )


async def _since(session: ReadSession, attempt: Attempt) -> datetime:
    """When it was sent. One that was refused as a duplicate made nothing: what its post's first doubt made is meant."""
    if (attempt.error or {}).get("code") != ErrorCode.DUPLICATE_POST.value:
        return attempt.platform_moment
    statement = select(func.min(func.coalesce(attempts.c.sent_at, attempts.c.started_at))).where(
        attempts.c.post_id == attempt.post_id,
        attempts.c.fingerprint == attempt.fingerprint,
        attempts.c.number < attempt.number,
        attempts.c.outcome.in_(_MAY_BE_OUT),
    )
    first: datetime | None = await session.scalar(statement)
    return min(first, attempt.platform_moment) if first is not None else attempt.platform_moment


async def _next_start(session: ReadSession, attempt: Attempt) -> datetime | None:
    """When the next equal attempt began: what was made after that may be its doing."""
    statement = select(func.min(func.coalesce(attempts.c.sent_at, attempts.c.started_at))).where(
        *_equal_to(attempt), attempts.c.started_at > attempt.started_at
    )
    found: datetime | None = await session.scalar(statement)
    return found


async def _has_rival(session: ReadSession, attempt: Attempt) -> bool:
    statement = select(func.count()).where(
        *_equal_to(attempt),
        attempts.c.post_id != attempt.post_id,
        attempts.c.started_at <= attempt.started_at,
        func.coalesce(attempts.c.finished_at, func.clock_timestamp()) > attempt.started_at - _CLOCKS_DIFFER,
        # What has an id is told apart by it.
        attempts.c.platform_post_id.is_(None),
        attempts.c.outcome.is_(None) | attempts.c.outcome.not_in(MADE_NOTHING),
    )
    return bool(await session.scalar(statement))


def _equal_to(attempt: Attempt) -> tuple[ColumnElement[bool], ...]:
    return (
        attempts.c.connection_id == attempt.connection_id,
        attempts.c.fingerprint == attempt.fingerprint,
        attempts.c.bytes_sent.is_(True),
    )
