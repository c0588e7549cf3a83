"""Applying other services' events: newer revisions change the projection, and the schedule follows at once."""

from typing import Final
from uuid import UUID

from analytics.collecting import service as collecting
from analytics.projections import repository
from analytics.projections.domain import ERASED, ConnectionState, KnownConnection, KnownPost
from analytics.projections.schemas import (
    ConnectionLinked,
    ConnectionUnlinked,
    PostFailed,
    PostPublished,
    PostScheduled,
)
from social_common.db import WriteSession

PUBLISHED: Final = "published"
SCHEDULED: Final = "scheduled"


async def apply_linked(session: WriteSession, told: ConnectionLinked) -> None:
    """A connection is usable, or something about it changed."""
    connection = KnownConnection(
        connection_id=told.connection_id,
        user_id=told.user_id,
        revision=told.revision,
        platform=told.platform,
        state=ConnectionState.USABLE,
        grant_id=told.grant_id,
        platform_id=told.platform_id,
        kind=told.kind,
        platform_username=told.platform_username,
        capabilities=tuple(told.capabilities),
    )
    await _apply_connection(session, connection)


async def apply_unlinked(session: WriteSession, told: ConnectionUnlinked) -> None:
    """A connection is no longer usable; an erased one is forgotten with everything collected of it.

    Erasing is an effect, not a state: it happens whatever revision was seen before.
    """
    if told.reason == ERASED:
        await repository.lock_connection(session, told.connection_id, user_id=told.user_id, platform=told.platform)
        await repository.erase_connection(session, told.connection_id, user_id=told.user_id)
        await repository.forget_events_of_nobody(session, told.user_id)
        return
    connection = KnownConnection(
        connection_id=told.connection_id,
        user_id=told.user_id,
        revision=told.revision,
        platform=told.platform,
        state=ConnectionState.DOWN,
        grant_id=told.grant_id,
        platform_id=told.platform_id,
        down_reason=told.reason,
    )
    await _apply_connection(session, connection)


async def apply_scheduled(session: WriteSession, told: PostScheduled) -> None:
    """A post has a due time; there is nothing to measure yet."""
    post = KnownPost(
        post_id=told.post_id,
        connection_id=told.connection_id,
        user_id=told.user_id,
        revision=told.revision,
        platform=told.platform,
        status=SCHEDULED,
        campaign_id=told.campaign_id,
        kind=told.kind,
        product_id=told.product_id,
        scheduled_at=told.scheduled_at,
    )
    await _apply_post(session, post, schedules=None)


async def apply_published(session: WriteSession, told: PostPublished, *, schedules: collecting.Schedules) -> None:
    """A post is live, and read from now on; without an id at the platform there is nothing to ask for."""
    post = KnownPost(
        post_id=told.post_id,
        connection_id=told.connection_id,
        user_id=told.user_id,
        revision=told.revision,
        platform=told.platform,
        status=PUBLISHED,
        campaign_id=told.campaign_id,
        kind=told.kind,
        product_id=told.product_id,
        scheduled_at=told.scheduled_at,
        posted_at=told.posted_at,
        platform_post_id=told.platform_post_id,
        permalink=told.permalink,
        may_be_duplicate=told.may_be_duplicate,
    )
    await _apply_post(session, post, schedules=schedules)


async def apply_failed(session: WriteSession, told: PostFailed) -> None:
    """A post did not go out, or nobody can tell; either way it is not measured."""
    post = KnownPost(
        post_id=told.post_id,
        connection_id=told.connection_id,
        user_id=told.user_id,
        revision=told.revision,
        platform=told.platform,
        status=told.status,
        campaign_id=told.campaign_id,
        product_id=told.product_id,
    )
    await _apply_post(session, post, schedules=None)


async def erase_merchant(session: WriteSession, user_id: UUID) -> int:
    """Forgets everything of a merchant whose account is deleted; how many connections that were."""
    return await repository.erase_merchant(session, user_id)


async def _apply_connection(session: WriteSession, connection: KnownConnection) -> None:
    is_kept = await repository.lock_connection(
        session, connection.connection_id, user_id=connection.user_id, platform=connection.platform
    )
    if not is_kept or not await repository.apply_connection(session, connection):
        return
    await collecting.reschedule(session, connection.connection_id)


async def _apply_post(session: WriteSession, post: KnownPost, *, schedules: collecting.Schedules | None) -> None:
    is_kept = await repository.lock_connection(
        session, post.connection_id, user_id=post.user_id, platform=post.platform
    )
    if not is_kept or not await repository.apply_post(session, post):
        return
    due_at = None
    if schedules is not None and post.platform_post_id is not None and post.posted_at is not None:
        due_at = await collecting.first_due(
            session, schedules.of(post.platform), kind=post.kind, posted_at=post.posted_at
        )
    await collecting.schedule_post(session, post.post_id, due_at=due_at)
    await collecting.reschedule(session, post.connection_id)
