"""The tables as others build against them."""

from collections.abc import Callable

import asyncpg
from tests.support.postgres import ServiceDatabase

FIXED = [
    ("id", "uuid", "gen_random_uuid()", "NO"),
    ("user_id", "uuid", None, "NO"),
    ("platform", "character varying(50)", None, "NO"),
    ("followers", "integer", "0", "YES"),
    ("following", "integer", "0", "YES"),
    ("posts", "integer", "0", "YES"),
    ("engagement_rate", "numeric(5,2)", "0.00", "YES"),
    ("reach", "integer", "0", "YES"),
    ("impressions", "integer", "0", "YES"),
    ("last_updated", "timestamp with time zone", "now()", "YES"),
]


async def test_fixed_columns(service_database: Callable[..., ServiceDatabase]) -> None:
    """social_analytics begins with exactly the fixed columns, their types and defaults."""
    database = service_database("analytics")
    connection = await asyncpg.connect(database.superuser)

    rows = await connection.fetch(
        """SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type,
            pg_get_expr(d.adbin, d.adrelid) AS default, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS nullable
        FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = 'retail_b2c.social_analytics'::regclass AND a.attnum > 0 ORDER BY a.attnum"""
    )
    await connection.close()

    assert [tuple(row) for row in rows[:10]] == FIXED
