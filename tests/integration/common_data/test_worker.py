"""A worker as a process: it starts without Kafka, answers probes, drains on SIGTERM, and survives a new broker."""

import asyncio
import os
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.integration.common_data.conftest import Merchant
from tests.support.kafka import Kafka
from tests.support.postgres import ServiceDatabase, free_port

from social_common.db import Database
from social_common.events import event
from social_stack.kafka import embedded_broker, wait_for_kafka

pytestmark = pytest.mark.needs_kafka

WORKER = Path(__file__).with_name("notes_worker.py")
ROOT = Path(__file__).parents[3]


class Worker:
    """The process and what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.lines: list[str] = []
        self._reading = asyncio.create_task(self._read())
        self._more = asyncio.Condition()

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())
            async with self._more:
                self._more.notify_all()

    async def says(self, text: str, *, times: int = 1) -> None:
        """Wait until so many of its lines hold a text."""
        try:
            async with asyncio.timeout(40), self._more:
                await self._more.wait_for(lambda: sum(text in line for line in self.lines) >= times)
        except TimeoutError:
            raise AssertionError(f"no {text!r} in:\n" + "\n".join(self.lines[-40:])) from None

    async def probe(self, path: str) -> int:
        """The status of a probe, 0 when nobody answers."""

        def ask() -> int:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                    return int(answer.status)
            except HTTPError as exc:
                with exc:
                    return exc.code
            except (URLError, OSError):
                return 0

        return await asyncio.to_thread(ask)

    async def becomes(self, path: str, status: int) -> None:
        """Wait until a probe answers with that status."""
        async with asyncio.timeout(40):
            while await self.probe(path) != status:  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.05)

    async def ended(self) -> int:
        """Its exit status, once it has ended."""
        async with asyncio.timeout(40):
            status = await self.process.wait()
            await self._reading
        return status


@asynccontextmanager
async def a_worker(
    notes: ServiceDatabase, bootstrap_servers: str, *, topic: str, embedded: bool, pause: float = 0, port: int = 0
) -> AsyncIterator[Worker]:
    """A worker process for the length of a block; it is killed at the end if it still runs."""
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(WORKER), topic, str(pause)),
        env={
            **os.environ,
            **notes.environment(),
            "PYTHONPATH": str(ROOT),
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
            "KAFKA_EMBEDDED": str(embedded).lower(),
            "KAFKA_AUTO_DECLARE_TOPICS": "true",
            "WORKER_PORT": str(port),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    worker = Worker(process, port)
    try:
        yield worker
    finally:
        if process.returncode is None:
            process.kill()
        await worker.ended()


@pytest.fixture
def topic() -> str:
    """A topic nobody has declared yet."""
    return f"note.added-{uuid4().hex[:8]}"


async def write(database: Database, user_id: UUID, *, topic: str, number: int) -> None:
    """Commit one event."""
    async with database.write(user_id) as session:
        await session.emit(
            event(
                topic,
                source_service="notes",
                subject="s",
                user_id=user_id,
                time=datetime.now(UTC),
                data={"user_id": user_id, "number": number},
            )
        )


async def test_from_commit_to_handler(
    kafka: Kafka, notes: ServiceDatabase, api: Database, a_merchant: Merchant, topic: str
) -> None:
    """A worker declares its topics, relays, consumes what it relayed, and is ready."""
    async with a_worker(notes, kafka.bootstrap_servers, topic=topic, embedded=kafka.embedded) as worker:
        await write(api, await a_merchant(), topic=topic, number=1)
        await worker.says("handled 1")
        await worker.becomes("/readyz", 200)
        assert await worker.probe("/livez") == 200
        assert await worker.probe("/startupz") == 200
        assert await worker.probe("/metrics/") == 200


async def test_sigterm_lets_the_record_in_hand_finish(
    kafka: Kafka,
    notes: ServiceDatabase,
    api: Database,
    superuser: asyncpg.Connection,
    a_merchant: Merchant,
    topic: str,
) -> None:
    """The handler ends its work, the process exits cleanly, and a successor is not given the record again."""
    merchant = await a_merchant()
    servers, embedded = kafka.bootstrap_servers, kafka.embedded
    async with a_worker(notes, servers, topic=topic, embedded=embedded, pause=1.5) as worker:
        await write(api, merchant, topic=topic, number=1)
        await worker.says("began 1")
        worker.process.send_signal(signal.SIGTERM)

        assert await worker.ended() == 0
        assert any("handled 1" in line for line in worker.lines)
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_inbox") == 1
    async with a_worker(notes, servers, topic=topic, embedded=embedded) as successor:
        await write(api, merchant, topic=topic, number=2)
        await successor.says("handled 2")
        assert not any("began 1" in line for line in successor.lines)


async def test_a_second_signal_ends_it_at_once(
    kafka: Kafka, notes: ServiceDatabase, api: Database, a_merchant: Merchant, topic: str
) -> None:
    """Whoever asks twice does not wait for the drain."""
    servers = kafka.bootstrap_servers
    async with a_worker(notes, servers, topic=topic, embedded=kafka.embedded, pause=60) as worker:
        await write(api, await a_merchant(), topic=topic, number=1)
        await worker.says("began 1")
        worker.process.send_signal(signal.SIGTERM)
        await worker.says("stopping")
        worker.process.send_signal(signal.SIGTERM)

        assert await worker.ended() == 128 + signal.SIGTERM


async def test_a_taken_port_is_said_plainly(notes: ServiceDatabase, topic: str) -> None:
    """The process ends with the reason instead of running without probes."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with a_worker(notes, "127.0.0.1:9", topic=topic, embedded=False, port=port) as worker:
        assert await worker.ended() != 0
        await worker.says("port of the probes is taken")
    server.close()
    await server.wait_closed()


@pytest.fixture
async def embedded(
    tmp_path: Path,
) -> AsyncIterator[tuple[str, Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]]:
    """An embedded broker that is not there yet: its address, and how to start and to end it."""
    port = free_port()
    running = []

    async def start() -> None:
        child = embedded_broker(port=port, log=tmp_path / "broker.log")
        child.start()
        running.append(child)
        await wait_for_kafka(f"127.0.0.1:{port}", child=child, within=timedelta(seconds=30))

    async def end() -> None:
        child = running.pop()
        child.send(signal.SIGKILL)
        await child.ended(within=timedelta(seconds=10))

    yield f"127.0.0.1:{port}", start, end
    for child in running:
        await child.stop()


async def test_kafka_may_come_later_and_come_anew(
    embedded: tuple[str, Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]],
    notes: ServiceDatabase,
    api: Database,
    superuser: asyncpg.Connection,
    a_merchant: Merchant,
    topic: str,
) -> None:
    """Without Kafka the worker lives and waits; a new embedded broker is filled again, and consumed from its start."""
    address, start, end = embedded
    merchant = await a_merchant()
    async with a_worker(notes, address, topic=topic, embedded=True) as worker:
        await worker.becomes("/livez", 200)
        await worker.becomes("/readyz", 503)
        for number in range(3):
            await write(api, merchant, topic=topic, number=number)

        await start()
        await worker.says("handled", times=3)
        await worker.becomes("/readyz", 200)

        await end()
        await write(api, merchant, topic=topic, number=3)
        await worker.becomes("/readyz", 503)
        await start()
        await worker.says("handled 3")
        await worker.says("handled", times=7)
        await write(api, merchant, topic=topic, number=4)
        await worker.says("handled 4")

    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_inbox") == 5
