"""From Kafka into publisher's tables: `connection.linked` as its worker takes it in."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer

from bench.events import event_headers, publisher_settings
from bench.figures import Figure, Findings, middle_pair, spread
from bench.ground import Ground, Linked, say
from publisher.settings import PublisherSettings
from social_common.kafka.producer import create_producer
from social_common.kafka.topics import TopicSpec, declare_topics
from social_stack.processes import wait_until

ROUNDS: Final = 3
_LINKED: Final = "connection.linked"
_CLAIMS: Final = "SELECT set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', '', true)"


async def measure_consuming(ground: Ground, findings: Findings, *, records: int = 3000) -> None:
    """Publisher's worker takes `connection.linked` in; beside it a bare loop that makes the same writes."""
    settings = publisher_settings(ground)
    pairs = []
    for number in range(ROUNDS):
        say(f"consuming connection.linked, round {number + 1} of {ROUNDS}")
        made = [_connection(ground.linked[turn % len(ground.linked)]) for turn in range(records)]
        await ground.stop("publisher", "worker")
        await _send(settings, _LINKED, made)
        await ground.start("publisher", "worker")
        own = await _consumed(ground, made)
        topic = f"bench.linked.{number}"
        await declare_topics(ground.stack.kafka, [TopicSpec(topic)])
        again = [_connection(ground.linked[turn % len(ground.linked)]) for turn in range(records)]
        await _send(settings, topic, again)
        pairs.append((own, await _bare_consumer(ground, topic, records)))
    await ground.sql.execute("DELETE FROM retail_b2c.publisher_connections WHERE platform_username = 'of the bench'")
    own, bare = middle_pair(pairs)
    note = spread([pair[0] for pair in pairs])
    findings.figures.append(Figure("consuming connection.linked", own, "/s", bare, 0.5, note=note))
    findings.inputs["consumed_per_worker_per_s"] = own


def _connection(one: Linked) -> dict[str, Any]:
    connection_id = str(uuid4())
    return {
        "connection_id": connection_id,
        "grant_id": str(uuid4()),
        "user_id": str(one.user_id),
        "revision": 1_795_424_400_000,
        "platform": "x",
        "platform_id": f"b-{connection_id}",
        "kind": "account",
        "platform_username": "of the bench",
        "scopes": ["media.write", "offline.access", "tweet.read", "tweet.write", "users.read"],
        "capabilities": ["analytics", "publish"],
        "missing_scopes": [],
        "health": "ok",
        "expires_at": None,
        "renewable": True,
        "relinked": False,
        "linked_at": "2026-11-23T09:00:00Z",
    }


async def _send(settings: PublisherSettings, topic: str, made: list[dict[str, Any]]) -> None:
    producer = create_producer(settings)
    await producer.start()
    try:
        for data in made:
            headers = {"ce_id": str(uuid4())} | event_headers(_LINKED, data["connection_id"])
            await producer.send(
                topic,
                json.dumps(data).encode(),
                key=data["user_id"].encode(),
                headers=[(name, text.encode()) for name, text in headers.items()],
            )
        await producer.flush()
    finally:
        await producer.stop()


async def _consumed(ground: Ground, made: list[dict[str, Any]]) -> float:
    """Records a second from the first that was written down to the last."""
    ids = [UUID(data["connection_id"]) for data in made]

    async def are_known() -> bool:
        await asyncio.sleep(0.2)
        count = "SELECT count(*) FROM retail_b2c.publisher_connections WHERE connection_id = ANY($1)"
        return bool(await ground.sql.fetchval(count, ids) == len(ids))

    await wait_until(are_known, child=ground.child("publisher worker"), within=timedelta(seconds=60), what="records")
    seconds = await ground.sql.fetchval(
        "SELECT extract(epoch FROM max(seen_at) - min(seen_at))::float8 FROM (SELECT seen_at FROM "
        "retail_b2c.publisher_inbox WHERE source = '/seftec/social/bench' ORDER BY seen_at DESC LIMIT $1) newest",
        len(ids),
    )
    return len(ids) / float(seconds)


async def _bare_consumer(ground: Ground, topic: str, records: int) -> float:
    """One record after another: claims, inbox and upsert in a transaction of its own, then the next."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=ground.stack.kafka, auto_offset_reset="earliest")
    connection = await asyncpg.connect(ground.stack.environment.database_url("publisher_worker"))
    await consumer.start()
    taken, began = 0, 0.0
    try:
        async with asyncio.timeout(60):
            async for record in consumer:
                began = began or time.perf_counter()
                headers = {name: text.decode() for name, text in record.headers}
                await _write(connection, headers["ce_id"], json.loads(record.value))
                taken += 1
                if taken == records:
                    break
        return records / (time.perf_counter() - began)
    finally:
        await consumer.stop()
        await connection.close()


async def _write(connection: asyncpg.Connection, event_id: str, data: dict[str, Any]) -> None:
    async with connection.transaction():
        await connection.execute(_CLAIMS, json.dumps({"sub": data["user_id"], "role": "authenticated"}))
        await connection.execute(
            "INSERT INTO retail_b2c.publisher_inbox (consumer, source, event_id) VALUES ('bare', 'bare', $1) "
            "ON CONFLICT DO NOTHING",
            event_id,
        )
        await connection.execute(
            "INSERT INTO retail_b2c.publisher_connections (connection_id, user_id, grant_id, platform, platform_id, "
            "kind, platform_username, scopes, capabilities, health, renewable, is_usable, revision) "
            "VALUES ($1::text::uuid, $2::text::uuid, $3::text::uuid, $4, $5, $6, $7, $8, $9, $10, $11, true, $12) "
            "ON CONFLICT (connection_id) DO UPDATE SET health = excluded.health, revision = excluded.revision "
            "WHERE excluded.revision > publisher_connections.revision",
            *(data[name] for name in ("connection_id", "user_id", "grant_id", "platform", "platform_id", "kind")),
            *(
                data[name]
                for name in ("platform_username", "scopes", "capabilities", "health", "renewable", "revision")
            ),
        )
