"""The functions that cross merchants: each has one job, a role of its own, and the columns that job needs.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORKER = ("publisher_worker",)
API = ("publisher_api",)

# Posts of one connection beyond its share are left for later. Where they fill the whole window that is looked at, they
# are moved behind it, in their order: nobody else's posts may wait because of them.
CLAIM_DUE = """
DECLARE
    v_now timestamptz := retail_b2c.social_now();
    v_window integer := greatest(p_limit * 8, 200);
    v_ids uuid[];
BEGIN
    SELECT array_agg(head.id) INTO v_ids
    FROM (
        SELECT p.id FROM retail_b2c.social_posts p
        WHERE p.status IN ('scheduled', 'held') AND p.due_at <= v_now + p_ahead
            AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
        ORDER BY p.due_at LIMIT v_window FOR UPDATE SKIP LOCKED
    ) head;
    IF v_ids IS NULL THEN
        RETURN;
    END IF;
    IF cardinality(v_ids) = v_window THEN
        UPDATE retail_b2c.social_posts p
        SET due_at = v_now + p_ahead + p_pace * (r.place - p_per_connection)
        FROM (
            SELECT q.id, row_number() OVER (PARTITION BY q.connection_id ORDER BY q.due_at, q.id) AS place
            FROM retail_b2c.social_posts q WHERE q.id = ANY (v_ids)
        ) r
        WHERE p.id = r.id AND r.place > p_per_connection;
    END IF;
    RETURN QUERY
    WITH ranked AS (
        SELECT q.id, q.connection_id, q.due_at,
            row_number() OVER (PARTITION BY q.connection_id ORDER BY q.due_at, q.id) AS place
        FROM retail_b2c.social_posts q WHERE q.id = ANY (v_ids) AND q.due_at <= v_now + p_ahead
    ), busy AS (
        SELECT l.connection_id, count(*) AS held FROM retail_b2c.social_posts l
        WHERE l.lease_until IS NOT NULL AND l.lease_until >= clock_timestamp()
            AND l.connection_id IN (SELECT ranked.connection_id FROM ranked)
        GROUP BY l.connection_id
    ), chosen AS (
        SELECT ranked.id FROM ranked LEFT JOIN busy USING (connection_id)
        WHERE ranked.place + coalesce(busy.held, 0) <= p_per_connection
        ORDER BY ranked.place, ranked.due_at LIMIT p_limit
    )
    UPDATE retail_b2c.social_posts p
    SET claimed_by = p_owner, lease_until = clock_timestamp() + p_lease
    FROM chosen WHERE p.id = chosen.id
    RETURNING p.id, p.user_id, extract(epoch FROM p.due_at - retail_b2c.social_now())::float8;
END"""

NEXT_DUE = """
SELECT extract(epoch FROM p.due_at - retail_b2c.social_now())::float8 FROM retail_b2c.social_posts p
WHERE p.status IN ('scheduled', 'held') AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
ORDER BY p.due_at LIMIT 1"""

CLAIM_PREPARING = """
WITH head AS (
    SELECT p.id FROM retail_b2c.social_posts p
    WHERE p.prepare_at IS NOT NULL AND p.prepare_at <= retail_b2c.social_now() AND p.status = 'scheduled'
        AND p.due_at > retail_b2c.social_now() + p_ahead
        AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
    ORDER BY p.prepare_at LIMIT p_limit FOR UPDATE SKIP LOCKED
)
UPDATE retail_b2c.social_posts p SET claimed_by = p_owner, lease_until = clock_timestamp() + p_lease
FROM head WHERE p.id = head.id RETURNING p.id, p.user_id"""

NEXT_PREPARING = """
SELECT extract(epoch FROM p.prepare_at - retail_b2c.social_now())::float8 FROM retail_b2c.social_posts p
WHERE p.prepare_at IS NOT NULL AND p.status = 'scheduled' AND p.due_at > retail_b2c.social_now() + p_ahead
    AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
ORDER BY p.prepare_at LIMIT 1"""

CLAIM_LOOKS = """
WITH head AS (
    SELECT a.id FROM retail_b2c.publisher_attempts a
    WHERE a.next_look_at IS NOT NULL AND a.next_look_at <= clock_timestamp()
        AND (a.lease_until IS NULL OR a.lease_until < clock_timestamp())
    ORDER BY a.next_look_at LIMIT p_limit FOR UPDATE SKIP LOCKED
)
UPDATE retail_b2c.publisher_attempts a SET owner = p_owner, lease_until = clock_timestamp() + p_lease
FROM head WHERE a.id = head.id RETURNING a.id, a.user_id"""

NEXT_LOOK = """
SELECT extract(epoch FROM greatest(a.next_look_at, a.lease_until) - clock_timestamp())::float8
FROM retail_b2c.publisher_attempts a WHERE a.next_look_at IS NOT NULL
    AND (a.lease_until IS NULL OR a.lease_until < clock_timestamp())
ORDER BY a.next_look_at LIMIT 1"""

CLAIM_DISCARDS = """
WITH head AS (
    SELECT r.id FROM retail_b2c.publisher_preparations r
    WHERE r.discard_at IS NOT NULL AND r.discard_at <= clock_timestamp()
    ORDER BY r.discard_at LIMIT p_limit FOR UPDATE SKIP LOCKED
)
UPDATE retail_b2c.publisher_preparations r
SET discard_at = clock_timestamp() + p_again, discard_tries = r.discard_tries + 1
FROM head WHERE r.id = head.id RETURNING r.id, r.user_id, r.discard_tries"""

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

POSTS = "retail_b2c.social_posts"
CLAIMS = f"SELECT (id, user_id, connection_id, status, due_at, prepare_at, claimed_by, lease_until) ON {POSTS}"
BOTH = (("social_posts", "SELECT", "true"), ("social_posts", "UPDATE", "true"))


def upgrade() -> None:
    definer_function(
        op,
        "publisher_claim_due",
        role="publisher_fn_claim_due",
        args=(
            "p_owner text, p_limit integer, p_per_connection integer, p_lease interval, "
            "p_ahead interval, p_pace interval"
        ),
        returns="TABLE (post_id uuid, owner_id uuid, due_in float8)",
        body=CLAIM_DUE,
        language="plpgsql",
        execute=WORKER,
        grants=(CLAIMS, f"UPDATE (due_at, claimed_by, lease_until) ON {POSTS}"),
        policies=BOTH,
    )
    definer_function(
        op,
        "publisher_next_due",
        role="publisher_fn_claim_due",
        args="",
        returns="float8",
        body=NEXT_DUE,
        execute=WORKER,
    )
    definer_function(
        op,
        "publisher_claim_preparing",
        role="publisher_fn_claim_preparing",
        args="p_owner text, p_limit integer, p_lease interval, p_ahead interval",
        returns="TABLE (post_id uuid, owner_id uuid)",
        body=CLAIM_PREPARING,
        execute=WORKER,
        grants=(CLAIMS, f"UPDATE (claimed_by, lease_until) ON {POSTS}"),
        policies=BOTH,
    )
    definer_function(
        op,
        "publisher_next_preparing",
        role="publisher_fn_claim_preparing",
        args="p_ahead interval",
        returns="float8",
        body=NEXT_PREPARING,
        execute=WORKER,
    )
    _looks_and_discards()
    _erasing()
    _counts()


def _looks_and_discards() -> None:
    definer_function(
        op,
        "publisher_claim_looks",
        role="publisher_fn_claim_looks",
        args="p_owner text, p_limit integer, p_lease interval",
        returns="TABLE (attempt_id uuid, owner_id uuid)",
        body=CLAIM_LOOKS,
        execute=WORKER,
        grants=(
            "SELECT (id, user_id, next_look_at, owner, lease_until) ON retail_b2c.publisher_attempts",
            "UPDATE (owner, lease_until) ON retail_b2c.publisher_attempts",
        ),
        policies=(("publisher_attempts", "SELECT", "true"), ("publisher_attempts", "UPDATE", "true")),
    )
    definer_function(
        op,
        "publisher_next_look",
        role="publisher_fn_claim_looks",
        args="",
        returns="float8",
        body=NEXT_LOOK,
        execute=WORKER,
    )
    definer_function(
        op,
        "publisher_claim_discards",
        role="publisher_fn_claim_discards",
        args="p_limit integer, p_again interval",
        returns="TABLE (preparation_id uuid, owner_id uuid, tries integer)",
        body=CLAIM_DISCARDS,
        execute=WORKER,
        grants=(
            "SELECT (id, user_id, discard_at, discard_tries) ON retail_b2c.publisher_preparations",
            "UPDATE (discard_at, discard_tries) ON retail_b2c.publisher_preparations",
        ),
        policies=(("publisher_preparations", "SELECT", "true"), ("publisher_preparations", "UPDATE", "true")),
    )


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
