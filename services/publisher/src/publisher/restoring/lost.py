"""Posts that were made after the backup: their texts are lost, and their merchants are told, each at its own post."""

import json
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from publisher import posts
from publisher.announcements import announce_failed
from publisher.domain import Problem, Status
from publisher.projections import repository as connections
from publisher.restoring.doubts import MAY_BE_OUT
from publisher.restoring.stories import Story
from social_common.db import WriteSession

LOST: Final = Problem(
    "internal",
    "The text of this post was lost with our records, so it did not go out.",
    "Write its text again, then publish it or give it a new time.",
)
_NOT_SHOWN: Final = frozenset({Status.DRAFT, Status.CANCELED})


class Kept(StrEnum):
    """What a lost post is shown as."""

    PUBLISHED = "published"
    ENDED = "ended"  # failed, missed or unknown, as was told
    FAILED = "failed"  # it waited, and certainly did not go out
    UNKNOWN = "unknown"  # its time had come, and nobody can tell
    LEFT_OUT = "left_out"  # canceled, a draft, or shown already


async def keep(session: WriteSession, story: Story, *, until: datetime) -> Kept:
    """Give a post that the database does not know a row without its text. What was not told yet is announced."""
    if story.status in _NOT_SHOWN:
        return Kept.LEFT_OUT
    now = await posts.product_now(session)
    is_news = story.status in {Status.SCHEDULED, Status.HELD}
    may_be_out = story.scheduled_at is None or story.scheduled_at <= until
    status = story.status if not is_news else Status.UNKNOWN if may_be_out else Status.FAILED
    place = await connections.find(session, story.newest.connection_id)
    platform_id = story.newest.platform_id or (place.platform_id if place else "")
    made: bool = await session.scalar(
        "SELECT retail_b2c.publisher_restore_post(cast(:post AS jsonb))",
        {"post": json.dumps(_row(story, status, platform_id=platform_id), default=str)},
    )
    if not made:
        return Kept.LEFT_OUT
    if not is_news:
        return Kept.PUBLISHED if status is Status.PUBLISHED else Kept.ENDED
    post = await posts.lock(session, story.post_id)
    if post is None:
        return Kept.LEFT_OUT
    problem = MAY_BE_OUT if status is Status.UNKNOWN else LOST
    saved = await posts.save(session, post, replace(post, error=problem.as_json()))
    await announce_failed(session, saved, at=now)
    return Kept.UNKNOWN if status is Status.UNKNOWN else Kept.FAILED


def _row(story: Story, status: Status, *, platform_id: str) -> dict[str, Any]:
    told = story.newest
    return {
        "id": told.post_id,
        "user_id": told.user_id,
        "platform": told.platform,
        "campaign_id": told.campaign_id,
        "connection_id": told.connection_id,
        "platform_id": platform_id,
        "kind": story.kind or "text",
        "product_id": story.product_id,
        "scheduled_at": story.scheduled_at,
        "posted_at": told.posted_at,
        "status": status,
        "platform_post_id": told.platform_post_id,
        "permalink": told.permalink,
        "error": told.error,
        "attempts": told.attempts,
        "revision": told.revision,
        "settled_by": told.settled_by,
        "may_be_duplicate": told.may_be_duplicate,
    }
