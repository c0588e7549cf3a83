"""What a worker has to know of a claimed post, read in one statement."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from publisher.holds import Hold, Operation, Subject, standing_by_operation
from publisher.posts import COLUMNS, Post
from publisher.projections.repository import PUBLISH
from publisher.scheduling.domain import Limits, is_late
from publisher.tables import publisher_connections as connections
from publisher.tables import publisher_preparations as preparations
from publisher.tables import publisher_settings as settings
from publisher.tables import social_posts
from social_common.db import ReadSession


@dataclass(frozen=True, slots=True)
class Loaded:
    """A post with its surroundings: how late it may be, and what holds it back."""

    post: Post
    now: datetime
    limits: Limits
    is_usable: bool
    hold: Hold | None
    prepare_hold: Hold | None
    has_preparation: bool

    @property
    def is_late(self) -> bool:
        """Whether posts that are on time go before it where a budget is short."""
        return is_late(self.post, self.now)


_STATEMENT = (
    select(
        *COLUMNS,
        func.retail_b2c.social_now().label("product_now"),
        connections.c.is_usable.label("is_usable"),
        connections.c.capabilities.label("capabilities"),
        settings.c.catch_up_hours.label("catch_up_hours"),
        exists()
        .where(
            preparations.c.post_id == social_posts.c.id,
            preparations.c.content_revision == social_posts.c.content_revision,
            preparations.c.discard_at.is_(None),
        )
        .label("has_preparation"),
    )
    .select_from(social_posts)
    .outerjoin(connections, connections.c.connection_id == social_posts.c.connection_id)
    .outerjoin(settings, settings.c.user_id == social_posts.c.user_id)
)


_BY_ID = _STATEMENT.where(social_posts.c.id == bindparam("wanted"))


async def load(session: ReadSession, post_id: UUID, *, owner: str, limits: Limits) -> Loaded | None:
    """The merchant's post with what decides its next move; None when it is not the owner's any more."""
    row = await session.one_or_none(_BY_ID, {"wanted": post_id})
    if row is None or row["claimed_by"] != owner:
        return None
    post, now = Post.from_row(row), row["product_now"].astimezone(UTC)
    holds = await standing_by_operation(session, Subject(post.platform, post.grant_id, post.connection_id))
    if row["catch_up_hours"] is not None:
        limits = replace(limits, catch_up=timedelta(hours=row["catch_up_hours"]))
    return Loaded(
        post=post,
        now=now,
        limits=limits,
        is_usable=bool(row["is_usable"]) and PUBLISH in (row["capabilities"] or ()),
        hold=holds.get(Operation.PUBLISH) or (holds.get(Operation.LATE) if is_late(post, now) else None),
        prepare_hold=holds.get(Operation.PREPARE),
        has_preparation=row["has_preparation"],
    )
