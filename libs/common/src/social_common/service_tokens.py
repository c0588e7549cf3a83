"""Tokens that our services show each other: EdDSA JWTs of at most a minute, for one callee.

Their times are real time, not the product's movable clock: they last seconds, and both sides sign and check now.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request

from social_common.errors import Unauthenticated
from social_common.keyfiles import ServiceKey, read_trust
from social_common.secrets import Secret

LONGEST_LIFE: Final = timedelta(seconds=60)
_SKEW_S: Final = 5
_ALGORITHM: Final = "EdDSA"


def sign_service_token(
    key: ServiceKey,
    *,
    iss: str,
    aud: str,
    life: timedelta = timedelta(seconds=30),
    now: Callable[[], float] = time.time,
) -> Secret:
    """A token by which `iss` calls `aud`, once or for that long."""
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise ValueError("a service token lives between a moment and a minute")
    issued = int(now())
    claims = {"iss": iss, "aud": aud, "iat": issued, "exp": issued + int(life.total_seconds()), "jti": str(uuid4())}
    return Secret(jwt.encode(claims, key.load(), algorithm=_ALGORITHM, headers={"kid": key.kid}))


class ServiceTokenVerifier:
    """Tells which service is calling, by the keys of those this one trusts."""

    def __init__(
        self,
        trust: Mapping[str, Mapping[str, Ed25519PublicKey]],
        *,
        audience: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._trust = trust
        self._audience = audience
        self._now = now

    @classmethod
    def load(cls, path: Path, *, audience: str) -> Self:
        """A verifier over a trust file; raises KeyFileError. Reads a file: call it once, at start."""
        return cls(read_trust(path), audience=audience)

    def verify(self, token: str) -> str:
        """The name of the calling service; raises Unauthenticated."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            # The claim only says whose keys to try; the signature then has to agree.
            claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
            claims = self._decode(token, caller=str(claimed), kid=str(kid))
        except jwt.InvalidTokenError:
            raise _refused() from None
        self._check_times(claims)
        return str(claims["iss"])

    def _decode(self, token: str, *, caller: str, kid: str) -> dict[str, Any]:
        key = self._trust.get(caller, {}).get(kid)
        if key is None:
            raise _refused()
        return jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=self._audience,
            issuer=caller,
            options={
                "require": ["iss", "aud", "iat", "exp", "jti"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        issued, ends, now = claims["iat"], claims["exp"], self._now()
        if not all(isinstance(moment, int | float) and not isinstance(moment, bool) for moment in (issued, ends)):
            raise _refused()
        if now >= ends or issued > now + _SKEW_S or ends - issued > LONGEST_LIFE.total_seconds():
            raise _refused()


def calling_service(verifier_of: Callable[[Request], ServiceTokenVerifier]) -> Callable[[Request], Awaitable[str]]:
    """A FastAPI dependency that gives the caller's name, by the verifier found on the request's app."""

    async def caller(request: Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("This is for our own services only.")
        return verifier_of(request).verify(token)

    return caller


def _refused() -> Unauthenticated:
    return Unauthenticated("The service token is not valid here.", reason="invalid_token")
