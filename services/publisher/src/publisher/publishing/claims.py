"""A claimed post: kept alive by a heartbeat while it is prepared, and handed back when it cannot go on now.

None of this bumps the post's revision, because nothing a merchant sees has changed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.exc import DBAPIError

from publisher.domain import WAITING
from publisher.tables import social_posts
from publisher.waking import wake_due
from social_common.db import Database
from social_common.logging import get_logger

_BEATS_PER_LEASE: Final = 3
_log = get_logger()


class ClaimLostError(Exception):
    """The post was changed, cancelled or taken over while it was worked on."""


class Claims:
    """Heartbeats and hand-backs of one worker's claims."""

    def __init__(self, database: Database, *, lease: timedelta) -> None:
        self._database = database
        self._lease = lease

    async def extend(self, post_id: UUID, user_id: UUID, *, owner: str) -> bool:
        """Whether the claim is still held; if so, for another lease."""
        return await self._change(post_id, user_id, owner=owner, lease_until=func.clock_timestamp() + self._lease)

    async def hand_back(
        self, post_id: UUID, user_id: UUID, *, owner: str, after: timedelta | None = None, at: datetime | None = None
    ) -> None:
        """Lets the claim go; with `after` or `at` the post is looked at that much later, or then (product time)."""
        changes: dict[str, Any] = {"claimed_by": None, "lease_until": None}
        if at is not None:
            changes["due_at"] = at
        elif after is not None:
            changes["due_at"] = func.retail_b2c.social_now() + after
        await self._change(post_id, user_id, owner=owner, wake=True, **changes)

    async def prepared(self, post_id: UUID, user_id: UUID, *, owner: str, again_after: timedelta | None) -> None:
        """Lets the claim of an upload ahead of time go; None when there is nothing left to prepare."""
        when = None if again_after is None else func.retail_b2c.social_now() + again_after
        changes: dict[str, Any] = {"claimed_by": None, "lease_until": None, "prepare_at": when}
        await self._change(post_id, user_id, owner=owner, wake=True, **changes)

    @asynccontextmanager
    async def kept(self, post_id: UUID, user_id: UUID, *, owner: str) -> AsyncIterator[None]:
        """Holds the claim as long as the block runs; raises ClaimLostError in it when the claim is gone."""
        lost = False
        worker = asyncio.current_task()

        async def beat() -> None:
            nonlocal lost
            while True:
                await asyncio.sleep(self._lease.total_seconds() / _BEATS_PER_LEASE)
                try:
                    held = await self.extend(post_id, user_id, owner=owner)
                except (DBAPIError, OSError) as error:
                    _log.warning("heartbeat_failed", error=type(error).__name__)
                    continue
                if not held and worker is not None:
                    lost = True
                    worker.cancel("claim lost")
                    return

        heart = asyncio.create_task(beat())
        try:
            yield
        except asyncio.CancelledError:
            if lost and worker is not None and worker.uncancel() == 0:
                raise ClaimLostError from None
            raise
        finally:
            heart.cancel()
            with suppress(asyncio.CancelledError):
                await heart

    async def _change(self, post_id: UUID, user_id: UUID, *, owner: str, wake: bool = False, **changes: Any) -> bool:
        async with self._database.write(user_id) as session:
            result = await session.execute(
                update(social_posts)
                .where(
                    social_posts.c.id == post_id,
                    social_posts.c.claimed_by == owner,
                    social_posts.c.status.in_(sorted(WAITING)),
                )
                .values(**changes)
            )
            if wake:
                # Nobody who sleeps until the next due post knew of this one while it was claimed.
                await wake_due(session)
        return result.rowcount == 1
