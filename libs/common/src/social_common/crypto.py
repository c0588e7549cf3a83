"""Envelope encryption of single column values, bound to the place they are stored in.

Each value gets a data key of its own, wrapped by a key-encryption key that is named in the ciphertext. Table, column
and row are authenticated with both, so a ciphertext copied to another row or column does not open. Rotating is: add a
key, make it active, rewrite what `needs_rotation`, remove the old key.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from social_common.keyfiles import KEY_BYTES, read_token_keys
from social_common.secrets import Secret

_VERSION: Final = "v1"
_NONCE_BYTES: Final = 12
_PARTS: Final = 4


class DecryptionFailed(Exception):
    """The ciphertext is not ours, was changed, belongs to another row, or its key is gone."""


class KeyRing:
    """Key-encryption keys by id; the active one wraps, all of them unwrap."""

    def __init__(self, *, active: str, keys: Mapping[str, bytes]) -> None:
        if active not in keys:
            raise ValueError("the active key is not in the ring")
        if any(len(key) != KEY_BYTES for key in keys.values()) or any("." in kid or not kid for kid in keys):
            raise ValueError(f"keys are {KEY_BYTES} bytes each, their ids have no dot")
        self._active = active
        self._keys = dict(keys)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The ring in a token key file; raises KeyFileError. Reads a file: call it once, at start."""
        active, keys = read_token_keys(path)
        return cls(active=active, keys=keys)

    def __repr__(self) -> str:
        return f"KeyRing(active={self._active!r}, ids={sorted(self._keys)!r})"

    @property
    def active_id(self) -> str:
        """The id of the key that new ciphertexts are wrapped with."""
        return self._active

    def encrypt(self, plaintext: Secret, *, table: str, column: str, row_id: str) -> str:
        """The secret as text for that column of that row; never the same twice."""
        context = _context(self._active, table, column, row_id)
        data_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        wrapped = _seal(self._keys[self._active], data_key, context=b"key" + context)
        sealed = _seal(data_key, plaintext.reveal().encode(), context=b"value" + context)
        return ".".join((_VERSION, self._active, _to_text(wrapped), _to_text(sealed)))

    def decrypt(self, ciphertext: str, *, table: str, column: str, row_id: str) -> Secret:
        """The secret again; raises DecryptionFailed when it was not encrypted for exactly this place."""
        kid, wrapped, sealed = _split(ciphertext)
        if kid not in self._keys:
            raise DecryptionFailed(f"the key {kid!r} is not in the ring")
        context = _context(kid, table, column, row_id)
        try:
            data_key = _open(self._keys[kid], wrapped, context=b"key" + context)
            return Secret(_open(data_key, sealed, context=b"value" + context).decode())
        except (InvalidTag, ValueError):
            raise DecryptionFailed("the ciphertext does not open here") from None

    def needs_rotation(self, ciphertext: str) -> bool:
        """Whether it is wrapped by another key than the active one."""
        kid, _, _ = _split(ciphertext)
        return kid != self._active

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for another purpose (signing cursors); it changes when the active key does."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._keys[self._active])


def _context(*parts: str) -> bytes:
    # Each part carries its length: ("ab", "c") and ("a", "bc") must not authenticate each other.
    encoded = [part.encode() for part in (_VERSION, *parts)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _seal(key: bytes, plaintext: bytes, *, context: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def _open(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _to_text(data) != text:  # stray bits at the end would make two texts for one value
        raise ValueError("not canonical")
    return data


def _split(ciphertext: str) -> tuple[str, bytes, bytes]:
    parts = ciphertext.split(".")
    if len(parts) != _PARTS or parts[0] != _VERSION:
        raise DecryptionFailed("this is no ciphertext of ours")
    try:
        return parts[1], _from_text(parts[2]), _from_text(parts[3])
    except ValueError:
        raise DecryptionFailed("the ciphertext is damaged") from None
