"""The relay: sends what stands in the outbox, in order, and marks it once the brokers have confirmed.

One relay per service works at a time, by a lock that ends with its transaction; the others stand by. A crash anywhere
sends a batch twice at worst, never not at all. Neither a broker nor a database that is away ends it.
"""

import asyncio
import json
import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from social_common import checkpoints
from social_common.checkpoints import Plumbing, Side, crossing
from social_common.db import DRIVER_ERRORS, SCHEMA, driver_url, sql_name
from social_common.kafka.cluster import ClusterProbe
from social_common.kafka.producer import create_producer
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.kafka_access import Brokers
from social_common.logging import get_logger
from social_common.loops import backoff, first_of, wait_for
from social_common.metrics import counter, gauge, histogram
from social_common.secrets import Secret
from social_common.settings import ServiceSettings, required
from social_common.telemetry import note_span

_STAND_BY: Final = timedelta(seconds=1)
_REQUEST_LIMIT: Final = timedelta(seconds=8)
_ACKS_WITHIN: Final = timedelta(seconds=30)
# Longer than the wait for acks: only a process that stands still loses its transaction, and with it the lock.
_IDLE_LIMIT: Final = timedelta(seconds=60)
_LAG_EVERY: Final = timedelta(seconds=5)
_LAG_IS_OLD: Final = timedelta(seconds=30)
_RECOVERABLE: Final = (KafkaError, OSError, TimeoutError, *DRIVER_ERRORS)

_log = get_logger()
_sent = counter("social_outbox_sent_total", "Events confirmed by Kafka", ("service",))
_unsent = gauge("social_outbox_unsent", "Events waiting to be sent", ("service",))
_oldest = gauge("social_outbox_oldest_unsent_seconds", "Age of the oldest event waiting to be sent", ("service",))
_delivery = histogram(
    "social_outbox_delivery_seconds",
    "Time from the transaction that made an event to its confirmation by Kafka",
    ("service",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0),
)
_unknown = gauge(
    "social_relay_unknown_cluster", "1 while the relay holds back from a cluster it does not know", ("service",)
)


class UnknownCluster(Exception):
    """The brokers belong to another cluster than the one events were sent to; an operator decides."""


class Relay:
    """Sends one service's outbox to Kafka."""

    def __init__(
        self,
        url: Secret,
        *,
        service: str,
        make_producer: Callable[[], AIOKafkaProducer],
        bootstrap_servers: Brokers,
        topics: Sequence[TopicSpec] = (),
        embedded: bool = False,
        batch: int = 1000,
        stand_by: timedelta = _STAND_BY,
    ) -> None:
        self._url = url
        self._service = sql_name(service)
        self._make_producer = make_producer
        self._bootstrap_servers = bootstrap_servers
        self._topics = tuple(topics)
        self._embedded = embedded
        self._batch = batch
        self._stand_by = stand_by
        self._probe = ClusterProbe(bootstrap_servers)
        self._producer: AIOKafkaProducer | None = None
        self._woken = asyncio.Event()
        self._cluster_checked = 0.0
        self._lag_checked = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; the batch in hand is finished."""
        failures = 0
        try:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await self._work(stop)
                except UnknownCluster:
                    _unknown.labels(self._service).set(1)
                    _log.error("relay_unknown_cluster", service_name=self._service)
                    await wait_for(stop, seconds=10)
                except _RECOVERABLE as exc:
                    failures = failures + 1 if time.monotonic() - began < _ACKS_WITHIN.total_seconds() else 1
                    _log.warning("relay_failed", error=type(exc).__name__, failures=failures)
                    await wait_for(stop, seconds=backoff(failures, longest=timedelta(seconds=10)))
                except Exception:  # noqa: BLE001 - a relay that ends strands all events
                    failures += 1
                    _log.exception("relay_failed", failures=failures)
                    await wait_for(stop, seconds=backoff(failures))
                finally:
                    self._forget_old_lag()
                    await self._drop_producer()
        finally:
            await self._probe.close()

    async def _work(self, stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(
            driver_url(self._url),
            timeout=10,
            command_timeout=60,
            server_settings={
                "application_name": f"{self._service}_relay",
                "idle_in_transaction_session_timeout": str(int(_IDLE_LIMIT.total_seconds() * 1000)),
            },
        )
        self._cluster_checked = 0.0
        try:
            await connection.add_listener(f"{self._service}_outbox", self._notified)
            while not stop.is_set():
                # Before the cluster is asked: while that is away, what waits grows, and is wanted most.
                await self._measure(connection)
                await self._check_cluster(connection)
                self._woken.clear()
                if not await self.send_batch(connection):
                    await first_of(stop, self._woken, seconds=self._stand_by.total_seconds())
        finally:
            connection.terminate()

    async def send_batch(self, connection: Any) -> bool:
        """Send one batch; True when there may be more at once, False when it is time to wait.

        All of it is one transaction: the lock, the rows, the confirmations, the marks.
        """
        async with connection.transaction():
            if not await connection.fetchval(
                "SELECT pg_try_advisory_xact_lock(hashtext($1), 0)", f"{self._service}_relay"
            ):
                return False
            rows = await connection.fetch(f"SELECT * FROM {SCHEMA}.{self._service}_outbox_take($1)", self._batch)
            if not rows:
                return False
            confirmed, failure = await self._send(rows)
            if confirmed:
                await connection.fetchval(
                    f"SELECT {SCHEMA}.{self._service}_outbox_mark($1, $2, $3)",
                    [row["id"] for row in confirmed],
                    min(row["created_at"] for row in confirmed),
                    max(row["created_at"] for row in confirmed),
                )
            checkpoints.passing(Plumbing.MARK, Side.BEFORE)
        checkpoints.passing(Plumbing.MARK, Side.AFTER)
        self._note_sent(confirmed)
        if failure is not None:
            raise failure
        return len(rows) == self._batch

    def _note_sent(self, rows: Sequence[Any]) -> None:
        _sent.labels(self._service).inc(len(rows))
        delivery, now = _delivery.labels(self._service), datetime.now(UTC)
        for row in rows:
            # The database's clock may be a little ahead of this process's.
            delivery.observe(max(0.0, (now - row["created_at"]).total_seconds()))
            if "traceparent" in row["headers"]:
                trace = json.loads(row["headers"])["traceparent"]
                note_span("outbox.send", traceparent=trace, began=row["created_at"], topic=row["topic"])

    async def _send(self, rows: Sequence[Any]) -> tuple[Sequence[Any], BaseException | None]:
        """The rows up to the first that was not confirmed, and why it was not.

        What came after it may have arrived too; it is sent again, because marking it would overtake the failed one.
        """
        producer = await self._ensure_producer()
        with crossing(Plumbing.SEND):
            async with asyncio.timeout(_ACKS_WITHIN.total_seconds()):
                acks = [
                    await producer.send(
                        row["topic"],
                        row["payload"].encode(),
                        key=str(row["user_id"]).encode(),
                        headers=_headers(row),
                    )
                    for row in rows
                ]
                outcomes = await asyncio.gather(*acks, return_exceptions=True)
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, BaseException):
                return rows[:index], outcome
        return rows, None

    async def _ensure_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._make_producer()
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        """A producer that failed may be fenced or hold a batch: it is never used again."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            # What it still holds expires with its own request limit; only then does it let go of it.
            async with asyncio.timeout((_REQUEST_LIMIT * 2).total_seconds()):
                await producer.stop()
        except (KafkaError, OSError, TimeoutError) as exc:
            _log.warning("producer_not_stopped", error=type(exc).__name__)

    async def _check_cluster(self, connection: Any) -> None:
        every = 1.0 if self._embedded else 15.0
        if self._cluster_checked and time.monotonic() - self._cluster_checked < every:
            return
        found = await self._probe.cluster_id()
        known = await connection.fetchval(f"SELECT {SCHEMA}.{self._service}_relay_cluster()")
        if known != found:
            if known is not None and not self._embedded:
                raise UnknownCluster
            await self._accept(connection, found, is_first=known is None)
        _unknown.labels(self._service).set(0)
        self._cluster_checked = time.monotonic()

    async def _accept(self, connection: Any, cluster: str, *, is_first: bool) -> None:
        if self._embedded:
            await declare_topics(self._bootstrap_servers, self._topics)
        resent = await accept_cluster(
            connection, service=self._service, cluster=cluster, resend=self._embedded and not is_first
        )
        await self._drop_producer()
        _log.info("relay_cluster_accepted", cluster=cluster, resent=resent)

    async def _measure(self, connection: Any) -> None:
        if time.monotonic() - self._lag_checked < _LAG_EVERY.total_seconds():
            return
        row = await connection.fetchrow(
            f"SELECT unsent, extract(epoch FROM now() - oldest) AS age FROM {SCHEMA}.{self._service}_outbox_lag()"
        )
        _unsent.labels(self._service).set(row["unsent"])
        _oldest.labels(self._service).set(float(row["age"] or 0))
        self._lag_checked = time.monotonic()

    def _forget_old_lag(self) -> None:
        # A database that is away says nothing of what waits: unknown then, not what it was before.
        if time.monotonic() - self._lag_checked > _LAG_IS_OLD.total_seconds():
            _unsent.labels(self._service).set(math.nan)
            _oldest.labels(self._service).set(math.nan)

    def _notified(self, *_: object) -> None:
        self._woken.set()


def _headers(row: Any) -> list[tuple[str, bytes]]:
    headers: dict[str, str] = json.loads(row["headers"])
    return [("ce_id", str(row["event_id"]).encode()), *((name, text.encode()) for name, text in headers.items())]


async def accept_cluster(connection: Any, *, service: str, cluster: str, resend: bool) -> int:
    """Note that events go to this cluster from now on; `resend` marks all kept rows unsent. One transaction."""
    resent: int = await connection.fetchval(
        f"SELECT {SCHEMA}.{sql_name(service)}_relay_accept($1, $2)", cluster, resend
    )
    return resent


def create_relay(settings: ServiceSettings, *, topics: Sequence[TopicSpec]) -> Relay:
    """The relay of a worker; `topics` are what an embedded broker has to have declared anew."""
    return Relay(
        required(settings.worker_database_url, name="WORKER_DATABASE_URL"),
        service=settings.service,
        make_producer=lambda: create_producer(settings, timeout=_REQUEST_LIMIT),
        bootstrap_servers=settings.kafka_access,
        topics=topics,
        embedded=settings.kafka_embedded,
    )
