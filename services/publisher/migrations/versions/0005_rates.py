"""What platforms' own headers say is left, for all replicas and for `validate`.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE retail_b2c.publisher_rates (
        platform varchar(50) NOT NULL,
        subject varchar(64) NOT NULL,
        bucket varchar(100) NOT NULL,
        most integer,
        remaining integer NOT NULL,
        until timestamptz NOT NULL,
        PRIMARY KEY (platform, subject, bucket)
    )""",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON retail_b2c.publisher_rates TO publisher_worker",
)

# Beside holds and our own counts, as `publisher_quota` told them, what the platform counts.
ALLOWANCE = """
SELECT 'hold', h.bucket, h.subject, NULL::integer, NULL::integer, NULL::integer, h.until
FROM retail_b2c.publisher_holds h
WHERE h.platform = p_platform AND h.subject IN ('', p_grant) AND h.operation = 'publish' AND h.until > clock_timestamp()
UNION ALL
SELECT 'budget', b.endpoint, b.subject, b.window_s, b.used, NULL::integer, b.window_start
FROM retail_b2c.publisher_budgets b
WHERE b.platform = p_platform AND b.subject IN ('', p_connection)
    AND b.window_start + make_interval(secs => b.window_s) > clock_timestamp()
UNION ALL
SELECT 'rate', r.bucket, r.subject, NULL::integer, r.remaining, r.most, r.until FROM retail_b2c.publisher_rates r
WHERE r.platform = p_platform AND r.subject IN ('', p_grant) AND r.until > clock_timestamp()"""


def upgrade() -> None:
    run_sql(op, *STATEMENTS)
    definer_function(
        op,
        "publisher_allowance",
        role="publisher_fn_quota",
        args="p_platform text, p_grant text, p_connection text",
        returns="TABLE ("
        "what text, name text, subject text, window_s integer, used integer, most integer, until timestamptz)",
        body=ALLOWANCE,
        execute=("publisher_api",),
        grants=(
            "SELECT ON retail_b2c.publisher_holds",
            "SELECT ON retail_b2c.publisher_budgets",
            "SELECT ON retail_b2c.publisher_rates",
        ),
    )
