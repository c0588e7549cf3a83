"""What a worker has to know of a claimed post, read in one statement."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from publisher.posts import COLUMNS, Post
from publisher.projections.repository import PUBLISH
from publisher.tables import publisher_connections as connections
from publisher.tables import publisher_preparations as preparations
from publisher.tables import publisher_settings as settings
from publisher.tables import social_posts
from social_common.db import ReadSession


@dataclass(frozen=True, slots=True)
class Loaded:
    """A post with its surroundings; `catch_up_hours` None where the merchant said nothing."""

    post: Post
    now: datetime
    is_usable: bool
    catch_up_hours: int | None
    has_preparation: bool


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


async def load(session: ReadSession, post_id: UUID) -> Loaded | None:
    """The merchant's post with what decides its next move."""
    row = await session.one_or_none(_BY_ID, {"wanted": post_id})
    if row is None:
        return None
    return Loaded(
        post=Post.from_row(row),
        now=row["product_now"].astimezone(UTC),
        is_usable=bool(row["is_usable"]) and PUBLISH in (row["capabilities"] or ()),
        catch_up_hours=row["catch_up_hours"],
        has_preparation=row["has_preparation"],
    )
