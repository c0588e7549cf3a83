"""Where a post ends by what became of its attempts: one of them is live, this one is not out, or nobody can tell.

Everything here runs under the post's lock, in the transaction that settles the attempt, and tells the post's end.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from publisher import posts, preparations
from publisher.announcements import announce_failed, announce_published
from publisher.domain import WAITING, Problem, SettledBy, Status, Step
from publisher.posts import Post
from publisher.publishing import ledger, looks
from publisher.publishing.domain import fingerprint
from publisher.publishing.ledger import Attempt
from publisher.tables import publisher_attempts as attempts
from social_common.db import WriteSession
from social_platforms._core import Live

NOBODY_CAN_TELL: Final = Problem(
    "outcome_unknown",
    "The platform was asked to publish this, and nobody can tell whether it did.",
    "Look at the account; then say whether the post is there, or send it again.",
)


async def end_published(
    session: WriteSession, post: Post, attempt: Attempt, live: Live, *, now: datetime, settled_by: SettledBy
) -> bool:
    """Whether the post is published, now or already, by this attempt of it, which is live.

    Also one that waits to be sent again, or is being sent again: what is out need not go out a second time. Where its
    words were changed since, the newer ones are still to be sent.
    """
    told: dict[str, Any] = {"platform_post_id": live.platform_post_id, "permalink": live.permalink}
    if post.status is Status.PUBLISHED:
        if post.platform_post_id is None and live.platform_post_id is not None:
            newest = await ledger.newest_live(session, post.id)
            if newest is not None and newest.id == attempt.id:
                saved = await posts.save(session, post, replace(post, **told))
                await announce_published(session, saved, at=now)
        return True
    if post.status is not Status.UNKNOWN and not _is_of_attempt(post, attempt):
        return False
    await _publish(session, post, attempt, told, posted_at=live.posted_at or now, now=now, settled_by=settled_by)
    return True


async def end_refused(
    session: WriteSession, post: Post, number: int, problem: Problem, *, settled_by: SettledBy, late: timedelta | None
) -> None:
    """The attempt of that number is certainly not out: what the post is, its other attempts say.

    One that is live makes it published; one that nobody can tell about leaves it `unknown`, and is looked at after
    `late`; without such it has failed.
    """
    if await end_by_another(session, post):
        return
    if await ledger.has_unresolved(session, post.id, beside=number):
        # This attempt is certainly not out, but another one may be: `failed` would promise too much.
        await looks.look_late(session, post.id, after=late)
        if post.status is not Status.UNKNOWN:
            await end_unknown(session, post, NOBODY_CAN_TELL)
        return
    failed = await posts.save(session, post, post.moved(Status.FAILED, error=problem.as_json()))
    await announce_failed(session, failed, at=await posts.product_now(session), settled_by=settled_by)


async def end_unknown(session: WriteSession, post: Post, problem: Problem) -> None:
    """Nobody can tell, unless another attempt of the post is known to be live."""
    if await end_by_another(session, post):
        return
    unknown = await posts.save(session, post, post.moved(Status.UNKNOWN, error=problem.as_json()))
    await announce_failed(session, unknown, at=await posts.product_now(session))


async def end_by_another(session: WriteSession, post: Post) -> bool:
    """Whether an attempt of the post is known to be live, by whose id the post is then published."""
    found = await ledger.newest_live(session, post.id)
    if found is None or await _is_anothers(session, post, found.platform_post_id):
        return False
    told = {"platform_post_id": found.platform_post_id, "permalink": None}
    now = await posts.product_now(session)
    settled_by = found.settled_by or SettledBy.READ_BACK
    sent_at = min(found.platform_moment, now)
    await _publish(session, post, found, told, posted_at=sent_at, now=now, settled_by=settled_by)
    return True


async def _publish(
    session: WriteSession,
    post: Post,
    attempt: Attempt,
    told: dict[str, Any],
    *,
    posted_at: datetime,
    now: datetime,
    settled_by: SettledBy,
) -> None:
    # A later attempt at the merchant's risk may have made a second one.
    is_risky = attempt.may_be_duplicate or await _has_risk(session, post.id, after=attempt.number)
    begun = post
    if post.status in WAITING:
        # A worker that has claimed it finds its claim gone, and sends nothing.
        if post.status is Status.HELD:
            begun = await posts.save(session, begun, begun.moved(Status.SCHEDULED, error=None, due_at=now))
        begun = await posts.save(session, begun, begun.moved(Status.PUBLISHING, step=Step.SETTLING))
        await preparations.discard_all(session, post.id)
    published = begun.moved(
        Status.PUBLISHED,
        posted_at=posted_at,
        settled_by=settled_by,
        may_be_duplicate=is_risky,
        error=None,
        **told,
    )
    saved = await posts.save(session, begun, published)
    await announce_published(session, saved, at=now)


def _is_of_attempt(post: Post, attempt: Attempt) -> bool:
    """Whether the post, on its way, still is what the attempt sent."""
    if post.status is Status.PUBLISHING and post.attempts == attempt.number:
        return True
    if post.status is not Status.PUBLISHING and post.status not in WAITING:
        return False
    meant = fingerprint(platform=post.platform, platform_id=post.platform_id, text=post.content, media=post.media)
    return meant == attempt.fingerprint


async def _is_anothers(session: WriteSession, post: Post, platform_post_id: str | None) -> bool:
    if platform_post_id is None:
        return False
    return await posts.has_id(
        session, post.platform, post.platform_id, platform_post_id=platform_post_id, besides=post.id
    )


async def _has_risk(session: WriteSession, post_id: UUID, *, after: int) -> bool:
    """Whether a later attempt, made at the merchant's risk, may be out as well."""
    statement = select(func.count()).where(
        attempts.c.post_id == post_id,
        attempts.c.number > after,
        attempts.c.may_be_duplicate.is_(True),
        attempts.c.outcome.is_(None) | attempts.c.outcome.not_in(ledger.MADE_NOTHING),
    )
    return bool(await session.scalar(statement))
