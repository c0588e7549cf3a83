"""Refreshing one grant: alone, in time, and without losing what the platform answered.

Three short transactions with calls to the platform between them: take the lease; look once more right before sending;
store, if the version is still the one that was refreshed. A process that vanished in the middle leaves its lease
behind: whoever finds it over counts that as a doubt, and settles it with one probe before it sends anything.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SaTimeoutError

from auth_linker.checkpoints import Linking
from auth_linker.connections.service import UnlinkReason
from auth_linker.grants import service as grants
from auth_linker.grants.service import Grant, Model, Policy, TokenPair, Vault, may_refresh_at, policy_of, to_token_set
from auth_linker.tokens.domain import TakeoverStep, settle_takeover
from auth_linker.tokens.metrics import DOUBTS, LOST_ANSWERS, REFRESHES
from auth_linker.tokens.results import Outcome, Result
from auth_linker.tokens.storing import Storer
from social_common.checkpoints import crossing
from social_common.crypto import DecryptionFailed
from social_common.db import Database, UserGone, WriteSession
from social_common.logging import get_logger
from social_common.telemetry import span
from social_common.unfit import BadSetting
from social_platforms._core import ErrorCode, OAuthAdapter, OutcomeUnknown, PlatformError, TokenSet
from social_platforms.registry import OAuthApps

_log = get_logger()

# In seconds; together longer than a failover of the database takes.
_STORE_WAITS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
_DEAD: Final = frozenset({ErrorCode.AUTH_REVOKED, ErrorCode.AUTH_EXPIRED})


@dataclass(frozen=True, slots=True)
class _Turn:
    """One process's turn at a grant: what it holds, and until when by this machine's own clock."""

    grant: Grant
    adapter: OAuthAdapter
    policy: Policy
    owner: UUID
    pair: TokenPair
    in_doubt: bool
    renews: bool
    now: datetime
    ends: float


class Refresher:
    """Refreshes grants, one process per grant at a time. Holds no transaction while it talks to a platform."""

    def __init__(
        self,
        database: Database,
        *,
        apps: OAuthApps,
        vault: Vault,
        storer: Storer,
        lease: timedelta,
        monotonic: Callable[[], float],
    ) -> None:
        longest = max((adapter.refresh_policy.hard_limit for adapter in apps), default=timedelta(0))
        if lease <= 2 * longest:
            raise BadSetting(f"REFRESH_LEASE must be longer than {2 * longest}, twice the longest refresh call")
        self._database = database
        self._apps = apps
        self._vault = vault
        self._storer = storer
        self._lease = lease
        self._monotonic = monotonic

    async def refresh(
        self, user_id: UUID, grant_id: UUID, *, force: bool = False, refused_version: int | None = None
    ) -> Result:
        """Refreshes the grant if it is due, or, with `force` or a refused version, whenever the platform allows it.

        Runs to its end even when the caller is cancelled: a sent request's answer must be stored.
        """
        work = asyncio.ensure_future(self._refresh(user_id, grant_id, force=force, refused_version=refused_version))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            raise
        except UserGone:
            return Result(Outcome.LOST)

    async def _refresh(self, user_id: UUID, grant_id: UUID, *, force: bool, refused_version: int | None) -> Result:
        turn = await self._begin(user_id, grant_id, force=force, refused_version=refused_version)
        if isinstance(turn, Result):
            return turn
        if turn.in_doubt or not turn.renews:
            settled = await self._probe(turn)
            if settled is not None:
                return settled
        if not await self._may_send(turn):
            _log.warning("refresh_lease_lost", platform=turn.grant.platform, grant_id=str(grant_id))
            return Result(Outcome.BUSY)
        return await self._send(turn)

    async def _begin(
        self, user_id: UUID, grant_id: UUID, *, force: bool, refused_version: int | None
    ) -> _Turn | Result:
        started = self._monotonic()
        async with self._database.write(user_id) as session:
            grant = await grants.lock_grant(session, grant_id)
            if grant is None or not grant.is_live:
                return Result(Outcome.LOST)
            if refused_version is not None and grant.token_version > refused_version:
                return Result(Outcome.REFRESHED)
            if grant.lease_is_active:
                return Result(Outcome.BUSY)
            if grant.retry_in > timedelta(0):
                return Result(Outcome.FAILED, wait=grant.retry_in)
            return await self._take_turn(session, grant, asked=force or refused_version is not None, started=started)

    async def _take_turn(self, session: WriteSession, grant: Grant, *, asked: bool, started: float) -> _Turn | Result:
        adapter = self._apps.of(grant.platform, grant.app)
        if adapter is None:
            await self._storer.note_unconfigured(session, grant)
            return Result(Outcome.UNCHANGED)
        policy = policy_of(adapter)
        now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
        renews = may_refresh_at(policy, grant.life, now)
        if not asked and (grant.due_at is None or grant.due_at > now):
            return Result(Outcome.UNCHANGED)
        if policy.model is Model.DERIVED and (grant.due_at is None or grant.due_at > now):
            # Nothing renews the person's token, and what its end means for the places is for a look at them to find.
            return Result(Outcome.UNCHANGED)
        if policy.model is Model.DERIVED or (not asked and not renews):
            return await self._storer.note_end_of_life(session, grant, policy, now=now)
        pair = await self._open(session, grant)
        if pair is None:
            return Result(Outcome.LOST)
        owner = uuid4()
        await grants.take_lease(session, grant.id, owner=owner, life=self._lease, is_due=renews)
        session.marks(Linking.LEASE, grant.platform)
        in_doubt = grant.in_doubt or grant.lease_owner is not None
        if in_doubt:
            DOUBTS.labels(grant.platform).inc()
        return _Turn(
            grant=grant,
            adapter=adapter,
            policy=policy,
            owner=owner,
            pair=pair,
            in_doubt=in_doubt,
            renews=renews,
            now=now,
            # Counted from before the transaction began, so that this is never later than the lease in the database.
            ends=started + self._lease.total_seconds(),
        )

    async def _open(self, session: WriteSession, grant: Grant) -> TokenPair | None:
        """The grant's tokens; without any that our keys open, only the merchant can help."""
        sealed = await grants.read_sealed(session, grant.id)
        try:
            if sealed is not None:
                return self._vault.open(sealed)
        except DecryptionFailed:
            _log.error("token_unreadable", platform=grant.platform, grant_id=str(grant.id))
        await self._storer.lose(session, grant, UnlinkReason.RECONNECT_REQUIRED)
        return None

    async def _probe(self, turn: _Turn) -> Result | None:
        """Asks the platform once whether the token still works; None where the refresh is to go on."""
        try:
            async with asyncio.timeout(turn.policy.hard_limit.total_seconds()):
                await turn.adapter.probe(turn.pair.access)
        except PlatformError as error:
            if error.code not in _DEAD:
                return await self._fail(turn, error)
            works = False
        except TimeoutError:
            return await self._fail(turn, OutcomeUnknown("the platform did not answer in time"))
        else:
            works = True
        if not turn.renews:
            return await self._end_probe(turn, works=works)
        expired = turn.grant.life.expires_at is not None and turn.grant.life.expires_at <= turn.now
        step = settle_takeover(turn.policy, token_works=works, token_expired=expired)
        if step is TakeoverStep.REFRESH:
            return None
        return await self._lose(turn, UnlinkReason.RECONNECT_REQUIRED, lost_answer=True)

    async def _end_probe(self, turn: _Turn, *, works: bool) -> Result:
        """The end of a probe of a token that nothing can renew now."""
        if not works:
            return await self._lose(turn, UnlinkReason.REVOKED, lost_answer=False)
        async with self._database.write(turn.grant.user_id) as session:
            await grants.release_lease(session, turn.grant.id, owner=turn.owner)
        return Result(Outcome.UNCHANGED)

    async def _may_send(self, turn: _Turn) -> bool:
        """Looked at right before sending: the lease is ours and outlasts the call, by the database's clock and by ours.

        Our own monotonic clock is read last: a process that was stopped after the query must not send.
        """
        limit = turn.policy.hard_limit
        async with self._database.read(turn.grant.user_id) as session:
            left = await grants.left_of_lease(
                session, turn.grant.id, owner=turn.owner, version=turn.grant.token_version
            )
        if left is None or left <= limit:
            return False
        return self._monotonic() + limit.total_seconds() < turn.ends

    async def _send(self, turn: _Turn) -> Result:
        platform = turn.grant.platform
        try:
            async with asyncio.timeout(turn.policy.hard_limit.total_seconds()):
                with crossing(Linking.REFRESH, platform), span("grant.refresh", platform=platform):
                    fresh = await turn.adapter.refresh(to_token_set(turn.pair, turn.grant.scopes))
        except TimeoutError:
            return await self._fail(turn, OutcomeUnknown("the platform did not answer in time"))
        except PlatformError as error:
            if not error.final:
                return await self._fail(turn, error)
            reason = (
                UnlinkReason.REVOKED
                if error.code is ErrorCode.AUTH_REVOKED and not turn.in_doubt
                else UnlinkReason.RECONNECT_REQUIRED
            )
            lost_answer = turn.in_doubt and turn.policy.lost_answer_is_fatal
            return await self._lose(turn, reason, lost_answer=lost_answer)
        await self._keep(turn, fresh)
        REFRESHES.labels(platform, Outcome.REFRESHED).inc()
        return Result(Outcome.REFRESHED)

    async def _keep(self, turn: _Turn, fresh: TokenSet) -> None:
        """Stores the answer, again and again while the database is away: nobody can ask the platform for it twice."""
        for wait in (*_STORE_WAITS, None):
            try:
                return await self._store(turn, fresh)
            # Whatever the database said: asyncpg's broken connections and late locks have no class of their own here.
            except (DBAPIError, SaTimeoutError, OSError):
                if wait is None:
                    raise
                _log.warning("refresh_not_stored_yet", platform=turn.grant.platform)
                await asyncio.sleep(wait)
        return None

    async def _store(self, turn: _Turn, fresh: TokenSet) -> None:
        async with self._database.write(turn.grant.user_id) as session:
            session.marks(Linking.TOKENS, turn.grant.platform)
            grant = await grants.lock_grant(session, turn.grant.id)
            if grant is None:
                await self._storer.drop_fresh(session, turn.grant, fresh)
                return
            if grant.token_version != turn.grant.token_version:
                # A new consent or a disconnect came in between: what we hold is not the grant's any more.
                await self._storer.drop_fresh(session, grant, fresh)
                await grants.release_lease(session, grant.id, owner=turn.owner)
                return
            await self._storer.store(
                session, grant, fresh, adapter=turn.adapter, kept_refresh=turn.pair.refresh, obtained_at=turn.now
            )

    async def _fail(self, turn: _Turn, error: PlatformError) -> Result:
        """A passing failure: counted, and tried again later. Where the answer was lost, the next try probes first."""
        REFRESHES.labels(turn.grant.platform, Outcome.FAILED).inc()
        _log.warning("refresh_failed", platform=turn.grant.platform, error=error.code)
        doubtful = isinstance(error, OutcomeUnknown) and turn.renews
        async with self._database.write(turn.grant.user_id) as session:
            grant = await grants.lock_grant(session, turn.grant.id)
            if grant is None or not grant.is_live:
                return Result(Outcome.LOST)
            wait = error.retry_after
            if grant.lease_owner == turn.owner:
                in_doubt = doubtful or turn.in_doubt
                wait = await self._storer.note_failure(session, grant, turn.policy, error, in_doubt=in_doubt)
            moved = grant.token_version != turn.grant.token_version
        return Result(Outcome.REFRESHED) if moved else Result(Outcome.FAILED, error, wait)

    async def _lose(self, turn: _Turn, reason: UnlinkReason, *, lost_answer: bool) -> Result:
        """A final answer: the connections end, unless newer tokens were stored meanwhile."""
        async with self._database.write(turn.grant.user_id) as session:
            grant = await grants.lock_grant(session, turn.grant.id)
            if grant is None or not grant.is_live:
                return Result(Outcome.LOST)
            if grant.token_version != turn.grant.token_version:
                return Result(Outcome.REFRESHED)
            await self._storer.lose(session, grant, reason)
        if lost_answer:
            LOST_ANSWERS.labels(turn.grant.platform).inc()
        REFRESHES.labels(turn.grant.platform, Outcome.LOST).inc()
        _log.warning("grant_lost", platform=turn.grant.platform, reason=reason, lost_answer=lost_answer)
        return Result(Outcome.LOST)
