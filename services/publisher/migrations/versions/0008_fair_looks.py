"""Claims of looks and of uploads ahead in which one merchant's many hide nobody else's, as those of due posts do.

Both functions keep their names and what they take and give: workers of the release before claim fairly, too.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Looks along the index of what is due, a window at a time; what a merchant has beyond a whole claim is passed over, so
# that the next window shows others. The search ends when as many merchants as are wanted were found, or everything due.
# Then merchants take turns, after what each has in work already. The moment is a variable, which an index can use.
CLAIM_LOOKS = """
DECLARE
    v_now timestamptz := clock_timestamp();
    v_window integer := greatest(p_limit * 8, 64);
    v_from timestamptz := '-infinity';
    v_seen uuid[] := '{}';
    v_found uuid[];
    v_full uuid[] := '{}';
    v_merchants integer;
BEGIN
    LOOP
        SELECT array_agg(head.id), max(head.next_look_at) INTO v_found, v_from
        FROM (
            SELECT a.id, a.next_look_at FROM retail_b2c.publisher_attempts a
            WHERE a.next_look_at IS NOT NULL AND a.next_look_at <= v_now AND a.next_look_at >= v_from
                AND (a.lease_until IS NULL OR a.lease_until < v_now)
                AND a.user_id <> ALL (v_full) AND a.id <> ALL (v_seen)
            ORDER BY a.next_look_at LIMIT v_window FOR UPDATE SKIP LOCKED
        ) head;
        v_seen := v_seen || coalesce(v_found, '{}');
        EXIT WHEN v_found IS NULL OR cardinality(v_found) < v_window;
        WITH of_merchant AS (
            SELECT q.user_id, count(*) AS looks FROM retail_b2c.publisher_attempts q
            WHERE q.id = ANY (v_seen) GROUP BY q.user_id
        )
        SELECT ARRAY(SELECT m.user_id FROM of_merchant m WHERE m.looks >= p_limit), (SELECT count(*) FROM of_merchant)
        INTO v_full, v_merchants;
        EXIT WHEN v_merchants >= p_limit;
    END LOOP;
    IF cardinality(v_seen) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH busy AS (
        SELECT l.user_id, count(*) AS looks FROM retail_b2c.publisher_attempts l
        WHERE l.lease_until IS NOT NULL AND l.lease_until >= v_now AND l.next_look_at <= v_now GROUP BY l.user_id
    ), ranked AS (
        SELECT q.id, q.next_look_at, coalesce(b.looks, 0)
            + row_number() OVER (PARTITION BY q.user_id ORDER BY q.next_look_at, q.id) AS place
        FROM retail_b2c.publisher_attempts q LEFT JOIN busy b USING (user_id) WHERE q.id = ANY (v_seen)
    ), chosen AS (
        SELECT r.id FROM ranked r ORDER BY r.place, r.next_look_at, r.id LIMIT p_limit
    )
    UPDATE retail_b2c.publisher_attempts a SET owner = p_owner, lease_until = clock_timestamp() + p_lease
    FROM chosen WHERE a.id = chosen.id RETURNING a.id, a.user_id;
END"""

# The same among the posts whose media may go up; the connections of one merchant take turns, too.
CLAIM_PREPARING = """
DECLARE
    v_now timestamptz := retail_b2c.social_now();
    v_real timestamptz := clock_timestamp();
    v_window integer := greatest(p_limit * 8, 64);
    v_from timestamptz := '-infinity';
    v_seen uuid[] := '{}';
    v_found uuid[];
    v_full uuid[] := '{}';
    v_merchants integer;
BEGIN
    LOOP
        SELECT array_agg(head.id), max(head.prepare_at) INTO v_found, v_from
        FROM (
            SELECT p.id, p.prepare_at FROM retail_b2c.social_posts p
            WHERE p.prepare_at IS NOT NULL AND p.prepare_at <= v_now AND p.prepare_at >= v_from
                AND p.status = 'scheduled' AND p.due_at > v_now + p_ahead
                AND (p.lease_until IS NULL OR p.lease_until < v_real)
                AND p.user_id <> ALL (v_full) AND p.id <> ALL (v_seen)
            ORDER BY p.prepare_at LIMIT v_window FOR UPDATE SKIP LOCKED
        ) head;
        v_seen := v_seen || coalesce(v_found, '{}');
        EXIT WHEN v_found IS NULL OR cardinality(v_found) < v_window;
        WITH of_merchant AS (
            SELECT q.user_id, count(*) AS posts FROM retail_b2c.social_posts q
            WHERE q.id = ANY (v_seen) GROUP BY q.user_id
        )
        SELECT ARRAY(SELECT m.user_id FROM of_merchant m WHERE m.posts >= p_limit), (SELECT count(*) FROM of_merchant)
        INTO v_full, v_merchants;
        EXIT WHEN v_merchants >= p_limit;
    END LOOP;
    IF cardinality(v_seen) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH busy AS (
        SELECT l.user_id, count(*) AS posts FROM retail_b2c.social_posts l
        WHERE l.lease_until IS NOT NULL AND l.lease_until >= v_real GROUP BY l.user_id
    ), by_connection AS (
        SELECT q.id, q.user_id, q.prepare_at,
            row_number() OVER (PARTITION BY q.connection_id ORDER BY q.prepare_at, q.id) AS place
        FROM retail_b2c.social_posts q WHERE q.id = ANY (v_seen)
    ), ranked AS (
        SELECT c.id, c.prepare_at, coalesce(b.posts, 0)
            + row_number() OVER (PARTITION BY c.user_id ORDER BY c.place, c.prepare_at, c.id) AS place
        FROM by_connection c LEFT JOIN busy b USING (user_id)
    ), chosen AS (
        SELECT r.id FROM ranked r ORDER BY r.place, r.prepare_at, r.id LIMIT p_limit
    )
    UPDATE retail_b2c.social_posts p SET claimed_by = p_owner, lease_until = clock_timestamp() + p_lease
    FROM chosen WHERE p.id = chosen.id RETURNING p.id, p.user_id;
END"""


def upgrade() -> None:
    run_sql(
        op,
        # Few rows have a lease at any moment.
        "CREATE INDEX ix_publisher_attempts_leased ON retail_b2c.publisher_attempts (user_id) "
        "WHERE lease_until IS NOT NULL",
    )
    definer_function(
        op,
        "publisher_claim_looks",
        role="publisher_fn_claim_looks",
        args="p_owner text, p_limit integer, p_lease interval",
        returns="TABLE (attempt_id uuid, owner_id uuid)",
        body=CLAIM_LOOKS,
        language="plpgsql",
        execute=("publisher_worker",),
    )
    definer_function(
        op,
        "publisher_claim_preparing",
        role="publisher_fn_claim_preparing",
        args="p_owner text, p_limit integer, p_lease interval, p_ahead interval",
        returns="TABLE (post_id uuid, owner_id uuid)",
        body=CLAIM_PREPARING,
        language="plpgsql",
        execute=("publisher_worker",),
    )
