"""Writes down what became of an attempt: one transaction each, post and ledger and event together.

The post is locked first, the attempt after it. Where the post is gone (its merchant was erased mid-flight), only the
ledger is finished. A late sender may still bring good news; anything else counts only from the attempt's owner.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from publisher import posts, preparations
from publisher.domain import HeldFor, Outcome, Problem, SettledBy, Status, Step
from publisher.posts import Post
from publisher.publishing import ledger
from publisher.publishing.ends import NOBODY_CAN_TELL, end_published, end_refused, end_unknown
from publisher.publishing.ledger import Attempt
from publisher.scheduling.domain import Limits, look_again_at, wait_for_retry
from publisher.sealing import Seals
from publisher.settings_of import limits_of
from publisher.waking import wake_due
from social_common.db import Database, WriteSession
from social_platforms._core import JsonObject, Live


class Results:
    """The ends and half-ends of attempts."""

    def __init__(
        self, database: Database, seals: Seals, *, default_limits: Limits, late_look: timedelta | None
    ) -> None:
        self._database = database
        self._seals = seals
        self._default_limits = default_limits
        self._late_look = late_look

    async def went_live(
        self, attempt: Attempt, live: Live, *, settled_by: SettledBy, look_after: timedelta | None = None
    ) -> bool:
        """It is public; whether its post is published by now. Without an id it is looked for later, and told again.

        An id that another post holds raises IntegrityError on `uq_social_posts_platform_post`.
        """
        async with self._database.write(attempt.user_id) as session:
            locked = await posts.lock_at(session, attempt.post_id)
            current = await ledger.lock(session, attempt.id)
            if current is None or not _may_go_live(current):
                return locked is not None and locked.post.status is Status.PUBLISHED
            await ledger.finish(
                session,
                current,
                Outcome.LIVE,
                settled_by=settled_by,
                platform_post_id=live.platform_post_id,
                look_after=look_after if live.platform_post_id is None else None,
            )
            if locked is None:
                return False
            return await end_published(session, locked.post, current, live, now=locked.now, settled_by=settled_by)

    async def was_accepted(self, attempt: Attempt, handle: JsonObject, *, look_after: timedelta) -> None:
        """The platform works on it; the handle tells the end."""
        sealed = self._seals.seal(handle, "publisher_attempts", attempt.id)
        await self._keep_open(attempt, Outcome.ACCEPTED, step=Step.PROCESSING, look_after=look_after, handle=sealed)

    async def is_doubtful(
        self, attempt: Attempt, problem: Problem, *, look_after: timedelta, http_status: int | None = None
    ) -> None:
        """Nobody knows yet whether the call took effect; the account is read back."""
        await self._keep_open(
            attempt,
            Outcome.DOUBTFUL,
            step=Step.SETTLING,
            look_after=look_after,
            error=problem.as_entry(),
            http_status=http_status,
        )

    async def was_not_made(
        self,
        attempt: Attempt,
        problem: Problem,
        *,
        reason: HeldFor,
        wait: timedelta,
        handle: JsonObject | None,
        bytes_sent: bool,
        http_status: int | None = None,
        refused_token_version: int | None = None,
    ) -> None:
        """Certainly not out, and worth another try: the post is held and what was prepared, if any is left, is kept.

        With the first token that was refused it is tried again at once, because auth-linker is asked for another.
        """
        async with self._database.write(attempt.user_id) as session:
            post = await posts.lock(session, attempt.post_id)
            current = await ledger.lock(session, attempt.id)
            if current is None or not await ledger.holds_lease(session, attempt):
                return
            await ledger.finish(
                session,
                current,
                Outcome.REFUSED if bytes_sent else Outcome.NOTHING_SENT,
                bytes_sent=bytes_sent,
                error=problem.as_entry(),
                http_status=http_status,
            )
            if post is None or not _is_in_flight(post, current):
                return
            now = await posts.product_now(session)
            if refused_token_version is not None and post.refused_token_version is None:
                until = now
            elif reason is HeldFor.RETRY:
                until = now + wait_for_retry(post, wait, now=now)
            else:
                until = now + wait
            told = replace(problem, retry_at=until.isoformat()) if reason is HeldFor.QUOTA else problem
            held = replace(post.held(reason, told, until=until), refused_token_version=refused_token_version)
            await self._hold(session, post, held, until=until)
            if handle is not None:
                await preparations.keep(
                    session, post, handle, ready=True, seals=self._seals, made_at=current.prepared_at
                )

    async def was_refused(
        self, attempt: Attempt, problem: Problem, *, handle: JsonObject | None, http_status: int | None = None
    ) -> None:
        """A certain refusal by the call's own answer."""
        async with self._database.write(attempt.user_id) as session:
            post = await posts.lock(session, attempt.post_id)
            current = await ledger.lock(session, attempt.id)
            if current is None or not await ledger.holds_lease(session, attempt):
                return
            await ledger.finish(session, current, Outcome.REFUSED, error=problem.as_entry(), http_status=http_status)
            if post is not None and _is_in_flight(post, current):
                await end_refused(
                    session, post, current.number, problem, settled_by=SettledBy.ANSWER, late=self._late_look
                )
                if handle is not None:
                    await preparations.keep(
                        session, post, handle, ready=True, seals=self._seals, made_at=current.prepared_at
                    )
                    await preparations.discard_all(session, post.id)

    async def ended(
        self, session: WriteSession, attempt: Attempt, problem: Problem, *, again_after: timedelta | None = None
    ) -> None:
        """In a look's transaction: the handle's final status says that it is certainly not out, also of an unknown one.

        With `again_after` only what was prepared is lost: a post in flight is held for so long, then prepared anew.
        """
        post = await posts.lock(session, attempt.post_id)
        current = await ledger.lock(session, attempt.id)
        if current is None or (current.finished_at is not None and current.outcome not in ledger.IN_DOUBT):
            return
        accepted = current.outcome is Outcome.ACCEPTED
        await ledger.finish(session, current, Outcome.REFUSED, error=problem.as_entry())
        is_unknown = post is not None and post.status is Status.UNKNOWN
        if post is None or not (is_unknown or _is_in_flight(post, current)):
            return
        if is_unknown or again_after is None:
            settled_by = SettledBy.ANSWER if accepted else SettledBy.READ_BACK
            await end_refused(session, post, current.number, problem, settled_by=settled_by, late=self._late_look)
            return
        now = await posts.product_now(session)
        until = now + wait_for_retry(post, again_after, now=now)
        await self._hold(session, post, post.held(HeldFor.RETRY, problem, until=until), until=until)

    async def nobody_can_tell(self, session: WriteSession, attempt: Attempt, *, look_after: timedelta | None) -> None:
        """In a look's transaction: the last look is done, and the merchant has to decide."""
        post = await posts.lock(session, attempt.post_id)
        current = await ledger.lock(session, attempt.id)
        if current is None or current.finished_at is not None:
            return
        problem = _doubt_of(current)
        await ledger.finish(session, current, Outcome.UNKNOWN, error=problem.as_entry(), look_after=look_after)
        if post is not None and _is_in_flight(post, current):
            await end_unknown(session, post, problem)

    async def _keep_open(
        self,
        attempt: Attempt,
        outcome: Outcome,
        *,
        step: Step,
        look_after: timedelta,
        handle: str | None = None,
        error: Mapping[str, Any] | None = None,
        http_status: int | None = None,
    ) -> None:
        async with self._database.write(attempt.user_id) as session:
            post = await posts.lock(session, attempt.post_id)
            current = await ledger.lock(session, attempt.id)
            if current is None or current.finished_at is not None or current.owner != attempt.owner:
                return
            await ledger.keep_open(
                session,
                current,
                outcome,
                step=step,
                look_after=look_after,
                handle=handle,
                error=dict(error) if error else None,
                http_status=http_status,
            )
            if post is not None and _is_in_flight(post, current):
                await posts.save(session, post, replace(post, step=step))

    async def _hold(self, session: WriteSession, post: Post, held: Post, *, until: datetime) -> None:
        """Stores a post as held until then, but looked at no later than when it is missed."""
        limits = await limits_of(session, self._default_limits)
        await posts.save(session, post, replace(held, due_at=look_again_at(held, until, limits)))
        await wake_due(session)


def _may_go_live(attempt: Attempt) -> bool:
    return attempt.finished_at is None or attempt.outcome in {*ledger.IN_DOUBT, Outcome.LIVE}


def _is_in_flight(post: Post, attempt: Attempt) -> bool:
    return post.status is Status.PUBLISHING and post.attempts == attempt.number


def _doubt_of(attempt: Attempt) -> Problem:
    told = attempt.error or {}
    doubt = replace(NOBODY_CAN_TELL, evidence=told.get("evidence", ""))
    if told.get("code") == "duplicate_post":
        return replace(doubt, detail=f"{doubt.detail} It said that this text was posted already.")
    return doubt
