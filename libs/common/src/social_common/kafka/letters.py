"""Reading dead letter topics from outside: in batches, whatever else somebody wrote there."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiokafka import TopicPartition

from social_common.kafka.dead_letters import DeadLetter, read_letter
from social_common.kafka.reading import Record, TopicReader
from social_common.letters import LetterId, LetterKey

# A letter may have 2 MiB, and a batch is held in memory.
_BATCH: Final = 50


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


class LetterReader(TopicReader):
    """Reads some dead letter topics."""

    async def batches(self, topic: str) -> AsyncIterator[LetterBatch]:
        """The letters that stand on the topic now, oldest first per partition."""
        for partition in (one for one in self.partitions if one.topic == topic):
            first, end = await self.bounds(partition)
            async for records in self.records(partition, first=first, end=end, size=_BATCH):
                yield _batch(records)

    async def at(self, place: LetterId) -> ParkedLetter | None:
        """The letter at that place, or None where there is none (any more)."""
        partition = TopicPartition(place.topic, place.partition)
        if partition not in self.partitions:
            return None
        first, end = await self.bounds(partition)
        if not first <= place.offset < end:
            return None
        async for records in self.records(partition, first=place.offset, end=place.offset + 1, size=1):
            found = _batch(records).letters
            return found[0] if found and found[0].id == place else None
        return None


def _batch(records: Sequence[Record]) -> LetterBatch:
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
