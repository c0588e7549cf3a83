"""What a call to others can end in: answers, and the errors that tell a sender whether anything left this machine."""

import json as json_module
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

_ENCODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})
_EITHER_WRAPPING: Final = 47  # zlib's and gzip's headers are both told by themselves


class HttpError(Exception):
    """A call that brought no usable answer. `detail` names host and reason, never a query, header or body."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class HttpNothingSent(HttpError):
    """No byte of the request left: refused, no such host, no connection in time. Sending again is safe."""


class HttpTimeout(HttpError):
    """The time was up after sending had begun; what the server did is unknown."""


class HttpDropped(HttpError):
    """The connection broke, or the protocol did, after sending had begun; what the server did is unknown."""


class HttpTooLarge(HttpError):
    """The answer is larger than this call reads; the server did answer."""


class HttpGarbage(HttpError):
    """The answer is not what it says it is (no JSON, broken compression); the server did answer."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file in a multipart form."""

    content: bytes = field(repr=False)
    filename: str
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete answer. `headers` is case-insensitive; repeated ones are joined with commas."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    url: str = field(repr=False)

    def json(self) -> Any:
        """The body as JSON; raises HttpGarbage."""
        try:
            return json_module.loads(self.content)
        except (ValueError, RecursionError):
            raise HttpGarbage(f"the answer of {host_of(self.url)} is no JSON") from None

    @property
    def text(self) -> str:
        """The body as text, broken bytes replaced."""
        return self.content.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class HttpStream:
    """An answer whose body is read piece by piece, within the limits of its call."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: AsyncIterator[bytes] = field(repr=False)


def host_of(url: str) -> str:
    """The host that a URL names, fit for an error's text."""
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"


async def bounded_body(
    raw: AsyncIterator[bytes], *, headers: Mapping[str, str], limit: int, host: str
) -> AsyncIterator[bytes]:
    """The decoded body of an answer, given up as soon as it is longer than the limit; compression cannot get around it.

    Raises HttpTooLarge, and HttpGarbage for compression that is broken or was not asked for.
    """
    too_large = HttpTooLarge(f"the answer of {host} is larger than {limit} bytes")
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared) > limit:
        raise too_large
    encoding = headers.get("content-encoding", "").lower()
    if encoding not in _ENCODINGS:
        raise HttpGarbage(f"the answer of {host} has an encoding nobody asked for")
    inflate = zlib.decompressobj(wbits=_EITHER_WRAPPING) if encoding in {"gzip", "deflate"} else None
    total, begun = 0, False
    async for piece in raw:
        begun = True
        try:
            # One byte past the limit is enough to know; whatever else the piece would inflate to never exists.
            chunk = inflate.decompress(piece, limit - total + 1) if inflate else piece
        except zlib.error:
            raise HttpGarbage(f"the answer of {host} is badly compressed") from None
        total += len(chunk)
        if total > limit:
            raise too_large
        if chunk:
            yield chunk
    if inflate is not None and begun and not inflate.eof:
        raise HttpGarbage(f"the answer of {host} ends in the middle of its compression")
