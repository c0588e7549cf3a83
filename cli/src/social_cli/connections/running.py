"""What `social connections` reads and does; one function sees all merchants, and no column of tokens."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from auth_linker.operating import open_checker
from auth_linker.settings import AuthLinkerSettings
from auth_linker.tokens.results import Outcome
from social_cli.command import Exit, Refused
from social_cli.environment import Environments
from social_cli.output import Output
from social_cli.services import service_named
from social_common.db import Database
from social_common.settings import load_settings

_SEEN: Final = """SELECT * FROM retail_b2c.auth_linker_connections_seen(
    cast(:id AS uuid), cast(:health AS text), cast(:platform AS text), cast(:merchant AS uuid), :limit)"""
_LISTED: Final = ("connection_id", "platform", "kind", "health", "unlinked_reason", "problem", "due_at", "failures")
_SERVICE: Final = service_named("auth-linker")


async def list_connections(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print them."""
    async with Environments(local=arguments.local).database(_SERVICE) as database:
        rows = await _seen(
            database,
            health=arguments.health,
            platform=arguments.platform,
            merchant=arguments.merchant,
            limit=arguments.limit,
        )
    output.table([name.removesuffix("_id") for name in _LISTED], [[row[name] for name in _LISTED] for row in rows])
    more = ", and maybe more: see --limit" if len(rows) == arguments.limit else ""
    output.say(f"{len(rows)} connections{more}")
    output.document({"connections": rows})
    return Exit.DONE


async def show_connection(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print one."""
    async with Environments(local=arguments.local).database(_SERVICE) as database:
        row = await _one(database, arguments.id)
    output.table(("what", "is"), list(row.items()))
    output.document({"connection": row})
    return Exit.DONE


async def refresh_connection(arguments: argparse.Namespace, output: Output) -> Exit:
    """Have it renewed here and now; 1 where its merchant has to act, or the platform does not answer."""
    environments = Environments(local=arguments.local)
    async with environments.database(_SERVICE) as database:
        row = await _one(database, arguments.id)
        # Apps and keys are looked up in the environment while the parts are made, and only then.
        with environments.entered(_SERVICE):
            settings = load_settings(AuthLinkerSettings)
            async with open_checker(settings) as checker:
                result = await checker.check(UUID(str(row["merchant_id"])), arguments.id)
        now = await _one(database, arguments.id)
    why = f" ({result.error.code})" if result.error is not None else ""
    output.say(f"{result.outcome}{why}; its health is {now['health']}")
    output.document({"outcome": result.outcome, "connection": now})
    return Exit.DONE if result.outcome in {Outcome.REFRESHED, Outcome.UNCHANGED} else Exit.LEFT


async def _one(database: Database, connection_id: UUID) -> Mapping[str, Any]:
    rows = await _seen(database, id=connection_id, limit=1)
    if not rows:
        raise Refused(f"there is no connection {connection_id}; `social connections list` tells which there are")
    return rows[0]


async def _seen(database: Database, **wanted: Any) -> Sequence[Mapping[str, Any]]:
    params = dict.fromkeys(("id", "health", "platform", "merchant")) | wanted
    async with database.system() as session:
        return [dict(row) for row in await session.all(_SEEN, params)]
