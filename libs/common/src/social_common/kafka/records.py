"""Reading records as raw bytes, so that no header can fail before our own code has seen the record."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream.message import StreamMessage

type_record = ConsumerRecord[bytes, bytes]


async def parse_raw(
    record: type_record, original: Callable[[type_record], Awaitable[StreamMessage[Any]]]
) -> StreamMessage[Any]:
    """A message that holds the record as it came; it never fails.

    FastStream's own parser decodes headers and acts on some (`reply_to`, `content-type`); it is given none of ours but
    the trace, and the record itself is put back afterwards.
    """
    message = await original(replace(record, headers=_trace_only(record)))
    message.raw_message = record
    return message


async def decode_raw(message: StreamMessage[Any]) -> type_record:
    """What the handler gets: the record itself."""
    record: type_record = message.raw_message
    return record


def _trace_only(record: type_record) -> tuple[tuple[str, bytes], ...]:
    return tuple(
        (name, value)
        for name, value in record.headers
        if name in {"traceparent", "tracestate"} and value is not None and value.isascii()
    )
