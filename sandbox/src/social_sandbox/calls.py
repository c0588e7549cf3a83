"""One request to a simulated platform, as its handler sees it."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

_LONGEST_NUMBER = 18


class MalformedBody(Exception):
    """The body is not what its content type says."""


def read_json(body: bytes) -> Any:
    """A body as JSON; raises `MalformedBody` for what is none, too deep, or text that no answer could carry again."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        # An escaped half of a surrogate pair parses, but what kept it could never be shown.
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedBody(str(error)) from error
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def read_number(text: str | None) -> int | None:
    """A whole number without sign, as page sizes are; nothing for any other text, an endless one included."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart body."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `path` and `raw_path` are what the real host would have seen; `base_url` is `{public}/{platform}`.

    Without `base_url` the URLs in answers are those of the originals.
    """

    platform: str
    host: str
    method: str
    path: str
    raw_path: str
    raw_query: str
    headers: Headers
    body: bytes
    base_url: str | None
    at: datetime
    params: Mapping[str, str] = field(default_factory=dict)

    def with_params(self, params: Mapping[str, str]) -> "Call":
        """The same request with the variable parts of its route."""
        return replace(self, params=params)

    def url(self, host: str, path: str) -> str:
        """A URL at `host` that stays under the sandbox's base, for what machines follow."""
        return f"https://{host}{path}" if self.base_url is None else f"{self.base_url}/{host}{path}"

    @property
    def query(self) -> dict[str, str]:
        """Query parameters, the last of a repeated one."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def query_lists(self) -> dict[str, list[str]]:
        """Query parameters with all their values."""
        return parse_qs(self.raw_query, keep_blank_values=True)

    @property
    def media_type(self) -> str:
        """The body's content type without parameters, lower case."""
        return self.headers.get("content-type", "").split(";", 1)[0].strip().lower()

    def form(self) -> dict[str, str]:
        """A urlencoded body's fields, the last of a repeated one; empty for any other body."""
        return {name: values[-1] for name, values in self.form_lists().items()}

    def form_lists(self) -> dict[str, list[str]]:
        """A urlencoded body's fields with all their values."""
        if self.media_type != "application/x-www-form-urlencoded":
            return {}
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def json(self) -> Any:
        """The body as JSON; raises `MalformedBody`."""
        return read_json(self.body)

    async def multipart(self) -> tuple[dict[str, str], dict[str, Upload]]:
        """A multipart body's fields and files; raises `MalformedBody`."""

        async def stream() -> Any:
            yield self.body

        try:
            data = await MultiPartParser(self.headers, stream(), max_part_size=len(self.body) + 1).parse()
        except (MultiPartException, KeyError) as error:
            raise MalformedBody(str(error)) from error
        fields: dict[str, str] = {}
        files: dict[str, Upload] = {}
        for name, value in data.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                files[name] = Upload(value.filename or "", value.content_type or "", content)
            else:
                fields[name] = value
        await data.close()
        return fields, files

    def bearer(self) -> str | None:
        """The token of the Authorization header, whichever of the usual schemes carries it."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() or None if scheme.lower() in {"bearer", "token", "oauth"} else None

    def basic(self) -> tuple[str, str] | None:
        """Client id and secret of a Basic Authorization header."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, separator, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (name, password) if separator else None
