"""Finding dead letters that still ask for something: read from Kafka in batches, without those that were dealt with."""

import argparse
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from social_cli.command import Refused, WrongUsage
from social_cli.environment import Environments
from social_cli.services import Consumer, all_consumers, consumers_of
from social_common.kafka.letters import LetterReader, ParkedLetter
from social_common.letters import UNTOUCHED, LetterId, LetterState, LetterStatus, read_statuses

if TYPE_CHECKING:
    from social_common.db import Database


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A letter that nobody has dealt with yet, and how its retries went."""

    consumer: Consumer
    parked: ParkedLetter
    status: LetterStatus

    @property
    def cause(self) -> str:
        """Why it could not be handled the last time."""
        return self.status.cause or self.parked.letter.failure.cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which letters are meant."""

    topic: str | None = None
    consumer: str | None = None
    cause: str | None = None
    since: datetime | None = None

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Self:
        """The choice that the arguments make."""
        return cls(topic=arguments.topic, consumer=arguments.consumer, cause=arguments.cause, since=arguments.since)

    def consumers(self) -> Sequence[Consumer]:
        """Whose letters they may be."""
        return consumers_of(topic=self.topic, name=self.consumer)

    def takes(self, letter: OpenLetter) -> bool:
        """Whether the letter is one of them."""
        if self.cause is not None and self.cause.casefold() not in letter.cause.casefold():
            return False
        return self.since is None or letter.parked.letter.failure.first_failure >= self.since


async def open_letters(
    reader: LetterReader, database: "Database", consumer: Consumer, *, choice: Choice
) -> AsyncIterator[tuple[Sequence[OpenLetter], int]]:
    """A consumer's open letters, batch by batch, each with how many other records stood on the topic."""
    async for batch in reader.batches(consumer.dead_letters):
        statuses = await read_statuses(database, [parked.key for parked in batch.letters])
        found = [
            letter
            for parked in batch.letters
            if (letter := OpenLetter(consumer, parked, statuses.get(parked.key, UNTOUCHED))).status.state
            is LetterState.OPEN
            and choice.takes(letter)
        ]
        yield found, batch.foreign


def parse_id(text: str) -> LetterId:
    """The place that an operator named."""
    try:
        return LetterId.parse(text)
    except ValueError as error:
        raise WrongUsage(str(error)) from error


async def find_letter(reader: LetterReader, place: LetterId) -> tuple[Consumer, ParkedLetter]:
    """The letter at its own place, or the one that was parked from this place of its original topic."""
    for consumer in all_consumers():
        if consumer.dead_letters == place.topic:
            parked = await reader.at(place)
            if parked is None:
                raise Refused(f"there is no dead letter {place}; `social events dlt list` tells which there are")
            return consumer, parked
    found = [
        (consumer, parked)
        for consumer in all_consumers()
        if consumer.topic == place.topic
        async for batch in reader.batches(consumer.dead_letters)
        for parked in batch.letters
        if (parked.letter.partition, parked.letter.offset) == (place.partition, place.offset)
    ]
    if not found:
        raise Refused(f"no dead letter is at or from {place}; `social events dlt list` tells which there are")
    if len(found) > 1:
        ids = ", ".join(str(parked.id) for _, parked in found)
        raise Refused(f"several dead letters came from {place}; name one of them: {ids}")
    return found[0]


def letter_reader(environments: Environments, consumers: Sequence[Consumer]) -> LetterReader:
    """What reads these consumers' letters; all services are told the same brokers."""
    brokers = environments.settings(consumers[0].service).kafka_access
    return LetterReader(brokers, {consumer.dead_letters for consumer in consumers})
