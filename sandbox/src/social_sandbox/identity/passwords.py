"""Passwords, salted and stretched; only enough that the kept file is no list of passwords."""

import base64
import hashlib
import hmac
import secrets

_COST = 2**13


def hash_password(password: str) -> str:
    """A password for keeping. Takes some milliseconds of CPU: call it in a thread."""
    salt = secrets.token_bytes(16)
    return f"{_encoded(salt)}${_encoded(_stretched(password, salt))}"


def password_matches(password: str, kept: str | None) -> bool:
    """Whether this is the password that was kept; False where none was."""
    if kept is None:
        return False
    salt, _, digest = kept.partition("$")
    return hmac.compare_digest(_stretched(password, base64.b64decode(salt)), base64.b64decode(digest))


def _stretched(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=8, p=1, dklen=32)


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
