"""Whose rows each role can see and change, tried as the role itself."""

import json
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.integration.analytics.support import Bench

TABLES = (
    "analytics_connections", "social_analytics", "analytics_posts", "analytics_account_history",
    "analytics_post_history", "analytics_raw_answers", "analytics_erasures",
)  # fmt: skip
SYSTEM = ("analytics_holds", "analytics_budgets")
API_READS = TABLES[:5]
REFUSED = (asyncpg.InsufficientPrivilegeError,)


async def filled(bench: Bench) -> tuple[UUID, UUID]:
    """Two merchants with a row in every table each."""
    users = (await bench.merchant(), await bench.merchant())
    for user_id in users:
        connection, erased = await bench.linked(user_id), await bench.linked(user_id)
        await bench.consume("connection.unlinked", erased | {"revision": 11, "reason": "erased"})
        await bench.published(connection)
    await bench.move_clock(timedelta(minutes=10))
    await bench.collect()
    return users


async def claims(connection: "asyncpg.Connection[asyncpg.Record]", user_id: UUID | None) -> None:
    """Sets a merchant's claims as Supabase does, or none."""
    value = "" if user_id is None else json.dumps({"sub": str(user_id), "role": "authenticated"})
    await connection.execute("SELECT set_config('request.jwt.claims', $1, false)", value)


@pytest.mark.parametrize("role", ["api", "worker"])
async def test_only_the_claimed_merchants_rows(bench: Bench, role: str) -> None:
    """Each login role sees the claimed merchant's rows in every table it may read, and none without claims."""
    mine, _ = await filled(bench)
    tables = API_READS if role == "api" else TABLES
    connection = await asyncpg.connect(getattr(bench.urls, role))

    await claims(connection, mine)
    seen = {table: await connection.fetch(f"SELECT user_id FROM retail_b2c.{table}") for table in tables}
    await claims(connection, None)
    nobody = {table: await connection.fetch(f"SELECT user_id FROM retail_b2c.{table}") for table in tables}
    await connection.close()

    assert {table: {row["user_id"] for row in rows} for table, rows in seen.items()} == {t: {mine} for t in tables}
    assert all(rows == [] for rows in nobody.values())


async def test_worker_cannot_change_others_rows(bench: Bench) -> None:
    """Under one merchant's claims the worker neither updates, deletes nor makes another's rows."""
    mine, theirs = await filled(bench)
    connection = await asyncpg.connect(bench.urls.worker)
    await claims(connection, mine)

    changed = [
        await connection.execute(f"UPDATE retail_b2c.{table} SET user_id = user_id WHERE user_id = $1", theirs)
        for table in API_READS
    ]
    deleted = await connection.execute("DELETE FROM retail_b2c.analytics_connections WHERE user_id = $1", theirs)
    with pytest.raises(REFUSED):
        await connection.execute("INSERT INTO retail_b2c.social_analytics (user_id, platform) VALUES ($1, 'x')", theirs)
    await connection.close()

    assert {*changed, deleted} == {"UPDATE 0", "DELETE 0"}


async def test_api_only_reads(bench: Bench) -> None:
    """The API role writes nothing, and sees neither raw answers nor erasures nor limits."""
    mine, _ = await filled(bench)
    connection = await asyncpg.connect(bench.urls.api)
    await claims(connection, mine)

    for table in API_READS:
        for statement in (f"DELETE FROM retail_b2c.{table}", f"UPDATE retail_b2c.{table} SET user_id = user_id"):
            with pytest.raises(REFUSED):
                await connection.execute(statement)
    for table in ("analytics_raw_answers", "analytics_erasures", *SYSTEM):
        with pytest.raises(REFUSED):
            await connection.execute(f"SELECT FROM retail_b2c.{table}")
    await connection.close()


async def test_nobody_reads_limits_directly(bench: Bench) -> None:
    """What holds reads back is reached through its functions only, also by the worker."""
    connection = await asyncpg.connect(bench.urls.worker)

    for table in SYSTEM:
        with pytest.raises(REFUSED):
            await connection.execute(f"SELECT FROM retail_b2c.{table}")
    await connection.close()


async def test_partitions_have_no_grants(bench: Bench) -> None:
    """No role of ours may touch a partition, and each has row security forced all the same."""
    rows = await bench.rows(
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced, r.rolname
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        LEFT JOIN pg_roles AS r ON (r.rolname LIKE 'analytics%' AND r.rolname <> 'analytics_owner'
            OR r.rolname IN ('authenticated', 'anon'))
            AND has_table_privilege(r.rolname, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        WHERE c.relkind = 'r' AND c.relnamespace = 'retail_b2c'::regnamespace"""
    )

    assert len(rows) > 20
    assert all(row["forced"] and row["rolname"] is None for row in rows)


async def test_browser_reads_own_rows(bench: Bench) -> None:
    """A signed-in browser reads its own numbers, and neither others' nor the schedule nor anything to write."""
    mine, _ = await filled(bench)
    connection = await asyncpg.connect(bench.urls.superuser)
    await connection.execute("SET ROLE authenticated")
    await claims(connection, mine)

    rows = await connection.fetch("SELECT user_id, followers, true_followers FROM retail_b2c.social_analytics")
    posts = await connection.fetch("SELECT user_id, likes FROM retail_b2c.analytics_posts")
    for statement in (
        "SELECT due_at FROM retail_b2c.analytics_posts",
        "SELECT revision FROM retail_b2c.social_analytics",
        "SELECT FROM retail_b2c.analytics_connections",
        "SELECT body FROM retail_b2c.analytics_raw_answers",
        "DELETE FROM retail_b2c.social_analytics",
        "SELECT retail_b2c.analytics_claim_due(ARRAY['x'], 1, gen_random_uuid(), interval '1 s')",
    ):
        with pytest.raises(REFUSED):
            await connection.execute(statement)
    await connection.close()

    assert [dict(row) for row in rows] == [{"user_id": mine, "followers": 100, "true_followers": 100}]
    assert [row["user_id"] for row in posts] == [mine]


async def test_definer_functions(bench: Bench) -> None:
    """Every function that crosses merchants has a NOLOGIN owner, a fixed search path, and only named callers."""
    rows = await bench.rows(
        """SELECT p.proname, r.rolname AS owner, r.rolcanlogin, p.proconfig,
            has_function_privilege('analytics_api', p.oid, 'EXECUTE') AS api,
            has_function_privilege('authenticated', p.oid, 'EXECUTE') AS browser
        FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
        WHERE p.proname LIKE 'analytics\\_%' AND p.prosecdef AND p.proname NOT IN (
            'analytics_revision', 'analytics_make_months', 'analytics_drop_raw_months',
            'analytics_outbox_make_days', 'analytics_outbox_drop_days')"""
    )

    assert {row["proname"] for row in rows} >= {
        "analytics_claim_due", "analytics_backlog", "analytics_holds_on", "analytics_hold",
        "analytics_spend", "analytics_deleted_users", "analytics_purge",
    }  # fmt: skip
    for row in rows:
        assert row["owner"].startswith("analytics_fn_"), row["proname"]
        assert not row["rolcanlogin"]
        assert "search_path=pg_catalog, pg_temp" in row["proconfig"]
        assert (row["api"], row["browser"]) == (False, False)
