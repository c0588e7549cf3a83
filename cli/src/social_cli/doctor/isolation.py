"""What keeps merchants and services apart: forced row security, nobody's grants on others' tables, functions' roles."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import asyncpg

from social_cli.doctor.findings import Finding, fine, wrong
from social_cli.services import Service
from social_common._bootstrap_sql import read_back

if TYPE_CHECKING:
    from asyncpg import Connection, Record

# Every table that knows whose its rows are, partitions included.
_UNFORCED: Final = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'retail_b2c' AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) = $1
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped)
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1"""

_CROSSING: Final = """
SELECT r.rolname || ' on ' || c.relname AS crossing FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN pg_roles r
WHERE n.nspname = 'retail_b2c' AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) <> $1
    AND pg_get_userbyid(c.relowner) LIKE '%\\_owner' AND r.rolname = ANY ($2)
    AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
ORDER BY 1"""

_WRONG_DEFINERS: Final = """
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
WHERE n.nspname = 'retail_b2c' AND p.prosecdef AND p.proname LIKE $1 || '\\_%' AND (r.rolsuper OR r.rolbypassrls
    OR has_function_privilege('public', p.oid, 'EXECUTE'))
ORDER BY 1"""


async def look_at_isolation(connection: "Connection[Record]", service: Service) -> Sequence[Finding]:
    """Row security, grants across services, definer functions."""
    name, owner = service.package, f"{service.package}_owner"
    logins = [f"{name}_api", f"{name}_worker"]
    return [
        _named(
            [row["relname"] for row in await connection.fetch(_UNFORCED, owner)],
            "row security",
            service,
            good="is forced on every table with merchants' rows",
            bad="is not forced on {}",
            step="ALTER TABLE retail_b2c.{} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        ),
        _named(
            [row["crossing"] for row in await connection.fetch(_CROSSING, owner, logins)],
            "grants",
            service,
            good="reach no other service's tables",
            bad="reach another service's tables: {}",
            step="REVOKE ALL of {}: services do not touch each other's tables",
        ),
        _named(
            [row["proname"] for row in await connection.fetch(_WRONG_DEFINERS, name)],
            "functions",
            service,
            good="that cross merchants belong to plain roles and to named callers",
            bad="cross merchants for anybody, or as a role that sees all: {}",
            step="run `social migrate` as the owner, which makes {} anew with its own role",
        ),
    ]


async def look_at_privileges(
    connection: "Connection[Record]", service: Service, *, is_owner: bool
) -> Sequence[Finding]:
    """What the bootstrap grants, read back; what is about Supabase's schema only its owner's role can ask."""
    roles = service.commands.roles
    found = []
    for question, sentence in read_back(service.package, roles.logins, roles.all_definers):
        # One question is about whoever runs the bootstrap, and that is not us.
        if "current_user" in question or ("auth." in question and not is_owner):
            continue
        try:
            is_so = await connection.fetchval(question)
        except asyncpg.PostgresError:
            is_so = False
        if not is_so:
            step = "run `social migrate` with BOOTSTRAP_DATABASE_URL, which grants it or says why it cannot"
            found.append(wrong("privileges", service.name, sentence.rstrip("."), step=step))
    return found or [fine("privileges", service.name, "are those of the bootstrap")]


def _named(names: list[str], check: str, service: Service, *, good: str, bad: str, step: str) -> Finding:
    if not names:
        return fine(check, service.name, good)
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
    return wrong(check, service.name, bad.format(listed), step=step.format(names[0]))
