"""All three services' tables in one database, a broker of their own, and the real consumers to be started at will."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from tests.support.commands import Result
from tests.support.eventually import eventually
from tests.support.kafka import Kafka
from tests.support.postgres import PostgresServer, ServiceDatabase

from social_cli.services import SERVICES, Service, all_consumers
from social_common.db import Database
from social_common.events import event, new_event_id
from social_common.kafka.broker import create_broker
from social_common.kafka.consumer import group_id, subscribe
from social_common.kafka.letters import LetterReader, ParkedLetter
from social_common.kafka.pipeline import RetryPolicy
from social_common.kafka.topics import TopicSpec, dead_letter_spec, declare_topics
from social_common.relay import create_relay
from social_common.settings import ServiceSettings

QUICK = RetryPolicy(tries=2, first_pause=timedelta(milliseconds=5), longest_wait=timedelta(milliseconds=50))
Headers = list[tuple[str, bytes | None]]
Record = tuple[bytes | None, bytes | None, Headers]


@dataclass
class Ground:
    """What the tests of the event log stand on."""

    kafka: Kafka
    server: PostgresServer
    database: str
    keys: Path
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(seconds=1))

    def urls(self, service: Service) -> ServiceDatabase:
        """The roles of one service."""
        return self.server.service(service.package, database=self.database)

    def environment(self, **more: str) -> dict[str, str]:
        """What an operator's shell has set."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        databases = {f"{s.package.upper()}_WORKER_DATABASE_URL": self.urls(s).worker for s in SERVICES}
        return {
            **kept,
            **databases,
            "ENVIRONMENT": "development",
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "KAFKA_EMBEDDED": str(self.kafka.embedded).lower(),
            "TOKEN_KEYS_FILE": str(self.keys / "token-keys.json"),
            "SERVICE_KEY_FILE": str(self.keys / "service-key.json"),
            **more,
        }

    async def social(self, *arguments: str, answer: str | None = None, **environment: str) -> Result:
        """Run `social` as a process of its own; `answer` is what is typed at it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "social_cli", *arguments),
            env=self.environment(**environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(90):
            out, err = await process.communicate((answer or "").encode())
        return Result(process.returncode or 0, out.decode(), err.decode())

    def settings(self, service: Service) -> ServiceSettings:
        """The settings of a service's worker."""
        return service.settings_class(
            environment="development",
            worker_database_url=self.urls(service).worker,
            kafka_bootstrap_servers=self.kafka.bootstrap_servers,
            kafka_embedded=self.kafka.embedded,
            token_keys_file=self.keys / "token-keys.json",
            service_key_file=self.keys / "service-key.json",
        )

    async def declare(self) -> None:
        """Declare every topic with one partition, so that whatever blocks blocks everything, and the dead letters."""
        topics = [TopicSpec(topic, partitions=1) for service in SERVICES for topic in service.topics]
        letters = [dead_letter_spec(consumer.topic, consumer.name) for consumer in all_consumers()]
        await declare_topics(self.kafka.bootstrap_servers, [*topics, *letters])

    @asynccontextmanager
    async def consuming(self, *, relays: bool = False) -> AsyncIterator[None]:
        """Every consumer of every service at work, and the relays where wanted; no due work."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            stop = asyncio.Event()
            for service in SERVICES:
                settings = self.settings(service)
                broker = create_broker(settings)
                for item in await stack.enter_async_context(service.open_subscriptions(settings)):
                    subscribe(broker, item.topic, consumer=item.consumer, handler=item.handler, retry=QUICK)
                await broker.start()
                stack.push_async_callback(broker.stop)
                if relays:
                    topics = [TopicSpec(topic, partitions=1) for topic in service.topics]
                    group.create_task(create_relay(settings, topics=topics).run(stop))
            try:
                yield
            finally:
                stop.set()

    async def ends(self) -> dict[str, int]:
        """How many records each consumed topic has had."""
        topics = sorted({consumer.topic for consumer in all_consumers()})
        reader = AIOKafkaConsumer(bootstrap_servers=self.kafka.bootstrap_servers, enable_auto_commit=False)
        await reader.start()
        try:
            found = await reader.end_offsets([TopicPartition(topic, 0) for topic in topics])
        finally:
            await reader.stop()
        return {partition.topic: end for partition, end in found.items()}

    async def caught_up(self, *, within: float = 60) -> None:
        """Wait until every consumer has committed all that stands on its topic."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap_servers)
        await admin.start()

        async def no_lag() -> bool:
            ends = await self.ends()
            for consumer in all_consumers():
                group = group_id(consumer.service.name, consumer.name, consumer.topic)
                offsets = await admin.list_consumer_group_offsets(group)
                committed = offsets.get(TopicPartition(consumer.topic, 0))
                if ends[consumer.topic] and (committed is None or committed.offset < ends[consumer.topic]):
                    return False
            return True

        try:
            await eventually(no_lag, within=within, what="no lag of any consumer")
        finally:
            await admin.close()

    async def all_sent(self) -> None:
        """Wait until the relays have sent every outbox empty."""

        async def nothing_waits() -> bool:
            counts = [await self.sql(f"SELECT count(*) AS n FROM retail_b2c.{s.package}_outbox WHERE sent_at IS NULL")
                      for s in SERVICES]  # fmt: skip
            return not any(rows[0]["n"] for rows in counts)

        await eventually(nothing_waits, within=60, what="every event sent")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncpg.Connection]:
        """A superuser's session."""
        connection = await asyncpg.connect(self.server.url(self.database))
        try:
            yield connection
        finally:
            await connection.close()

    async def sql(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Anything, as the superuser."""
        async with self.session() as connection:
            return list(await connection.fetch(statement, *values))

    async def merchant(self) -> UUID:
        """A merchant."""
        user_id = uuid4()
        await self.sql("INSERT INTO auth.users (id) VALUES ($1)", user_id)
        return user_id

    async def emit(self, service: Service, topic: str, data: Mapping[str, Any]) -> UUID:
        """Write an event into a service's outbox, as its API or worker does."""
        async with (
            Database(self.urls(service).secret("worker"), service=service.name, pool_size=1) as database,
            database.write(data["user_id"]) as session,
        ):
            return await session.emit(an_event(service, topic, data))

    async def letters(self, *, since: datetime) -> dict[str, list[ParkedLetter]]:
        """What was parked since then, by dead letter topic."""
        found: dict[str, list[ParkedLetter]] = {}
        async with LetterReader(self.kafka.bootstrap_servers, {one.dead_letters for one in all_consumers()}) as reader:
            for consumer in all_consumers():
                batches = [batch async for batch in reader.batches(consumer.dead_letters)]
                kept = [one for batch in batches for one in batch.letters if one.parked_at >= since]
                found[consumer.dead_letters] = kept
        return found

    async def tables(self, *, without: Sequence[str] = ()) -> dict[str, list[str]]:
        """Every row of every table of ours as text, sorted; `sent_at` and when a row was seen aside."""
        names = await self.sql(
            "SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'retail_b2c'::regnamespace "
            "AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
        )
        shown: dict[str, list[str]] = {}
        for name in (row["name"] for row in names):
            if not name.endswith(tuple(without)) or not without:
                rows = await self.sql(f"SELECT (to_jsonb(t) - 'sent_at')::text AS row FROM retail_b2c.{name} t")
                shown[name] = sorted(row["row"] for row in rows)
        return shown


def an_event(service: Service, topic: str, data: Mapping[str, Any]) -> Any:
    """An event of a topic, not yet in an outbox."""
    subject = str(data.get("post_id") or data["connection_id"])
    return event(
        topic,
        source_service=service.name,
        subject=subject,
        user_id=data["user_id"],
        time=datetime.now(UTC),
        data=data,
    )


def a_record(topic: str, data: Mapping[str, Any], *, key: bytes | None = None, **headers: bytes | None) -> Record:
    """Key, value and headers of an event; a header given as a keyword takes another value."""
    service = next(s for s in SERVICES if topic in s.topics)
    made = an_event(service, topic, data)
    known: dict[str, bytes | None] = {name: text.encode() for name, text in made.headers(traceparent=None).items()}
    plain = json.loads(json.dumps(dict(data), default=str))
    return (
        key or str(data["user_id"]).encode(),
        json.dumps(plain).encode(),
        list({"ce_id": str(new_event_id()).encode(), **known, **headers}.items()),
    )


@asynccontextmanager
async def producing(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """A client that sends whatever it is given."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, max_request_size=4 * 1024 * 1024)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
