"""The commands of publisher: `python -m publisher api|worker|bootstrap|migrate|settings|replay|dead-letters`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence

from publisher.main import MIGRATIONS, ROLES, create_api, run_publisher_worker, subscriptions
from publisher.settings import Settings
from social_common.app import serve_app
from social_common.bootstrap import BootstrapFailed, bootstrap
from social_common.db import Database
from social_common.kafka.dead_letters import find_letter, list_letters, retry_letter
from social_common.keyfiles import KeyFileError
from social_common.logging import configure_logging
from social_common.migrations import migrate
from social_common.replay import add_replay_arguments, run_replay
from social_common.runner import StopEvent, run_process
from social_common.settings import describe_settings, load_settings, required
from social_common.telemetry import configure_telemetry


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command that the arguments name."""
    arguments = _parser().parse_args(argv)
    settings = load_settings(Settings)
    configure_logging(
        service=settings.service, role=arguments.command, level=settings.log_level, fmt=settings.log_format
    )
    try:
        _COMMANDS[arguments.command](settings, arguments)
    except (BootstrapFailed, KeyFileError) as error:
        raise SystemExit(f"publisher {arguments.command}: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m publisher", description="Posts: plan, schedule, publish, settle.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("api", help="serve the HTTP API")
    commands.add_parser("worker", help="consume, publish, settle and relay")
    commands.add_parser("bootstrap", help="prepare schema and roles, once; safe to repeat")
    commands.add_parser("migrate", help="bring the tables to this release; safe to repeat")
    commands.add_parser("settings", help="print every setting")
    add_replay_arguments(commands.add_parser("replay", help="send kept events again"))
    letters = commands.add_parser("dead-letters", help="list parked records, or retry one")
    actions = letters.add_subparsers(dest="action", required=True)
    for name, words in (("list", "list parked records"), ("retry", "run the consumer's handler on one")):
        action = actions.add_parser(name, help=words)
        action.add_argument("--topic", required=True, help="the topic the record came from")
        action.add_argument("--consumer", required=True, help="connections or engagement")
        if name == "retry":
            action.add_argument("--partition", type=int, default=0, help="of the dead letter itself")
            action.add_argument("--offset", type=int, required=True, help="of the dead letter itself")
    return parser


def _api(settings: Settings, _: argparse.Namespace) -> None:
    configure_telemetry(settings, "api")

    async def serve(stop: StopEvent) -> None:
        await serve_app(
            create_api(settings),
            host=settings.api_host,
            port=settings.api_port,
            metrics_port=settings.metrics_port,
            stop=stop,
        )

    run_process(serve)


def _worker(settings: Settings, _: argparse.Namespace) -> None:
    configure_telemetry(settings, "worker")

    async def work(stop: StopEvent) -> None:
        await run_publisher_worker(settings, stop)

    run_process(work)


def _bootstrap(settings: Settings, _: argparse.Namespace) -> None:
    asyncio.run(bootstrap(settings, spec=ROLES))


def _migrate(settings: Settings, _: argparse.Namespace) -> None:
    url = required(settings.migration_database_url, name="MIGRATION_DATABASE_URL")
    asyncio.run(migrate(url, service=settings.service, script_location=MIGRATIONS))


def _settings(_: Settings, __: argparse.Namespace) -> None:
    for name, default, description in describe_settings(Settings):
        _say(f"{name}={default}  # {description}")


def _replay(settings: Settings, arguments: argparse.Namespace) -> None:
    _say(asyncio.run(run_replay(settings, arguments)))


def _dead_letters(settings: Settings, arguments: argparse.Namespace) -> None:
    work = _list_letters if arguments.action == "list" else _retry_letter
    asyncio.run(work(settings, arguments))


async def _list_letters(settings: Settings, arguments: argparse.Namespace) -> None:
    servers = settings.kafka_bootstrap_servers
    async for letter in list_letters(servers, topic=arguments.topic, consumer=arguments.consumer):
        place = f"{letter.letter_partition}:{letter.letter_offset}"
        origin = f"{letter.topic}:{letter.partition}:{letter.offset}"
        _say(f"{place}  {letter.failure.first_failure.isoformat()}  from {origin}  {letter.failure.cause}")


async def _retry_letter(settings: Settings, arguments: argparse.Namespace) -> None:
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    letter = await find_letter(
        settings.kafka_bootstrap_servers,
        topic=arguments.topic,
        consumer=arguments.consumer,
        partition=arguments.partition,
        offset=arguments.offset,
    )
    if letter is None:
        raise SystemExit("publisher dead-letters: there is no such dead letter")
    async with Database(url, service=settings.service, pool_size=1) as database:
        for item in subscriptions(settings, database):
            if (item.topic, item.consumer) == (arguments.topic, arguments.consumer):
                await retry_letter(letter, item.handler)
                _say("handled")
                return
    raise SystemExit("publisher dead-letters: there is no such consumer")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


_COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], None]] = {
    "api": _api,
    "worker": _worker,
    "bootstrap": _bootstrap,
    "migrate": _migrate,
    "settings": _settings,
    "replay": _replay,
    "dead-letters": _dead_letters,
}

if __name__ == "__main__":
    main()
