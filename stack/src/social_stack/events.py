"""Reads the event log from outside, as another system would: every record of some topics, with its headers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

REQUIRED_HEADERS = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_dataschema")

_SILENCE_MS = 300


@dataclass(frozen=True, slots=True)
class Record:
    """One CloudEvent in Kafka's binary mode; `data` is empty where somebody wrote a value that is no JSON."""

    topic: str
    key: str
    headers: dict[str, str]
    data: dict[str, Any]


async def read_topics(
    bootstrap_servers: str, wanted: Sequence[str] | Callable[[str], bool], *, within: timedelta
) -> list[Record]:
    """All records that the topics named, or chosen by a rule, hold now, per partition in order."""
    chosen = wanted if callable(wanted) else wanted.__contains__
    partitions = await _partitions(bootstrap_servers, chosen)
    if not partitions:
        return []
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[Record] = []
        while True:
            behind = [p for p in partitions if await consumer.position(p) < ends[p]]
            # The embedded broker counts its ends too low after a batch, so the topics must also have fallen silent.
            batches = await consumer.getmany(timeout_ms=int(within.total_seconds() * 1000) if behind else _SILENCE_MS)
            if not batches and behind:
                raise TimeoutError("the broker has records that it did not give out in time")
            if not batches:
                return records
            records += [_record(item) for batch in batches.values() for item in batch]
    finally:
        await consumer.stop()


async def _partitions(bootstrap_servers: str, chosen: Callable[[str], bool]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        names = sorted(name for name in await admin.list_topics() if chosen(name))
        described = await admin.describe_topics(names) if names else []
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]


def _record(item: Any) -> Record:
    headers = {name: (value or b"").decode(errors="replace") for name, value in item.headers}
    try:
        data = json.loads(item.value)
    except (TypeError, ValueError):
        data = {}
    return Record(item.topic, (item.key or b"").decode(errors="replace"), headers, data)
