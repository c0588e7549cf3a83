"""Reading dead letter topics from outside: in batches, in no group, whatever else somebody wrote there."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from social_common.kafka.dead_letters import DeadLetter, read_letter
from social_common.kafka.unreadable import CarefulConsumer
from social_common.letters import LetterId, LetterKey

# A letter may have 2 MiB, and a batch is held in memory.
_BATCH: Final = 50
_ANSWER_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class ParkedLetter:
    """A dead letter at its own place."""

    id: LetterId
    parked_at: datetime
    letter: DeadLetter

    @property
    def key(self) -> LetterKey:
        """What its status is kept under."""
        return LetterKey(self.id, self.parked_at)


@dataclass(frozen=True, slots=True)
class LetterBatch:
    """Some letters in the order of their places, and how many other records stood between them."""

    letters: Sequence[ParkedLetter]
    foreign: int


class LetterReader:
    """Reads some dead letter topics; commits nothing, and creates no topic."""

    def __init__(self, bootstrap_servers: str, topics: Iterable[str]) -> None:
        self._servers = bootstrap_servers.split(",")
        self._topics = frozenset(topics)
        self._partitions: list[TopicPartition] = []

    async def __aenter__(self) -> Self:
        self._partitions = await self._find_partitions()
        # Not before: the client complains of one that was made and never stopped.
        self._consumer = CarefulConsumer(
            bootstrap_servers=self._servers,
            enable_auto_commit=False,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            fetch_max_wait_ms=50,  # a seek waits for the fetch that is under way
        )
        try:
            await self._consumer.start()
            # All at once and only once: the client may never end after an assignment that it is just giving up.
            self._consumer.assign(self._partitions)
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

    async def batches(self, topic: str) -> AsyncIterator[LetterBatch]:
        """The letters that stand on the topic now, oldest first per partition; a topic that is not there has none."""
        for partition in (one for one in self._partitions if one.topic == topic):
            position, end = await self._bounds(partition)
            self._consumer.seek(partition, position)
            while position < end:
                records: list[ConsumerRecord[bytes, bytes]] = []
                while position < end and len(records) < _BATCH:
                    records.append(await self._next(partition))
                    position = await self._consumer.position(partition)
                yield _batch(records)

    async def at(self, place: LetterId) -> ParkedLetter | None:
        """The letter at that place, or None where there is none (any more)."""
        partition = TopicPartition(place.topic, place.partition)
        if partition not in self._partitions:
            return None
        first, end = await self._bounds(partition)
        if not first <= place.offset < end:
            return None
        self._consumer.seek(partition, place.offset)
        found = _batch([await self._next(partition)]).letters
        return found[0] if found and found[0].id == place else None

    async def _find_partitions(self) -> list[TopicPartition]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers, request_timeout_ms=10_000)
        try:
            await admin.start()
            known = sorted(self._topics.intersection(await admin.list_topics()))
            described = await admin.describe_topics(known) if known else []
        finally:
            await admin.close()
        found = [TopicPartition(item["topic"], one["partition"]) for item in described for one in item["partitions"]]
        return sorted(found)

    async def _bounds(self, partition: TopicPartition) -> tuple[int, int]:
        firsts = await self._consumer.beginning_offsets([partition])
        ends = await self._consumer.end_offsets([partition])
        return firsts[partition], ends[partition]

    async def _next(self, partition: TopicPartition) -> ConsumerRecord[bytes, bytes]:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._consumer.getone(partition)
        except TimeoutError as error:
            raise KafkaConnectionError(f"no record of {partition.topic} within {_ANSWER_SECONDS:.0f} s") from error


def _batch(records: Sequence[ConsumerRecord[bytes, bytes]]) -> LetterBatch:
    letters: list[ParkedLetter] = []
    for record in records:
        try:
            letter = read_letter(record)
        except ValueError:
            # Whoever wrote it there: it must not hide the letters behind it.
            continue
        place = LetterId(record.topic, record.partition, record.offset)
        letters.append(ParkedLetter(place, datetime.fromtimestamp(record.timestamp / 1000, UTC), letter))
    return LetterBatch(letters, len(records) - len(letters))
