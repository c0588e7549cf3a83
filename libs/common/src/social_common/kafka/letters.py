"""Reading dead letter topics from outside: in batches, in no group, whatever else somebody wrote there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
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

_BATCH: Final = 200
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
    """Reads dead letters; commits nothing, and creates no topic."""

    def __init__(self, bootstrap_servers: str) -> None:
        servers = bootstrap_servers.split(",")
        self._admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=10_000)
        self._consumer = CarefulConsumer(
            bootstrap_servers=servers, enable_auto_commit=False, max_partition_fetch_bytes=4 * 1024 * 1024
        )

    async def __aenter__(self) -> Self:
        try:
            await self._admin.start()
            await self._consumer.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._consumer.stop()
        await self._admin.close()

    async def topics(self) -> frozenset[str]:
        """Every topic that the brokers have."""
        return frozenset(await self._admin.list_topics())

    async def batches(self, topic: str) -> AsyncIterator[LetterBatch]:
        """The letters that stand on the topic now, oldest first per partition; a topic that is not there has none."""
        for partition in await self._partitions(topic):
            position, end = await self._bounds(partition)
            self._consumer.assign([partition])
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
        if partition not in await self._partitions(place.topic):
            return None
        first, end = await self._bounds(partition)
        if not first <= place.offset < end:
            return None
        self._consumer.assign([partition])
        self._consumer.seek(partition, place.offset)
        found = _batch([await self._next(partition)]).letters
        return found[0] if found and found[0].id == place else None

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        if topic not in await self.topics():
            return []
        (described,) = await self._admin.describe_topics([topic])
        return [TopicPartition(topic, number) for number in sorted(p["partition"] for p in described["partitions"])]

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
