"""A consent becomes connections: the grant is rewritten whole, in place, with one event per place that changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth_linker.connections import repository
from auth_linker.connections.columns import PlaceFields, Whose, clip
from auth_linker.connections.domain import (
    Connection,
    ConnectionId,
    Problem,
    ProblemCode,
    UnlinkReason,
    UpdateCause,
)
from auth_linker.connections.telling import tell_linked, tell_unlinked, tell_updated
from auth_linker.erasures.service import ErasureReason, erase_sealed
from auth_linker.grants import service as grant_rows
from auth_linker.grants.service import (
    CONNECTIONS,
    GRANTS,
    Grant,
    GrantId,
    Health,
    Model,
    NewTokens,
    SealedPair,
    TokenPair,
    Vault,
    life_of,
    plan_tokens,
    policy_of,
    to_pair,
)
from social_common.db import WriteSession
from social_platforms._core import Capability, OAuthAdapter, Place, PlatformUser, TokenSet


@dataclass(frozen=True, slots=True)
class Consent:
    """Everything one consent brought: who, which tokens, since when (product time), and the places it reaches."""

    platform: str
    app: str
    user: PlatformUser
    tokens: TokenSet
    obtained_at: datetime
    asked_scopes: frozenset[str]
    asked_capabilities: frozenset[str]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """The grant that places are attached to, with the tokens that its rows carry."""

    id: GrantId
    app: str
    family: str
    user: PlatformUser
    pair: TokenPair
    expires_at: datetime | None
    scopes: frozenset[str] | None
    health: Health


class Attacher:
    """Writes consents. Every method works in the caller's transaction."""

    def __init__(self, vault: Vault, *, lead: timedelta) -> None:
        self._vault = vault
        self._lead = lead

    async def attach(
        self, session: WriteSession, adapter: OAuthAdapter, consent: Consent, *, chosen: Iterable[str]
    ) -> tuple[Connection, ...]:
        """Links the chosen places and rewrites all others of the grant; returns the chosen ones' connections."""
        await grant_rows.lock_all_at(session, consent.platform)
        grant_id, plan = await self._renew_grant(session, adapter, consent)
        target = _Target(
            id=grant_id,
            app=consent.app,
            family=adapter.family,
            user=consent.user,
            pair=to_pair(consent.tokens),
            expires_at=plan.life.expires_at,
            scopes=consent.tokens.scopes,
            health=plan.health,
        )
        wanted = set(chosen)
        before = await repository.list_of_grant(session, grant_id)
        linked = await self._link_all(
            session, adapter, target, [place for place in consent.places if place.platform_id in wanted]
        )
        reached = {place.platform_id: place for place in consent.places}
        for connection in before:
            if connection.platform_id not in wanted:
                await self._rewrite(session, adapter, target, connection, reached.get(connection.platform_id))
        return linked

    async def add(
        self,
        session: WriteSession,
        adapter: OAuthAdapter,
        grant: Grant,
        *,
        user: PlatformUser,
        pair: TokenPair,
        places: Iterable[Place],
    ) -> tuple[Connection, ...]:
        """Links further places of a live grant, which the caller has locked, with the tokens that it has now."""
        target = _Target(
            id=grant.id,
            app=grant.app,
            family=grant.family,
            user=user,
            pair=pair,
            expires_at=grant.life.expires_at,
            scopes=grant.scopes,
            health=grant.health,
        )
        return await self._link_all(session, adapter, target, list(places))

    async def _renew_grant(
        self, session: WriteSession, adapter: OAuthAdapter, consent: Consent
    ) -> tuple[GrantId, NewTokens]:
        policy = policy_of(adapter)
        life = life_of(consent.tokens, model=policy.model, obtained_at=consent.obtained_at)
        user = consent.user
        key = grant_rows.GrantKey(consent.platform, consent.app, user.platform_user_id, user.person)
        grant_id = await grant_rows.upsert_grant(
            session, key, family=adapter.family, life=life, asked=consent.asked_scopes, username=user.username
        )
        grant = await grant_rows.lock_grant(session, grant_id)
        old = await grant_rows.read_sealed(session, grant_id)
        if grant is not None and old is not None:
            await erase_sealed(session, grant, old, ErasureReason.RELINKED)
        await grant_rows.write_consent(
            session,
            grant_id,
            asked_scopes=consent.asked_scopes,
            asked_capabilities=consent.asked_capabilities,
            scopes=consent.tokens.scopes,
        )
        plan = plan_tokens(policy, life, now=consent.obtained_at, lead=self._lead)
        await grant_rows.write_new_tokens(session, grant_id, plan, refreshed=False)
        if policy.model is Model.DERIVED:
            own = self._vault.seal(to_pair(consent.tokens), table=GRANTS, row_id=grant_id)
            await grant_rows.write_own_tokens(session, own)
        return grant_id, plan

    async def _link_all(
        self, session: WriteSession, adapter: OAuthAdapter, target: _Target, places: list[Place]
    ) -> tuple[Connection, ...]:
        linked = []
        left: dict[GrantId, SealedPair] = {}
        for place in places:
            known = await repository.find_at_place(session, platform=adapter.platform, platform_id=place.platform_id)
            if known is not None and known.grant_id != target.id:
                sealed = await grant_rows.read_sealed_row(session, known.id)
                if sealed is not None:
                    left[known.grant_id] = sealed
            linked.append(await self._link(session, adapter, target, place, known))
        for grant_id, sealed in left.items():
            await self._end_if_left(session, grant_id, sealed)
        return tuple(linked)

    async def _link(
        self, session: WriteSession, adapter: OAuthAdapter, target: _Target, place: Place, known: Connection | None
    ) -> Connection:
        fields = to_fields(adapter, target.user, place, target.scopes)
        whose = Whose(target.app, target.family, target.user.platform_user_id, target.user.person)
        if known is None:
            connection_id = await repository.insert_connection(
                session, target.id, platform=adapter.platform, place=fields, whose=whose
            )
        else:
            connection_id = known.id
            await repository.move_to_grant(session, connection_id, target.id, whose=whose)
        await repository.mark_linked(session, connection_id, fields, health=target.health)
        await self._write_tokens(session, target, place, connection_id)
        return await tell_linked(session, connection_id, relinked=known is not None)

    async def _rewrite(
        self,
        session: WriteSession,
        adapter: OAuthAdapter,
        target: _Target,
        connection: Connection,
        place: Place | None,
    ) -> None:
        """Gives a place that was not chosen the new tokens too, where it still is the merchant's wish and in reach."""
        if not connection.is_connected and not connection.waits_for_reconnect:
            return
        if place is None or not can_be_kept(adapter, place):
            if connection.is_connected:
                problem = Problem.of(ProblemCode.DESTINATION_GONE)
                if place is not None:
                    problem = Problem.of(ProblemCode.PERMISSION_MISSING, place.reason)
                reason = UnlinkReason.RECONNECT_REQUIRED
                await repository.mark_unlinked(session, connection.id, reason, problem=problem)
                await tell_unlinked(session, connection.id, reason)
            return
        if not connection.is_connected:
            if place.usable:
                await self._link(session, adapter, target, place, connection)
            return
        await self._write_tokens(session, target, place, connection.id)
        fields = to_fields(adapter, target.user, place, target.scopes)
        now = await repository.find_connection(session, connection.id)
        cause = find_cause(connection, now, fields, health=target.health) if now is not None else None
        if cause is not None:
            await repository.mark_updated(session, connection.id, health=target.health, place=fields)
            await tell_updated(session, connection.id, cause)

    async def _write_tokens(
        self, session: WriteSession, target: _Target, place: Place, connection_id: ConnectionId
    ) -> None:
        pair = TokenPair(place.token, None) if place.token is not None else target.pair
        sealed = self._vault.seal(pair, table=CONNECTIONS, row_id=connection_id)
        await repository.write_tokens(
            session,
            connection_id,
            access_token=sealed.access_token,
            refresh_token=sealed.refresh_token,
            expires_at=target.expires_at if place.token is None else None,
        )

    @staticmethod
    async def _end_if_left(session: WriteSession, grant_id: GrantId, sealed: SealedPair) -> None:
        """A grant whose last place moved to another one is over."""
        grant = await grant_rows.lock_grant(session, grant_id)
        rest = await repository.list_of_grant(session, grant_id)
        if grant is None or not grant.is_live or any(connection.is_connected for connection in rest):
            return
        own = await grant_rows.read_sealed(session, grant_id)
        await erase_sealed(session, grant, own or sealed, ErasureReason.RELINKED)
        await grant_rows.end_grant(session, grant_id, health=Health.OK, bump=True)


def can_be_kept(adapter: OAuthAdapter, place: Place) -> bool:
    """Whether a connection can go on there at all: where places have tokens of their own, none came for a lost one."""
    return place.token is not None or policy_of(adapter).model is not Model.DERIVED


def capabilities_at(adapter: OAuthAdapter, place: Place, scopes: frozenset[str] | None) -> tuple[str, ...]:
    """What the scopes allow at that place; nothing is published where the place cannot be used."""
    allowed = adapter.capabilities_of(scopes, place)
    return tuple(sorted(allowed if place.usable else allowed - {Capability.PUBLISH}))


def to_fields(adapter: OAuthAdapter, user: PlatformUser, place: Place, scopes: frozenset[str] | None) -> PlaceFields:
    """A place as its row keeps it."""
    return PlaceFields(
        platform_id=place.platform_id,
        kind=place.kind,
        username=place.username or user.username,
        name=place.name,
        avatar_url=place.avatar_url or user.avatar_url,
        facts={**user.facts, **place.facts},
        capabilities=capabilities_at(adapter, place, scopes),
        problem=None if place.usable else Problem.of(ProblemCode.PERMISSION_MISSING, place.reason),
    )


def find_cause(before: Connection, now: Connection, fields: PlaceFields, *, health: Health) -> UpdateCause | None:
    """Why a usable connection's readers must hear of it, or None where nothing they see has changed."""
    if before.health is not health:
        return UpdateCause.HEALTH
    rights = (now.scopes, now.missing_scopes, set(fields.capabilities), fields.problem)
    if (before.scopes, before.missing_scopes, set(before.capabilities), before.noted_problem) != rights:
        return UpdateCause.SCOPES
    profile = (clip(fields.username), clip(fields.name), fields.avatar_url, dict(fields.facts))
    if (before.platform_username, before.display_name, before.avatar_url, dict(before.facts)) != profile:
        return UpdateCause.PROFILE
    return UpdateCause.EXPIRY if before.act_by != now.act_by else None
