"""What is due, who holds it, and what holds it back.

A claimed connection leaves the due index and stands in the retry index at the end of its lease, so that a process
that vanished gives it back by itself. Scans never step over what others hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from analytics.collecting import limits
from analytics.collecting.domain import Operation, Pause
from social_common.db import ReadSession, WriteSession

_CLAIM = """
SELECT connection_id, user_id, platform
FROM retail_b2c.analytics_claim_due(:platforms, :at_most, :lease_id, :lease_for)
"""

_CONNECTION = """
SELECT connection_id, user_id, platform, grant_id, revision, account_failures,
    account_due_at <= retail_b2c.social_now() AND (account_retry_at IS NULL OR account_retry_at <= now()) AS due
FROM retail_b2c.analytics_connections
WHERE connection_id = :connection_id AND lease_id = :lease_id AND is_collected AND pause IS NULL
"""

_DUE_POSTS = """
SELECT post_id, platform_post_id, kind, posted_at, failures FROM retail_b2c.analytics_posts
WHERE connection_id = :connection_id AND due_at <= retail_b2c.social_now()
    AND (retry_at IS NULL OR retry_at <= now())
ORDER BY due_at LIMIT :at_most
"""

_LOCK_LEASED = """
SELECT retail_b2c.social_now() AS now FROM retail_b2c.analytics_connections
WHERE connection_id = :connection_id AND lease_id = :lease_id FOR UPDATE
"""

_ACCOUNT_READ = """
UPDATE retail_b2c.analytics_connections
SET account_due_at = :due_at, account_retry_at = NULL, account_failures = 0, account_error = NULL
WHERE connection_id = :connection_id
"""

_ACCOUNT_FAILED = """
UPDATE retail_b2c.analytics_connections
SET account_retry_at = now() + :wait, account_failures = account_failures + 1, account_error = :error
WHERE connection_id = :connection_id
"""

_POST_READ = """
UPDATE retail_b2c.analytics_posts SET due_at = :due_at, retry_at = NULL, failures = 0, error = NULL
WHERE post_id = :post_id
"""

_POSTS_FAILED = """
UPDATE retail_b2c.analytics_posts
SET retry_at = now() + :wait, failures = failures + 1, error = :error
WHERE post_id = ANY(:post_ids) AND due_at IS NOT NULL
"""

_POSTS_GONE = """
UPDATE retail_b2c.analytics_posts
SET gone_at = retail_b2c.social_now(), due_at = NULL, retry_at = NULL, failures = 0, error = NULL
WHERE post_id = ANY(:post_ids)
"""

_SCHEDULE_POST = """
UPDATE retail_b2c.analytics_posts
SET due_at = :due_at, retry_at = NULL, failures = 0, error = NULL, gone_at = NULL
WHERE post_id = :post_id
"""

_PAUSE = """
UPDATE retail_b2c.analytics_connections SET pause = :pause, updated_at = now()
WHERE connection_id = :connection_id AND lease_id = :lease_id AND revision <= :revision
"""

# Product time and real time never mix: `next_due_at` is product time, `next_retry_at` real time. What is overdue
# queues behind what was overdue before, so that a connection with many posts does not stand first for ever.
_RESCHEDULE = """
WITH post AS (
    SELECT min(due_at) FILTER (WHERE retry_at IS NULL OR retry_at <= now()) AS due_at,
        min(due_at) AS any_due_at, min(retry_at) FILTER (WHERE retry_at > now()) AS retry_at
    FROM retail_b2c.analytics_posts WHERE connection_id = :connection_id AND due_at IS NOT NULL
), times AS (
    SELECT
        LEAST(
            CASE WHEN account.retry_at IS NULL AND h.account_until IS NULL THEN c.account_due_at END,
            CASE WHEN h.posts_until IS NULL THEN post.due_at END
        ) AS due_at,
        LEAST(
            coalesce(h.account_until, account.retry_at),
            CASE WHEN post.any_due_at IS NOT NULL THEN coalesce(h.posts_until, post.retry_at) END
        ) AS retry_at,
        c.is_collected AND c.pause IS NULL AS is_open,
        CASE WHEN c.leased_until > now() THEN c.leased_until END AS leased_until
    FROM retail_b2c.analytics_connections AS c, post,
        (SELECT CAST(:account_until AS timestamptz) AS account_until,
            CAST(:posts_until AS timestamptz) AS posts_until) AS h,
        LATERAL (SELECT CASE WHEN c.account_retry_at > now() THEN c.account_retry_at END AS retry_at) AS account
    WHERE c.connection_id = :connection_id
)
UPDATE retail_b2c.analytics_connections AS c SET
    next_due_at = CASE
        WHEN times.is_open AND times.leased_until IS NULL
        THEN CASE WHEN times.due_at < retail_b2c.social_now() THEN retail_b2c.social_now() ELSE times.due_at END
    END,
    next_retry_at = CASE WHEN times.is_open THEN coalesce(times.leased_until, times.retry_at) END
FROM times WHERE c.connection_id = :connection_id
"""

_RELEASE = """
UPDATE retail_b2c.analytics_connections SET lease_id = NULL, leased_until = NULL
WHERE connection_id = :connection_id AND lease_id = :lease_id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A connection that is this process's to collect until the lease ends."""

    connection_id: UUID
    user_id: UUID
    platform: str
    lease_id: UUID


@dataclass(frozen=True, slots=True)
class DuePost:
    """A post whose numbers are to be read."""

    post_id: UUID
    platform_post_id: str
    kind: str | None
    posted_at: datetime
    failures: int


@dataclass(frozen=True, slots=True)
class DueConnection:
    """What of a claimed connection is to be read now."""

    claim: Claim
    grant_id: UUID | None
    revision: int
    account_is_due: bool
    account_failures: int
    posts: tuple[DuePost, ...]
    held: frozenset[Operation]

    def is_held(self, operation: Operation) -> bool:
        """True where a platform asked to wait before this operation."""
        return operation in self.held or Operation.ALL in self.held


async def product_now(session: ReadSession) -> datetime:
    """The product's time."""
    now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
    return now


async def claim_due(
    session: WriteSession, platforms: Sequence[str], *, at_most: int, lease_id: UUID, lease_for: timedelta
) -> list[Claim]:
    """Connections with something due, leased to the caller; those another process holds are left alone."""
    values = {"platforms": list(platforms), "at_most": at_most, "lease_id": lease_id, "lease_for": lease_for}
    rows = await session.all(_CLAIM, values)
    return [Claim(row["connection_id"], row["user_id"], row["platform"], lease_id) for row in rows]


async def find_due(session: ReadSession, claim: Claim, *, posts_at_most: int) -> DueConnection | None:
    """What of the claimed connection is due; None where the lease was lost or collecting ended."""
    key = {"connection_id": claim.connection_id, "lease_id": claim.lease_id}
    row = await session.one_or_none(_CONNECTION, key)
    if row is None:
        return None
    posts = await session.all(_DUE_POSTS, {"connection_id": claim.connection_id, "at_most": posts_at_most})
    held = await limits.find_holds(session, claim.connection_id)
    return DueConnection(
        claim=claim,
        grant_id=row["grant_id"],
        revision=row["revision"],
        account_is_due=bool(row["due"]),
        account_failures=row["account_failures"],
        posts=tuple(DuePost(**post) for post in posts),
        held=frozenset(held),
    )


async def lock_leased(session: WriteSession, claim: Claim) -> datetime | None:
    """Locks the claimed connection; the product's time, or None where the lease is no longer ours."""
    key = {"connection_id": claim.connection_id, "lease_id": claim.lease_id}
    row = await session.one_or_none(_LOCK_LEASED, key)
    return None if row is None else row["now"]


async def mark_account_read(session: WriteSession, connection_id: UUID, *, due_at: datetime) -> None:
    """The account was read; it is due again then."""
    await session.execute(_ACCOUNT_READ, {"connection_id": connection_id, "due_at": due_at})


async def mark_account_failed(session: WriteSession, connection_id: UUID, *, wait: timedelta, error: str) -> None:
    """The account could not be read; it waits that long in real time."""
    values = {"connection_id": connection_id, "wait": wait, "error": error[:50]}
    await session.execute(_ACCOUNT_FAILED, values)


async def mark_post_read(session: WriteSession, post_id: UUID, *, due_at: datetime | None) -> None:
    """The post was read; it is due again then, or never."""
    await session.execute(_POST_READ, {"post_id": post_id, "due_at": due_at})


async def mark_posts_failed(session: WriteSession, post_ids: Sequence[UUID], *, wait: timedelta, error: str) -> None:
    """These posts could not be read; they wait that long in real time."""
    values = {"post_ids": list(post_ids), "wait": wait, "error": error[:50]}
    await session.execute(_POSTS_FAILED, values)


async def mark_posts_gone(session: WriteSession, post_ids: Sequence[UUID]) -> None:
    """The platform has these posts no longer; they keep their last numbers and are not read again."""
    await session.execute(_POSTS_GONE, {"post_ids": list(post_ids)})


async def schedule_post(session: WriteSession, post_id: UUID, *, due_at: datetime | None) -> None:
    """When a post is read next; None: there is nothing to read."""
    await session.execute(_SCHEDULE_POST, {"post_id": post_id, "due_at": due_at})


async def pause(session: WriteSession, claim: Claim, *, why: Pause, revision: int) -> bool:
    """Stops collecting until the connection's next event; False where one newer than that revision came already."""
    values = {
        "connection_id": claim.connection_id,
        "lease_id": claim.lease_id,
        "pause": why.value,
        "revision": revision,
    }
    result = await session.execute(_PAUSE, values)
    return result.rowcount > 0


async def reschedule(session: WriteSession, connection_id: UUID) -> None:
    """Computes anew when the connection is looked at; the caller holds its row's lock."""
    until = await limits.find_holds(session, connection_id)
    values = {
        "connection_id": connection_id,
        "account_until": _latest(until, Operation.ACCOUNT),
        "posts_until": _latest(until, Operation.POSTS),
    }
    await session.execute(_RESCHEDULE, values)


async def release(session: WriteSession, claim: Claim) -> None:
    """Ends the lease, where it is still ours."""
    await session.execute(_RELEASE, {"connection_id": claim.connection_id, "lease_id": claim.lease_id})


def _latest(until: Mapping[Operation, datetime], operation: Operation) -> datetime | None:
    times = [until[key] for key in (operation, Operation.ALL) if key in until]
    return max(times, default=None)
