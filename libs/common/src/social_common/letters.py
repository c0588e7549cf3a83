"""What was done with dead letters: a row per letter that somebody touched, in the tables of the consumer's service.

A letter without a row is open. Kafka keeps the letter itself; the row says whether it still asks for something.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from social_common.db import SCHEMA, Database, WriteSession


class LetterState(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    HANDLED = "handled"
    LET_GO = "let_go"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, order=True)
class LetterId:
    """A letter's own place, as operators name it: `<dead letter topic>:<partition>:<offset>`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that the text names; raises ValueError with what a place looks like."""
        topic, partition, offset = ("", "", "")
        if text.count(":") == 2:  # noqa: PLR2004
            topic, partition, offset = text.split(":")
        if not (topic and partition.isdecimal() and offset.isdecimal()):
            raise ValueError("an id is topic:partition:offset, such as post.measured.engagement.dlt:0:17")
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class LetterKey:
    """The place, and when the letter was parked there: a new broker uses the same places again."""

    id: LetterId
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterStatus:
    """What the row of a letter says; the cause is that of the last retry."""

    state: LetterState = LetterState.OPEN
    tries: int = 0
    cause: str | None = None
    reason: str | None = None
    actor: str | None = None
    changed_at: datetime | None = None


UNTOUCHED = LetterStatus()


class HeldLetter:
    """A letter that nobody else can decide about until the block ends."""

    def __init__(self, session: WriteSession, key: LetterKey, *, status: LetterStatus, actor: str) -> None:
        self._session = session
        self._key = key
        self._actor = actor
        self.status = status

    async def note_failure(self, cause: str) -> None:
        """It was tried once more and stays open, with the new cause."""
        await self._note(LetterState.OPEN, tries=self.status.tries + 1, cause=cause)

    async def close(self, state: LetterState, *, reason: str | None = None) -> None:
        """It is dealt with, and never listed again."""
        tried = 0 if state is LetterState.DROPPED else 1
        await self._note(state, tries=self.status.tries + tried, cause=self.status.cause, reason=reason)

    async def _note(self, state: LetterState, *, tries: int, cause: str | None, reason: str | None = None) -> None:
        await self._session.execute(
            f"INSERT INTO {SCHEMA}.{self._session.service}_letters AS l "
            "(topic, letter_partition, letter_offset, parked_at, state, tries, cause, reason, actor) "
            "VALUES (:topic, :partition, :offset, :parked_at, :state, :tries, :cause, :reason, :actor) "
            "ON CONFLICT (topic, letter_partition, letter_offset, parked_at) DO UPDATE SET state = excluded.state, "
            "tries = excluded.tries, cause = excluded.cause, reason = excluded.reason, actor = excluded.actor, "
            "changed_at = now()",
            {
                "topic": self._key.id.topic,
                "partition": self._key.id.partition,
                "offset": self._key.id.offset,
                "parked_at": self._key.parked_at,
                "state": state,
                "tries": tries,
                "cause": cause,
                "reason": reason,
                "actor": self._actor,
            },
        )


@asynccontextmanager
async def hold_letter(database: Database, key: LetterKey, *, actor: str) -> AsyncIterator[HeldLetter | None]:
    """The letter for this block alone, or None while another operator's command holds it.

    What is noted stands once the block ends well; an error leaves the letter as it was.
    """
    async with database.system() as session:
        name = f"{session.service}:{key.id}"
        if not await session.scalar("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))", {"name": name}):
            yield None
            return
        known = await _read(session, [key])
        yield HeldLetter(session, key, status=known.get(key, UNTOUCHED), actor=actor)


async def read_statuses(database: Database, keys: Iterable[LetterKey]) -> Mapping[LetterKey, LetterStatus]:
    """The letters among these that somebody has touched."""
    async with database.system() as session:
        return await _read(session, list(keys))


async def _read(session: WriteSession, keys: list[LetterKey]) -> dict[LetterKey, LetterStatus]:
    rows = await session.all(
        "SELECT l.topic, l.letter_partition, l.letter_offset, l.parked_at, l.state, l.tries, l.cause, l.reason, "
        f"l.actor, l.changed_at FROM {SCHEMA}.{session.service}_letters l JOIN unnest(cast(:topics AS text[]), "
        "cast(:partitions AS integer[]), cast(:offsets AS bigint[]), cast(:parked AS timestamptz[])) "
        "AS asked (topic, letter_partition, letter_offset, parked_at) "
        "USING (topic, letter_partition, letter_offset, parked_at)",
        {
            "topics": [key.id.topic for key in keys],
            "partitions": [key.id.partition for key in keys],
            "offsets": [key.id.offset for key in keys],
            "parked": [key.parked_at for key in keys],
        },
    )
    return {
        LetterKey(
            LetterId(row["topic"], row["letter_partition"], row["letter_offset"]), row["parked_at"]
        ): LetterStatus(
            state=LetterState(row["state"]),
            tries=row["tries"],
            cause=row["cause"],
            reason=row["reason"],
            actor=row["actor"],
            changed_at=row["changed_at"],
        )
        for row in rows
    }
