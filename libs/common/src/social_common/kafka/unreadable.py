"""Records whose bytes the client cannot even unpack, such as one with a header name that is not UTF-8.

aiokafka raises the same error at every fetch, and the partition would stand still for ever. Such a record is handed on
as an empty one that names its place, to be parked like any other malformed record. The client unpacks a batch from its
beginning, so what its producer put behind that record in the same batch is parked with it, each by its place.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CorruptRecordException

from social_common.checkpoints import Plumbing, crossing
from social_common.logging import get_logger

# How the pure Python implementation words it; a wrong checksum is another matter: that may pass, and is fetched again.
_STRUCTURE: Final = "invalid record structure"
_FETCH_AGAIN_MS: Final = 5_000

_log = get_logger()


class UnreadableRecord(ConsumerRecord[bytes, bytes]):  # type: ignore[misc]  # aiokafka has no types
    """Stands for a record that could not be unpacked: its place is right, everything else is empty."""


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """A consumer that hands on what it cannot read instead of failing on it for ever."""

    async def getone(self, *partitions: TopicPartition) -> ConsumerRecord[bytes, bytes]:
        """The next record, or an `UnreadableRecord` in its place."""
        try:
            return await super().getone(*partitions)
        except UnicodeDecodeError as exc:
            error: Exception = exc
        except CorruptRecordException as exc:
            if _STRUCTURE not in str(exc):
                raise
            error = exc
        # The error does not say where; asked one by one, the partition in question fails again.
        for partition in partitions or tuple(self.assignment()):
            if (self.highwater(partition) or 0) <= await self.position(partition):
                continue
            try:
                found = await self.getmany(partition, timeout_ms=_FETCH_AGAIN_MS, max_records=1)
            except (UnicodeDecodeError, CorruptRecordException):
                return await self._pass_over(partition)
            for records in found.values():
                return records[0]
        raise error

    async def commit(self, offsets: Mapping[TopicPartition, Any] | None = None) -> None:
        """Tells the broker how far this member has come."""
        with crossing(Plumbing.OFFSET, ",".join(sorted(self.subscription()))):
            await super().commit(offsets)

    async def _pass_over(self, partition: TopicPartition) -> UnreadableRecord:
        offset = await self.position(partition)
        self.seek(partition, offset + 1)
        _log.error("record_unreadable", topic=partition.topic, partition=partition.partition, offset=offset)
        return UnreadableRecord(
            topic=partition.topic,
            partition=partition.partition,
            offset=offset,
            timestamp=-1,
            timestamp_type=0,
            key=None,
            value=None,
            checksum=None,
            serialized_key_size=-1,
            serialized_value_size=-1,
            headers=(),
        )
