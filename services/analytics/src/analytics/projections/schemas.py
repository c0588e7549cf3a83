"""Tolerant readers of other services' events: only what analytics needs, unknown fields and values survive.

A record that lacks what is needed fails validation and is parked by the consumer.
"""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Platform = Annotated[str, StringConstraints(min_length=1, max_length=50)]
PlatformId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Word = Annotated[str, StringConstraints(max_length=50)]
Revision = Annotated[int, Field(ge=1, le=2**63 - 1)]
Words = Annotated[list[str], BeforeValidator(lambda value: [] if value is None else value)]


class Told(BaseModel):
    """What every event of another service says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user_id: UUID
    revision: Revision
    platform: Platform


class ConnectionLinked(Told):
    """connection.linked and connection.updated: the connection as it is now."""

    connection_id: UUID
    grant_id: UUID | None = None
    platform_id: PlatformId | None = None
    kind: Word | None = None
    platform_username: Annotated[str, StringConstraints(max_length=255)] | None = None
    capabilities: Words = []
    health: Word | None = None


class ConnectionUnlinked(Told):
    """connection.unlinked: no longer usable, or erased with everything that is known of it."""

    connection_id: UUID
    grant_id: UUID | None = None
    platform_id: PlatformId | None = None
    reason: Word


class PostScheduled(Told):
    """post.scheduled: the post has a due time."""

    post_id: UUID
    connection_id: UUID
    campaign_id: UUID | None = None
    kind: Word | None = None
    product_id: Annotated[str, StringConstraints(max_length=255)] | None = None
    scheduled_at: AwareDatetime | None = None


class PostPublished(PostScheduled):
    """post.published: live; `platform_post_id` is null where the platform did not tell it."""

    posted_at: AwareDatetime
    platform_post_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    permalink: Annotated[str, StringConstraints(max_length=2048)] | None = None
    may_be_duplicate: bool = False


class PostFailed(Told):
    """post.failed: not out, or nobody can tell; `status` says which."""

    post_id: UUID
    connection_id: UUID
    status: Word
    campaign_id: UUID | None = None
    product_id: Annotated[str, StringConstraints(max_length=255)] | None = None
