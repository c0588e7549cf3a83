"""What a handler gives back: status, headers, body, complete before the first byte leaves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. A header value may be a list for a repeated header."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def plus(self, headers: Mapping[str, str]) -> "Answer":
        """The same answer with further headers; its own win."""
        return replace(self, headers={**headers, **self.headers})


def json_answer(
    data: Any, status: int = 200, *, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> Answer:
    """JSON, compact, with non-ASCII characters as they are."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, {"content-type": f"{media_type}; charset=utf-8", **(headers or {})})


def form_answer(data: Mapping[str, Any], status: int = 200) -> Answer:
    """Form-encoded text, as some token endpoints answer."""
    body = urlencode({name: str(value) for name, value in data.items()}).encode()
    return Answer(status, body, {"content-type": "application/x-www-form-urlencoded; charset=utf-8"})


def html_answer(page: str, status: int = 200) -> Answer:
    """A page for a person; nothing on it is loaded from elsewhere and nobody may frame it."""
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
    }
    return Answer(status, page.encode(), headers)


def redirect_answer(url: str, params: Mapping[str, str | None], *, status: int = 302, fragment: str = "") -> Answer:
    """Send the browser to `url` with `params` added to its query; those that are None are left out."""
    parts = urlsplit(url)
    added = urlencode({name: value for name, value in params.items() if value is not None})
    query = "&".join(part for part in (parts.query, added) if part)
    location = urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment or parts.fragment))
    return Answer(status, b"", {"location": location, "cache-control": "no-store"})
