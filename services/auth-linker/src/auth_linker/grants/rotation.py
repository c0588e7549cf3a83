"""What is rewritten when the encryption keys change. Link attempts are not: they end within minutes."""

from typing import Final

from auth_linker.grants.vault import CONNECTIONS, ERASURES, GRANTS
from social_common.rotating import Sealed

_TOKENS: Final = ("access_token", "refresh_token")
SEALED: Final = (
    Sealed(GRANTS, _TOKENS),
    Sealed(CONNECTIONS, _TOKENS),
    # A copy stays encrypted for the row that it was taken from.
    Sealed(ERASURES, _TOKENS, source=("source_table", "source_row")),
)
