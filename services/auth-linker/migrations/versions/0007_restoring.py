"""What a restore of the database to an earlier point needs: the outbox filled up, places told as lost, grants counted.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

from social_common.migrations import create_restoring, definer_function

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROLE = "auth_linker_fn_restore"
WORKER = ("auth_linker_worker",)

# A place that was linked after the backup: its id stays, so that its posts find it again, and its tokens are lost. The
# person behind it is told by no event; a new consent moves the place to a grant of its own.
LOST_PLACE = """
DECLARE made bigint;
BEGIN
    INSERT INTO retail_b2c.grants (id, user_id, platform, app, family, platform_user_id, obtained_at, is_live, health)
    VALUES (p_grant, p_user, p_platform, p_app, p_family, 'lost:' || p_grant, retail_b2c.social_now(), false,
        'reconnect_required')
    ON CONFLICT DO NOTHING;
    INSERT INTO retail_b2c.social_connections (id, user_id, platform, platform_id, platform_username, grant_id, app,
        family, platform_user_id, kind, is_connected, health, unlinked_reason, revision)
    SELECT p_id, p_user, p_platform, p_platform_id, p_username, p_grant, g.app, g.family, g.platform_user_id, p_kind,
        false, 'reconnect_required', 'reconnect_required', p_revision
    FROM retail_b2c.grants g WHERE g.id = p_grant AND g.user_id = p_user
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made = 1;
END
"""

# A grant that was due while nobody knows what became of it may have been renewed then, and its refresh token be spent.
DOUBT_GRANTS = """
WITH doubted AS (
    UPDATE retail_b2c.grants g SET in_doubt = true, retry_at = NULL, lease_owner = NULL, lease_until = NULL
    WHERE g.is_live AND g.due_at <= p_until + (retail_b2c.social_now() - now()) RETURNING 1
) SELECT count(*) FROM doubted
"""


def upgrade() -> None:
    create_restoring(op, "auth_linker")
    definer_function(
        op,
        "auth_linker_restore_place",
        role=ROLE,
        args="p_id uuid, p_grant uuid, p_user uuid, p_platform text, p_app text, p_family text, p_platform_id text,"
        " p_username text, p_kind text, p_revision bigint",
        returns="boolean",
        language="plpgsql",
        body=LOST_PLACE,
        execute=WORKER,
        grants=(
            "SELECT (id, user_id, is_live, due_at, app, family, platform_user_id), INSERT ON retail_b2c.grants",
            "UPDATE (in_doubt, retry_at, lease_owner, lease_until) ON retail_b2c.grants",
            "INSERT ON retail_b2c.social_connections",
        ),
        policies=(
            ("grants", "SELECT", "true"),
            ("grants", "INSERT", "true"),
            ("grants", "UPDATE", "true"),
            ("social_connections", "INSERT", "true"),
        ),
    )
    definer_function(
        op,
        "auth_linker_restore_grants",
        role=ROLE,
        args="p_until timestamptz",
        returns="bigint",
        body=DOUBT_GRANTS,
        execute=WORKER,
    )
