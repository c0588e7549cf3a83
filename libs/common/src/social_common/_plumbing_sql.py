"""The SQL of a service's plumbing, in the order in which it is run. `{s}` is the service's name."""

from dataclasses import dataclass
from typing import Final, Literal

TABLES: Final = (
    "CREATE SEQUENCE retail_b2c.{s}_outbox_id_seq",
    """CREATE TABLE retail_b2c.{s}_outbox (
        id bigint NOT NULL DEFAULT nextval('retail_b2c.{s}_outbox_id_seq'),
        event_id uuid NOT NULL,
        topic text NOT NULL,
        user_id uuid NOT NULL,
        subject text NOT NULL,
        headers jsonb NOT NULL,
        payload text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        sent_at timestamptz,
        PRIMARY KEY (id, created_at)
    ) PARTITION BY RANGE (created_at)""",
    "CREATE TABLE retail_b2c.{s}_outbox_default PARTITION OF retail_b2c.{s}_outbox DEFAULT",
    "CREATE INDEX {s}_outbox_unsent_idx ON retail_b2c.{s}_outbox (id) WHERE sent_at IS NULL",
    "CREATE INDEX {s}_outbox_user_id_idx ON retail_b2c.{s}_outbox (user_id)",
    "ALTER TABLE retail_b2c.{s}_outbox ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE retail_b2c.{s}_outbox FORCE ROW LEVEL SECURITY",
    # Nobody has grants on a partition; should one ever be given, it still shows nothing.
    "ALTER TABLE retail_b2c.{s}_outbox_default ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE retail_b2c.{s}_outbox_default FORCE ROW LEVEL SECURITY",
    """CREATE POLICY {s}_outbox_own ON retail_b2c.{s}_outbox FOR INSERT TO {s}_api, {s}_worker
        WITH CHECK (user_id = (SELECT auth.uid()))""",
    "GRANT INSERT (event_id, topic, user_id, subject, headers, payload) ON retail_b2c.{s}_outbox TO {s}_api, {s}_worker",
    "GRANT USAGE ON SEQUENCE retail_b2c.{s}_outbox_id_seq TO {s}_api, {s}_worker",
    """CREATE TABLE retail_b2c.{s}_inbox (
        consumer text NOT NULL,
        source text NOT NULL,
        event_id text NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, source, event_id)
    )""",
    "CREATE INDEX {s}_inbox_seen_at_idx ON retail_b2c.{s}_inbox (seen_at)",
    "GRANT SELECT, INSERT, DELETE ON retail_b2c.{s}_inbox TO {s}_worker",
    """CREATE TABLE retail_b2c.{s}_idempotency (
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        key text NOT NULL,
        request_hash text NOT NULL,
        status integer,
        answer text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, key)
    )""",
    "CREATE INDEX {s}_idempotency_created_at_idx ON retail_b2c.{s}_idempotency (created_at)",
    """CREATE TABLE retail_b2c.{s}_relay_state (
        only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT {s}_relay_state_only_row_check CHECK (only_row),
        cluster_id text NOT NULL,
        accepted_at timestamptz NOT NULL DEFAULT now()
    )""",
    # Statement-level, so that a batch of a thousand events notifies once; rows written by triggers notify too.
    """CREATE FUNCTION retail_b2c.{s}_outbox_wake() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            PERFORM pg_notify('{s}_outbox', '');
            RETURN NULL;
        END $$""",
    """CREATE TRIGGER {s}_outbox_wake AFTER INSERT ON retail_b2c.{s}_outbox
        FOR EACH STATEMENT EXECUTE FUNCTION retail_b2c.{s}_outbox_wake()""",
)

# A UUIDv7 without an extension, on every Postgres from 15 on.
_NEW_ID: Final = """encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
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
        + _NEW_ID
        + """, o.topic, o.user_id, o.subject, o.headers, o.payload
                    FROM retail_b2c.{s}_outbox o WHERE o.topic = p_topic AND o.sent_at IS NOT NULL
                        AND (p_user IS NULL OR o.user_id = p_user) AND (p_subject IS NULL OR o.subject = p_subject)
                        AND (p_from IS NULL OR o.created_at >= p_from) AND (p_to IS NULL OR o.created_at < p_to)
                        AND o.user_id <> ALL (gone) ORDER BY o.id;
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
        + _NEW_ID
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

# Only the table's owner may attach and drop partitions, so these two are the owner's.
OWNER_FUNCTIONS: Final = (
    """CREATE FUNCTION retail_b2c.{s}_outbox_make_days(p_days integer) RETURNS integer LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
        DECLARE
            day date; part text; made integer := 0; today date := (now() AT TIME ZONE 'UTC')::date;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('{s}_outbox_days'), 0);
            FOR day IN SELECT today + n FROM generate_series(0, p_days) n LOOP
                part := '{s}_outbox_' || to_char(day, 'YYYYMMDD');
                CONTINUE WHEN to_regclass('retail_b2c.' || part) IS NOT NULL;
                BEGIN
                    EXECUTE format('CREATE TABLE retail_b2c.%I (LIKE retail_b2c.{s}_outbox)', part);
                    EXECUTE format('ALTER TABLE retail_b2c.%I ENABLE ROW LEVEL SECURITY', part);
                    EXECUTE format('ALTER TABLE retail_b2c.%I FORCE ROW LEVEL SECURITY', part);
                    EXECUTE format('ALTER TABLE retail_b2c.{s}_outbox ATTACH PARTITION retail_b2c.%I'
                        ' FOR VALUES FROM (%L) TO (%L)', part,
                        day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
                    made := made + 1;
                EXCEPTION WHEN check_violation THEN
                    -- The DEFAULT partition already holds rows of that day; they are trimmed with age.
                    RAISE WARNING 'no partition % : the default one holds its rows', part;
                END;
            END LOOP;
            RETURN made;
        END $$""",
    """CREATE FUNCTION retail_b2c.{s}_outbox_drop_days(p_keep interval) RETURNS integer LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
        DECLARE
            part text; day date; dropped integer := 0; today date := (now() AT TIME ZONE 'UTC')::date;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('{s}_outbox_days'), 0);
            FOR part, day IN
                SELECT c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i
                JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'retail_b2c.{s}_outbox'::regclass AND c.relname ~ '_outbox_[0-9]{8}$'
                ORDER BY 2
            LOOP
                CONTINUE WHEN day + 1 > (now() - p_keep) AT TIME ZONE 'UTC';
                CONTINUE WHEN retail_b2c.{s}_outbox_unsent_before(
                    day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
                EXECUTE format('DROP TABLE retail_b2c.%I', part);
                dropped := dropped + 1;
            END LOOP;
            PERFORM retail_b2c.{s}_outbox_trim(now() - p_keep - interval '1 day');
            RETURN dropped;
        END $$""",
    "REVOKE ALL ON FUNCTION retail_b2c.{s}_outbox_make_days(integer) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION retail_b2c.{s}_outbox_drop_days(interval) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION retail_b2c.{s}_outbox_make_days(integer) TO {s}_worker",
    "GRANT EXECUTE ON FUNCTION retail_b2c.{s}_outbox_drop_days(interval) TO {s}_worker",
    "SELECT retail_b2c.{s}_outbox_make_days(7)",
)


def spelled(sql: str, service: str) -> str:
    """The statement for one service."""
    return sql.replace("{s}", service)
