"""The key files of a whole installation, as it needs them before its first start."""

import argparse
from pathlib import Path

from social_cli.command import Exit, Refused
from social_cli.output import Output
from social_cli.services import SERVICES
from social_common.keyfiles import generate_service_key, generate_token_keys, write_trust


def init(arguments: argparse.Namespace, output: Output) -> Exit:
    """One folder per service with its keys and whom it trusts; a key that exists stays."""
    folders = {service.name: arguments.folder / service.name for service in SERVICES}
    try:
        made = [name for name, folder in folders.items() if _make(folder)]
        for folder in folders.values():
            write_trust(
                folder / "service-trust.json", {name: other / "service-key.json" for name, other in folders.items()}
            )
    except OSError as error:
        raise Refused(f"{error.filename} cannot be written ({error.strerror})") from error
    output.table(("folder", "keys"), [(str(folder), "made" if n in made else "kept") for n, folder in folders.items()])
    output.remark("keep a copy in escrow before the first start (docs/operating/keys.md)")
    output.document({"made": made, "kept": [name for name in folders if name not in made]})
    return Exit.DONE


def _make(folder: Path) -> bool:
    token_keys, service_key = folder / "token-keys.json", folder / "service-key.json"
    is_new = not (token_keys.exists() and service_key.exists())
    generate_token_keys(token_keys)
    generate_service_key(service_key)
    return is_new
