"""Writing what a refresh brought, or what its failure means, in a transaction that has locked the grant."""

from datetime import datetime, timedelta

from auth_linker.backoff import back_off
from auth_linker.connections import service as connections
from auth_linker.connections.service import Connection, UnlinkReason, UpdateCause, capabilities_at
from auth_linker.erasures.service import ErasureReason, erase_fresh, owed_of
from auth_linker.grants import service as grants
from auth_linker.grants.service import (
    CONNECTIONS,
    GRANTS,
    Grant,
    GrantId,
    Health,
    Model,
    NewTokens,
    Policy,
    TokenPair,
    Vault,
    act_by,
    as_of,
    is_expiring,
    is_renewable,
    life_of,
    plan_next_look,
    plan_tokens,
    policy_of,
    to_pair,
)
from auth_linker.tokens import needs
from auth_linker.tokens.results import Outcome, Result
from social_common.db import WriteSession
from social_common.secrets import Secret
from social_platforms._core import ErrorCode, OAuthAdapter, Place, PlaceKind, PlatformError, TokenSet


class Storer:
    """Stores token sets row by row, and tells of what the merchant or the others must know."""

    def __init__(self, vault: Vault, *, lead: timedelta, retry_first: timedelta, retry_longest: timedelta) -> None:
        self._vault = vault
        self._lead = lead
        self._retry_first = retry_first
        self._retry_longest = retry_longest

    async def store(
        self,
        session: WriteSession,
        grant: Grant,
        fresh: TokenSet,
        *,
        adapter: OAuthAdapter,
        kept_refresh: Secret | None,
        obtained_at: datetime,
    ) -> None:
        """All rows of the grant get the new tokens. An event only where health, scopes or deadline changed."""
        before = await connections.list_of_grant(session, grant.id)
        policy = policy_of(adapter)
        life = life_of(fresh, model=policy.model, obtained_at=obtained_at, before=grant.life)
        needed_at = await needs.first_need(session, grant.id, outlived_by=life.expires_at, lead=self._lead)
        plan = plan_tokens(policy, life, now=obtained_at, needed_at=needed_at, lead=self._lead)
        if fresh.scopes is not None and fresh.scopes != grant.scopes:
            await grants.write_scopes(session, grant.id, fresh.scopes)
        await grants.write_new_tokens(session, grant.id, plan, refreshed=True)
        pair = to_pair(fresh, kept_refresh=kept_refresh)
        if await self._has_own_tokens(session, grant.id):
            await grants.write_own_tokens(session, self._vault.seal(pair, table=GRANTS, row_id=grant.id))
        for connection in before:
            # In a live grant a lost place is one that the consent no longer reaches: a refresh does not bring it back.
            if connection.is_connected or (connection.waits_for_reconnect and not grant.is_live):
                await self._renew(session, connection, pair, plan, adapter=adapter, scopes=fresh.scopes)

    @staticmethod
    async def _has_own_tokens(session: WriteSession, grant_id: GrantId) -> bool:
        sealed = await grants.read_sealed(session, grant_id)
        return sealed is not None and sealed.table == GRANTS

    async def _renew(
        self,
        session: WriteSession,
        before: Connection,
        pair: TokenPair,
        plan: NewTokens,
        *,
        adapter: OAuthAdapter,
        scopes: frozenset[str] | None,
    ) -> None:
        if not before.is_connected:
            # A takeover's probe had given it up; this answer was only late.
            await connections.mark_restored(session, before.id, health=plan.health)
        sealed = self._vault.seal(pair, table=CONNECTIONS, row_id=before.id)
        await connections.write_tokens(
            session,
            before.id,
            access_token=sealed.access_token,
            refresh_token=sealed.refresh_token,
            expires_at=plan.life.expires_at,
        )
        if not before.is_connected:
            await connections.tell_linked(session, before.id, relinked=True)
            return
        cause = await self._find_cause(session, before, adapter=adapter, scopes=scopes, health=plan.health)
        if cause is not None:
            await connections.mark_updated(session, before.id, health=plan.health)
            await connections.tell_updated(session, before.id, cause)

    @staticmethod
    async def _find_cause(
        session: WriteSession,
        before: Connection,
        *,
        adapter: OAuthAdapter,
        scopes: frozenset[str] | None,
        health: Health,
    ) -> UpdateCause | None:
        now = await connections.find_connection(session, before.id)
        if before.health is not health:
            return UpdateCause.HEALTH
        if now is None:
            return None
        if scopes is not None and before.scopes != now.scopes:
            place = Place(
                platform_id=before.platform_id,
                kind=PlaceKind(before.kind),
                name=before.display_name or "",
                usable=before.problem is None,
                facts=before.facts,
            )
            await connections.write_capabilities(session, before.id, capabilities_at(adapter, place, scopes))
            return UpdateCause.SCOPES
        return UpdateCause.EXPIRY if before.act_by != now.act_by else None

    async def lose(self, session: WriteSession, grant: Grant, reason: UnlinkReason) -> None:
        """The grant is dead: all its places wait for the merchant."""
        await connections.lose_grant(session, grant, reason)

    async def drop_fresh(self, session: WriteSession, grant: Grant, fresh: TokenSet) -> None:
        """Tokens that came too late for their grant: nobody will use them, so they are revoked where that is safe."""
        await erase_fresh(session, self._vault, owed_of(grant, ErasureReason.SUPERSEDED), to_pair(fresh))

    async def note_failure(
        self, session: WriteSession, grant: Grant, policy: Policy, error: PlatformError, *, in_doubt: bool
    ) -> timedelta:
        """The wait after a passing failure; the merchant hears of it only when the token's end comes near."""
        now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
        expiring = is_expiring(policy, grant.life, failing=True, now=now)
        health = Health.EXPIRING if expiring else grant.health
        wait = back_off(
            grant.failures + 1, first=self._retry_first, longest=self._retry_longest, asked=error.retry_after
        )
        failure = grants.Failure(
            wait=wait,
            error=error.code,
            in_doubt=in_doubt,
            health=health,
            act_by=act_by(policy, grant.life, failing=expiring),
        )
        await grants.note_failure(session, grant.id, failure)
        if health is not grant.health:
            await self._tell(session, grant, health, UpdateCause.HEALTH)
        return wait

    async def note_end_of_life(self, session: WriteSession, grant: Grant, policy: Policy, *, now: datetime) -> Result:
        """A grant that nothing renews now: the merchant is warned in time, and at its end it is over."""
        life = as_of(policy, grant.life, now)
        if policy.model is Model.DERIVED:
            # The person's token has ended; the places' own live on, and what they say is for a look to find.
            await grants.drop_own_tokens(session, grant.id)
            await grants.plan_look(session, grant.id, due_at=None, health=grant.health)
            return Result(Outcome.UNCHANGED)
        if is_renewable(policy, life):
            # Too young for the platform to renew, though a post needs it soon: the plan is made anew.
            due_at = plan_next_look(policy, life, now=now)
            await grants.plan_look(session, grant.id, due_at=due_at, health=grant.health)
            return Result(Outcome.UNCHANGED)
        ends = life.expires_at
        if ends is None or ends <= now:
            await self.lose(session, grant, UnlinkReason.RECONNECT_REQUIRED)
            return Result(Outcome.LOST)
        is_spent = life != grant.life
        if is_spent:
            await grants.note_spent(session, grant.id, act_by=ends)
        health = Health.EXPIRING if is_expiring(policy, life, failing=False, now=now) else grant.health
        due_at = plan_next_look(policy, life, now=now)
        await grants.plan_look(session, grant.id, due_at=due_at, health=health)
        if health is not grant.health:
            await self._tell(session, grant, health, UpdateCause.HEALTH)
        elif is_spent:
            await self._tell(session, grant, health, UpdateCause.EXPIRY)
        return Result(Outcome.UNCHANGED)

    async def note_unconfigured(self, session: WriteSession, grant: Grant) -> None:
        """Its platform is not set up here (any more): looked at again now and then, and nobody is disconnected."""
        failure = grants.Failure(
            wait=self._retry_longest,
            error=ErrorCode.APP_MISCONFIGURED,
            in_doubt=grant.in_doubt,
            health=grant.health,
            act_by=None,
        )
        await grants.note_failure(session, grant.id, failure)

    @staticmethod
    async def _tell(session: WriteSession, grant: Grant, health: Health, cause: UpdateCause) -> None:
        for connection in await connections.list_of_grant(session, grant.id):
            if connection.is_connected:
                await connections.mark_updated(session, connection.id, health=health)
                await connections.tell_updated(session, connection.id, cause)
