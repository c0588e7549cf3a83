"""LinkedIn for auth-linker: two apps, one adapter each.

The self-serve app reaches the member's own profile and gives tokens of 60 days that nothing renews. The Community
Management app reaches organisations; it gives a refresh token of a year whose life no refresh extends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

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
from social_platforms.answers import Answer, flag, ident, lifetime, link, text, token
from social_platforms.calls import Clock, utc_now
from social_platforms.linkedin.api import API, SITE, LinkedInApi
from social_platforms.linkedin.errors import RECONNECT, error_of, oauth_error_of
from social_platforms.linkedin.limits import (
    IDENTITY_SCOPES,
    MEASURING_ROLE,
    MEMBER_SCOPES,
    ORGANIZATION_SCOPES,
    POSTING_ROLES,
    REFRESH_LIFE,
)
from social_platforms.linkedin.places import find_member, find_organizations

COMMUNITY_FLAVOUR: Final = "community"
OPENID_SETTING: Final = "LINKEDIN_COMMUNITY_OPENID"
# What an official sample gives as 365 days counted in minutes lies below; a true value does only in its last days.
_SUSPECT_BELOW: Final = timedelta(seconds=1_000_000)
_SETTLING: Final = timedelta(seconds=5)

Sleep = Callable[[float], Awaitable[None]]


class LinkedInOAuth:
    """Consent, tokens, identity and places of one of the two apps; the config's flavour says which it is."""

    platform = Platform.LINKEDIN
    revocation_ends_all = True
    refresh_policy = RefreshPolicy(
        model=TokenModel.KEPT,
        before_expiry=timedelta(days=20),
        warn_before=timedelta(days=10),
    )

    def __init__(
        self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._app = app
        self._api = LinkedInApi(app, http, clock=clock)
        self._clock = clock
        self._sleep = sleep
        self._is_community = app.flavour == COMMUNITY_FLAVOUR
        self._has_openid = not self._is_community or app.extras.get(OPENID_SETTING, "").lower() == "true"
        self._scopes = ORGANIZATION_SCOPES if self._is_community else MEMBER_SCOPES
        # Ids of people differ between apps, and so does what a revocation ends.
        self.family = f"linkedin:{app.flavour or 'share'}"
        self.place_kinds = frozenset({PlaceKind.ORGANIZATION if self._is_community else PlaceKind.MEMBER})

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The scopes of those capabilities that this app can give; one it lacks would fail the whole consent."""
        wanted = list(IDENTITY_SCOPES) if self._has_openid else []
        wanted += [scope for name in Capability if name in capabilities for scope in self._scopes.get(name, ())]
        return tuple(dict.fromkeys(wanted))

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the scopes allow, less what the member's role at that organisation does not."""
        allowed = {name for name, needed in self._scopes.items() if scopes is None or scopes.issuperset(needed)}
        role = place.facts.get("role") if place and self._is_community else None
        if role is not None and role not in POSTING_ROLES:
            allowed.discard(Capability.PUBLISH)
        if role is not None and role != MEASURING_ROLE:
            allowed.discard(Capability.ANALYTICS)
        return frozenset(allowed)

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """LinkedIn's consent page; its normal flow knows no PKCE."""
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": request.redirect_uri,
            "state": request.state,
            "scope": " ".join(request.scopes),
        }
        return self._api.hosts.browser_url(SITE, "/oauth/v2/authorization", query)

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code for tokens."""
        del code_verifier
        form = {"grant_type": "authorization_code", "code": code.reveal(), "redirect_uri": redirect_uri}
        answer = await self._credentialed("/oauth/v2/accessToken", form)
        if not answer.is_success:
            raise oauth_error_of(answer, now=self._clock())
        return self._tokens(answer)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """A younger access token. The refresh token stays as it is, so a lost answer costs nothing."""
        if tokens.refresh_token is None:
            raise PlatformError(
                ErrorCode.AUTH_EXPIRED, "LinkedIn gave no means to renew this access.", action=RECONNECT, final=True
            )
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.reveal()}
        answer = await self._credentialed("/oauth/v2/accessToken", form)
        if not answer.is_success:
            raise oauth_error_of(answer, now=self._clock(), refreshing=True)
        return self._tokens(answer, before=tokens)

    def _tokens(self, answer: Answer, *, before: TokenSet | None = None) -> TokenSet:
        access, refresh = token(answer.body, "access_token"), token(answer.body, "refresh_token")
        life = lifetime(answer.body, "expires_in")
        if access is None or life is None:
            raise self._api.calls.garbled(answer)
        told = lifetime(answer.body, "refresh_token_expires_in")
        ends = told if told is not None and told >= _SUSPECT_BELOW else None
        if ends is None and before is not None and refresh == before.refresh_token:
            # Without a word on its life the same refresh token ends when it was said to at first: none is told anew.
            refresh = None
        scope = text(answer.body, "scope")
        return TokenSet(
            access_token=access,
            refresh_token=refresh,
            expires_in=life,
            refresh_expires_in=(ends or REFRESH_LIFE) if refresh is not None else None,
            scopes=frozenset(scope.replace(",", " ").split()) if scope else None,
        )

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """Who consented: as OpenID tells it, or where the app has no such product, as the roles at Pages do."""
        try:
            return await self._who(tokens.access_token)
        except PlatformError as error:
            if error.code not in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED}:
                raise
        # LinkedIn was seen to refuse tokens in the first seconds of their life.
        await self._sleep(_SETTLING.total_seconds())
        return await self._who(tokens.access_token)

    async def _who(self, bearer: Secret) -> PlatformUser:
        if not self._has_openid:
            member = await find_member(self._api, bearer=bearer)
            return PlatformUser(platform_user_id=member, username=None, facts={"member": member})
        answer = await self._api.calls.send("GET", self._api.hosts.url(API, "/v2/userinfo"), bearer=bearer)
        if not answer.is_success:
            raise error_of(answer, now=self._clock())
        sub, name = ident(answer.body, "sub"), text(answer.body, "name")
        if sub is None:
            raise self._api.calls.garbled(answer)
        member = f"urn:li:person:{sub}"
        return PlatformUser(
            platform_user_id=member,
            username=name,
            display_name=name,
            avatar_url=link(answer.body, "picture"),
            facts={"member": member},
        )

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """The member's own profile, or every organisation the member has a role at."""
        if self._is_community:
            return await find_organizations(self._api, bearer=tokens.access_token, scopes=tokens.scopes)
        return (
            Place(
                platform_id=user.platform_user_id,
                kind=PlaceKind.MEMBER,
                name=user.display_name or user.platform_user_id,
                username=user.username,
                avatar_url=user.avatar_url,
                facts={"kind": PlaceKind.MEMBER.value, "member": user.platform_user_id},
            ),
        )

    async def probe(self, access_token: Secret) -> None:
        """Asks LinkedIn about the token, which spends no quota; a young one that is called revoked is asked twice."""
        status = await self._introspected(access_token)
        if status == "revoked":
            await self._sleep(_SETTLING.total_seconds())
            status = await self._introspected(access_token)
        if status is not None:
            raise PlatformError(
                ErrorCode.AUTH_EXPIRED if status == "expired" else ErrorCode.AUTH_REVOKED,
                "LinkedIn no longer accepts the access of this account.",
                action=RECONNECT,
            )

    async def _introspected(self, access_token: Secret) -> str | None:
        """Why the token does not work, None where it does."""
        answer = await self._credentialed("/oauth/v2/introspectToken", {"token": access_token.reveal()})
        if not answer.is_success:
            raise oauth_error_of(answer, now=self._clock())
        is_active = flag(answer.body, "active")
        if is_active is None:
            raise self._api.calls.garbled(answer)
        return None if is_active else (text(answer.body, "status") or "revoked").lower()

    def proof(self, access_token: Secret) -> Secret | None:
        """LinkedIn wants nothing beside the token."""
        del access_token
        return None

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Takes both tokens back; a token that LinkedIn does not take for one any more is as good as revoked."""
        ended = Revocation.ALREADY_INVALID
        for secret in (tokens.access_token, tokens.refresh_token):
            if secret is None:
                continue
            answer = await self._credentialed("/oauth/v2/revoke", {"token": secret.reveal()})
            if answer.is_success:
                ended = Revocation.REVOKED
            elif not _is_unknown_token(answer):
                raise oauth_error_of(answer, now=self._clock())
        return ended

    async def _credentialed(self, path: str, form: dict[str, str]) -> Answer:
        """A call in the app's own name: its credentials travel in the body."""
        credentials = {"client_id": self._app.client_id, "client_secret": self._app.client_secret.reveal()}
        return await self._api.calls.send(
            "POST",
            self._api.hosts.url(SITE, path),
            form=form | credentials,
            time_limit=self.refresh_policy.hard_limit,
        )


def _is_unknown_token(answer: Answer) -> bool:
    return answer.status == 400 and text(answer.body, "error") in {"invalid_request", "invalid_token", "invalid_grant"}  # noqa: PLR2004
