"""The relay on a real broker and a real database: in order, at least once, whatever dies in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError
from tests.integration.common_data.conftest import Merchant, notes_settings
from tests.support.kafka import Kafka
from tests.support.postgres import ServiceDatabase

from social_common.db import Database
from social_common.events import CloudEvent, event
from social_common.kafka.cluster import ClusterProbe
from social_common.kafka.producer import create_producer
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.metrics import REGISTRY
from social_common.relay import Relay
from social_common.replay import accept_cluster

pytestmark = pytest.mark.needs_kafka


@pytest.fixture
async def topic(kafka: Kafka) -> str:
    """A topic of this test alone."""
    name = f"note.added-{uuid4().hex[:8]}"
    await declare_topics(kafka.bootstrap_servers, [TopicSpec(name, partitions=3)])
    return name


async def write(database: Database, user_id: UUID, *, topic: str, number: int) -> UUID:
    """Commit one event."""
    async with database.write(user_id) as session:
        return await session.emit(
            event(
                topic,
                source_service="notes",
                subject="s",
                user_id=user_id,
                time=datetime.now(UTC),
                data={"user_id": user_id, "number": number},
            )
        )


async def read_all(kafka: Kafka, topic: str, *, at_least: int) -> list[ConsumerRecord]:
    """Everything that stands on a topic, once there are so many records."""
    reader = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest")
    await reader.start()
    try:
        reader.assign([TopicPartition(topic, number) for number in range(3)])
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(20):
            while len(found) < at_least:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    found += records
        for records in (await reader.getmany(timeout_ms=300)).values():
            found += records
    finally:
        await reader.stop()
    return found


def a_relay(kafka: Kafka, notes: ServiceDatabase, **more: Any) -> Relay:
    """A relay of the small service."""
    settings = notes_settings(notes, kafka_bootstrap_servers=kafka.bootstrap_servers, kafka_embedded=kafka.embedded)
    return Relay(
        notes.secret("worker"),
        **{
            "service": "notes",
            "make_producer": lambda: create_producer(settings),
            "bootstrap_servers": kafka.bootstrap_servers,
            "stand_by": timedelta(milliseconds=100),
            **more,
        },
    )


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    """Relays at work for the length of a block."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(relay.run(stop)) for relay in relays]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 30)


async def until_sent(superuser: asyncpg.Connection) -> None:
    """Wait until nothing is unsent."""
    unsent = "SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NULL"
    async with asyncio.timeout(30):
        while await superuser.fetchval(unsent):  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.02)


async def test_a_committed_event_arrives_as_a_cloudevent(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Key, value and headers on the topic are what the contract says, and the row is marked."""
    merchant = await a_merchant()
    async with running(a_relay(kafka, notes)):
        event_id = await write(api, merchant, topic=topic, number=1)
        await until_sent(superuser)

    (record,) = await read_all(kafka, topic, at_least=1)
    headers = dict(record.headers)
    assert record.key == str(merchant).encode()
    assert json.loads(record.value) == {"user_id": str(merchant), "number": 1}
    assert headers["ce_id"] == str(event_id).encode()
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_source"] == b"/seftec/social/notes"
    assert headers["ce_type"] == f"store.seftec.social.{topic}.v1".encode()
    assert headers["ce_subject"] == b"s"
    assert headers["content-type"] == b"application/json"
    assert CloudEvent.from_record(record).user_id == merchant


async def test_the_order_of_each_merchant_is_kept(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """With three relays at once and small batches, every merchant's events arrive in the order of their commits."""
    merchants = [await a_merchant() for _ in range(4)]

    async def write_some(merchant: UUID) -> None:
        for number in range(40):
            await write(api, merchant, topic=topic, number=number)

    async with running(*(a_relay(kafka, notes, batch=7) for _ in range(3))):
        await asyncio.gather(*(write_some(merchant) for merchant in merchants))
        await until_sent(superuser)

    found = await read_all(kafka, topic, at_least=160)
    assert len(found) == 160
    for merchant in merchants:
        numbers = [json.loads(record.value)["number"] for record in found if record.key == str(merchant).encode()]
        assert numbers == list(range(40))


class FailingProducer:
    """A producer whose confirmations fail from a given record on, as a broker's that goes away."""

    def __init__(self, producer: AIOKafkaProducer, *, fail_from: int) -> None:
        self._producer = producer
        self._left = fail_from
        self.client = producer.client

    async def start(self) -> None:
        """Start the real one."""
        await self._producer.start()

    async def stop(self) -> None:
        """Stop the real one."""
        await self._producer.stop()

    async def send(self, topic: str, value: bytes, **more: object) -> "asyncio.Future[object]":
        """Send, but answer with a failure when it is time."""
        self._left -= 1
        if self._left < 0:
            failed: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            failed.set_exception(KafkaTimeoutError())
            return failed
        sent: asyncio.Future[object] = await self._producer.send(topic, value, **more)
        return sent


async def test_what_was_not_confirmed_is_not_marked(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """When the broker stops confirming in a batch, only what stands before is marked; the rest comes again in order."""
    merchant = await a_merchant()
    for number in range(6):
        await write(api, merchant, topic=topic, number=number)
    settings = notes_settings(notes, kafka_bootstrap_servers=kafka.bootstrap_servers, kafka_embedded=kafka.embedded)
    producers = [FailingProducer(create_producer(settings), fail_from=number) for number in (0, 4, 99)]
    marked: list[int] = []

    def make() -> FailingProducer:
        return producers.pop(0) if producers else FailingProducer(create_producer(settings), fail_from=99)

    relay = a_relay(kafka, notes, make_producer=make)
    connection = await asyncpg.connect(notes.worker)
    for _ in range(2):
        with pytest.raises(KafkaTimeoutError):
            await relay.send_batch(connection)
        await relay._drop_producer()
        marked.append(
            await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NOT NULL")
        )
    await relay.send_batch(connection)
    await relay._drop_producer()
    await connection.close()

    assert marked == [0, 4]
    found = await read_all(kafka, topic, at_least=6)
    assert [json.loads(record.value)["number"] for record in found] == [0, 1, 2, 3, 4, 5]


async def test_a_crash_between_send_and_mark_loses_nothing(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """The batch of a relay that dies before it could mark is sent again, with the same ids."""
    merchant = await a_merchant()
    event_id = await write(api, merchant, topic=topic, number=1)
    sent = asyncio.Event()

    class Dying(Relay):
        async def _send(self, rows: Sequence[Any]) -> tuple[Sequence[Any], BaseException | None]:
            outcome = await super()._send(rows)
            sent.set()
            await asyncio.Event().wait()
            return outcome

    dying = a_relay(kafka, notes)
    dying.__class__ = Dying
    doomed = asyncio.create_task(dying.run(asyncio.Event()))
    await asyncio.wait_for(sent.wait(), 20)
    doomed.cancel()
    await asyncio.gather(doomed, return_exceptions=True)
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NULL") == 1

    async with running(a_relay(kafka, notes)):
        await until_sent(superuser)

    found = await read_all(kafka, topic, at_least=2)
    assert [dict(record.headers)["ce_id"] for record in found] == [str(event_id).encode()] * 2


async def test_only_one_relay_works_at_a_time(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, a_merchant: Merchant
) -> None:
    """While one holds the lock another finds nothing to do; when its connection dies the lock is free."""
    await write(api, await a_merchant(), topic=topic, number=1)
    holding, waiting = await asyncpg.connect(notes.worker), await asyncpg.connect(notes.worker)
    relay = a_relay(kafka, notes)
    transaction = holding.transaction()
    await transaction.start()
    assert await holding.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('notes_relay'), 0)")

    assert not await relay.send_batch(waiting)
    assert not relay._producer
    holding.terminate()
    async with asyncio.timeout(10):
        while not relay._producer:
            await relay.send_batch(waiting)

    await relay._drop_producer()
    await waiting.close()
    assert len(await read_all(kafka, topic, at_least=1)) == 1


async def test_the_relay_survives_lost_database_connections(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Its backend is killed, twice, and events go on being sent."""
    merchant = await a_merchant()
    async with running(a_relay(kafka, notes)):
        for number in range(3):
            await write(api, merchant, topic=topic, number=number)
            await until_sent(superuser)
            await superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'notes_relay'"
                " AND datname = current_database()"
            )

    assert len(await read_all(kafka, topic, at_least=3)) == 3


async def test_the_relay_survives_a_broker_that_is_away(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """It neither ends nor forgets while no producer can be started."""
    await write(api, await a_merchant(), topic=topic, number=1)
    settings = notes_settings(notes, kafka_bootstrap_servers=kafka.bootstrap_servers, kafka_embedded=kafka.embedded)
    refusals = 3

    def make() -> AIOKafkaProducer:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise KafkaConnectionError
        return create_producer(settings)

    async with running(a_relay(kafka, notes, make_producer=make)):
        await until_sent(superuser)

    assert len(await read_all(kafka, topic, at_least=1)) == 1


async def test_an_unknown_cluster_stops_sending(
    kafka: Kafka, topic: str, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Where the broker is not the embedded one, another cluster id holds the relay back until an operator decides."""
    await superuser.execute("INSERT INTO retail_b2c.notes_relay_state (cluster_id) VALUES ('the-old-one')")
    await write(api, await a_merchant(), topic=topic, number=1)

    def holds_back() -> bool:
        return REGISTRY.get_sample_value("social_relay_unknown_cluster", {"service": "notes"}) == 1

    async with running(a_relay(kafka, notes, embedded=False)), asyncio.timeout(20):
        while not holds_back():  # noqa: ASYNC110 - nor does a metric
            await asyncio.sleep(0.02)
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NULL") == 1

    probe = ClusterProbe(kafka.bootstrap_servers)
    async with Database(notes.secret("worker"), service="notes") as database:
        await accept_cluster(database, cluster=await probe.cluster_id(), resend=False)
    await probe.close()
    async with running(a_relay(kafka, notes, embedded=False)):
        await until_sent(superuser)


async def test_a_new_embedded_broker_is_filled_again(
    kafka: Kafka, notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """An embedded broker of another cluster id gets its topics and all kept events, with their ids."""
    name = f"note.kept-{uuid4().hex[:8]}"
    await superuser.execute("INSERT INTO retail_b2c.notes_relay_state (cluster_id) VALUES ('the-dead-one')")
    merchant = await a_merchant()
    written = [await write(api, merchant, topic=name, number=number) for number in range(3)]
    await superuser.execute("UPDATE retail_b2c.notes_outbox SET sent_at = now()")

    async with running(a_relay(kafka, notes, embedded=True, topics=[TopicSpec(name, partitions=3)])):
        found = await read_all(kafka, name, at_least=3)

    assert [dict(record.headers)["ce_id"].decode() for record in found] == [str(event_id) for event_id in written]


async def test_a_batch_in_flight_to_a_dead_cluster_is_not_lost(
    notes: ServiceDatabase, api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Accepting another cluster waits for the batch in hand, so that its marks are undone with the others."""
    await write(api, await a_merchant(), topic="note.added", number=1)
    await superuser.execute("INSERT INTO retail_b2c.notes_relay_state (cluster_id) VALUES ('the-dead-one')")
    batch = await asyncpg.connect(notes.worker)
    transaction = batch.transaction()
    await transaction.start()
    await batch.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('notes_relay'), 0)")
    async with Database(notes.secret("worker"), service="notes") as database:
        accepting = asyncio.create_task(accept_cluster(database, cluster="new", resend=True))
        rows = await batch.fetch("SELECT * FROM retail_b2c.notes_outbox_take(10)")
        await batch.fetchval("SELECT retail_b2c.notes_outbox_mark($1, $2, $2)", [rows[0]["id"]], rows[0]["created_at"])
        await transaction.commit()
        await accepting

    await batch.close()
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NULL") == 1
