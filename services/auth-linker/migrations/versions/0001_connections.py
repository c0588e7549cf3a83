"""Connections, grants, link attempts and erasures, with their row security."""

from alembic import op

from social_common.migrations import create_plumbing, enable_rls, grant_browser, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "auth_linker"

GRANTS = """
CREATE TABLE retail_b2c.grants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    platform varchar(50) NOT NULL,
    app varchar(255) NOT NULL,
    family varchar(100) NOT NULL,
    platform_user_id varchar(255) NOT NULL,
    username varchar(255),
    asked_scopes text[] NOT NULL DEFAULT '{}'::text[],
    scopes text[],
    token_version bigint NOT NULL DEFAULT 0,
    access_token text,
    refresh_token text,
    obtained_at timestamptz NOT NULL,
    expires_at timestamptz,
    refresh_expires_at timestamptz,
    has_refresh_token boolean NOT NULL DEFAULT false,
    renewable boolean NOT NULL DEFAULT false,
    act_by timestamptz,
    health varchar(20) NOT NULL DEFAULT 'ok',
    is_live boolean NOT NULL DEFAULT true,
    due_at timestamptz,
    retry_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    last_error varchar(50),
    in_doubt boolean NOT NULL DEFAULT false,
    lease_owner uuid,
    lease_until timestamptz,
    last_refreshed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT retail_b2c.social_now(),
    updated_at timestamptz NOT NULL DEFAULT retail_b2c.social_now(),
    UNIQUE (user_id, platform, app, platform_user_id)
)
"""

CONNECTIONS = """
CREATE TABLE retail_b2c.social_connections (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    platform varchar(50) NOT NULL,
    platform_id varchar(255) NOT NULL,
    platform_username varchar(255),
    access_token text,
    refresh_token text,
    expires_at timestamptz,
    is_connected boolean DEFAULT true,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    grant_id uuid NOT NULL REFERENCES retail_b2c.grants (id) ON DELETE CASCADE,
    app varchar(255) NOT NULL,
    family varchar(100) NOT NULL,
    platform_user_id varchar(255) NOT NULL,
    kind varchar(20) NOT NULL DEFAULT 'account',
    display_name varchar(255),
    avatar_url text,
    facts jsonb NOT NULL DEFAULT '{}'::jsonb,
    capabilities text[] NOT NULL DEFAULT '{}'::text[],
    health varchar(20) NOT NULL DEFAULT 'ok',
    unlinked_reason varchar(20),
    revision bigint NOT NULL DEFAULT 0,
    linked_at timestamptz NOT NULL DEFAULT retail_b2c.social_now(),
    UNIQUE (user_id, platform, platform_id),
    CONSTRAINT social_connections_is_connected_check CHECK (is_connected IS NOT NULL),
    CONSTRAINT social_connections_tokens_only_while_connected_check
        CHECK (is_connected OR (access_token IS NULL AND refresh_token IS NULL))
)
"""

LINK_ATTEMPTS = """
CREATE TABLE retail_b2c.link_attempts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    platform varchar(50) NOT NULL,
    app varchar(255) NOT NULL,
    family varchar(100) NOT NULL,
    state_hash varchar(64) NOT NULL UNIQUE,
    verifier text,
    return_to text NOT NULL,
    asked_capabilities text[] NOT NULL DEFAULT '{}'::text[],
    asked_scopes text[] NOT NULL DEFAULT '{}'::text[],
    kinds text[] NOT NULL DEFAULT '{}'::text[],
    connection_id uuid,
    created_at timestamptz NOT NULL DEFAULT retail_b2c.social_now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    link_code_hash varchar(64) UNIQUE,
    access_token text,
    refresh_token text,
    obtained_at timestamptz,
    token_expires_at timestamptz,
    refresh_expires_at timestamptz,
    granted_scopes text[],
    platform_user_id varchar(255),
    platform_user jsonb,
    places jsonb,
    place_tokens text
)
"""

NEEDS = """
CREATE TABLE retail_b2c.token_needs (
    post_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    grant_id uuid NOT NULL REFERENCES retail_b2c.grants (id) ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    revision bigint NOT NULL
)
"""

ERASURES = """
CREATE TABLE retail_b2c.erasures (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    reason varchar(20) NOT NULL,
    platform varchar(50) NOT NULL,
    app varchar(255) NOT NULL,
    family varchar(100) NOT NULL,
    platform_user_id varchar(255) NOT NULL,
    grant_id uuid,
    connection_id uuid,
    platform_id varchar(255),
    source_table varchar(63) NOT NULL,
    source_row varchar(64) NOT NULL,
    access_token text,
    refresh_token text,
    created_at timestamptz NOT NULL DEFAULT now(),
    next_try_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    last_error varchar(50),
    finished_at timestamptz,
    proof varchar(20),
    CONSTRAINT erasures_shredded_when_finished_check
        CHECK (finished_at IS NULL OR (access_token IS NULL AND refresh_token IS NULL AND proof IS NOT NULL))
)
"""

ERASED_MERCHANTS = """
CREATE TABLE retail_b2c.erased_merchants (
    user_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now(),
    purged_at timestamptz
)
"""

PLATFORM_USER_LEASES = """
CREATE TABLE retail_b2c.platform_user_leases (
    family varchar(100) NOT NULL,
    platform_user_id varchar(255) NOT NULL,
    owner uuid,
    lease_until timestamptz,
    revoked_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (family, platform_user_id)
)
"""

INDEXES = (
    "CREATE INDEX grants_due_at_idx ON retail_b2c.grants (due_at) WHERE is_live AND due_at IS NOT NULL",
    "CREATE INDEX grants_resting_idx ON retail_b2c.grants (family, app, platform_user_id) WHERE is_live",
    "CREATE INDEX social_connections_grant_id_idx ON retail_b2c.social_connections (grant_id)",
    (
        "CREATE INDEX social_connections_user_id_created_at_id_idx"
        " ON retail_b2c.social_connections (user_id, created_at, id)"
    ),
    "CREATE INDEX link_attempts_expires_at_idx ON retail_b2c.link_attempts (expires_at)",
    "CREATE INDEX link_attempts_user_id_idx ON retail_b2c.link_attempts (user_id)",
    (
        "CREATE INDEX link_attempts_resting_idx ON retail_b2c.link_attempts (family, app, platform_user_id)"
        " WHERE platform_user_id IS NOT NULL"
    ),
    "CREATE INDEX token_needs_grant_id_due_at_idx ON retail_b2c.token_needs (grant_id, due_at)",
    "CREATE INDEX token_needs_user_id_idx ON retail_b2c.token_needs (user_id)",
    "CREATE INDEX erasures_next_try_at_idx ON retail_b2c.erasures (next_try_at) WHERE finished_at IS NULL",
    "CREATE INDEX erasures_user_id_idx ON retail_b2c.erasures (user_id)",
    "CREATE INDEX erasures_grant_id_idx ON retail_b2c.erasures (grant_id)",
    "CREATE INDEX erased_merchants_erased_at_idx ON retail_b2c.erased_merchants (erased_at) WHERE purged_at IS NULL",
    "CREATE INDEX platform_user_leases_updated_at_idx ON retail_b2c.platform_user_leases (updated_at)",
)

# What a browser may read of its own rows: no token, and nothing that only our services need.
BROWSER_COLUMNS = (
    "id",
    "user_id",
    "platform",
    "platform_id",
    "platform_username",
    "expires_at",
    "is_connected",
    "created_at",
    "updated_at",
    "grant_id",
    "kind",
    "display_name",
    "avatar_url",
    "capabilities",
    "health",
    "revision",
    "linked_at",
)


def upgrade() -> None:
    run_sql(
        op,
        "SET LOCAL lock_timeout = '10s'",
        GRANTS,
        CONNECTIONS,
        LINK_ATTEMPTS,
        NEEDS,
        ERASURES,
        ERASED_MERCHANTS,
        PLATFORM_USER_LEASES,
        *INDEXES,
    )
    create_plumbing(op, SERVICE)
    enable_rls(op, "grants", service=SERVICE, api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE, DELETE")
    enable_rls(op, "social_connections", service=SERVICE, api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE, DELETE")
    enable_rls(op, "link_attempts", service=SERVICE, worker="SELECT, DELETE")
    enable_rls(op, "token_needs", service=SERVICE, api="SELECT")
    enable_rls(op, "erasures", service=SERVICE, api="INSERT", worker="SELECT, INSERT, UPDATE")
    # A merchant who was deleted softly leaves kept answers behind, which the cascade would have taken.
    run_sql(op, "GRANT SELECT (user_id), DELETE ON retail_b2c.auth_linker_idempotency TO auth_linker_worker")
    grant_browser(op, "social_connections", BROWSER_COLUMNS)
    # These two know no claims: only functions reach them.
    for table in ("erased_merchants", "platform_user_leases"):
        run_sql(
            op,
            f"ALTER TABLE retail_b2c.{table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE retail_b2c.{table} FORCE ROW LEVEL SECURITY",
        )
