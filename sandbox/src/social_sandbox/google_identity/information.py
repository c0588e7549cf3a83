"""What the identity tells machines: its configuration, its keys, whose a token is."""

import asyncio
from datetime import timedelta
from typing import Any

import jwt

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.google_identity.claims import ISSUER, person_claims
from social_sandbox.google_identity.errors import GoogleError, oauth_error
from social_sandbox.google_identity.keys import signing_key
from social_sandbox.google_identity.people import email_of, person
from social_sandbox.google_identity.scopes import EMAIL, IDENTITY, granted_text
from social_sandbox.platform import PlatformSimulator

_KEYS_LIFE = timedelta(hours=6)
_HOUR = timedelta(hours=1)


class InformationEndpoints:
    """Discovery, keys, userinfo and tokeninfo."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    async def configuration(self, call: Call) -> Answer:
        """The discovery document; its addresses stay under the sandbox's base, the issuer is Google's name."""
        oauth2 = "oauth2.googleapis.com"
        document = {
            "issuer": ISSUER,
            "authorization_endpoint": call.url("accounts.google.com", "/o/oauth2/v2/auth"),
            "token_endpoint": call.url(oauth2, "/token"),
            "userinfo_endpoint": call.url("openidconnect.googleapis.com", "/v1/userinfo"),
            "revocation_endpoint": call.url(oauth2, "/revoke"),
            "jwks_uri": call.url("www.googleapis.com", "/oauth2/v3/certs"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": [
                *("aud", "email", "email_verified", "exp", "family_name"),
                *("given_name", "iat", "iss", "name", "picture", "sub"),
            ],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
        return json_answer(document, headers={"cache-control": _public(_HOUR)})

    async def keys(self, call: Call) -> Answer:
        """The public keys of id tokens."""
        del call
        key = await asyncio.to_thread(signing_key, self._store)
        return json_answer(key.jwks(), headers={"cache-control": _public(_KEYS_LIFE)})

    async def userinfo(self, call: Call) -> Answer:
        """Who the bearer's person is, as far as the scopes go."""
        grants = self._simulator.grants
        token = grants.live_token(call.bearer(), self._clock.now(), kind="access")
        who = person(self._store, grants.grants[token.grant_id].account_id) if token else None
        if token is None or who is None:
            challenge = {"www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
            body = {"error": "invalid_request", "error_description": "Invalid Credentials"}
            raise GoogleError(401, body, headers=challenge)
        if IDENTITY.isdisjoint(token.scopes):
            raise oauth_error("insufficient_scope", "The token was not granted openid, email or profile.", status=403)
        return json_answer(person_claims(who, token.scopes))

    async def tokeninfo(self, call: Call) -> Answer:
        """What a token is worth; every value is text."""
        given = {**call.query, **call.form()}
        if given.get("id_token"):
            return json_answer(self._of_id_token(given["id_token"]))
        now = self._clock.now()
        grants = self._simulator.grants
        token = grants.live_token(given.get("access_token") or call.bearer(), now, kind="access")
        if token is None or token.expires_at is None:
            raise oauth_error("invalid_token", "Invalid Value")
        grant = grants.grants[token.grant_id]
        who = person(self._store, grant.account_id)
        refreshes = any(other.kind == "refresh" for other in grants.tokens_of(grant.grant_id))
        answer = {
            "azp": grant.client_id,
            "aud": grant.client_id,
            "sub": grant.account_id,
            "scope": granted_text(grant.scopes),
            "exp": str(int(token.expires_at.timestamp())),
            "expires_in": str(int((token.expires_at - now).total_seconds())),
            "access_type": "offline" if refreshes else "online",
        }
        if who is not None and EMAIL in grant.scopes:
            answer |= {"email": email_of(who), "email_verified": "true"}
        return json_answer(answer)

    def _of_id_token(self, value: str) -> dict[str, str]:
        key = signing_key(self._store)
        try:
            options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
            claims = jwt.decode(value, key.private.public_key(), algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError as error:
            raise oauth_error("invalid_token", "Invalid Value") from error
        if claims["exp"] <= self._clock.timestamp():
            raise oauth_error("invalid_token", "Invalid Value")
        texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in claims.items()}
        return {**texts, "alg": "RS256", "kid": key.kid, "typ": "JWT"}


def _public(life: timedelta) -> str:
    return f"public, max-age={int(life.total_seconds())}, must-revalidate"
