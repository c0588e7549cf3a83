"""Posts as operators see them: whose they are and how they stand, without their texts.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

from social_common.migrations import definer_function

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SHOWN = (
    "id, user_id, platform, connection_id, status, step, held_for, scheduled_at, posted_at, due_at, updated_at,"
    " attempts, error"
)
SEEN = """
SELECT p.id, p.user_id, p.platform::text, p.connection_id, p.status::text, p.step::text, p.held_for::text,
    p.error ->> 'code', p.scheduled_at, p.posted_at, p.due_at, p.updated_at, p.attempts
FROM retail_b2c.social_posts p
WHERE (p_id IS NULL OR p.id = p_id) AND (p_statuses IS NULL OR p.status = ANY (p_statuses))
    AND (p_platform IS NULL OR p.platform = p_platform) AND (p_merchant IS NULL OR p.user_id = p_merchant)
    AND (p_connection IS NULL OR p.connection_id = p_connection)
ORDER BY p.updated_at, p.id LIMIT p_limit"""


def upgrade() -> None:
    definer_function(
        op,
        "publisher_posts_seen",
        role="publisher_fn_operate",
        args="p_id uuid, p_statuses text[], p_platform text, p_merchant uuid, p_connection uuid, p_limit integer",
        returns="TABLE (post_id uuid, merchant_id uuid, platform text, connection_id uuid, status text, step text,"
        " held_for text, error text, scheduled_at timestamptz, posted_at timestamptz, due_at timestamptz,"
        " updated_at timestamptz, attempts integer)",
        body=SEEN,
        execute=("publisher_worker",),
        grants=(f"SELECT ({SHOWN}) ON retail_b2c.social_posts",),
        policies=(("social_posts", "SELECT", "true"),),
    )
