"""Facebook for auth-linker: a code, a short token, a long one of 60 days, and from that each Page's own token.

A Page's token never expires, so nothing is refreshed. The long token only finds Pages, and ends by itself.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import (
    AppConfig,
    AuthorizationRequest,
    Capability,
    ErrorCode,
    Place,
    PlaceKind,
    Platform,
    PlatformError,
    PlatformUser,
    RefreshPolicy,
    Revocation,
    TokenModel,
    TokenSet,
)
from social_platforms.answers import Answer, ident, lifetime, objects, text, token
from social_platforms.calls import Clock, utc_now
from social_platforms.facebook.api import GRAPH, PAGES, Bearer, FacebookApi, is_refused
from social_platforms.facebook.errors import RECONNECT, exchange_error_of
from social_platforms.facebook.inspection import Inspection, inspect
from social_platforms.facebook.limits import API_VERSION, FACTS
from social_platforms.facebook.places import find_places

_TRIES: Final = 2
_PORTFOLIOS: Final = "business_management"  # without it Pages of a business portfolio are left out of the list
_TASKS: Final[Mapping[Capability, str]] = {Capability.PUBLISH: "CREATE_CONTENT", Capability.ANALYTICS: "ANALYZE"}
_CALL_LIMIT: Final = timedelta(seconds=10)

T = TypeVar("T")


class FacebookOAuth:
    """Consent, tokens, identity and Pages. Whoever revokes ends all Pages that this person ever connected."""

    platform = Platform.FACEBOOK
    family = "facebook"
    revocation_ends_all = True
    place_kinds = frozenset({PlaceKind.PAGE})
    refresh_policy = RefreshPolicy(model=TokenModel.DERIVED, before_expiry=timedelta(0))

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._app = app
        self._api = FacebookApi(app, http, clock=clock)
        self._clock = clock

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The scopes of those capabilities, and the one that shows the Pages of business portfolios."""
        wanted = dict.fromkeys(scope for name in Capability if name in capabilities for scope in FACTS.scopes[name])
        return (*wanted, _PORTFOLIOS)

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the granted scopes allow, as far as the person's tasks on that Page go."""
        tasks = place.facts.get("tasks") if place is not None else None
        return frozenset(
            name
            for name in Capability
            if (scopes is None or scopes.issuperset(FACTS.scopes[name]))
            and (not isinstance(tasks, list) or _TASKS[name] in tasks)
        )

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """Facebook's login dialog, without PKCE; what was refused before is asked for again when coming back."""
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": request.redirect_uri,
            "state": request.state,
            "response_type": "code",
            "scope": ",".join(request.scopes),
        }
        if request.asks_again:
            query["auth_type"] = "rerequest"
        return self._api.hosts.browser_url(PAGES, f"/{API_VERSION}/dialog/oauth", query)

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code for a short token, that for a long one, and what was really granted."""
        del code_verifier
        form = {"redirect_uri": redirect_uri, "code": code.reveal()}
        short, _ = await self._token(form)
        # The code is spent by now: a passing failure of what follows is tried once more at once.
        long, life = await _tried(
            lambda: self._token({"grant_type": "fb_exchange_token", "fb_exchange_token": short.reveal()})
        )
        if life is None:
            life = (await _tried(lambda: self._inspect(long))).expires_in
        scopes = await _tried(lambda: self._granted_scopes(long))
        return TokenSet(access_token=long, refresh_token=None, expires_in=life, scopes=scopes)

    async def _token(self, form: Mapping[str, str]) -> tuple[Secret, timedelta | None]:
        credentials = {"client_id": self._app.client_id, "client_secret": self._app.client_secret.reveal()}
        answer = await self._api.calls.send(
            "POST",
            self._api.hosts.url(GRAPH, f"/{API_VERSION}/oauth/access_token"),
            form={**credentials, **form},
            time_limit=_CALL_LIMIT,
        )
        if is_refused(answer):
            raise exchange_error_of(answer, now=self._clock())
        found = token(answer.body, "access_token")
        if found is None:
            raise self._api.calls.garbled(answer)
        return found, lifetime(answer.body, "expires_in")

    async def _granted_scopes(self, access_token: Secret) -> frozenset[str]:
        answer = await self._read("/me/permissions", access_token, {})
        return frozenset(
            name
            for entry in objects(answer.body, "data")
            if (name := text(entry, "permission")) is not None and text(entry, "status") == "granted"
        )

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """The person who consented, by the id that this app knows and that comes with Meta's callbacks."""
        answer = await self._read("/me", tokens.access_token, {"fields": "id,name"})
        user_id = ident(answer.body, "id")
        if user_id is None:
            raise self._api.calls.garbled(answer)
        return PlatformUser(
            platform_user_id=user_id,
            username=None,
            display_name=text(answer.body, "name"),
        )

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """Every Page of this grant with its own token, those included that lack what publishing needs."""
        return await find_places(
            self._api, self._bearer(tokens.access_token), user=user, inspected=await self._inspect(tokens.access_token)
        )

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Never called: a long token cannot be renewed without the person, and a Page's token needs no renewing."""
        del tokens
        raise PlatformError(
            ErrorCode.AUTH_EXPIRED,
            "Facebook gives no way to renew this access.",
            action=RECONNECT,
            final=True,
        )

    async def probe(self, access_token: Secret) -> None:
        """Asks Facebook who it is, with a person's token or a Page's."""
        try:
            await self._read("/me", access_token, {"fields": "id,name"})
        except PlatformError as error:
            if error.code is ErrorCode.PERMISSION_MISSING:
                # The role on the Page is lost: this token is as dead as a revoked one.
                error.code = ErrorCode.AUTH_REVOKED
            if error.code is ErrorCode.NOT_FOUND:
                # The object that is missing is the token's own Page.
                error.code = ErrorCode.DESTINATION_GONE
            raise

    def proof(self, access_token: Secret) -> Secret:
        """Meta's `appsecret_proof` of that token."""
        key = self._app.client_secret.reveal().encode()
        return Secret(hmac.new(key, access_token.reveal().encode(), hashlib.sha256).hexdigest())

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Removes the app from the person's account, whichever of the grant's tokens is left.

        With nothing but a person's token that has ended by itself Facebook may refuse, although Pages' tokens live.
        """
        inspected = await self._inspect(tokens.access_token)
        if inspected.user_id is None or inspected.is_removed:
            return Revocation.ALREADY_INVALID
        # A token that has ended cannot ask for this, although Pages' tokens made from it may live; the app can.
        bearer = self._bearer(tokens.access_token if inspected.is_valid else self._app_token())
        try:
            await self._api.call("DELETE", f"/{inspected.user_id}/permissions", bearer=bearer)
        except PlatformError as error:
            if error.code not in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED, ErrorCode.NOT_FOUND}:
                raise
            return Revocation.NOT_SUPPORTED if inspected.is_expired else Revocation.ALREADY_INVALID
        return Revocation.REVOKED

    async def _inspect(self, access_token: Secret) -> Inspection:
        return await inspect(self._api, self._bearer(self._app_token()), access_token)

    async def _read(self, path: str, access_token: Secret, params: Mapping[str, str]) -> Answer:
        return await self._api.call("GET", path, bearer=self._bearer(access_token), params=params)

    def _bearer(self, access_token: Secret) -> Bearer:
        return Bearer(access_token, self.proof(access_token), [])

    def _app_token(self) -> Secret:
        return Secret(f"{self._app.client_id}|{self._app.client_secret.reveal()}")


async def _tried(ask: Callable[[], Awaitable[T]]) -> T:
    for left in reversed(range(_TRIES)):
        try:
            return await ask()
        except PlatformError as error:
            if not (left and error.code is ErrorCode.PLATFORM_DOWN):
                raise
    raise AssertionError("the last try returns or raises")
