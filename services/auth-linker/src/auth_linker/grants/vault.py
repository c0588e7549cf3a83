"""The vault: tokens go in and out of their columns only here, each bound to its table, column and row."""

from dataclasses import dataclass
from typing import Final

from social_common.crypto import KeyRing
from social_common.secrets import Secret

CONNECTIONS: Final = "social_connections"
GRANTS: Final = "grants"
LINK_ATTEMPTS: Final = "link_attempts"
ERASURES: Final = "erasures"

_ACCESS: Final = "access_token"
_REFRESH: Final = "refresh_token"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token with the refresh token that belongs to it, if there is one."""

    access: Secret
    refresh: Secret | None


@dataclass(frozen=True, slots=True)
class SealedPair:
    """The same pair as ciphertext, and the row it is bound to. The columns' names are the same in every table."""

    table: str
    row_id: str
    access_token: str
    refresh_token: str | None


class Vault:
    """Seals and opens token pairs; DecryptionFailed where a ciphertext does not belong to its row."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, pair: TokenPair, *, table: str, row_id: object) -> SealedPair:
        """The pair for that row and no other."""
        row = str(row_id)
        refresh = pair.refresh
        return SealedPair(
            table=table,
            row_id=row,
            access_token=self._ring.encrypt(pair.access, table=table, column=_ACCESS, row_id=row),
            refresh_token=(
                self._ring.encrypt(refresh, table=table, column=_REFRESH, row_id=row) if refresh is not None else None
            ),
        )

    def open(self, sealed: SealedPair) -> TokenPair:
        """The tokens again."""
        table, row = sealed.table, sealed.row_id
        return TokenPair(
            access=self._ring.decrypt(sealed.access_token, table=table, column=_ACCESS, row_id=row),
            refresh=(
                self._ring.decrypt(sealed.refresh_token, table=table, column=_REFRESH, row_id=row)
                if sealed.refresh_token is not None
                else None
            ),
        )

    def seal_text(self, value: Secret, *, table: str, column: str, row_id: object) -> str:
        """Any other secret text (a PKCE verifier) for its column."""
        return self._ring.encrypt(value, table=table, column=column, row_id=str(row_id))

    def open_text(self, ciphertext: str, *, table: str, column: str, row_id: object) -> Secret:
        """That text again."""
        return self._ring.decrypt(ciphertext, table=table, column=column, row_id=str(row_id))
