"""What a restore of the database to an earlier point needs: posts that may have gone out since, posts that are lost.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

from social_common.migrations import create_restoring, definer_function, run_sql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROLE = "publisher_fn_restore"
WORKER = ("publisher_worker",)
POSTS = "retail_b2c.social_posts"
ATTEMPTS = "retail_b2c.publisher_attempts"

# What these attempts' handles say holds for the attempt, and no longer for its post.
MARK = f"""
WITH marked AS (
    UPDATE {ATTEMPTS} a SET restored = true
    WHERE NOT a.restored AND (a.finished_at IS NULL OR a.outcome IN ('unknown', 'doubtful')) RETURNING 1
) SELECT count(*) FROM marked"""

# Times of posts are product time, the moment that the operator names is real time.
DUE = f"""
SELECT p.id, p.user_id FROM {POSTS} p
WHERE p.status IN ('scheduled', 'held') AND p.id > p_after
    AND least(p.scheduled_at, p.due_at) <= p_until + (retail_b2c.social_now() - now())
ORDER BY p.id LIMIT p_limit"""

LOST = f"""
WITH made AS (
    INSERT INTO {POSTS} (id, user_id, platform, campaign_id, connection_id, platform_id, kind, product_id, content,
        scheduled_at, posted_at, status, platform_post_id, permalink, error, attempts, revision, settled_by,
        may_be_duplicate)
    SELECT t.id, t.user_id, t.platform, t.campaign_id, t.connection_id, t.platform_id, t.kind, t.product_id, '',
        t.scheduled_at, t.posted_at, t.status, t.platform_post_id, t.permalink, t.error, t.attempts, t.revision,
        t.settled_by, t.may_be_duplicate
    FROM jsonb_to_record(p_post) AS t (id uuid, user_id uuid, platform text, campaign_id uuid, connection_id uuid,
        platform_id text, kind text, product_id text, scheduled_at timestamptz, posted_at timestamptz, status text,
        platform_post_id text, permalink text, error jsonb, attempts integer, revision bigint, settled_by text,
        may_be_duplicate boolean)
    ON CONFLICT DO NOTHING RETURNING 1
) SELECT EXISTS (SELECT FROM made)"""


def upgrade() -> None:
    create_restoring(op, "publisher")
    run_sql(op, f"ALTER TABLE {ATTEMPTS} ADD COLUMN restored boolean NOT NULL DEFAULT false")
    definer_function(
        op,
        "publisher_restore_mark",
        role=ROLE,
        args="",
        returns="bigint",
        body=MARK,
        execute=WORKER,
        grants=(f"SELECT (finished_at, outcome, restored), UPDATE (restored) ON {ATTEMPTS}",),
        policies=(("publisher_attempts", "SELECT", "true"), ("publisher_attempts", "UPDATE", "true")),
    )
    definer_function(
        op,
        "publisher_restore_due",
        role=ROLE,
        args="p_until timestamptz, p_after uuid, p_limit integer",
        returns="TABLE (post_id uuid, owner_id uuid)",
        body=DUE,
        execute=WORKER,
        grants=(f"SELECT (id, user_id, status, scheduled_at, due_at) ON {POSTS}",),
        policies=(("social_posts", "SELECT", "true"),),
    )
    definer_function(
        op,
        "publisher_restore_post",
        role=ROLE,
        args="p_post jsonb",
        returns="boolean",
        body=LOST,
        execute=WORKER,
        grants=(f"INSERT ON {POSTS}",),
        policies=(("social_posts", "INSERT", "true"),),
    )
