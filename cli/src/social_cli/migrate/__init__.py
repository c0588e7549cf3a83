"""`social migrate`: roles, schema and tables of all services, as their own one-off commands make them."""

import argparse
from typing import Final

from social_cli.command import Exit, Group, Subcommands, add_command
from social_cli.output import Output


def _add(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "migrate",
        summary="bring roles, schema and tables to this release; safe to repeat, and side by side",
        example="social migrate --service publisher",
        run=_run,
    )
    parser.add_argument("--service", action="append", metavar="NAME", help="only this service; may be repeated")
    parser.add_argument("--check", action="store_true", help="change nothing; say which tables are behind")


async def _run(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.migrate.running import migrate_services

    return await migrate_services(arguments, output)


GROUP: Final = Group("migrate", _add)
