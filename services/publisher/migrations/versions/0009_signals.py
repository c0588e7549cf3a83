"""What operators watch of all posts together, and the trace that a post goes on with.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    # Empty where nothing is traced, and for what a release before wrote.
    "ALTER TABLE retail_b2c.social_posts ADD COLUMN traceparent varchar(55)",
    "ALTER TABLE retail_b2c.publisher_attempts ADD COLUMN traceparent varchar(55)",
    # Few posts are in these states at any moment, so the index is small however large the table is.
    """CREATE INDEX ix_social_posts_stuck ON retail_b2c.social_posts (status, platform, updated_at)
        WHERE status IN ('held', 'unknown')""",
)

# Exact where somebody may have to act; the many others are counted on a thousand pages of the table and scaled, which
# is exact, too, as long as it has no more than these.
POSTS_BY_STATE = """
DECLARE
    v_pages bigint := pg_relation_size('retail_b2c.social_posts') / current_setting('block_size')::bigint;
    v_share float8 := least(1.0, 1000.0 / greatest(v_pages, 1));
BEGIN
    RETURN QUERY
    SELECT s.platform::text, s.status::text, round(count(*) / v_share)::bigint, NULL::float8
    FROM retail_b2c.social_posts s TABLESAMPLE SYSTEM (100 * v_share)
    WHERE s.status NOT IN ('publishing', 'held', 'unknown') GROUP BY s.platform, s.status
    UNION ALL
    SELECT a.platform::text, 'publishing', count(*), NULL FROM retail_b2c.publisher_attempts a
    WHERE a.finished_at IS NULL GROUP BY a.platform
    UNION ALL
    SELECT p.platform::text, p.status::text, count(*),
        extract(epoch FROM clock_timestamp() - min(p.updated_at))::float8
    FROM retail_b2c.social_posts p WHERE p.status IN ('held', 'unknown') GROUP BY p.platform, p.status;
END"""


def upgrade() -> None:
    run_sql(op, *TABLES)
    definer_function(
        op,
        "publisher_posts_by_state",
        role="publisher_fn_gauges",
        args="",
        returns="TABLE (platform text, status text, posts bigint, oldest_s float8)",
        body=POSTS_BY_STATE,
        language="plpgsql",
        execute=("publisher_worker",),
        grants=(
            "SELECT (platform, status, updated_at) ON retail_b2c.social_posts",
            "SELECT (platform, finished_at) ON retail_b2c.publisher_attempts",
        ),
    )
