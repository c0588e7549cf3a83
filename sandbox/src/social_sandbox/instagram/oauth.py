"""Business Login for Instagram: code, short token, long token, renewal by exchange. There is no revocation.

The token endpoint answers errors in a flat shape of its own; the exchange and the renewal answer in the Graph shape.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer, redirect_answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.consent import ScopeChoice, UnclearDecision, consent_page, error_page, read_decision
from social_sandbox.faults import Operation
from social_sandbox.grants import Code, Grant, Token
from social_sandbox.instagram.access import BASIC, answering, live_grant
from social_sandbox.instagram.errors import graph_error, missing_permission, token_error, unsupported_method
from social_sandbox.model import App
from social_sandbox.platform import PlatformSimulator, Route

SCOPES: Mapping[str, str] = {
    BASIC: "View profile and media",
    "instagram_business_content_publish": "Publish content",
    "instagram_business_manage_insights": "View insights",
    "instagram_business_manage_comments": "Manage comments",
    "instagram_business_manage_messages": "Manage messages",
}
_MUTUALLY_EXCLUSIVE = "Business and user permissions are mutually exclusive"
_BAD_CODE = "Matching code was not found or was already used"
_TOO_YOUNG = "The access token must be at least 24 hours old to be refreshed."


class OAuth:
    """The consent page and the three token endpoints."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    def routes(self) -> list[Route]:
        """The consent page stands on two hosts; the token endpoints have no version in their path."""
        pages = [
            Route(method, host, "/oauth/authorize", Operation.AUTHORIZE, handler)
            for host in ("www.instagram.com", "api.instagram.com")
            for method, handler in (("GET", self.ask), ("POST", self.decide))
        ]
        graph = "graph.instagram.com"
        return [
            *pages,
            Route("POST", "api.instagram.com", "/oauth/access_token", Operation.TOKEN, answering(self.exchange_code)),
            Route("GET", graph, "/access_token", Operation.TOKEN, answering(self.exchange_short)),
            Route("GET", graph, "/refresh_access_token", Operation.REFRESH, answering(self.refresh)),
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
        """Send the browser back with a code and the trailing `#_`, or with the refusal."""
        wrong = self._wrong_request(call)
        if wrong is not None:
            return _page_of(wrong)
        query = call.query
        try:
            decision = read_decision(call, _choices(call))
        except UnclearDecision as error:
            return _page_of(str(error))
        if not decision.approved:
            refusal = {
                "error": "access_denied",
                "error_reason": "user_denied",
                "error_description": "The user denied your request",
            }
            return redirect_answer(query["redirect_uri"], {**refusal, "state": query.get("state")})
        account = self._store.find_account(self._simulator.name, decision.account)
        if account is None:
            return _page_of("There is no such account.")
        code = Code(
            value="AQ" + secrets.token_urlsafe(96),
            client_id=query["client_id"],
            account_id=account.account_id,
            scopes=decision.scopes,
            redirect_uri=query["redirect_uri"],
            expires_at=self._clock.now() + timedelta(seconds=self._simulator.switches.code_life_s),
        )
        self._simulator.grants.add_code(code)
        parameters = {"code": code.value, "state": query.get("state")}
        return redirect_answer(query["redirect_uri"], parameters, fragment="_")

    async def exchange_code(self, call: Call) -> Answer:
        """Give a short token for a code."""
        form = await _form(call)
        app = self._app(form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "authorization_code":
            raise token_error("Invalid grant_type: authorization_code is required")
        now = self._clock.now()
        code = self._simulator.grants.codes.get(form.get("code", ""))
        if code is None or code.used_at is not None or code.expires_at <= now or code.client_id != app.client_id:
            raise token_error(_BAD_CODE)
        if form.get("redirect_uri") != code.redirect_uri:
            raise token_error("Invalid redirect_uri")
        code.used_at = now
        grant = Grant(secrets.token_hex(16), app.client_id, code.account_id, code.scopes, now)
        self._simulator.grants.add_grant(grant)
        value = self._add(grant, "short", now=now, life_s=self._simulator.switches.short_life_s)
        return json_answer(self._token_answer(grant, value))

    async def exchange_short(self, call: Call) -> Answer:
        """Give a long token for a living short one."""
        query = call.query
        self._refuse_unapproved()
        _need(query, grant_type="ig_exchange_token")
        now = self._clock.now()
        grant = live_grant(self._simulator, query.get("access_token"), now)
        app = self._store.app(self._simulator.name, grant.client_id)
        if app is None or not _is_same(query.get("client_secret", ""), app.client_secret):
            raise graph_error(101, "Error validating client secret.", kind="OAuthException")
        if self._simulator.grants.tokens[query["access_token"]].kind != "short":
            raise graph_error(
                452, "Session key invalid. This could be because the session key has an incorrect format."
            )
        return json_answer(self._long_answer(grant, now))

    async def refresh(self, call: Call) -> Answer:
        """Give a new long token for a living one that is a day old; no secret is asked for."""
        query = call.query
        self._refuse_unapproved()
        _need(query, grant_type="ig_refresh_token")
        now = self._clock.now()
        grant = live_grant(self._simulator, query.get("access_token"), now)
        token = self._simulator.grants.tokens[query["access_token"]]
        switches = self._simulator.switches
        if BASIC not in grant.scopes:
            raise missing_permission(BASIC)
        if token.kind != "long" or now - token.issued_at < timedelta(seconds=switches.refresh_after_s):
            raise graph_error(100, _TOO_YOUNG)
        if switches.refresh_ends_old:
            self._simulator.grants.revoke_token(token, now)
        return json_answer({**self._long_answer(grant, now), "permissions": ",".join(grant.scopes)})

    def _wrong_request(self, call: Call) -> str | None:
        query = call.query
        app = self._store.app(self._simulator.name, query.get("client_id"))
        scopes = _asked_scopes(call)
        if app is None:
            return "Invalid platform app"
        if query.get("redirect_uri") not in app.redirect_uris:
            return "Invalid redirect_uri"
        if query.get("response_type") != "code":
            return "The response_type must be code."
        if any(scope not in SCOPES for scope in scopes):
            return _MUTUALLY_EXCLUSIVE
        return None if BASIC in scopes else f"The scope {BASIC} is required."

    def _app(self, client_id: str | None, secret: str | None) -> App:
        app = self._store.app(self._simulator.name, client_id)
        if app is None:
            raise token_error("Invalid platform app")
        if not _is_same(secret or "", app.client_secret):
            raise token_error("Error validating client secret.")
        return app

    def _refuse_unapproved(self) -> None:
        if self._simulator.switches.unapproved:
            raise unsupported_method("get")

    def _token_answer(self, grant: Grant, value: str) -> dict[str, Any]:
        account = self._store.account(self._simulator.name, grant.account_id)
        ig_id = account.places[0].platform_id if account else ""
        if self._simulator.switches.token_answer == "wrapped":  # noqa: S105
            entry = {"access_token": value, "user_id": ig_id, "permissions": ",".join(grant.scopes)}
            return {"data": [entry]}
        return {"access_token": value, "user_id": int(ig_id), "permissions": list(grant.scopes)}

    def _long_answer(self, grant: Grant, now: datetime) -> dict[str, Any]:
        life_s = self._simulator.switches.long_life_s
        value = self._add(grant, "long", now=now, life_s=life_s)
        return {"access_token": value, "token_type": "bearer", "expires_in": life_s}

    def _add(self, grant: Grant, kind: str, *, now: datetime, life_s: int) -> str:
        value = "IGAA" + re.sub(r"[-_]", "Z", secrets.token_urlsafe(120))
        expires_at = now + timedelta(seconds=life_s)
        token = Token(value, kind, grant.grant_id, grant.scopes, issued_at=now, expires_at=expires_at)
        return self._simulator.grants.add_token(token).value


async def _form(call: Call) -> dict[str, str]:
    """The token endpoint takes a form, urlencoded or multipart."""
    if call.media_type != "multipart/form-data":
        return call.form()
    try:
        fields, _ = await call.multipart()
    except MalformedBody:
        return {}
    return fields


def _asked_scopes(call: Call) -> list[str]:
    return list(dict.fromkeys(scope for scope in re.split(r"[,\s]+", call.query.get("scope", "")) if scope))


def _choices(call: Call) -> list[ScopeChoice]:
    """A person may untick anything but the basic permission."""
    return [ScopeChoice(scope, SCOPES[scope], optional=scope != BASIC) for scope in _asked_scopes(call)]


def _need(query: Mapping[str, str], *, grant_type: str) -> None:
    if query.get("grant_type") != grant_type:
        raise graph_error(100, "(#100) Param grant_type must be one of {'ig_exchange_token', 'ig_refresh_token'}")


def _is_same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())


def _page_of(detail: str) -> Answer:
    return error_page(platform="Instagram", title="Sorry, this page isn't available", detail=detail)
