"""What lies on a platform for a post that is not out yet: uploads, containers, a baseline for reading back.

One row per version of a post's content. A change or a cancel marks its row to be discarded; the worker then deletes
what the platform keeps. A row that an attempt takes over is gone, because its handle is the attempt's from there on.
`made_at` (product time, as the platforms count) is when preparing began; storing a handle again makes it no younger.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from publisher import posts
from publisher.checkpoints import Publishing
from publisher.domain import WAITING
from publisher.posts import Post
from publisher.sealing import Seals
from publisher.tables import publisher_preparations as preparations
from social_common.db import ReadSession, WriteSession
from social_platforms._core import JsonObject

_TABLE: Final = "publisher_preparations"
_FRESH: Final = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Preparation:
    """How far preparing one version of a post has come."""

    id: UUID
    connection_id: UUID
    platform: str
    handle: JsonObject
    ready: bool
    made_at: datetime


async def find(session: ReadSession, post: Post, seals: Seals) -> Preparation | None:
    """What is prepared for the post's present content."""
    statement = select(preparations).where(
        preparations.c.post_id == post.id,
        preparations.c.content_revision == post.content_revision,
        preparations.c.discard_at.is_(None),
        # Platforms let unpublished things expire after a day; what is older is made anew in time.
        preparations.c.made_at > func.retail_b2c.social_now() - _FRESH,
    )
    row = await session.one_or_none(statement)
    return None if row is None else _from_row(row, seals)


async def find_by_id(session: ReadSession, preparation_id: UUID, seals: Seals) -> Preparation | None:
    """One preparation, also one that is to be discarded."""
    row = await session.one_or_none(select(preparations).where(preparations.c.id == preparation_id))
    return None if row is None else _from_row(row, seals)


def _from_row(row: RowMapping, seals: Seals) -> Preparation:
    handle = seals.open(row["handle"], _TABLE, row["id"])
    return Preparation(row["id"], row["connection_id"], row["platform"], handle, row["ready"], row["made_at"])


async def keep_if_wanted(
    session: WriteSession, post: Post, handle: JsonObject, *, ready: bool, seals: Seals, made_at: datetime | None
) -> datetime | None:
    """As `keep`, for a worker whose post may have moved on: then what it made is to be discarded at once.

    Of a post that is gone nothing is kept: there is nobody left in whose name it could be deleted.
    """
    current = await posts.lock(session, post.id)
    if current is None:
        return made_at
    begun = await keep(session, post, handle, ready=ready, seals=seals, made_at=made_at)
    if current.content_revision != post.content_revision or current.status not in WAITING:
        await session.execute(
            update(preparations)
            .where(preparations.c.post_id == post.id, preparations.c.content_revision == post.content_revision)
            .values(discard_at=func.clock_timestamp())
        )
    return begun


async def keep(
    session: WriteSession, post: Post, handle: JsonObject, *, ready: bool, seals: Seals, made_at: datetime | None
) -> datetime:
    """Stores how far it came and returns when it was begun: `made_at`, or now where it is None.

    A later call for the same version replaces what is stored.
    """
    existing: UUID | None = await session.scalar(
        select(preparations.c.id).where(
            preparations.c.post_id == post.id, preparations.c.content_revision == post.content_revision
        )
    )
    row_id = existing or uuid4()
    session.marks(Publishing.PREPARATION, post.platform)
    sealed = seals.seal(handle, _TABLE, row_id)
    statement = insert(preparations).values(
        id=row_id,
        user_id=post.user_id,
        post_id=post.id,
        content_revision=post.content_revision,
        connection_id=post.connection_id,
        platform=post.platform,
        handle=sealed,
        ready=ready,
        made_at=func.coalesce(made_at, func.retail_b2c.social_now()),
    )
    # On the row's own id only: another process's row of the same version means that this one's claim is gone.
    kept = statement.on_conflict_do_update(
        index_elements=[preparations.c.id],
        set_={"handle": sealed, "ready": ready, "made_at": statement.excluded.made_at, "discard_at": None},
    )
    begun: datetime = await session.scalar(kept.returning(preparations.c.made_at))
    return begun


async def take_over(session: WriteSession, post: Post) -> datetime | None:
    """The attempt has the handle now; when it was begun, None where nothing was stored."""
    statement = (
        delete(preparations)
        .where(preparations.c.post_id == post.id, preparations.c.content_revision == post.content_revision)
        .returning(preparations.c.made_at)
    )
    begun: datetime | None = await session.scalar(statement)
    return begun


async def discard_all(session: WriteSession, post_id: UUID) -> None:
    """Has everything that lies prepared for the post deleted from its platform."""
    await session.execute(
        update(preparations)
        .where(preparations.c.post_id == post_id, preparations.c.discard_at.is_(None))
        .values(discard_at=func.clock_timestamp())
    )


async def forget(session: WriteSession, preparation_id: UUID) -> None:
    """It is deleted on the platform, or the platform lets it expire by itself."""
    await session.execute(delete(preparations).where(preparations.c.id == preparation_id))
