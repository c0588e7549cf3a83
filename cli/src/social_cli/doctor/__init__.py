"""`social doctor`: a whole installation looked over, with the next step for whatever is wrong."""

import argparse
from pathlib import Path
from typing import Final

from social_cli.arguments import count
from social_cli.command import Exit, Group, Subcommands, add_command
from social_cli.output import Output
from social_cli.topics import FILE


def _add(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "doctor",
        summary="look over a whole installation, and say the next step for whatever is wrong",
        example="social doctor --json",
        run=_run,
    )
    parser.add_argument("--topics", type=Path, default=FILE, metavar="FILE", help="the declaration of topics")
    parser.add_argument(
        "--replication", type=count, metavar="N", help="at most so many copies, for clusters with fewer brokers"
    )


async def _run(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.doctor.running import look_over

    return await look_over(arguments, output)


GROUP: Final = Group("doctor", _add)
