"""A post is brought to where its story leaves it, along moves that the state table allows.

Nothing is announced: whoever listens has heard it. The revision grows past the one that was told.
"""

from collections import deque
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import delete, func, insert, update

from publisher import posts
from publisher.domain import MOVES, AttemptId, HeldFor, Outcome, Status, Step
from publisher.posts import Post
from publisher.publishing import ledger
from publisher.restoring.stories import Story
from publisher.tables import publisher_attempts as attempts
from publisher.tables import publisher_preparations as preparations
from social_common.db import WriteSession

_NOT_SENT: Final = frozenset({Status.DRAFT, Status.SCHEDULED, Status.CANCELED, Status.MISSED})


class Found(StrEnum):
    """What a story came to."""

    KNOWN = "known"  # the database is not behind it
    BROUGHT = "brought"
    LOST = "lost"  # the post was made after the backup
    CONTRADICTED = "contradicted"  # no move leads there, or its id is another post's


async def bring(session: WriteSession, story: Story) -> Found:
    """Bring one post to where its story leaves it; its row is locked first. Repeatable."""
    post = await posts.lock(session, story.post_id)
    if post is None:
        return Found.LOST
    if post.revision >= story.newest.revision:
        return Found.KNOWN
    way = find_way(post.status, story.status)
    if way is None:
        return Found.CONTRADICTED
    if await _is_anothers(session, post, story):
        return Found.CONTRADICTED
    now = await posts.product_now(session)
    for status in way:
        post = await posts.save(session, post, _stepped(post, status, story, now=now))
    await posts.save(session, post, _as_told(post, story))
    await _settle_ledger(session, post, story)
    # What lay prepared may be what went out since: nothing of it is deleted on the platform.
    await session.execute(delete(preparations).where(preparations.c.post_id == post.id))
    return Found.BROUGHT


def find_way(status: Status, to: Status) -> tuple[Status, ...] | None:
    """The shortest way of allowed moves, none where it is there already; None where no way leads there."""
    ways: deque[tuple[Status, ...]] = deque([(status,)])
    seen = {status}
    while ways:
        way = ways.popleft()
        if way[-1] is to:
            return way[1:]
        for following in sorted(MOVES[way[-1]] - seen):
            seen.add(following)
            ways.append((*way, following))
    return None


def _stepped(post: Post, status: Status, story: Story, *, now: datetime) -> Post:
    at = story.scheduled_at or post.scheduled_at or story.newest.posted_at or now
    match status:
        case Status.SCHEDULED:
            return post.moved(status, scheduled_at=at, due_at=at, prepare_at=None, error=None)
        case Status.HELD:
            return post.moved(status, scheduled_at=at, due_at=at, held_for=HeldFor.RETRY)
        case Status.PUBLISHING:
            return post.moved(status, step=Step.SETTLING)
        case _:
            return post.moved(status)


def _as_told(post: Post, story: Story) -> Post:
    told = story.newest
    changes: dict[str, Any] = {"attempts": max(post.attempts, told.attempts), "error": told.error}
    match story.status:
        case Status.PUBLISHED:
            changes |= {
                "platform_post_id": told.platform_post_id or post.platform_post_id,
                "permalink": told.permalink or post.permalink,
                "posted_at": told.posted_at,
                "settled_by": told.settled_by,
                "may_be_duplicate": told.may_be_duplicate,
            }
        case Status.SCHEDULED:
            # Revisions are real time: what ended the connection before this did not mean this post.
            made_at = max(post.connection_revision, told.revision)
            changes |= {
                "scheduled_at": told.scheduled_at,
                "due_at": told.scheduled_at,
                "connection_revision": made_at,
            }
        case Status.DRAFT:
            changes |= {"scheduled_at": None}
        case _:
            changes |= {"may_be_duplicate": told.may_be_duplicate}
    free: dict[str, Any] = {"claimed_by": None, "lease_until": None}
    return replace(post, **(free | changes))


async def _is_anothers(session: WriteSession, post: Post, story: Story) -> bool:
    post_id = story.newest.platform_post_id
    if story.status is not Status.PUBLISHED or post_id is None:
        return False
    return await posts.has_id(session, post.platform, post.platform_id, platform_post_id=post_id, besides=post.id)


async def _settle_ledger(session: WriteSession, post: Post, story: Story) -> None:
    """The attempts that were open are over; the one that ended the post is written down, should it be missing."""
    told = story.newest
    is_live = story.status is Status.PUBLISHED
    await session.execute(
        update(attempts)
        .where(attempts.c.post_id == post.id, attempts.c.finished_at.is_(None))
        .values(
            outcome=Outcome.UNKNOWN,
            finished_at=func.clock_timestamp(),
            owner=None,
            lease_until=None,
            next_look_at=None,
        )
    )
    if story.status in _NOT_SENT or told.attempts == 0:
        return
    outcome = Outcome.LIVE if is_live else Outcome.UNKNOWN if story.status is Status.UNKNOWN else Outcome.REFUSED
    values: dict[str, Any] = {
        "outcome": outcome,
        "settled_by": told.settled_by,
        "platform_post_id": told.platform_post_id,
        "finished_at": func.clock_timestamp(),
        "next_look_at": func.clock_timestamp() if outcome is Outcome.UNKNOWN else None,
        "restored": True,
    }
    changed = await session.execute(
        update(attempts).where(attempts.c.post_id == post.id, attempts.c.number == told.attempts).values(**values)
    )
    if changed.rowcount:
        return
    sent_at = told.posted_at or story.scheduled_at or post.scheduled_at
    await session.execute(
        insert(attempts).values(
            id=AttemptId(uuid4()),
            **ledger.of_post(replace(post, attempts=told.attempts)),
            step=Step.CONFIRMING if is_live else Step.SETTLING,
            started_at=func.clock_timestamp(),
            deadline=func.clock_timestamp(),
            bytes_sent=True,
            sent_at=func.coalesce(sent_at, func.retail_b2c.social_now()),
            prepared_at=func.coalesce(sent_at, func.retail_b2c.social_now()),
            error=told.error,
            **values,
        )
    )
