"""The commands of auth-linker: `python -m auth_linker api|worker|bootstrap|migrate|settings|replay|dead-letters`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence

from auth_linker.main import create_api, open_shared, run_linker_worker, subscriptions
from auth_linker.roles import ROLES
from auth_linker.settings import MIGRATIONS, AuthLinkerSettings
from social_common.app import serve_app
from social_common.bootstrap import BootstrapFailed, bootstrap
from social_common.clock import MovableClockRefused
from social_common.db import Database
from social_common.http import HttpClient
from social_common.kafka.dead_letters import find_letter, list_letters, retry_letter
from social_common.keyfiles import KeyFileError
from social_common.logging import configure_logging
from social_common.migrations import migrate
from social_common.replay import add_replay_arguments, run_replay
from social_common.runner import StopEvent, run_process
from social_common.settings import describe_settings, load_settings, required
from social_common.telemetry import configure_telemetry

Command = Callable[[AuthLinkerSettings, argparse.Namespace], None]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command that the arguments name."""
    arguments = _parser().parse_args(argv)
    settings = load_settings(AuthLinkerSettings)
    configure_logging(
        service=settings.service, role=arguments.command, level=settings.log_level, fmt=settings.log_format
    )
    try:
        _COMMANDS[arguments.command](settings, arguments)
    except (BootstrapFailed, KeyFileError, MovableClockRefused) as error:
        raise SystemExit(f"auth-linker {arguments.command}: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m auth_linker", description="Connections: OAuth, token vault, refresh, token broker."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("api", help="serve the HTTP API")
    commands.add_parser("worker", help="refresh, revoke, consume and relay")
    commands.add_parser("bootstrap", help="prepare schema and roles, once; safe to repeat")
    commands.add_parser("migrate", help="bring the tables to this release; safe to repeat")
    commands.add_parser("settings", help="print every setting")
    add_replay_arguments(commands.add_parser("replay", help="send kept events again"))
    letters = commands.add_parser("dead-letters", help="list parked records, or retry one").add_subparsers(
        dest="action", required=True
    )
    for name, text in (("list", "list parked records"), ("retry", "run the consumer's handler on one")):
        action = letters.add_parser(name, help=text)
        action.add_argument("--topic", required=True, help="the topic the record came from")
        action.add_argument("--consumer", required=True, help="token-ready is the only one")
        if name == "retry":
            action.add_argument("--partition", type=int, default=0, help="of the dead letter itself")
            action.add_argument("--offset", type=int, required=True, help="of the dead letter itself")
    return parser


def _api(settings: AuthLinkerSettings, _: argparse.Namespace) -> None:
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


def _worker(settings: AuthLinkerSettings, _: argparse.Namespace) -> None:
    configure_telemetry(settings, "worker")

    async def work(stop: StopEvent) -> None:
        await run_linker_worker(settings, stop)

    run_process(work)


def _bootstrap(settings: AuthLinkerSettings, _: argparse.Namespace) -> None:
    asyncio.run(bootstrap(settings, spec=ROLES))


def _migrate(settings: AuthLinkerSettings, _: argparse.Namespace) -> None:
    url = required(settings.migration_database_url, name="MIGRATION_DATABASE_URL")
    asyncio.run(migrate(url, service=settings.service, script_location=MIGRATIONS))


def _settings(_: AuthLinkerSettings, __: argparse.Namespace) -> None:
    for name, default, description in describe_settings(AuthLinkerSettings):
        _say(f"{name}={default}  # {description}")


def _replay(settings: AuthLinkerSettings, arguments: argparse.Namespace) -> None:
    _say(asyncio.run(run_replay(settings, arguments)))


def _dead_letters(settings: AuthLinkerSettings, arguments: argparse.Namespace) -> None:
    work = _list_letters if arguments.action == "list" else _retry_letter
    asyncio.run(work(settings, arguments))


async def _list_letters(settings: AuthLinkerSettings, arguments: argparse.Namespace) -> None:
    servers = settings.kafka_bootstrap_servers
    async for letter in list_letters(servers, topic=arguments.topic, consumer=arguments.consumer):
        _say(
            f"{letter.letter_partition}:{letter.letter_offset}  {letter.failure.first_failure.isoformat()}  "
            f"from {letter.topic}:{letter.partition}:{letter.offset}  {letter.failure.cause}"
        )


async def _retry_letter(settings: AuthLinkerSettings, arguments: argparse.Namespace) -> None:
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    letter = await find_letter(
        settings.kafka_bootstrap_servers,
        topic=arguments.topic,
        consumer=arguments.consumer,
        partition=arguments.partition,
        offset=arguments.offset,
    )
    if letter is None:
        raise SystemExit("auth-linker dead-letters: there is no such dead letter")
    async with (
        HttpClient() as http,
        Database(url, service=settings.service, pool_size=1) as database,
        open_shared(settings, database, http, os.environ) as shared,
    ):
        for item in subscriptions(settings, shared):
            if (item.topic, item.consumer) == (arguments.topic, arguments.consumer):
                await retry_letter(letter, item.handler)
                _say("handled")
                return
    raise SystemExit("auth-linker dead-letters: there is no such consumer")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


_COMMANDS: dict[str, Command] = {
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
