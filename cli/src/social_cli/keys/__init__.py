"""`social keys`: the keys that encrypt what the database keeps. Only their ids are ever shown."""

import argparse
from pathlib import Path
from typing import Final

from social_cli.command import Exit, Group, Run, Subcommands, add_command, add_group
from social_cli.output import Output


def _add(commands: Subcommands) -> None:
    inner = add_group(
        commands, "keys", summary="encryption keys: make, change, and see what they wrap", example="social keys list"
    )
    listing = add_command(
        inner,
        "list",
        summary="list each service's keys by id, and how many stored values each wraps",
        example="social keys list --service auth-linker",
        run=_list,
    )
    listing.add_argument("--service", metavar="NAME", help="only this service")
    starting = add_command(
        inner,
        "init",
        summary="make the key files of a new installation, one folder per service; what exists stays",
        example="social keys init --folder keys",
        run=_init,
    )
    starting.add_argument("--folder", type=Path, required=True, help="where the services' folders are made")
    file = "one service's TOKEN_KEYS_FILE"
    _change(inner, "make", "make a key file with one key, where there is none", "k1", file, run=_make)
    _change(inner, "add", "add a key that opens and does not encrypt yet", "k2", file, run=_add_key)
    _change(inner, "activate", "have a key of the file encrypt from now on", "k2", file, run=_activate)
    removing = _change(
        inner, "remove", "take a key out of the file, unless values are still wrapped by it", "k1", file, run=_remove
    )
    removing.add_argument("--service", metavar="NAME", required=True, help="whose file it is: its tables are asked")
    rewriting = add_command(
        inner,
        "rewrite",
        summary="wrap with the active key what an older one wraps, while everything runs",
        example="social keys rewrite --service auth-linker",
        run=_rewrite,
    )
    rewriting.add_argument("--service", metavar="NAME", help="only this service")


def _change(inner: Subcommands, name: str, summary: str, kid: str, file: str, *, run: Run) -> argparse.ArgumentParser:
    service = " --service auth-linker" if name == "remove" else ""
    parser = add_command(
        inner,
        name,
        summary=summary,
        example=f"social keys {name} --file auth-linker-token-keys.json --id {kid}{service}",
        run=run,
    )
    parser.add_argument("--file", type=Path, required=True, help=file)
    parser.add_argument("--id", required=name != "make", default="k1", help="the key's id")
    return parser


async def _list(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.stored import list_keys

    return await list_keys(arguments, output)


async def _init(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.starting import init

    return init(arguments, output)


async def _make(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.files import make

    return make(arguments, output)


async def _add_key(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.files import add

    return add(arguments, output)


async def _activate(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.files import activate

    return activate(arguments, output)


async def _remove(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.stored import remove

    return await remove(arguments, output)


async def _rewrite(arguments: argparse.Namespace, output: Output) -> Exit:
    from social_cli.keys.stored import rewrite_values

    return await rewrite_values(arguments, output)


GROUP: Final = Group("keys", _add)
