"""Keyset cursors: where a list goes on, opaque to the caller and signed, so that nobody can make one up."""

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from social_common.errors import Invalid

CursorValue = str | int | float | bool | None

_TAG_BYTES: Final = 16
_LONGEST: Final = 2048


def encode_cursor(key: bytes, values: Mapping[str, CursorValue]) -> str:
    """The cursor for the sort values of the last row of a page (times and ids as text)."""
    payload = json.dumps(dict(values), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_tag(key, payload) + payload).rstrip(b"=").decode()


def decode_cursor(key: bytes, cursor: str) -> dict[str, CursorValue]:
    """The sort values again; raises Invalid for anything this key did not sign."""
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise _bad_cursor()
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise _bad_cursor() from None
    tag, payload = data[:_TAG_BYTES], data[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, payload)):
        raise _bad_cursor()
    values: dict[str, CursorValue] = json.loads(payload)
    return values


def _tag(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, b"cursor:" + payload, sha256).digest()[:_TAG_BYTES]


def _bad_cursor() -> Invalid:
    return Invalid(
        "This cursor is not one that this list gave out.",
        field="query.cursor",
        action="Start again from the first page.",
    )
