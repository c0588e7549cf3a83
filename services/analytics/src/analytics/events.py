"""The events that analytics sends, as their JSON stands on the wire (design, section 4).

Every successful collection is an event, also when no number moved: `collected_at` is what tells a reader how fresh
the numbers are. A reading in which the platform reported nothing is no measurement and no event.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

POST_MEASURED: Final = "post.measured"
ACCOUNT_MEASURED: Final = "account.measured"


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class Metrics(_Event):
    """Engagement since the post went live; null means not reported."""

    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    clicks: int | None
    views: int | None
    reach: int | None
    impressions: int | None


class PostMeasured(_Event):
    """The engagement of one post was collected. `revision` counts measurements of this post only."""

    post_id: UUID
    connection_id: UUID
    user_id: UUID
    revision: int
    platform: str
    metrics: Metrics
    collected_at: datetime


class AccountMeasured(_Event):
    """A snapshot of one connection was collected. `revision` counts measurements of this connection only."""

    connection_id: UUID
    user_id: UUID
    revision: int
    platform: str
    followers: int | None
    following: int | None
    posts: int | None
    engagement_rate: float | None
    reach: int | None
    impressions: int | None
    collected_at: datetime


# What analytics reads, as (topic, consumer); the handlers hang on it in `projections.consumers`.
CONSUMES: Final = (
    ("connection.linked", "analytics-connections"),
    ("connection.updated", "analytics-connections"),
    ("connection.unlinked", "analytics-connections"),
    ("post.scheduled", "analytics-posts"),
    ("post.published", "analytics-posts"),
    ("post.failed", "analytics-posts"),
)
EVENT_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    POST_MEASURED: PostMeasured,
    ACCOUNT_MEASURED: AccountMeasured,
}
