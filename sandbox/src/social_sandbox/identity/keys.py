"""The signing key: ES256, as new Supabase projects have it."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def _b64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A P-256 key pair and its id."""

    private: ec.EllipticCurvePrivateKey
    kid: str

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key."""
        return cls._of(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes) -> "SigningKey":
        """A kept key; raises ValueError where it is none of ours."""
        private = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise ValueError("the kept signing key is not an elliptic curve key")  # noqa: TRY004  (a bad file, not a bad type)
        return cls._of(private)

    @classmethod
    def _of(cls, private: ec.EllipticCurvePrivateKey) -> "SigningKey":
        numbers = private.public_key().public_numbers()
        digest = hashlib.sha256(f"{numbers.x}:{numbers.y}".encode()).hexdigest()
        return cls(private, f"sandbox-{digest[:16]}")

    def to_pem(self) -> bytes:
        """The private key for keeping."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def jwks(self) -> dict[str, Any]:
        """The public half as a key set."""
        numbers = self.private.public_key().public_numbers()
        key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": True}
        return {"keys": [{**key, "kid": self.kid, "x": _b64(numbers.x), "y": _b64(numbers.y)}]}
