"""Collecting one connection: what is due of it is read, stored and scheduled again.

No transaction is open while a platform or auth-linker is called. What a call brought is stored only while the lease
is still ours; a successor reads again, which costs a call and changes nothing wrong.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from analytics.collecting import repository
from analytics.collecting.domain import Operation, Reaction, Remedy, Schedule, Schedules, batch_size, react_to
from analytics.collecting.repository import Claim, DuePost
from analytics.collecting.restraint import Restraint
from analytics.collecting.tokens import Granted, TokenRefused, TokenSource, TokenUnavailable
from analytics.measuring import service as measuring
from analytics.measuring.service import Measured
from social_common.db import Database, UserGone, WriteSession
from social_common.leases import real_now
from social_common.logging import get_logger
from social_common.metrics import counter
from social_platforms._core import (
    Access,
    AccountReading,
    MetricsAdapter,
    PlatformError,
    PlatformFacts,
    PostKind,
    PostsReading,
    PublishedPost,
    RawAnswer,
)

READ_LIMIT: Final = timedelta(seconds=20)

_log = get_logger()
_reads = counter("social_analytics_reads_total", "Reads of platforms' numbers", ("platform", "operation", "outcome"))

T = TypeVar("T", AccountReading, PostsReading)


class _Ended(Exception):
    """Nothing more is read of this connection in this round; why stands in the database."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where numbers come from and how often they are asked for."""

    adapters: Mapping[str, MetricsAdapter]
    facts: Mapping[str, PlatformFacts]
    tokens: TokenSource
    schedules: Schedules
    jitter: Callable[[], float] = random.random


@dataclass(slots=True)
class Round:
    """One claimed connection's turn: one batch of posts and then the account, where they are due."""

    database: Database
    sources: Sources
    claim: Claim
    lease_for: timedelta
    _granted: Granted | None = None
    _began: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Reads what is due and gives the connection back, whatever went wrong with it."""
        try:
            await self._collect()
        except _Ended:
            pass
        except UserGone:
            _log.info("merchant_gone", connection_id=str(self.claim.connection_id))
        await self._give_back()

    @property
    def _adapter(self) -> MetricsAdapter:
        return self.sources.adapters[self.claim.platform]

    @property
    def _schedule(self) -> Schedule:
        return self.sources.schedules.of(self.claim.platform)

    async def _collect(self) -> None:
        async with self.database.read(self.claim.user_id) as session:
            due = await repository.find_due(session, self.claim, posts_at_most=self._adapter.posts_per_call)
        if due is None:
            return
        restraint = Restraint(
            self.database, due, self._schedule, self.sources.facts.get(self.claim.platform), self.sources.jitter
        )
        # Posts first: the account's rate is that of its posts.
        if due.posts and not due.is_held(Operation.POSTS):
            await self._collect_posts(restraint, self._batch(due.posts))
        if due.account_is_due and not due.is_held(Operation.ACCOUNT):
            await self._collect_account(restraint)

    def _batch(self, posts: Sequence[DuePost]) -> tuple[DuePost, ...]:
        failures = posts[0].failures
        size = batch_size(self._adapter.posts_per_call, failures)
        return tuple(post for post in posts if post.failures == failures)[:size]

    async def _collect_posts(self, restraint: Restraint, batch: tuple[DuePost, ...]) -> None:
        wanted = [PublishedPost(post.platform_post_id, _kind(post.kind), post.posted_at) for post in batch]
        reading = await self._read(
            restraint, Operation.POSTS, lambda access: self._adapter.read_posts(access, wanted), posts=batch
        )
        if reading is None:
            return
        gone = [post.post_id for post in batch if post.platform_post_id in reading.gone]
        there = [post for post in batch if post.platform_post_id not in reading.gone]
        found = {
            post.post_id: reading.metrics[post.platform_post_id]
            for post in there
            if post.platform_post_id in reading.metrics
        }
        async with self.database.write(self.claim.user_id) as session:
            of = await self._lock(session)
            await measuring.record_posts(session, of, found)
            await self._keep_raw(session, of, reading.raw)
            await repository.mark_posts_gone(session, gone)
            for post in there:
                due_at = self._schedule.next_post_due(kind=post.kind, posted_at=post.posted_at, now=of.collected_at)
                await repository.mark_post_read(session, post.post_id, due_at=due_at)

    async def _collect_account(self, restraint: Restraint) -> None:
        reading = await self._read(restraint, Operation.ACCOUNT, self._adapter.read_account)
        if reading is None:
            return
        async with self.database.write(self.claim.user_id) as session:
            of = await self._lock(session)
            await measuring.record_account(session, of, reading.metrics)
            await self._keep_raw(session, of, reading.raw)
            due_at = self._schedule.next_account_due(now=of.collected_at)
            await repository.mark_account_read(session, self.claim.connection_id, due_at=due_at)

    async def _read(
        self,
        restraint: Restraint,
        operation: Operation,
        call: Callable[[Access], Awaitable[T]],
        *,
        posts: tuple[DuePost, ...] = (),
    ) -> T | None:
        """One read within its budget; None where it failed, which is then noted on what it concerns."""
        if not await restraint.may_spend(operation, posts=len(posts)):
            return None
        granted = await self._token(restraint)
        outcome = await self._try(operation, call, granted.access, posts=len(posts))
        if isinstance(outcome, Reaction) and outcome.remedy is Remedy.NEW_TOKEN:
            granted = await self._token(restraint, refused=granted)
            outcome = await self._try(operation, call, granted.access, posts=len(posts))
        await restraint.note_rates(operation, granted.access.rates)
        if not isinstance(outcome, Reaction):
            return outcome
        await restraint.note_failure(operation, outcome, posts=posts)
        return None

    async def _try(
        self, operation: Operation, call: Callable[[Access], Awaitable[T]], access: Access, *, posts: int
    ) -> T | Reaction:
        if time.monotonic() - self._began + READ_LIMIT.total_seconds() > self.lease_for.total_seconds():
            raise _Ended
        access.rates.clear()  # what the other operation was told is noted already
        code, scope, retry_after = "ok", "account", None
        try:
            async with asyncio.timeout(READ_LIMIT.total_seconds()):
                return await call(access)
        except PlatformError as error:
            code, scope, retry_after = error.code.value, error.scope, error.retry_after
        except TimeoutError:
            code = "platform_down"
        except Exception:  # noqa: BLE001
            # An adapter's mistake over one odd answer must cost that connection's turn, not everyone's.
            code = "internal"
            _log.exception("read_failed", platform=self.claim.platform, operation=operation.value)
        finally:
            _reads.labels(self.claim.platform, operation.value, code).inc()
        return react_to(code, scope=scope, retry_after=retry_after, targets=max(posts, 1))

    async def _token(self, restraint: Restraint, *, refused: Granted | None = None) -> Granted:
        if self._granted is not None and refused is None:
            return self._granted
        try:
            self._granted = await self.sources.tokens.token_for(
                self.claim.connection_id,
                user_id=self.claim.user_id,
                refused_version=refused.token_version if refused else None,
            )
        except TokenRefused as error:
            await restraint.note_refusal(error)
            raise _Ended from error
        except TokenUnavailable as error:
            await restraint.note_no_token(error)
            raise _Ended from error
        return self._granted

    async def _lock(self, session: WriteSession) -> Measured:
        now = await repository.lock_leased(session, self.claim)
        if now is None:
            raise _Ended
        return Measured(self.claim.connection_id, self.claim.user_id, self.claim.platform, now)

    async def _keep_raw(self, session: WriteSession, of: Measured, answers: Sequence[RawAnswer]) -> None:
        facts = self.sources.facts.get(self.claim.platform)
        if facts is not None and answers:
            granted = [self._granted.access] if self._granted else []
            secrets = [secret for access in granted for secret in (access.token, access.proof) if secret is not None]
            await measuring.keep_raw(
                session, of, answers, keep_for=facts.raw_retention, now=real_now(), secrets=secrets
            )

    async def _give_back(self) -> None:
        async with self.database.write(self.claim.user_id) as session:
            if await repository.lock_leased(session, self.claim) is not None:
                await repository.release(session, self.claim)
                await repository.reschedule(session, self.claim.connection_id)


def _kind(kind: str | None) -> PostKind:
    try:
        return PostKind(kind or "")
    except ValueError:
        return PostKind.TEXT
