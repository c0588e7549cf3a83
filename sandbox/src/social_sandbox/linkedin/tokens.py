"""LinkedIn's tokens: exchange, refresh, introspection, revocation; the client shows itself in the body.

Access tokens live 60 days. Refresh tokens are for approved apps, are never rotated, and nothing prolongs their life.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.grants import Grant, Token
from social_sandbox.linkedin.app_options import options_of
from social_sandbox.linkedin.errors import Refusal, not_found, oauth_error, request_id
from social_sandbox.linkedin.oauth import WEB, without_query
from social_sandbox.linkedin.people import PLATFORM, sub_of
from social_sandbox.model import App
from social_sandbox.platform import PlatformSimulator, Route

_BAD_CODE = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
    "Or authorization code expired. Or external member binding exists"
)
_BAD_GRANT = "The provided authorization grant or refresh token is invalid, expired or revoked"


class Tokens:
    """The endpoints that apps call themselves."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    def routes(self) -> list[Route]:
        """Exchange with refresh, introspection, revocation."""
        return [
            Route("POST", WEB, "/oauth/v2/accessToken", _token_operation, _answering(self.token)),
            Route("POST", WEB, "/oauth/v2/introspectToken", Operation.IDENTITY, _answering(self.introspect)),
            Route("POST", WEB, "/oauth/v2/revoke", Operation.REVOKE, _answering(self.revoke)),
        ]

    async def token(self, call: Call) -> Answer:
        """Exchange a code, or refresh."""
        form = _form(call)
        app = self._client(form)
        match _required(form, "grant_type"):
            case "authorization_code":
                return self._exchange(app, form)
            case "refresh_token":
                return self._refresh(app, form)
            case other:
                raise oauth_error("invalid_request", f'The grant_type "{other}" is not supported')

    async def introspect(self, call: Call) -> Answer:
        """Tell how a token is."""
        form = _form(call)
        app = self._client(form, bad_id=400)
        token, grant = self._own(app, _required(form, "token"))
        now = self._clock.now()
        status = "active"
        if token.revoked_at is not None or grant.revoked_at is not None:
            status = "revoked"
        elif token.expires_at is not None and token.expires_at <= now:
            status = "expired"
        told: dict[str, Any] = {
            "active": status == "active",
            "client_id": app.client_id,
            "authorized_at": int(grant.created_at.timestamp()),
            "created_at": int(token.issued_at.timestamp()),
            "status": status,
            "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
            "scope": ",".join(grant.scopes),
            "auth_type": "3L",
        }
        return json_answer(told)

    async def revoke(self, call: Call) -> Answer:
        """End a token with all that was issued on the same consent; the answer is empty."""
        if not self._simulator.switches.has_revoke:
            raise not_found("The resource")
        form = _form(call)
        app = self._client(form)
        _, grant = self._own(app, _required(form, "token"))
        grants = self._simulator.grants
        ended = [grant]
        if self._simulator.switches.revoke_ends_all:
            ended = [grants.grants[number] for number in grants.by_person[app.client_id, grant.account_id]]
        for consent in ended:
            grants.revoke_grant(consent, self._clock.now())
        return Answer(200)

    def _client(self, form: Mapping[str, str], *, bad_id: int = 401) -> App:
        client_id, secret = _required(form, "client_id"), _required(form, "client_secret")
        app = self._store.app(PLATFORM, client_id)
        if app is None:
            raise oauth_error("invalid_client_id", "Client authentication failed", status=bad_id)
        if not secrets.compare_digest(app.client_secret.encode(), secret.encode()):
            raise oauth_error("invalid_client", "Client authentication failed", status=401)
        return app

    def _own(self, app: App, value: str) -> tuple[Token, Grant]:
        token = self._simulator.grants.tokens.get(value)
        grant = self._simulator.grants.grants[token.grant_id] if token else None
        if token is None or grant is None or grant.client_id != app.client_id:
            raise oauth_error("invalid_request", "The token is not one of this application")
        return token, grant

    def _exchange(self, app: App, form: Mapping[str, str]) -> Answer:
        value, redirect_uri = _required(form, "code"), _required(form, "redirect_uri")
        now = self._clock.now()
        code = self._simulator.grants.codes.get(value)
        fits = (
            code is not None
            and code.used_at is None
            and code.expires_at > now
            and code.client_id == app.client_id
            and code.redirect_uri == without_query(redirect_uri)
            and "code_verifier" not in form
        )
        if code is None or not fits:
            raise oauth_error("invalid_request", _BAD_CODE)
        code.used_at = now
        grants = self._simulator.grants
        grant = grants.add_grant(Grant(secrets.token_hex(16), app.client_id, code.account_id, code.scopes, now))
        refresh = None
        if options_of(app).gives_refresh_tokens:
            refresh = self._add(grant, "refresh", self._simulator.switches.refresh_life_s, now)
        answer = self._answer(self._access(grant, now), refresh, now)
        if "openid" in grant.scopes:
            answer["id_token"] = self._id_token(app, grant, now)
        return json_answer(answer)

    def _refresh(self, app: App, form: Mapping[str, str]) -> Answer:
        value = _required(form, "refresh_token")
        now = self._clock.now()
        token = self._simulator.grants.live_token(value, now, kind="refresh")
        grant = self._simulator.grants.grants[token.grant_id] if token else None
        if token is None or grant is None or grant.client_id != app.client_id:
            raise oauth_error("invalid_request", _BAD_GRANT)
        return json_answer(self._answer(self._access(grant, now), token, now))

    def _access(self, grant: Grant, now: datetime) -> Token:
        return self._add(grant, "access", self._simulator.switches.access_life_s, now)

    def _add(self, grant: Grant, kind: str, life_s: int, now: datetime) -> Token:
        value = f"{'AQV' if kind == 'access' else 'AQX'}{secrets.token_urlsafe(240)}"
        expires_at = now + timedelta(seconds=life_s)
        return self._simulator.grants.add_token(Token(value, kind, grant.grant_id, grant.scopes, now, expires_at))

    def _answer(self, access: Token, refresh: Token | None, now: datetime) -> dict[str, Any]:
        answer: dict[str, Any] = {"access_token": access.value, "expires_in": _left(access, now)}
        if refresh is not None:
            left = _left(refresh, now)
            answer["refresh_token"] = refresh.value
            answer["refresh_token_expires_in"] = (
                left // 60 if self._simulator.switches.refresh_life_in_minutes else left
            )
        return {**answer, "scope": ",".join(access.scopes)}

    def _id_token(self, app: App, grant: Grant, now: datetime) -> str:
        account = self._store.account(PLATFORM, grant.account_id)
        claims: dict[str, Any] = {
            "iss": "https://www.linkedin.com",
            "aud": app.client_id,
            "sub": sub_of(grant.account_id, app.client_id),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
        }
        if account is not None and "profile" in grant.scopes:
            claims["name"] = account.display_name
        return jwt.encode(claims, app.client_secret.encode().ljust(32, b"\0"), algorithm="HS256")


def _answering(work: Callable[[Call], Awaitable[Answer]]) -> Callable[[Call], Awaitable[Answer]]:
    async def handle(call: Call) -> Answer:
        try:
            answer = await work(call)
        except Refusal as refusal:
            answer = refusal.answer()
        return answer.plus({"cache-control": "no-cache, no-store", **request_id()})

    return handle


def _left(token: Token, now: datetime) -> int:
    return int((token.expires_at - now).total_seconds()) if token.expires_at else 0


def _token_operation(call: Call) -> Operation:
    return Operation.REFRESH if call.form().get("grant_type") == "refresh_token" else Operation.TOKEN


def _form(call: Call) -> dict[str, str]:
    if call.media_type != "application/x-www-form-urlencoded":
        raise oauth_error("invalid_request", "The content type must be application/x-www-form-urlencoded")
    return call.form()


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise oauth_error("invalid_request", f'A required parameter "{name}" is missing')
    return form[name]
