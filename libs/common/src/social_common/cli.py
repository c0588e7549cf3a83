"""The one command line that every service has: `python -m <service> api|worker|bootstrap|migrate|…`.

A service's `main` module is its composition root and offers four names: `create_api(settings)`, `work(settings, stop)`,
`open_subscriptions(settings)` and `open_restorer(settings, …)`. It is imported only by the commands that serve, and so
are the frameworks: the one-off commands start in half a second.
"""

import argparse
import asyncio
import contextlib
import importlib
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from social_common.bootstrap import BootstrapFailed, ServiceRoles, bootstrap
from social_common.clock import MovableClockRefused
from social_common.keyfiles import KeyFileError
from social_common.logging import configure_logging, get_logger
from social_common.outages import describe_outage
from social_common.settings import ServiceSettings, describe_settings, load_settings, required
from social_common.unfit import Unfit

if TYPE_CHECKING:
    from datetime import datetime

    from fastapi import FastAPI

    from social_common.kafka.consumer import Subscription
    from social_common.restoring import Restorer
    from social_common.runner import StopEvent

_PLAIN_ERRORS = (BootstrapFailed, KeyFileError, MovableClockRefused, Unfit)
_SERVING = frozenset({"api", "worker"})


@dataclass(frozen=True, slots=True)
class ServiceCommands:
    """What differs between the services' command lines."""

    package: str
    description: str
    settings: type[ServiceSettings]
    roles: ServiceRoles
    migrations: Path


class ServiceMain(Protocol):
    """What a service's `main` module offers; `HEAD` is the revision that its tables have to be at."""

    HEAD: str

    def create_api(self, settings: ServiceSettings) -> "FastAPI":
        """The HTTP API."""

    async def work(self, settings: ServiceSettings, stop: "StopEvent") -> None:
        """The worker, until the stop."""

    def open_subscriptions(self, settings: ServiceSettings) -> "AbstractAsyncContextManager[Sequence[Subscription]]":
        """What the service consumes, with all that the handlers need open."""

    def open_restorer(
        self, settings: ServiceSettings, *, stopped_at: "datetime"
    ) -> "AbstractAsyncContextManager[Restorer]":
        """What brings the service's restored tables together with what went on without them."""


def _main_of(commands: ServiceCommands) -> ServiceMain:
    return cast("ServiceMain", importlib.import_module(f"{commands.package}.main"))


def run_service(commands: ServiceCommands, argv: Sequence[str] | None = None) -> None:
    """Carries out the command that the arguments name; an error of the operator's is one plain sentence."""
    name = commands.settings.service
    arguments = _parser(name, commands.description).parse_args(argv)
    settings = load_settings(commands.settings)
    configure_logging(service=name, role=arguments.command, level=settings.log_level, fmt=settings.log_format)
    try:
        _carry_out(commands, settings, arguments)
    except _PLAIN_ERRORS as error:
        raise SystemExit(f"{name} {arguments.command}: {error}") from error
    except Exception as error:
        if arguments.command in _SERVING:
            # As one event of the log, redacted like all of them; Python itself would write past our format.
            get_logger().exception("process_failed")
            raise SystemExit(1) from error
        if (sentence := describe_outage(error)) is None:
            raise
        raise SystemExit(f"{name} {arguments.command}: {sentence}") from error


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {name.replace('-', '_')}", description=description)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("api", help="serve the HTTP API")
    commands.add_parser("worker", help="consume events, do what is due, send events")
    commands.add_parser("bootstrap", help="prepare schema and roles, once; safe to repeat")
    tables = commands.add_parser("migrate", help="bring the tables to this release; safe to repeat")
    tables.add_argument("--check", action="store_true", help="only say whether tables and code differ")
    commands.add_parser("settings", help="print every setting")
    return parser


def _carry_out(commands: ServiceCommands, settings: ServiceSettings, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "api":
            _serve(commands, settings)
        case "worker":
            _work(commands, settings)
        case "bootstrap":
            asyncio.run(bootstrap(settings, spec=commands.roles))
        case "migrate":
            asyncio.run(_migrate(commands, settings, only_check=arguments.check))
        case _:
            for name, default, description in describe_settings(commands.settings):
                sys.stdout.write(f"{name}={default}  # {description}\n")


def _serve(commands: ServiceCommands, settings: ServiceSettings) -> None:
    from social_common.app import serve_app
    from social_common.runner import run_process
    from social_common.telemetry import configure_telemetry

    configure_telemetry(settings, "api")

    async def serve(stop: "StopEvent") -> None:
        main = _main_of(commands)
        await _refuse_unfit(settings, head=main.HEAD)
        app = main.create_api(settings)
        await serve_app(
            app,
            host=settings.api_host,
            port=settings.api_port,
            metrics_port=settings.metrics_port,
            stop=stop,
            leaving=app.state.leaving,
        )

    run_process(serve)


async def _refuse_unfit(settings: ServiceSettings, *, head: str) -> None:
    from social_common.db import Database, DatabaseUnreachable
    from social_common.fitness import refuse_unfit_database

    url = required(settings.api_database_url, name="API_DATABASE_URL")
    async with Database(url, service=settings.service, pool_size=1) as database:
        # An API begins without its database, and says so by its probes.
        with contextlib.suppress(DatabaseUnreachable):
            await refuse_unfit_database(settings, database, role="api", head=head)


def _work(commands: ServiceCommands, settings: ServiceSettings) -> None:
    from social_common.runner import run_process
    from social_common.telemetry import configure_telemetry

    configure_telemetry(settings, "worker")

    async def work(stop: "StopEvent") -> None:
        await _main_of(commands).work(settings, stop)

    run_process(work)


async def _migrate(commands: ServiceCommands, settings: ServiceSettings, *, only_check: bool) -> None:
    from social_common.drift import MigrationsDrifted, check_drift
    from social_common.migrations import migrate

    url = required(settings.migration_database_url, name="MIGRATION_DATABASE_URL")
    if not only_check:
        await migrate(url, service=settings.service, script_location=commands.migrations)
        return
    try:
        await check_drift(url, script_location=commands.migrations)
    except MigrationsDrifted as error:
        raise SystemExit(f"{settings.service} migrate: {error}") from error
