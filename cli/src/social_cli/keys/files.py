"""Changes of a key file. Processes read it at their start: what comes next is a restart, and is said."""

import argparse

from social_cli.command import Exit, Refused
from social_cli.output import Output
from social_common.keyfiles import activate_token_key, add_token_key, generate_token_keys, read_token_keys


def make(arguments: argparse.Namespace, output: Output) -> Exit:
    """A new file; one that exists stays as it is."""
    if arguments.file.exists():
        raise Refused(f"{arguments.file} exists; nothing was made, because losing a key loses every secret it wrapped")
    generate_token_keys(arguments.file, kid=arguments.id)
    return tell_file(arguments, output, "keep a copy in escrow before the first start (docs/operating/keys.md)")


def add(arguments: argparse.Namespace, output: Output) -> Exit:
    """A further key."""
    add_token_key(arguments.file, kid=arguments.id)
    return tell_file(arguments, output, "put the file into escrow and restart every process before activating it")


def activate(arguments: argparse.Namespace, output: Output) -> Exit:
    """Another key encrypts."""
    activate_token_key(arguments.file, kid=arguments.id)
    return tell_file(arguments, output, "restart every process, then run `social keys rewrite`")


def tell_file(arguments: argparse.Namespace, output: Output, following: str) -> Exit:
    """The ids of the file as it is now, and what comes next."""
    active, keys = read_token_keys(arguments.file)
    output.table(("key", "active"), [(kid, "yes" if kid == active else "") for kid in sorted(keys)])
    output.remark(following)
    output.document({"active": active, "keys": sorted(keys), "next": following})
    return Exit.DONE
