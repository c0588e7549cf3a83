"""`multipart/related` as Google's uploads use it: metadata in JSON, then the bytes.

Read by hand: line ends may be those of the official client (a bare line feed) or of the standard, and a parser for mail
would change the bytes of a video.
"""

import re
from itertools import pairwise

from social_sandbox.calls import Call, MalformedBody
from social_sandbox.youtube.errors import bad_request

_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?', re.IGNORECASE)
_PARTS = 2


def read_related(call: Call) -> tuple[bytes, str, bytes]:
    """The metadata, the media's content type, and the media; raises the refusal of any other body."""
    found = _BOUNDARY.search(call.headers.get("content-type", ""))
    if call.media_type != "multipart/related" or found is None:
        raise bad_request("The content type must be multipart/related with a boundary.")
    parts = [_split(part) for part in _parts_of(call.body, found[1].encode())]
    if len(parts) != _PARTS:
        raise bad_request("The body must have two parts: metadata and media.")
    (metadata_type, metadata), (media_type, content) = parts
    if metadata_type != "application/json":
        raise bad_request("The first part must be application/json.")
    return metadata, media_type, content


def _parts_of(body: bytes, boundary: bytes) -> list[bytes]:
    mark = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|$)")
    marks = list(mark.finditer(body))
    if not marks or marks[-1][1] is None:
        raise MalformedBody("the last boundary is missing")
    return [body[one.end() : other.start()] for one, other in pairwise(marks)]


def _split(part: bytes) -> tuple[str, bytes]:
    head, separator, content = part.partition(b"\r\n\r\n")
    if not separator or b"\n\n" in head:
        head, separator, content = part.partition(b"\n\n")
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.split(";")[0].strip().lower(), content
    return "", content
