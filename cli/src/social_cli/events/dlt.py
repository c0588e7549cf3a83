"""`social events dlt`: the commands for dead letters. What they do is imported once one is called."""

import argparse

from social_cli.arguments import add_letter_filters, count
from social_cli.command import Exit, Subcommands, add_command, add_group
from social_cli.output import Output

_EXAMPLE_ID = "post.measured.engagement.dlt:0:17"


def add(commands: Subcommands) -> None:
    """Add the commands."""
    summary = "dead letters: records that a consumer could not handle"
    inner = add_group(commands, "dlt", summary=summary, example="social events dlt list")
    listing = add_command(
        inner,
        "list",
        summary="list the letters nobody has dealt with, and count them by consumer and cause",
        example="social events dlt list --topic post.measured --since 2026-11-23T00:00:00Z",
        run=_list,
    )
    add_letter_filters(listing)
    listing.add_argument("--limit", type=count, default=100, help="how many are listed singly (default 100)")
    showing = add_command(
        inner,
        "show",
        summary="show one letter: where it came from, why it was parked, what became of it, its headers and value",
        example=f"social events dlt show {_EXAMPLE_ID}",
        run=_show,
    )
    showing.add_argument("id", help="its place, topic:partition:offset: its own, or the one it came from")
    _add_retry(inner)
    _add_drop(inner)


def _add_retry(inner: Subcommands) -> None:
    retrying = add_command(
        inner,
        "retry",
        summary="run its consumer's handler on a letter, and nobody else's; what fails stays, with the new cause",
        example=f"social events dlt retry {_EXAMPLE_ID}",
        run=_retry,
    )
    _add_choice(retrying)


def _add_drop(inner: Subcommands) -> None:
    dropping = add_command(
        inner,
        "drop",
        summary="give a letter up: it is never listed or retried again",
        example=f'social events dlt drop {_EXAMPLE_ID} --reason "sent by a test, see ticket 4711"',
        run=_drop,
    )
    _add_choice(dropping)
    dropping.add_argument("--reason", required=True, help="why; it is kept, with who did it and when")
    dropping.add_argument("--yes", action="store_true", help="do not ask")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", help="one letter's place, topic:partition:offset")
    parser.add_argument("--all", action="store_true", help="all letters that the filters choose")
    add_letter_filters(parser)
    parser.add_argument("--by", metavar="NAME", help="who decides this; by default the user of this machine")


async def _list(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.events.listing import list_letters

    return await list_letters(arguments, output)


async def _show(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.events.showing import show_letter

    return await show_letter(arguments, output)


async def _retry(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.events.retrying import retry_letters

    return await retry_letters(arguments, output)


async def _drop(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.events.dropping import drop_letters

    return await drop_letters(arguments, output)
