"""Posts, the ledger of attempts, preparations, connections, settings, holds, budgets, erasures.

Revision ID: 0001
Revises:
"""

from alembic import op

from social_common.migrations import create_plumbing, enable_rls, grant_browser, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE retail_b2c.social_posts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL CONSTRAINT social_posts_user_id_fkey REFERENCES auth.users (id) ON DELETE CASCADE,
        platform varchar(50) NOT NULL,
        content text NOT NULL,
        media_url text,
        scheduled_at timestamptz,
        posted_at timestamptz,
        status varchar(20) DEFAULT 'draft',
        engagement jsonb,
        created_at timestamptz DEFAULT now(),
        updated_at timestamptz DEFAULT now(),
        campaign_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        grant_id uuid,
        connection_revision bigint NOT NULL DEFAULT 0,
        platform_id varchar(255) NOT NULL,
        kind varchar(20) NOT NULL,
        media jsonb NOT NULL DEFAULT '[]'::jsonb,
        options jsonb NOT NULL DEFAULT '{}'::jsonb,
        content_revision integer NOT NULL DEFAULT 1,
        product_id varchar(255),
        step varchar(20),
        held_for varchar(20),
        platform_post_id varchar(255),
        permalink text,
        error jsonb,
        attempts integer NOT NULL DEFAULT 0,
        revision bigint NOT NULL,
        settled_by varchar(20),
        may_be_duplicate boolean NOT NULL DEFAULT false,
        hidden boolean NOT NULL DEFAULT false,
        engagement_revision bigint,
        due_at timestamptz,
        prepare_at timestamptz,
        claimed_by text,
        lease_until timestamptz,
        refused_token_version bigint,
        CONSTRAINT social_posts_status_check CHECK (status IS NOT NULL AND status IN ('draft', 'scheduled', 'held',
            'publishing', 'published', 'failed', 'unknown', 'missed', 'canceled')),
        CONSTRAINT social_posts_due_check CHECK (status NOT IN ('scheduled', 'held')
            OR (scheduled_at IS NOT NULL AND due_at IS NOT NULL)),
        CONSTRAINT social_posts_held_for_check CHECK (held_for IS NULL OR held_for IN ('connection', 'quota', 'retry'))
    )""",
    """CREATE INDEX ix_social_posts_due_at ON retail_b2c.social_posts (due_at)
        WHERE status IN ('scheduled', 'held')""",
    "CREATE INDEX ix_social_posts_prepare_at ON retail_b2c.social_posts (prepare_at) WHERE prepare_at IS NOT NULL",
    "CREATE INDEX ix_social_posts_leased ON retail_b2c.social_posts (connection_id) WHERE lease_until IS NOT NULL",
    "CREATE INDEX ix_social_posts_user_created ON retail_b2c.social_posts (user_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_social_posts_user_campaign ON retail_b2c.social_posts (user_id, campaign_id)",
    """CREATE INDEX ix_social_posts_waiting_connection ON retail_b2c.social_posts (connection_id)
        WHERE status IN ('scheduled', 'held')""",
    "CREATE INDEX ix_social_posts_connection ON retail_b2c.social_posts (connection_id, user_id)",
    """CREATE UNIQUE INDEX uq_social_posts_platform_post
        ON retail_b2c.social_posts (platform, platform_id, platform_post_id) WHERE platform_post_id IS NOT NULL""",
    """CREATE TABLE retail_b2c.publisher_attempts (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        post_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        grant_id uuid,
        platform varchar(50) NOT NULL,
        platform_id varchar(255) NOT NULL,
        number integer NOT NULL,
        step varchar(20) NOT NULL,
        fingerprint varchar(64) NOT NULL,
        snapshot jsonb NOT NULL,
        handle text,
        started_at timestamptz NOT NULL,
        deadline timestamptz NOT NULL,
        bytes_sent boolean NOT NULL,
        owner text,
        lease_until timestamptz,
        finished_at timestamptz,
        outcome varchar(20),
        http_status smallint,
        error jsonb,
        settled_by varchar(20),
        platform_post_id varchar(255),
        may_be_duplicate boolean NOT NULL DEFAULT false,
        looks jsonb NOT NULL DEFAULT '[]'::jsonb,
        looks_done integer NOT NULL DEFAULT 0,
        next_look_at timestamptz,
        CONSTRAINT publisher_attempts_outcome_check CHECK (outcome IS NULL OR outcome IN ('live', 'accepted', 'refused',
            'nothing_sent', 'doubtful', 'unknown', 'resolved'))
    )""",
    "CREATE UNIQUE INDEX uq_publisher_attempts_post_number ON retail_b2c.publisher_attempts (post_id, number)",
    """CREATE UNIQUE INDEX uq_publisher_attempts_unsettled ON retail_b2c.publisher_attempts (connection_id, fingerprint)
        WHERE finished_at IS NULL""",
    """CREATE INDEX ix_publisher_attempts_equal
        ON retail_b2c.publisher_attempts (connection_id, fingerprint, started_at)""",
    """CREATE INDEX ix_publisher_attempts_next_look_at ON retail_b2c.publisher_attempts (next_look_at)
        WHERE next_look_at IS NOT NULL""",
    "CREATE INDEX ix_publisher_attempts_user ON retail_b2c.publisher_attempts (user_id)",
    """CREATE TABLE retail_b2c.publisher_preparations (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        post_id uuid NOT NULL,
        content_revision integer NOT NULL,
        connection_id uuid NOT NULL,
        platform varchar(50) NOT NULL,
        handle text NOT NULL,
        ready boolean NOT NULL,
        made_at timestamptz NOT NULL,
        discard_at timestamptz,
        discard_tries integer NOT NULL DEFAULT 0
    )""",
    """CREATE UNIQUE INDEX uq_publisher_preparations_version
        ON retail_b2c.publisher_preparations (post_id, content_revision)""",
    """CREATE INDEX ix_publisher_preparations_discard_at ON retail_b2c.publisher_preparations (discard_at)
        WHERE discard_at IS NOT NULL""",
    "CREATE INDEX ix_publisher_preparations_user ON retail_b2c.publisher_preparations (user_id)",
    """CREATE TABLE retail_b2c.publisher_connections (
        connection_id uuid PRIMARY KEY,
        user_id uuid NOT NULL
            CONSTRAINT publisher_connections_user_id_fkey REFERENCES auth.users (id) ON DELETE CASCADE,
        grant_id uuid,
        platform varchar(50) NOT NULL,
        platform_id varchar(255) NOT NULL,
        kind varchar(50),
        platform_username varchar(255),
        scopes text[] NOT NULL DEFAULT '{}'::text[],
        capabilities text[] NOT NULL DEFAULT '{}'::text[],
        health varchar(50) NOT NULL,
        expires_at timestamptz,
        renewable boolean,
        is_usable boolean NOT NULL,
        revision bigint NOT NULL
    )""",
    "CREATE INDEX ix_publisher_connections_user ON retail_b2c.publisher_connections (user_id)",
    """CREATE TABLE retail_b2c.publisher_settings (
        user_id uuid PRIMARY KEY
            CONSTRAINT publisher_settings_user_id_fkey REFERENCES auth.users (id) ON DELETE CASCADE,
        catch_up_hours smallint,
        on_doubt varchar(20) NOT NULL DEFAULT 'ask',
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT publisher_settings_catch_up_hours_check CHECK (catch_up_hours BETWEEN 1 AND 168),
        CONSTRAINT publisher_settings_on_doubt_check CHECK (on_doubt IN ('ask', 'resend'))
    )""",
    """CREATE TABLE retail_b2c.publisher_holds (
        platform varchar(50) NOT NULL,
        subject varchar(64) NOT NULL,
        operation varchar(20) NOT NULL,
        bucket varchar(100) NOT NULL,
        code varchar(50) NOT NULL,
        until timestamptz NOT NULL,
        PRIMARY KEY (platform, subject, operation, bucket)
    )""",
    "CREATE INDEX ix_publisher_holds_until ON retail_b2c.publisher_holds (until)",
    """CREATE TABLE retail_b2c.publisher_budgets (
        platform varchar(50) NOT NULL,
        subject varchar(64) NOT NULL,
        endpoint varchar(100) NOT NULL,
        window_s integer NOT NULL,
        window_start timestamptz NOT NULL,
        used integer NOT NULL,
        PRIMARY KEY (platform, subject, endpoint, window_s)
    )""",
    """CREATE TABLE retail_b2c.publisher_erasures (
        user_id uuid NOT NULL,
        connection_id uuid NOT NULL,
        asked_at timestamptz NOT NULL DEFAULT now(),
        purged_at timestamptz,
        PRIMARY KEY (user_id, connection_id)
    )""",
    "CREATE INDEX ix_publisher_erasures_open ON retail_b2c.publisher_erasures (asked_at) WHERE purged_at IS NULL",
)

SHOWN = [
    "id",
    "user_id",
    "platform",
    "content",
    "media_url",
    "scheduled_at",
    "posted_at",
    "status",
    "engagement",
    "created_at",
    "updated_at",
    "campaign_id",
    "connection_id",
    "kind",
    "media",
    "options",
    "product_id",
    "step",
    "platform_post_id",
    "permalink",
    "error",
    "attempts",
    "revision",
    "hidden",
]


def upgrade() -> None:
    run_sql(op, *TABLES)
    enable_rls(op, "social_posts", service="publisher", worker="SELECT, UPDATE, DELETE")
    grant_browser(op, "social_posts", SHOWN)
    # The API writes a merchant's decision into the ledger; only workers make attempts.
    enable_rls(op, "publisher_attempts", service="publisher", api="SELECT, UPDATE", worker="SELECT, INSERT, UPDATE")
    enable_rls(op, "publisher_preparations", service="publisher", api="SELECT, UPDATE")
    enable_rls(op, "publisher_connections", service="publisher", api="SELECT, INSERT, UPDATE")
    enable_rls(op, "publisher_settings", service="publisher", worker="SELECT, DELETE")
    # Neither holds nor budgets know a merchant; only the worker sees them.
    run_sql(
        op,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON retail_b2c.publisher_holds TO publisher_worker",
        "GRANT SELECT, INSERT, UPDATE ON retail_b2c.publisher_budgets TO publisher_worker",
        "ALTER TABLE retail_b2c.publisher_erasures ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE retail_b2c.publisher_erasures FORCE ROW LEVEL SECURITY",
    )
    create_plumbing(op, "publisher")
