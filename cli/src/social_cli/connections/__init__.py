"""`social connections`: how connected accounts stand, among all merchants, without their tokens."""

import argparse
from typing import Final

from social_cli.arguments import count, user_id
from social_cli.command import Exit, Group, Subcommands, add_command, add_group
from social_cli.output import Output

HEALTH: Final = ("ok", "expiring", "reconnect_required")
_EXAMPLE_ID: Final = "0d2c5f0e-6f3a-4c39-9f6a-5f0f5a1c7e11"


def _add(commands: Subcommands) -> None:
    inner = add_group(
        commands,
        "connections",
        summary="how connected accounts stand",
        example="social connections list --health expiring",
    )
    listing = add_command(
        inner,
        "list",
        summary="list connections, those that have not changed for longest first",
        example="social connections list --health reconnect_required --platform x",
        run=_list,
    )
    listing.add_argument("--health", choices=HEALTH, help="only those that are so well")
    listing.add_argument("--platform", help="only at this platform")
    listing.add_argument("--merchant", type=user_id, metavar="ID", help="only this merchant's")
    listing.add_argument("--limit", type=count, default=50, help="how many (default 50)")
    showing = add_command(
        inner,
        "show",
        summary="show how one connection and its grant stand",
        example=f"social connections show {_EXAMPLE_ID}",
        run=_show,
    )
    showing.add_argument("id", type=user_id, help="the connection's id")
    refreshing = add_command(
        inner,
        "refresh",
        summary="renew a connection's tokens now and look at its places, as its merchant's own button does",
        example=f"social connections refresh {_EXAMPLE_ID}",
        run=_refresh,
    )
    refreshing.add_argument("id", type=user_id, help="the connection's id")


async def _list(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.connections.running import list_connections

    return await list_connections(arguments, output)


async def _show(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.connections.running import show_connection

    return await show_connection(arguments, output)


async def _refresh(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.connections.running import refresh_connection

    return await refresh_connection(arguments, output)


GROUP: Final = Group("connections", _add)
