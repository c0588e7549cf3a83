"""publisher's own events: the wire models of `post.*`, version 1. Fields are only ever added."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

SERVICE = "publisher"

POST_SCHEDULED = "post.scheduled"
POST_CANCELED = "post.canceled"
POST_PUBLISHED = "post.published"
POST_FAILED = "post.failed"


class _PostEvent(BaseModel):
    """What every event of a post says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    post_id: UUID
    campaign_id: UUID
    connection_id: UUID
    user_id: UUID
    revision: int
    platform: str


class PostScheduled(_PostEvent):
    """The post has a (new) due time."""

    kind: str
    product_id: str | None
    scheduled_at: datetime


class PostCanceled(_PostEvent):
    """The post will not go out."""

    reason: Literal["merchant", "unscheduled", "disconnected"]
    canceled_at: datetime


class PostPublished(_PostEvent):
    """The post is live; id and link are null where the platform did not tell them."""

    platform_id: str
    kind: str
    product_id: str | None
    platform_post_id: str | None
    permalink: str | None
    scheduled_at: datetime | None
    posted_at: datetime
    attempts: int
    settled_by: Literal["answer", "read_back", "merchant"]
    may_be_duplicate: bool


class EventError(BaseModel):
    """Why a post failed, in the closed set of codes and plain words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    detail: str
    action: str


class PostFailed(_PostEvent):
    """The post did not go out, or nobody can tell."""

    product_id: str | None
    status: Literal["failed", "missed", "unknown"]
    error: EventError
    attempts: int
    failed_at: datetime
    # Who said that it is not out; null where it was missed, and where nobody can say. Older records lack both.
    settled_by: Literal["answer", "read_back", "merchant"] | None = None
    may_be_duplicate: bool = False


# What publisher reads, as (topic, consumer); the handlers hang on it in `main`.
CONSUMES: Final = (
    ("connection.linked", "connections"),
    ("connection.updated", "connections"),
    ("connection.unlinked", "connections"),
    ("post.measured", "engagement"),
)
EVENT_MODELS: dict[str, type[_PostEvent]] = {
    POST_SCHEDULED: PostScheduled,
    POST_CANCELED: PostCanceled,
    POST_PUBLISHED: PostPublished,
    POST_FAILED: PostFailed,
}
