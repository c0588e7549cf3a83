"""Settles what is in doubt, in work, or known to be out without its id: one look at the account at a time.

A look is claimed with a lease, reads the account back without a transaction open, and then writes what it decided.
A second send is made only with a handle that the platform makes safe, or where the merchant chose the risk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from publisher import posts, settings_of
from publisher.brokerage import Broker, Brokered, BrokerUnavailableError, NoAccessError
from publisher.domain import OnDoubt, Outcome, Problem, SettledBy, Status, Step
from publisher.holds import Hold, Operation, standing
from publisher.posts import Post
from publisher.publishing import ledger, looks
from publisher.publishing.contents import subject_of
from publisher.publishing.domain import Decision, Doubt, LookRules, Seen, Verdict, decide
from publisher.publishing.ends import NOBODY_CAN_TELL
from publisher.publishing.ledger import Attempt
from publisher.publishing.looking import Look, Looker
from publisher.publishing.neighbours import Neighbours, neighbours_of
from publisher.publishing.results import Results
from publisher.publishing.sending import Opened, Sender
from publisher.scheduling.domain import Limits, latest
from publisher.stopping import unless_stopped
from publisher.telling import problem_of
from social_common.db import Database, WriteSession, constraint_name
from social_common.logging import get_logger
from social_common.telemetry import span
from social_platforms._core import (
    ErrorCode,
    Live,
    PostsAdapter,
    PreparationGone,
)

_TOKEN_LIFE: Final = timedelta(minutes=1)
_PREPARE_AGAIN: Final = timedelta(seconds=10)
_log = get_logger()


@dataclass(frozen=True, slots=True)
class LookClaim:
    """An attempt whose look this worker has taken."""

    attempt_id: UUID
    user_id: UUID
    owner: str


class Settler:
    """Looks at accounts and decides attempts."""

    def __init__(
        self,
        database: Database,
        *,
        looker: Looker,
        broker: Broker,
        adapters: Mapping[str, PostsAdapter],
        results: Results,
        sender: Sender,
        rules: Callable[[str], LookRules],
        default_limits: Limits,
        stop: asyncio.Event,
    ) -> None:
        self._database = database
        self._looker = looker
        self._broker = broker
        self._adapters = adapters
        self._results = results
        self._sender = sender
        self._rules = rules
        self._default_limits = default_limits
        self._stop = stop

    async def handle(self, claim: LookClaim) -> None:
        """One claimed look, to its end; one that a stop cuts off is another worker's at once."""
        async with self._database.read(claim.user_id) as session:
            attempt = await ledger.find(session, claim.attempt_id)
            if attempt is None or attempt.owner != claim.owner:
                return
            among = await neighbours_of(session, attempt)
            hold = await standing(session, subject_of(attempt), Operation.LOOK)
        with span("post.look", traceparent=attempt.traceparent, platform=attempt.platform):
            await self._settle(attempt, among, hold)

    async def _settle(self, attempt: Attempt, among: Neighbours, hold: Hold | None) -> None:
        if attempt.outcome is None:
            await self._note_vanished(attempt)
        if hold is not None:
            look = Look(Seen.BLIND, "the platform's limit for reading is used up", check_after=hold.remaining)
            brokered = None
        else:
            seen = await unless_stopped(self._stop, self._look(attempt, among))
            if seen is None:
                await self._let_go(attempt)
                return
            look, brokered = seen
        decision = await self._decide(attempt, look)
        try:
            await self._apply(attempt, look, decision, brokered)
        except IntegrityError as error:
            if constraint_name(error) != "uq_social_posts_platform_post":
                raise
            # That post is another one's: this look found nothing of ours.
            taken = Look(Seen.AMBIGUOUS, "what was found belongs to another post")
            # The look is written down and counted already, and its claim given back.
            decision = replace(await self._decide(attempt, taken), counts=False)
            await self._apply(replace(attempt, owner=None), taken, decision, brokered)

    async def _look(self, attempt: Attempt, among: Neighbours) -> tuple[Look, Brokered | None]:
        try:
            brokered = await self._broker.access(attempt.connection_id, attempt.user_id, min_valid=_TOKEN_LIFE)
        except BrokerUnavailableError as error:
            return Look(Seen.BLIND, "there is no token at the moment", check_after=error.retry_after), None
        except NoAccessError:
            return Look(Seen.LOCKED_OUT, "the account is not connected any more"), None
        return await self._looker.look(attempt, brokered, among=among), brokered

    async def _let_go(self, attempt: Attempt) -> None:
        async with self._database.write(attempt.user_id) as session:
            await looks.let_go(session, attempt)

    async def _note_vanished(self, attempt: Attempt) -> None:
        """A sender that never came back is treated as one that sent."""
        problem = Problem(ErrorCode.OUTCOME_UNKNOWN, "The process that sent it ended before it could tell.")
        async with self._database.write(attempt.user_id) as session:
            post = await posts.lock(session, attempt.post_id)
            await ledger.mark_doubtful(session, attempt, error=problem.as_json())
            if post is not None and post.status is Status.PUBLISHING and post.attempts == attempt.number:
                await posts.save(session, post, replace(post, step=Step.SETTLING))
        _log.warning("sender_vanished", platform=attempt.platform, post_id=str(attempt.post_id), attempt=attempt.number)

    async def _decide(self, attempt: Attempt, look: Look) -> Decision:
        async with self._database.read(attempt.user_id) as session:
            post = await posts.find(session, attempt.post_id)
            own = await settings_of.find(session)
            limits = await settings_of.limits_of(session, self._default_limits)
            now = await posts.product_now(session)
            age = await looks.age_of(session, attempt)
        doubt = Doubt(
            outcome=attempt.outcome,
            settled=attempt.finished_at is not None,
            looks_done=attempt.looks_done,
            age=age,
            number=attempt.number,
            may_be_duplicate=attempt.may_be_duplicate,
            # Nothing is ever sent again for a post that is gone.
            on_doubt=own.on_doubt if post is not None else OnDoubt.ASK,
            within_catch_up=post is not None and _is_in_time(post, attempt, limits, now=now),
            restored=attempt.restored,
        )
        return decide(look.seen, doubt, self._rules(attempt.platform), check_after=look.check_after)

    async def _apply(self, attempt: Attempt, look: Look, decision: Decision, brokered: Brokered | None) -> None:
        _log.info(
            "attempt_looked_at",
            platform=attempt.platform,
            post_id=str(attempt.post_id),
            attempt=attempt.number,
            seen=look.seen.value,
            verdict=decision.verdict.value,
        )
        match decision.verdict:
            case Verdict.PUBLISHED:
                await self._note(attempt, look, decision)
                await self._results.went_live(
                    attempt,
                    look.live or Live(None, None),
                    settled_by=_settled_by(attempt),
                    look_after=decision.look_after,
                )
            case Verdict.FAILED:
                problem = problem_of(look.error) if look.error else NOBODY_CAN_TELL
                # What was only prepared and then lost can be made again.
                anew_after = _PREPARE_AGAIN if isinstance(look.error, PreparationGone) else None
                await self._in_one(
                    attempt, look, decision, lambda s: self._results.ended(s, attempt, problem, again_after=anew_after)
                )
            case Verdict.UNKNOWN:
                await self._in_one(
                    attempt,
                    look,
                    decision,
                    lambda s: self._results.nobody_can_tell(s, attempt, look_after=decision.look_after),
                )
            case Verdict.RESEND | Verdict.RESEND_DOUBTFUL if self._stop.is_set():
                # The call might outlast what is left of this process.
                await self._let_go(attempt)
            case Verdict.RESEND | Verdict.RESEND_DOUBTFUL if brokered is not None:
                await self._resend(attempt, look, decision, brokered)
            case Verdict.RESEND | Verdict.RESEND_DOUBTFUL:
                # Decided without access to the account; with the next look there may be some.
                again = replace(decision, look_after=timedelta(minutes=1))
                await self._note(attempt, look, again)
            case Verdict.LOOK_AGAIN | Verdict.LET_GO:
                await self._note(attempt, look, decision)

    async def _resend(self, attempt: Attempt, look: Look, decision: Decision, brokered: Brokered) -> None:
        """Closes this attempt and opens the next with the same handle, in one transaction; then sends."""
        handle = self._looker.handle_of(attempt)
        risky = decision.verdict is Verdict.RESEND_DOUBTFUL
        over_by = self._sender.deadline()
        async with self._database.write(attempt.user_id) as session:
            post = await posts.lock(session, attempt.post_id)
            current = await ledger.lock(session, attempt.id)
            if current is None or not await ledger.holds_lease(session, attempt):
                return
            if post is None or post.status is not Status.PUBLISHING or post.attempts != current.number:
                return
            await _note(session, current, look, decision)
            await ledger.finish(session, current, Outcome.UNKNOWN if risky else Outcome.DOUBTFUL, error=current.error)
            following = replace(
                post,
                step=Step.SENDING,
                attempts=post.attempts + 1,
                may_be_duplicate=post.may_be_duplicate or risky,
            )
            saved = await posts.save(session, post, following)
            opened = await self._sender.write_attempt(
                session, saved, handle=handle, prepared_at=current.prepared_at, owner=attempt.owner or ""
            )
        _log.info("resending", platform=attempt.platform, post_id=str(attempt.post_id), may_be_duplicate=risky)
        await self._sender.call(Opened(opened, handle, over_by), brokered, self._adapters[attempt.platform])

    async def _in_one(
        self, attempt: Attempt, look: Look, decision: Decision, write: Callable[[WriteSession], Awaitable[None]]
    ) -> None:
        async with self._database.write(attempt.user_id) as session:
            await posts.lock(session, attempt.post_id)
            await _note(session, attempt, look, decision)
            await write(session)

    async def _note(self, attempt: Attempt, look: Look, decision: Decision) -> None:
        async with self._database.write(attempt.user_id) as session:
            current = await ledger.lock(session, attempt.id)
            if current is not None and current.owner == attempt.owner:
                await _note(session, current, look, decision)


def _is_in_time(post: Post, attempt: Attempt, limits: Limits, *, now: datetime) -> bool:
    """Whether the post still waits for this attempt's end, and is not too late to be sent again."""
    is_on_its_way = post.status is Status.PUBLISHING and post.attempts == attempt.number
    return is_on_its_way and post.scheduled_at is not None and now <= latest(post, limits)


def _settled_by(attempt: Attempt) -> SettledBy:
    # What a platform accepted and then finished is its own answer, only a late one.
    return SettledBy.ANSWER if attempt.outcome is Outcome.ACCEPTED else SettledBy.READ_BACK


async def _note(session: WriteSession, attempt: Attempt, look: Look, decision: Decision) -> None:
    await looks.note_look(
        session,
        attempt,
        seen=look.seen.value,
        detail=look.detail,
        counts=decision.counts,
        look_after=decision.look_after,
    )
