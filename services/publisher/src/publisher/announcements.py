"""Tells others what became of a post: each function writes one event into the transaction that made it true."""

from datetime import datetime
from typing import Any, TypeVar

from publisher.domain import CancelReason, SettledBy, Status
from publisher.events import (
    POST_CANCELED,
    POST_FAILED,
    POST_PUBLISHED,
    POST_SCHEDULED,
    SERVICE,
    EventError,
    PostCanceled,
    PostFailed,
    PostPublished,
    PostScheduled,
)
from publisher.posts import Post
from publisher.signals import count_end
from social_common.db import WriteSession
from social_common.events import event

_T = TypeVar("_T")


async def announce_scheduled(session: WriteSession, post: Post, *, at: datetime) -> None:
    """`post.scheduled`: it has a (new) due time."""
    body = PostScheduled(
        **_common(post),
        kind=post.kind,
        product_id=post.product_id,
        scheduled_at=_required(post.scheduled_at),
    )
    await _emit(session, POST_SCHEDULED, post, body.model_dump(mode="json"), at=at)


async def announce_canceled(session: WriteSession, post: Post, reason: CancelReason, *, at: datetime) -> None:
    """`post.canceled`: it will not go out."""
    body = PostCanceled(**_common(post), reason=reason.value, canceled_at=at)
    count_end(post.platform, Status.CANCELED)
    await _emit(session, POST_CANCELED, post, body.model_dump(mode="json"), at=at)


async def announce_published(session: WriteSession, post: Post, *, at: datetime) -> None:
    """`post.published`: it is live."""
    body = PostPublished(
        **_common(post),
        platform_id=post.platform_id,
        kind=post.kind,
        product_id=post.product_id,
        platform_post_id=post.platform_post_id,
        permalink=post.permalink,
        scheduled_at=post.scheduled_at,
        posted_at=_required(post.posted_at),
        attempts=post.attempts,
        settled_by=_required(post.settled_by).value,
        may_be_duplicate=post.may_be_duplicate,
    )
    count_end(post.platform, Status.PUBLISHED)
    await _emit(session, POST_PUBLISHED, post, body.model_dump(mode="json"), at=at)


async def announce_failed(
    session: WriteSession, post: Post, *, at: datetime, settled_by: SettledBy | None = None
) -> None:
    """`post.failed`: it did not go out (`failed`, by whose word; `missed`), or nobody can tell (`unknown`)."""
    told = post.error or {}
    match post.status:
        case Status.FAILED | Status.MISSED | Status.UNKNOWN:
            status = post.status.value
        case _:
            raise ValueError(f"a post that is {post.status} has not failed")
    body = PostFailed(
        **_common(post),
        product_id=post.product_id,
        status=status,
        error=EventError(
            code=told.get("code", "internal"), detail=told.get("detail", ""), action=told.get("action", "")
        ),
        attempts=post.attempts,
        failed_at=at,
        settled_by=None if settled_by is None or post.status is not Status.FAILED else settled_by.value,
        may_be_duplicate=post.may_be_duplicate,
    )
    count_end(post.platform, post.status)
    await _emit(session, POST_FAILED, post, body.model_dump(mode="json"), at=at)


def _common(post: Post) -> dict[str, Any]:
    return {
        "post_id": post.id,
        "campaign_id": post.campaign_id,
        "connection_id": post.connection_id,
        "user_id": post.user_id,
        "revision": post.revision,
        "platform": post.platform,
    }


async def _emit(session: WriteSession, topic: str, post: Post, data: dict[str, Any], *, at: datetime) -> None:
    await session.emit(
        event(topic, source_service=SERVICE, subject=str(post.id), user_id=post.user_id, time=at, data=data)
    )


def _required(value: _T | None) -> _T:
    if value is None:
        raise ValueError("the event needs a value that the post does not have")
    return value
