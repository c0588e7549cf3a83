"""Dead letters: what could not be handled keeps its key, value and headers, and says where it came from and why.

Our notes are the last headers of the letter, so that whatever a record carried before them stays as it was.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from aiokafka.errors import MessageSizeTooLargeError, RecordTooLargeError

from social_common.checkpoints import Plumbing, crossing
from social_common.events import CloudEvent, RawRecord, utc_text
from social_common.kafka.errors import RecordError
from social_common.kafka.records import read_event
from social_common.kafka.topics import LARGEST_DEAD_LETTER, dead_letter_topic
from social_common.logging import get_logger
from social_common.metrics import counter

type_headers = list[tuple[str, bytes | None]]

_PREFIX: Final = "dlt_"
# Room for our notes and the framing of a record batch.
_ROOM: Final = 16 * 1024
# What is kept of the headers of a record that does not fit.
_SMALL: Final = 1024
_FEW: Final = 32

_log = get_logger()
_parked = counter("social_dead_letters_total", "Records parked in a dead letter topic", ("topic", "consumer"))


class LetterProducer(Protocol):
    """The part of aiokafka's producer that parking needs."""

    async def send_and_wait(
        self, topic: str, value: bytes | None = None, key: bytes | None = None, *, headers: type_headers
    ) -> object:
        """Send one record and wait until the broker has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a record could not be handled, by whom, and since when."""

    cause: str
    consumer: str
    attempts: int
    first_failure: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A parked record as read back: itself again, and what was noted about it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: type_headers
    failure: Failure
    letter_partition: int
    letter_offset: int
    value_left_out: bool = False


async def park(producer: LetterProducer, record: RawRecord, failure: Failure) -> None:
    """Put a record into its consumer's dead letter topic; returns once the broker has it.

    A record that is too large even for there leaves its value in its own topic: the letter names the place, the
    size and the hash.
    """
    topic = dead_letter_topic(record.topic, failure.consumer)
    with crossing(Plumbing.LETTER, record.topic):
        await _send_fitting(producer, topic, record, failure)
    _parked.labels(record.topic, failure.consumer).inc()
    _log.error(
        "record_parked", topic=record.topic, partition=record.partition, offset=record.offset,
        consumer=failure.consumer, cause=failure.cause, attempts=failure.attempts,
    )  # fmt: skip


async def _send_fitting(producer: LetterProducer, topic: str, record: RawRecord, failure: Failure) -> None:
    headers = [*record.headers, *_notes(record, failure)]
    try:
        await _send(producer, topic, record.key, record.value, headers)
    except (MessageSizeTooLargeError, RecordTooLargeError):
        value = record.value or b""
        kept = [*_small(record.headers), *_notes(record, failure)]
        kept.append((f"{_PREFIX}value_size", str(len(value)).encode()))
        kept.append((f"{_PREFIX}value_sha256", hashlib.sha256(value).hexdigest().encode()))
        key = record.key if record.key is None or len(record.key) <= _ROOM else record.key[:_ROOM]
        await _send(producer, topic, key, None, kept)


async def _send(
    producer: LetterProducer, topic: str, key: bytes | None, value: bytes | None, headers: type_headers
) -> None:
    size = len(key or b"") + len(value or b"") + sum(len(name) + len(text or b"") + 8 for name, text in headers)
    if size > LARGEST_DEAD_LETTER - _ROOM:
        raise MessageSizeTooLargeError
    if key is None and value is None:
        # The client refuses a record without both, Kafka does not.
        await producer.send_and_wait(topic, b"", None, headers=[*headers, (f"{_PREFIX}value_is_null", b"1")])
        return
    await producer.send_and_wait(topic, value, key, headers=headers)


def _small(headers: Sequence[tuple[str, bytes | None]]) -> type_headers:
    kept: type_headers = []
    for name, value in headers:
        if len(name) + len(value or b"") <= _SMALL and len(kept) < _FEW:
            kept.append((name, value))
    return kept


def _notes(record: RawRecord, failure: Failure) -> type_headers:
    notes = {
        "cause": failure.cause,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "consumer": failure.consumer,
        "attempts": str(failure.attempts),
        "first_failure": utc_text(failure.first_failure),
    }
    return [(f"{_PREFIX}{name}", text.encode()) for name, text in notes.items()]


_FIRST_NOTE: Final = f"{_PREFIX}cause"
_NOTED: Final = frozenset({"cause", "topic", "partition", "offset", "consumer", "attempts", "first_failure"})


def read_letter(record: RawRecord) -> DeadLetter:
    """The parked record and its notes; raises ValueError where the record is no dead letter of ours."""
    headers = list(record.headers)
    starts = [index for index, (name, _) in enumerate(headers) if name == _FIRST_NOTE]
    if not starts:
        raise ValueError("the record has no notes of a dead letter")
    own = headers[starts[-1] :]
    notes = {name.removeprefix(_PREFIX): (value or b"").decode() for name, value in own}
    if missing := _NOTED - notes.keys():
        raise ValueError(f"the record lacks notes of a dead letter: {', '.join(sorted(missing))}")
    return DeadLetter(
        topic=notes["topic"],
        partition=int(notes["partition"]),
        offset=int(notes["offset"]),
        key=record.key,
        value=None if "value_is_null" in notes else record.value,
        headers=headers[: starts[-1]],
        failure=Failure(
            cause=notes["cause"],
            consumer=notes["consumer"],
            attempts=int(notes["attempts"]),
            first_failure=datetime.fromisoformat(notes["first_failure"]).astimezone(UTC),
        ),
        letter_partition=record.partition,
        letter_offset=record.offset,
        value_left_out="value_size" in notes,
    )


async def retry_letter(letter: DeadLetter, handler: Callable[[CloudEvent], Awaitable[None]]) -> None:
    """Run that one consumer's handler on the letter, not the topic's others; its errors are raised.

    A letter that is no event of its topic is refused as the record was. The letter stays where it is (topics keep what
    they have); the inbox makes a second retry harmless.
    """
    if letter.value_left_out:
        raise RecordError("the value was too large to park; it stands in its own topic")
    await handler(read_event(letter, topic=letter.topic))
