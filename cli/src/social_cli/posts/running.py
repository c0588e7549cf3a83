"""What `social posts` reads: one function across merchants, and for one post its merchant's own rows."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from publisher.planning.repository import attempts_of
from social_cli.command import Exit, Refused
from social_cli.environment import Environments
from social_cli.output import Output
from social_cli.services import service_named
from social_common.db import Database

_SEEN: Final = """SELECT * FROM retail_b2c.publisher_posts_seen(
    cast(:id AS uuid), cast(:statuses AS text[]), cast(:platform AS text), cast(:merchant AS uuid),
    cast(:connection AS uuid), :limit)"""
_LISTED: Final = ("post_id", "platform", "status", "held_for", "error", "scheduled_at", "updated_at", "attempts")
_ATTEMPT: Final = ("number", "outcome", "step", "started_at", "finished_at", "http_status", "error", "looks")


async def list_posts(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print them."""
    async with _database(arguments) as database:
        rows = await _seen(
            database,
            statuses=arguments.status,
            platform=arguments.platform,
            merchant=arguments.merchant,
            connection=arguments.connection,
            limit=arguments.limit,
        )
    output.table([name.removesuffix("_id") for name in _LISTED], [[row[name] for name in _LISTED] for row in rows])
    output.say(f"{len(rows)} posts" + (", and maybe more: see --limit" if len(rows) == arguments.limit else ""))
    output.document({"posts": rows})
    return Exit.DONE


async def show_post(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print one with its attempts; whose handles and texts stay where they are."""
    async with _database(arguments) as database:
        rows = await _seen(database, id=arguments.id, limit=1)
        if not rows:
            raise Refused(f"there is no post {arguments.id}; `social posts list` tells which there are")
        async with database.read(UUID(str(rows[0]["merchant_id"]))) as session:
            attempts = [_attempt(dict(row)) for row in await attempts_of(session, arguments.id)]
    output.table(("what", "is"), list(rows[0].items()))
    output.say()
    output.table(_ATTEMPT, [[attempt[name] for name in _ATTEMPT] for attempt in attempts])
    output.document({"post": rows[0], "attempts": attempts})
    return Exit.DONE


def _database(arguments: argparse.Namespace) -> Database:
    return Environments(local=arguments.local).database(service_named("publisher"))


async def _seen(database: Database, **wanted: Any) -> Sequence[Mapping[str, Any]]:
    params = dict.fromkeys(("id", "statuses", "platform", "merchant", "connection")) | wanted
    async with database.system() as session:
        return [dict(row) for row in await session.all(_SEEN, params)]


def _attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in _ATTEMPT}
    return told | {"error": (row["error"] or {}).get("code"), "looks": len(row["looks"] or ())}
