"""Consuming from a real broker: everything is handled, waited for or parked; nothing blocks and nothing is skipped."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import BaseModel
from tests.integration.common_data.conftest import Merchant, NotesSettings
from tests.support.kafka import Kafka

from social_common import inbox
from social_common.db import Database, UserGone
from social_common.events import CloudEvent, RawRecord, event, new_event_id
from social_common.kafka.broker import ServiceBroker, create_broker
from social_common.kafka.consumer import group_id, subscribe
from social_common.kafka.dead_letters import DeadLetter, Failure, retry_letter
from social_common.kafka.errors import InfrastructureDown, RecordError
from social_common.kafka.letters import LetterReader
from social_common.kafka.pipeline import RetryPolicy
from social_common.kafka.topics import TopicSpec, dead_letter_spec, dead_letter_topic, declare_topics
from social_common.letters import LetterId

pytestmark = pytest.mark.needs_kafka

QUICK = RetryPolicy(tries=3, first_pause=timedelta(milliseconds=5), factor=1.0, longest_wait=timedelta(milliseconds=50))
MERCHANT = uuid4()
Headers = list[tuple[str, bytes | None]]


@pytest.fixture
async def topic(kafka: Kafka) -> str:
    """A topic with one partition, so that whatever blocks blocks everything, and its dead letters."""
    name = f"note.added-{uuid4().hex[:8]}"
    await declare_topics(kafka.bootstrap_servers, [TopicSpec(name, partitions=1), dead_letter_spec(name, "reader")])
    return name


@pytest.fixture
async def producer(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """A client that sends whatever it is given."""
    client = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, max_request_size=8 * 1024 * 1024)
    await client.start()
    yield client
    await client.stop()


def settings_of(kafka: Kafka) -> NotesSettings:
    """Settings of a consumer."""
    return NotesSettings(kafka_bootstrap_servers=kafka.bootstrap_servers, kafka_embedded=kafka.embedded)


def a_record(topic: str, number: int, **changed: bytes | None) -> tuple[bytes, bytes, Headers]:
    """Key, value and headers of a good event; a header given as a keyword takes another value."""
    made = event(
        topic, source_service="notes", subject="s", user_id=MERCHANT, time=datetime.now(UTC), data={"number": number}
    )
    headers: dict[str, bytes | None] = {name: text.encode() for name, text in made.headers(traceparent=None).items()}
    headers = {"ce_id": str(new_event_id()).encode(), **headers, **changed}
    return str(MERCHANT).encode(), json.dumps({"number": number}).encode(), list(headers.items())


async def send(producer: AIOKafkaProducer, topic: str, record: tuple[bytes | None, bytes | None, Headers]) -> None:
    """Send one record."""
    key, value, headers = record
    await producer.send_and_wait(topic, value, key, headers=headers)


@asynccontextmanager
async def consuming(
    kafka: Kafka, topic: str, handler: Callable[[CloudEvent], Awaitable[None]]
) -> AsyncIterator[ServiceBroker]:
    """A consumer at work for the length of a block."""
    broker = create_broker(settings_of(kafka))
    subscribe(broker, topic, consumer=READER, handler=handler, retry=QUICK)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


READER = "reader"


class Reader:
    """A handler that keeps the numbers it saw, and fails as it is told to."""

    def __init__(self, *failures: Exception, on: int | None = None) -> None:
        self.numbers: list[int] = []
        self.tries = 0
        self._failures = list(failures)
        self._on = on
        self._arrived = asyncio.Condition()

    async def __call__(self, event: CloudEvent) -> None:
        """Handle one event."""
        number = event.data["number"]
        async with self._arrived:
            self._arrived.notify_all()
            if self._failures and self._on in {None, number}:
                self.tries += 1
                raise self._failures.pop(0)
            self.numbers.append(number)

    async def has_seen(self, number: int) -> None:
        """Wait until a number arrived."""
        async with asyncio.timeout(20), self._arrived:
            await self._arrived.wait_for(lambda: number in self.numbers)

    async def has_tried(self, times: int) -> None:
        """Wait until the handler failed so often."""
        async with asyncio.timeout(20), self._arrived:
            await self._arrived.wait_for(lambda: self.tries >= times)


async def letters(kafka: Kafka, topic: str) -> list[DeadLetter]:
    """The dead letters of the consumer."""
    name = dead_letter_topic(topic, READER)
    async with LetterReader(kafka.bootstrap_servers, {name}) as reader:
        batches = [batch async for batch in reader.batches(name)]
    return [parked.letter for batch in batches for parked in batch.letters]


async def committed(kafka: Kafka, topic: str) -> int | None:
    """The offset from which the group would go on."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers, group_id=group_id("notes", READER, topic), enable_auto_commit=False
    )
    await reader.start()
    try:
        offset: int | None = await reader.committed(TopicPartition(topic, 0))
        return offset
    finally:
        await reader.stop()


GOOD_KEY, GOOD_VALUE = str(MERCHANT).encode(), b'{"number": 0}'

MALFORMED: dict[str, Callable[[str], Any]] = {
    "broken JSON": lambda topic: (GOOD_KEY, b'{"number": ', a_record(topic, 0)[2]),
    "JSON too deep": lambda topic: (GOOD_KEY, b"[" * 200_000, a_record(topic, 0)[2]),
    "no object": lambda topic: (GOOD_KEY, b"[1]", a_record(topic, 0)[2]),
    "NaN": lambda topic: (GOOD_KEY, b'{"number": NaN}', a_record(topic, 0)[2]),
    "no headers": lambda _: (GOOD_KEY, GOOD_VALUE, []),
    "null header": lambda topic: (GOOD_KEY, GOOD_VALUE, a_record(topic, 0, traceparent=None)[2]),
    "null id": lambda topic: (GOOD_KEY, GOOD_VALUE, a_record(topic, 0, ce_id=None)[2]),
    "header not UTF-8": lambda topic: (GOOD_KEY, GOOD_VALUE, a_record(topic, 0, ce_subject=b"\xff\xfe")[2]),
    "foreign header not UTF-8": lambda topic: (GOOD_KEY, GOOD_VALUE, [*a_record(topic, 0)[2], ("x", b"\xff")]),
    "reply_to": lambda topic: (GOOD_KEY, b"{", [*a_record(topic, 0)[2], ("reply_to", topic.encode())]),
    "tombstone": lambda topic: (GOOD_KEY, None, a_record(topic, 0)[2]),
    "no key": lambda topic: (None, GOOD_VALUE, a_record(topic, 0)[2]),
    "key is no id": lambda topic: (b"\xff\x00", GOOD_VALUE, a_record(topic, 0)[2]),
    "another user": lambda topic: (GOOD_KEY, json.dumps({"user_id": str(uuid4())}).encode(), a_record(topic, 0)[2]),
    "unknown type": lambda topic: (GOOD_KEY, GOOD_VALUE, a_record(topic, 0, ce_type=b"store.other.v1")[2]),
    "time of no kind": lambda topic: (GOOD_KEY, GOOD_VALUE, a_record(topic, 0, ce_time=b"yesterday")[2]),
    "almost too large": lambda topic: (GOOD_KEY, b"x" * (1024 * 1024 - 2048), a_record(topic, 0)[2]),
}


async def test_malformed_records_are_parked_and_their_partition_goes_on(
    kafka: Kafka, topic: str, producer: AIOKafkaProducer
) -> None:
    """Whatever is wrong with a record, it ends in the dead letter topic as it was, and the next one is handled."""
    sent = [make(topic) for make in MALFORMED.values()]
    for record in sent:
        await send(producer, topic, record)
    await send(producer, topic, a_record(topic, 7))
    reader = Reader()

    async with consuming(kafka, topic, reader):
        await reader.has_seen(7)

    assert reader.numbers == [7]
    parked = await letters(kafka, topic)
    assert [(letter.key, letter.value, letter.headers) for letter in parked] == sent
    assert [letter.offset for letter in parked] == list(range(len(sent)))
    assert {(letter.topic, letter.partition, letter.failure.consumer) for letter in parked} == {(topic, 0, READER)}
    assert all(letter.failure.cause for letter in parked)
    assert await committed(kafka, topic) == len(sent) + 1


async def test_a_passing_failure_is_tried_again(kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
    """Two failures, then it works: nothing is parked and the order is kept."""
    for number in range(3):
        await send(producer, topic, a_record(topic, number))
    reader = Reader(RuntimeError("once"), RuntimeError("twice"), on=1)

    async with consuming(kafka, topic, reader):
        await reader.has_seen(2)

    assert reader.numbers == [0, 1, 2]
    assert await letters(kafka, topic) == []


async def test_a_lasting_failure_is_parked_after_a_few_tries(
    kafka: Kafka, topic: str, producer: AIOKafkaProducer
) -> None:
    """The third failure is the last; the letter tells how often and why, without what the error said."""
    for number in range(2):
        await send(producer, topic, a_record(topic, number))
    reader = Reader(*(RuntimeError("planted-secret") for _ in range(9)), on=0)

    async with consuming(kafka, topic, reader):
        await reader.has_seen(1)

    assert reader.tries == 3
    (letter,) = await letters(kafka, topic)
    assert (letter.failure.attempts, letter.failure.cause) == (3, "RuntimeError")
    assert datetime.now(UTC) - letter.failure.first_failure < timedelta(minutes=1)


class Wanted(BaseModel):
    """What a tolerant reader wants."""

    text: int


async def test_a_record_that_is_wrong_is_parked_at_once(kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
    """Neither RecordError nor a validation error is retried; the cause names fields, not values."""
    for number in range(3):
        await send(producer, topic, a_record(topic, number))
    calls: list[int] = []
    done = asyncio.Event()

    async def handler(found: CloudEvent) -> None:
        calls.append(found.data["number"])
        match found.data["number"]:
            case 0:
                raise RecordError("this number is odd in its own way")
            case 1:
                Wanted.model_validate({"text": "planted-secret"})
            case _:
                done.set()

    async with consuming(kafka, topic, handler):
        await asyncio.wait_for(done.wait(), 20)

    assert calls == [0, 1, 2]
    causes = [letter.failure.cause for letter in await letters(kafka, topic)]
    assert causes == ["RecordError: this number is odd in its own way", "ValidationError: text int_parsing"]


@pytest.mark.parametrize("failure", [InfrastructureDown("db"), ConnectionResetError(), TimeoutError()])
async def test_a_dead_infrastructure_is_waited_for(
    kafka: Kafka, topic: str, producer: AIOKafkaProducer, failure: Exception
) -> None:
    """Many more failures than a record may have: nothing is parked, nothing skipped, nothing overtaken."""
    for number in range(3):
        await send(producer, topic, a_record(topic, number))
    reader = Reader(*(failure for _ in range(12)))

    async with consuming(kafka, topic, reader):
        await reader.has_seen(2)

    assert reader.numbers == [0, 1, 2]
    assert reader.tries == 12
    assert await letters(kafka, topic) == []


async def test_a_record_of_a_gone_user_is_let_go(kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
    """That the user is gone is the end of the work, not a failure."""
    for number in range(2):
        await send(producer, topic, a_record(topic, number))
    reader = Reader(UserGone(), on=0)

    async with consuming(kafka, topic, reader):
        await reader.has_seen(1)

    assert await letters(kafka, topic) == []


async def test_when_parking_fails_the_record_comes_again(kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
    """As long as it cannot be parked nothing after it is handled; once it can, it is, and the partition goes on."""
    await send(producer, topic, (GOOD_KEY, b"broken", a_record(topic, 0)[2]))
    await send(producer, topic, a_record(topic, 1))
    reader = Reader()
    broker = create_broker(settings_of(kafka))
    pipeline = subscribe(broker, topic, consumer=READER, handler=reader, retry=QUICK)
    refusals = 5
    seen_while_refusing: list[int] = []

    async def park(record: RawRecord, failure: Failure) -> None:
        nonlocal refusals
        if refusals:
            refusals -= 1
            seen_while_refusing.extend(reader.numbers)
            raise ConnectionError
        await broker.park(record, failure)

    pipeline._park = park
    await broker.start()
    await reader.has_seen(1)
    await broker.stop()

    assert refusals == 0
    assert seen_while_refusing == []
    assert len(await letters(kafka, topic)) == 1


async def test_what_is_not_finished_is_not_committed(kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
    """A consumer that ends while it waits for the infrastructure leaves the record to the next one."""
    await send(producer, topic, a_record(topic, 0))
    waiting = Reader(*(InfrastructureDown() for _ in range(1000)))
    async with consuming(kafka, topic, waiting):
        await waiting.has_tried(3)
    reader = Reader()

    async with consuming(kafka, topic, reader):
        await reader.has_seen(0)

    assert waiting.numbers == []


async def test_a_stop_lets_the_record_in_hand_finish(kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
    """Draining waits for the handler and commits what it did; the next consumer does not see it again."""
    await send(producer, topic, a_record(topic, 0))
    began, may_end = asyncio.Event(), asyncio.Event()
    finished: list[int] = []

    async def slow(found: CloudEvent) -> None:
        began.set()
        await may_end.wait()
        finished.append(found.data["number"])

    broker = create_broker(settings_of(kafka))
    subscribe(broker, topic, consumer=READER, handler=slow, retry=QUICK)
    await broker.start()
    await asyncio.wait_for(began.wait(), 20)
    stopping = asyncio.create_task(broker.stop())
    await broker.draining.wait()
    may_end.set()
    await stopping

    assert finished == [0]
    assert await committed(kafka, topic) == 1


async def test_a_crash_between_commit_and_ack_changes_nothing(
    kafka: Kafka,
    topic: str,
    producer: AIOKafkaProducer,
    worker: Database,
    superuser: asyncpg.Connection,
    a_merchant: Merchant,
) -> None:
    """The record comes again to the next consumer, and the inbox knows it."""
    merchant: UUID = await a_merchant()
    applied: list[bool] = []

    async def apply(found: CloudEvent) -> None:
        async with worker.write(merchant) as session:
            first = await inbox.first_time(session, consumer=READER, event=found)
            if first:
                await session.execute("SELECT set_config('application_name', 'applied', true)")
        applied.append(first)

    committed_work = asyncio.Event()

    async def apply_and_die(found: CloudEvent) -> None:
        await apply(found)
        committed_work.set()
        await asyncio.Event().wait()

    await send(producer, topic, a_record(topic, 0))
    dying = create_broker(settings_of(kafka))
    dying.config.broker_config.graceful_timeout = 0.1
    subscribe(dying, topic, consumer=READER, handler=apply_and_die, retry=QUICK)
    await dying.start()
    await asyncio.wait_for(committed_work.wait(), 20)
    await dying.stop()
    again = asyncio.Event()

    async def apply_again(found: CloudEvent) -> None:
        await apply(found)
        again.set()

    async with consuming(kafka, topic, apply_again):
        await asyncio.wait_for(again.wait(), 20)

    assert applied == [True, False]
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_inbox") == 1


async def test_a_dead_letter_is_retried_by_its_own_handler(
    kafka: Kafka, topic: str, producer: AIOKafkaProducer
) -> None:
    """The event comes to the handler as it was on its topic; nothing is sent to the topic."""
    await send(producer, topic, a_record(topic, 5))
    await send(producer, topic, a_record(topic, 6))
    reader = Reader(RecordError("not today"), on=5)
    async with consuming(kafka, topic, reader):
        await reader.has_seen(6)
    # What somebody else wrote there hides no letter.
    await producer.send_and_wait(f"{topic}.{READER}.dlt", b"planted", headers=[("dlt_cause", b"\xff")])
    assert len(await letters(kafka, topic)) == 1
    retried: list[CloudEvent] = []

    async def handler(found: CloudEvent) -> None:
        retried.append(found)

    place = LetterId(dead_letter_topic(topic, READER), 0, 0)
    async with LetterReader(kafka.bootstrap_servers, {place.topic}) as letter_reader:
        found = await letter_reader.at(place)
        foreign = await letter_reader.at(LetterId(place.topic, 0, 1))
        missing = await letter_reader.at(LetterId(place.topic, 0, 9))
    assert found is not None
    await retry_letter(found.letter, handler)

    assert [(found.topic, found.partition, found.offset, found.data) for found in retried] == [
        (topic, 0, 0, {"number": 5})
    ]
    assert (found.id, foreign, missing) == (place, None, None)


# A client that is allowed to send header names that are no text; the compiled one refuses them.
FOREIGN_PRODUCER = """
import asyncio, sys
from aiokafka import AIOKafkaProducer

class RawName(str):
    def encode(self, *_):
        return bytes([255, 254])

async def main():
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1])
    await producer.start()
    await producer.send_and_wait(sys.argv[2], b"1", b"k", headers=[(RawName("x"), b"1")])
    await producer.stop()

asyncio.run(main())
"""


async def test_a_record_the_client_cannot_unpack_is_parked_by_its_place(
    kafka: Kafka, topic: str, producer: AIOKafkaProducer
) -> None:
    """A header name that is not UTF-8 fails inside the client at every fetch; the partition goes on all the same."""
    await send(producer, topic, a_record(topic, 0))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", FOREIGN_PRODUCER, kafka.bootstrap_servers, topic),
        env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"},
    )
    assert await child.wait() == 0
    await send(producer, topic, a_record(topic, 2))
    reader = Reader()

    async with consuming(kafka, topic, reader):
        await reader.has_seen(2)

    assert reader.numbers == [0, 2]
    (letter,) = await letters(kafka, topic)
    assert (letter.offset, letter.key, letter.value, letter.headers) == (1, None, None, [])
    assert "could not unpack" in letter.failure.cause


async def test_a_record_too_large_to_park_is_parked_by_its_place(kafka: Kafka, producer: AIOKafkaProducer) -> None:
    """On a topic that takes more than a dead letter does, the letter names the place, size and hash of the value."""
    topic = f"note.large-{uuid4().hex[:8]}"
    await declare_topics(
        kafka.bootstrap_servers,
        [TopicSpec(topic, partitions=1, largest_record=4 * 1024 * 1024), dead_letter_spec(topic, READER)],
    )
    headers = a_record(topic, 0)[2]
    await send(producer, topic, (GOOD_KEY, b"x" * (3 * 1024 * 1024), headers))
    await send(producer, topic, a_record(topic, 1))
    reader = Reader()

    async with consuming(kafka, topic, reader):
        await reader.has_seen(1)

    (letter,) = await letters(kafka, topic)
    assert (letter.topic, letter.offset, letter.key, letter.value) == (topic, 0, GOOD_KEY, None)
    assert letter.value_left_out
    with pytest.raises(RecordError, match="too large to park"):
        await retry_letter(letter, reader)
