"""`social events dlt drop`: letters are given up, with a reason that is kept."""

import argparse
import sys
from typing import Final

from social_cli.command import Exit, Refused, WrongUsage
from social_cli.environment import Environments
from social_cli.events.deciding import Outcomes, actor_of, check_choice, chosen_letters, named_letter
from social_cli.events.letters import Choice, OpenLetter, letter_reader
from social_cli.output import Output
from social_cli.progress import Progress
from social_common.db import Database
from social_common.kafka.letters import LetterReader
from social_common.letters import LetterState, hold_letter
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
    async with letter_reader(environments, choice.consumers()) as reader:
        letters = await _gather(reader, environments, choice, arguments)
    if letters and not arguments.yes:
        _ask(len(letters))
    async with Progress("dropping dead letters", total=len(letters)) as progress:
        for service in dict.fromkeys(letter.consumer.service for letter in letters):
            async with environments.database(service) as database:
                for letter in (one for one in letters if one.consumer.service == service):
                    await _drop(letter, database, outcomes, reason=arguments.reason, actor=actor_of(arguments))
                    progress.advance()
    if len(letters) == _MOST:
        output.remark(f"{_MOST} at a time; start the same command again for the rest")
    return outcomes.tell(output, good=_GOOD)


async def _gather(
    reader: LetterReader, environments: Environments, choice: Choice, arguments: argparse.Namespace
) -> list[OpenLetter]:
    if arguments.id is not None:
        return [await named_letter(reader, arguments.id)]
    letters: list[OpenLetter] = []
    for consumer in choice.consumers():
        async for letter in chosen_letters(reader, environments, consumer, choice=choice):
            letters.append(letter)
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


async def _drop(letter: OpenLetter, database: Database, outcomes: Outcomes, *, reason: str, actor: str) -> None:
    async with hold_letter(database, letter.parked.key, actor=actor) as held:
        if held is None:
            outcomes.note_left("busy", letter, "another operator's command has it in hand")
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
    failure = letter.parked.letter.failure
    _log.warning(
        "dead_letter_dropped", letter=str(letter.parked.id), consumer=letter.consumer.name, cause=failure.cause,
        operator=actor, reason=reason,
    )  # fmt: skip
