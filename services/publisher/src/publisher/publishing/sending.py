"""The one call that may make something public, and how it is guarded.

First the attempt is committed as sent, then lease and deadline are checked once more, then the call is made under its
hard limit, and its end is written down. Whoever dies in between is found by the lease, and treated as one that sent.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError, IntegrityError

from publisher import posts, preparations
from publisher.brokerage import Brokered
from publisher.checkpoints import Publishing
from publisher.domain import AttemptId, HeldFor, Problem, SettledBy, Status, Step
from publisher.holds import Holds, Operation
from publisher.posts import Post
from publisher.publishing import ledger
from publisher.publishing.contents import content_of, subject_of
from publisher.publishing.ledger import Attempt
from publisher.publishing.results import Results
from publisher.sealing import Seals
from publisher.signals import CALL_SECONDS, CALLS, LateFrom
from publisher.telling import problem_of
from social_common.checkpoints import crossing
from social_common.db import Database, WriteSession, constraint_name
from social_common.logging import get_logger
from social_common.loops import backoff
from social_common.telemetry import span
from social_platforms._core import (
    Accepted,
    ErrorCode,
    JsonObject,
    Live,
    NothingSent,
    OutcomeUnknown,
    PlatformError,
    PostsAdapter,
    PreparationGone,
)

# A post held for one of these waits for its platform, not for its merchant.
_WORTH_WAITING: Final = frozenset({ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED, ErrorCode.PLATFORM_DOWN})
_REFUSED_TOKEN: Final = frozenset({ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED})
_SOON: Final = timedelta(seconds=10)
_RATE_WAIT: Final = timedelta(minutes=1)
_log = get_logger()


class NotMineError(Exception):
    """The claim is gone: changed, cancelled, or taken by another worker."""


class EqualInFlightError(Exception):
    """An equal attempt of the connection is not settled yet."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a call may take, and how long its attempt is owned."""

    hard_limit: timedelta
    lease: timedelta

    @property
    def least_left(self) -> float:
        """Seconds that must be left to begin a call at all."""
        return self.hard_limit.total_seconds() / 3


@dataclass(frozen=True, slots=True)
class Opened:
    """An attempt of this process, with the moment (monotonic) by which its call must be over."""

    attempt: Attempt
    handle: JsonObject
    over_by: float
    late_from: LateFrom | None = None


class Sender:
    """Opens attempts and makes their calls."""

    def __init__(
        self,
        database: Database,
        *,
        seals: Seals,
        results: Results,
        holds: Holds,
        timing: Timing,
        look_delays: Callable[[str], tuple[timedelta, ...]],
        new_id: Callable[[], UUID],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._seals = seals
        self._results = results
        self._holds = holds
        self._timing = timing
        self._look_delays = look_delays
        self._new_id = new_id
        self._monotonic = monotonic

    async def open(self, post: Post, *, handle: JsonObject, owner: str, held_for: HeldFor | None = None) -> Opened:
        """Commits the attempt of a claimed post; raises NotMineError or EqualInFlightError.

        The stored preparation, if there is one, is the attempt's from then on.
        """
        # The clock starts before the database's does, so this deadline is never the later one.
        begun = self._monotonic()
        over_by = begun + self._timing.hard_limit.total_seconds()
        try:
            async with self._database.write(post.user_id) as session:
                locked = await posts.lock_at(session, post.id)
                if locked is None or not _is_ready(locked, post, owner=owner):
                    raise NotMineError
                current = locked.post
                moved = current.moved(Status.PUBLISHING, step=Step.SENDING, attempts=current.attempts + 1, error=None)
                saved = await posts.save(session, current, moved)
                prepared_at = await preparations.take_over(session, saved)
                attempt = await self.write_attempt(session, saved, handle=handle, prepared_at=prepared_at, owner=owner)
        except IntegrityError as error:
            if constraint_name(error) == "uq_publisher_attempts_unsettled":
                raise EqualInFlightError from error
            raise
        late_from = None
        if attempt.sent_at is not None and saved.scheduled_at is not None:
            late_from = LateFrom(begun, attempt.sent_at - saved.scheduled_at, held_for)
        return Opened(attempt, handle, over_by, late_from)

    async def write_attempt(
        self, session: WriteSession, post: Post, *, handle: JsonObject, prepared_at: datetime | None, owner: str
    ) -> Attempt:
        """The ledger's row of the post's next attempt, in a transaction of the caller's."""
        return await ledger.open_attempt(
            session,
            post,
            attempt_id=AttemptId(self._new_id()),
            owner=owner,
            handle=handle,
            prepared_at=prepared_at,
            seals=self._seals,
            hard_limit=self._timing.hard_limit,
            lease=self._timing.lease,
        )

    def deadline(self) -> float:
        """When a call whose attempt is opened now must be over, on this process's clock."""
        return self._monotonic() + self._timing.hard_limit.total_seconds()

    async def call(self, opened: Opened, brokered: Brokered, adapter: PostsAdapter) -> None:
        """Makes the call of an opened attempt and writes its end down. It is never cut from outside."""
        attempt, access = opened.attempt, brokered.access
        subject = subject_of(attempt)
        left = opened.over_by - self._monotonic()
        if left < self._timing.least_left:
            # A process that was paused after its commit wakes here: too late to send, early enough to say so.
            too_late = NothingSent("This process was too slow to send in time.")
            await self._persist(lambda: self._not_made(opened, too_late, brokered, bytes_sent=False))
            return
        refusal: PlatformError | None = None
        began = self._monotonic()
        if opened.late_from is not None:
            opened.late_from.observe(attempt.platform, now=began)
        try:
            async with asyncio.timeout(left):
                with crossing(Publishing.PUBLISH, attempt.platform), span("post.publish", platform=attempt.platform):
                    content = content_of(attempt.snapshot)
                    answer = await adapter.publish(access, content, attempt.ref, handle=opened.handle)
        except TimeoutError:
            refusal = OutcomeUnknown("The platform did not answer in time.")
        except PlatformError as error:
            refusal = error
        except Exception:  # noqa: BLE001 - see below
            # Whatever broke in here, the request may have left.
            _log.exception("publish_call_broke", platform=attempt.platform, attempt_id=str(attempt.id))
            refusal = OutcomeUnknown("The platform's answer could not be understood.")
        CALL_SECONDS.labels(attempt.platform).observe(self._monotonic() - began)
        CALLS.labels(attempt.platform, refusal.code.value if refusal else type(answer).__name__.lower()).inc()
        if refusal is None:
            await self._persist(lambda: self._answered(attempt, answer))
        if refusal is not None:
            told = refusal
            await self._persist(lambda: self._refused(opened, told, brokered))
        await self._persist(lambda: self._holds.note(subject, Operation.PUBLISH, access.rates, refusal))

    async def _answered(self, attempt: Attempt, answer: Live | Accepted) -> None:
        match answer:
            case Live():
                await self._live(attempt, answer)
            case Accepted(handle=handle, check_after=after):
                await self._results.was_accepted(attempt, handle, look_after=after)
        _log.info("publish_answered", platform=attempt.platform, post_id=str(attempt.post_id), attempt=attempt.number)

    async def _live(self, attempt: Attempt, live: Live) -> None:
        delays = self._look_delays(attempt.platform)
        try:
            await self._results.went_live(
                attempt, live, settled_by=SettledBy.ANSWER, look_after=delays[0] if delays else _SOON
            )
        except IntegrityError as error:
            if constraint_name(error) != "uq_social_posts_platform_post":
                raise
            problem = Problem(ErrorCode.OUTCOME_UNKNOWN, "The platform named a post that is another one's.")
            await self._results.is_doubtful(attempt, problem, look_after=delays[0] if delays else _SOON)

    async def _refused(self, opened: Opened, error: PlatformError, brokered: Brokered) -> None:
        attempt = opened.attempt
        _log.info(
            "publish_refused",
            platform=attempt.platform,
            post_id=str(attempt.post_id),
            attempt=attempt.number,
            error_code=error.code.value,
        )
        if isinstance(error, NothingSent | PreparationGone):
            await self._not_made(opened, error, brokered, bytes_sent=False)
        elif await self._is_doubt(attempt, error):
            delays = self._look_delays(attempt.platform)
            await self._results.is_doubtful(
                attempt,
                problem_of(error),
                look_after=delays[0] if delays else _SOON,
                http_status=error.http_status,
            )
        elif error.code in _WORTH_WAITING or error.code in _REFUSED_TOKEN or error.retryable:
            await self._not_made(opened, error, brokered, bytes_sent=True)
        else:
            await self._results.was_refused(
                attempt, problem_of(error), handle=opened.handle, http_status=error.http_status
            )

    async def _is_doubt(self, attempt: Attempt, error: PlatformError) -> bool:
        """A refusal as duplicate refuses this call for certain; it may mean that an earlier one of this post arrived.

        That another post's arrived changes nothing: this one is not out, and never goes by the other's id. Where an
        earlier one of this post is known to be live, there is no doubt left.
        """
        if error.code is not ErrorCode.DUPLICATE_POST:
            return error.code is ErrorCode.OUTCOME_UNKNOWN
        async with self._database.read(attempt.user_id) as session:
            if await ledger.newest_live(session, attempt.post_id) is not None:
                return False
            return await ledger.has_unresolved(session, attempt.post_id, beside=attempt.number)

    async def _not_made(self, opened: Opened, error: PlatformError, brokered: Brokered, *, bytes_sent: bool) -> None:
        reason, wait = HeldFor.RETRY, error.retry_after or _SOON
        if error.code in {ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED}:
            reason, wait = HeldFor.QUOTA, error.retry_after or _RATE_WAIT
        refused_token = error.code in _REFUSED_TOKEN
        await self._results.was_not_made(
            opened.attempt,
            problem_of(error),
            reason=reason,
            wait=wait,
            # What is gone is forgotten, so that the next try prepares anew.
            handle=None if isinstance(error, PreparationGone) else opened.handle,
            bytes_sent=bytes_sent,
            http_status=error.http_status,
            refused_token_version=brokered.token_version if refused_token else None,
        )

    async def _persist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Writes an end down although the database stumbles, as long as the lease makes it worth trying."""
        give_up = self._monotonic() + self._timing.lease.total_seconds()
        failures = 0
        while True:
            try:
                await write()
            except (OSError, TimeoutError, DBAPIError) as error:
                failures += 1
                if isinstance(error, IntegrityError) or self._monotonic() > give_up:
                    raise
                _log.warning("result_not_stored_yet", failures=failures, error=type(error).__name__)
                await asyncio.sleep(backoff(failures))
            else:
                return


def _is_ready(locked: posts.Locked, planned: Post, *, owner: str) -> bool:
    """Asked under the row's lock: the claim still holds, and the content is what was prepared."""
    current = locked.post
    if current.status is not Status.SCHEDULED or current.claimed_by != owner:
        return False
    return locked.is_leased and current.content_revision == planned.content_revision
