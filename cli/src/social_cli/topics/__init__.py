"""`social topics`: the declared topics, and those of the cluster."""

import argparse
from pathlib import Path
from typing import Final

from social_cli.arguments import count
from social_cli.command import Exit, Group, Run, Subcommands, add_command, add_group
from social_cli.output import Output

FILE: Final = Path(__file__).resolve().parents[4] / "deploy" / "topics.toml"


def _add(commands: Subcommands) -> None:
    inner = add_group(
        commands, "topics", summary="the declared topics, and those of the cluster", example="social topics diff"
    )
    for name, summary, example, run in (
        ("list", "list the declared topics; Kafka is not asked", "social topics list", _list),
        ("diff", "say how the cluster's topics differ from the declared ones", "social topics diff", _diff),
        (
            "apply",
            "create the topics that are missing and give the others their declared settings",
            "social topics apply --replication 1",
            _apply,
        ),
    ):
        _add_one(inner, name, summary=summary, example=example, run=run)


def _add_one(inner: Subcommands, name: str, *, summary: str, example: str, run: Run) -> None:
    parser = add_command(inner, name, summary=summary, example=example, run=run)
    parser.add_argument("--file", type=Path, default=FILE, help="the declaration (default deploy/topics.toml)")
    parser.add_argument(
        "--replication", type=count, metavar="N", help="at most so many copies, for clusters with fewer brokers"
    )


async def _list(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.topics.running import list_topics

    return list_topics(arguments, output)


async def _diff(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.topics.running import diff_topics

    return await diff_topics(arguments, output)


async def _apply(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.topics.running import apply_all

    return await apply_all(arguments, output)


GROUP: Final = Group("topics", _add)
