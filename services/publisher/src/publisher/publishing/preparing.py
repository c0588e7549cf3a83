"""Brings a post up to the point before its publishing call: uploads, containers, a baseline for reading back.

Nothing becomes public here, so everything may be repeated, cut off and resumed by the last handle that was stored.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from publisher import preparations
from publisher.brokerage import Brokered
from publisher.checkpoints import Publishing
from publisher.holds import Holds, Operation, Subject
from publisher.posts import Post
from publisher.preparations import Preparation
from publisher.publishing.contents import content_of_post
from publisher.sealing import Seals
from social_common.checkpoints import crossing
from social_common.db import Database
from social_common.logging import get_logger
from social_platforms._core import (
    ErrorCode,
    JsonObject,
    MediaReader,
    PlatformError,
    PostRef,
    PostsAdapter,
    Prepared,
)

_ONE_CALL: Final = timedelta(minutes=10)  # a large video through a slow line; the claim is kept alive meanwhile
_LEAST_WAIT: Final = timedelta(milliseconds=200)
_DUE_WAIT: Final = timedelta(milliseconds=500)
_OF_LATENESS: Final = 4  # a post that is late is asked for again after a quarter of what it is late already
_log = get_logger()


class NotReadyYetError(Exception):
    """The platform still works on it; ask again after `check_after`."""

    def __init__(self, check_after: timedelta) -> None:
        super().__init__(f"not ready, ask again in {check_after}")
        self.check_after = check_after


class Preparer:
    """Runs `prepare` of the adapters and keeps how far it came."""

    def __init__(
        self,
        database: Database,
        *,
        seals: Seals,
        adapters: Mapping[str, PostsAdapter],
        media: MediaReader,
        holds: Holds,
    ) -> None:
        self._database = database
        self._seals = seals
        self._adapters = adapters
        self._media = media
        self._holds = holds

    async def find_ready(self, post: Post) -> JsonObject | None:
        """The handle of what is ready for the post's present content."""
        found = await self._find(post)
        return found.handle if found is not None and found.ready else None

    async def prepare(
        self,
        post: Post,
        brokered: Brokered,
        *,
        patience: timedelta,
        is_new: bool = False,
        due: float | None = None,
    ) -> JsonObject:
        """The handle of the prepared post. Raises NotReadyYetError after `patience`, or PlatformError.

        Around `due` (on the loop's clock) it is asked for more often, so that it goes out as soon as it is ready.
        With `is_new` the caller knows that nothing is stored yet, and sends at once: a handle that took no upload is
        then not stored, because making it again costs nothing.
        """
        adapter = self._adapters[post.platform]
        found = None if is_new else await self._find(post)
        if found is not None and found.ready:
            return found.handle
        handle, made_at = (found.handle, found.made_at) if found is not None else (None, None)
        loop = asyncio.get_running_loop()
        until = loop.time() + patience.total_seconds()
        while True:
            prepared = await self._step(adapter, post, brokered, handle)
            if post.media or not prepared.ready or not is_new:
                made_at = await self._keep(post, prepared, made_at)
            if prepared.ready:
                return prepared.handle
            handle = prepared.handle
            wait = wait_before(prepared, left=None if due is None else timedelta(seconds=due - loop.time()))
            if loop.time() + wait.total_seconds() > until:
                raise NotReadyYetError(wait)
            await asyncio.sleep(wait.total_seconds())

    async def _step(self, adapter: PostsAdapter, post: Post, brokered: Brokered, handle: JsonObject | None) -> Prepared:
        ref = PostRef(str(post.id), post.attempts + 1)
        refusal: PlatformError | None = None
        try:
            async with asyncio.timeout(_ONE_CALL.total_seconds()):
                with crossing(Publishing.PREPARE, post.platform):
                    return await adapter.prepare(
                        brokered.access, content_of_post(post), ref, handle=handle, media=self._media
                    )
        except TimeoutError:
            refusal = PlatformError(ErrorCode.PLATFORM_DOWN, "Preparing the post took too long.", retryable=True)
            raise refusal from None
        except PlatformError as error:
            refusal = error
            raise
        finally:
            subject = Subject(post.platform, post.grant_id, post.connection_id)
            await self._holds.note(subject, Operation.PREPARE, brokered.access.rates, refusal)
            brokered.access.rates.clear()

    async def _find(self, post: Post) -> Preparation | None:
        async with self._database.read(post.user_id) as session:
            return await preparations.find(session, post, self._seals)

    async def _keep(self, post: Post, prepared: Prepared, made_at: datetime | None) -> datetime | None:
        async with self._database.write(post.user_id) as session:
            return await preparations.keep_if_wanted(
                session, post, prepared.handle, ready=prepared.ready, seals=self._seals, made_at=made_at
            )

    async def discard(self, handle: JsonObject, brokered: Brokered, platform: str) -> None:
        """Deletes what lies on the platform unpublished; raises PlatformError."""
        adapter = self._adapters.get(platform)
        if adapter is not None:
            with crossing(Publishing.DISCARD, platform):
                await adapter.discard(brokered.access, handle=handle)


def wait_before(prepared: Prepared, *, left: timedelta | None) -> timedelta:
    """How long to wait before the next step; `left` until the post is due, None where that is far off."""
    wait = max(prepared.check_after, _LEAST_WAIT)
    if left is None or prepared.is_asked:
        return wait
    if left > timedelta(0):
        # One look right before its time, whatever the pace was until then.
        return min(wait, max(left - _LEAST_WAIT, _LEAST_WAIT))
    return min(wait, max(_DUE_WAIT, -left / _OF_LATENESS))
