"""What a request of the upload protocol carries: which bytes of how many, or none but a question."""

import re
from dataclasses import dataclass

from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.youtube.errors import bad_request

_RANGE = re.compile(r"bytes (?:(?P<start>\d{1,15})-(?P<end>\d{1,15})|\*)/(?P<total>\d{1,15}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Range:
    """What `Content-Range` says: the bytes from `start` to `end`, or a question (both None)."""

    start: int | None
    end: int | None
    total: int | None

    @property
    def completes(self) -> bool:
        """Whether the last byte is among them."""
        return self.total is not None and self.end is not None and self.end + 1 == self.total


def insert_operation(call: Call) -> Operation:
    """Opening a session is preparing; everything in one request publishes."""
    is_simple = call.query.get("uploadType") in {"media", "multipart"}
    return Operation.PUBLISH if is_simple else Operation.MEDIA


def put_operation(call: Call) -> Operation:
    """The bytes that complete a file publish, earlier ones prepare, and a question reads."""
    try:
        given = read_range(call)
    except GoogleError:
        return Operation.MEDIA
    if given.start is None:
        return Operation.READ
    return Operation.PUBLISH if given.completes else Operation.MEDIA


def read_range(call: Call) -> Range:
    """What a PUT carries; without the header it is the whole file. Raises the refusal of a header that is no range."""
    header = call.headers.get("content-range")
    if header is None:
        return Range(0, len(call.body) - 1, len(call.body))
    found = _RANGE.fullmatch(header.strip())
    if found is None or (found["start"] and int(found["start"]) > int(found["end"])):
        raise bad_request("Invalid Content-Range header.")
    total = None if found["total"] == "*" else int(found["total"])
    if found["start"] is None:
        if call.body:
            raise bad_request("A question for the state of an upload carries no bytes.")
        return Range(None, None, total)
    return Range(int(found["start"]), int(found["end"]), total)
