"""GitHub for auth-linker: a GitHub App's user tokens, or an OAuth app's that may never expire."""

from datetime import timedelta
from typing import Final
from urllib.parse import quote

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
from social_platforms.answers import Answer, count, ident, lifetime, link, text, token
from social_platforms.calls import Clock, utc_now
from social_platforms.github.api import API, SITE, GitHubApi
from social_platforms.github.errors import RECONNECT, error_of, oauth_error_of
from social_platforms.github.limits import FACTS
from social_platforms.github.places import installed_repositories, own_repositories
from social_platforms.pkce import s256

_OAUTH_APP: Final = "oauth_app"
_KEEPS_ALIVE: Final = "offline_access"
_WRITE: Final = "write"
_GONE: Final = frozenset({404, 422})


class GitHubOAuth:
    """Consent, tokens, identity and repositories at GitHub."""

    platform = Platform.GITHUB
    family = "github"
    revocation_ends_all = True
    place_kinds = frozenset({PlaceKind.REPOSITORY})
    # For tokens that expire. One without expiry comes without a refresh token, and is returned as it is.
    refresh_policy = RefreshPolicy(
        model=TokenModel.ROTATING,
        before_expiry=timedelta(minutes=15),
        warn_before=timedelta(minutes=5),
        lost_answer_is_fatal=True,
    )

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._app = app
        self._api = GitHubApi(app, http, clock=clock)
        self._clock = clock
        self._has_scopes = app.flavour == _OAUTH_APP

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """An OAuth app's scopes; a GitHub App has permissions of its own and asks for none."""
        if not self._has_scopes:
            return ()
        wanted = dict.fromkeys(scope for name in Capability if name in capabilities for scope in FACTS.scopes[name])
        return (*wanted, _KEEPS_ALIVE)

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What scopes (OAuth app) or the installation's permissions (GitHub App) allow at that repository."""
        facts = place.facts if place else {}
        allowed = {Capability.ANALYTICS}
        if scopes is not None and self._has_scopes:
            may_write = "repo" in scopes or ("public_repo" in scopes and not facts.get("private"))
        else:
            permissions = facts.get("permissions")
            may_write = not isinstance(permissions, dict) or _WRITE in {
                permissions.get("discussions"),
                permissions.get("contents"),
            }
        if may_write:
            allowed.add(Capability.PUBLISH)
        return frozenset(allowed)

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """GitHub's consent page, with the choice of account, since the browser may be signed in to another."""
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": request.redirect_uri,
            "state": request.state,
            "code_challenge": s256(request.code_verifier),
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        if self._has_scopes and request.scopes:
            query["scope"] = " ".join(request.scopes)
        if request.login_hint:
            query["login"] = request.login_hint
        return self._api.hosts.browser_url(SITE, "/login/oauth/authorize", query)

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code for a token. Errors come as HTTP 200, so the body is read first."""
        form = {"code": code.reveal(), "redirect_uri": redirect_uri, "code_verifier": code_verifier.reveal()}
        answer = await self._token_call(form, creates=False)
        if text(answer.body, "error") is not None or not answer.is_success:
            raise oauth_error_of(answer, now=self._clock(), refreshing=False)
        tokens = self._tokens(answer)
        if tokens is None:
            raise self._api.calls.garbled(answer)
        return tokens

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """A new pair; both old tokens die as GitHub answers. A token that never expires is returned as it is."""
        if tokens.refresh_token is None:
            if tokens.expires_in is None:
                return tokens
            raise PlatformError(
                ErrorCode.AUTH_EXPIRED, "GitHub gave no means to renew this access.", action=RECONNECT, final=True
            )
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.reveal()}
        answer = await self._token_call(form, creates=True)
        if text(answer.body, "error") is not None or answer.status in {401, 403, 404, 429}:
            raise oauth_error_of(answer, now=self._clock(), refreshing=True)
        fresh = self._tokens(answer) if answer.is_success else None
        if fresh is None:
            raise OutcomeUnknown("GitHub's answer to the renewal was lost.", http_status=answer.status)
        return fresh

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """The user that consented, read after every exchange: the browser may have been signed in as another."""
        answer = await self._user(tokens.access_token)
        number, login = ident(answer.body, "id"), text(answer.body, "login")
        if number is None or login is None:
            raise self._api.calls.garbled(answer)
        return PlatformUser(
            platform_user_id=number,
            username=login,
            display_name=text(answer.body, "name"),
            avatar_url=link(answer.body, "avatar_url"),
            facts={"login": login, "public_repos": count(answer.body, "public_repos")},
        )

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """Every repository this grant reaches, archived and read-only ones as unusable."""
        listing = own_repositories if self._has_scopes else installed_repositories
        return await listing(self._api, bearer=tokens.access_token, user=user)

    async def probe(self, access_token: Secret) -> None:
        """Asks GitHub who it is."""
        await self._user(access_token)

    def proof(self, access_token: Secret) -> Secret | None:
        """GitHub wants nothing beside the token."""
        del access_token
        return None

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Deletes the user's grant, and with it every token of theirs for this app.

        GitHub names the grant by a living access token only, so a dead one is renewed once before.
        """
        ended = await self._delete_grant(tokens.access_token)
        if ended is Revocation.REVOKED or tokens.refresh_token is None:
            return ended
        try:
            fresh = await self.refresh(tokens)
        except PlatformError as error:
            if error.final:
                return Revocation.ALREADY_INVALID
            raise
        return await self._delete_grant(fresh.access_token)

    async def _delete_grant(self, access_token: Secret) -> Revocation:
        answer = await self._api.calls.send(
            "DELETE",
            self._api.hosts.url(API, f"/applications/{quote(self._app.client_id, safe='')}/grant"),
            headers={"Accept": "application/vnd.github+json"},
            json={"access_token": access_token.reveal()},
            basic=(self._app.client_id, self._app.client_secret),
        )
        if answer.is_success:
            return Revocation.REVOKED
        if answer.status in _GONE:
            return Revocation.ALREADY_INVALID
        if answer.status == 401:  # noqa: PLR2004 - our own credentials, not the merchant's
            raise PlatformError(
                ErrorCode.APP_MISCONFIGURED,
                "GitHub does not accept the store's own credentials.",
                http_status=401,
                scope="app",
            )
        raise error_of(answer, now=self._clock())

    async def _token_call(self, form: dict[str, str], *, creates: bool) -> Answer:
        credentials = {"client_id": self._app.client_id, "client_secret": self._app.client_secret.reveal()}
        return await self._api.calls.send(
            "POST",
            self._api.hosts.url(SITE, "/login/oauth/access_token"),
            creates=creates,
            headers={"Accept": "application/json"},
            form=form | credentials,
            time_limit=self.refresh_policy.hard_limit,
        )

    async def _user(self, access_token: Secret) -> Answer:
        return await self._api.call("GET", "/user", bearer=access_token, rates=[])

    def _tokens(self, answer: Answer) -> TokenSet | None:
        access = token(answer.body, "access_token")
        if access is None:
            return None
        scope = text(answer.body, "scope")
        return TokenSet(
            access_token=access,
            refresh_token=token(answer.body, "refresh_token"),
            expires_in=lifetime(answer.body, "expires_in"),
            refresh_expires_in=lifetime(answer.body, "refresh_token_expires_in"),
            scopes=frozenset(scope.replace(",", " ").split()) if scope and self._has_scopes else None,
        )
