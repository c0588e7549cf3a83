"""What operators watch of all connections together.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

from social_common.migrations import definer_function

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Counted on a thousand pages of the table and scaled, which is exact as long as it has no more than these.
CONNECTIONS_BY_HEALTH = """
DECLARE
    v_pages bigint := pg_relation_size('retail_b2c.social_connections') / current_setting('block_size')::bigint;
    v_share float8 := least(1.0, 1000.0 / greatest(v_pages, 1));
BEGIN
    RETURN QUERY
    SELECT c.platform::text,
        CASE WHEN c.is_connected OR c.health <> 'ok' THEN c.health ELSE 'disconnected' END::text,
        round(count(*) / v_share)::bigint
    FROM retail_b2c.social_connections c TABLESAMPLE SYSTEM (100 * v_share) GROUP BY 1, 2;
END"""


def upgrade() -> None:
    definer_function(
        op,
        "auth_linker_connections_by_health",
        role="auth_linker_fn_gauges",
        args="",
        returns="TABLE (platform text, health text, connections bigint)",
        body=CONNECTIONS_BY_HEALTH,
        language="plpgsql",
        execute=("auth_linker_worker",),
        grants=("SELECT (platform, health, is_connected) ON retail_b2c.social_connections",),
        policies=(("social_connections", "SELECT", "true"),),
    )
