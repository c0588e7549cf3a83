"""Partitions, retention, gauges and migrations."""

from datetime import UTC, datetime, timedelta

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.analytics.support import Bench

from analytics.collecting.upkeep import Upkeep
from analytics.main import HEAD
from analytics.settings import MIGRATIONS
from social_common.db import engine_url
from social_common.metrics import REGISTRY
from social_common.migrations import alembic_config, migrate

PARTS = """SELECT c.relname AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'retail_b2c.analytics_raw_answers'::regclass ORDER BY 1"""


async def test_models_match_the_migrations(bench: Bench) -> None:
    """The declared tables are those that the migrations make."""

    def check(connection: Connection) -> None:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        command.check(config)

    engine = create_async_engine(engine_url(bench.urls.secret("owner")))
    async with engine.connect() as connection:
        await connection.run_sync(check)
    await engine.dispose()


async def test_migrating_again_changes_nothing(bench: Bench) -> None:
    """`migrate` on a database at its head is harmless."""
    await migrate(bench.urls.secret("owner"), service="analytics", script_location=MIGRATIONS)

    row = await bench.row("SELECT version_num FROM retail_b2c.analytics_alembic_version")
    assert row["version_num"] == HEAD


async def test_rows_lie_in_their_months(bench: Bench) -> None:
    """What is collected now lies in this month's partitions, raw answers in the month they must go in."""
    connection = await bench.linked(await bench.merchant())
    await bench.published(connection, posted_at=datetime.now(UTC) - timedelta(hours=1))

    await bench.collect()

    months = {
        table: (await bench.row(f"SELECT DISTINCT tableoid::regclass::text AS part FROM retail_b2c.{table}"))["part"]
        for table in ("analytics_account_history", "analytics_post_history", "analytics_raw_answers")
    }
    this_month, its_end = datetime.now(UTC), datetime.now(UTC) + timedelta(days=30)
    assert months == {
        "analytics_account_history": f"retail_b2c.analytics_account_history_{this_month:%Y%m}",
        "analytics_post_history": f"retail_b2c.analytics_post_history_{this_month:%Y%m}",
        "analytics_raw_answers": f"retail_b2c.analytics_raw_answers_{its_end:%Y%m}",
    }


async def test_retention_per_platform(bench: Bench) -> None:
    """Raw answers go when their platform's terms end, by the month where it is over and by the row before."""
    connection = await bench.linked(await bench.merchant())
    await bench.collect()
    key = (connection["connection_id"], connection["user_id"])
    await bench.admin.execute(
        """CREATE TABLE retail_b2c.analytics_raw_answers_202001 PARTITION OF retail_b2c.analytics_raw_answers
            FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')"""
    )
    await bench.admin.execute("ALTER TABLE retail_b2c.analytics_raw_answers_202001 OWNER TO analytics_owner")
    for keep_until in (datetime(2020, 1, 9, tzinfo=UTC), datetime.now(UTC) - timedelta(seconds=1)):
        await bench.admin.execute(
            """INSERT INTO retail_b2c.analytics_raw_answers
                (connection_id, user_id, platform, operation, body, collected_at, keep_until)
            VALUES ($1, $2, 'x', 'old', '{}', now(), $3)""",
            *key,
            keep_until,
        )

    await Upkeep(bench.worker, ("x",)).keep_tables()

    assert [row["operation"] for row in await bench.rows("SELECT operation FROM retail_b2c.analytics_raw_answers")] == [
        "account"
    ]
    assert "analytics_raw_answers_202001" not in [row["name"] for row in await bench.rows(PARTS)]


async def test_backlog_is_shown(bench: Bench) -> None:
    """The gauges tell how many connections wait, and for how long."""
    user_id = await bench.merchant()
    for _ in range(3):
        await bench.linked(user_id)
    await bench.move_clock(timedelta(seconds=90))

    await Upkeep(bench.worker, ("x", "github")).show_backlog()

    shown = {
        platform: REGISTRY.get_sample_value("social_analytics_due_connections", {"platform": platform})
        for platform in ("x", "github")
    }
    lag = REGISTRY.get_sample_value("social_analytics_due_lag_seconds", {"platform": "x"})
    assert shown == {"x": 3, "github": 0}
    assert lag is not None
    assert 90 <= lag < 150


async def test_revision_never_counts_below(bench: Bench) -> None:
    """A measurement's revision is above the one before it, also where that lies ahead of the real time."""
    connection = await bench.linked(await bench.merchant())
    await bench.collect()
    ahead = 9_000_000_000_000
    await bench.admin.execute("UPDATE retail_b2c.social_analytics SET revision = $1", ahead)

    await bench.move_clock(timedelta(hours=7))
    await bench.collect()

    first, second = await bench.told("account.measured", connection["connection_id"])
    assert abs(first["revision"] - datetime.now(UTC).timestamp() * 1000) < 120_000
    assert second["revision"] == ahead + 1
