"""`social events dlt drop`: letters are given up, with a reason that is kept."""

import argparse
import sys
from dataclasses import dataclass
from typing import Final, Self

from social_cli.command import Exit, Refused, WrongUsage
from social_cli.environment import Databases, Environments
from social_cli.events.deciding import Outcomes, actor_of, check_choice, chosen_letters, named_letter
from social_cli.events.letters import Choice, OpenLetter, letter_reader
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.services import Consumer
from social_common.db import Database
from social_common.kafka.letters import LetterReader
from social_common.letters import LetterKey, LetterState, hold_letter
from social_common.logging import get_logger

# What is dropped is what was counted and asked about; letters parked meanwhile are another question.
_MOST: Final = 10_000
_LONGEST_REASON: Final = 500
_GOOD: Final = ("dropped", "already_dropped", "already_handled")

_log = get_logger()


async def drop_letters(arguments: argparse.Namespace, output: Output) -> Exit:
    """Drop one letter or all of a choice, after asking; 1 where the answer was no or a letter is in other hands."""
    check_choice(arguments)
    if not arguments.reason.strip() or len(arguments.reason) > _LONGEST_REASON:
        raise WrongUsage(f"--reason takes 1 to {_LONGEST_REASON} characters")
    choice = Choice.of(arguments)
    environments = Environments(local=arguments.local)
    outcomes = Outcomes()
    async with Databases(environments) as databases:
        async with letter_reader(environments, choice.consumers()) as reader:
            letters = await _gather(reader, databases, choice, arguments)
        if letters and not arguments.yes:
            _ask(len(letters))
        async with Progress("dropping dead letters", total=len(letters)) as progress:
            for letter in letters:
                database = await databases.of(letter.consumer.service)
                await _drop(letter, database, outcomes, reason=arguments.reason, actor=actor_of(arguments))
                progress.advance()
    if len(letters) == _MOST:
        output.remark(f"{_MOST} at a time; start the same command again for the rest")
    return outcomes.tell(output, good=_GOOD)


@dataclass(frozen=True, slots=True)
class _Marked:
    """What is kept of a letter until it is dropped: many of them fit into memory, their values would not."""

    consumer: Consumer
    key: LetterKey
    cause: str

    @classmethod
    def of(cls, letter: OpenLetter) -> Self:
        return cls(letter.consumer, letter.parked.key, letter.cause)


async def _gather(
    reader: LetterReader, databases: Databases, choice: Choice, arguments: argparse.Namespace
) -> list[_Marked]:
    if arguments.id is not None:
        return [_Marked.of(await named_letter(reader, arguments.id))]
    letters: list[_Marked] = []
    for consumer in choice.consumers():
        async for letter in chosen_letters(reader, databases, consumer, choice=choice):
            letters.append(_Marked.of(letter))
            if len(letters) == _MOST:
                return letters
    return letters


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise WrongUsage("nobody is there to ask; --yes drops without asking")
    sys.stderr.write(f"Drop {count} dead letter{'s' if count > 1 else ''}, never to be retried? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() not in {"y", "yes"}:
        raise Refused("nothing was dropped")


async def _drop(letter: _Marked, database: Database, outcomes: Outcomes, *, reason: str, actor: str) -> None:
    async with hold_letter(database, letter.key, actor=actor) as held:
        if held is None:
            outcomes.note_left("busy", letter.key.id, "another operator's command has it in hand")
            return
        match held.status.state:
            case LetterState.DROPPED:
                outcomes.note("already_dropped")
                return
            case LetterState.HANDLED | LetterState.LET_GO:
                outcomes.note("already_handled")
                return
            case LetterState.OPEN:
                await held.close(LetterState.DROPPED, reason=reason)
    outcomes.note("dropped")
    _log.warning(
        "dead_letter_dropped", letter=str(letter.key.id), consumer=letter.consumer.name, cause=letter.cause,
        operator=actor, reason=reason,
    )  # fmt: skip
