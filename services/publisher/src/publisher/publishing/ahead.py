"""Work around the publishing call: uploads ahead of the due time, and deleting what was prepared in vain."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from publisher import posts, preparations
from publisher.brokerage import Broker, BrokerUnavailableError, NoAccessError
from publisher.domain import Status
from publisher.holds import Operation, Subject, standing
from publisher.posts import Post
from publisher.publishing.claims import ClaimLostError, Claims
from publisher.publishing.preparing import NotReadyYetError, Preparer
from publisher.scheduling.repository import ClaimQueries
from publisher.sealing import Seals
from social_common.crypto import DecryptionFailed
from social_common.db import Database
from social_common.logging import get_logger
from social_common.telemetry import span
from social_platforms._core import PlatformError

_TOKEN_LIFE: Final = timedelta(minutes=15)
_PATIENCE: Final = timedelta(seconds=20)
_AGAIN: Final = timedelta(minutes=2)
_DISCARD_AGAIN: Final = timedelta(minutes=5)
_DISCARD_TRIES: Final = 12  # after that the platform's own expiry has done it
_DISCARD_BATCH: Final = 20

_log = get_logger()


@dataclass(frozen=True, slots=True)
class AheadClaim:
    """A post whose upload this worker has taken."""

    post_id: UUID
    user_id: UUID
    owner: str


class PreparingAhead:
    """Uploads before the due time. Whatever goes wrong here is tried again at the due time, where it counts."""

    def __init__(
        self,
        database: Database,
        *,
        broker: Broker,
        preparer: Preparer,
        claims: Claims,
        claim_ahead: timedelta,
        is_known: Callable[[str], bool],
        stop: asyncio.Event,
    ) -> None:
        self._database = database
        self._broker = broker
        self._preparer = preparer
        self._claims = claims
        self._claim_ahead = claim_ahead
        self._is_known = is_known
        self._stop = stop

    async def handle(self, claim: AheadClaim) -> None:
        """Prepares one claimed post, or puts it off."""
        again: timedelta | None = _AGAIN
        work = asyncio.ensure_future(self._prepare(claim))
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if not work.done():
                work.cancel()
        try:
            again = await work
        except ClaimLostError:
            return
        except asyncio.CancelledError:
            again = timedelta(0)
        await self._claims.prepared(claim.post_id, claim.user_id, owner=claim.owner, again_after=again)

    async def _prepare(self, claim: AheadClaim) -> timedelta | None:
        """None when it is ready or needs nothing more, else when to try again."""
        async with self._database.read(claim.user_id) as session:
            post = await posts.find(session, claim.post_id)
            if post is None or post.claimed_by != claim.owner or post.status is not Status.SCHEDULED:
                raise ClaimLostError
            subject = Subject(post.platform, post.grant_id, post.connection_id)
            hold = await standing(session, subject, Operation.PREPARE)
            now = await posts.product_now(session)
        if hold is not None or not self._is_known(post.platform):
            return hold.remaining if hold is not None else _AGAIN
        with span("post.prepare", traceparent=post.traceparent, platform=post.platform):
            return await self._upload(claim, post, now)

    async def _upload(self, claim: AheadClaim, post: Post, now: datetime) -> timedelta | None:
        try:
            brokered = await self._broker.access(post.connection_id, post.user_id, min_valid=_TOKEN_LIFE)
            async with self._claims.kept(post.id, post.user_id, owner=claim.owner):
                await self._preparer.prepare(post, brokered, patience=self._patience(post, now))
        except BrokerUnavailableError as error:
            return error.retry_after
        except NoAccessError:
            return _AGAIN
        except NotReadyYetError as error:
            return error.check_after
        except PlatformError as error:
            _log.info("prepare_ahead_failed", platform=post.platform, error_code=error.code.value)
            return error.retry_after or _AGAIN if error.retryable else None
        return None

    def _patience(self, post: Post, now: datetime) -> timedelta:
        """Waiting ends when the post may be claimed for its time: who holds it then would make it late."""
        left = _PATIENCE if post.due_at is None else post.due_at - now - self._claim_ahead
        return max(timedelta(0), min(_PATIENCE, left))


class Discarding:
    """Deletes unpublished leftovers on the platforms."""

    def __init__(
        self, database: Database, queries: ClaimQueries, *, broker: Broker, preparer: Preparer, seals: Seals
    ) -> None:
        self._database = database
        self._queries = queries
        self._broker = broker
        self._preparer = preparer
        self._seals = seals

    async def discard_some(self) -> timedelta | None:
        """One batch; zero when there may be more at once."""
        found = await self._queries.claim_discards(limit=_DISCARD_BATCH, again=_DISCARD_AGAIN)
        for preparation_id, user_id, tries in found:
            if await self._discard(preparation_id, user_id) or tries >= _DISCARD_TRIES:
                async with self._database.write(user_id) as session:
                    await preparations.forget(session, preparation_id)
        return timedelta(0) if len(found) == _DISCARD_BATCH else None

    async def _discard(self, preparation_id: UUID, user_id: UUID) -> bool:
        """Whether nothing of it is left to delete."""
        try:
            async with self._database.read(user_id) as session:
                found = await preparations.find_by_id(session, preparation_id, self._seals)
        except DecryptionFailed:
            return True
        if found is None:
            return True
        try:
            brokered = await self._broker.access(found.connection_id, user_id, min_valid=timedelta(minutes=1))
            await self._preparer.discard(found.handle, brokered, found.platform)
        except BrokerUnavailableError:
            return False
        except NoAccessError:
            return True  # without access nothing can be deleted, and the platform lets it expire
        except PlatformError as error:
            return not error.retryable
        return True
