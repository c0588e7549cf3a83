"""Answers and headers are read for what they are, and nonsense is None."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_platforms import answers, waits

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@given(st.binary(max_size=200))
def test_any_body_is_parsed_or_unreadable(content: bytes) -> None:
    """Parsing never fails, and what it gives can be stored as text."""
    body, readable = answers.parse(content)

    assert readable or body is None
    str(body).encode()


@pytest.mark.parametrize("content", [b"NaN", b'{"a":', b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b"\xff"])
def test_broken_json_is_unreadable(content: bytes) -> None:
    """Cut, bottomless and not quite JSON bodies are told apart from answers."""
    assert answers.parse(content) == (None, False)


def test_what_databases_refuse_is_cleaned() -> None:
    """NUL and half surrogates are replaced, endless numbers dropped."""
    body, _ = answers.parse(rb'{"a\u0000":["\ud800x",1e400]}')

    assert body == {"a�": ["�x", None]}


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (answers.ident, 17841400000012345, "17841400000012345"),
        (answers.ident, "D_kwDO-1=", "D_kwDO-1="),
        (answers.ident, "../x", None),
        (answers.ident, "a/b", None),
        (answers.ident, True, None),
        (answers.ident, -1, None),
        (answers.count, 5, 5),
        (answers.count, -5, None),
        (answers.count, True, None),
        (answers.count, 2**63, None),
        (answers.count, "5", None),
        (answers.lifetime, "5183944", timedelta(seconds=5183944)),
        (answers.lifetime, 1e300, None),
        (answers.lifetime, -1, None),
        (answers.token, "at_2", True),
        (answers.token, "two words", None),
        (answers.token, "ümlaut", None),
        (answers.token, "line\r\nbreak", None),
        (answers.moment, "2026-11-20T10:00:00+0000", NOW),
        (answers.moment, "2026-11-20T10:00:00Z", NOW),
        (answers.moment, "2026-11-20T10:00:00", None),
        (answers.moment, "0001-01-01T00:00:00+23:59", None),
        (answers.link, "https://x.com/a", "https://x.com/a"),
        (answers.link, "javascript:alert(1)", None),
    ],
)
def test_each_reader_takes_its_own_shape_only(reader: Any, value: Any, expected: Any) -> None:
    """The right shape is read, any other is None."""
    found = reader({"a": [value]}, "a", 0)

    assert (found is not None) if expected is True else found == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("90", timedelta(seconds=90)),
        ("Fri, 20 Nov 2026 10:01:00 GMT", timedelta(seconds=60)),
        ("Fri, 20 Nov 2020 10:01:00 GMT", timedelta(0)),
        ("999999999999", timedelta(days=31)),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, expected: timedelta | None) -> None:
    """Seconds or a date; nonsense is no wait."""
    assert waits.retry_after({"retry-after": value}, now=NOW) == expected


@given(st.text(max_size=20))
def test_a_reset_never_waits_longer_than_its_window(value: str) -> None:
    """A moved clock or a broken header holds nobody back for longer than the window."""
    window = timedelta(minutes=15)
    found = waits.until_epoch({"r": value}, "r", now=NOW, window=window)

    assert found is None or timedelta(0) <= found <= window
