"""The token endpoint and revocation on oauth2.googleapis.com.

The client shows itself by HTTP Basic or in the form. Refreshing leaves the older access token alone and normally gives
no new refresh token. Revocation ends everything that the person granted the project, on every platform of the family.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.google_identity.claims import id_token
from social_sandbox.google_identity.errors import GoogleError, invalid_grant, oauth_error
from social_sandbox.google_identity.keys import signing_key
from social_sandbox.google_identity.people import BUCKET, person
from social_sandbox.google_identity.projects import Project, find_project
from social_sandbox.google_identity.scopes import OPENID, go_beyond_identity, granted_text
from social_sandbox.grants import Code, Grant, GrantStore, Token, verifier_matches
from social_sandbox.platform import Handler, PlatformSimulator

TESTING_LIFE = timedelta(days=7) - timedelta(seconds=1)
_CODE_FORM = re.compile(r"4/[A-Za-z0-9_-]{20,200}")
_VERIFIER_FORM = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def token_operation(call: Call) -> Operation:
    """A token endpoint that also refreshes."""
    return Operation.REFRESH if call.form().get("grant_type") == "refresh_token" else Operation.TOKEN


def answering(work: Handler) -> Handler:
    """Turn refusals into answers; for handlers that look at credentials themselves."""

    async def handle(call: Call) -> Answer:
        try:
            return await work(call)
        except GoogleError as error:
            return error.answer()

    return handle


def live_refresh(grants: GrantStore, token: Token | None, now: datetime, *, unused_life_s: int) -> bool:
    """Whether a refresh token can still be used."""
    if token is None or grants.live_token(token.value, now, kind="refresh") is None:
        return False
    used_at: datetime = token.details.get("used_at", token.issued_at)
    return now < used_at + timedelta(seconds=unused_life_s)


def end_consents(grants: GrantStore, client_id: str, sub: str, *, now: datetime) -> None:
    """End everything a person granted a project."""
    for number in grants.by_person.get((client_id, sub), ()):
        grants.revoke_grant(grants.grants[number], now)


class TokenEndpoints:
    """`/token` and `/revoke`."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    async def token(self, call: Call) -> Answer:
        """Exchange a code, or refresh."""
        form = call.form()
        repeated = next((name for name, values in call.form_lists().items() if len(values) > 1), None)
        if repeated is not None:
            raise oauth_error("invalid_request", f"OAuth 2 parameters can only have a single value: {repeated}")
        kind = form.get("grant_type", "")
        if kind not in {"authorization_code", "refresh_token"}:
            raise oauth_error("unsupported_grant_type", f"Invalid grant_type: {kind}")
        # Made where it holds up nobody, for the first call of a process.
        await asyncio.to_thread(signing_key, self._store)
        project = self._client(call, form)
        answer = self._exchange(project, form) if kind == "authorization_code" else self._refresh(project, form)
        return json_answer(answer, headers={"cache-control": "no-store", "pragma": "no-cache"})

    async def revoke(self, call: Call) -> Answer:
        """End the whole consent behind a token, and every other the person gave the same project."""
        value = call.form().get("token") or call.query.get("token")
        if not value:
            raise oauth_error("invalid_request", "Missing required parameter: token")
        now = self._clock.now()
        grants = self._simulator.grants
        token = grants.live_token(value, now)
        if token is None:
            raise oauth_error("invalid_token", "Token expired or revoked")
        grant = grants.grants[token.grant_id]
        end_consents(grants, grant.client_id, grant.account_id, now=now)
        return json_answer({})

    def _client(self, call: Call, form: Mapping[str, str]) -> Project:
        """Return the calling project; anything wrong with it is the app's fault, not a person's."""
        basic = call.basic()
        if basic is not None:
            client_id, secret = (unquote(part) for part in basic)
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if not client_id:
            raise oauth_error("invalid_request", "Could not determine client ID from request.")
        project = find_project(self._store, client_id)
        if project is None:
            raise oauth_error("invalid_client", "The OAuth client was not found.", status=401)
        if not secret:
            raise oauth_error("invalid_request", "client_secret is missing.")
        if not project.has_secret(secret):
            raise oauth_error("invalid_client", "Unauthorized", status=401)
        return project

    def _exchange(self, project: Project, form: Mapping[str, str]) -> dict[str, Any]:
        value = _required(form, "code")
        redirect_uri = _required(form, "redirect_uri")
        if _CODE_FORM.fullmatch(value) is None:
            raise invalid_grant("Malformed auth code.")
        now = self._clock.now()
        grants = self._simulator.grants
        code = grants.codes.get(value)
        is_good = code is not None and code.used_at is None and now < code.expires_at
        if code is None or not is_good or code.client_id != project.client_id:
            raise invalid_grant("Bad Request")
        if redirect_uri != code.redirect_uri:
            raise oauth_error("redirect_uri_mismatch", "Bad Request")
        _check_verifier(code, form.get("code_verifier"))
        grant = grants.grants[code.details["grant_id"]]
        if grant.revoked_at is not None or any(end <= now for end in self._ends(grant)):
            raise invalid_grant("Bad Request")
        code.used_at = now
        answer = self._access(grant, now)
        if code.details["offline"]:
            answer |= self._new_refresh(grant, now)
        return answer | self._identity(grant, answer["access_token"], nonce=code.details["nonce"])

    def _refresh(self, project: Project, form: Mapping[str, str]) -> dict[str, Any]:
        value = _required(form, "refresh_token")
        now = self._clock.now()
        grants = self._simulator.grants
        switches = self._simulator.switches
        token = grants.tokens.get(value)
        if token is None or token.kind != "refresh":
            raise invalid_grant("Bad Request")
        grant = grants.grants[token.grant_id]
        if grant.client_id != project.client_id:
            raise oauth_error("unauthorized_client", "Unauthorized", status=401)
        is_restricted = switches.admin_policy and go_beyond_identity(grant.scopes)
        if is_restricted or not live_refresh(grants, token, now, unused_life_s=switches.unused_life_s):
            raise invalid_grant()
        token.details["used_at"] = now
        answer = self._access(grant, now)
        if switches.rotates_refresh:
            answer |= self._new_refresh(grant, now)
        elif token.expires_at is not None:
            answer["refresh_token_expires_in"] = int((token.expires_at - now).total_seconds())
        return answer | self._identity(grant, answer["access_token"], nonce=None)

    def _access(self, grant: Grant, now: datetime) -> dict[str, Any]:
        life = timedelta(seconds=self._simulator.switches.access_life_s)
        expires_at = min([now + life, *self._ends(grant)])
        life_s = int((expires_at - now).total_seconds())
        value = f"ya29.a0A{secrets.token_urlsafe(120)}"
        self._add(grant, value, "access", now=now, expires_at=expires_at)
        scope = granted_text(grant.scopes)
        return {"access_token": value, "expires_in": life_s, "scope": scope, "token_type": "Bearer"}

    def _new_refresh(self, grant: Grant, now: datetime) -> dict[str, Any]:
        """One more refresh token; what exceeds the number a person may have ends, the oldest first, silently."""
        grants, switches = self._simulator.grants, self._simulator.switches
        expires_at = min(self._ends(grant), default=None)
        value = f"1//0{secrets.token_urlsafe(72)}"
        self._add(grant, value, "refresh", now=now, expires_at=expires_at)
        living = self._living(grant, now)
        for token in living[: -switches.live_refresh_tokens]:
            grants.revoke_token(token, now)
        limit = {} if expires_at is None else {"refresh_token_expires_in": int((expires_at - now).total_seconds())}
        return {"refresh_token": value, **limit}

    def _living(self, grant: Grant, now: datetime) -> list[Token]:
        """The refresh tokens that this person has for this client, the oldest first, the newest being this grant's."""
        grants, unused_life_s = self._simulator.grants, self._simulator.switches.unused_life_s
        kept: dict[tuple[str, str], list[str]] = self._store.bucket(BUCKET).setdefault("refresh_tokens", {})
        owner = (grant.client_id, grant.account_id)
        newest = [token.value for token in grants.tokens_of(grant.grant_id) if token.kind == "refresh"]
        found = [grants.tokens[value] for value in dict.fromkeys([*kept.get(owner, ()), *newest])]
        living = [token for token in found if live_refresh(grants, token, now, unused_life_s=unused_life_s)]
        kept[owner] = [token.value for token in living]
        return living

    def _ends(self, grant: Grant) -> list[datetime]:
        """When a consent ends by itself: what the person chose, and what Google gives a project in testing."""
        switches = self._simulator.switches
        lives: list[timedelta] = []
        if switches.access_ends_after_s is not None:
            lives.append(timedelta(seconds=switches.access_ends_after_s))
        if switches.testing and go_beyond_identity(grant.scopes):
            lives.append(TESTING_LIFE)
        return [grant.created_at + life for life in lives]

    def _add(self, grant: Grant, value: str, kind: str, *, now: datetime, expires_at: datetime | None) -> None:
        details = dict(grant.details)
        token = Token(value, kind, grant.grant_id, grant.scopes, issued_at=now, expires_at=expires_at, details=details)
        self._simulator.grants.add_token(token)

    def _identity(self, grant: Grant, access_token: str, *, nonce: str | None) -> dict[str, Any]:
        who = person(self._store, grant.account_id)
        if OPENID not in grant.scopes or who is None:
            return {}
        key = signing_key(self._store)
        return {"id_token": id_token(key, who, grant, now=self._clock.now(), access_token=access_token, nonce=nonce)}


def _check_verifier(code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        if verifier is not None:
            raise invalid_grant("code_verifier or verifier is not needed.")
        return
    if verifier is None:
        raise invalid_grant("Missing code verifier.")
    is_right = _VERIFIER_FORM.fullmatch(verifier) and verifier_matches(verifier, code.challenge, code.challenge_method)
    if not is_right:
        raise invalid_grant("Invalid code verifier.")


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise oauth_error("invalid_request", f"Missing required parameter: {name}")
    return form[name]
