"""The refresh scan at a million grants: an index, and a look at no more rows than it returns."""

import json
import re

import asyncpg
import pytest
from tests.support.postgres import ServiceDatabase

MILLION = 1_000_000
# A million rows go in quickly without what this test does not look at: log, foreign keys, the other indexes.
QUICKLY = (
    "DELETE FROM retail_b2c.grants",
    "ALTER TABLE retail_b2c.token_needs DROP CONSTRAINT token_needs_grant_id_fkey",
    "ALTER TABLE retail_b2c.social_connections DROP CONSTRAINT social_connections_grant_id_fkey",
    "ALTER TABLE retail_b2c.grants DROP CONSTRAINT grants_user_id_fkey, DROP CONSTRAINT grants_pkey",
    "ALTER TABLE retail_b2c.grants DROP CONSTRAINT grants_user_id_platform_app_platform_user_id_key",
    "DROP INDEX retail_b2c.grants_resting_idx, retail_b2c.grants_family_idx, retail_b2c.grants_person_idx",
    "DROP INDEX retail_b2c.grants_places_seen_at_idx",
    "ALTER TABLE retail_b2c.grants SET UNLOGGED",
)
PUT = """
INSERT INTO retail_b2c.grants
    (user_id, platform, app, family, platform_user_id, obtained_at, expires_at, due_at, is_live)
SELECT $1, 'x', 'app', 'x', n::text, now(), now() + n * interval '1 second',
       now() + (n - 200) * interval '1 second', n % 10 <> 0
  FROM generate_series(1, $2::integer) n
"""


@pytest.mark.long
async def test_the_scan_uses_its_index_at_a_million_grants(database: ServiceDatabase) -> None:
    """The function's own query walks the partial index in due order; it reads a fraction of the table."""
    connection = await asyncpg.connect(database.superuser)
    user = await connection.fetchval("INSERT INTO auth.users (id) VALUES (gen_random_uuid()) RETURNING id")
    index = await connection.fetchval("SELECT pg_get_indexdef('retail_b2c.grants_due_at_idx'::regclass)")
    for statement in (*QUICKLY, "DROP INDEX retail_b2c.grants_due_at_idx"):
        await connection.execute(statement)
    await connection.execute(PUT, user, MILLION, timeout=110)
    await connection.execute(index, timeout=60)
    await connection.execute("ANALYZE retail_b2c.grants", timeout=60)
    body = await connection.fetchval(
        "SELECT prosrc FROM pg_proc WHERE oid = 'retail_b2c.auth_linker_refresh_scan(integer)'::regprocedure"
    )
    async with connection.transaction():
        await connection.execute("SET LOCAL ROLE auth_linker_fn_refresh_scan")
        query = re.sub(r"\bp_limit\b", "100", body)
        plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}"))[0]["Plan"]
    found = await connection.fetch("SELECT * FROM retail_b2c.auth_linker_refresh_scan(100)")
    await connection.close()

    scans = [node for node in _nodes(plan) if node.get("Relation Name") == "grants"]
    assert [node["Node Type"] for node in scans] == ["Index Scan"]
    assert scans[0]["Index Name"] == "grants_due_at_idx"
    assert "Sort" not in {node["Node Type"] for node in _nodes(plan)}
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 200
    assert len(found) == 100


def _nodes(plan: dict[str, object]) -> list[dict[str, object]]:
    children = plan.get("Plans", [])
    assert isinstance(children, list)
    return [plan, *(node for child in children for node in _nodes(child))]
