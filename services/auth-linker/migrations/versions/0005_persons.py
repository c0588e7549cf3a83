"""Whose consent a grant is, where one person's consents are several grants: each YouTube channel has its own.

What a revocation would end is the person's. A release that is still running writes no `person_id`: there the platform
user is the person, as it was for all before.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("grants", "social_connections", "link_attempts", "erasures")

# The owner sees no row under forced row security.
BACK_FILL = (
    "ALTER TABLE retail_b2c.{table} NO FORCE ROW LEVEL SECURITY",
    (
        "UPDATE retail_b2c.{table} SET person_id = platform_user_id"
        " WHERE person_id IS NULL AND platform_user_id IS NOT NULL"
    ),
    "ALTER TABLE retail_b2c.{table} FORCE ROW LEVEL SECURITY",
)

INDEXES = (
    "CREATE INDEX grants_person_idx ON retail_b2c.grants (family, person_id) WHERE is_live",
    (
        "CREATE INDEX link_attempts_person_idx ON retail_b2c.link_attempts (family, person_id)"
        " WHERE platform_user_id IS NOT NULL"
    ),
)

# A revocation ends what the person granted one app. Another platform of the family may be the same app under another
# client id; another app of the same platform never is.
RESTING = """
SELECT CASE
    WHEN EXISTS (SELECT 1 FROM retail_b2c.grants g WHERE g.is_live AND g.family = p_family
                    AND (g.person_id = p_person_id OR (g.person_id IS NULL AND g.platform_user_id = p_person_id))
                    AND (g.app = p_app OR g.platform <> p_platform)) THEN 'live'
    WHEN EXISTS (SELECT 1 FROM retail_b2c.link_attempts a WHERE a.family = p_family
                    AND a.platform_user_id IS NOT NULL
                    AND (a.person_id = p_person_id OR (a.person_id IS NULL AND a.platform_user_id = p_person_id))
                    AND (a.app = p_app OR a.platform <> p_platform)) THEN 'pending'
    ELSE 'nobody' END
"""

# What a running release asks. It knows platform users only, and where these name a channel, the person stands in front.
RESTING_IN_FAMILY = """
SELECT retail_b2c.auth_linker_resting_on_person(p_family, p_platform, p_app,
    CASE WHEN p_family = 'google' THEN split_part(p_platform_user_id, '/', 1)::varchar ELSE p_platform_user_id END)
"""

ERASE_CONNECTION = """
DECLARE new_revision bigint;
BEGIN
    -- All rows of a grant carry the same tokens: one copy is enough to revoke it.
    IF OLD.access_token IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM retail_b2c.erasures e
         WHERE e.grant_id = OLD.grant_id AND e.reason = 'erased' AND e.source_table = 'social_connections')
    THEN
        INSERT INTO retail_b2c.erasures
            (user_id, reason, platform, app, family, platform_user_id, person_id, grant_id, connection_id, platform_id,
             source_table, source_row, access_token, refresh_token)
        VALUES (OLD.user_id, 'erased', OLD.platform, OLD.app, OLD.family, OLD.platform_user_id, OLD.person_id,
                OLD.grant_id, OLD.id, OLD.platform_id, 'social_connections', OLD.id::text, OLD.access_token,
                OLD.refresh_token);
    END IF;
    INSERT INTO retail_b2c.erased_merchants (user_id) VALUES (OLD.user_id) ON CONFLICT DO NOTHING;
    new_revision := greatest(OLD.revision + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
    PERFORM retail_b2c.auth_linker_outbox_put('connection.unlinked', OLD.id::text, OLD.user_id, jsonb_build_object(
        'connection_id', OLD.id,
        'grant_id', OLD.grant_id,
        'user_id', OLD.user_id,
        'revision', new_revision,
        'platform', OLD.platform,
        'platform_id', OLD.platform_id,
        'reason', 'erased',
        'unlinked_at', to_char(retail_b2c.social_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')));
    RETURN NULL;
END
"""

ERASE_GRANT = """
BEGIN
    IF OLD.access_token IS NOT NULL THEN
        INSERT INTO retail_b2c.erasures
            (user_id, reason, platform, app, family, platform_user_id, person_id, grant_id, source_table, source_row,
             access_token, refresh_token)
        VALUES (OLD.user_id, 'erased', OLD.platform, OLD.app, OLD.family, OLD.platform_user_id, OLD.person_id, OLD.id,
                'grants', OLD.id::text, OLD.access_token, OLD.refresh_token);
    END IF;
    RETURN NULL;
END
"""

ERASE_LINK = """
BEGIN
    IF OLD.access_token IS NOT NULL THEN
        INSERT INTO retail_b2c.erasures
            (user_id, reason, platform, app, family, platform_user_id, person_id, source_table, source_row,
             access_token, refresh_token)
        VALUES (OLD.user_id, 'unfinished', OLD.platform, OLD.app, OLD.family, OLD.platform_user_id, OLD.person_id,
                'link_attempts', OLD.id::text, OLD.access_token, OLD.refresh_token);
    END IF;
    RETURN NULL;
END
"""


def upgrade() -> None:
    run_sql(op, "SET LOCAL lock_timeout = '10s'")
    for table in TABLES:
        run_sql(
            op,
            f"ALTER TABLE retail_b2c.{table} ADD COLUMN person_id varchar(255)",
            *(statement.format(table=table) for statement in BACK_FILL),
        )
    run_sql(op, *INDEXES)
    definer_function(
        op,
        "auth_linker_resting_on_person",
        role="auth_linker_fn_resting",
        args="p_family varchar, p_platform varchar, p_app varchar, p_person_id varchar",
        returns="text",
        body=RESTING,
        execute=("auth_linker_worker",),
        grants=("SELECT (person_id) ON retail_b2c.grants", "SELECT (person_id) ON retail_b2c.link_attempts"),
    )
    definer_function(
        op,
        "auth_linker_resting_in_family",
        role="auth_linker_fn_resting",
        args="p_family varchar, p_platform varchar, p_app varchar, p_platform_user_id varchar",
        returns="text",
        body=RESTING_IN_FAMILY,
        execute=("auth_linker_worker",),
    )
    for name, body in (
        ("erase_connection", ERASE_CONNECTION),
        ("erase_grant", ERASE_GRANT),
        ("erase_link", ERASE_LINK),
    ):
        definer_function(
            op,
            f"auth_linker_{name}",
            role="auth_linker_fn_erase",
            args="",
            returns="trigger",
            language="plpgsql",
            body=body,
        )
