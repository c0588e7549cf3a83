"""`/oauth/access_token` and `/debug_token`: codes for short tokens, short for long ones, and what a token is."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.facebook.access import answering, check_proof, token_in
from social_sandbox.facebook.errors import invalid_parameter, unreadable_token
from social_sandbox.facebook.limits import Limits
from social_sandbox.facebook.tokens import LONG, PAGE, SHORT, Tokens
from social_sandbox.faults import Operation
from social_sandbox.grants import Code, Token, verifier_matches
from social_sandbox.meta.errors import GraphError, graph_error
from social_sandbox.meta.params import read_params, text_of
from social_sandbox.model import App
from social_sandbox.platform import PlatformSimulator, Route

HOST = "graph.facebook.com"
_EXPIRED, _OTHER_REDIRECT, _USED = 36007, 36008, 36009


class TokenEndpoint:
    """Where an app's server gets its tokens."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._tokens = Tokens(simulator)
        self._limits = Limits(simulator)

    def routes(self) -> list[Route]:
        """The endpoints that look at secrets themselves."""
        exchange = answering(self._simulator, self.exchange)
        inspect = answering(self._simulator, self.inspect)
        return [
            Route("GET", HOST, "/{version}/oauth/access_token", Operation.TOKEN, exchange),
            Route("POST", HOST, "/{version}/oauth/access_token", Operation.TOKEN, exchange),
            Route("GET", HOST, "/{version}/debug_token", Operation.IDENTITY, inspect),
            Route("GET", HOST, "/{version}/debug_token/", Operation.IDENTITY, inspect),
        ]

    async def exchange(self, call: Call) -> Answer:
        """Give a token for a code, or a long one for a short one."""
        params = await read_params(call)
        app = self._app(params)
        grant_type = text_of(params, "grant_type", "authorization_code")
        if grant_type == "fb_exchange_token":
            token = self._lengthened(app, params)
        elif grant_type == "authorization_code":
            token = self._redeemed(app, params)
        else:
            raise invalid_parameter(f"Unsupported grant_type: {grant_type}")
        body: dict[str, Any] = {"access_token": token.value, "token_type": "bearer"}
        if not self._simulator.switches.expires_in_missing and token.expires_at is not None:
            body["expires_in"] = int((token.expires_at - self._simulator.world.clock.now()).total_seconds())
        return json_answer(body)

    async def inspect(self, call: Call) -> Answer:
        """Tell what a token is, to its app or to a person who uses it."""
        params = await read_params(call)
        now = self._simulator.world.clock.now()
        value = token_in(call, params)
        client_id, account_id = self._inspector(value)
        check_proof(self._simulator, params, client_id, value or "")
        headers = self._limits.count_person(client_id, account_id, now, page=None)
        asked = text_of(params, "input_token")
        if not asked:
            raise invalid_parameter("The parameter input_token is required.")
        token = self._simulator.grants.tokens.get(asked)
        if token is None:
            error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
            return json_answer({"data": {"error": error, "is_valid": False, "scopes": []}}, headers=headers)
        if self._simulator.grants.grants[token.grant_id].client_id != client_id:
            raise invalid_parameter("The App_id in the input_token did not match the Viewing App")
        return json_answer({"data": self._tokens.described(token, now)}, headers=headers)

    def _inspector(self, value: str | None) -> tuple[str, str | None]:
        client_id, bar, secret = (value or "").partition("|")
        app = self._store.app(self._simulator.name, client_id)
        if bar and app is not None and _is_same(secret, app.client_secret):
            return client_id, None
        if bar:
            raise unreadable_token()
        _, grant = self._tokens.alive(value, self._simulator.world.clock.now())
        return grant.client_id, grant.account_id

    def _app(self, params: Mapping[str, Any]) -> App:
        for name in ("client_id", "client_secret"):
            if not text_of(params, name):
                raise graph_error(101, f"Missing {name} parameter.")
        app = self._store.app(self._simulator.name, text_of(params, "client_id"))
        if app is None:
            raise graph_error(101, "Error validating application. Cannot get application info due to a system error.")
        if not _is_same(text_of(params, "client_secret"), app.client_secret):
            raise graph_error(1, "Error validating client secret.")
        return app

    def _redeemed(self, app: App, params: Mapping[str, Any]) -> Token:
        if not text_of(params, "redirect_uri"):
            raise graph_error(191, "Missing redirect_uri parameter.")
        code = self._simulator.grants.codes.get(text_of(params, "code"))
        if code is None or code.client_id != app.client_id:
            raise graph_error(100, "Invalid verification code format.")
        now = self._simulator.world.clock.now()
        if code.used_at is not None:
            raise _bad_code("This authorization code has been used.", _USED)
        if code.expires_at <= now:
            raise _bad_code("This authorization code has expired.", _EXPIRED)
        if text_of(params, "redirect_uri") != code.redirect_uri:
            raise _bad_code(
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you"
                " used in the OAuth dialog request",
                _OTHER_REDIRECT,
            )
        if code.challenge and not verifier_matches(text_of(params, "code_verifier"), code.challenge, "S256"):
            raise graph_error(100, "Invalid code_verifier parameter.")
        code.used_at = now
        return self._short(code)

    def _short(self, code: Code) -> Token:
        now = self._simulator.world.clock.now()
        grant = self._simulator.grants.grants[code.details["grant_id"]]
        if grant.revoked_at is not None:
            raise graph_error(100, "Invalid verification code format.")
        expires_at = now + timedelta(seconds=self._simulator.switches.short_life_s)
        return self._tokens.of_person(grant, kind=SHORT, now=now, expires_at=expires_at)

    def _lengthened(self, app: App, params: Mapping[str, Any]) -> Token:
        """A long token begins its sixty days once; exchanged again it keeps its end."""
        value = text_of(params, "fb_exchange_token")
        if not value:
            raise invalid_parameter("The parameter fb_exchange_token is required.")
        now = self._simulator.world.clock.now()
        token, grant = self._tokens.alive(value, now)
        if grant.client_id != app.client_id or token.kind == PAGE:
            raise unreadable_token()
        expires_at = now + timedelta(seconds=self._simulator.switches.long_life_s)
        if token.kind == LONG and token.expires_at is not None:
            expires_at = token.expires_at
        return self._tokens.of_person(grant, kind=LONG, now=now, expires_at=expires_at)


def _bad_code(message: str, subcode: int) -> GraphError:
    return graph_error(100, message, subcode=subcode)


def _is_same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())
