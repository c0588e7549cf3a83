"""What ends or sends back a claimed post before anything was sent."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from publisher import posts, preparations
from publisher.domain import AttemptId, Problem, SettledBy, Status, Step
from publisher.posts import Post
from publisher.publishing import ledger
from publisher.publishing.ends import end_refused
from publisher.waking import wake_due
from social_common.db import Database


async def refuse_before_sending(
    database: Database, post: Post, problem: Problem, *, owner: str, http_status: int | None, late: timedelta | None
) -> None:
    """The platform refused the content while it was prepared: an attempt of one moment, and `failed`.

    Unless an earlier attempt may be out; that one is then looked at after `late`.
    """
    async with database.write(post.user_id) as session:
        current = await posts.lock(session, post.id)
        if current is None or current.claimed_by != owner or current.status is not Status.SCHEDULED:
            return
        begun = current.moved(Status.PUBLISHING, step=Step.UPLOADING, attempts=current.attempts + 1)
        saved = await posts.save(session, current, begun)
        await ledger.record_refusal_before_sending(
            session,
            saved,
            attempt_id=AttemptId(uuid4()),
            error=problem.as_entry(),
            http_status=http_status,
        )
        await preparations.discard_all(session, post.id)
        await end_refused(session, saved, saved.attempts, problem, settled_by=SettledBy.ANSWER, late=late)


async def refuse_token(database: Database, post: Post, version: int, *, owner: str) -> None:
    """Remembers that the platform refused this token, so that the next claim asks for another one at once."""
    async with database.write(post.user_id) as session:
        current = await posts.lock(session, post.id)
        if current is None or current.claimed_by != owner or current.status is not Status.SCHEDULED:
            return
        told = replace(current, refused_token_version=version, claimed_by=None, lease_until=None)
        await posts.save(session, current, told)
        await wake_due(session)
