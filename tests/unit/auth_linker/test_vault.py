"""The vault: a token opens in its own row and nowhere else."""

import pytest

from auth_linker.grants.vault import CONNECTIONS, ERASURES, SealedPair, TokenPair, Vault
from social_common.crypto import DecryptionFailed, KeyRing
from social_common.secrets import Secret

PAIR = TokenPair(Secret("access"), Secret("refresh"))


@pytest.fixture
def vault() -> Vault:
    """A vault with one key."""
    return Vault(KeyRing(active="k1", keys={"k1": bytes(32)}))


def test_what_is_sealed_for_a_row_opens_there(vault: Vault) -> None:
    """Both tokens come back; neither stands in what is stored."""
    sealed = vault.seal(PAIR, table=CONNECTIONS, row_id="row-1")

    assert vault.open(sealed) == PAIR
    assert "access" not in sealed.access_token


def test_a_pair_without_a_refresh_token_stays_one(vault: Vault) -> None:
    """None is stored as nothing."""
    sealed = vault.seal(TokenPair(Secret("access"), None), table=CONNECTIONS, row_id="row-1")

    assert sealed.refresh_token is None
    assert vault.open(sealed).refresh is None


@pytest.mark.parametrize("moved", ["row", "table", "column"])
def test_a_copied_ciphertext_does_not_open(vault: Vault, moved: str) -> None:
    """In another row, table or column it is worthless."""
    sealed = vault.seal(PAIR, table=CONNECTIONS, row_id="row-1")
    assert sealed.refresh_token is not None
    elsewhere = {
        "row": SealedPair(CONNECTIONS, "row-2", sealed.access_token, None),
        "table": SealedPair(ERASURES, "row-1", sealed.access_token, None),
        "column": SealedPair(CONNECTIONS, "row-1", sealed.refresh_token, None),
    }[moved]

    with pytest.raises(DecryptionFailed):
        vault.open(elsewhere)
