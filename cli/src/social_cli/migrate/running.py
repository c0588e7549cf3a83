"""Each service's bootstrap, where its URL is set, and then its migrations."""

import argparse
import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from social_cli.command import Exit, Refused, WrongUsage
from social_cli.environment import Environments
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.services import SERVICES, Service, service_named
from social_common.bootstrap import BootstrapFailed, bootstrap
from social_common.migrations import find_head, migrate
from social_common.revision import find_revision

if TYPE_CHECKING:
    from social_common.cli import ServiceCommands
    from social_common.secrets import Secret
    from social_common.settings import ServiceSettings


async def migrate_services(arguments: argparse.Namespace, output: Output) -> Exit:
    """Do it, service by service; with --check 1 where one is behind."""
    services = [service_named(name) for name in arguments.service or ()] or list(SERVICES)
    environments = Environments(local=arguments.local)
    done: dict[str, Mapping[str, object]] = {}
    async with Progress("migrating", total=len(services)) as progress:
        for service in services:
            done[service.name] = await _one(environments, service, check=arguments.check)
            progress.advance(note=service.name)
    columns = ("before", "now", "head", "bootstrapped")
    output.table(("service", *columns), [(name, *(one[column] for column in columns)) for name, one in done.items()])
    output.document({"services": done})
    return Exit.DONE if all(one["now"] == one["head"] for one in done.values()) else Exit.LEFT


async def _one(environments: Environments, service: Service, *, check: bool) -> Mapping[str, object]:
    settings, commands = environments.settings(service), service.commands
    url = _url(settings, service)
    head = await asyncio.to_thread(find_head, commands.migrations)
    bootstrapped = False
    if not check and settings.bootstrap_database_url is not None:
        await _bootstrap(environments, service, settings, commands)
        bootstrapped = True
    before = await find_revision(url, service=service.package)
    if not check:
        await migrate(url, service=service.name, script_location=commands.migrations)
    now = before if check else await find_revision(url, service=service.package)
    return {"before": before, "now": now, "head": head, "bootstrapped": bootstrapped}


async def _bootstrap(
    environments: Environments, service: Service, settings: "ServiceSettings", commands: "ServiceCommands"
) -> None:
    try:
        with environments.entered(service):
            await bootstrap(settings, spec=commands.roles)
    except BootstrapFailed as error:
        raise Refused(str(error).rstrip(".")) from error


def _url(settings: "ServiceSettings", service: Service) -> "Secret":
    if settings.migration_database_url is None:
        own = f"{service.package.upper()}_MIGRATION_DATABASE_URL"
        raise WrongUsage(f"{own} is not set: the URL of the role {service.package}_owner, which owns the tables")
    return settings.migration_database_url
