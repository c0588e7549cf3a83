"""`social events dlt retry`: the one handler that could not cope is asked again, in the process of this command."""

import argparse
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, Self

from social_cli.command import Exit, Unreachable
from social_cli.environment import Databases, Environments
from social_cli.events.deciding import Outcomes, actor_of, check_choice, chosen_letters, named_letter
from social_cli.events.letters import Choice, OpenLetter, letter_reader
from social_cli.output import Output, moment_text
from social_cli.progress import Progress
from social_cli.services import Consumer, Service
from social_common.kafka.dead_letters import retry_letter
from social_common.kafka.errors import Verdict, describe, judge
from social_common.letters import HeldLetter, LetterState, hold_letter

if TYPE_CHECKING:
    from social_common.kafka.pipeline import Handler

_GOOD: Final = ("handled", "let_go", "already_handled")


async def retry_letters(arguments: argparse.Namespace, output: Output) -> Exit:
    """Retry one letter or all of a choice; 1 where one failed again, was dropped or is in other hands."""
    check_choice(arguments)
    choice = Choice.of(arguments)
    environments = Environments(local=arguments.local)
    outcomes = Outcomes()
    async with (
        letter_reader(environments, choice.consumers()) as reader,
        Progress("retrying dead letters") as progress,
        Databases(environments) as databases,
        Handlers(environments) as handlers,
    ):
        if arguments.id is not None:
            named = await named_letter(reader, arguments.id)
            await _retry(named, databases, handlers, outcomes, actor=actor_of(arguments))
            return outcomes.tell(output, good=_GOOD)
        for consumer in choice.consumers():
            async for letter in chosen_letters(reader, databases, consumer, choice=choice):
                await _retry(letter, databases, handlers, outcomes, actor=actor_of(arguments))
                progress.advance(note=f"{outcomes.counts['failed']} failed again")
    return outcomes.tell(output, good=_GOOD)


class Handlers:
    """The handlers of all consumers, opened service by service as they are needed."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments
        self._stack = AsyncExitStack()
        self._opened: dict[str, dict[tuple[str, str], Handler]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def of(self, consumer: Consumer) -> "Handler":
        """The consumer's handler, with all that it needs open."""
        service = consumer.service
        if service.name not in self._opened:
            self._opened[service.name] = await self._open(service)
        return self._opened[service.name][consumer.topic, consumer.name]

    async def _open(self, service: Service) -> "dict[tuple[str, str], Handler]":
        settings = self._environments.settings(service)
        # Apps and keys are looked up in the environment while the handlers are made.
        with self._environments.entered(service):
            found = await self._stack.enter_async_context(service.open_subscriptions(settings))
        return {(item.topic, item.consumer): item.handler for item in found}


async def _retry(
    letter: OpenLetter, databases: Databases, handlers: Handlers, outcomes: Outcomes, *, actor: str
) -> None:
    database = await databases.of(letter.consumer.service)
    handler = await handlers.of(letter.consumer)
    async with hold_letter(database, letter.parked.key, actor=actor) as held:
        if held is None:
            outcomes.note_left("busy", letter.parked.id, "another operator's command has it in hand")
            return
        match held.status.state:
            case LetterState.HANDLED | LetterState.LET_GO:
                outcomes.note("already_handled")
            case LetterState.DROPPED:
                at = moment_text(held.status.changed_at) if held.status.changed_at else "an unknown time"
                why = f"{held.status.actor} gave it up at {at}: {held.status.reason}"
                outcomes.note_left("dropped", letter.parked.id, why)
            case LetterState.OPEN:
                await _handle(letter, handler, held, outcomes)


async def _handle(letter: OpenLetter, handler: "Handler", held: HeldLetter, outcomes: Outcomes) -> None:
    try:
        await retry_letter(letter.parked.letter, handler)
    except Exception as error:  # every error has a verdict, as in the consumer
        match judge(error):
            case Verdict.LET_GO:
                await held.close(LetterState.LET_GO)
                outcomes.note("let_go")
            case Verdict.WAIT:
                raise Unreachable(
                    f"{letter.parked.id} waits for something that is away ({describe(error)}); it is as it was, and so "
                    "are those after it. Start the same command again once that is back"
                ) from error
            case Verdict.PARK | Verdict.RETRY:
                await held.note_failure(describe(error))
                outcomes.note_left("failed", letter.parked.id, describe(error))
    else:
        await held.close(LetterState.HANDLED)
        outcomes.note("handled")
