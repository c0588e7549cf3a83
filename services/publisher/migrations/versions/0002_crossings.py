"""Claims across merchants: each function has one job, a role of its own, and the columns that job needs.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from social_common.migrations import definer_function

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORKER = ("publisher_worker",)

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
