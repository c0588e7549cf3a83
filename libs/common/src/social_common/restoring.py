"""After the database was restored to an earlier point while Kafka went on: what it lacks is read back from there.

The outbox comes last: what Kafka has of it is written back as sent, with the ids it had, and what it has of the rows
that were still to be sent is marked as sent. So nothing is told twice, replays reach behind the restore, and a worker
can see by its outbox that all of it was done (`refuse_older_database`).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from aiokafka.errors import KafkaError

from social_common.db import SCHEMA, Database
from social_common.events import CloudEvent, MalformedEvent
from social_common.kafka.errors import RecordError
from social_common.kafka.reading import Record, TopicReader
from social_common.kafka.records import read_event
from social_common.kafka_access import Brokers
from social_common.logging import get_logger
from social_common.plumbing import OUTBOX_RETENTION
from social_common.settings import ServiceSettings
from social_common.unfit import OlderDatabase

# A transaction that was open at the point of the backup wrote its time before it, and reached Kafka after it.
MARGIN: Final = timedelta(hours=1)
_BATCH: Final = 500
# The guard has the worker's start wait for it.
_GUARD_LIMIT: Final = 10.0

_log = get_logger()


@dataclass(frozen=True, slots=True)
class OutboxRestored:
    """What was read of a service's topics, and what of it the outbox lacked or did not know to be sent."""

    read: int = 0
    restored: int = 0
    confirmed: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One batch of a topic's records; what is no event of that topic is left out and counted."""

    events: Sequence[CloudEvent]
    records: Sequence[Record]
    unreadable: int


class Restorer(Protocol):
    """What a service does to its own tables after a restore; the outbox is filled up before, consumers run between."""

    @property
    def departed(self) -> frozenset[UUID]:
        """The merchants who left since the backup, as far as this service heard."""

    def hear(self, event: CloudEvent) -> None:
        """One of the service's own events since the backup."""

    async def before_consumers(self, advance: Callable[[int], None]) -> None:
        """What has to be true before anybody else's events are heard."""

    async def after_consumers(self, advance: Callable[[int], None], *, departed: frozenset[UUID]) -> None:
        """What needs the others' events to have been heard."""

    def outcome(self) -> Mapping[str, int]:
        """What it came to, in numbers."""


class NothingOwn:
    """The restorer of a service that only hears the others."""

    departed: frozenset[UUID] = frozenset()

    def hear(self, event: CloudEvent) -> None:
        """Nothing."""

    async def before_consumers(self, advance: Callable[[int], None]) -> None:
        """Nothing."""

    async def after_consumers(self, advance: Callable[[int], None], *, departed: frozenset[UUID]) -> None:
        """Nothing."""

    def outcome(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


async def restored_from(database: Database) -> datetime | None:
    """The moment from which Kafka may know more than this database; None where it knows no event at all."""
    async with database.system() as session:
        newest: datetime | None = await session.scalar(f"SELECT {SCHEMA}.{database.service}_outbox_newest_at()")
    return None if newest is None else newest - MARGIN


async def read_since(reader: TopicReader, topics: Iterable[str], since: datetime | None) -> AsyncIterator[Told]:
    """What stands on those topics now and was written at that moment or later, partition by partition in order."""
    wanted = frozenset(topics)
    for partition in (one for one in reader.partitions if one.topic in wanted):
        first, end = await reader.bounds(partition)
        if since is not None:
            found = await reader.first_since(partition, since)
            first = end if found is None else max(first, found)
        async for records in reader.records(partition, first=first, end=end, size=_BATCH):
            yield _told(records)


async def restore_outbox(
    database: Database,
    reader: TopicReader,
    topics: Iterable[str],
    *,
    since: datetime | None,
    advance: Callable[[int], None],
) -> OutboxRestored:
    """Write back what the outbox lacks, in the order of the partitions. Repeatable."""
    read = restored = confirmed = unreadable = 0
    async for told in read_since(reader, topics, since):
        async with database.system() as session:
            row = await session.one(
                f"SELECT restored, confirmed FROM {SCHEMA}.{database.service}_outbox_restore(cast(:events AS jsonb))",
                {"events": _as_json(told)},
            )
        read += len(told.events)
        restored, confirmed = restored + row["restored"], confirmed + row["confirmed"]
        unreadable += told.unreadable
        advance(len(told.events))
    return OutboxRestored(read, restored, confirmed, unreadable)


async def refuse_older_database(settings: ServiceSettings, database: Database, topics: Iterable[str]) -> None:
    """Raise OlderDatabase where Kafka's newest events of this service are unknown here.

    Production only: elsewhere databases are thrown away while a broker is kept. While Kafka is away it says nothing.
    """
    if settings.environment != "production":
        return
    try:
        async with asyncio.timeout(_GUARD_LIMIT):
            unknown = await count_unknown(database, settings.kafka_access, topics)
    except (KafkaError, TimeoutError) as exc:
        _log.warning("restore_not_ruled_out", error=type(exc).__name__)
        return
    if unknown:
        raise OlderDatabase(
            f"Kafka has events of {settings.service} that this database does not know, so it was restored to an "
            "earlier point: stop every API and worker and run `social reconcile` (docs/operating/backup.md)"
        )


async def count_unknown(database: Database, brokers: Brokers, topics: Iterable[str]) -> int:
    """How many of the newest records of these topics the outbox does not know, though it should."""
    newest = await _newest(brokers, topics)
    async with database.system() as session:
        unknown: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_outbox_lacks(cast(:events AS jsonb), :kept)",
            {"events": _as_json(newest), "kept": OUTBOX_RETENTION - timedelta(days=1)},
        )
    return unknown


async def _newest(brokers: Brokers, topics: Iterable[str]) -> Told:
    found: list[Record] = []
    async with TopicReader(brokers, topics) as reader:
        for partition in reader.partitions:
            first, end = await reader.bounds(partition)
            async for records in reader.records(partition, first=max(first, end - 1), end=end, size=1):
                found += records
    return _told(found)


def _told(records: Sequence[Record]) -> Told:
    events: dict[str, tuple[CloudEvent, Record]] = {}
    unreadable = 0
    for record in records:
        try:
            event = read_event(record, topic=record.topic)
            UUID(event.id)
        except (RecordError, MalformedEvent, ValueError):
            unreadable += 1
            continue
        # Delivery is at least once: the same event may stand there several times.
        events.setdefault(event.id, (event, record))
    kept = list(events.values())
    return Told([event for event, _ in kept], [record for _, record in kept], unreadable)


def _as_json(told: Told) -> str:
    rows = zip(range(len(told.events)), told.events, told.records, strict=True)
    return json.dumps([_row(place, event, record) for place, event, record in rows])


def _row(place: int, event: CloudEvent, record: Record) -> Mapping[str, Any]:
    headers = {name: value.decode() for name, value in event.to_kafka_headers() if name != "ce_id"}
    return {
        "place": place,
        "event_id": event.id,
        "topic": record.topic,
        "user_id": str(event.user_id),
        "subject": event.subject,
        "headers": headers,
        "payload": (record.value or b"").decode(),
        "at": datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(),
    }
