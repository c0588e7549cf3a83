"""What the tables alone do not tell: whether a record was handled a second time, and whether each was handled at all.

A handler that runs again mostly changes nothing, because revisions guard the rows, too. So triggers watch while a walk
goes on: the transaction that meets its event again in the inbox must not even try to write.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from tests.chaos.findings import Finding
from tests.support.stack import World

from social_stack.secrets import SERVICES

_SCHEMA = "crash_witness"
_INSTALL = f"""
CREATE SCHEMA {_SCHEMA};
CREATE TABLE {_SCHEMA}.handled_again (service text NOT NULL, of_table text NOT NULL);
CREATE FUNCTION {_SCHEMA}.met() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM set_config('crash_witness.again', (NOT EXISTS (SELECT FROM fresh))::text, true);
    RETURN NULL;
END $$;
CREATE FUNCTION {_SCHEMA}.wrote() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF current_setting('crash_witness.again', true) = 'true' THEN
        INSERT INTO {_SCHEMA}.handled_again VALUES (TG_ARGV[0], TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
"""
_WATCH_INBOX = """
CREATE TRIGGER crash_witness AFTER INSERT ON retail_b2c.{table} REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION crash_witness.met()
"""
_WATCH_TABLE = """
CREATE TRIGGER crash_witness BEFORE INSERT OR UPDATE OR DELETE ON retail_b2c.{table}
FOR EACH STATEMENT EXECUTE FUNCTION crash_witness.wrote('{service}')
"""
# Tables only: statements name a partitioned table, never one of its parts.
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'retail_b2c' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND pg_get_userbyid(c.relowner) = $1 AND c.relname NOT LIKE '%\\_inbox'
"""
_PATIENCE = "SET lock_timeout = '2s'"
_TRIES = 20
_CONNECTIONS = ("connection.linked", "connection.updated", "connection.unlinked")
# Who reads what; `place-doubts` notes only the failures that concern it, and is left out.
_READERS = (
    ("publisher", "connections", "auth_linker", _CONNECTIONS),
    ("analytics", "analytics-connections", "auth_linker", _CONNECTIONS),
    ("auth_linker", "token-ready", "publisher", ("post.scheduled",)),
    ("analytics", "analytics-posts", "publisher", ("post.scheduled", "post.published", "post.failed")),
)
_UNHANDLED = """
SELECT o.topic, o.event_id::text AS event_id FROM retail_b2c.{writer}_outbox o
WHERE o.topic = ANY ($1) AND o.created_at BETWEEN $2 AND $3 AND o.sent_at IS NOT NULL
  AND EXISTS (SELECT FROM auth.users u WHERE u.id = o.user_id)
  AND NOT EXISTS (
    SELECT FROM retail_b2c.{reader}_inbox i WHERE i.consumer = $4 AND i.event_id = o.event_id::text)
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """Watches a walk from its begin on."""

    world: World
    begun: datetime

    async def findings(self, *, until: datetime) -> list[Finding]:
        """What went wrong with records; everything told before `until` must have been read by now."""
        async with self.world.database() as database:
            again = await database.fetch(
                f"SELECT service, of_table, count(*) AS times FROM {_SCHEMA}.handled_again GROUP BY 1, 2"
            )
            found = [
                Finding(
                    "HANDLED AGAIN", f"{row['service']} wrote {row['of_table']} for a record it knew: {row['times']}"
                )
                for row in again
            ]
            for reader, consumer, writer, topics in _READERS:
                query = _UNHANDLED.format(writer=writer, reader=reader)
                found += [
                    Finding("UNHANDLED", f"{row['topic']} {row['event_id']} by {reader}'s {consumer}")
                    for row in await database.fetch(query, list(topics), self.begun, until, consumer)
                ]
        return found


@asynccontextmanager
async def witness_of(world: World) -> AsyncIterator[Witness]:
    """A witness inside the block; nothing of it is left behind."""
    async with world.database() as database:
        await database.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        await database.execute(_INSTALL)
        await database.execute(_PATIENCE)
        for service in (name.replace("-", "_") for name in SERVICES):
            await _patiently(database, _WATCH_INBOX.format(table=f"{service}_inbox"))
            for row in await database.fetch(_TABLES, f"{service}_owner"):
                await _patiently(database, _WATCH_TABLE.format(table=row["relname"], service=service))
        begun: datetime = await database.fetchval("SELECT clock_timestamp()")
    try:
        yield Witness(world, begun)
    finally:
        async with world.database() as database:
            await database.execute(_PATIENCE)
            await _patiently(database, f"DROP SCHEMA {_SCHEMA} CASCADE")


async def _patiently(database: asyncpg.Connection, statement: str) -> None:
    """Runs what needs a table for itself while everybody works on it."""
    for _ in range(_TRIES):
        try:
            await database.execute(statement)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            continue
        return
    raise AssertionError(f"not within {_TRIES} tries: {statement}")
