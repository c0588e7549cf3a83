"""The functions of a service's plumbing that cross merchants. `{s}` is the service's name."""

from dataclasses import dataclass
from typing import Final, Literal

# A UUIDv7 without an extension, on every Postgres from 15 on.
NEW_ID: Final = """encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinerSql:
    """One function that crosses merchants: who owns it, what that role may touch, who may call it."""

    name: str
    job: str
    args: str = ""
    returns: str
    body: str
    language: Literal["sql", "plpgsql"] = "sql"
    execute: tuple[str, ...] = ("{s}_worker",)
    grants: tuple[str, ...] = ()
    policies: tuple[tuple[str, str, str], ...] = ()


FUNCTIONS: Final = (
    DefinerSql(
        name="{s}_outbox_take",
        job="relay",
        args="p_limit integer",
        returns="TABLE (id bigint, event_id uuid, topic text, user_id uuid, headers jsonb, payload text,"
        " created_at timestamptz)",
        body="""SELECT o.id, o.event_id, o.topic, o.user_id, o.headers, o.payload, o.created_at
            FROM retail_b2c.{s}_outbox o WHERE o.sent_at IS NULL ORDER BY o.id LIMIT p_limit""",
        grants=("SELECT, UPDATE (sent_at) ON retail_b2c.{s}_outbox",),
        policies=(("{s}_outbox", "SELECT", "true"), ("{s}_outbox", "UPDATE", "true")),
    ),
    DefinerSql(
        name="{s}_outbox_mark",
        job="relay",
        # The times let the planner leave out the other days' partitions.
        args="p_ids bigint[], p_first timestamptz, p_last timestamptz",
        returns="bigint",
        body="""WITH marked AS (
                UPDATE retail_b2c.{s}_outbox o SET sent_at = clock_timestamp()
                WHERE o.id = ANY (p_ids) AND o.created_at BETWEEN p_first AND p_last RETURNING 1
            ) SELECT count(*) FROM marked""",
    ),
    DefinerSql(
        name="{s}_outbox_lag",
        job="relay",
        returns="TABLE (unsent bigint, oldest timestamptz)",
        body="SELECT count(*), min(o.created_at) FROM retail_b2c.{s}_outbox o WHERE o.sent_at IS NULL",
    ),
    DefinerSql(
        name="{s}_relay_cluster",
        job="relay",
        returns="text",
        body="SELECT r.cluster_id FROM retail_b2c.{s}_relay_state r",
        grants=("SELECT, INSERT, UPDATE ON retail_b2c.{s}_relay_state",),
    ),
    DefinerSql(
        name="{s}_relay_accept",
        job="relay",
        args="p_cluster text, p_resend boolean",
        returns="bigint",
        language="plpgsql",
        # The relay's own lock first: a batch in flight to the old cluster would be marked after we looked.
        body="""DECLARE resent bigint := 0; changed bigint;
            BEGIN
                PERFORM pg_advisory_xact_lock(hashtext('{s}_relay'), 0);
                INSERT INTO retail_b2c.{s}_relay_state AS r (cluster_id) VALUES (p_cluster)
                    ON CONFLICT (only_row) DO UPDATE SET cluster_id = p_cluster, accepted_at = now()
                    WHERE r.cluster_id <> p_cluster;
                GET DIAGNOSTICS changed = ROW_COUNT;
                IF changed > 0 AND p_resend THEN
                    UPDATE retail_b2c.{s}_outbox SET sent_at = NULL WHERE sent_at IS NOT NULL;
                    GET DIAGNOSTICS resent = ROW_COUNT;
                END IF;
                RETURN resent;
            END""",
    ),
    DefinerSql(
        name="{s}_outbox_replay",
        job="replay",
        args="p_topic text, p_user uuid, p_subject text, p_from timestamptz, p_to timestamptz, p_new_ids boolean",
        returns="bigint",
        language="plpgsql",
        execute=("{s}_worker",),
        body="""DECLARE gone uuid[]; replayed bigint;
            BEGIN
                SELECT coalesce(array_agg(g), '{}') INTO gone FROM retail_b2c.social_gone_users(
                    ARRAY(SELECT DISTINCT o.user_id FROM retail_b2c.{s}_outbox o
                        WHERE o.topic = p_topic AND (p_user IS NULL OR o.user_id = p_user))) g;
                IF p_new_ids THEN
                    INSERT INTO retail_b2c.{s}_outbox (event_id, topic, user_id, subject, headers, payload)
                    SELECT """
        + NEW_ID
        + """, o.topic, o.user_id, o.subject, o.headers, o.payload
                    FROM retail_b2c.{s}_outbox o WHERE o.topic = p_topic AND o.sent_at IS NOT NULL
                        AND (p_user IS NULL OR o.user_id = p_user) AND (p_subject IS NULL OR o.subject = p_subject)
                        AND (p_from IS NULL OR o.created_at >= p_from) AND (p_to IS NULL OR o.created_at < p_to)
                        AND o.user_id <> ALL (gone)
                    -- What an earlier replay made is the same event: a second one doubles nothing.
                    GROUP BY o.topic, o.user_id, o.subject, o.headers, o.payload ORDER BY min(o.id);
                ELSE
                    UPDATE retail_b2c.{s}_outbox o SET sent_at = NULL
                    WHERE o.topic = p_topic AND o.sent_at IS NOT NULL
                        AND (p_user IS NULL OR o.user_id = p_user) AND (p_subject IS NULL OR o.subject = p_subject)
                        AND (p_from IS NULL OR o.created_at >= p_from) AND (p_to IS NULL OR o.created_at < p_to)
                        AND o.user_id <> ALL (gone);
                END IF;
                GET DIAGNOSTICS replayed = ROW_COUNT;
                PERFORM pg_notify('{s}_outbox', '');
                RETURN replayed;
            END""",
        grants=(
            "SELECT, UPDATE (sent_at), INSERT ON retail_b2c.{s}_outbox",
            "USAGE ON SEQUENCE retail_b2c.{s}_outbox_id_seq",
        ),
        policies=tuple(("{s}_outbox", command, "true") for command in ("SELECT", "UPDATE", "INSERT")),
    ),
    DefinerSql(
        name="{s}_outbox_put",
        job="outbox_put",
        # For triggers, which run none of our Python: they write the same row with the same headers.
        args="p_topic text, p_subject text, p_user_id uuid, p_data jsonb",
        returns="uuid",
        execute=(),
        body="""INSERT INTO retail_b2c.{s}_outbox (event_id, topic, user_id, subject, headers, payload)
            VALUES ("""
        + NEW_ID
        + """, p_topic, p_user_id, p_subject, jsonb_build_object(
                'ce_specversion', '1.0',
                'ce_source', '/seftec/social/' || replace('{s}', '_', '-'),
                'ce_type', 'store.seftec.social.' || p_topic || '.v1',
                'ce_subject', p_subject,
                'ce_time', to_char(retail_b2c.social_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'ce_dataschema', 'https://seftec.store/schemas/' || p_topic || '.v1.json',
                'content-type', 'application/json'), p_data::text)
            RETURNING event_id""",
        grants=(
            "INSERT, SELECT (event_id) ON retail_b2c.{s}_outbox",
            "USAGE ON SEQUENCE retail_b2c.{s}_outbox_id_seq",
        ),
        # RETURNING reads the row back, so the role needs to see it.
        policies=(("{s}_outbox", "INSERT", "true"), ("{s}_outbox", "SELECT", "true")),
    ),
    DefinerSql(
        name="{s}_outbox_unsent_before",
        job="sweep",
        args="p_from timestamptz, p_to timestamptz",
        returns="boolean",
        execute=("{s}_owner",),
        body="""SELECT EXISTS (SELECT 1 FROM retail_b2c.{s}_outbox o
            WHERE o.sent_at IS NULL AND o.created_at >= p_from AND o.created_at < p_to)""",
        grants=("SELECT, DELETE ON retail_b2c.{s}_outbox", "SELECT, DELETE ON retail_b2c.{s}_idempotency"),
        policies=(
            ("{s}_outbox", "SELECT", "true"),
            ("{s}_outbox", "DELETE", "true"),
            ("{s}_idempotency", "SELECT", "true"),
            ("{s}_idempotency", "DELETE", "true"),
        ),
    ),
    DefinerSql(
        name="{s}_outbox_trim",
        job="sweep",
        # What fell into the DEFAULT partition has no day to be dropped with.
        args="p_before timestamptz",
        returns="bigint",
        execute=("{s}_owner",),
        body="""WITH gone AS (DELETE FROM retail_b2c.{s}_outbox o
                WHERE o.created_at < p_before AND o.sent_at IS NOT NULL RETURNING 1) SELECT count(*) FROM gone""",
    ),
    DefinerSql(
        name="{s}_outbox_forget",
        job="sweep",
        args="p_user uuid",
        returns="bigint",
        body="""WITH gone AS (DELETE FROM retail_b2c.{s}_outbox o
                WHERE o.user_id = p_user AND o.sent_at IS NOT NULL RETURNING 1) SELECT count(*) FROM gone""",
    ),
    DefinerSql(
        name="{s}_idempotency_sweep",
        job="sweep",
        args="p_keep interval",
        returns="bigint",
        body="""WITH gone AS (DELETE FROM retail_b2c.{s}_idempotency i
                WHERE i.created_at < now() - p_keep RETURNING 1) SELECT count(*) FROM gone""",
    ),
)
