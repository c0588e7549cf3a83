"""What an app asks about its users' tokens, by Basic auth: check, reset, delete; and the open revocation of leaks."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.faults import Operation
from social_sandbox.github import shapes, tokens
from social_sandbox.github.app_options import options_of
from social_sandbox.github.caller import checked_headers
from social_sandbox.github.errors import Refusal, error, invalid, not_found
from social_sandbox.github.pages import API
from social_sandbox.grants import GrantStore, Token
from social_sandbox.model import App
from social_sandbox.platform import Handler, Route, World

MOST_LEAKS = 1000


class Applications:
    """`/applications/{client_id}/…` and `/credentials/revoke`."""

    def __init__(self, world: World, grants: GrantStore) -> None:
        self._world = world
        self._grants = grants

    def routes(self) -> Sequence[Route]:
        """Five endpoints."""
        token, grant = "/applications/{client_id}/token", "/applications/{client_id}/grant"
        return (
            Route("POST", API, token, Operation.IDENTITY, _refusing(self.check)),
            Route("PATCH", API, token, Operation.REFRESH, _refusing(self.reset)),
            Route("DELETE", API, token, Operation.REVOKE, _refusing(self.delete_token)),
            Route("DELETE", API, grant, Operation.REVOKE, _refusing(self.delete_grant)),
            Route("POST", API, "/credentials/revoke", Operation.REVOKE, _refusing(self.revoke_leaked)),
        )

    async def check(self, call: Call) -> Answer:
        """Whether a token lives."""
        app, token = self._named(call)
        return json_answer(self._authorization(call, app, token))

    async def reset(self, call: Call) -> Answer:
        """A new token for a live one."""
        app, token = self._named(call)
        now = self._world.clock.now()
        grant = self._grants.grants[token.grant_id]
        tokens.end_pair(self._grants, token, now)
        expiring = token.expires_at is not None
        issued = tokens.issue(self._grants, grant, options_of(app), scopes=token.scopes, expiring=expiring, now=now)
        return json_answer(self._authorization(call, app, issued.access))

    async def delete_token(self, call: Call) -> Answer:
        """End one token."""
        _, token = self._named(call)
        tokens.end_pair(self._grants, token, self._world.clock.now())
        return Answer(204)

    async def delete_grant(self, call: Call) -> Answer:
        """End everything this user ever granted the app."""
        _, token = self._named(call)
        self._grants.revoke_grant(self._grants.grants[token.grant_id], self._world.clock.now())
        return Answer(204)

    async def revoke_leaked(self, call: Call) -> Answer:
        """End tokens that anybody found; who reports them is not asked, and whether they lived is not told."""
        checked_headers(call)
        body = call.json()
        found = body.get("credentials") if isinstance(body, dict) else None
        if (
            not isinstance(found, list)
            or not 1 <= len(found) <= MOST_LEAKS
            or not all(isinstance(c, str) for c in found)
        ):
            return invalid(errors=[{"resource": "Credentials", "field": "credentials", "code": "invalid"}])
        for value in found:
            token = self._grants.tokens.get(value)
            if token is not None:
                tokens.end_pair(self._grants, token, self._world.clock.now())
        return json_answer({}, 202)

    def _named(self, call: Call) -> tuple[App, Token]:
        checked_headers(call)
        given = call.basic()
        if given is None:
            raise Refusal(error(401, "Requires authentication"))
        app = self._world.store.app("github", given[0])
        if app is None or not hmac.compare_digest(app.client_secret.encode(), given[1].encode()):
            raise Refusal(error(401, "Bad credentials"))
        if app.client_id != call.params["client_id"]:
            raise not_found()
        body = call.json()
        value = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(value, str) or not value:
            missing = {"resource": "OauthAccess", "field": "access_token", "code": "missing_field"}
            raise Refusal(invalid(errors=[missing]))
        token = self._grants.live_token(value, self._world.clock.now(), kind="access")
        if token is None or self._grants.grants[token.grant_id].client_id != app.client_id:
            raise not_found()
        return app, token

    def _authorization(self, call: Call, app: App, token: Token) -> dict[str, Any]:
        grant = self._grants.grants[token.grant_id]
        account = self._world.store.account("github", grant.account_id)
        if account is None:
            raise not_found()
        return {
            "id": int(grant.grant_id),
            "url": call.url(API, f"/authorizations/{grant.grant_id}"),
            "app": {"name": app.name, "url": "https://seftec.store", "client_id": app.client_id},
            "token": token.value,
            "hashed_token": hashlib.sha256(token.value.encode()).hexdigest(),
            "token_last_eight": token.value[-8:],
            "note": None,
            "note_url": None,
            "created_at": shapes.time(token.issued_at),
            "updated_at": shapes.time(token.issued_at),
            "scopes": list(token.scopes),
            "fingerprint": None,
            "expires_at": shapes.time(token.expires_at) if token.expires_at else None,
            "user": shapes.person_json(call, account),
        }


def _refusing(handler: Handler) -> Handler:
    async def answered(call: Call) -> Answer:
        try:
            return await handler(call)
        except Refusal as refusal:
            return refusal.answer
        except MalformedBody:
            return error(400, "Problems parsing JSON")

    return answered
