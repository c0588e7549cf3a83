"""Moves of posts that wait: held, resumed, missed, back to waiting; each under the deciding worker's claim."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from publisher import posts
from publisher.announcements import announce_failed
from publisher.domain import HeldFor, PostId, Problem, Status
from publisher.posts import Post
from publisher.projections import repository as connections
from publisher.projections.service import NOT_USABLE, RECONNECT
from publisher.scheduling.domain import Limits, look_again_at, wait_for_retry, why_missed
from social_common.db import Database, WriteSession


class Waiting:
    """The transactions that move a claimed, waiting post without an attempt."""

    def __init__(self, database: Database, *, probe_after: timedelta, prepare_ahead: timedelta) -> None:
        self._database = database
        self._probe_after = probe_after
        self._prepare_ahead = prepare_ahead

    async def miss(self, post: Post, *, owner: str, now: datetime) -> None:
        """Too late: `missed`, with what held it as the reason."""
        async with self._database.write(post.user_id) as session:
            current = await _mine(session, post.id, owner)
            if current is None:
                return
            missed = current.moved(Status.MISSED, error=why_missed(current).as_json())
            saved = await posts.save(session, current, missed)
            await announce_failed(session, saved, at=now)

    async def hold(
        self,
        post: Post,
        reason: HeldFor,
        problem: Problem,
        *,
        owner: str,
        wait: timedelta,
        limits: Limits,
        until: datetime | None = None,
        refused_token_version: int | None = None,
    ) -> None:
        """Held, to be looked at again after `wait` (or at `until`) or when it is missed, whichever is first.

        A passing failure waits longer the later the post is; a refused token is named to auth-linker the next time.
        """
        async with self._database.write(post.user_id) as session:
            current = await _mine(session, post.id, owner)
            if current is None:
                return
            now = await posts.product_now(session)
            if reason is HeldFor.RETRY:
                wait = wait_for_retry(current, wait, now=now)
            wanted = until or now + wait
            told = replace(problem, retry_at=wanted.isoformat()) if reason is HeldFor.QUOTA else problem
            held = current.held(reason, told, until=wanted)
            due_at = look_again_at(held, wanted, limits)
            refused = refused_token_version or current.refused_token_version
            await posts.save(session, current, replace(held, due_at=due_at, refused_token_version=refused))

    async def connection_down(self, post: Post, revision: int, *, owner: str, limits: Limits) -> bool:
        """Holds the post, unless the projection knows something newer than auth-linker's refusal; then False.

        The projection's lock comes first: an event that arrives meanwhile waits, and then sees this post held.
        """
        async with self._database.write(post.user_id) as session:
            known = await connections.lock(session, post.connection_id)
            current = await _mine(session, post.id, owner)
            if current is None:
                return True
            now = await posts.product_now(session)
            if known is not None and known.revision > revision and known.can_publish:
                await posts.save(session, current, _waiting_again(current, now + timedelta(seconds=1)))
                return False
            until = look_again_at(current, now + self._probe_after, limits)
            await posts.save(session, current, current.held(HeldFor.CONNECTION, RECONNECT, until=until))
            return True

    async def hold_for_connection(self, post: Post, *, owner: str, limits: Limits) -> None:
        """Held until the connection is back or probed."""
        await self.hold(post, HeldFor.CONNECTION, NOT_USABLE, owner=owner, wait=self._probe_after, limits=limits)

    async def resume(self, post: Post, *, owner: str, now: datetime) -> Post | None:
        """Back from `held`, still claimed; None when the claim is gone, or when its time is still to come."""
        async with self._database.write(post.user_id) as session:
            current = await _mine(session, post.id, owner)
            if current is None:
                return None
            if current.status is Status.SCHEDULED:
                return current
            if current.scheduled_at is not None and current.scheduled_at > now:
                early = current.moved(
                    Status.SCHEDULED,
                    error=None,
                    due_at=current.scheduled_at,
                    prepare_at=current.scheduled_at - self._prepare_ahead,
                )
                await posts.save(session, current, early)
                return None
            kept: dict[str, Any] = {"claimed_by": current.claimed_by, "lease_until": current.lease_until}
            if current.held_for is HeldFor.QUOTA:
                # It may be later than the catch-up limit allows others, also when this worker does not finish it.
                kept["held_for"] = HeldFor.QUOTA
            return await posts.save(session, current, current.moved(Status.SCHEDULED, error=None, **kept))


async def _mine(session: WriteSession, post_id: PostId | UUID, owner: str) -> Post | None:
    post = await posts.lock(session, post_id)
    if post is None or post.claimed_by != owner or post.status not in {Status.SCHEDULED, Status.HELD}:
        return None
    return post


def _waiting_again(post: Post, due_at: datetime) -> Post:
    if post.status is Status.SCHEDULED:
        return replace(post, due_at=due_at, claimed_by=None, lease_until=None)
    return post.moved(Status.SCHEDULED, error=None, due_at=due_at)
