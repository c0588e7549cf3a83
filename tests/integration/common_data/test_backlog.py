"""What a worker's gauges say of Kafka and of its outbox: the truth, or NaN, never an old number."""

import asyncio
import math
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError
from tests.integration.common_data.conftest import Merchant, NotesSettings, notes_settings
from tests.support.kafka import Kafka
from tests.support.postgres import ServiceDatabase

from social_common.db import Database
from social_common.events import CloudEvent, event
from social_common.kafka.backlog import Backlog
from social_common.kafka.consumer import Subscription, group_id
from social_common.kafka.producer import create_producer
from social_common.kafka.topics import TopicSpec, dead_letter_spec, declare_topics
from social_common.metrics import REGISTRY
from social_common.relay import Relay
from social_common.secrets import Secret


async def handle(_: CloudEvent) -> None:
    """Nothing is consumed here."""


def lag(item: Subscription) -> float | None:
    """What is shown of a subscription."""
    labels = {"topic": item.topic, "group": group_id("notes", item.consumer, item.topic)}
    return REGISTRY.get_sample_value("social_consumer_lag", labels)


def letters(item: Subscription) -> float | None:
    """What is shown of its dead letters."""
    return REGISTRY.get_sample_value("social_dead_letters_depth", {"topic": item.dead_letters().name})


async def is_measured(backlog: Backlog) -> bool:
    """Whether the brokers could say; those that have just begun make their groups' own topic first."""
    try:
        await backlog.measure()
    except GroupCoordinatorNotAvailableError:
        return False
    return True


@pytest.mark.needs_kafka
async def test_lag_and_dead_letters_are_counted_for_the_whole_group(kafka: Kafka) -> None:
    """A group that never read is behind by all there is; what it committed counts; letters are what stands there.

    All of it over connections that are made once.
    """
    item = Subscription(f"note.added-{uuid4().hex[:8]}", "reader", handle)
    unknown = Subscription(f"note.never-{uuid4().hex[:8]}", "reader", handle)
    await declare_topics(
        kafka.bootstrap_servers, [TopicSpec(item.topic, partitions=2), dead_letter_spec(item.topic, "reader")]
    )
    settings = NotesSettings(kafka_bootstrap_servers=kafka.bootstrap_servers)
    backlog = Backlog(settings, [item, unknown])
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
    await producer.start()
    for partition in (0, 0, 0, 1):
        await producer.send_and_wait(item.topic, b"{}", partition=partition)
    await producer.send_and_wait(item.dead_letters().name, b"{}")
    await producer.stop()

    async with asyncio.timeout(60):
        while not await is_measured(backlog):  # noqa: ASYNC110 - brokers set no event
            await asyncio.sleep(0.2)
    before = (lag(item), letters(item), lag(unknown), letters(unknown))
    reader = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers,
        group_id=group_id("notes", "reader", item.topic),
        enable_auto_commit=False,
    )
    reader.assign([TopicPartition(item.topic, 0)])
    await reader.start()
    await reader.commit({TopicPartition(item.topic, 0): 2})
    await reader.stop()
    kept = backlog._clients
    await backlog.measure()
    after = lag(item)
    kept_on = backlog._clients
    await backlog.close()

    assert [*before, after] == [4, 1, 0, 0, 2]
    assert kept is not None
    assert kept_on is kept


async def test_brokers_that_are_away_make_it_unknown() -> None:
    """NaN instead of the last number, and the worker goes on."""
    item = Subscription(f"note.added-{uuid4().hex[:8]}", "reader", handle)
    settings = NotesSettings(kafka_bootstrap_servers="127.0.0.1:9")
    stop = asyncio.Event()
    running = asyncio.create_task(Backlog(settings, [item], every=timedelta(seconds=0.05)).run(stop))

    async with asyncio.timeout(20):
        while lag(item) is None:  # noqa: ASYNC110 - a metric sets no event
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 20)

    assert math.isnan(lag(item) or 0)
    assert math.isnan(letters(item) or 0)


def shown_unsent() -> float | None:
    """What is shown of the outbox."""
    return REGISTRY.get_sample_value("social_outbox_unsent", {"service": "notes"})


def a_relay(url: Secret) -> Relay:
    """A relay whose brokers are away."""
    settings = NotesSettings(kafka_bootstrap_servers="127.0.0.1:9")
    return Relay(url, service="notes", make_producer=lambda: create_producer(settings), bootstrap_servers="127.0.0.1:9")


async def until_shown(relay: Relay, *, unknown: bool) -> float | None:
    """What the outbox's gauge says once it is a number, or once it is none, while that relay runs."""

    def is_so() -> bool:
        shown = shown_unsent()
        return shown is not None and math.isnan(shown) is unknown

    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    try:
        async with asyncio.timeout(20):
            while not is_so():  # noqa: ASYNC110 - a metric sets no event
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await asyncio.wait_for(running, 20)
    return shown_unsent()


async def test_the_outbox_is_measured_while_the_brokers_are_away(
    notes: ServiceDatabase, api: Database, a_merchant: Merchant
) -> None:
    """What waits is told just when it grows; a database that is away makes it unknown."""
    merchant = await a_merchant()
    for number in range(3):
        async with api.write(merchant) as session:
            await session.emit(
                event(
                    "note.added",
                    source_service="notes",
                    subject="s",
                    user_id=merchant,
                    time=datetime.now(UTC),
                    data={"n": number},
                )
            )
    nowhere = notes_settings(notes, worker_database_url="postgresql://nobody:made-up@127.0.0.1:9/none")
    assert nowhere.worker_database_url is not None

    away = await until_shown(a_relay(nowhere.worker_database_url), unknown=True)
    known = await until_shown(a_relay(notes.secret("worker")), unknown=False)

    assert away is not None
    assert math.isnan(away)
    assert known == 3
