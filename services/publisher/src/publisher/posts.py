"""A post as the slices share it: its value, its moves, and how it is read, locked and saved.

Every change goes through `save`, which bumps the revision; `moved` is the only way to another status.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, RowMapping, bindparam, cast, delete, extract, false, func, insert, select, update

from publisher.domain import (
    WAITING,
    CampaignId,
    ConnectionId,
    HeldFor,
    PostId,
    Problem,
    SettledBy,
    Status,
    Step,
    UserId,
    move,
)
from publisher.tables import social_posts
from social_common.db import ReadSession, WriteSession
from social_common.telemetry import current_traceparent


@dataclass(frozen=True, slots=True)
class Post:
    """One post at one place. Times are aware; `due_at` is when a worker looks next, `scheduled_at` what was asked."""

    id: PostId
    user_id: UserId
    campaign_id: CampaignId
    connection_id: ConnectionId
    platform: str
    platform_id: str
    kind: str
    content: str
    grant_id: UUID | None = None
    connection_revision: int = 0
    media: list[dict[str, Any]] = field(default_factory=list)
    media_url: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    content_revision: int = 1
    product_id: str | None = None
    scheduled_at: datetime | None = None
    posted_at: datetime | None = None
    status: Status = Status.DRAFT
    step: Step | None = None
    held_for: HeldFor | None = None
    platform_post_id: str | None = None
    permalink: str | None = None
    engagement: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    attempts: int = 0
    revision: int = 0
    settled_by: SettledBy | None = None
    may_be_duplicate: bool = False
    hidden: bool = False
    due_at: datetime | None = None
    prepare_at: datetime | None = None
    claimed_by: str | None = None
    lease_until: datetime | None = None
    refused_token_version: int | None = None
    traceparent: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @classmethod
    def from_row(cls, row: RowMapping) -> Self:
        """The value of a row that has all of `COLUMNS`."""
        known = {name: row[name] for name in _NAMES}
        known["status"] = Status(row["status"])
        known["step"] = Step(row["step"]) if row["step"] else None
        known["held_for"] = HeldFor(row["held_for"]) if row["held_for"] else None
        known["settled_by"] = SettledBy(row["settled_by"]) if row["settled_by"] else None
        return cls(**known)

    def moved(self, to: Status, **changes: Any) -> Self:
        """In another status, with what only belongs to the old one taken away; refuses a wrong move."""
        status = move(self.status, to)
        gone: dict[str, Any] = {"step": None, "held_for": None, "claimed_by": None, "lease_until": None}
        if to not in WAITING:
            gone |= {"due_at": None, "prepare_at": None}
        return replace(self, status=status, **(gone | changes))

    def rescheduled(self, at: datetime, *, due_at: datetime, prepare_at: datetime | None, **changes: Any) -> Self:
        """Waiting for a new time; from `scheduled` itself this is no move."""
        waiting: dict[str, Any] = {"scheduled_at": at, "due_at": due_at, "prepare_at": prepare_at, "error": None}
        if self.status is Status.SCHEDULED:
            free: dict[str, Any] = {"claimed_by": None, "lease_until": None, "held_for": None}
            return replace(self, **(free | waiting | changes))
        return self.moved(Status.SCHEDULED, **(waiting | changes))

    def held(self, reason: HeldFor, problem: Problem, *, until: datetime) -> Self:
        """Held for a reason, looked at again at `until`; a held post stays held with the newer reason."""
        changes: dict[str, Any] = {"held_for": reason, "error": problem.as_json(), "due_at": until, "prepare_at": None}
        if self.status is Status.HELD:
            return replace(self, claimed_by=None, lease_until=None, **changes)
        return self.moved(Status.HELD, **changes)


_NAMES = tuple(f.name for f in fields(Post))
COLUMNS = tuple(social_posts.c[name] for name in _NAMES)
_WRITTEN_BY_DATABASE = {"created_at", "updated_at", "revision"}
# Built once: putting a select of so many columns together costs more than running it.
_FIND = select(*COLUMNS).where(social_posts.c.id == bindparam("post_id"))
_LOCK = (
    select(
        *COLUMNS,
        func.retail_b2c.social_now().label("product_now"),
        func.coalesce(social_posts.c.lease_until > func.clock_timestamp(), false()).label("is_leased"),
    )
    .where(social_posts.c.id == bindparam("post_id"))
    .with_for_update()
)


# Real time in milliseconds, by the database's clock: a restored database never counts below what it sent before.
_REAL_MS = cast(func.floor(extract("epoch", func.clock_timestamp()) * 1000), BigInteger)


async def find(session: ReadSession, post_id: UUID) -> Post | None:
    """The merchant's post without a lock."""
    row = await session.one_or_none(_FIND, {"post_id": post_id})
    return Post.from_row(row) if row else None


async def lock(session: WriteSession, post_id: UUID) -> Post | None:
    """The merchant's post, locked until the transaction ends: the first step of every change."""
    locked = await lock_at(session, post_id)
    return None if locked is None else locked.post


@dataclass(frozen=True, slots=True)
class Locked:
    """A locked post, the product's moment of the transaction, and whether a claim's lease is still running."""

    post: Post
    now: datetime
    is_leased: bool


async def lock_at(session: WriteSession, post_id: UUID) -> Locked | None:
    """As `lock`, with what a worker asks in the same breath."""
    row = await session.one_or_none(_LOCK, {"post_id": post_id})
    return None if row is None else Locked(Post.from_row(row), row["product_now"].astimezone(UTC), row["is_leased"])


async def add(session: WriteSession, post: Post) -> Post:
    """Inserts a new post and returns it as stored."""
    values = {name: getattr(post, name) for name in _NAMES if name not in {"created_at", "updated_at"}}
    values["revision"] = _REAL_MS
    values["traceparent"] = current_traceparent()
    row = await session.one(insert(social_posts).values(**values).returning(*COLUMNS))
    return Post.from_row(row)


async def save(session: WriteSession, old: Post, new: Post) -> Post:
    """Writes what differs from the locked `old`, with the next revision."""
    changed = {
        name: getattr(new, name)
        for name in _NAMES
        if name not in _WRITTEN_BY_DATABASE and getattr(new, name) != getattr(old, name)
    }
    statement = (
        update(social_posts)
        .where(social_posts.c.id == old.id)
        .values(**changed, revision=func.greatest(social_posts.c.revision + 1, _REAL_MS), updated_at=func.now())
        .returning(social_posts.c.revision, social_posts.c.updated_at)
    )
    row = await session.one(statement)
    return replace(new, revision=row["revision"], updated_at=row["updated_at"], created_at=old.created_at)


async def product_now(session: ReadSession) -> datetime:
    """The product's present moment, as the database counts it."""
    now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
    return now.astimezone(UTC)


async def has_id(
    session: ReadSession, platform: str, platform_id: str, *, platform_post_id: str, besides: UUID
) -> bool:
    """Whether another post of the merchant's goes by that id at that place."""
    statement = select(func.count()).where(
        social_posts.c.platform == platform,
        social_posts.c.platform_id == platform_id,
        social_posts.c.platform_post_id == platform_post_id,
        social_posts.c.id != besides,
    )
    return bool(await session.scalar(statement))


async def remove(session: WriteSession, post_id: UUID) -> None:
    """Deletes the merchant's post."""
    await session.execute(delete(social_posts).where(social_posts.c.id == post_id))
