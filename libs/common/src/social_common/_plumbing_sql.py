"""The SQL of a service's plumbing beside its definer functions, in the order of running. `{s}` is the service."""

from typing import Final

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
    """GRANT INSERT (event_id, topic, user_id, subject, headers, payload) ON retail_b2c.{s}_outbox
        TO {s}_api, {s}_worker""",
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
