"""The tables of analytics: projections, schedule, snapshots, history, raw answers."""

from alembic import op

from social_common.migrations import create_plumbing, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE retail_b2c.analytics_connections (
        connection_id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        grant_id uuid,
        platform varchar(50) NOT NULL,
        platform_id varchar(255),
        kind varchar(50),
        platform_username varchar(255),
        capabilities text[] NOT NULL DEFAULT '{}',
        state varchar(20) NOT NULL,
        down_reason varchar(50),
        revision bigint NOT NULL DEFAULT 0,
        is_collected boolean NOT NULL,
        pause varchar(20),
        account_due_at timestamptz,
        account_retry_at timestamptz,
        account_failures integer NOT NULL DEFAULT 0,
        account_error varchar(50),
        next_due_at timestamptz,
        next_retry_at timestamptz,
        lease_id uuid,
        leased_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (connection_id, user_id)
    )""",
    "CREATE INDEX ON retail_b2c.analytics_connections (user_id)",
    """CREATE INDEX analytics_connections_due_idx ON retail_b2c.analytics_connections (platform, next_due_at)
        WHERE next_due_at IS NOT NULL""",
    """CREATE INDEX analytics_connections_retry_idx ON retail_b2c.analytics_connections (platform, next_retry_at)
        WHERE next_retry_at IS NOT NULL""",
    """CREATE TABLE retail_b2c.social_analytics (
        id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
        user_id UUID REFERENCES auth.users(id) ON DELETE CASCADE NOT NULL,
        platform VARCHAR(50) NOT NULL,
        followers INTEGER DEFAULT 0,
        following INTEGER DEFAULT 0,
        posts INTEGER DEFAULT 0,
        engagement_rate DECIMAL(5,2) DEFAULT 0.00,
        reach INTEGER DEFAULT 0,
        impressions INTEGER DEFAULT 0,
        last_updated TIMESTAMPTZ DEFAULT NOW(),
        connection_id uuid UNIQUE,
        true_followers bigint,
        true_following bigint,
        true_posts bigint,
        true_reach bigint,
        true_impressions bigint,
        true_engagement_rate numeric,
        collected_at timestamptz,
        revision bigint NOT NULL DEFAULT 0,
        FOREIGN KEY (connection_id, user_id)
            REFERENCES retail_b2c.analytics_connections (connection_id, user_id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ON retail_b2c.social_analytics (user_id)",
    """CREATE TABLE retail_b2c.analytics_posts (
        post_id uuid PRIMARY KEY,
        connection_id uuid NOT NULL,
        user_id uuid NOT NULL,
        campaign_id uuid,
        platform varchar(50) NOT NULL,
        kind varchar(50),
        product_id varchar(255),
        status varchar(50) NOT NULL,
        revision bigint NOT NULL,
        scheduled_at timestamptz,
        posted_at timestamptz,
        platform_post_id varchar(255),
        permalink text,
        may_be_duplicate boolean NOT NULL DEFAULT false,
        due_at timestamptz,
        retry_at timestamptz,
        failures integer NOT NULL DEFAULT 0,
        error varchar(50),
        gone_at timestamptz,
        likes bigint,
        comments bigint,
        shares bigint,
        saves bigint,
        clicks bigint,
        views bigint,
        reach bigint,
        impressions bigint,
        engagement_rate numeric,
        collected_at timestamptz,
        measured_revision bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (post_id, user_id),
        FOREIGN KEY (connection_id, user_id)
            REFERENCES retail_b2c.analytics_connections (connection_id, user_id) ON DELETE CASCADE
    )""",
    "CREATE INDEX analytics_posts_user_id_idx ON retail_b2c.analytics_posts (user_id, posted_at, post_id)",
    "CREATE INDEX analytics_posts_connection_id_idx ON retail_b2c.analytics_posts (connection_id, posted_at)",
    """CREATE INDEX analytics_posts_due_idx ON retail_b2c.analytics_posts (connection_id, due_at)
        WHERE due_at IS NOT NULL""",
    """CREATE TABLE retail_b2c.analytics_account_history (
        connection_id uuid NOT NULL,
        user_id uuid NOT NULL,
        collected_at timestamptz NOT NULL,
        followers bigint,
        following bigint,
        posts bigint,
        reach bigint,
        impressions bigint,
        engagement_rate numeric,
        PRIMARY KEY (connection_id, collected_at),
        FOREIGN KEY (connection_id, user_id)
            REFERENCES retail_b2c.analytics_connections (connection_id, user_id) ON DELETE CASCADE
    ) PARTITION BY RANGE (collected_at)""",
    """CREATE TABLE retail_b2c.analytics_post_history (
        post_id uuid NOT NULL,
        user_id uuid NOT NULL,
        collected_at timestamptz NOT NULL,
        likes bigint,
        comments bigint,
        shares bigint,
        saves bigint,
        clicks bigint,
        views bigint,
        reach bigint,
        impressions bigint,
        engagement_rate numeric,
        PRIMARY KEY (post_id, collected_at),
        FOREIGN KEY (post_id, user_id)
            REFERENCES retail_b2c.analytics_posts (post_id, user_id) ON DELETE CASCADE
    ) PARTITION BY RANGE (collected_at)""",
    """CREATE TABLE retail_b2c.analytics_raw_answers (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        connection_id uuid NOT NULL,
        user_id uuid NOT NULL,
        platform varchar(50) NOT NULL,
        operation varchar(100) NOT NULL,
        body jsonb NOT NULL,
        collected_at timestamptz NOT NULL,
        keep_until timestamptz NOT NULL,
        PRIMARY KEY (id, keep_until),
        FOREIGN KEY (connection_id, user_id)
            REFERENCES retail_b2c.analytics_connections (connection_id, user_id) ON DELETE CASCADE
    ) PARTITION BY RANGE (keep_until)""",
    """CREATE INDEX analytics_raw_answers_connection_id_idx
        ON retail_b2c.analytics_raw_answers (connection_id, collected_at)""",
    """CREATE TABLE retail_b2c.analytics_erasures (
        connection_id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        erased_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX ON retail_b2c.analytics_erasures (erased_at)",
    """CREATE TABLE retail_b2c.analytics_holds (
        platform varchar(50) NOT NULL,
        scope varchar(20) NOT NULL,
        scope_id uuid NOT NULL,
        operation varchar(20) NOT NULL,
        held_until timestamptz NOT NULL,
        reason varchar(50) NOT NULL,
        PRIMARY KEY (platform, scope, scope_id, operation)
    )""",
    """CREATE TABLE retail_b2c.analytics_budgets (
        platform varchar(50) NOT NULL,
        scope_id uuid NOT NULL,
        endpoint varchar(100) NOT NULL,
        spent_until timestamptz NOT NULL,
        PRIMARY KEY (platform, scope_id, endpoint)
    )""",
)

PARTITIONED = ("analytics_account_history", "analytics_post_history", "analytics_raw_answers")

# Partitions are made by their owner's function; whatever lies outside them waits in a default one.
MAKE_MONTHS = """CREATE FUNCTION retail_b2c.analytics_make_months(p_ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
    DECLARE
        parent text;
        part text;
        first_day date;
        made integer := 0;
        this_month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('analytics_months'), 0);
        FOREACH parent IN ARRAY ARRAY[
            'analytics_account_history', 'analytics_post_history', 'analytics_raw_answers'
        ] LOOP
            FOR first_day IN
                SELECT (this_month + make_interval(months => n))::date FROM generate_series(0, p_ahead) AS n
            LOOP
                part := parent || '_' || to_char(first_day, 'YYYYMM');
                CONTINUE WHEN to_regclass('retail_b2c.' || part) IS NOT NULL;
                BEGIN
                    EXECUTE format('CREATE TABLE retail_b2c.%I (LIKE retail_b2c.%I INCLUDING DEFAULTS)', part, parent);
                    EXECUTE format('ALTER TABLE retail_b2c.%I ENABLE ROW LEVEL SECURITY', part);
                    EXECUTE format('ALTER TABLE retail_b2c.%I FORCE ROW LEVEL SECURITY', part);
                    EXECUTE format(
                        'ALTER TABLE retail_b2c.%I ATTACH PARTITION retail_b2c.%I FOR VALUES FROM (%L) TO (%L)',
                        parent, part, first_day::timestamp AT TIME ZONE 'UTC',
                        (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC'
                    );
                    made := made + 1;
                EXCEPTION WHEN check_violation THEN
                    RAISE WARNING 'no partition %: the default one holds its rows', part;
                END;
            END LOOP;
        END LOOP;
        RETURN made;
    END $$"""

# A month of raw answers goes as a whole once the last of them is past its time.
DROP_RAW_MONTHS = """CREATE FUNCTION retail_b2c.analytics_drop_raw_months() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
    DECLARE
        part text;
        first_day date;
        dropped integer := 0;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('analytics_months'), 0);
        FOR part, first_day IN
            SELECT c.relname, to_date(right(c.relname, 6), 'YYYYMM') FROM pg_inherits AS i
            JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'retail_b2c.analytics_raw_answers'::regclass AND c.relname ~ '_[0-9]{6}$'
            ORDER BY 2
        LOOP
            CONTINUE WHEN first_day + interval '1 month' > now() AT TIME ZONE 'UTC';
            EXECUTE format('DROP TABLE retail_b2c.%I', part);
            dropped := dropped + 1;
        END LOOP;
        RETURN dropped;
    END $$"""


def _partitions() -> None:
    for parent in PARTITIONED:
        run_sql(
            op,
            f"CREATE TABLE retail_b2c.{parent}_default PARTITION OF retail_b2c.{parent} DEFAULT",
            f"ALTER TABLE retail_b2c.{parent}_default ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE retail_b2c.{parent}_default FORCE ROW LEVEL SECURITY",
        )
    run_sql(op, MAKE_MONTHS, DROP_RAW_MONTHS)
    for name in ("analytics_make_months", "analytics_drop_raw_months"):
        run_sql(
            op,
            f"REVOKE ALL ON FUNCTION retail_b2c.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION retail_b2c.{name} TO analytics_worker",
        )
    run_sql(op, "SELECT retail_b2c.analytics_make_months(7)")


def upgrade() -> None:
    create_plumbing(op, "analytics")
    run_sql(op, *TABLES)
    _partitions()


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: expand, backfill, contract")
