"""Looking at grants' places again, what is wrong with a place, wanted capabilities, and revocations by family."""

from alembic import op

from social_common.migrations import definer_function, run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORKER = "auth_linker_worker"

TABLES = (
    (
        "ALTER TABLE retail_b2c.grants"
        " ADD COLUMN asked_capabilities text[] NOT NULL DEFAULT '{}'::text[],"
        " ADD COLUMN places_seen_at timestamptz NOT NULL DEFAULT retail_b2c.social_now()"
    ),
    "ALTER TABLE retail_b2c.social_connections ADD COLUMN problem_code varchar(50), ADD COLUMN problem_detail text",
    "CREATE INDEX grants_places_seen_at_idx ON retail_b2c.grants (places_seen_at) WHERE is_live",
    "CREATE INDEX grants_family_idx ON retail_b2c.grants (family, platform_user_id) WHERE is_live",
    (
        "CREATE INDEX link_attempts_family_idx ON retail_b2c.link_attempts (family, platform_user_id)"
        " WHERE platform_user_id IS NOT NULL"
    ),
    "GRANT SELECT (problem_code, problem_detail) ON retail_b2c.social_connections TO authenticated",
)

# Whoever claims a grant alone looks at its places; who vanishes then has cost one look. The spread keeps grants that
# were linked together from being looked at together for ever.
CLAIM_PLACES = """
UPDATE retail_b2c.grants g SET places_seen_at = retail_b2c.social_now() - random() * 0.2 * p_interval
 WHERE g.id IN (
    SELECT d.id FROM retail_b2c.grants d
     WHERE d.is_live AND d.places_seen_at <= (SELECT retail_b2c.social_now()) - p_interval
     ORDER BY d.places_seen_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED)
RETURNING g.id, g.user_id
"""

# A revocation ends what the person granted one app. Another platform of the family may be the same app under another
# client id; another app of the same platform never is.
RESTING = """
SELECT CASE
    WHEN EXISTS (SELECT 1 FROM retail_b2c.grants g WHERE g.is_live AND g.family = p_family
                    AND g.platform_user_id = p_platform_user_id
                    AND (g.app = p_app OR g.platform <> p_platform)) THEN 'live'
    WHEN EXISTS (SELECT 1 FROM retail_b2c.link_attempts a WHERE a.family = p_family
                    AND a.platform_user_id = p_platform_user_id
                    AND (a.app = p_app OR a.platform <> p_platform)) THEN 'pending'
    ELSE 'nobody' END
"""


def upgrade() -> None:
    run_sql(op, "SET LOCAL lock_timeout = '10s'", *TABLES)
    definer_function(
        op,
        "auth_linker_claim_places",
        role="auth_linker_fn_places_scan",
        args="p_limit integer, p_interval interval",
        returns="TABLE (grant_id uuid, user_id uuid)",
        body=CLAIM_PLACES,
        execute=(WORKER,),
        grants=("SELECT (id, user_id, is_live, places_seen_at), UPDATE (places_seen_at) ON retail_b2c.grants",),
        policies=(("grants", "SELECT", "true"), ("grants", "UPDATE", "true")),
    )
    # Beside the older one, which a running release still calls.
    definer_function(
        op,
        "auth_linker_resting_in_family",
        role="auth_linker_fn_resting",
        args="p_family varchar, p_platform varchar, p_app varchar, p_platform_user_id varchar",
        returns="text",
        body=RESTING,
        execute=(WORKER,),
        grants=("SELECT (platform) ON retail_b2c.grants", "SELECT (platform) ON retail_b2c.link_attempts"),
    )
