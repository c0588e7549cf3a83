"""Envelope encryption: opens only where it was closed, shows nothing, can be rotated."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_common.crypto import DecryptionFailed, KeyRing
from social_common.keyfiles import KeyFileError, generate_token_keys
from social_common.secrets import Secret

PLACE = {"table": "retail_b2c.social_connections", "column": "access_token", "row_id": "row-1"}
RING = KeyRing(active="k1", keys={"k1": b"1" * 32})
ROTATED = KeyRing(active="k2", keys={"k1": b"1" * 32, "k2": b"2" * 32})

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
places = st.tuples(names, names, names)


@given(text=texts, place=places)
def test_round_trip(text: str, place: tuple[str, str, str]) -> None:
    """Whatever was encrypted for a place comes out there again."""
    table, column, row_id = place

    sealed = RING.encrypt(Secret(text), table=table, column=column, row_id=row_id)

    assert RING.decrypt(sealed, table=table, column=column, row_id=row_id).reveal() == text


@given(place=places, other=places)
def test_bound_to_its_place(place: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """A ciphertext copied to any other table, column or row does not open, however the names are cut."""
    sealed = RING.encrypt(Secret("s"), table=place[0], column=place[1], row_id=place[2])
    if place == other:
        return

    with pytest.raises(DecryptionFailed):
        RING.decrypt(sealed, table=other[0], column=other[1], row_id=other[2])


def test_names_cannot_flow_into_each_other() -> None:
    """`ab` + `c` is another place than `a` + `bc`."""
    sealed = RING.encrypt(Secret("s"), table="ab", column="c", row_id="r")

    with pytest.raises(DecryptionFailed):
        RING.decrypt(sealed, table="a", column="bc", row_id="r")


@given(data=st.data())
def test_any_change_is_noticed(data: st.DataObject) -> None:
    """A ciphertext with any one character changed does not open."""
    sealed = RING.encrypt(Secret("secret"), **PLACE)
    position = data.draw(st.integers(0, len(sealed) - 1))
    replacement = data.draw(st.characters(codec="ascii").filter(lambda char: char != sealed[position]))

    with pytest.raises(DecryptionFailed):
        RING.decrypt(sealed[:position] + replacement + sealed[position + 1 :], **PLACE)


@given(st.text())
def test_garbage_is_refused(text: str) -> None:
    """Any other text is refused by the one error."""
    with pytest.raises(DecryptionFailed):
        RING.decrypt(text, **PLACE)


def test_parts_cannot_be_exchanged() -> None:
    """The wrapped key of one ciphertext does not open another one's value."""
    first = RING.encrypt(Secret("a"), **PLACE).split(".")
    second = RING.encrypt(Secret("b"), **PLACE).split(".")

    with pytest.raises(DecryptionFailed):
        RING.decrypt(".".join([*first[:3], second[3]]), **PLACE)


def test_never_the_same_twice() -> None:
    """The same secret gives another ciphertext each time, and is in none of them."""
    sealed = {RING.encrypt(Secret("planted"), **PLACE) for _ in range(20)}

    assert len(sealed) == 20
    assert not any("planted" in text or base64.b64encode(b"planted").decode() in text for text in sealed)


def test_rotation() -> None:
    """Old ciphertexts open under a rotated ring and say that they need rewriting; new ones do not."""
    old = RING.encrypt(Secret("s"), **PLACE)
    new = ROTATED.encrypt(ROTATED.decrypt(old, **PLACE), **PLACE)

    assert ROTATED.needs_rotation(old)
    assert not ROTATED.needs_rotation(new)
    with pytest.raises(DecryptionFailed, match="k2"):
        RING.decrypt(new, **PLACE)


def test_relabelled_key() -> None:
    """A ciphertext that names another key of the ring does not open, even where both keys are the same."""
    twins = KeyRing(active="k1", keys={"k1": b"1" * 32, "k2": b"1" * 32})
    sealed = twins.encrypt(Secret("s"), **PLACE)

    with pytest.raises(DecryptionFailed):
        twins.decrypt(sealed.replace("v1.k1.", "v1.k2."), **PLACE)


def test_derived_keys_differ() -> None:
    """Keys for other purposes differ from each other, from the ring's and from another ring's."""
    derived = {RING.derive("cursor"), RING.derive("other"), ROTATED.derive("cursor"), b"1" * 32}

    assert len(derived) == 4


def test_repr_shows_ids_only() -> None:
    """A printed ring shows no key."""
    assert repr(RING) == "KeyRing(active='k1', ids=['k1'])"


def test_generated_file(tmp_path: Path) -> None:
    """A generated key file loads, is its owner's only, and is never overwritten."""
    path = tmp_path / "keys" / "tokens.json"

    generate_token_keys(path)
    sealed = KeyRing.load(path).encrypt(Secret("s"), **PLACE)
    generate_token_keys(path)

    assert KeyRing.load(path).decrypt(sealed, **PLACE).reveal() == "s"
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        "{}",
        json.dumps({"active": "k2", "keys": {"k1": base64.b64encode(b"1" * 32).decode()}}),
        json.dumps({"active": "k1", "keys": {"k1": base64.b64encode(b"short").decode()}}),
        json.dumps({"active": "k1", "keys": {"k1": "§§§"}}),
        json.dumps({"active": "k.1", "keys": {"k.1": base64.b64encode(b"1" * 32).decode()}}),
    ],
)
def test_bad_file(tmp_path: Path, content: str) -> None:
    """A malformed key file is one sentence with the file's name and nothing of its contents."""
    path = tmp_path / "tokens.json"
    path.write_text(content)

    with pytest.raises(KeyFileError) as caught:
        KeyRing.load(path)

    assert "tokens.json" in str(caught.value)
    assert base64.b64encode(b"1" * 32).decode() not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    """A missing key file is told by its name."""
    with pytest.raises(KeyFileError, match=r"tokens\.json cannot be read"):
        KeyRing.load(tmp_path / "tokens.json")
