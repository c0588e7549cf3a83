"""Proof key for code exchange (RFC 7636), the method S256."""

import base64
import hashlib


def s256(verifier: str) -> str:
    """The challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
