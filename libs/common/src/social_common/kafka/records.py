"""Reading records as raw bytes, so that no header can fail before our own code has seen the record."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from faststream.message import StreamMessage

from social_common.events import CloudEvent, RawRecord, event_type
from social_common.kafka.errors import RecordError
from social_common.kafka.unreadable import UnreadableRecord


def read_event(record: RawRecord, *, topic: str) -> CloudEvent:
    """The event that the record is; raises RecordError or MalformedEvent where it is none of this topic's."""
    if isinstance(record, UnreadableRecord):
        raise RecordError("the client could not unpack the record; it stands in its topic as it was sent")
    event = CloudEvent.from_record(record)
    if event.type != event_type(topic):
        raise RecordError(f"the type {event.type[:128]!r} does not belong on this topic")
    return event


async def parse_raw(record: Any, original: Callable[[Any], Awaitable[StreamMessage[Any]]]) -> StreamMessage[Any]:
    """A message that holds the record as it came; it never fails.

    FastStream's own parser decodes headers and acts on some (`reply_to`, `content-type`); it is given none of ours but
    the trace, and the record itself is put back afterwards.
    """
    message = await original(replace(record, headers=_trace_only(record)))
    message.raw_message = record
    return message


async def decode_raw(message: StreamMessage[Any]) -> RawRecord:
    """What the handler gets: the record itself."""
    record: RawRecord = message.raw_message
    return record


def _trace_only(record: RawRecord) -> tuple[tuple[str, bytes], ...]:
    return tuple(
        (name, value)
        for name, value in record.headers
        if name in {"traceparent", "tracestate"} and value is not None and value.isascii()
    )
