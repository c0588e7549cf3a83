"""Lists as YouTube cuts them into pages, with tokens that mean nothing to anybody else."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import read_number
from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.youtube.errors import refusal
from social_sandbox.youtube.ids import etag

Thing = TypeVar("Thing")
_MARK = "CS"


def page_of(things: Sequence[Thing], *, size: int, token: str | None) -> tuple[Sequence[Thing], dict[str, Any]]:
    """One page, and what an answer says about it; raises the refusal of a token that is none."""
    start = _start_of(token)
    frame: dict[str, Any] = {}
    if size and start + size < len(things):
        frame["nextPageToken"] = _token_of(start + size)
    if size and start:
        frame["prevPageToken"] = _token_of(max(0, start - size))
    frame["pageInfo"] = {"totalResults": len(things), "resultsPerPage": size}
    return things[start : start + size], frame


def list_answer(kind: str, items: Sequence[dict[str, Any]], frame: dict[str, Any] | None = None) -> Answer:
    """An answer with a list in it."""
    body = {**(frame or {}), "items": list(items)}
    return json_answer({"kind": f"youtube#{kind}", "etag": etag(kind, body), **body})


def _token_of(start: int) -> str:
    return base64.urlsafe_b64encode(f"{_MARK}{start}".encode()).decode().rstrip("=")


def _start_of(token: str | None) -> int:
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise _invalid_token() from error
    number = read_number(text.removeprefix(_MARK)) if text.startswith(_MARK) else None
    if number is None:
        raise _invalid_token()
    return number


def _invalid_token() -> GoogleError:
    message = "The request specifies an invalid page token."
    return refusal(400, "invalidPageToken", message, domain="youtube.parameter", location=("parameter", "pageToken"))
