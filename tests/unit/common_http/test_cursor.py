"""Cursors: what was put in comes out, anything else is the caller's mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_common.cursor import decode_cursor, encode_cursor
from social_common.errors import Invalid

KEY, OTHER = b"k" * 32, b"o" * 32
values = st.dictionaries(
    st.text(max_size=10), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=40)), max_size=4
)


@given(values)
def test_round_trip(given_values: dict[str, int | str | bool | None]) -> None:
    """The sort values come out as they went in."""
    assert decode_cursor(KEY, encode_cursor(KEY, given_values)) == given_values


@given(st.text(max_size=200))
def test_made_up(cursor: str) -> None:
    """Whatever this key did not sign is refused, naming the field."""
    with pytest.raises(Invalid) as caught:
        decode_cursor(KEY, cursor)

    assert caught.value.field == "query.cursor"


@given(st.data())
def test_changed(data: st.DataObject) -> None:
    """A cursor with a character changed is refused."""
    cursor = encode_cursor(KEY, {"at": "2026-11-20T10:00:00Z", "id": "x"})
    position = data.draw(st.integers(0, len(cursor) - 2))  # the last one may hold unused bits
    replacement = data.draw(st.characters(codec="ascii").filter(lambda char: char != cursor[position]))

    with pytest.raises(Invalid):
        decode_cursor(KEY, cursor[:position] + replacement + cursor[position + 1 :])


def test_other_key() -> None:
    """Another service's or another list's cursor is refused."""
    with pytest.raises(Invalid):
        decode_cursor(KEY, encode_cursor(OTHER, {"id": "x"}))


def test_fits_a_url() -> None:
    """A cursor needs no escaping."""
    assert encode_cursor(KEY, {"id": "ä&?/=" * 20}).replace("-", "").replace("_", "").isalnum()
