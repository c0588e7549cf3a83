"""Replay: events that the outbox still keeps are sent again, for an operator who rebuilds or repairs a consumer.

It goes by batches in the order of ids. A batch is one transaction; whoever breaks off between two goes on behind the
last one, and whoever starts again from the beginning sends some events once more, which no consumer of ours applies.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from social_common.db import SCHEMA, Database

BATCH: Final = 1000

_CHOICE: Final = (
    ":topic, cast(:user_id AS uuid), cast(:subject AS text), cast(:since AS timestamptz), "
    "cast(:until AS timestamptz), :new_ids"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What to send again: a topic, and optionally one merchant, one aggregate, a time range of writing."""

    topic: str
    user_id: UUID | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    new_ids: bool = False

    def bound(self) -> Mapping[str, Any]:
        """The choice as the functions of the database take it."""
        return {
            "topic": self.topic,
            "user_id": self.user_id,
            "subject": self.subject,
            "since": self.since,
            "until": self.until,
            "new_ids": self.new_ids,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDay:
    """What a replay finds of one day (UTC): what it would send, what goes out anyway, whose merchants are gone."""

    day: date
    events: int
    waiting: int
    gone: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayBatch:
    """One batch: how far it came, the last event that waits to be sent for it, and what it skipped."""

    last_id: int
    newest_id: int | None
    replayed: int
    gone: int


async def plan_replay(database: Database, request: ReplayRequest) -> Sequence[ReplayDay]:
    """What a replay would do, day by day; nothing is changed."""
    async with database.system() as session:
        rows = await session.all(
            f"SELECT * FROM {SCHEMA}.{database.service}_outbox_replay_plan({_CHOICE})", request.bound()
        )
    return [ReplayDay(**row) for row in rows]


async def replay_batches(
    database: Database, request: ReplayRequest, *, after: int = 0, batch: int = BATCH
) -> AsyncIterator[ReplayBatch]:
    """Have the relay send them again, batch by batch; merchants who are gone are skipped.

    With the same ids by default, so that consumers that have seen them drop them; new ids are for those that would.
    What is written after the beginning goes out by itself and is no part of it.
    """
    async with database.system() as session:
        until = await session.scalar(f"SELECT {SCHEMA}.{database.service}_outbox_newest()")
    while True:
        async with database.system() as session:
            row = await session.one_or_none(
                f"SELECT * FROM {SCHEMA}.{database.service}_outbox_replay_some({_CHOICE}, :after, :newest, :batch)",
                {**request.bound(), "after": after, "newest": until, "batch": batch},
            )
        if row is None:
            return
        after = row["last_id"]
        yield ReplayBatch(**row)


async def replay(database: Database, request: ReplayRequest) -> int:
    """Mark them all to be sent again, and return how many."""
    return sum([batch.replayed async for batch in replay_batches(database, request)])


async def count_waiting(database: Database, *, until: int) -> int:
    """How many events up to this id are not confirmed by Kafka yet."""
    async with database.system() as session:
        count: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_outbox_waiting(:until)", {"until": until}
        )
    return count


async def forget_user(database: Database, user_id: UUID) -> int:
    """Purge the sent events of a merchant who is erased, and return how many."""
    async with database.system() as session:
        count: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_outbox_forget(:user_id)", {"user_id": user_id}
        )
    return count


async def accept_cluster(database: Database, *, cluster: str, resend: bool) -> int:
    """An operator's decision that events go to another cluster from now on; returns how many are sent again."""
    async with database.system() as session:
        count: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_relay_accept(:cluster, :resend)",
            {"cluster": cluster, "resend": resend},
        )
    return count
