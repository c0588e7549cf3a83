"""What lies on a platform for a post that is not out yet: uploads, containers, a baseline for reading back.

One row per version of a post's content. A change or a cancel marks its row to be discarded; the worker then deletes
what the platform keeps. A row that an attempt takes over is gone, because its handle is the attempt's from there on.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

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


async def find(session: ReadSession, post: Post, seals: Seals) -> Preparation | None:
    """What is prepared for the post's present content."""
    statement = select(preparations).where(
        preparations.c.post_id == post.id,
        preparations.c.content_revision == post.content_revision,
        preparations.c.discard_at.is_(None),
        # Platforms let unpublished things expire after a day; what is older is made anew in time.
        preparations.c.made_at > func.clock_timestamp() - _FRESH,
    )
    row = await session.one_or_none(statement)
    if row is None:
        return None
    handle = seals.open(row["handle"], _TABLE, row["id"])
    return Preparation(row["id"], row["connection_id"], row["platform"], handle, row["ready"])


async def find_by_id(session: ReadSession, preparation_id: UUID, seals: Seals) -> Preparation | None:
    """One preparation, also one that is to be discarded."""
    row = await session.one_or_none(select(preparations).where(preparations.c.id == preparation_id))
    if row is None:
        return None
    handle = seals.open(row["handle"], _TABLE, row["id"])
    return Preparation(row["id"], row["connection_id"], row["platform"], handle, row["ready"])


async def keep(session: WriteSession, post: Post, handle: JsonObject, *, ready: bool, seals: Seals) -> None:
    """Stores how far it came; a later call for the same version replaces it."""
    existing: UUID | None = await session.scalar(
        select(preparations.c.id).where(
            preparations.c.post_id == post.id, preparations.c.content_revision == post.content_revision
        )
    )
    row_id = existing or uuid4()
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
        made_at=func.clock_timestamp(),
    )
    # On the row's own id only: another process's row of the same version means that this one's claim is gone.
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[preparations.c.id],
            set_={"handle": sealed, "ready": ready, "made_at": func.clock_timestamp(), "discard_at": None},
        )
    )


async def take_over(session: WriteSession, post: Post) -> None:
    """The attempt has the handle now."""
    await session.execute(
        delete(preparations).where(
            preparations.c.post_id == post.id, preparations.c.content_revision == post.content_revision
        )
    )


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
