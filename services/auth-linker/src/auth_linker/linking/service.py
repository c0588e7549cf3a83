"""Linking: beginning a consent, and turning an authorized one into connections."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from auth_linker.connections.service import Attacher, Connection, Consent, find_connection
from auth_linker.grants.service import LINK_ATTEMPTS, Vault, read_grant
from auth_linker.linking import repository
from auth_linker.linking.domain import (
    ChosenPlace,
    ReturnToRefused,
    UnknownPlace,
    WrongAccount,
    check_return_to,
    hash_secret,
    new_secret,
    select_places,
)
from auth_linker.linking.keeping import to_choices, unpack
from auth_linker.linking.repository import NewAttempt
from social_common.db import WriteSession
from social_common.errors import Conflict, Invalid, NotFound
from social_common.secrets import Secret
from social_platforms._core import AuthorizationRequest, Capability, OAuthAdapter
from social_platforms.registry import OAuthApps

_RANDOM_BYTES = 32
VERIFIER = "verifier"


class LinkNotFound(NotFound):
    """The code is another merchant's, used, expired or made up: all of these look the same."""

    def __init__(self) -> None:
        super().__init__(
            "There is no link waiting under this code.", action="Begin again with the account's connect button."
        )


@dataclass(frozen=True, slots=True)
class LinkWish:
    """What a merchant sets out to link."""

    platform: str
    return_to: str
    capabilities: frozenset[Capability]
    kinds: tuple[str, ...]
    connection_id: UUID | None


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the merchant's browser goes, and until when the consent may take."""

    authorization_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Completed:
    """Either the linked connections, or the places to choose from."""

    connections: tuple[Connection, ...] = ()
    choose: tuple[ChosenPlace, ...] = ()


class Linker:
    """Begins and completes links; both work in the caller's transaction, under the merchant's claims."""

    def __init__(
        self,
        *,
        apps: OAuthApps,
        vault: Vault,
        attacher: Attacher,
        allowed_origins: frozenset[str],
        callback_url: Callable[[str], str],
        life: timedelta,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._apps = apps
        self._vault = vault
        self._attacher = attacher
        self._allowed_origins = allowed_origins
        self._callback_url = callback_url
        self._life = life
        self._random_bytes = random_bytes

    async def begin(self, session: WriteSession, wish: LinkWish) -> Begun:
        """A state and a verifier of its own for this consent; raises Invalid naming the field."""
        if wish.platform not in self._apps.platforms:
            raise Invalid(f"{wish.platform} is not set up here.", field="path.platform")
        try:
            return_to = check_return_to(wish.return_to, self._allowed_origins)
        except ReturnToRefused as refusal:
            raise Invalid(f"The page to return to is refused: {refusal}.", field="body.return_to") from None
        known = await self._connection_of(session, wish)
        app, adapter = self._choose_app(wish, known)
        capabilities, scopes = await self._ask_for(session, wish, known, app=app, adapter=adapter)
        attempt_id = uuid4()
        state = new_secret(self._random_bytes(_RANDOM_BYTES))
        verifier = Secret(new_secret(self._random_bytes(_RANDOM_BYTES)))
        expires_at = await repository.insert_attempt(
            session,
            NewAttempt(
                id=attempt_id,
                platform=wish.platform,
                app=app,
                family=adapter.family,
                state_hash=hash_secret(state),
                verifier=self._vault.seal_text(verifier, table=LINK_ATTEMPTS, column=VERIFIER, row_id=attempt_id),
                return_to=return_to,
                capabilities=capabilities,
                scopes=scopes,
                kinds=wish.kinds,
                connection_id=wish.connection_id,
            ),
            life=self._life,
        )
        url = adapter.authorization_url(
            AuthorizationRequest(
                redirect_uri=self._callback_url(wish.platform),
                state=state,
                code_verifier=verifier.reveal(),
                scopes=scopes,
                asks_again=known is not None,
            )
        )
        return Begun(authorization_url=url, expires_at=expires_at)

    @staticmethod
    async def _connection_of(session: WriteSession, wish: LinkWish) -> Connection | None:
        if wish.connection_id is None:
            return None
        known = await find_connection(session, wish.connection_id)
        if known is None or known.platform != wish.platform:
            raise Invalid("There is no such connection on this platform.", field="body.connection_id")
        return known

    @staticmethod
    async def _ask_for(
        session: WriteSession, wish: LinkWish, known: Connection | None, *, app: str, adapter: OAuthAdapter
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Capabilities and scopes: the wished ones, and on a way back what that grant had been asked for before.

        Else an upgrade would take from the grant's other places what they were linked for. Another app knows other
        scopes: there the capabilities alone are carried over.
        """
        grant = await read_grant(session, known.grant_id) if known is not None else None
        if grant is None:
            return tuple(sorted(wish.capabilities)), adapter.scopes_for(wish.capabilities)
        capabilities = wish.capabilities | {Capability(name) for name in grant.asked_capabilities}
        scopes = adapter.scopes_for(capabilities)
        before = grant.asked_scopes - set(scopes) if grant.app == app else frozenset()
        return tuple(sorted(capabilities)), (*scopes, *sorted(before))

    def _choose_app(self, wish: LinkWish, known: Connection | None) -> tuple[str, OAuthAdapter]:
        """The app whose grants reach such places: a connection comes back through one that reaches its kind."""
        out_of_reach = set(wish.kinds) - self._apps.kinds_at(wish.platform)
        if out_of_reach:
            named = " and ".join(sorted(out_of_reach))
            raise Invalid(f"Nothing on {wish.platform} can be linked as {named} here.", field="body.kinds")
        if known is None:
            chosen = self._apps.choose(wish.platform, wish.kinds)
        else:
            adapter = self._apps.of(known.platform, known.app)
            chosen = (known.app, adapter) if adapter else self._apps.choose(wish.platform, (known.kind,))
        if chosen is None:
            raise Invalid("Places of this kind cannot be linked here any more.", field="body.connection_id")
        return chosen

    async def complete(
        self, session: WriteSession, *, link_code: str, platform_ids: tuple[str, ...] | None
    ) -> Completed:
        """Links the places, or offers them where there are several; raises LinkNotFound, Invalid or Conflict."""
        found = await repository.lock_authorized(session, link_code_hash=hash_secret(link_code))
        if found is None:
            raise LinkNotFound
        adapter = self._apps.of(found.attempt.platform, found.attempt.app)
        if adapter is None:
            raise LinkNotFound
        consent = unpack(self._vault, found)
        choices = to_choices(
            adapter,
            consent.places,
            kinds=found.attempt.kinds,
            wanted=consent.asked_capabilities,
            asked=consent.asked_scopes,
            granted=consent.tokens.scopes,
        )
        reconnects = await self._reconnected_place(session, found.attempt.connection_id)
        try:
            chosen = select_places(choices, named=platform_ids, reconnects=reconnects)
        except WrongAccount:
            raise Conflict(
                "The consent was given with another account than the one to reconnect.",
                action="Sign in at the platform with the account of this connection, and begin again.",
            ) from None
        except UnknownPlace as unknown:
            field = "body.platform_ids" if platform_ids is None else f"body.platform_ids.{unknown.index}"
            raise Invalid(f"This place cannot be linked: {unknown.detail}", field=field) from None
        if chosen is None:
            return Completed(choose=choices)
        connections = await self._attach(session, adapter, consent, chosen)
        await repository.end_linked(session, found.attempt.id)
        return Completed(connections=connections)

    async def _attach(
        self, session: WriteSession, adapter: OAuthAdapter, consent: Consent, chosen: tuple[ChosenPlace, ...]
    ) -> tuple[Connection, ...]:
        return await self._attacher.attach(session, adapter, consent, chosen=[place.platform_id for place in chosen])

    @staticmethod
    async def _reconnected_place(session: WriteSession, connection_id: UUID | None) -> str | None:
        if connection_id is None:
            return None
        known = await find_connection(session, connection_id)
        return known.platform_id if known is not None else None
