"""Connections as operators see them: whose they are and how they stand, without their tokens.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from social_common.migrations import definer_function

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SHOWN = (
    "id, user_id, platform, kind, platform_id, is_connected, health, unlinked_reason, problem_code, grant_id,"
    " updated_at"
)
SEEN = """
SELECT c.id, c.user_id, c.platform::text, c.kind::text, c.platform_id::text, c.is_connected, c.health::text,
    c.unlinked_reason::text, c.problem_code::text, g.id, g.is_live, g.due_at, g.last_refreshed_at, g.failures,
    g.last_error::text, g.in_doubt, c.updated_at
FROM retail_b2c.social_connections c JOIN retail_b2c.grants g ON g.id = c.grant_id
WHERE (p_id IS NULL OR c.id = p_id) AND (p_health IS NULL OR c.health = p_health)
    AND (p_platform IS NULL OR c.platform = p_platform) AND (p_merchant IS NULL OR c.user_id = p_merchant)
ORDER BY c.updated_at, c.id LIMIT p_limit"""


def upgrade() -> None:
    definer_function(
        op,
        "auth_linker_connections_seen",
        role="auth_linker_fn_operate",
        args="p_id uuid, p_health text, p_platform text, p_merchant uuid, p_limit integer",
        returns="TABLE (connection_id uuid, merchant_id uuid, platform text, kind text, platform_id text,"
        " is_connected boolean, health text, unlinked_reason text, problem text, grant_id uuid, is_live boolean,"
        " due_at timestamptz, last_refreshed_at timestamptz, failures integer, last_error text, in_doubt boolean,"
        " updated_at timestamptz)",
        body=SEEN,
        execute=("auth_linker_worker",),
        grants=(
            f"SELECT ({SHOWN}) ON retail_b2c.social_connections",
            "SELECT (id, is_live, due_at, last_refreshed_at, failures, last_error, in_doubt) ON retail_b2c.grants",
        ),
        policies=(("social_connections", "SELECT", "true"), ("grants", "SELECT", "true")),
    )
