"""The worker as a whole, on a real broker: records in, numbers known, events out."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from tests.integration.analytics.support import Bench, a_connection, an_event
from tests.support.eventually import eventually
from tests.support.kafka import Kafka
from tests.support.postgres import free_port

from analytics.main import work
from analytics.settings import AnalyticsSettings
from social_common.events import CloudEvent, encode_data
from social_common.http import HttpClient
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.keyfiles import generate_service_key

pytestmark = pytest.mark.needs_kafka
CONSUMED = (
    "connection.linked", "connection.updated", "connection.unlinked", "post.scheduled", "post.published", "post.failed",
)  # fmt: skip


@pytest.fixture
async def settings(bench: Bench, kafka: Kafka, tmp_path: Path) -> AsyncIterator[AnalyticsSettings]:
    """A running worker's settings."""
    generate_service_key(tmp_path / "key.json")
    settings = AnalyticsSettings(
        environment="development",
        worker_database_url=bench.urls.secret("worker"),
        service_key_file=tmp_path / "key.json",
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_embedded=kafka.embedded,
        kafka_auto_declare_topics=True,
        worker_port=free_port(),
        departure_scan=timedelta(milliseconds=200),
    )
    await declare_topics(kafka.bootstrap_servers, [TopicSpec(topic) for topic in CONSUMED])
    stop = asyncio.Event()
    worker = asyncio.create_task(work(settings, stop))
    yield settings
    stop.set()
    async with asyncio.timeout(30):
        await worker


async def send(settings: AnalyticsSettings, event: CloudEvent, *, value: bytes | None = None) -> None:
    """Puts an event on its topic, with other bytes as its value where given."""
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers) as producer:
        await producer.send_and_wait(
            event.topic,
            encode_data(event.data).encode() if value is None else value,
            key=str(event.user_id).encode(),
            headers=event.to_kafka_headers(),
        )


async def test_from_topic_to_topic(bench: Bench, settings: AnalyticsSettings) -> None:
    """A linked connection is known from its topic, and what is measured of it reaches a topic as a CloudEvent."""
    connection = a_connection(await bench.merchant())
    await send(settings, an_event("connection.linked", connection))

    async def is_known() -> bool:
        return len(await bench.rows("SELECT * FROM retail_b2c.analytics_connections")) == 1

    await eventually(is_known, within=60, what="the connection is known")
    await bench.collect()

    consumer = AIOKafkaConsumer(
        "account.measured", bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            record = await consumer.getone()
            while UUID(record.key.decode()) != connection["user_id"]:
                record = await consumer.getone()
    finally:
        await consumer.stop()
    event = CloudEvent.from_record(record)
    assert (event.source, event.subject) == ("/seftec/social/analytics", str(connection["connection_id"]))
    assert json.loads(record.value)["followers"] == 100


async def test_poison_is_parked_and_the_partition_goes_on(bench: Bench, settings: AnalyticsSettings) -> None:
    """A record that is no event of its topic is parked with its cause, and the next one is handled."""
    user_id = await bench.merchant()
    good = a_connection(user_id)
    await send(settings, an_event("connection.updated", a_connection(user_id)), value=b'{"connection_id": ')
    await send(settings, an_event("connection.updated", a_connection(user_id) | {"revision": None}))
    await send(settings, an_event("connection.updated", good))

    async def is_known() -> bool:
        rows = await bench.rows("SELECT connection_id FROM retail_b2c.analytics_connections")
        return [row["connection_id"] for row in rows] == [good["connection_id"]]

    await eventually(is_known, within=60, what="the good record is handled")
    consumer = AIOKafkaConsumer(
        "connection.updated.analytics-connections.dlt",
        bootstrap_servers=settings.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    causes: list[str] = []
    try:
        async with asyncio.timeout(30):
            while len(causes) < 2:
                record = await consumer.getone()
                if record.key == str(user_id).encode():
                    causes.append(dict(record.headers)["dlt_cause"].decode())
    finally:
        await consumer.stop()
    assert causes == ["MalformedEvent: the value is not JSON", "ValidationError: revision int_type"]


async def test_probes_of_the_worker(bench: Bench, settings: AnalyticsSettings) -> None:
    """A running worker is alive, ready and started, and shows its metrics; a departed merchant is forgotten."""
    user_id = await bench.merchant()
    await bench.linked(user_id)
    await bench.admin.execute("UPDATE auth.users SET deleted_at = now() WHERE id = $1", user_id)
    base = f"http://{settings.api_host}:{settings.worker_port}"

    async with HttpClient() as http:

        async def is_ready() -> bool:
            return (await http.request("GET", f"{base}/readyz")).status == 200

        await eventually(is_ready, within=60, what="the worker is ready")
        answers = [(await http.request("GET", f"{base}/{name}")).status for name in ("livez", "startupz")]
        metrics = (await http.request("GET", f"{base}/metrics")).text

    async def is_forgotten() -> bool:
        return await bench.rows("SELECT * FROM retail_b2c.analytics_connections") == []

    await eventually(is_forgotten, within=30, what="the merchant is forgotten")
    assert answers == [200, 200]
    assert "social_analytics_due_connections" in metrics
