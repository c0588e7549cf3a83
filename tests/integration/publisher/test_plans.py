"""Claims stay quick among a million posts: their plans use the partial indexes. Built in seconds, without a wait."""

import re

import asyncpg
import pytest
from tests.integration.publisher.kit import World

MILLION = 1_000_000


@pytest.fixture
async def crowded(world: World) -> World:
    """A million posts, most published, a tenth planned, a few due; and as many attempts."""
    user_id = await world.a_user()
    connection = await world.a_connection(user_id)
    await world.sql("ALTER TABLE retail_b2c.social_posts DISABLE TRIGGER ALL")
    await world.sql(
        "INSERT INTO retail_b2c.social_posts (user_id, platform, platform_id, content, status, campaign_id, "
        "connection_id, kind, revision, scheduled_at, due_at, prepare_at) SELECT $1, 'x', 'p', 'c', "
        "CASE WHEN n % 10 = 0 THEN 'scheduled' ELSE 'published' END, $2, gen_random_uuid(), 'text', 1, at, "
        "CASE WHEN n % 10 = 0 THEN at END, CASE WHEN n % 10 = 0 THEN at - interval '10 min' END "
        "FROM generate_series(1, $3::int) n, LATERAL (SELECT now() + make_interval(secs => n - 200)) t(at)",
        user_id,
        connection.connection_id,
        MILLION,
    )
    await world.sql(
        "INSERT INTO retail_b2c.publisher_attempts (id, user_id, post_id, connection_id, platform, platform_id, "
        "number, step, fingerprint, snapshot, started_at, deadline, bytes_sent, finished_at, outcome, next_look_at) "
        "SELECT gen_random_uuid(), $1, gen_random_uuid(), $2, 'x', 'p', 1, 'sending', 'f' || n, '{}', now(), now(), "
        "true, CASE WHEN n % 1000 <> 0 THEN now() END, 'live', CASE WHEN n % 1000 = 0 THEN now() END "
        "FROM generate_series(1, $3::int) n",
        user_id,
        connection.connection_id,
        MILLION // 10,
    )
    await world.sql("ALTER TABLE retail_b2c.social_posts ENABLE TRIGGER ALL")
    await world.sql("ANALYZE retail_b2c.social_posts")
    await world.sql("ANALYZE retail_b2c.publisher_attempts")
    return world


async def plan_of(world: World, statement: str) -> str:
    """What the planner does with the statement as its definer role would run it."""
    return "\n".join(row[0] for row in await world.sql(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}"))


async def plan_and_scans(world: World, statement: str, *, table: str) -> tuple[str, int]:
    """What the planner does with the statement, and how often that read the whole table, counted in its transaction.

    The counters of all sessions are late by as much as ten seconds: they would tell of other statements, too.
    """
    connection = await asyncpg.connect(world.urls.superuser)
    try:
        async with connection.transaction():
            plan = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}")
            scans = await connection.fetchval(
                "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE schemaname = 'retail_b2c' AND relname = $1", table
            )
    finally:
        await connection.close()
    return "\n".join(row[0] for row in plan), scans


def buffers_of(plan: str) -> int:
    """How many pages the whole plan touched."""
    return sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", plan.split("\n")[1]))


@pytest.mark.long
async def test_claims_use_their_indexes_at_a_million_posts(crowded: World) -> None:
    """Due posts, uploads and looks: an index scan of the due part each; a real claim touches few pages of the whole."""
    waiting = "p.status IN ('scheduled', 'held') AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())"
    due = await plan_of(
        crowded,
        f"SELECT p.id FROM retail_b2c.social_posts p WHERE {waiting} AND p.due_at <= now() + interval '2 s' "
        "ORDER BY p.due_at LIMIT 256 FOR UPDATE SKIP LOCKED",
    )
    following = await plan_of(
        crowded, f"SELECT p.due_at FROM retail_b2c.social_posts p WHERE {waiting} ORDER BY p.due_at LIMIT 1"
    )
    ahead = await plan_of(
        crowded,
        "SELECT p.id FROM retail_b2c.social_posts p WHERE p.prepare_at IS NOT NULL AND p.prepare_at <= now() "
        "AND p.status = 'scheduled' AND p.due_at > now() ORDER BY p.prepare_at LIMIT 4",
    )
    looks = await plan_of(
        crowded,
        "SELECT a.id FROM retail_b2c.publisher_attempts a WHERE a.next_look_at IS NOT NULL AND a.next_look_at <= now() "
        "ORDER BY a.next_look_at LIMIT 8",
    )

    assert "Index Scan using ix_social_posts_due_at" in due
    assert "Index Scan using ix_social_posts_due_at" in following
    assert "Index Scan using ix_social_posts_prepare_at" in ahead
    assert "Index Scan using ix_publisher_attempts_next_look_at" in looks
    assert "Seq Scan" not in due + following + ahead + looks

    claim, scans = await plan_and_scans(
        crowded, "SELECT * FROM retail_b2c.publisher_claim_posts('w', 32, 32, '30 s', '2 s')", table="social_posts"
    )

    assert buffers_of(claim) < 5_000
    assert scans == 0
    assert len(await crowded.sql("SELECT 1 FROM retail_b2c.social_posts WHERE lease_until IS NOT NULL")) > 0


@pytest.mark.long
async def test_posts_are_counted_by_state_on_a_part_of_the_table(crowded: World) -> None:
    """At a million posts the gauges read about a thousand pages and an index, and come close to the truth."""
    await crowded.sql("ALTER TABLE retail_b2c.social_posts DISABLE TRIGGER ALL")
    await crowded.sql("UPDATE retail_b2c.social_posts SET status = 'unknown' WHERE due_at < now()")
    await crowded.sql("ALTER TABLE retail_b2c.social_posts ENABLE TRIGGER ALL")
    await crowded.sql("ANALYZE retail_b2c.social_posts")

    plan = await plan_of(crowded, "SELECT * FROM retail_b2c.publisher_posts_by_state()")
    rows = await crowded.sql("SELECT * FROM retail_b2c.publisher_posts_by_state()")
    counted = await crowded.sql("SELECT status, count(*) AS posts FROM retail_b2c.social_posts GROUP BY status")

    found = {row["status"]: row["posts"] for row in rows}
    true = {row["status"]: row["posts"] for row in counted}
    assert found["unknown"] == true["unknown"]
    assert abs(found["published"] - true["published"]) < 0.2 * true["published"]
    assert buffers_of(plan) < 3_000
