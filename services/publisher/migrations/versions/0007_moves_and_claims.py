"""The state table in the database, and claims in which one merchant's backlog hides nobody else's posts.

The moves are spelled out here, as they are in this release; a test compares them with the code's table and tries each
pair. The condition stands in the trigger itself: a legal change never calls the function.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

POSTS = "retail_b2c.social_posts"

MOVES = {
    "draft": ("scheduled",),
    "scheduled": ("publishing", "held", "canceled", "missed", "draft"),
    "held": ("scheduled", "missed", "canceled", "draft"),
    "publishing": ("published", "failed", "unknown", "held"),
    "published": (),
    "failed": ("scheduled",),
    "unknown": ("published", "failed", "scheduled"),
    "missed": ("scheduled",),
    "canceled": (),
}
BORN = ("draft", "scheduled")

REFUSE_MOVE = """
BEGIN
    IF NEW.revision < OLD.revision THEN
        RAISE EXCEPTION 'a post''s revision cannot go from % to %', OLD.revision, NEW.revision
            USING ERRCODE = 'check_violation', CONSTRAINT = 'social_posts_revision_grows';
    END IF;
    RAISE EXCEPTION 'a post cannot go from % to %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'social_posts_moves';
END"""

# Each merchant's posts in turn, each connection's by their time, after what both have in work already.
RANKED = """
    WITH busy AS (
        SELECT l.user_id, l.connection_id, count(*) AS posts FROM retail_b2c.social_posts l
        WHERE l.lease_until IS NOT NULL AND l.lease_until >= clock_timestamp()
        GROUP BY l.user_id, l.connection_id
    ), busy_merchants AS (
        SELECT b.user_id, sum(b.posts) AS posts FROM busy b GROUP BY b.user_id
    ), by_connection AS (
        SELECT q.id, q.user_id, q.connection_id, q.due_at, coalesce(b.posts, 0)
            + row_number() OVER (PARTITION BY q.connection_id ORDER BY q.due_at, q.id) AS place
        FROM retail_b2c.social_posts q LEFT JOIN busy b USING (connection_id)
        WHERE q.id = ANY (v_seen)
    ), by_merchant AS (
        SELECT c.id, c.connection_id, c.due_at, coalesce(m.posts, 0)
            + row_number() OVER (PARTITION BY c.user_id ORDER BY c.place, c.due_at, c.id) AS place
        FROM by_connection c LEFT JOIN busy_merchants m USING (user_id) WHERE c.place <= p_per_connection
    )"""

# Looks along the due index, a window at a time. What a connection may not send now anyway, and what a merchant has
# beyond a whole claim, is passed over, so that the next window shows others; the search ends when it has found as many
# merchants as are wanted, or everything that is due.
# A connection whose lock another claim holds is left to that claim: neither sees what the other has just taken.
CLAIM_POSTS = f"""
DECLARE
    v_until timestamptz := retail_b2c.social_now() + p_ahead;
    v_window integer := greatest(p_limit * 8, 256);
    v_enough integer := greatest(p_limit, 32);
    v_from timestamptz := '-infinity';
    v_seen uuid[] := '{{}}';
    v_found uuid[];
    v_full_connections uuid[] := '{{}}';
    v_full_merchants uuid[] := '{{}}';
    v_merchants integer;
    v_connections uuid[];
BEGIN
    LOOP
        SELECT array_agg(head.id), max(head.due_at) INTO v_found, v_from
        FROM (
            SELECT p.id, p.due_at FROM retail_b2c.social_posts p
            WHERE p.status IN ('scheduled', 'held') AND p.due_at <= v_until AND p.due_at >= v_from
                AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
                AND p.user_id <> ALL (v_full_merchants) AND p.connection_id <> ALL (v_full_connections)
                AND p.id <> ALL (v_seen)
            ORDER BY p.due_at LIMIT v_window FOR UPDATE SKIP LOCKED
        ) head;
        v_seen := v_seen || coalesce(v_found, '{{}}');
        EXIT WHEN v_found IS NULL OR cardinality(v_found) < v_window;
        WITH of_connection AS (
            SELECT q.user_id, q.connection_id, count(*) AS posts FROM retail_b2c.social_posts q
            WHERE q.id = ANY (v_seen) GROUP BY q.user_id, q.connection_id
        ), of_merchant AS (
            SELECT c.user_id, sum(least(c.posts, p_per_connection)) AS posts FROM of_connection c GROUP BY c.user_id
        )
        SELECT
            ARRAY(SELECT c.connection_id FROM of_connection c WHERE c.posts >= p_per_connection),
            ARRAY(SELECT m.user_id FROM of_merchant m WHERE m.posts >= v_enough),
            (SELECT count(*) FROM of_merchant)
        INTO v_full_connections, v_full_merchants, v_merchants;
        EXIT WHEN v_merchants >= v_enough;
    END LOOP;
    IF cardinality(v_seen) = 0 THEN
        RETURN;
    END IF;
    SELECT array_agg(DISTINCT head.connection_id) INTO v_connections
    FROM ({RANKED}
        SELECT t.connection_id FROM by_merchant t ORDER BY t.place, t.due_at, t.id LIMIT p_limit * 2) head;
    SELECT array_agg(c.id) INTO v_connections FROM unnest(v_connections) AS c (id)
    WHERE pg_try_advisory_xact_lock(hashtextextended(c.id::text, 7));
    RETURN QUERY
    {RANKED}, chosen AS (
        SELECT t.id FROM by_merchant t WHERE t.connection_id = ANY (v_connections)
        ORDER BY t.place, t.due_at, t.id LIMIT p_limit
    )
    UPDATE retail_b2c.social_posts p
    SET claimed_by = p_owner, lease_until = clock_timestamp() + p_lease
    FROM chosen WHERE p.id = chosen.id
    RETURNING p.id, p.user_id, extract(epoch FROM p.due_at - retail_b2c.social_now())::float8;
END"""


def upgrade() -> None:
    _moves()
    # The claim of the release before stays beside it, for as long as workers of that release run.
    definer_function(
        op,
        "publisher_claim_posts",
        role="publisher_fn_claim_due",
        args="p_owner text, p_limit integer, p_per_connection integer, p_lease interval, p_ahead interval",
        returns="TABLE (post_id uuid, owner_id uuid, due_in float8)",
        body=CLAIM_POSTS,
        language="plpgsql",
        execute=("publisher_worker",),
    )


def _moves() -> None:
    pairs = ", ".join(f"'{one}>{to}'" for one, tos in MOVES.items() for to in tos)
    born = ", ".join(f"'{status}'" for status in BORN)
    run_sql(
        op,
        "CREATE FUNCTION retail_b2c.publisher_refuse_move() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, pg_temp AS $refuse${REFUSE_MOVE}$refuse$",
        "REVOKE ALL ON FUNCTION retail_b2c.publisher_refuse_move() FROM PUBLIC",
        f"""CREATE TRIGGER publisher_refuse_move BEFORE UPDATE OF status, revision ON {POSTS} FOR EACH ROW
            WHEN (NEW.revision < OLD.revision OR (OLD.status IS DISTINCT FROM NEW.status
                AND (OLD.status || '>' || NEW.status) NOT IN ({pairs})))
            EXECUTE FUNCTION retail_b2c.publisher_refuse_move()""",
        f"""CREATE POLICY social_posts_born ON {POSTS} AS RESTRICTIVE FOR INSERT TO publisher_api
            WITH CHECK (status IN ({born}))""",
    )
