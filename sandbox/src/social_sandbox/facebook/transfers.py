"""Bytes that come in pieces: what is kept, where the next piece begins, and when the whole is there."""

from social_sandbox.calls import read_number
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import invalid_parameter, server_trouble
from social_sandbox.meta.errors import GraphError

LARGEST = 10 * 1024**3


def read_length(text: str, name: str) -> int:
    """Return how many bytes a file has."""
    length = read_number(text)
    if length is None or not 1 <= length <= LARGEST:
        raise invalid_parameter(f"Param {name} must be a number of bytes, at most {LARGEST}.")
    return length


def taken(visit: Visit, kept: bytes, *, offset: str | None, name: str, length: int) -> tuple[bytes, GraphError | None]:
    """Return all bytes after a call, and what to answer where the whole is not there yet.

    What has come is kept in any case: a client that asks how far it got goes on from there.
    """
    if read_number(offset) != len(kept):
        raise invalid_parameter(f"The header {name} must be {len(kept)}.")
    body = visit.call.body
    if len(kept) + len(body) > length:
        raise invalid_parameter(f"The file has more than {length} bytes.")
    most = visit.switches.upload_takes_bytes
    if most is not None and len(body) > most:
        return kept + body[:most], server_trouble()
    content = kept + body
    if len(content) < length:
        return content, invalid_parameter(f"The upload is incomplete: {len(content)} of {length} bytes have come.")
    return content, None
