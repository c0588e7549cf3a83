"""`social reconcile`: after the database was restored to an earlier point, while Kafka and the platforms went on."""

import argparse
from typing import Final

from social_cli.arguments import moment
from social_cli.command import Exit, Group, Subcommands, add_command
from social_cli.output import Output


def _add(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "reconcile",
        summary="bring a database that was restored to an earlier point together with Kafka and the platforms",
        example="social reconcile --stopped-at 2026-11-23T15:04:00Z",
        run=_run,
    )
    parser.add_argument(
        "--stopped-at",
        type=moment,
        required=True,
        metavar="TIME",
        help="when the last worker on the lost database stopped; rather too late than too early",
    )
    parser.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="read Kafka from here; by default from an hour before the newest event that the database knows",
    )


async def _run(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.reconcile.running import reconcile

    return await reconcile(arguments, output)


GROUP: Final = Group("reconcile", _add)
