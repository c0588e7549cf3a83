"""X's OAuth 2.0: authorization code with PKCE, rotating refresh tokens, revocation.

A code lives 30 seconds and works once. Confidential clients show themselves by Basic authentication alone; a secret in
the form is not looked at. A refresh ends the refresh token it was given; what presenting a spent one does is a switch.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from social_sandbox.answers import Answer, json_answer, redirect_answer
from social_sandbox.calls import Call
from social_sandbox.consent import ScopeChoice, UnclearDecision, consent_page, error_page, read_decision
from social_sandbox.faults import Operation
from social_sandbox.grants import Code, Grant, Token, verifier_matches
from social_sandbox.model import App
from social_sandbox.platform import PlatformSimulator, Route
from social_sandbox.x.access import answering
from social_sandbox.x.errors import oauth_error

SCOPES: Mapping[str, str] = {
    "tweet.read": "All the posts you can view",
    "tweet.write": "Post and repost for you",
    "users.read": "Any account you can view",
    "users.email": "Your email address",
    "media.write": "Upload media for you",
    "offline.access": "Stay connected to your account until you revoke access",
    "tweet.moderate.write": "Hide and unhide replies to your posts",
    "follows.read": "People who follow you and who you follow",
    "follows.write": "Follow and unfollow people for you",
    "like.read": "Posts you have liked",
    "like.write": "Like and unlike posts for you",
    "bookmark.read": "Your bookmarked posts",
    "bookmark.write": "Bookmark posts for you",
    "dm.read": "Your direct messages",
    "dm.write": "Send direct messages for you",
}
_LONGEST_STATE = 500
_BAD_CODE = "Value passed for the authorization code was invalid."
_BAD_TOKEN = "Value passed for the token was invalid."  # noqa: S105  (an error text)
_NO_HEADER = "Missing valid authorization header"


class OAuth:
    """The three OAuth endpoints."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    def routes(self) -> list[Route]:
        """The consent page on x.com, tokens and revocation on the API's hosts."""
        page = [
            Route(method, "x.com", "/i/oauth2/authorize", Operation.AUTHORIZE, handler)
            for method, handler in (("GET", self.ask), ("POST", self.decide))
        ]
        return page + [
            route
            for host in ("api.x.com", "api.twitter.com")
            for route in (
                Route("POST", host, "/2/oauth2/token", _token_operation, answering(self.token)),
                Route("POST", host, "/2/oauth2/revoke", Operation.REVOKE, answering(self.revoke)),
            )
        ]

    async def ask(self, call: Call) -> Answer:
        """Show the consent page, or an error that stays with the person."""
        wrong = self._wrong_request(call)
        if wrong is not None:
            return _page_of(wrong)
        app = self._store.app(self._simulator.name, call.query["client_id"])
        return consent_page(
            call,
            platform=self._simulator.label,
            app_name=app.name if app else "",
            accounts=self._store.accounts_of(self._simulator.name),
            scopes=_choices(call),
            redirect_uri=call.query["redirect_uri"],
        )

    async def decide(self, call: Call) -> Answer:
        """Send the browser back with a code, or with the refusal."""
        wrong = self._wrong_request(call)
        if wrong is not None:
            return _page_of(wrong)
        query = call.query
        try:
            decision = read_decision(call, _choices(call))
        except UnclearDecision as error:
            return _page_of(str(error))
        if not decision.approved:
            return redirect_answer(query["redirect_uri"], {"error": "access_denied", "state": query["state"]})
        account = self._store.find_account(self._simulator.name, decision.account)
        if account is None:
            return _page_of("There is no such account.")
        switches = self._simulator.switches
        code = Code(
            value=secrets.token_urlsafe(48),
            client_id=query["client_id"],
            account_id=account.account_id,
            scopes=tuple(scope for scope in decision.scopes if scope not in switches.withheld_scopes),
            redirect_uri=query["redirect_uri"],
            expires_at=self._clock.now() + timedelta(seconds=switches.code_life_s),
            challenge=query["code_challenge"],
            challenge_method=query.get("code_challenge_method", "plain"),
        )
        self._simulator.grants.add_code(code)
        return redirect_answer(query["redirect_uri"], {"state": query["state"], "code": code.value})

    async def token(self, call: Call) -> Answer:
        """Exchange a code, or refresh."""
        form = call.form()
        match _required(form, "grant_type"):
            case "authorization_code":
                return self._exchange(self._client(call, form), form)
            case "refresh_token":
                return self._refresh(self._client(call, form), form)
            case _:
                raise oauth_error("unsupported_grant_type", "Value passed for the grant_type was invalid.")

    async def revoke(self, call: Call) -> Answer:
        """End one token; the grant ends with its last one."""
        form = call.form()
        app = self._client(call, form)
        token = self._simulator.grants.tokens.get(_required(form, "token"))
        grant = self._simulator.grants.grants[token.grant_id] if token else None
        if token is None or grant is None or grant.client_id != app.client_id:
            raise oauth_error("invalid_request", _BAD_TOKEN)
        now = self._clock.now()
        self._simulator.grants.revoke_token(token, now)
        if not any(self._is_live(other, now) for other in self._simulator.grants.tokens_of(grant.grant_id)):
            self._simulator.grants.revoke_grant(grant, now)
        return json_answer({"revoked": True})

    def _wrong_request(self, call: Call) -> str | None:
        query = call.query
        app = self._store.app(self._simulator.name, query.get("client_id"))
        state = query.get("state", "")
        challenge = query.get("code_challenge", "")
        method = query.get("code_challenge_method", "plain")
        checks = (
            (app is not None, "There is no app with this client_id."),
            (app is not None and query.get("redirect_uri") in app.redirect_uris, "The redirect_uri is not registered."),
            (query.get("response_type") == "code", "The response_type must be code."),
            (_is_known_scope(query.get("scope", "")), "The scope is missing or unknown."),
            (0 < len(state) <= _LONGEST_STATE, "The state is missing or longer than 500 characters."),
            (bool(challenge), "The code_challenge is missing."),
            (method in {"S256", "plain"}, "The code_challenge_method must be S256 or plain."),
        )
        return next((text for holds, text in checks if not holds), None)

    def _client(self, call: Call, form: Mapping[str, str]) -> App:
        """Return the calling app; anything wrong with it is the app's fault, not a person's."""
        basic = call.basic()
        if basic is None:
            if form.get("client_id") not in self._simulator.switches.public_clients:
                raise oauth_error("unauthorized_client", _NO_HEADER, status=401)
            app = self._store.app(self._simulator.name, form.get("client_id"))
            if app is None:
                raise oauth_error("invalid_client", "There is no such client.", status=401)
            return app
        client_id, secret = (unquote(part) for part in basic)
        app = self._store.app(self._simulator.name, client_id)
        if app is None or not secrets.compare_digest(app.client_secret.encode(), secret.encode()):
            raise oauth_error("unauthorized_client", _NO_HEADER, status=401)
        if form.get("client_id", client_id) != client_id:
            raise oauth_error("invalid_request", "Value passed for the client id was invalid.")
        return app

    def _exchange(self, app: App, form: Mapping[str, str]) -> Answer:
        value = _required(form, "code")
        redirect_uri = _required(form, "redirect_uri")
        verifier = _required(form, "code_verifier")
        now = self._clock.now()
        code = self._simulator.grants.codes.get(value)
        fits = (
            code is not None
            and code.used_at is None
            and code.expires_at > now
            and code.client_id == app.client_id
            and code.redirect_uri == redirect_uri
            and verifier_matches(verifier, code.challenge or "", code.challenge_method)
        )
        if code is None or not fits:
            raise oauth_error("invalid_request", _BAD_CODE)
        code.used_at = now
        grant = Grant(secrets.token_hex(16), app.client_id, code.account_id, code.scopes, now)
        self._simulator.grants.add_grant(grant)
        return json_answer(self._issue(grant, now))

    def _refresh(self, app: App, form: Mapping[str, str]) -> Answer:
        value = _required(form, "refresh_token")
        grants = self._simulator.grants
        now = self._clock.now()
        switches = self._simulator.switches
        token = grants.tokens.get(value)
        grant = grants.grants[token.grant_id] if token else None
        if grants.live_token(value, now, kind="refresh") is None or grant is None or grant.client_id != app.client_id:
            is_spent = token is not None and token.kind == "refresh" and token.revoked_at is not None
            if grant is not None and is_spent and switches.family_revocation:
                grants.revoke_grant(grant, now)
            raise oauth_error(switches.spent_refresh_error, _BAD_TOKEN)
        if not switches.rotate_refresh:
            return json_answer(self._issue(grant, now, with_refresh=False))
        grants.revoke_token(grants.tokens[value], now)
        return json_answer(self._issue(grant, now))

    def _issue(self, grant: Grant, now: datetime, *, with_refresh: bool = True) -> dict[str, Any]:
        switches = self._simulator.switches
        answer: dict[str, Any] = {"token_type": "bearer", "expires_in": switches.access_life_s}
        answer["access_token"] = self._add(grant, "access", now=now, life_s=switches.access_life_s)
        answer["scope"] = " ".join(grant.scopes)
        if with_refresh and "offline.access" in grant.scopes:
            answer["refresh_token"] = self._add(grant, "refresh", now=now, life_s=switches.refresh_life_s)
        return answer

    def _add(self, grant: Grant, kind: str, *, now: datetime, life_s: int) -> str:
        value = f"{secrets.token_urlsafe(48)}:{int(now.timestamp() * 1000)}:{kind[0]}t:1"
        expires_at = now + timedelta(seconds=life_s)
        token = Token(value, kind, grant.grant_id, grant.scopes, issued_at=now, expires_at=expires_at)
        return self._simulator.grants.add_token(token).value

    def _is_live(self, token: Token, now: datetime) -> bool:
        return self._simulator.grants.live_token(token.value, now) is not None


def _token_operation(call: Call) -> Operation:
    return Operation.REFRESH if call.form().get("grant_type") == "refresh_token" else Operation.TOKEN


def _choices(call: Call) -> list[ScopeChoice]:
    """All or nothing: X lets nobody untick a scope."""
    asked = dict.fromkeys(call.query.get("scope", "").split())
    return [ScopeChoice(scope, SCOPES[scope]) for scope in asked]


def _is_known_scope(scope: str) -> bool:
    return bool(scope.split()) and all(name in SCOPES for name in scope.split())


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise oauth_error("invalid_request", f"Missing required parameter [{name}].")
    return form[name]


def _page_of(detail: str) -> Answer:
    return error_page(platform="X", title="Something went wrong", detail=detail)
