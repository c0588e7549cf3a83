"""`social posts`: how posts stand, among all merchants, without their texts."""

import argparse
from typing import Final

from social_cli.arguments import count, user_id
from social_cli.command import Exit, Group, Subcommands, add_command, add_group
from social_cli.output import Output

STATUSES: Final = (
    "draft", "scheduled", "held", "publishing", "published", "failed", "unknown", "missed", "canceled",
)  # fmt: skip


def _add(commands: Subcommands) -> None:
    inner = add_group(commands, "posts", summary="how posts stand", example="social posts list --status unknown")
    listing = add_command(
        inner,
        "list",
        summary="list posts without their texts, those that have stood still longest first",
        example="social posts list --status unknown --status held --platform x",
        run=_list,
    )
    listing.add_argument("--status", action="append", choices=STATUSES, help="only in this status; may be repeated")
    listing.add_argument("--platform", help="only at this platform")
    listing.add_argument("--merchant", type=user_id, metavar="ID", help="only this merchant's")
    listing.add_argument("--connection", type=user_id, metavar="ID", help="only of this connection")
    listing.add_argument("--limit", type=count, default=50, help="how many (default 50)")
    showing = add_command(
        inner,
        "show",
        summary="show how one post stands, and every attempt to send it",
        example="social posts show 0d2c5f0e-6f3a-4c39-9f6a-5f0f5a1c7e11",
        run=_show,
    )
    showing.add_argument("id", type=user_id, help="the post's id")


async def _list(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.posts.running import list_posts

    return await list_posts(arguments, output)


async def _show(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.posts.running import show_post

    return await show_post(arguments, output)


GROUP: Final = Group("posts", _add)
