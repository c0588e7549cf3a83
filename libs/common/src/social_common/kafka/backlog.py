"""What waits on Kafka for one worker: how far its consumers are behind, and what stands on their dead letter topics.

Asked of the brokers now and then, for whole groups: every replica sees the same, whichever partitions it reads.
"""

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from social_common.kafka.consumer import Subscription, group_id
from social_common.kafka_access import Brokers, client_options
from social_common.logging import get_logger
from social_common.loops import unless_stopped, wait_for
from social_common.metrics import gauge
from social_common.settings import ServiceSettings

EVERY: Final = timedelta(seconds=15)
_LIMIT: Final = timedelta(seconds=10)

_log = get_logger()
_lag = gauge("social_consumer_lag", "Records of a topic that a consumer group has not read", ("topic", "group"))
_letters = gauge("social_dead_letters_depth", "Records that stand on a dead letter topic", ("topic",))

Offsets = Mapping[TopicPartition, int]


class Backlog:
    """The gauges of one worker's subscriptions; NaN while the brokers do not say."""

    def __init__(
        self, settings: ServiceSettings, subscriptions: Sequence[Subscription], *, every: timedelta = EVERY
    ) -> None:
        self._brokers = settings.kafka_access
        self._service = settings.service
        self._subscriptions = tuple(subscriptions)
        self._every = every
        self._clients: _Clients | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Measure until told to stop; brokers that are away make the numbers unknown and end nothing."""
        if not self._subscriptions:
            return
        try:
            while not stop.is_set():
                await self._measure_or_forget(stop)
                await wait_for(stop, seconds=self._every.total_seconds())
        finally:
            await self.close()

    async def _measure_or_forget(self, stop: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_LIMIT.total_seconds()):
                await unless_stopped(stop, self.measure())
        except asyncio.CancelledError:
            # Kafka's client raises it, too, where it is stopped before its own tasks have begun.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._forget()
        except (KafkaError, OSError, TimeoutError) as exc:
            self._forget()
            _log.debug("backlog_unknown", error=type(exc).__name__)
        except Exception:  # noqa: BLE001 - a number that is missing must not end the worker
            self._forget()
            _log.exception("backlog_unknown")

    async def measure(self) -> None:
        """Set every gauge once, over connections that are kept for the next time unless something went wrong."""
        try:
            await self._measure()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connections."""
        clients, self._clients = self._clients, None
        if clients is not None:
            await clients.close()

    async def _measure(self) -> None:
        if self._clients is None:
            self._clients = _Clients(self._brokers)
            await self._clients.start()
        admin, consumer = self._clients.admin, self._clients.consumer
        parked = {item.dead_letters().name for item in self._subscriptions}
        partitions = await _partitions(admin, parked.union(item.topic for item in self._subscriptions))
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        for item in self._subscriptions:
            group = group_id(self._service, item.consumer, item.topic)
            # Named one by one: the embedded broker has no answer for "all there are".
            own = [partition for partition in partitions if partition.topic == item.topic]
            committed = await admin.list_consumer_group_offsets(group, partitions=own) if own else {}
            behind = _behind(item.topic, begins=begins, ends=ends, committed=_positions(committed))
            _lag.labels(item.topic, group).set(behind)
        for topic in parked:
            _letters.labels(topic).set(_behind(topic, begins=begins, ends=ends, committed={}))

    def _forget(self) -> None:
        for item in self._subscriptions:
            _lag.labels(item.topic, group_id(self._service, item.consumer, item.topic)).set(math.nan)
            _letters.labels(item.dead_letters().name).set(math.nan)


class _Clients:
    """One of each that Kafka's client needs for this: groups are asked by the one, offsets by the other."""

    def __init__(self, brokers: Brokers) -> None:
        self.admin = AIOKafkaAdminClient(**client_options(brokers), request_timeout_ms=4_000)
        self.consumer = AIOKafkaConsumer(**client_options(brokers), enable_auto_commit=False, request_timeout_ms=4_000)

    async def start(self) -> None:
        """Connect both."""
        await self.admin.start()
        await self.consumer.start()

    async def close(self) -> None:
        """Let go of both, whatever of them was connected."""
        # Its tasks begin now: stop() fails on one that is ended before it has begun.
        await asyncio.sleep(0)
        try:
            await self.consumer.stop()
        finally:
            await self.admin.close()


async def _partitions(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    # Asking for a topic that is not there would wait for it: only those that are.
    known = sorted(set(topics).intersection(await admin.list_topics()))
    described = await admin.describe_topics(known) if known else []
    return [TopicPartition(item["topic"], one["partition"]) for item in described for one in item["partitions"]]


def _positions(committed: Mapping[TopicPartition, object]) -> Offsets:
    return {partition: int(getattr(meta, "offset", -1)) for partition, meta in committed.items()}


def _behind(topic: str, *, begins: Offsets, ends: Offsets, committed: Offsets) -> int:
    """Records between where reading goes on and the end; what retention has taken away is nobody's backlog."""
    own = [partition for partition in ends if partition.topic == topic]
    return sum(max(0, ends[one] - max(begins[one], committed.get(one, -1))) for one in own)
