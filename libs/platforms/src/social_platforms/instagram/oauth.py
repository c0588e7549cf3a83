"""Instagram for auth-linker: a code, a short token, a long one of 60 days that is exchanged for a younger one.

The two endpoints that exchange long tokens take the old token in the query; there is no other way, so nothing here or
below may log a URL. Nothing at Instagram revokes a token.
"""

from datetime import timedelta
from typing import Any, Final

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
from social_platforms.answers import Answer, at, ident, lifetime, link, text, token
from social_platforms.calls import Clock, utc_now
from social_platforms.instagram.api import GRAPH, PAGES, TOKENS, InstagramApi
from social_platforms.instagram.errors import error_of, exchange_error_of
from social_platforms.instagram.limits import FACTS

_CODE_TAIL: Final = "#_"
_LONG_LIFE: Final = timedelta(days=60)
_EXCHANGE_TRIES: Final = 2
_PROFILE: Final = "id,user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count"
_PROFESSIONAL: Final = frozenset({"business", "media_creator", "creator"})


class InstagramOAuth:
    """Consent, tokens and identity at Instagram. An account is the only place a grant reaches."""

    platform = Platform.INSTAGRAM
    family = "instagram"
    revocation_ends_all = False
    place_kinds = frozenset({PlaceKind.ACCOUNT})
    refresh_policy = RefreshPolicy(
        model=TokenModel.EXCHANGED,
        before_expiry=timedelta(days=20),
        min_age=timedelta(hours=24),
        warn_before=timedelta(days=5),
    )

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._app = app
        self._api = InstagramApi(app, http, clock=clock)
        self._clock = clock

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The scopes of those capabilities."""
        wanted = [scope for name in Capability if name in capabilities for scope in FACTS.scopes[name]]
        return tuple(dict.fromkeys(wanted))

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the granted scopes allow."""
        del place
        if scopes is None:
            return frozenset(Capability)
        return frozenset(name for name in Capability if scopes.issuperset(FACTS.scopes[name]))

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """Instagram's consent page, without PKCE; it asks for credentials so that a second account can be linked."""
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": request.redirect_uri,
            "response_type": "code",
            "scope": ",".join(request.scopes),
            "state": request.state,
            "force_reauth": "true",
            "enable_fb_login": "false",
        }
        return self._api.hosts.browser_url(PAGES, "/oauth/authorize", query)

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code for a short token, and that for one of 60 days."""
        del code_verifier
        form = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret.reveal(),
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code.reveal().removesuffix(_CODE_TAIL),
        }
        answer = await self._api.calls.send("POST", self._api.hosts.url(TOKENS, "/oauth/access_token"), form=form)
        if not answer.is_success:
            raise exchange_error_of(answer, now=self._clock())
        short = _unwrapped(answer.body)
        short_token = token(short, "access_token")
        if short_token is None:
            raise self._api.calls.garbled(answer)
        return await self._lengthened(short_token, scopes=_permissions(short))

    async def _lengthened(self, short: Secret, *, scopes: frozenset[str] | None) -> TokenSet:
        """The code is spent by now, and the short token lives an hour: a passing failure is tried once more at once."""
        for left in reversed(range(_EXCHANGE_TRIES)):
            try:
                return await self._long_token(
                    "/access_token",
                    {"grant_type": "ig_exchange_token", "client_secret": self._app.client_secret.reveal()},
                    old=short,
                    scopes=scopes,
                )
            except PlatformError as error:
                if not (left and error.code is ErrorCode.PLATFORM_DOWN):
                    raise
        raise AssertionError("the last try returns or raises")

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """A younger token for a living one that is at least a day old. A lost answer costs nothing."""
        return await self._long_token(
            "/refresh_access_token", {"grant_type": "ig_refresh_token"}, old=tokens.access_token, scopes=tokens.scopes
        )

    async def _long_token(
        self, path: str, params: dict[str, str], *, old: Secret, scopes: frozenset[str] | None
    ) -> TokenSet:
        answer = await self._api.calls.send(
            "GET",
            self._api.hosts.url(GRAPH, path),
            params=params | {"access_token": old.reveal()},
            time_limit=self.refresh_policy.hard_limit,
        )
        if not answer.is_success:
            error = error_of(answer, now=self._clock())
            error.final = error.code in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED}
            raise error
        body = _unwrapped(answer.body)
        fresh = token(body, "access_token")
        if fresh is None:
            raise self._api.calls.garbled(answer)
        return TokenSet(
            access_token=fresh,
            refresh_token=None,
            expires_in=lifetime(body, "expires_in") or _LONG_LIFE,
            scopes=_permissions(body) or scopes,
        )

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """The account that consented. Its professional id publishes; the app-scoped one comes with Meta's callbacks."""
        answer = await self._me(tokens.access_token, _PROFILE)
        me = _unwrapped(answer.body)
        user_id, username = ident(me, "user_id"), text(me, "username")
        if user_id is None or username is None:
            raise self._api.calls.garbled(answer)
        return PlatformUser(
            platform_user_id=user_id,
            username=username,
            display_name=text(me, "name"),
            avatar_url=link(me, "profile_picture_url"),
            facts={
                "username": username,
                "ig_user_id": user_id,
                "app_scoped_id": ident(me, "id"),
                "account_type": text(me, "account_type"),
            },
        )

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """The account itself, unusable where it is a personal one."""
        del tokens
        account_type = user.facts.get("account_type")
        usable = account_type is None or str(account_type).lower() in _PROFESSIONAL
        return (
            Place(
                platform_id=user.platform_user_id,
                kind=PlaceKind.ACCOUNT,
                name=user.display_name or user.username or user.platform_user_id,
                username=user.username,
                avatar_url=user.avatar_url,
                usable=usable,
                reason=None if usable else "Instagram lets only business and creator accounts publish this way.",
                facts=user.facts,
            ),
        )

    async def probe(self, access_token: Secret) -> None:
        """Asks Instagram who it is: there is no introspection."""
        await self._me(access_token, "user_id")

    def proof(self, access_token: Secret) -> Secret | None:
        """Instagram wants nothing beside the token."""
        del access_token
        return None

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Nothing to call: the merchant removes the app in Instagram's own settings."""
        del tokens
        return Revocation.NOT_SUPPORTED

    async def _me(self, access_token: Secret, fields: str) -> Answer:
        return await self._api.call("GET", "/me", bearer=access_token, rates=[], params={"fields": fields})


def _unwrapped(body: Any) -> Any:
    """The object itself: documented inside a list named data, seen live without it."""
    data = at(body, "data")
    if isinstance(data, dict):
        return data
    inner = at(body, "data", 0)
    return inner if isinstance(inner, dict) else body


def _permissions(body: Any) -> frozenset[str] | None:
    """The granted scopes, documented as one text and seen live as a list."""
    found = at(body, "permissions")
    if isinstance(found, str):
        found = found.split(",")
    if not isinstance(found, list):
        return None
    return frozenset(name.strip() for name in found if isinstance(name, str) and name.strip()) or None
