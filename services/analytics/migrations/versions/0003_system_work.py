"""The functions that cross merchants: each has one job and a role of its own."""

from alembic import op

from social_common.migrations import definer_function

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORKER = ("analytics_worker",)

# Two scans, for product time and for real time, each along its own partial index and per platform, so that a
# platform which is held back does not stand in front of the others.
CLAIM_DUE = """
    WITH open AS (
        SELECT p AS platform FROM unnest(p_platforms) AS p
        WHERE NOT EXISTS (
            SELECT FROM retail_b2c.analytics_holds AS h
            WHERE h.platform = p AND h.scope = 'app' AND h.operation = 'all' AND h.held_until > now()
        )
    ), due AS (
        SELECT found.connection_id FROM open CROSS JOIN LATERAL (
            SELECT c.connection_id FROM retail_b2c.analytics_connections AS c
            WHERE c.platform = open.platform AND c.next_due_at <= retail_b2c.social_now()
            ORDER BY c.next_due_at LIMIT p_at_most FOR UPDATE SKIP LOCKED
        ) AS found
    ), retry AS (
        SELECT found.connection_id FROM open CROSS JOIN LATERAL (
            SELECT c.connection_id FROM retail_b2c.analytics_connections AS c
            WHERE c.platform = open.platform AND c.next_retry_at <= now()
            ORDER BY c.next_retry_at LIMIT p_at_most FOR UPDATE SKIP LOCKED
        ) AS found
    )
    UPDATE retail_b2c.analytics_connections AS c
    SET lease_id = p_lease_id, leased_until = now() + p_lease_for, next_due_at = NULL,
        next_retry_at = now() + p_lease_for
    WHERE c.connection_id IN (SELECT due.connection_id FROM due UNION SELECT retry.connection_id FROM retry)
    RETURNING c.connection_id, c.user_id, c.platform::text
"""

HOLDS_ON = """
    SELECT h.operation::text, h.held_until FROM retail_b2c.analytics_holds AS h
    WHERE h.platform = p_platform AND h.held_until > now() AND (
        h.scope = 'app'
        OR (h.scope = 'grant' AND h.scope_id = coalesce(p_grant_id, p_connection_id))
        OR (h.scope = 'connection' AND h.scope_id = p_connection_id)
    )
"""

HOLD = """
    INSERT INTO retail_b2c.analytics_holds AS h (platform, scope, scope_id, operation, held_until, reason)
    VALUES (p_platform, p_scope, p_scope_id, p_operation, now() + p_wait, p_reason)
    ON CONFLICT (platform, scope, scope_id, operation) DO UPDATE
    SET held_until = greatest(h.held_until, excluded.held_until), reason = excluded.reason
"""

# Half of a budget at once and the other half spread over its period: whatever window the platform counts in, no
# more than the whole falls into it. A read greater than the half goes when nothing was spent before it.
SPEND = """
    DECLARE
        moment timestamptz := clock_timestamp();
        step interval := p_period / greatest(1, p_count / 2);
        before timestamptz;
        after timestamptz;
    BEGIN
        INSERT INTO retail_b2c.analytics_budgets AS b (platform, scope_id, endpoint, spent_until)
            VALUES (p_platform, p_scope_id, p_endpoint, moment) ON CONFLICT DO NOTHING;
        SELECT b.spent_until INTO before FROM retail_b2c.analytics_budgets AS b
            WHERE b.platform = p_platform AND b.scope_id = p_scope_id AND b.endpoint = p_endpoint FOR UPDATE;
        after := greatest(before, moment) + step * p_calls;
        IF before > moment AND after > moment + p_period THEN
            RETURN least(after - p_period, before) - moment;
        END IF;
        UPDATE retail_b2c.analytics_budgets AS b SET spent_until = after
            WHERE b.platform = p_platform AND b.scope_id = p_scope_id AND b.endpoint = p_endpoint;
        RETURN interval '0';
    END
"""

# A batch of the merchants known here, and where it ended; NULL once there is no next one.
DELETED_USERS = """
    WITH known AS (
        SELECT DISTINCT c.user_id FROM retail_b2c.analytics_connections AS c
        WHERE c.user_id > p_after ORDER BY c.user_id LIMIT p_at_most
    )
    SELECT
        ARRAY(SELECT retail_b2c.social_gone_users(ARRAY(SELECT known.user_id FROM known))),
        CASE WHEN (SELECT count(*) FROM known) = p_at_most
            THEN (SELECT known.user_id FROM known ORDER BY known.user_id DESC LIMIT 1) END
"""

PURGE = """
    WITH raw AS (
        DELETE FROM retail_b2c.analytics_raw_answers AS r WHERE r.keep_until < now() RETURNING 1
    ), erasures AS (
        DELETE FROM retail_b2c.analytics_erasures AS e WHERE e.erased_at < now() - p_keep_erasures RETURNING 1
    ), holds AS (
        DELETE FROM retail_b2c.analytics_holds AS h WHERE h.held_until < now() - interval '1 day' RETURNING 1
    ), budgets AS (
        DELETE FROM retail_b2c.analytics_budgets AS b WHERE b.spent_until < now() - interval '1 day' RETURNING 1
    )
    SELECT (SELECT count(*) FROM raw) + (SELECT count(*) FROM erasures)
        + (SELECT count(*) FROM holds) + (SELECT count(*) FROM budgets)
"""

BACKLOG = """
    SELECT c.platform::text, count(*), min(c.next_due_at) FROM retail_b2c.analytics_connections AS c
    WHERE c.next_due_at <= retail_b2c.social_now() GROUP BY c.platform
"""


def _claiming() -> None:
    definer_function(
        op,
        "analytics_claim_due",
        role="analytics_fn_claim_due",
        args="p_platforms text[], p_at_most integer, p_lease_id uuid, p_lease_for interval",
        returns="TABLE (connection_id uuid, user_id uuid, platform text)",
        body=CLAIM_DUE,
        execute=WORKER,
        grants=(
            "SELECT (connection_id, user_id, platform, next_due_at, next_retry_at) ON retail_b2c.analytics_connections",
            "UPDATE (lease_id, leased_until, next_due_at, next_retry_at) ON retail_b2c.analytics_connections",
            "SELECT (platform, scope, operation, held_until) ON retail_b2c.analytics_holds",
        ),
        policies=(
            ("analytics_connections", "SELECT", "true"),
            ("analytics_connections", "UPDATE", "true"),
            ("analytics_holds", "SELECT", "true"),
        ),
    )
    definer_function(
        op,
        "analytics_backlog",
        role="analytics_fn_backlog",
        args="",
        returns="TABLE (platform text, connections bigint, oldest timestamptz)",
        body=BACKLOG,
        execute=WORKER,
        grants=("SELECT (platform, next_due_at) ON retail_b2c.analytics_connections",),
        policies=(("analytics_connections", "SELECT", "true"),),
    )


def _limits() -> None:
    definer_function(
        op,
        "analytics_holds_on",
        role="analytics_fn_holds",
        args="p_platform text, p_grant_id uuid, p_connection_id uuid",
        returns="TABLE (operation text, held_until timestamptz)",
        body=HOLDS_ON,
        execute=WORKER,
        grants=("SELECT, INSERT, UPDATE ON retail_b2c.analytics_holds",),
        policies=tuple(("analytics_holds", command, "true") for command in ("SELECT", "INSERT", "UPDATE")),
    )
    definer_function(
        op,
        "analytics_hold",
        role="analytics_fn_holds",
        args="p_platform text, p_scope text, p_scope_id uuid, p_operation text, p_wait interval, p_reason text",
        returns="void",
        body=HOLD,
        execute=WORKER,
    )
    definer_function(
        op,
        "analytics_spend",
        role="analytics_fn_spend",
        args="p_platform text, p_scope_id uuid, p_endpoint text, p_calls integer, p_count double precision,"
        " p_period interval",
        returns="interval",
        body=SPEND,
        language="plpgsql",
        execute=WORKER,
        grants=("SELECT, INSERT, UPDATE ON retail_b2c.analytics_budgets",),
        policies=tuple(("analytics_budgets", command, "true") for command in ("SELECT", "INSERT", "UPDATE")),
    )


def _cleaning() -> None:
    definer_function(
        op,
        "analytics_deleted_users",
        role="analytics_fn_deleted_users",
        args="p_after uuid, p_at_most integer",
        returns="TABLE (gone uuid[], last_seen uuid)",
        body=DELETED_USERS,
        execute=WORKER,
        grants=("SELECT (user_id) ON retail_b2c.analytics_connections",),
        policies=(("analytics_connections", "SELECT", "true"),),
    )
    tables = ("analytics_raw_answers", "analytics_erasures", "analytics_holds", "analytics_budgets")
    times = ("keep_until", "erased_at", "held_until", "spent_until")
    definer_function(
        op,
        "analytics_purge",
        role="analytics_fn_purge",
        args="p_keep_erasures interval",
        returns="bigint",
        body=PURGE,
        execute=WORKER,
        grants=tuple(
            f"SELECT ({time}), DELETE ON retail_b2c.{table}" for table, time in zip(tables, times, strict=True)
        ),
        policies=tuple((table, command, "true") for table in tables for command in ("SELECT", "DELETE")),
    )


def upgrade() -> None:
    _claiming()
    _limits()
    _cleaning()


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: expand, backfill, contract")
