"""What a command is made of: its arguments, what it does, and how it ends.

A group is a module with a `GROUP`, and a line in `groups.py`; everything heavy is imported by what a command does, not
by what describes it, so that `--help` answers at once.
"""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from social_cli.output import Output

# argparse has no public name for what add_subparsers returns.
Subcommands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
Run: TypeAlias = Callable[[argparse.Namespace, Output], Awaitable["Exit"]]

EXIT_CODES: Final = "exit codes: 0 done, 1 something is left or refused, 2 usage, 3 something outside is unreachable"


class Exit(IntEnum):
    """How a command ends, as scripts see it."""

    DONE = 0
    LEFT = 1
    USAGE = 2
    UNREACHABLE = 3


class Refused(Exception):
    """The command does not do what was asked; the message says why and what to do next."""


class WrongUsage(Exception):
    """The arguments or settings make no sense together; the message says what would."""


class Unreachable(Exception):
    """Something outside does not answer; the message says what."""


@dataclass(frozen=True, slots=True)
class Group:
    """Commands that belong together: `social <name> …`."""

    name: str
    add: Callable[[Subcommands], None]


def add_command(
    commands: Subcommands,
    name: str,
    *,
    summary: str,
    example: str,
    run: Run,
) -> argparse.ArgumentParser:
    """A command with what all have in common; its own arguments are added to what is returned."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=_sentence(summary),
        epilog=f"example:\n  {example}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    parser.add_argument(
        "--local", action="store_true", help="use the local stack of `make run`, whose data SOCIAL_DATA_DIR names"
    )
    parser.set_defaults(run=run, name=parser.prog)
    return parser


def add_group(commands: Subcommands, name: str, *, summary: str, example: str) -> Subcommands:
    """A name under which further commands stand."""
    parser = commands.add_parser(name, help=summary, description=_sentence(summary), epilog=f"example: {example}")
    return parser.add_subparsers(metavar="COMMAND", required=True)


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."
