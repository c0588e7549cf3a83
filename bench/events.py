"""Events: from the outbox to Kafka, and from a commit to a consumer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.figures import Figure, Findings, middle_pair, share_of, spread
from bench.ground import Ground, Linked, say
from publisher.settings import PublisherSettings
from social_common.kafka.producer import create_producer
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.relay import create_relay
from social_common.secrets import Secret
from social_stack.processes import wait_until

ROUNDS: Final = 3
EVENTS: Final = 12_000
_TOPIC: Final = "bench.events"
_BATCH: Final = 1000  # as many as the relay sends before it waits for their confirmation
_STREAM_S: Final = 6


def publisher_settings(ground: Ground) -> PublisherSettings:
    """Publisher's own settings, as its worker of this stack reads them."""
    told = ground.stack.environment.service("publisher")
    return PublisherSettings(
        environment="development",
        worker_database_url=Secret(told["WORKER_DATABASE_URL"]),
        kafka_bootstrap_servers=told["KAFKA_BOOTSTRAP_SERVERS"],
        kafka_embedded=told["KAFKA_EMBEDDED"] == "true",
    )


def _published(one: Linked) -> dict[str, Any]:
    """The data of a `post.published` of usual size."""
    post_id = str(uuid4())
    return {
        "post_id": post_id,
        "campaign_id": str(uuid4()),
        "connection_id": str(one.connection_id),
        "user_id": str(one.user_id),
        "revision": 1_795_428_000_500,
        "platform": "x",
        "platform_id": one.platform_id,
        "kind": "image",
        "product_id": "kettle-1",
        "platform_post_id": "1900000000000001234",
        "permalink": "https://x.com/kettleco/status/1900000000000001234",
        "scheduled_at": "2026-11-23T10:00:00Z",
        "posted_at": "2026-11-23T10:00:00.210000Z",
        "attempts": 1,
        "settled_by": "answer",
        "may_be_duplicate": False,
    }


def event_headers(topic: str, subject: str) -> dict[str, str]:
    """The headers of an event, but for its id."""
    return {
        "ce_specversion": "1.0",
        "ce_source": "/seftec/social/bench",
        "ce_type": f"store.seftec.social.{topic}.v1",
        "ce_subject": subject,
        "ce_time": "2026-11-23T10:00:00.210000Z",
        "ce_dataschema": f"https://seftec.store/schemas/{topic}.v1.json",
        "content-type": "application/json",
    }


async def measure_relay(ground: Ground, findings: Findings) -> None:
    """A full outbox sent by one relay, beside the same records from a bare producer in the same batches."""
    settings = publisher_settings(ground)
    await declare_topics(ground.stack.kafka, [TopicSpec(_TOPIC)])
    await ground.stop("publisher", "worker")
    pairs = []
    for number in range(ROUNDS):
        say(f"outbox to Kafka, round {number + 1} of {ROUNDS}")
        before = await _outbox_bytes(ground)
        await _fill_outbox(ground, EVENTS)
        findings.inputs["event_bytes"] = (await _outbox_bytes(ground) - before) / EVENTS
        pairs.append((await _relay_all(ground, settings), await _bare_producer(ground, settings)))
    own, bare = middle_pair(pairs)
    note = spread([pair[0] for pair in pairs])
    findings.figures.append(Figure("outbox to Kafka, one relay", own, "/s", bare, 0.5, note=note))
    findings.inputs |= {"events_per_relay_per_s": own, "event_kafka_bytes": _kafka_bytes(ground)}
    await _measure_stream(ground, findings, settings)
    await ground.start("publisher", "worker")


async def _outbox_bytes(ground: Ground) -> float:
    return float(
        await ground.sql.fetchval(
            "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('retail_b2c.publisher_outbox')"
        )
    )


async def _fill_outbox(ground: Ground, count: int) -> None:
    rows = []
    for number in range(count):
        one = ground.linked[number % len(ground.linked)]
        data = _published(one)
        headers = json.dumps(event_headers(_TOPIC, data["post_id"]))
        rows.append((uuid4(), _TOPIC, one.user_id, data["post_id"], headers, json.dumps(data)))
    await ground.sql.executemany(
        "INSERT INTO retail_b2c.publisher_outbox (event_id, topic, user_id, subject, headers, payload) "
        "VALUES ($1, $2, $3, $4, $5::jsonb, $6)",
        rows,
    )


@asynccontextmanager
async def _relaying(settings: PublisherSettings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(create_relay(settings, topics=[TopicSpec(_TOPIC)]).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def _relay_all(ground: Ground, settings: PublisherSettings) -> float:
    """By the clock of the relay's own marks, so that its start is not counted."""

    async def is_empty() -> bool:
        await asyncio.sleep(0.1)
        return not await ground.sql.fetchval("SELECT 1 FROM retail_b2c.publisher_outbox WHERE sent_at IS NULL LIMIT 1")

    async with _relaying(settings):
        await wait_until(is_empty, child=None, within=timedelta(seconds=60), what="the outbox")
    seconds = await ground.sql.fetchval(
        "SELECT extract(epoch FROM max(sent_at) - min(sent_at))::float8 FROM "
        "(SELECT sent_at FROM retail_b2c.publisher_outbox WHERE topic = $1 ORDER BY sent_at DESC LIMIT $2) newest",
        _TOPIC,
        EVENTS,
    )
    return (EVENTS - _BATCH) / float(seconds)  # the first mark is made when the first batch has been sent


async def _bare_producer(ground: Ground, settings: PublisherSettings) -> float:
    records = []
    for number in range(EVENTS):
        one = ground.linked[number % len(ground.linked)]
        data = _published(one)
        headers = [(name, text.encode()) for name, text in event_headers(_TOPIC, data["post_id"]).items()]
        records.append((json.dumps(data).encode(), str(one.user_id).encode(), [("ce_id", uuid4().bytes), *headers]))
    producer: AIOKafkaProducer = create_producer(settings)
    await producer.start()
    try:
        began = time.perf_counter()
        for first in range(0, EVENTS, _BATCH):
            sent = [
                await producer.send(_TOPIC, value, key=key, headers=headers)
                for value, key, headers in records[first : first + _BATCH]
            ]
            await asyncio.gather(*sent)
        return EVENTS / (time.perf_counter() - began)
    finally:
        await producer.stop()


def _kafka_bytes(ground: Ground) -> float:
    """What a record takes of one broker's disk; of its parts where the broker keeps no files."""
    segments = list((ground.stack.config.data_dir / "kafka").rglob(f"{_TOPIC}-*/*.log"))
    written = sum(path.stat().st_size for path in segments)
    if written:
        return written / (2 * ROUNDS * EVENTS)
    data = _published(ground.linked[0])
    headers = event_headers(_TOPIC, data["post_id"])
    return float(len(json.dumps(data)) + 36 + sum(len(name) + len(text) + 2 for name, text in headers.items()))


async def _measure_stream(ground: Ground, findings: Findings, settings: PublisherSettings) -> None:
    """A thousand events a second are committed; how long until a consumer of Kafka has each."""
    say("commit to consumer at 1,000/s")
    waits: list[float] = []
    consumer = AIOKafkaConsumer(_TOPIC, bootstrap_servers=ground.stack.kafka, auto_offset_reset="latest")
    await consumer.start()
    await consumer.seek_to_end()

    async def listen() -> None:
        async for record in consumer:
            waits.append((time.time() - json.loads(record.value)["at"]) * 1000)

    try:
        async with _relaying(settings):
            await asyncio.sleep(2)
            listening = asyncio.create_task(listen())
            await _commit_steadily(ground, seconds=_STREAM_S)
            await asyncio.sleep(1.5)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    finally:
        await consumer.stop()
    waits = waits[1000:]  # the first second, in which everything is new
    note = f"of {len(waits)} events; half of them within {share_of(waits, 0.5):.0f} ms"
    findings.figures.append(
        Figure("commit to consumer at 1,000/s, p99", share_of(waits, 0.99), "ms", target=50, better="less", note=note)
    )


async def _commit_steadily(ground: Ground, *, seconds: int) -> None:
    """Ten events in each transaction, a hundred transactions a second."""
    headers = json.dumps(event_headers(_TOPIC, "s"))
    began = time.perf_counter()
    async with ground.sql.acquire() as connection:
        for tick in range(seconds * 100):
            data = [json.dumps(_published(ground.linked[0]) | {"at": time.time()}) for _ in range(10)]
            await connection.execute(
                "INSERT INTO retail_b2c.publisher_outbox (event_id, topic, user_id, subject, headers, payload) "
                "SELECT gen_random_uuid(), $1, $2, 's', $3::jsonb, p FROM unnest($4::text[]) p",
                _TOPIC,
                ground.linked[tick % len(ground.linked)].user_id,
                headers,
                data,
            )
            await asyncio.sleep(max(0.0, began + (tick + 1) / 100 - time.perf_counter()))
