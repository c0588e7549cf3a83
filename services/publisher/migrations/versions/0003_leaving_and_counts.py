"""The other crossings: merchants who left, what operators watch, and what is left of a platform's limits.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORKER = ("publisher_worker",)
API = ("publisher_api",)
POSTS = "retail_b2c.social_posts"

CONNECTION_GONE = """
BEGIN
    INSERT INTO retail_b2c.publisher_erasures (user_id, connection_id) VALUES (OLD.user_id, OLD.connection_id)
    ON CONFLICT (user_id, connection_id) DO UPDATE SET asked_at = now(), purged_at = NULL;
    RETURN NULL;
END"""

# 0: an attempt is still open, 1: purged, 2: purged, and the merchant is gone altogether.
PURGE = """
DECLARE v_gone boolean;
BEGIN
    IF EXISTS (SELECT 1 FROM retail_b2c.publisher_attempts a WHERE a.user_id = p_user
        AND a.connection_id = p_connection AND a.finished_at IS NULL) THEN
        RETURN 0;
    END IF;
    DELETE FROM retail_b2c.publisher_attempts a WHERE a.user_id = p_user AND a.connection_id = p_connection;
    DELETE FROM retail_b2c.publisher_preparations r WHERE r.user_id = p_user AND r.connection_id = p_connection;
    UPDATE retail_b2c.publisher_erasures e SET purged_at = now()
    WHERE e.user_id = p_user AND e.connection_id = p_connection;
    SELECT EXISTS (SELECT 1 FROM retail_b2c.social_gone_users(ARRAY[p_user])) INTO v_gone;
    RETURN CASE WHEN v_gone THEN 2 ELSE 1 END;
END"""

OPEN_ERASURES = """
SELECT e.user_id, e.connection_id FROM retail_b2c.publisher_erasures e
WHERE e.purged_at IS NULL ORDER BY e.asked_at LIMIT p_limit"""

# Goes round by user id, a page at a time, jumping from merchant to merchant along the index.
GONE_USERS = """
WITH RECURSIVE page AS (
    (SELECT c.user_id, 1 AS n FROM retail_b2c.publisher_connections c WHERE c.user_id > p_after
        ORDER BY c.user_id LIMIT 1)
    UNION ALL
    SELECT following.user_id, page.n + 1 FROM page CROSS JOIN LATERAL (
        SELECT c.user_id FROM retail_b2c.publisher_connections c WHERE c.user_id > page.user_id
        ORDER BY c.user_id LIMIT 1) following
    WHERE page.n < p_limit
)
SELECT page.user_id, page.user_id IN (
    SELECT g FROM retail_b2c.social_gone_users((SELECT array_agg(all_of.user_id) FROM page all_of)) g)
FROM page ORDER BY page.user_id"""

GAUGES = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM retail_b2c.social_posts p WHERE p.status = 'scheduled'
        AND p.due_at < retail_b2c.social_now() LIMIT 10000) overdue),
    (SELECT extract(epoch FROM retail_b2c.social_now() - p.due_at)::float8 FROM retail_b2c.social_posts p
        WHERE p.status IN ('scheduled', 'held') ORDER BY p.due_at LIMIT 1),
    (SELECT count(*) FROM (SELECT 1 FROM retail_b2c.publisher_attempts a WHERE a.next_look_at IS NOT NULL
        AND a.finished_at IS NULL LIMIT 10000) unsettled)"""

QUOTA = """
SELECT 'hold', h.bucket, h.code, NULL::integer, NULL::integer, h.until FROM retail_b2c.publisher_holds h
WHERE h.platform = p_platform AND h.subject IN ('', p_grant) AND h.operation = 'publish' AND h.until > clock_timestamp()
UNION ALL
SELECT 'budget', b.endpoint, b.subject, b.window_s, b.used, b.window_start FROM retail_b2c.publisher_budgets b
WHERE b.platform = p_platform AND b.subject IN ('', p_connection)
    AND b.window_start + make_interval(secs => b.window_s) > clock_timestamp()"""


def upgrade() -> None:
    _erasing()
    _counts()


def _erasing() -> None:
    definer_function(
        op,
        "publisher_connection_gone",
        role="publisher_fn_erase",
        args="",
        returns="trigger",
        body=CONNECTION_GONE,
        language="plpgsql",
        grants=("SELECT, INSERT, UPDATE ON retail_b2c.publisher_erasures",),
        policies=tuple(("publisher_erasures", command, "true") for command in ("SELECT", "INSERT", "UPDATE")),
    )
    run_sql(
        op,
        """CREATE TRIGGER publisher_connection_gone AFTER DELETE ON retail_b2c.publisher_connections
            FOR EACH ROW EXECUTE FUNCTION retail_b2c.publisher_connection_gone()""",
    )
    definer_function(
        op,
        "publisher_open_erasures",
        role="publisher_fn_purge",
        args="p_limit integer",
        returns="TABLE (owner_id uuid, connection uuid)",
        body=OPEN_ERASURES,
        execute=WORKER,
        grants=(
            "SELECT, UPDATE (purged_at) ON retail_b2c.publisher_erasures",
            "SELECT, DELETE ON retail_b2c.publisher_attempts",
            "SELECT, DELETE ON retail_b2c.publisher_preparations",
        ),
        policies=(
            ("publisher_erasures", "SELECT", "true"),
            ("publisher_erasures", "UPDATE", "true"),
            ("publisher_attempts", "SELECT", "true"),
            ("publisher_attempts", "DELETE", "true"),
            ("publisher_preparations", "SELECT", "true"),
            ("publisher_preparations", "DELETE", "true"),
        ),
    )
    definer_function(
        op,
        "publisher_purge",
        role="publisher_fn_purge",
        args="p_user uuid, p_connection uuid",
        returns="integer",
        body=PURGE,
        language="plpgsql",
        execute=WORKER,
    )
    definer_function(
        op,
        "publisher_gone_users",
        role="publisher_fn_gone_users",
        args="p_after uuid, p_limit integer",
        returns="TABLE (owner_id uuid, is_gone boolean)",
        body=GONE_USERS,
        execute=WORKER,
        grants=("SELECT (user_id) ON retail_b2c.publisher_connections",),
        policies=(("publisher_connections", "SELECT", "true"),),
    )


def _counts() -> None:
    definer_function(
        op,
        "publisher_gauges",
        role="publisher_fn_gauges",
        args="",
        returns="TABLE (overdue bigint, oldest_s float8, unsettled bigint)",
        body=GAUGES,
        execute=WORKER,
        grants=(
            f"SELECT (status, due_at) ON {POSTS}",
            "SELECT (next_look_at, finished_at) ON retail_b2c.publisher_attempts",
        ),
        policies=(("social_posts", "SELECT", "true"), ("publisher_attempts", "SELECT", "true")),
    )
    definer_function(
        op,
        "publisher_quota",
        role="publisher_fn_quota",
        args="p_platform text, p_grant text, p_connection text",
        returns="TABLE (what text, name text, code text, window_s integer, used integer, moment timestamptz)",
        body=QUOTA,
        execute=API,
        grants=("SELECT ON retail_b2c.publisher_holds", "SELECT ON retail_b2c.publisher_budgets"),
    )
