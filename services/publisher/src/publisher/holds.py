"""What platforms hold back: kept in one table, so that a 429 seen by one replica stops them all, and nothing else.

A hold concerns one operation (publish, prepare, look, publish late) of one subject: a grant, or the whole app where the
platform says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping

from social_common.db import Database, ReadSession
from social_platforms._core import ErrorCode, PlatformError, RateReading

APP: Final = ""
_WITHOUT_A_TIME: Final = timedelta(minutes=1)
_MOST: Final = 2**31 - 1
_LONGEST: Final = timedelta(days=32)  # a monthly cap is the longest wait a platform names

_RECORD: Final = """
INSERT INTO retail_b2c.publisher_holds AS held (platform, subject, operation, bucket, code, until)
VALUES (:platform, :subject, :operation, :bucket, :code, clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (platform, subject, operation, bucket) DO UPDATE
SET until = greatest(held.until, excluded.until), code = excluded.code
"""
# A later answer counts; of two that tell the same window the lower one, for answers overtake each other.
_COUNT: Final = """
INSERT INTO retail_b2c.publisher_rates AS told (platform, subject, bucket, most, remaining, until)
SELECT cast(:platform AS text), r.subject, r.bucket, r.most, r.remaining,
    clock_timestamp() + make_interval(secs => r.seconds)
FROM unnest(cast(:subjects AS text[]), cast(:buckets AS text[]), cast(:mosts AS integer[]),
    cast(:remainings AS integer[]), cast(:seconds AS float8[])) AS r (subject, bucket, most, remaining, seconds)
ORDER BY r.subject, r.bucket
ON CONFLICT (platform, subject, bucket) DO UPDATE
SET most = excluded.most, until = excluded.until, remaining =
    CASE WHEN abs(extract(epoch FROM told.until - excluded.until)) < 5 THEN least(told.remaining, excluded.remaining)
        ELSE excluded.remaining END
"""
_STANDING: Final = """
SELECT code, extract(epoch FROM until - clock_timestamp())::float8 AS seconds
FROM retail_b2c.publisher_holds
WHERE platform = :platform AND subject IN (:app, :subject) AND operation = :operation AND until > clock_timestamp()
ORDER BY until DESC LIMIT 1
"""
_ALL_STANDING: Final = """
SELECT operation, code, extract(epoch FROM until - clock_timestamp())::float8 AS seconds,
    until + (retail_b2c.social_now() - now()) AS until
FROM retail_b2c.publisher_holds
WHERE platform = :platform AND subject IN (:app, :subject) AND until > clock_timestamp()
ORDER BY until
"""
_PACE: Final = """
INSERT INTO retail_b2c.publisher_holds AS held (platform, subject, operation, bucket, code, until)
VALUES (:platform, :app, :operation, '', :code, clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (platform, subject, operation, bucket) DO UPDATE SET until = CASE
    WHEN held.until > clock_timestamp() THEN held.until ELSE excluded.until END
RETURNING code, extract(epoch FROM until - clock_timestamp())::float8 AS seconds,
    until + (retail_b2c.social_now() - now()) AS until
"""


class Operation(StrEnum):
    """What a hold keeps from happening."""

    PUBLISH = "publish"
    PREPARE = "prepare"
    LOOK = "look"
    LATE = "late"  # publishing what is late: the backlog of an outage leaves room for posts that are on time


@dataclass(frozen=True, slots=True)
class Hold:
    """Why not now, and for how long; `until` is its end in product time, the same for all that wait for it."""

    code: str
    remaining: timedelta
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose limits are spent: a grant's (or a connection's where no grant is known) on a platform."""

    platform: str
    grant_id: UUID | None
    connection_id: UUID

    @property
    def key(self) -> str:
        """The account's key in the table."""
        return str(self.grant_id or self.connection_id)


async def standing(session: ReadSession, subject: Subject, operation: Operation) -> Hold | None:
    """The longest hold that keeps this subject from that operation now."""
    row = await session.one_or_none(
        _STANDING,
        {"platform": subject.platform, "app": APP, "subject": subject.key, "operation": operation.value},
    )
    return Hold(row["code"], timedelta(seconds=row["seconds"])) if row else None


async def standing_by_operation(session: ReadSession, subject: Subject) -> dict[Operation, Hold]:
    """The longest hold of each operation that this subject is kept from now."""
    rows = await session.all(_ALL_STANDING, {"platform": subject.platform, "app": APP, "subject": subject.key})
    return {Operation(row["operation"]): _hold(row) for row in rows}


class Holds:
    """Writes holds; each call is a short transaction of its own, never around a platform's call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self, subject: Subject, operation: Operation, rates: Iterable[RateReading], error: PlatformError | None = None
    ) -> None:
        """Keeps what an answer's headers and its refusal said of limits; what is used up holds the operation back."""
        code = ErrorCode.RATE_LIMITED
        rates = tuple(rates)
        if operation is Operation.PUBLISH:
            await self._count(subject, rates)
        rows = [
            _row(subject, operation, bucket=rate.bucket, scope=rate.scope, code=code, wait=rate.resets_in)
            for rate in rates
            if rate.remaining is not None and rate.remaining <= 0 and rate.resets_in is not None
        ]
        if error is not None and error.code in {ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED}:
            wait = error.retry_after or _WITHOUT_A_TIME
            rows.append(_row(subject, operation, bucket="", scope=error.scope, code=error.code, wait=wait))
        if not rows:
            return
        async with self._database.system() as session:
            # In one order, so that two replicas with the same news do not wait for each other.
            for row in sorted(rows, key=lambda row: (str(row["subject"]), str(row["bucket"]))):
                await session.execute(_RECORD, row)

    async def pace_late(self, platform: str, code: ErrorCode, wait: timedelta) -> Hold:
        """Keeps all late posts of the platform's app back for a while; where that is so already, for no longer."""
        values = {"platform": platform, "app": APP, "operation": Operation.LATE.value, "code": code.value}
        async with self._database.system() as session:
            return _hold(await session.one(_PACE, values | {"seconds": min(wait, _LONGEST).total_seconds()}))

    async def _count(self, subject: Subject, rates: Iterable[RateReading]) -> None:
        told = {(_key(subject, rate.scope), rate.bucket[:100]): rate for rate in rates if _is_told(rate)}
        if not told:
            return
        values = {
            "platform": subject.platform,
            "subjects": [key for key, _ in told],
            "buckets": [bucket for _, bucket in told],
            "mosts": [_whole(rate.limit) for rate in told.values()],
            "remainings": [_whole(rate.remaining) for rate in told.values()],
            "seconds": [min(rate.resets_in or _LONGEST, _LONGEST).total_seconds() for rate in told.values()],
        }
        async with self._database.system() as session:
            await session.execute("SET LOCAL synchronous_commit = off")
            await session.execute(_COUNT, values)


def _hold(row: RowMapping) -> Hold:
    return Hold(row["code"], timedelta(seconds=row["seconds"]), row["until"].astimezone(UTC))


def _is_told(rate: RateReading) -> bool:
    return rate.remaining is not None and rate.resets_in is not None


def _whole(number: int | None) -> int | None:
    return None if number is None else min(max(number, 0), _MOST)


def _key(subject: Subject, scope: str) -> str:
    return APP if scope == "app" else subject.key


def _row(
    subject: Subject, operation: Operation, *, bucket: str, scope: str, code: ErrorCode, wait: timedelta
) -> dict[str, str | float]:
    return {
        "platform": subject.platform,
        "subject": _key(subject, scope),
        "operation": operation.value,
        "bucket": bucket[:100],
        "code": code.value,
        "seconds": min(wait, _LONGEST).total_seconds(),
    }
