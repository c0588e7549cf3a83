"""Pages of a list: cursors, and addresses of further pages that stay under the sandbox's base."""

import base64
import binascii
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlencode

from social_sandbox.calls import Call, read_number
from social_sandbox.meta.errors import InvalidParameter

USUAL, MOST = 25, 100
T = TypeVar("T")


def size_of(text: str, *, usual: int = USUAL, most: int = MOST) -> int:
    """Return how many entries a page has."""
    size = read_number(text) if text else usual
    if size is None or not 1 <= size <= most:
        raise InvalidParameter(f"Param limit must be between 1 and {most}.")
    return size


def offset_of(after: str) -> int:
    """Return where a page begins, from its cursor."""
    if not after:
        return 0
    try:
        name, _, number = base64.urlsafe_b64decode(after).decode().partition(":")
        place = read_number(number)
        if name == "offset" and place is not None:
            return place
    except (binascii.Error, ValueError):
        pass
    raise InvalidParameter("Param after is not a valid cursor.")


def a_page(
    call: Call, found: Iterator[T], shown: Callable[[T], dict[str, Any]], *, size: int, after: str
) -> dict[str, Any]:
    """Return one page of what was found, with the address of the next while there is more."""
    offset = offset_of(after)
    entries = list(islice(found, offset, offset + size + 1))
    body: dict[str, Any] = {"data": [shown(entry) for entry in entries[:size]]}
    if entries:
        cursors = {"before": _cursor(offset), "after": _cursor(offset + len(entries[:size]))}
        body["paging"] = {"cursors": cursors}
        if len(entries) > size:
            body["paging"]["next"] = address(call, after=cursors["after"])
    return body


def address(call: Call, **changes: str) -> str:
    """Return the address of the same list elsewhere; a token of the query is repeated, a bearer never comes into it."""
    query = urlencode({**call.query, **changes})
    return f"{call.url(call.host, call.raw_path)}?{query}"


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode()
