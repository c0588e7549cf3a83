"""What the keys wrap in the database: counted by id, rewritten, and asked before a key goes."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from social_cli.command import Exit, Refused
from social_cli.environment import Databases, Environments
from social_cli.keys.files import tell_file
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.services import SERVICES, Service, service_named
from social_common.crypto import KeyRing
from social_common.keyfiles import read_token_keys, remove_token_key
from social_common.rotating import SealedCount, count_sealed, rewrite

if TYPE_CHECKING:
    from social_common.db import Database


async def list_keys(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print ids and counts; 1 where something is wrapped by a key that the file does not have."""
    environments = Environments(local=arguments.local)
    shapes: list[dict[str, Any]] = []
    async with Databases(environments) as databases:
        for service in _services(arguments):
            path = environments.settings(service).token_keys_file
            active, keys = read_token_keys(path) if path is not None else (None, {})
            counts = await count_sealed(await databases.of(service))
            wrapped = _by_key(counts)
            shapes += [_shape(service, kid, active, wrapped, in_file=kid in keys) for kid in sorted({*keys, *wrapped})]
    columns = ("service", "key", "active", "in_file", "values")
    output.table(columns, [tuple(_shown(shape[name]) for name in columns) for shape in shapes])
    lost = [shape for shape in shapes if not shape["in_file"]]
    if lost:
        output.say("values of keys that the file does not have cannot be read: bring those keys back from escrow")
    output.document({"keys": shapes})
    return Exit.LEFT if lost else Exit.DONE


async def rewrite_values(arguments: argparse.Namespace, output: Output) -> Exit:
    """Rewrite what older keys wrap; 1 where a value could not be opened."""
    environments = Environments(local=arguments.local)
    done: dict[str, dict[str, int]] = {}
    async with Databases(environments) as databases:
        for service in _services(arguments):
            path = environments.settings(service).token_keys_file
            if path is None:
                raise Refused(f"TOKEN_KEYS_FILE of {service.name} is not set")
            ring = KeyRing.load(path)
            database = await databases.of(service)
            done[service.name] = await _rewrite(database, ring, service)
    for name, one in done.items():
        output.say(f"{name}: {one['rewritten']} values rewritten, {one['unreadable']} cannot be read with these keys")
    output.document({"services": done})
    return Exit.LEFT if any(one["unreadable"] for one in done.values()) else Exit.DONE


async def remove(arguments: argparse.Namespace, output: Output) -> Exit:
    """Take the key out of the file; refused while the service's tables have values of it."""
    service = service_named(arguments.service)
    async with Databases(Environments(local=arguments.local)) as databases:
        wrapped = _by_key(await count_sealed(await databases.of(service)))
    if left := wrapped.get(arguments.id):
        raise Refused(
            f"{left} values are wrapped by {arguments.id}; run `social keys rewrite`, and wait a day for answers"
        )
    remove_token_key(arguments.file, kid=arguments.id)
    return tell_file(arguments, output, "keep the old key in escrow as long as backups from its time are kept")


async def _rewrite(database: "Database", ring: KeyRing, service: Service) -> dict[str, int]:
    counts = await count_sealed(database)
    tables = {one.table for one in service.sealed}
    total = sum(one.stored for one in counts if one.key_id != ring.active_id and one.place.split(".")[0] in tables)
    values = unreadable = 0
    async with Progress(f"rewriting values of {service.name}", total=total or None) as progress:
        async for row in rewrite(database, ring, service.sealed):
            values, unreadable = values + row.values, unreadable + row.unreadable
            progress.advance(row.values)
    return {"rewritten": values, "unreadable": unreadable}


def _services(arguments: argparse.Namespace) -> Sequence[Service]:
    named = (service_named(arguments.service),) if arguments.service else SERVICES
    return [service for service in named if service.sealed]


def _by_key(counts: Sequence[SealedCount]) -> dict[str, int]:
    wrapped: dict[str, int] = {}
    for one in counts:
        wrapped[one.key_id] = wrapped.get(one.key_id, 0) + one.stored
    return wrapped


def _shape(
    service: Service,
    kid: str,
    active: str | None,
    wrapped: Mapping[str, int],
    *,
    in_file: bool,
) -> dict[str, Any]:
    return {
        "service": service.name,
        "key": kid,
        "active": kid == active,
        "in_file": in_file,
        "values": wrapped.get(kid, 0),
    }


def _shown(value: object) -> object:
    return {True: "yes", False: ""}[value] if isinstance(value, bool) else value
