"""Consent, tokens and identity at Google, alike for every platform of its family.

A person's grants to one project are one: a revocation ends them all, whichever platform asked for them. The scopes are
spelled in one way here, whatever spelling an answer chooses.
"""

from datetime import timedelta
from typing import ClassVar, Final

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import (
    AppConfig,
    AuthorizationRequest,
    Capability,
    ErrorCode,
    Place,
    PlatformError,
    PlatformFacts,
    PlatformUser,
    RefreshPolicy,
    Revocation,
    TokenModel,
    TokenSet,
)
from social_platforms.answers import Answer, ident, lifetime, link, text, token
from social_platforms.calls import Clock, utc_now
from social_platforms.google_identity.api import PAGES, TOKENS, USERINFO, GoogleApi
from social_platforms.google_identity.errors import oauth_error_of
from social_platforms.pkce import s256
from social_platforms.statuses import error_by_status

_TOKEN_LIFE: Final = timedelta(hours=1)
_LONG_SPELLINGS: Final = {
    "https://www.googleapis.com/auth/userinfo.email": "email",
    "https://www.googleapis.com/auth/userinfo.profile": "profile",
}


def spelled(scope: str) -> str:
    """The one spelling of a scope: answers name `email` and `profile` by their long forms."""
    return _LONG_SPELLINGS.get(scope, scope)


class GoogleGrants:
    """What is the same for every platform of Google's; a platform adds its scopes and its places."""

    family = "google"
    revocation_ends_all = True
    refresh_policy = RefreshPolicy(
        model=TokenModel.KEPT,
        before_expiry=timedelta(minutes=10),
        warn_before=timedelta(days=2),
    )
    facts: ClassVar[PlatformFacts]
    identity_scopes: ClassVar[tuple[str, ...]]
    api_class: ClassVar[type[GoogleApi]]

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._app = app
        self._api = self.api_class(app, http, clock=clock)
        self._clock = clock

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The scopes of those capabilities, and the ones that tell who consented."""
        wanted = [scope for name in Capability if name in capabilities for scope in self.facts.scopes[name]]
        return tuple(dict.fromkeys((*self.identity_scopes, *wanted)))

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the granted scopes allow; the merchant may have unticked some."""
        del place
        if scopes is None:
            return frozenset(Capability)
        granted = {spelled(scope) for scope in scopes}
        return frozenset(name for name in Capability if granted.issuperset(self.facts.scopes[name]))

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """Google's consent page. Without `offline` and `consent` a returning merchant brings no refresh token.

        Scopes of other grants are never merged in: one consent stays one grant.
        """
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": request.redirect_uri,
            "response_type": "code",
            "scope": " ".join(request.scopes),
            "access_type": "offline",
            "prompt": "consent",
            "state": request.state,
            "code_challenge": s256(request.code_verifier),
            "code_challenge_method": "S256",
        }
        if request.login_hint:
            query["login_hint"] = request.login_hint
        return self._api.hosts.browser_url(PAGES, "/o/oauth2/v2/auth", query)

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code, valid once and for a few minutes, for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier.reveal(),
        }
        return await self._tokens(form, refreshing=False)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """A younger access token. No new refresh token usually means that the old one stays, with the end it has.

        A lost answer costs nothing: the refresh token is not spent by its use.
        """
        if tokens.refresh_token is None:
            raise PlatformError(
                ErrorCode.AUTH_EXPIRED,
                f"{self._api.name} gave no means to renew this access.",
                action=f"Connect the {self._api.name} account again.",
                final=True,
            )
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.reveal()}
        return await self._tokens(form, refreshing=True)

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """Who consented, by the id that never changes; an e-mail address may."""
        answer = await self._userinfo(tokens.access_token)
        sub = ident(answer.body, "sub")
        if sub is None:
            raise self._api.calls.garbled(answer)
        return PlatformUser(
            platform_user_id=sub,
            username=text(answer.body, "email"),
            display_name=text(answer.body, "name"),
            avatar_url=link(answer.body, "picture"),
            facts={"sub": sub},
        )

    async def probe(self, access_token: Secret) -> None:
        """Asks who the token belongs to."""
        await self._userinfo(access_token)

    def proof(self, access_token: Secret) -> Secret | None:
        """Google wants nothing beside the token."""
        del access_token
        return None

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Ends the person's whole grant to the project, whichever of its tokens is named."""
        named = tokens.refresh_token or tokens.access_token
        answer = await self._api.calls.send(
            "POST", self._api.hosts.url(TOKENS, "/revoke"), form={"token": named.reveal()}
        )
        if answer.is_success:
            return Revocation.REVOKED
        if text(answer.body, "error") == "invalid_token":
            return Revocation.ALREADY_INVALID
        raise oauth_error_of(answer, name=self._api.name, now=self._clock(), refreshing=True)

    async def _tokens(self, form: dict[str, str], *, refreshing: bool) -> TokenSet:
        credentials = {"client_id": self._app.client_id, "client_secret": self._app.client_secret.reveal()}
        answer = await self._api.calls.send(
            "POST",
            self._api.hosts.url(TOKENS, "/token"),
            form=form | credentials,
            time_limit=self.refresh_policy.hard_limit,
        )
        if not answer.is_success:
            raise oauth_error_of(answer, name=self._api.name, now=self._clock(), refreshing=refreshing)
        access = token(answer.body, "access_token")
        if access is None:
            raise self._api.calls.garbled(answer)
        scope = text(answer.body, "scope")
        return TokenSet(
            access_token=access,
            refresh_token=token(answer.body, "refresh_token"),
            expires_in=lifetime(answer.body, "expires_in") or _TOKEN_LIFE,
            refresh_expires_in=lifetime(answer.body, "refresh_token_expires_in"),
            scopes=frozenset(spelled(name) for name in scope.split()) if scope else None,
        )

    async def _userinfo(self, access_token: Secret) -> Answer:
        answer = await self._api.answer("GET", USERINFO, "/v1/userinfo", bearer=access_token)
        if not answer.is_success:
            raise error_by_status(answer, name=self._api.name, now=self._clock())
        if not isinstance(answer.body, dict):
            raise self._api.calls.garbled(answer)
        return answer
