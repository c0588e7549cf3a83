"""Every record of some topics, read as an outsider would: partitions as the broker describes them, each to its end."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from social_stack.events import Record


async def read_log(servers: str, *, wanted: Callable[[str], bool], within: timedelta) -> list[Record]:
    """All records that the topics named by `wanted` hold now, per partition in order."""
    partitions = await _partitions(servers, wanted)
    if not partitions:
        return []
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        waiting = {partition for partition in partitions if ends[partition] > 0}
        records: list[Record] = []
        while waiting:
            batches = await consumer.getmany(*waiting, timeout_ms=int(within.total_seconds() * 1000))
            if not batches:
                raise TimeoutError("the broker has records that it did not give out in time")
            for partition, batch in batches.items():
                records += [_record(item) for item in batch if item.offset < ends[partition]]
                if await consumer.position(partition) >= ends[partition]:
                    waiting.discard(partition)
        return records
    finally:
        await consumer.stop()


async def _partitions(servers: str, wanted: Callable[[str], bool]) -> Sequence[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        names = sorted(name for name in await admin.list_topics() if wanted(name))
        described = await admin.describe_topics(names) if names else []
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


def _record(item: Any) -> Record:
    headers = {name: (value or b"").decode(errors="replace") for name, value in item.headers}
    return Record(item.topic, (item.key or b"").decode(errors="replace"), headers, json.loads(item.value))
