"""The relay and a broker that hangs in the middle of a batch."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from tests.integration.common_data.conftest import Merchant, notes_settings
from tests.support.postgres import ServiceDatabase, free_port

from social_common.db import Database
from social_common.events import event
from social_common.kafka.producer import create_producer
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.relay import Relay
from social_stack.kafka import embedded_broker, wait_for_kafka
from social_stack.processes import Child

pytestmark = pytest.mark.needs_kafka

TOPIC = "note.added"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[tuple[Child, str]]:
    """An embedded broker of this test's own, to be stopped and let go on."""
    port = free_port()
    child = embedded_broker(port=port, log=tmp_path / "broker.log")
    child.start()
    await wait_for_kafka(f"127.0.0.1:{port}", child=child, within=timedelta(seconds=30))
    yield child, f"127.0.0.1:{port}"
    child.send(signal.SIGCONT)
    await child.stop()


async def test_a_hanging_broker_loses_and_reorders_nothing(
    broker: tuple[Child, str],
    notes: ServiceDatabase,
    api: Database,
    superuser: asyncpg.Connection,
    a_merchant: Merchant,
) -> None:
    """What was in flight comes again once it answers; first arrivals are in order, and no task is left behind."""
    child, address = broker
    merchant = await a_merchant()
    await declare_topics(address, [TopicSpec(TOPIC, partitions=3)])
    settings = notes_settings(notes, kafka_bootstrap_servers=address, kafka_embedded=True)
    before = asyncio.all_tasks()
    stop = asyncio.Event()
    relay = Relay(
        notes.secret("worker"),
        service="notes",
        make_producer=lambda: create_producer(settings, timeout=timedelta(seconds=1)),
        bootstrap_servers=address,
        topics=[TopicSpec(TOPIC, partitions=3)],
        embedded=True,
    )
    running = asyncio.create_task(relay.run(stop))

    async def write(number: int) -> None:
        async with api.write(merchant) as session:
            await session.emit(
                event(
                    TOPIC,
                    source_service="notes",
                    subject="s",
                    user_id=merchant,
                    time=datetime.now(UTC),
                    data={"n": number},
                )
            )

    async def unsent() -> int:
        return int(await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NULL"))

    await write(0)
    async with asyncio.timeout(20):
        while await unsent():  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.02)
    child.send(signal.SIGSTOP)
    for number in range(1, 6):
        await write(number)
    await asyncio.sleep(3)  # longer than a request may take: the batch in flight has failed by now
    assert await unsent() == 5
    child.send(signal.SIGCONT)
    async with asyncio.timeout(60):
        while await unsent():  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 20)

    reader = AIOKafkaConsumer(TOPIC, bootstrap_servers=address, auto_offset_reset="earliest")
    await reader.start()
    found: list[int] = []
    async with asyncio.timeout(20):
        while 5 not in found:
            found.append(json.loads((await reader.getone()).value)["n"])
    await reader.stop()
    assert list(dict.fromkeys(found)) == [0, 1, 2, 3, 4, 5]
    await asyncio.sleep(0)
    assert not {task for task in asyncio.all_tasks() - before if not task.done()}
