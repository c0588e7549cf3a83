"""X for auth-linker: authorization code with PKCE, and refresh tokens that are spent by their use."""

from datetime import timedelta
from typing import Final

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import (
    AppConfig,
    AuthorizationRequest,
    Capability,
    ErrorCode,
    OutcomeUnknown,
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
from social_platforms.answers import Answer, at, flag, ident, lifetime, link, text, token
from social_platforms.calls import Clock, utc_now
from social_platforms.pkce import s256
from social_platforms.x.api import API, PAGES, XApi
from social_platforms.x.errors import oauth_error_of
from social_platforms.x.limits import API_VERSION, FACTS

_TOKEN_LIFE: Final = timedelta(hours=2)
_KEEPS_ALIVE: Final = "offline.access"
_USER_FIELDS: Final = "profile_image_url,public_metrics,verified_type,subscription_type,protected"
# Answers after which the refresh token is certainly still unspent: X turned the request away at the door.
_UNTOUCHED: Final = frozenset({400, 401, 403, 404, 429})


class XOAuth:
    """Consent, tokens and identity at X. An account is the only place a grant reaches."""

    platform = Platform.X
    family = "x"
    revocation_ends_all = False
    place_kinds = frozenset({PlaceKind.ACCOUNT})
    refresh_policy = RefreshPolicy(
        model=TokenModel.ROTATING,
        # Late rather than early: every rotation is a chance to lose the chain.
        before_expiry=timedelta(minutes=15),
        warn_before=timedelta(minutes=5),
        lost_answer_is_fatal=True,
    )

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._app = app
        self._api = XApi(app, http, clock=clock)
        self._clock = clock

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The scopes of those capabilities, and the one that makes a refresh token come."""
        wanted = dict.fromkeys(scope for name in Capability if name in capabilities for scope in FACTS.scopes[name])
        return (*wanted, _KEEPS_ALIVE)

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the granted scopes allow; the merchant may have granted less than was asked."""
        del place
        if scopes is None:
            return frozenset(Capability)
        return frozenset(name for name in Capability if scopes.issuperset(FACTS.scopes[name]))

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """X's consent page."""
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": request.redirect_uri,
            "scope": " ".join(request.scopes),
            "state": request.state,
            "code_challenge": s256(request.code_verifier),
            "code_challenge_method": "S256",
        }
        return self._api.hosts.browser_url(PAGES, "/i/oauth2/authorize", query)

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code, valid for 30 seconds and once, for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier.reveal(),
        }
        answer = await self._token_call(form, creates=False)
        if not answer.is_success:
            raise oauth_error_of(answer, now=self._clock(), refreshing=False)
        tokens = _tokens(answer, kept=None)
        if tokens is None:
            raise self._api.calls.garbled(answer)
        return tokens

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """A new pair; the old refresh token is spent as X answers, so a lost answer is a doubt."""
        if tokens.refresh_token is None:
            raise PlatformError(
                ErrorCode.AUTH_EXPIRED,
                "X gave no means to renew this access.",
                action="Connect the X account again.",
                final=True,
            )
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.reveal()}
        answer = await self._token_call(form, creates=True)
        if answer.status in _UNTOUCHED:
            raise oauth_error_of(answer, now=self._clock(), refreshing=True)
        fresh = _tokens(answer, kept=tokens.refresh_token) if answer.is_success else None
        if fresh is None:
            raise OutcomeUnknown("X's answer to the renewal was lost.", http_status=answer.status)
        return fresh

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """The account that consented."""
        answer = await self._me(tokens.access_token)
        user_id, username = ident(answer.body, "data", "id"), text(answer.body, "data", "username")
        if user_id is None or username is None:
            raise self._api.calls.garbled(answer)
        avatar = link(answer.body, "data", "profile_image_url")
        return PlatformUser(
            platform_user_id=user_id,
            username=username,
            display_name=text(answer.body, "data", "name"),
            avatar_url=avatar.replace("_normal.", ".") if avatar else None,
            facts={
                "username": username,
                "subscription_type": text(answer.body, "data", "subscription_type") or "None",
                "protected": flag(answer.body, "data", "protected") or False,
            },
        )

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """The account itself."""
        del tokens
        return (
            Place(
                platform_id=user.platform_user_id,
                kind=PlaceKind.ACCOUNT,
                name=user.display_name or user.username or user.platform_user_id,
                username=user.username,
                avatar_url=user.avatar_url,
                facts=user.facts,
            ),
        )

    async def probe(self, access_token: Secret) -> None:
        """Asks X who it is: there is no introspection."""
        await self._me(access_token)

    def proof(self, access_token: Secret) -> Secret | None:
        """X wants nothing beside the token."""
        del access_token
        return None

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """The refresh token first, so that nothing can be renewed when the second call fails."""
        ended = Revocation.ALREADY_INVALID
        for secret in (tokens.refresh_token, tokens.access_token):
            if secret is None:
                continue
            form = {"token": secret.reveal(), "client_id": self._app.client_id}
            answer = await self._api.calls.send(
                "POST", self._api.hosts.url(API, f"/{API_VERSION}/oauth2/revoke"), form=form, basic=self._basic()
            )
            if answer.is_success and at(answer.body, "revoked") is not False:
                ended = Revocation.REVOKED
                continue
            error = oauth_error_of(answer, now=self._clock(), refreshing=True)
            if not error.final:
                raise error
        return ended

    def _basic(self) -> tuple[str, Secret]:
        return self._app.client_id, self._app.client_secret

    async def _token_call(self, form: dict[str, str], *, creates: bool) -> Answer:
        # The documents say that a confidential client need not repeat its id in the body; without it X has refused.
        return await self._api.calls.send(
            "POST",
            self._api.hosts.url(API, f"/{API_VERSION}/oauth2/token"),
            creates=creates,
            form=form | {"client_id": self._app.client_id},
            basic=self._basic(),
            time_limit=self.refresh_policy.hard_limit,
        )

    async def _me(self, access_token: Secret) -> Answer:
        return await self._api.call(
            "GET",
            "/users/me",
            endpoint="GET /2/users/me",
            bearer=access_token,
            rates=[],
            params={"user.fields": _USER_FIELDS},
        )


def _tokens(answer: Answer, *, kept: Secret | None) -> TokenSet | None:
    """The tokens of an answer; a refresh token that is not replaced is kept."""
    access = token(answer.body, "access_token")
    if access is None:
        return None
    scope = text(answer.body, "scope")
    return TokenSet(
        access_token=access,
        refresh_token=token(answer.body, "refresh_token") or kept,
        expires_in=lifetime(answer.body, "expires_in") or _TOKEN_LIFE,
        scopes=frozenset(scope.split()) if scope else None,
    )
