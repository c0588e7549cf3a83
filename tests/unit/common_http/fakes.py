"""Fakes and builders of the tests of the HTTP half of social_common."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import FastAPI, Response

ISSUER = "https://project.example/auth/v1"
MERCHANT = UUID("6f1c2f6e-0a0e-4f6e-9b52-0d5c4c0d7a11")
SECRET = "a-shared-secret-of-more-than-32-bytes"


class FakeClock:
    """A product clock that stands where it is put."""

    def __init__(self, moment: datetime | None = None) -> None:
        self.moment = moment or datetime.now(UTC)

    async def now(self) -> datetime:
        """The moment it was put to."""
        return self.moment

    def advance(self, by: timedelta) -> None:
        """Moves it."""
        self.moment += by


class Monotonic:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Where it stands."""
        return self.now


def an_ec_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key for ES256."""
    return ec.generate_private_key(ec.SECP256R1())


def an_rsa_key() -> rsa.RSAPrivateKey:
    """A fresh key for RS256."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public half as an entry of a JWKS."""
    if isinstance(key, rsa.RSAPrivateKey):
        entry = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return {**entry, "kid": kid, "alg": "RS256", "use": "sig"}
    entry = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**entry, "kid": kid, "alg": "ES256", "use": "sig"}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None leaves that claim out."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": "authenticated",
        "sub": str(MERCHANT),
        "role": "authenticated",
        "iat": now,
        "exp": now + 3600,
        "session_id": str(uuid4()),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def a_token(key: Any, *, kid: str | None = "k1", alg: str = "ES256", **changes: Any) -> str:
    """A signed access token."""
    headers: Mapping[str, Any] = {"kid": kid} if kid else {}
    return jwt.encode(claims(**changes), key, algorithm=alg, headers=dict(headers))


class FakeIssuer:
    """An issuer whose JWKS can change, break and be counted."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.status = 200
        self.asked = 0
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.app = FastAPI()

        @self.app.get("/jwks")
        async def jwks(response: Response) -> dict[str, Any]:
            self.asked += 1
            self.was_asked.set()
            await self.may_answer.wait()
            response.status_code = self.status
            return {"keys": self.keys}
