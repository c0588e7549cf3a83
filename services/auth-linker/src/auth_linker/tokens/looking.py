"""Looking at a grant's places again: names as they are today, places that went, lost their role or came back.

Where places have tokens of their own (Facebook Pages), the same look makes them anew and hears what each of them says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from auth_linker.checkpoints import Linking
from auth_linker.connections import service as connections
from auth_linker.connections.service import Connection, UnlinkReason, find_cause, to_fields
from auth_linker.grants import service as grants
from auth_linker.grants.service import CONNECTIONS, GRANTS, Grant, Health, Model, TokenPair, Vault, policy_of
from auth_linker.tokens.asking import Answered, Asker, GrantGone, SignInEnded
from auth_linker.tokens.findings import REFUSALS, Step, find_end, find_problem, is_stand_in, judge
from auth_linker.tokens.results import Outcome, Result
from social_common.crypto import DecryptionFailed
from social_common.db import Database, UserGone, WriteSession
from social_common.logging import get_logger
from social_common.secrets import Secret
from social_platforms._core import ErrorCode, OAuthAdapter, Place, PlatformError
from social_platforms.registry import OAuthApps

_log = get_logger()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known after the platform was asked; `places` is None where nobody could be asked for the list."""

    adapter: OAuthAdapter
    grant: Grant
    answered: Answered | None
    refusals: Mapping[UUID, ErrorCode]
    unheard: PlatformError | None = None

    @property
    def places(self) -> dict[str, Place]:
        """The listed places by their id."""
        if self.answered is None:
            return {}
        user = self.answered.user
        return {place.platform_id: place for place in self.answered.places if not is_stand_in(place, user)}

    @property
    def is_derived(self) -> bool:
        """Whether places have tokens of their own."""
        return policy_of(self.adapter).model is Model.DERIVED


class Looker:
    """Looks at the places of one grant and writes what it found, with an event per connection that changed."""

    def __init__(self, database: Database, *, apps: OAuthApps, vault: Vault, asker: Asker) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._asker = asker

    async def look(
        self, user_id: UUID, grant_id: UUID, *, suspect: UUID | None = None, refused_version: int | None = None
    ) -> Result:
        """What the look came to. `suspect` names a connection whose own token was refused in that version."""
        try:
            return await self._look(user_id, grant_id, suspect=suspect, refused_version=refused_version)
        except (GrantGone, UserGone):
            return Result(Outcome.LOST)
        except PlatformError as error:
            return Result(Outcome.FAILED, error, error.retry_after)

    async def _look(
        self, user_id: UUID, grant_id: UUID, *, suspect: UUID | None, refused_version: int | None
    ) -> Result:
        async with self._database.read(user_id) as session:
            grant = await grants.read_grant(session, grant_id)
        if grant is None or not grant.is_live:
            raise GrantGone
        if refused_version is not None and grant.token_version > refused_version:
            return Result(Outcome.REFRESHED)
        adapter = self._apps.of(grant.platform, grant.app)
        if adapter is None:
            return Result(Outcome.UNCHANGED)
        try:
            answered = await self._asker.ask(user_id, grant_id)
        except SignInEnded as ended:
            seen = await self._hear(_Seen(adapter, grant, None, {}), suspect=suspect)
            revoked = suspect is not None and seen.refusals.get(suspect) is ErrorCode.AUTH_REVOKED
            if revoked and ended.code is ErrorCode.AUTH_REVOKED:
                # Two witnesses: the person took everything back, or changed the password.
                return await self._lose(seen)
        else:
            seen = await self._hear(_Seen(adapter, answered.grant, answered, {}), suspect=suspect)
        return await self._write(seen, suspect=suspect)

    async def _hear(self, seen: _Seen, *, suspect: UUID | None) -> _Seen:
        """Asks the own tokens of places that the list leaves open, and of the one that was refused already."""
        if not seen.is_derived:
            return seen
        async with self._database.read(seen.grant.user_id) as session:
            rows = await connections.list_of_grant(session, seen.grant.id)
            sealed = {row.id: await grants.read_sealed_row(session, row.id) for row in rows if row.is_connected}
        refusals: dict[UUID, ErrorCode] = {}
        unheard: PlatformError | None = None
        for row in rows:
            place = seen.places.get(row.platform_id)
            kept = sealed.get(row.id)
            own = self._open(kept).access if kept is not None else None
            fresh = place.token if place is not None else None
            token = _token_to_ask(row, own=own, fresh=fresh, is_listed=place is not None, is_suspect=row.id == suspect)
            if token is None or (seen.answered is None and suspect not in {None, row.id}):
                continue
            try:
                await seen.adapter.probe(token)
            except PlatformError as error:
                if error.code in REFUSALS:
                    refusals[row.id] = error.code
                elif row.id == suspect:
                    unheard = error
        return replace(seen, refusals=refusals, unheard=unheard)

    def _open(self, sealed: grants.SealedPair) -> TokenPair:
        try:
            return self._vault.open(sealed)
        except DecryptionFailed:
            raise PlatformError(ErrorCode.PLATFORM_DOWN, "The token cannot be read with the present keys.") from None

    async def _lose(self, seen: _Seen) -> Result:
        async with self._database.write(seen.grant.user_id) as session:
            grant = await grants.lock_grant(session, seen.grant.id)
            if grant is None or not grant.is_live:
                return Result(Outcome.LOST)
            if grant.token_version != seen.grant.token_version:
                return Result(Outcome.REFRESHED)
            await connections.lose_grant(session, grant, UnlinkReason.REVOKED)
        _log.warning("grant_lost", platform=seen.grant.platform, reason=UnlinkReason.REVOKED)
        return Result(Outcome.LOST)

    async def _write(self, seen: _Seen, *, suspect: UUID | None) -> Result:
        async with self._database.write(seen.grant.user_id) as session:
            grant = await grants.lock_grant(session, seen.grant.id)
            if grant is None or not grant.is_live:
                return Result(Outcome.LOST)
            if grant.token_version != seen.grant.token_version:
                # A refresh or a new consent came in between: what was seen is of yesterday.
                return Result(Outcome.REFRESHED)
            is_renewed = await self._write_all(session, grant, seen)
            if is_renewed:
                session.marks(Linking.TOKENS, grant.platform)
                await grants.bump_version(session, grant.id)
        if suspect in seen.refusals:
            return Result(Outcome.LOST)
        if seen.unheard is not None:
            return Result(Outcome.FAILED, seen.unheard, seen.unheard.retry_after)
        return Result(Outcome.REFRESHED if is_renewed else Outcome.UNCHANGED)

    async def _write_all(self, session: WriteSession, grant: Grant, seen: _Seen) -> bool:
        """Writes every connection of the grant; True where a place's own token was written."""
        rows = await connections.list_of_grant(session, grant.id)
        steps = {row.id: self._judge(row, seen) for row in rows}
        stays = any(steps[row.id] in {Step.KEEP, Step.REWRITE} and row.is_connected for row in rows)
        stays = stays or Step.RESTORE in steps.values()
        if not stays and Step.END in steps.values():
            await self._keep_reach(session, grant, seen)
        renewed = False
        for row in rows:
            place = seen.places.get(row.platform_id)
            match steps[row.id]:
                case Step.END:
                    await self._end(session, row, seen)
                case Step.REWRITE | Step.RESTORE if place is not None and seen.answered is not None:
                    is_back = steps[row.id] is Step.RESTORE
                    renewed |= await self._write_place(session, grant, row, place, seen.answered, is_back=is_back)
                case _:
                    pass
        if Step.RESTORE in steps.values() and not seen.is_derived:
            await grants.drop_own_tokens(session, grant.id)
        return renewed

    @staticmethod
    def _judge(row: Connection, seen: _Seen) -> Step:
        return judge(
            seen.places.get(row.platform_id),
            is_connected=row.is_connected,
            is_waiting=row.waits_for_reconnect,
            names_places=bool(seen.places),
            has_own_token=seen.is_derived,
            refusal=seen.refusals.get(row.id),
        )

    async def _keep_reach(self, session: WriteSession, grant: Grant, seen: _Seen) -> None:
        """Before the last place goes: the tokens stay with the grant, so that a place which comes back is noticed."""
        if seen.answered is None:
            await grants.end_grant(session, grant.id, health=Health.RECONNECT_REQUIRED, bump=False)
        elif not seen.is_derived:
            own = self._vault.seal(seen.answered.pair, table=GRANTS, row_id=grant.id)
            await grants.write_own_tokens(session, own)

    @staticmethod
    async def _end(session: WriteSession, row: Connection, seen: _Seen) -> None:
        reason, problem = find_end(
            seen.refusals.get(row.id), place=seen.places.get(row.platform_id), names_places=bool(seen.places)
        )
        await connections.mark_unlinked(session, row.id, reason, problem=problem)
        await connections.tell_unlinked(session, row.id, reason)
        _log.warning("place_lost", platform=row.platform, connection_id=str(row.id), problem=problem.code)

    async def _write_place(
        self,
        session: WriteSession,
        grant: Grant,
        row: Connection,
        place: Place,
        answered: Answered,
        *,
        is_back: bool,
    ) -> bool:
        fields = to_fields(answered.adapter, answered.user, place, grant.scopes)
        if is_back:
            await connections.mark_linked(session, row.id, fields, health=grant.health)
            await self._write_token(session, grant, row, place, answered)
            await connections.tell_linked(session, row.id, relinked=True)
            return place.token is not None
        renewed = place.token is not None and not await self._is_stored(session, row, place.token)
        if renewed:
            await self._write_token(session, grant, row, place, answered)
        problem = find_problem(
            place,
            noted=row.noted_problem,
            before=frozenset(row.capabilities),
            now=frozenset(fields.capabilities),
        )
        fields = replace(fields, problem=problem)
        cause = find_cause(row, row, fields, health=row.health)
        if cause is not None:
            await connections.mark_updated(session, row.id, health=row.health, place=fields)
            await connections.tell_updated(session, row.id, cause)
        return renewed

    async def _is_stored(self, session: WriteSession, row: Connection, token: Secret) -> bool:
        sealed = await grants.read_sealed_row(session, row.id)
        return sealed is not None and self._open(sealed).access.reveal() == token.reveal()

    async def _write_token(
        self, session: WriteSession, grant: Grant, row: Connection, place: Place, answered: Answered
    ) -> None:
        pair = TokenPair(place.token, None) if place.token is not None else answered.pair
        sealed = self._vault.seal(pair, table=CONNECTIONS, row_id=row.id)
        await connections.write_tokens(
            session,
            row.id,
            access_token=sealed.access_token,
            refresh_token=sealed.refresh_token,
            expires_at=grant.life.expires_at if place.token is None else None,
        )


def _token_to_ask(
    row: Connection, *, own: Secret | None, fresh: Secret | None, is_listed: bool, is_suspect: bool
) -> Secret | None:
    """The token whose word is wanted for this place; None where the list has said it all.

    A place that is listed again after it was lost is heard before it comes back; one that the list leaves out before it
    goes. A refused token needs no second hearing once the list brought another.
    """
    if not row.is_connected:
        return fresh if row.waits_for_reconnect else None
    if not is_listed:
        return own
    if is_suspect and (fresh is None or own is None or fresh.reveal() == own.reveal()):
        return own
    return None
