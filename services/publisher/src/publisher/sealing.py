"""Handles at rest: an upload session's URL works without a token, so every handle is encrypted for its row."""

import json
from typing import Final
from uuid import UUID

from social_common.crypto import KeyRing
from social_common.rotating import Sealed
from social_common.secrets import Secret
from social_platforms._core import JsonObject

SEALED: Final = (Sealed("publisher_attempts", ("handle",)), Sealed("publisher_preparations", ("handle",)))
"""What is rewritten when the encryption keys change."""


class Seals:
    """Closes handles for one row of one table, and opens them there only."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, handle: JsonObject, table: str, row_id: UUID) -> str:
        """The handle as ciphertext for that row's `handle` column."""
        return self._ring.encrypt(Secret(json.dumps(handle)), table=table, column="handle", row_id=str(row_id))

    def open(self, ciphertext: str, table: str, row_id: UUID) -> JsonObject:
        """The handle again; raises DecryptionFailed when it was sealed for another row."""
        plain = self._ring.decrypt(ciphertext, table=table, column="handle", row_id=str(row_id))
        handle: JsonObject = json.loads(plain.reveal())
        return handle
