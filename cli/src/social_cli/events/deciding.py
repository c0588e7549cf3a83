"""What `retry` and `drop` have in common: which letters are meant, who decides, and how it is told."""

import argparse
import getpass
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from social_cli.command import Exit, WrongUsage
from social_cli.environment import Databases
from social_cli.events.letters import Choice, OpenLetter, find_letter, open_letters, parse_id
from social_cli.output import Output
from social_cli.services import Consumer
from social_common.kafka.letters import LetterReader
from social_common.letters import UNTOUCHED, LetterId

_MOST_TOLD: Final = 100


def actor_of(arguments: argparse.Namespace) -> str:
    """Who decides: as told, else the user of this machine."""
    if arguments.by:
        return str(arguments.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def check_choice(arguments: argparse.Namespace) -> None:
    """One letter, or all of a choice; raises WrongUsage where it is neither or both."""
    filters = (arguments.topic, arguments.consumer, arguments.cause, arguments.since)
    if arguments.id is None and not arguments.all:
        raise WrongUsage("name a letter's id, or --all with filters")
    if arguments.id is not None:
        parse_id(arguments.id)
    if arguments.id is not None and (arguments.all or any(item is not None for item in filters)):
        raise WrongUsage("an id names one letter; --all and the filters choose others. Give one of the two")


@dataclass(slots=True)
class Outcomes:
    """How it went, letter by letter; the first of those that are left are told singly."""

    counts: Counter[str] = field(default_factory=Counter)
    left: list[Mapping[str, str]] = field(default_factory=list)

    def note(self, outcome: str) -> None:
        """One more with this outcome."""
        self.counts[outcome] += 1

    def note_left(self, outcome: str, place: LetterId, why: str) -> None:
        """One more that is left as it was, and why."""
        self.note(outcome)
        if len(self.left) < _MOST_TOLD:
            self.left.append({"id": str(place), "outcome": outcome, "why": why})

    def tell(self, output: Output, *, good: tuple[str, ...]) -> Exit:
        """Print them; 1 where something is left."""
        for item in self.left:
            output.say(f"{item['id']}  {item['outcome']}: {item['why']}")
        counted = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(self.counts.items()))
        output.say(counted or "no dead letter fits")
        output.document({"outcomes": dict(self.counts), "left": self.left})
        return Exit.DONE if set(self.counts) <= set(good) else Exit.LEFT


async def chosen_letters(
    reader: LetterReader, databases: Databases, consumer: Consumer, *, choice: Choice
) -> AsyncIterator[OpenLetter]:
    """The open letters of one consumer that are meant, oldest first per partition."""
    database = await databases.of(consumer.service)
    async for found, _ in open_letters(reader, database, consumer, choice=choice):
        for letter in found:
            yield letter


async def named_letter(reader: LetterReader, text: str) -> OpenLetter:
    """The letter that the operator named, whatever its state."""
    consumer, parked = await find_letter(reader, parse_id(text))
    return OpenLetter(consumer, parked, UNTOUCHED)
