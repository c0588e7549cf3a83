"""The consumer of `post.measured`: fills `social_posts.engagement`, and never touches a post's revision."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import or_, update

from publisher.tables import social_posts
from social_common.db import Database
from social_common.events import CloudEvent
from social_common.inbox import first_time

CONSUMER = "engagement"
MEASURED = "post.measured"


class Metrics(BaseModel):
    """What was counted; a number that was not reported is null, never 0."""

    model_config = ConfigDict(extra="ignore")

    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    clicks: int | None = None
    views: int | None = None
    reach: int | None = None
    impressions: int | None = None


class PostMeasured(BaseModel):
    """What publisher reads of analytics' event."""

    model_config = ConfigDict(extra="ignore")

    post_id: UUID
    revision: int
    metrics: Metrics


class EngagementConsumer:
    """Stores the newest numbers of each post; analytics' counter is compared with itself only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def handlers(self) -> dict[str, Callable[[CloudEvent], Awaitable[None]]]:
        """One handler per topic."""
        return {MEASURED: self.handle}

    async def handle(self, event: CloudEvent) -> None:
        """Applies one event; an older measurement and an unknown post change nothing."""
        told = PostMeasured.model_validate(event.data)
        async with self._database.write(event.user_id) as session:
            if not await first_time(session, consumer=CONSUMER, event=event):
                return
            await session.execute(
                update(social_posts)
                .where(
                    social_posts.c.id == told.post_id,
                    or_(
                        social_posts.c.engagement_revision.is_(None),
                        social_posts.c.engagement_revision < told.revision,
                    ),
                )
                .values(engagement=told.metrics.model_dump(), engagement_revision=told.revision)
            )
