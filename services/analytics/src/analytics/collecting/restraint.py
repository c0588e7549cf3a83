"""What holds reads back: our share of a platform's budget, its own headers, refusals, and tokens that are not given.

Everything is written to the database at once, so that all replicas wait, and only for what is concerned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from analytics.collecting import limits, repository
from analytics.collecting.budgets import spendings_for
from analytics.collecting.domain import (
    LONGEST_WAIT,
    Operation,
    Reaction,
    Remedy,
    Schedule,
    Scope,
    wait_after,
)
from analytics.collecting.limits import NOBODY
from analytics.collecting.repository import DueConnection, DuePost
from analytics.collecting.tokens import TokenRefused, TokenUnavailable
from social_common.db import Database
from social_common.logging import get_logger
from social_platforms._core import PlatformFacts, RateReading

_SPENT: Final = "budget"
_NO_TOKEN: Final = "no_token"  # noqa: S105 (a reason)
_CATCH_UP: Final = timedelta(seconds=5)
_UNTIL_TOLD: Final = timedelta(minutes=15)

_log = get_logger()


@dataclass(frozen=True, slots=True)
class Restraint:
    """The restraint on one claimed connection."""

    database: Database
    due: DueConnection
    schedule: Schedule
    facts: PlatformFacts | None
    jitter: Callable[[], float]

    async def may_spend(self, operation: Operation, *, posts: int) -> bool:
        """Takes a read out of the budgets it draws on; False where one is used up, which then holds its users."""
        for item in spendings_for(self.facts, operation, posts=posts):
            async with self.database.system() as session:
                wait = await limits.spend(
                    session,
                    self._platform,
                    scope_id=self._scope_id(item.scope),
                    endpoint=f"{item.endpoint} per {item.period}",
                    calls=item.calls,
                    count=item.count,
                    period=item.period,
                )
            if wait > timedelta(0):
                await self._hold(item.scope, operation, wait=wait, reason=_SPENT)
                return False
        return True

    async def note_rates(self, operation: Operation, rates: Sequence[RateReading]) -> None:
        """Holds back what the platform's headers say is spent, before it has to refuse."""
        latest = {(rate.bucket, rate.scope): rate for rate in rates}
        for rate in latest.values():
            if rate.remaining is not None and rate.remaining <= 0:
                scope = Scope.APP if rate.scope == "app" else Scope.GRANT
                wait = rate.resets_in or _UNTIL_TOLD
                await self._hold(scope, self._held_with(operation), wait=wait, reason=_SPENT)

    async def note_failure(self, operation: Operation, reaction: Reaction, *, posts: Sequence[DuePost] = ()) -> None:
        """Notes a refused read on what it concerns: everyone held by it, or only the account or posts asked for."""
        _log.info(
            "read_refused", platform=self._platform, operation=operation.value, code=reaction.code, posts=len(posts)
        )
        if reaction.remedy is Remedy.HOLD:
            held = Operation.ALL if reaction.whole_app else self._held_with(operation)
            await self._hold(reaction.scope, held, wait=reaction.wait, reason=reaction.code)
            return
        claim = self.due.claim
        async with self.database.write(claim.user_id) as session:
            if await repository.lock_leased(session, claim) is None:
                return
            if operation is Operation.ACCOUNT:
                at_least = LONGEST_WAIT if reaction.remedy is Remedy.GONE else reaction.wait
                wait = self._wait(self.due.account_failures, at_least=at_least)
                await repository.mark_account_failed(session, claim.connection_id, wait=wait, error=reaction.code)
                return
            post_ids = [post.post_id for post in posts]
            if reaction.remedy is Remedy.GONE:
                await repository.mark_posts_gone(session, post_ids)
                return
            wait = self._wait(posts[0].failures, at_least=reaction.wait)
            await repository.mark_posts_failed(session, post_ids, wait=wait, error=reaction.code)

    async def note_refusal(self, refused: TokenRefused) -> None:
        """Pauses the connection until its next event, or asks again soon where that event has come already.

        An answer that names no revision is about what this round was started from.
        """
        claim = self.due.claim
        revision = self.due.revision if refused.revision is None else refused.revision
        async with self.database.write(claim.user_id) as session:
            paused = await repository.pause(session, claim, why=refused.why, revision=revision)
        if not paused:
            # What we know is newer than what was answered: one of the two will have caught up in a moment.
            await self._hold(Scope.CONNECTION, Operation.ALL, wait=_CATCH_UP, reason=_NO_TOKEN)
        _log.info("token_refused", connection_id=str(claim.connection_id), why=refused.why.value, paused=paused)

    async def note_no_token(self, unavailable: TokenUnavailable) -> None:
        """Waits with this connection while auth-linker has no token for it."""
        _log.warning("token_unavailable", connection_id=str(self.due.claim.connection_id), reason=str(unavailable))
        await self._hold(Scope.CONNECTION, Operation.ALL, wait=unavailable.retry_after, reason=_NO_TOKEN)

    @property
    def _platform(self) -> str:
        return self.due.claim.platform

    def _held_with(self, operation: Operation) -> Operation:
        return Operation.ALL if self.schedule.one_limit else operation

    def _wait(self, failures: int, *, at_least: timedelta) -> timedelta:
        return wait_after(failures + 1, jitter=self.jitter(), at_least=at_least)

    def _scope_id(self, scope: Scope) -> UUID:
        match scope:
            case Scope.APP:
                return NOBODY
            case Scope.GRANT:
                return self.due.grant_id or self.due.claim.connection_id
            case Scope.CONNECTION:
                return self.due.claim.connection_id

    async def _hold(self, scope: Scope, operation: Operation, *, wait: timedelta, reason: str) -> None:
        async with self.database.system() as session:
            await limits.hold(
                session,
                self._platform,
                scope=scope,
                scope_id=self._scope_id(scope),
                operation=operation,
                wait=wait,
                reason=reason,
            )
