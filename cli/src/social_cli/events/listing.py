"""`social events dlt list`: what is open, counted by consumer and cause, and the oldest of it singly."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from social_cli.command import Exit, Refused
from social_cli.environment import Databases, Environments, NoSettings
from social_cli.events.letters import Choice, OpenLetter, letter_reader, open_letters
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.services import Consumer
from social_common.kafka.letters import LetterReader

# Causes may hold a word of the record; however many there are, the answer stays readable and memory bounded.
_MOST_GROUPS: Final = 200
_OTHERS: Final = "(other causes)"


@dataclass(slots=True)
class _Tally:
    limit: int
    total: int = 0
    foreign: int = 0
    groups: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    letters: list[Mapping[str, object]] = field(default_factory=list)

    def add(self, letter: OpenLetter) -> None:
        self.total += 1
        if len(self.letters) < self.limit:
            self.letters.append(_shape(letter))
        key = (letter.consumer.topic, letter.consumer.name, letter.cause)
        if key not in self.groups and len(self.groups) >= _MOST_GROUPS:
            key = (letter.consumer.topic, letter.consumer.name, _OTHERS)
        first = letter.parked.letter.failure.first_failure
        count, oldest = self.groups.get(key, (0, first))
        self.groups[key] = [count + 1, min(oldest, first)]


async def list_letters(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print the groups and the first letters; 1 where a service had to be left out."""
    choice = Choice.of(arguments)
    consumers = choice.consumers()
    environments = Environments(local=arguments.local)
    tally = _Tally(arguments.limit)
    left_out: dict[str, str] = {}
    async with (
        letter_reader(environments, consumers) as reader,
        Databases(environments) as databases,
        Progress("reading dead letters") as progress,
    ):
        for consumer in consumers:
            if consumer.service.name in left_out:
                continue
            try:
                await _count(reader, databases, consumer, choice=choice, tally=tally, progress=progress)
            except NoSettings as error:
                left_out[consumer.service.name] = str(error)
    if len(left_out) == len({consumer.service.name for consumer in consumers}):
        raise Refused("; ".join(left_out.values()))
    _print(output, tally, left_out=left_out)
    return Exit.LEFT if left_out else Exit.DONE


async def _count(
    reader: LetterReader,
    databases: Databases,
    consumer: Consumer,
    *,
    choice: Choice,
    tally: _Tally,
    progress: Progress,
) -> None:
    database = await databases.of(consumer.service)
    async for found, foreign in open_letters(reader, database, consumer, choice=choice):
        for letter in found:
            tally.add(letter)
        tally.foreign += foreign
        progress.advance(len(found) + foreign)


def _print(output: Output, tally: _Tally, *, left_out: dict[str, str]) -> None:
    groups = sorted(tally.groups.items(), key=lambda item: (*item[0][:2], -item[1][0]))
    output.table(
        ("letters", "oldest", "topic", "consumer", "cause"),
        [(count, oldest, topic, name, cause) for (topic, name, cause), (count, oldest) in groups],
    )
    if tally.letters:
        output.say()
        output.table(
            ("id", "first failure", "retries", "cause"),
            [[letter[name] for name in ("id", "first_failure", "retries", "cause")] for letter in tally.letters],
        )
    output.say()
    output.say(_total(tally))
    for reason in left_out.values():
        output.remark(f"left out: {reason}")
    output.document(
        {
            "total": tally.total,
            "groups": [
                {"topic": topic, "consumer": name, "cause": cause, "count": count, "oldest": oldest}
                for (topic, name, cause), (count, oldest) in groups
            ],
            "letters": tally.letters,
            "other_records": tally.foreign,
            "left_out": sorted(left_out),
        }
    )


def _total(tally: _Tally) -> str:
    text = f"{tally.total} dead letters" if tally.total != 1 else "1 dead letter"
    if tally.total > len(tally.letters):
        text += f", of which {len(tally.letters)} are listed; --limit lists more"
    if tally.foreign:
        text += f"; {tally.foreign} other records stand on these topics"
    return text


def _shape(letter: OpenLetter) -> Mapping[str, object]:
    parked = letter.parked.letter
    first_failure: datetime = parked.failure.first_failure
    return {
        "id": str(letter.parked.id),
        "service": letter.consumer.service.name,
        "topic": parked.topic,
        "partition": parked.partition,
        "offset": parked.offset,
        "consumer": letter.consumer.name,
        "cause": letter.cause,
        "first_failure": first_failure,
        "retries": letter.status.tries,
    }
