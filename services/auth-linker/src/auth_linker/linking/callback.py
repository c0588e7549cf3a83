"""The platform sends the browser back: the state is used up, the code becomes tokens, nothing is linked yet.

Whose browser this is nobody knows: it may have been lured here. So the tokens only wait under a code that goes to the
merchant's page, and only the merchant who began can turn it into connections.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from auth_linker.checkpoints import Linking
from auth_linker.erasures.service import (
    ErasureReason,
    LeaseHeld,
    Owed,
    PlatformUserLeases,
    UserLease,
    erase_fresh,
)
from auth_linker.grants.service import LINK_ATTEMPTS, Vault, to_pair
from auth_linker.linking import repository
from auth_linker.linking.domain import ReturnStatus, build_return_url, hash_secret, new_secret
from auth_linker.linking.keeping import pack
from auth_linker.linking.repository import Attempt
from auth_linker.linking.service import VERIFIER
from auth_linker.tokens.service import is_stand_in
from social_common.checkpoints import crossing
from social_common.db import Database
from social_common.logging import get_logger
from social_common.metrics import counter
from social_common.secrets import Secret
from social_platforms._core import ErrorCode, OAuthAdapter, Place, PlatformError, PlatformUser, TokenSet
from social_platforms.registry import OAuthApps

_PATIENCE: Final = timedelta(seconds=10)
_RANDOM_BYTES: Final = 32
_DENIALS: Final = frozenset({"access_denied", "user_denied", "user_cancelled_login", "user_cancelled_authorize"})
_PASSING: Final = frozenset({"server_error", "temporarily_unavailable"})

_log = get_logger()
_callbacks = counter("auth_linker_callbacks_total", "Returns from platforms by how they ended", ("platform", "status"))


class StateRefused(Exception):
    """The state is forged, used, expired or of another platform: there is no page to trust."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What the platform put into the browser's address."""

    platform: str
    state: str = field(repr=False)
    code: Secret | None
    error: str | None


@dataclass(frozen=True, slots=True)
class _Exchanged:
    tokens: TokenSet
    user: PlatformUser
    obtained_at: datetime
    began: datetime


class CallbackHandler:
    """Takes a returning browser to where the merchant began. No transaction is open while a platform is asked."""

    def __init__(
        self,
        database: Database,
        *,
        apps: OAuthApps,
        vault: Vault,
        leases: PlatformUserLeases,
        callback_url: Callable[[str], str],
        life: timedelta,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._leases = leases
        self._callback_url = callback_url
        self._life = life
        self._random_bytes = random_bytes

    async def handle(self, returned: Returned) -> str:
        """The address the browser goes to; raises StateRefused."""
        if not returned.state:
            raise StateRefused
        attempt = await self._take(returned)
        adapter = self._apps.of(attempt.platform, attempt.app)
        if adapter is None:
            return await self._end(attempt, ReturnStatus.FAILED, error=ErrorCode.APP_MISCONFIGURED)
        if returned.error is not None or returned.code is None:
            return await self._refuse(attempt, returned.error)
        try:
            link_code = await self._authorize(attempt, adapter, returned.code)
        except PlatformError as error:
            _log.warning("link_failed", platform=returned.platform, error=error.code)
            return await self._end(attempt, ReturnStatus.FAILED, error=error.code)
        _callbacks.labels(returned.platform, ReturnStatus.AUTHORIZED).inc()
        return build_return_url(attempt.return_to, ReturnStatus.AUTHORIZED, link_code=link_code)

    async def _take(self, returned: Returned) -> Attempt:
        async with self._database.system() as session:
            taken = await repository.take_state(
                session, state_hash=hash_secret(returned.state), platform=returned.platform
            )
        if taken is None:
            raise StateRefused
        attempt_id, user_id = taken
        async with self._database.read(user_id) as reading:
            attempt = await repository.read_attempt(reading, attempt_id)
        if attempt is None:
            raise StateRefused
        return attempt

    async def _refuse(self, attempt: Attempt, error: str | None) -> str:
        if error in _DENIALS:
            return await self._end(attempt, ReturnStatus.DENIED)
        if error is None:
            return await self._end(attempt, ReturnStatus.FAILED, error="invalid_request")
        code = ErrorCode.PLATFORM_DOWN if error in _PASSING else ErrorCode.APP_MISCONFIGURED
        _log.warning("consent_refused", platform=attempt.platform, error=code)
        return await self._end(attempt, ReturnStatus.FAILED, error=code)

    async def _end(self, attempt: Attempt, status: ReturnStatus, *, error: str | None = None) -> str:
        async with self._database.write(attempt.user_id) as session:
            await repository.delete_attempt(session, attempt.id)
        _callbacks.labels(attempt.platform, status).inc()
        return build_return_url(attempt.return_to, status, error=error)

    async def _authorize(self, attempt: Attempt, adapter: OAuthAdapter, code: Secret) -> str:
        """The link code under which the tokens wait; raises PlatformError."""
        exchanged = await self._exchange(attempt, adapter, code)
        try:
            places = await _find_places(adapter, exchanged, attempt)
            async with self._leases.hold(adapter.family, exchanged.user.person, patience=_PATIENCE) as lease:
                await self._check_alive(adapter, exchanged, lease)
                return await self._keep(attempt, exchanged, places)
        except LeaseHeld:
            await self._give_back(attempt, adapter, exchanged.tokens, exchanged.user)
            raise PlatformError(ErrorCode.PLATFORM_DOWN, "this account is busy just now", retryable=True) from None
        except PlatformError:
            await self._give_back(attempt, adapter, exchanged.tokens, exchanged.user)
            raise

    async def _exchange(self, attempt: Attempt, adapter: OAuthAdapter, code: Secret) -> _Exchanged:
        if attempt.verifier is None:
            raise PlatformError(ErrorCode.APP_MISCONFIGURED, "the attempt has no verifier")
        verifier = self._vault.open_text(attempt.verifier, table=LINK_ATTEMPTS, column=VERIFIER, row_id=attempt.id)
        began = await self._leases.real_now()
        async with self._database.read(None) as session:
            now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
        with crossing(Linking.EXCHANGE, attempt.platform):
            tokens = await adapter.exchange(
                code=code, redirect_uri=self._callback_url(attempt.platform), code_verifier=verifier
            )
        try:
            user = await adapter.identity(tokens)
        except PlatformError:
            # Nobody knows whose they are. Where revoking could cost a stranger more than them, they just expire.
            if not adapter.revocation_ends_all:
                await self._give_back(attempt, adapter, tokens, PlatformUser(f"unknown-{attempt.id}", None))
            raise
        return _Exchanged(tokens=tokens, user=user, obtained_at=now, began=began)

    async def _check_alive(self, adapter: OAuthAdapter, exchanged: _Exchanged, lease: UserLease) -> None:
        """A revocation for the same person may have gone out between the exchange and our lease, and killed it."""
        revoked = await self._leases.was_revoked_since(adapter.family, exchanged.user.person, since=exchanged.began)
        if lease.waited or revoked:
            await adapter.probe(exchanged.tokens.access_token)

    async def _keep(self, attempt: Attempt, exchanged: _Exchanged, places: tuple[Place, ...]) -> str:
        link_code = new_secret(self._random_bytes(_RANDOM_BYTES))
        found = pack(
            self._vault,
            attempt,
            tokens=exchanged.tokens,
            user=exchanged.user,
            places=places,
            obtained_at=exchanged.obtained_at,
        )
        async with self._database.write(attempt.user_id) as session:
            session.marks(Linking.CONSENT, attempt.platform)
            kept = await repository.write_authorized(
                session, attempt.id, found, link_code_hash=hash_secret(link_code), life=self._life
            )
        if not kept:
            raise PlatformError(ErrorCode.AUTH_EXPIRED, "the attempt ended meanwhile")
        return link_code

    async def _give_back(self, attempt: Attempt, adapter: OAuthAdapter, tokens: TokenSet, user: PlatformUser) -> None:
        """Tokens that nobody will use: revoked where no live grant rests on the same person."""
        owed = Owed(
            reason=ErasureReason.UNFINISHED,
            platform=attempt.platform,
            app=attempt.app,
            family=adapter.family,
            platform_user_id=user.platform_user_id,
            person_id=user.person,
        )
        async with self._database.write(attempt.user_id) as session:
            await erase_fresh(session, self._vault, owed, to_pair(tokens))


async def _find_places(adapter: OAuthAdapter, exchanged: _Exchanged, attempt: Attempt) -> tuple[Place, ...]:
    """Everything the consent reaches; where that is no place of the wished kinds, the error says why.

    With all that was asked for granted there is nothing to publish to; else what was refused may be hiding it.
    """
    found = await adapter.places(exchanged.tokens, exchanged.user)
    places = tuple(place for place in found if not is_stand_in(place, exchanged.user))
    if any(not attempt.kinds or place.kind in attempt.kinds for place in places):
        return places
    granted = exchanged.tokens.scopes
    if granted is not None and not set(attempt.scopes) - granted:
        raise PlatformError(ErrorCode.DESTINATION_GONE, "the account has no such place to publish")
    raise PlatformError(ErrorCode.PERMISSION_MISSING, "the consent reaches no place to publish")
