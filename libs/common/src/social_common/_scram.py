"""Password hashes as PostgreSQL stores them (RFC 5803), so that no statement carries a password."""

import base64
import hashlib
import hmac
import os
from typing import Final

from social_common.secrets import Secret

_ITERATIONS: Final = 4096


def scram_verifier(password: Secret, *, salt: bytes | None = None) -> str:
    """The SCRAM-SHA-256 verifier of a password; passwords that are not plain ASCII are hashed as they stand."""
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.reveal().encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
