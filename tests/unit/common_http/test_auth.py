"""Merchants' tokens: which are believed, and that every other one is a 401 that says so."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from fastapi import APIRouter
from tests.unit.common_http.fakes import (
    ISSUER,
    MERCHANT,
    SECRET,
    FakeClock,
    FakeIssuer,
    a_token,
    an_ec_key,
    an_rsa_key,
    claims,
    jwk_of,
)

from social_common.app import create_app
from social_common.auth import CurrentMerchant, TokenVerifier
from social_common.errors import Forbidden, Unauthenticated
from social_common.http import HttpClient
from social_common.jwks import JwksCache
from social_common.secrets import Secret
from social_common.settings import ServiceSettings

EC_KEY, RSA_KEY, FOREIGN_KEY = an_ec_key(), an_rsa_key(), an_ec_key()


@pytest.fixture
def clock() -> FakeClock:
    """The product's clock."""
    return FakeClock()


@pytest.fixture
async def verifier(clock: FakeClock) -> AsyncIterator[TokenVerifier]:
    """A verifier of a project that signs with keys of a JWKS."""
    issuer = FakeIssuer(jwk_of(EC_KEY, "k1"), jwk_of(RSA_KEY, "r1"))
    async with HttpClient(asgi_app=issuer.app) as http:
        jwks = JwksCache(http, "http://issuer/jwks")
        yield TokenVerifier(jwks=jwks, issuer=ISSUER, hs256_secret=None, clock=clock)


@pytest.fixture
def hs256_verifier(clock: FakeClock) -> TokenVerifier:
    """A verifier of a project that signs with a shared secret."""
    return TokenVerifier(jwks=None, issuer=ISSUER, hs256_secret=Secret(SECRET), clock=clock)


def unsigned(**changes: Any) -> str:
    """A token with `alg: none`."""
    parts = [json.dumps({"alg": "none", "typ": "JWT"}), json.dumps(claims(**changes))]
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def confused(key: Any = EC_KEY) -> str:
    """A token signed by HS256 with the issuer's public key taken for a secret."""
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parts = [json.dumps({"alg": "HS256", "typ": "JWT", "kid": "k1"}), json.dumps(claims())]
    signed = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    tag = hmac.new(pem, signed.encode(), sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


BAD: dict[str, Callable[[], str]] = {
    "alg none": unsigned,
    "public key as HS256 secret": confused,
    "HS256 with some secret": lambda: a_token(SECRET, alg="HS256"),
    "foreign issuer": lambda: a_token(EC_KEY, iss="https://evil.example/auth/v1"),
    "wrong audience": lambda: a_token(EC_KEY, aud="anon"),
    "expired": lambda: a_token(EC_KEY, exp=1),
    "not valid yet": lambda: a_token(EC_KEY, nbf=99999999999),
    "issued in the future": lambda: a_token(EC_KEY, iat=99999999999),
    "no exp": lambda: a_token(EC_KEY, exp=None),
    "no sub": lambda: a_token(EC_KEY, sub=None),
    "no aud": lambda: a_token(EC_KEY, aud=None),
    "no iss": lambda: a_token(EC_KEY, iss=None),
    "sub is no uuid": lambda: a_token(EC_KEY, sub="1; DROP TABLE"),
    "another role": lambda: a_token(EC_KEY, role="service_role"),
    "no role": lambda: a_token(EC_KEY, role=None),
    "another key": lambda: a_token(FOREIGN_KEY),
    "unknown kid": lambda: a_token(EC_KEY, kid="k9"),
    "no kid": lambda: a_token(EC_KEY, kid=None),
    "another key's kid": lambda: a_token(EC_KEY, kid="r1"),
    "no JWT": lambda: "abc",
    "three dots": lambda: "...",
    "endless": lambda: "e" * 20_000,
    "tampered": lambda: a_token(EC_KEY)[:-8] + "AAAAAAAA",
}


class TestJwks:
    @pytest.mark.parametrize(("key", "kid", "alg"), [(EC_KEY, "k1", "ES256"), (RSA_KEY, "r1", "RS256")])
    async def test_good(self, verifier: TokenVerifier, key: Any, kid: str, alg: str) -> None:
        """A token signed with a key of the set speaks for its merchant."""
        merchant = await verifier.verify(a_token(key, kid=kid, alg=alg))

        assert merchant.user_id == MERCHANT

    @pytest.mark.parametrize("kind", BAD)
    async def test_bad(self, verifier: TokenVerifier, kind: str) -> None:
        """Every token that proves nothing is refused as invalid_token."""
        with pytest.raises(Unauthenticated) as caught:
            await verifier.verify(BAD[kind]())

        assert 'error="invalid_token"' in caught.value.headers["WWW-Authenticate"]

    async def test_exp_is_no_number(self, verifier: TokenVerifier) -> None:
        """An expiry that is no number is refused, not compared."""
        with pytest.raises(Unauthenticated):
            await verifier.verify(a_token(EC_KEY, exp="soon"))

    async def test_product_clock(self, verifier: TokenVerifier, clock: FakeClock) -> None:
        """The product's clock decides about expiry, not the machine's."""
        token = a_token(EC_KEY)
        clock.advance(timedelta(hours=2))

        with pytest.raises(Unauthenticated, match="expired"):
            await verifier.verify(token)

    async def test_anonymous(self, verifier: TokenVerifier) -> None:
        """A guest's token is good, but allows nothing here."""
        with pytest.raises(Forbidden):
            await verifier.verify(a_token(EC_KEY, is_anonymous=True))


class TestSecretProject:
    async def test_good(self, hs256_verifier: TokenVerifier) -> None:
        """Where a secret is configured, HS256 is taken."""
        merchant = await hs256_verifier.verify(a_token(SECRET, alg="HS256", kid=None))

        assert merchant.user_id == MERCHANT

    @pytest.mark.parametrize("token", [a_token(EC_KEY), a_token(RSA_KEY, alg="RS256"), unsigned()])
    async def test_nothing_else(self, hs256_verifier: TokenVerifier, token: str) -> None:
        """Where a secret is configured, no other algorithm is taken."""
        with pytest.raises(Unauthenticated):
            await hs256_verifier.verify(token)

    def test_never_both(self, clock: FakeClock) -> None:
        """A verifier with neither keys nor a secret, or with both, cannot be made."""
        with pytest.raises(ValueError, match="never by both"):
            TokenVerifier(jwks=None, issuer=ISSUER, hs256_secret=None, clock=clock)


class TestEndpoint:
    @pytest.fixture
    async def api(self, verifier: TokenVerifier) -> AsyncIterator[HttpClient]:
        """An API with one endpoint that asks for its caller, three times a minute at most."""
        router = APIRouter()

        @router.get("/me")
        async def me(merchant: CurrentMerchant) -> str:
            return str(merchant.user_id)

        app = create_app(ServiceSettings(rate_limit_per_minute=3), title="t", routers=[router])
        app.state.token_verifier = verifier
        async with HttpClient(asgi_app=app) as http:
            yield http

    async def test_signed_in(self, api: HttpClient) -> None:
        """The endpoint gets its caller."""
        answer = await api.request("GET", "http://api/me", bearer=Secret(a_token(EC_KEY)))

        assert (answer.status, answer.json()) == (200, str(MERCHANT))

    async def test_without_token(self, api: HttpClient) -> None:
        """Without a token the challenge has no error, as RFC 6750 wants it."""
        answer = await api.request("GET", "http://api/me")

        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="seftec"'
        assert answer.json()["code"] == "unauthenticated"

    async def test_bad_token(self, api: HttpClient) -> None:
        """A bad token is a problem document with a challenge, and the token is not in it."""
        token = a_token(FOREIGN_KEY)
        answer = await api.request("GET", "http://api/me", bearer=Secret(token))

        assert answer.status == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert token not in answer.text

    async def test_rate_limit_per_merchant(self, api: HttpClient) -> None:
        """One merchant's burst ends in 429 with Retry-After, and does not touch another merchant."""
        mine = Secret(a_token(EC_KEY))
        other = Secret(a_token(EC_KEY, sub="00000000-0000-4000-8000-000000000002"))

        statuses = [(await api.request("GET", "http://api/me", bearer=mine)).status for _ in range(4)]
        refused = await api.request("GET", "http://api/me", bearer=mine)
        others = await api.request("GET", "http://api/me", bearer=other)

        assert statuses == [200, 200, 200, 429]
        assert 1 <= int(refused.headers["Retry-After"]) <= 61
        assert refused.json()["code"] == "rate_limited"
        assert others.status == 200

    async def test_rate_limit_of_guessing(self, api: HttpClient) -> None:
        """Bad tokens are counted per address."""
        bad = Secret(a_token(FOREIGN_KEY))

        statuses = [(await api.request("GET", "http://api/me", bearer=bad)).status for _ in range(4)]

        assert statuses == [401, 401, 401, 429]
