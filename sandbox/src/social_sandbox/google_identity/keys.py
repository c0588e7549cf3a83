"""The key that signs id tokens: RS256, kept with the state of the platforms."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from social_sandbox.google_identity.people import BUCKET
from social_sandbox.store import Store

_BITS = 2048
_EXPONENT = 65_537


def _b64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key pair and its id."""

    private: rsa.RSAPrivateKey
    kid: str

    def sign(self, claims: dict[str, Any]) -> str:
        """The claims as a signed token."""
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid})

    def jwks(self) -> dict[str, Any]:
        """The public half as a key set."""
        numbers = self.private.public_key().public_numbers()
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid, "n": _b64(numbers.n), "e": _b64(numbers.e)}
        return {"keys": [key]}


@cache
def _fresh_pem() -> bytes:
    """One new key per process: making it takes a noticeable moment."""
    return rsa.generate_private_key(_EXPONENT, _BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@cache
def _key_of(pem: bytes) -> SigningKey:
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("the kept signing key is not an RSA key")
    modulus = private.public_key().public_numbers().n
    return SigningKey(private, hashlib.sha256(_b64(modulus).encode()).hexdigest()[:40])


def signing_key(store: Store) -> SigningKey:
    """The family's key; the same one after a restart that kept its state."""
    bucket = store.bucket(BUCKET)
    if "signing_key" not in bucket:
        bucket["signing_key"] = _fresh_pem()
    return _key_of(bucket["signing_key"])
