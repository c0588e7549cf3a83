"""The record of requests stays within its memory."""

from datetime import UTC, datetime

from starlette.datastructures import Headers

from social_sandbox.calls import Call
from social_sandbox.recorder import KEPT_BODY_BYTES, RequestLog


def a_call(body: bytes = b"", *, header: str = "b") -> Call:
    """A request with this body and header."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Call("x", "api.x.com", "POST", "/2", "/2", "", Headers({"a": header}), body, "http://sb/x", at)


def test_the_oldest_leave_first_by_count() -> None:
    """Only so many requests are kept."""
    log = RequestLog(kept=3)
    for _ in range(5):
        log.add(a_call())

    assert [entry.seq for entry in log.select()] == [3, 4, 5]


def test_the_oldest_leave_first_by_size() -> None:
    """Only so many bytes are kept, but always the last request."""
    log = RequestLog(kept_bytes=10_000)
    for _ in range(3):
        log.add(a_call(b"x" * 6_000))
    log.add(a_call(b"y" * 20_000))

    assert [entry.seq for entry in log.select()] == [4]


def test_long_headers_and_addresses_count_too() -> None:
    """Memory is bounded whatever a client fills it with."""
    log = RequestLog(kept_bytes=100_000)
    for _ in range(100):
        log.add(a_call(header="h" * 6_000))

    assert len(list(log.select())) < 17


def test_a_long_body_is_cut_and_says_so() -> None:
    """Uploads are recorded by their beginning and size."""
    entry = RequestLog().add(a_call(b"x" * (KEPT_BODY_BYTES + 1)))

    shown = entry.as_control_json()

    assert len(shown["body"]) == KEPT_BODY_BYTES
    assert shown["body_truncated_from"] == KEPT_BODY_BYTES + 1
