"""One due post, from its claim to the end of its attempt.

Everything before the attempt may be given up at any moment: the claim runs out, and the next worker begins again.
What is held, late or changed goes back; what is ready waits for its very moment, and is then sent.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from publisher.brokerage import (
    Broker,
    Brokered,
    BrokerUnavailableError,
    CapabilityMissingError,
    ConnectionDownError,
    ConnectionUnknownError,
)
from publisher.budgets import Budgets, allowances
from publisher.domain import HeldFor, Problem, Status, WrongMoveError
from publisher.holds import Hold, Holds
from publisher.posts import Post
from publisher.publishing.claims import ClaimLostError, Claims
from publisher.publishing.contents import content_of_post
from publisher.publishing.loading import Loaded, load
from publisher.publishing.preparing import NotReadyYetError, Preparer
from publisher.publishing.refusals import refuse_before_sending, refuse_token
from publisher.publishing.sending import EqualInFlightError, NotMineError, Sender
from publisher.scheduling.domain import Limits, Move, in_line, next_move
from publisher.scheduling.waiting import Waiting
from publisher.stopping import unless_stopped
from publisher.telling import problem_of
from social_common.db import Database
from social_common.logging import get_logger
from social_common.telemetry import span
from social_platforms._core import ErrorCode, JsonObject, PlatformError, PlatformFacts, PostsAdapter

_SHORT: Final = timedelta(seconds=30)  # a wait that is not worth telling the merchant about
_EQUAL_WAIT: Final = timedelta(seconds=5)
_TROUBLE_WAIT: Final = timedelta(seconds=15)
_TOKEN_LIFE: Final = timedelta(minutes=2)
_LIMITED: Final = frozenset({ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED})
_TOKEN_REFUSED: Final = frozenset({ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED})
_log = get_logger()


@dataclass(frozen=True, slots=True)
class DueClaim:
    """A claimed post, and when (this process's clock) its moment is."""

    post_id: UUID
    user_id: UUID
    owner: str
    due: float


class DuePosts:
    """Handles claims; one instance per worker, any number of posts at once."""

    def __init__(
        self,
        database: Database,
        *,
        broker: Broker,
        adapters: Mapping[str, PostsAdapter],
        preparer: Preparer,
        sender: Sender,
        waiting: Waiting,
        claims: Claims,
        budgets: Budgets,
        holds: Holds,
        facts: Mapping[str, PlatformFacts],
        default_limits: Limits,
        patience: timedelta,
        late_look: timedelta | None,
        stop: asyncio.Event,
    ) -> None:
        self._database = database
        self._broker = broker
        self._adapters = adapters
        self._preparer = preparer
        self._sender = sender
        self._waiting = waiting
        self._claims = claims
        self._budgets = budgets
        self._holds = holds
        self._facts = facts
        self._default_limits = default_limits
        self._patience = patience
        self._late_look = late_look
        self._stop = stop

    async def handle(self, claim: DueClaim) -> None:
        """Brings one claimed post to its end, or hands it back. Raises nothing that a merchant caused."""
        async with self._database.read(claim.user_id) as session:
            loaded = await load(session, claim.post_id, owner=claim.owner, limits=self._default_limits)
        if loaded is None:
            return
        with span("post.due", traceparent=loaded.post.traceparent, platform=loaded.post.platform):
            await self._move(claim, loaded)

    async def _move(self, claim: DueClaim, loaded: Loaded) -> None:
        match next_move(loaded.post, now=loaded.now, limits=loaded.limits, is_usable=loaded.is_usable):
            case Move.MISS:
                await self._waiting.miss(loaded.post, owner=claim.owner, now=loaded.now)
            case Move.HOLD:
                await self._waiting.hold_for_connection(loaded.post, owner=claim.owner, limits=loaded.limits)
            case Move.GO:
                await self._go(claim, loaded)

    async def _go(self, claim: DueClaim, loaded: Loaded) -> None:
        if loaded.hold is not None:
            await self._limited(claim, loaded, loaded.hold)
            return
        if loaded.post.platform not in self._adapters:
            problem = Problem(ErrorCode.APP_MISCONFIGURED, "This platform is not set up here.")
            await self._hold(claim, loaded, HeldFor.RETRY, problem, _TROUBLE_WAIT)
            return
        brokered = await self._token(claim, loaded)
        if brokered is None:
            return
        post = loaded.post
        if post.status is Status.HELD:
            resumed = await self._waiting.resume(post, owner=claim.owner, now=loaded.now)
            if resumed is None:
                return
            post = resumed
        try:
            async with self._claims.kept(post.id, post.user_id, owner=claim.owner):
                # Uploads are cut when the process ends; the handle that was stored last resumes them elsewhere.
                handle = await unless_stopped(self._stop, self._ready(claim, loaded, post, brokered))
                if self._stop.is_set():
                    await self._claims.hand_back(post.id, post.user_id, owner=claim.owner)
                    return
                if handle is None or not await self._until_due(claim):
                    return
        except ClaimLostError:
            return
        await self._send(claim, loaded, post, brokered, handle)

    async def _token(self, claim: DueClaim, loaded: Loaded) -> Brokered | None:
        post = loaded.post
        try:
            return await self._broker.access(
                post.connection_id, post.user_id, min_valid=_TOKEN_LIFE, refused=post.refused_token_version
            )
        except ConnectionDownError as error:
            await self._waiting.connection_down(post, error.revision, owner=claim.owner, limits=loaded.limits)
        except CapabilityMissingError:
            problem = Problem(
                ErrorCode.PERMISSION_MISSING,
                "Publishing was not allowed for this connection.",
                "Connect the account again and allow publishing.",
            )
            await self._hold(claim, loaded, HeldFor.CONNECTION, problem, _TROUBLE_WAIT * 40)
        except ConnectionUnknownError:
            await self._waiting.hold_for_connection(post, owner=claim.owner, limits=loaded.limits)
        except BrokerUnavailableError as error:
            await self._claims.hand_back(post.id, post.user_id, owner=claim.owner, after=error.retry_after)
        return None

    async def _ready(self, claim: DueClaim, loaded: Loaded, post: Post, brokered: Brokered) -> JsonObject | None:
        """The prepared handle, or None when the post was handed back, held or refused."""
        if loaded.has_preparation:
            ready = await self._preparer.find_ready(post)
            if ready is not None:
                return ready
        if loaded.prepare_hold is not None:
            await self._limited(claim, loaded, loaded.prepare_hold)
            return None
        try:
            return await self._preparer.prepare(
                post, brokered, patience=self._patience, is_new=not loaded.has_preparation, due=claim.due
            )
        except NotReadyYetError as error:
            await self._claims.hand_back(post.id, post.user_id, owner=claim.owner, after=error.check_after)
        except PlatformError as error:
            await self._not_prepared(claim, loaded, post, brokered, error)
        return None

    async def _not_prepared(
        self, claim: DueClaim, loaded: Loaded, post: Post, brokered: Brokered, error: PlatformError
    ) -> None:
        _log.info("prepare_failed", platform=post.platform, post_id=str(post.id), error_code=error.code.value)
        if error.code in _LIMITED:
            hold = Hold(error.code.value, error.retry_after or timedelta(minutes=1))
            await self._limited(claim, loaded, hold)
        elif error.code in _TOKEN_REFUSED and post.refused_token_version is None:
            await refuse_token(self._database, post, brokered.token_version, owner=claim.owner)
        elif error.code in _TOKEN_REFUSED:
            # A second token in a row: asking for ever new ones at once would only burn them.
            await self._hold(
                claim,
                loaded,
                HeldFor.CONNECTION,
                problem_of(error),
                _TROUBLE_WAIT * 4,
                refused_token_version=brokered.token_version,
            )
        elif error.retryable or error.code in {ErrorCode.PLATFORM_DOWN, ErrorCode.OUTCOME_UNKNOWN}:
            wait = error.retry_after or _TROUBLE_WAIT
            await self._hold(claim, loaded, HeldFor.RETRY, problem_of(error), wait)
        else:
            with suppress(WrongMoveError):
                await refuse_before_sending(
                    self._database,
                    post,
                    problem_of(error),
                    owner=claim.owner,
                    http_status=error.http_status,
                    late=self._late_look,
                )

    async def _limited(self, claim: DueClaim, loaded: Loaded, hold: Hold) -> None:
        post = loaded.post
        until = None if hold.until is None else in_line(post, hold.until)
        if hold.remaining <= _SHORT and post.status is Status.SCHEDULED:
            await self._claims.hand_back(post.id, post.user_id, owner=claim.owner, after=hold.remaining, at=until)
            return
        problem = Problem(
            hold.code,
            "The platform's limit for this account is used up for now.",
            "Nothing to do: it goes out when the limit frees up.",
        )
        await self._hold(claim, loaded, HeldFor.QUOTA, problem, hold.remaining, until=until)

    async def _hold(
        self,
        claim: DueClaim,
        loaded: Loaded,
        reason: HeldFor,
        problem: Problem,
        wait: timedelta,
        *,
        until: datetime | None = None,
        refused_token_version: int | None = None,
    ) -> None:
        await self._waiting.hold(
            loaded.post,
            reason,
            problem,
            owner=claim.owner,
            wait=wait,
            limits=loaded.limits,
            until=until,
            refused_token_version=refused_token_version,
        )

    async def _until_due(self, claim: DueClaim) -> bool:
        """Whether the post's moment came before this process was told to stop."""
        left = claim.due - asyncio.get_running_loop().time()
        if left > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._stop.wait()
        if self._stop.is_set():
            await self._claims.hand_back(claim.post_id, claim.user_id, owner=claim.owner)
            return False
        return True

    async def _send(self, claim: DueClaim, loaded: Loaded, post: Post, brokered: Brokered, handle: JsonObject) -> None:
        costs = self._adapters[post.platform].costs(content_of_post(post), brokered.access.kind)
        windows = allowances(self._facts.get(post.platform), costs)
        exhausted = await self._budgets.draw(post.platform, post.connection_id, windows, is_late=loaded.is_late)
        if exhausted is not None:
            hold = Hold(ErrorCode.QUOTA_EXHAUSTED.value, exhausted.wait, exhausted.until)
            if exhausted.is_of_app and loaded.is_late:
                # Told to all that are late, so that a backlog is not prepared post by post to learn the same.
                hold = await self._holds.pace_late(post.platform, ErrorCode.QUOTA_EXHAUSTED, exhausted.wait)
            await self._limited(claim, loaded, hold)
            return
        try:
            opened = await self._sender.open(post, handle=handle, owner=claim.owner, held_for=loaded.post.held_for)
        except NotMineError:
            return
        except EqualInFlightError:
            await self._claims.hand_back(post.id, post.user_id, owner=claim.owner, after=_EQUAL_WAIT)
            return
        await self._sender.call(opened, brokered, self._adapters[post.platform])
