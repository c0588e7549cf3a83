"""Reading topics from outside: in no group, nothing committed, no topic created."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Self, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from social_common.kafka.unreadable import CarefulConsumer
from social_common.kafka_access import Brokers, client_options

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"

_ANSWER_SECONDS: Final = 15.0


class TopicReader:
    """Reads what stands on some topics now; a topic that is not there has nothing."""

    def __init__(self, brokers: Brokers, topics: Iterable[str]) -> None:
        self._brokers = brokers
        self._topics = frozenset(topics)
        self.partitions: list[TopicPartition] = []

    async def __aenter__(self) -> Self:
        self.partitions = await self._find_partitions()
        # Not before: the client complains of one that was made and never stopped.
        self._consumer = CarefulConsumer(
            **client_options(self._brokers),
            enable_auto_commit=False,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            fetch_max_wait_ms=50,  # a seek waits for the fetch that is under way
        )
        try:
            await self._consumer.start()
            # All at once and only once: the client may never end after an assignment that it is just giving up.
            self._consumer.assign(self.partitions)
            # Its tasks begin now: stop() fails on one that is ended before it has begun.
            await asyncio.sleep(0)
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """The first offset that still stands there, and the one behind the last."""
        firsts = await self._consumer.beginning_offsets([partition])
        ends = await self._consumer.end_offsets([partition])
        return firsts[partition], ends[partition]

    async def first_since(self, partition: TopicPartition, moment: datetime) -> int | None:
        """The offset of the first record written at that moment or later; None where there is none."""
        found = await self._consumer.offsets_for_times({partition: int(moment.timestamp() * 1000)})
        at = found.get(partition)
        return None if at is None else int(at.offset)

    async def records(
        self, partition: TopicPartition, *, first: int, end: int, size: int
    ) -> AsyncIterator[Sequence[Record]]:
        """The records between two offsets, oldest first."""
        self._consumer.seek(partition, first)
        position = first
        while position < end:
            records: list[Record] = []
            while position < end and len(records) < size:
                records.append(await self._next(partition))
                position = await self._consumer.position(partition)
            yield records

    async def _next(self, partition: TopicPartition) -> Record:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._consumer.getone(partition)
        except TimeoutError as error:
            raise KafkaConnectionError(f"no record of {partition.topic} within {_ANSWER_SECONDS:.0f} s") from error

    async def _find_partitions(self) -> list[TopicPartition]:
        admin = AIOKafkaAdminClient(**client_options(self._brokers), request_timeout_ms=10_000)
        try:
            await admin.start()
            known = sorted(self._topics.intersection(await admin.list_topics()))
            described = await admin.describe_topics(known) if known else []
        finally:
            await admin.close()
        found = [TopicPartition(item["topic"], one["partition"]) for item in described for one in item["partitions"]]
        return sorted(found)
