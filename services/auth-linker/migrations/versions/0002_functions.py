"""What crosses merchants: one function per job, each owned by a role of its own with the least columns it needs."""

from alembic import op

from social_common.migrations import allow_outbox_put, definer_function, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

API = "auth_linker_api"
WORKER = "auth_linker_worker"

TAKE_STATE = """
UPDATE retail_b2c.link_attempts a SET used_at = retail_b2c.social_now()
 WHERE a.state_hash = p_state_hash AND a.platform = p_platform AND a.used_at IS NULL
   AND a.expires_at > retail_b2c.social_now()
RETURNING a.id, a.user_id
"""

REFRESH_SCAN = """
SELECT g.id, g.user_id, retail_b2c.social_now() - g.due_at
  FROM retail_b2c.grants g
 WHERE g.is_live AND g.due_at IS NOT NULL AND g.due_at <= (SELECT retail_b2c.social_now())
   AND (g.retry_at IS NULL OR g.retry_at <= clock_timestamp())
   AND (g.lease_until IS NULL OR g.lease_until <= clock_timestamp())
 ORDER BY g.due_at LIMIT p_limit
"""

UNFINISHED_LINKS = """
SELECT a.id, a.user_id FROM retail_b2c.link_attempts a
 WHERE a.expires_at <= (SELECT retail_b2c.social_now()) ORDER BY a.expires_at LIMIT p_limit
"""

CLAIM_ERASURES = """
UPDATE retail_b2c.erasures e SET next_try_at = clock_timestamp() + p_lease
 WHERE e.id IN (
    SELECT d.id FROM retail_b2c.erasures d
     WHERE d.finished_at IS NULL AND d.next_try_at <= clock_timestamp()
     ORDER BY d.next_try_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
RETURNING e.id, e.user_id
"""

# An attempt counts until its row is gone: one that ended this moment may just be turned into a live grant.
RESTING = """
SELECT CASE
    WHEN EXISTS (SELECT 1 FROM retail_b2c.grants g WHERE g.is_live AND g.family = p_family AND g.app = p_app
                    AND g.platform_user_id = p_platform_user_id) THEN 'live'
    WHEN EXISTS (SELECT 1 FROM retail_b2c.link_attempts a WHERE a.family = p_family AND a.app = p_app
                    AND a.platform_user_id = p_platform_user_id) THEN 'pending'
    ELSE 'nobody' END
"""

TAKE_USER_LEASE = """
WITH taken AS (
    INSERT INTO retail_b2c.platform_user_leases AS l (family, platform_user_id, owner, lease_until, updated_at)
    VALUES (p_family, p_platform_user_id, p_owner, clock_timestamp() + p_life, clock_timestamp())
    ON CONFLICT (family, platform_user_id) DO UPDATE
       SET owner = excluded.owner, lease_until = excluded.lease_until, updated_at = excluded.updated_at
     WHERE l.owner IS NULL OR l.lease_until <= clock_timestamp()
    RETURNING 1
) SELECT EXISTS (SELECT 1 FROM taken)
"""

END_USER_LEASE = """
BEGIN
    UPDATE retail_b2c.platform_user_leases l
       SET owner = NULL, lease_until = NULL, updated_at = clock_timestamp(),
           revoked_at = CASE WHEN p_revoked THEN clock_timestamp() ELSE l.revoked_at END
     WHERE l.family = p_family AND l.platform_user_id = p_platform_user_id AND l.owner = p_owner;
    DELETE FROM retail_b2c.platform_user_leases l
     WHERE l.updated_at < clock_timestamp() - interval '1 day' AND l.owner IS NULL;
END
"""

REVOKED_SINCE = """
SELECT EXISTS (SELECT 1 FROM retail_b2c.platform_user_leases l
    WHERE l.family = p_family AND l.platform_user_id = p_platform_user_id AND l.revoked_at >= p_since)
"""

# A window of merchants per call: at any size it reads no more than that.
GONE_USERS = """
DECLARE scanned uuid[];
BEGIN
    SELECT array_agg(w.user_id ORDER BY w.user_id) INTO scanned FROM (
        SELECT DISTINCT g.user_id FROM retail_b2c.grants g
         WHERE p_after IS NULL OR g.user_id > p_after ORDER BY g.user_id LIMIT p_limit) w;
    last_user := CASE WHEN cardinality(scanned) = p_limit THEN scanned[p_limit] END;
    gone := ARRAY(SELECT retail_b2c.social_gone_users(coalesce(scanned, '{}')));
END
"""

PURGE_ERASED = """
DECLARE merchant uuid; purged integer := 0;
BEGIN
    FOR merchant IN
        SELECT m.user_id FROM retail_b2c.erased_merchants m WHERE m.purged_at IS NULL
         ORDER BY m.erased_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        CONTINUE WHEN EXISTS (SELECT 1 FROM retail_b2c.auth_linker_outbox o
                               WHERE o.user_id = merchant AND o.sent_at IS NULL);
        -- The last word stays until it is past retention: it names no person, and a consumer may still need it.
        DELETE FROM retail_b2c.auth_linker_outbox o
         WHERE o.user_id = merchant AND o.topic <> 'connection.unlinked';
        UPDATE retail_b2c.erased_merchants m SET purged_at = clock_timestamp() WHERE m.user_id = merchant;
        purged := purged + 1;
    END LOOP;
    RETURN purged;
END
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
            (user_id, reason, platform, app, family, platform_user_id, grant_id, connection_id, platform_id,
             source_table, source_row, access_token, refresh_token)
        VALUES (OLD.user_id, 'erased', OLD.platform, OLD.app, OLD.family, OLD.platform_user_id, OLD.grant_id, OLD.id,
                OLD.platform_id, 'social_connections', OLD.id::text, OLD.access_token, OLD.refresh_token);
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
            (user_id, reason, platform, app, family, platform_user_id, grant_id, source_table, source_row,
             access_token, refresh_token)
        VALUES (OLD.user_id, 'erased', OLD.platform, OLD.app, OLD.family, OLD.platform_user_id, OLD.id, 'grants',
                OLD.id::text, OLD.access_token, OLD.refresh_token);
    END IF;
    RETURN NULL;
END
"""

ERASE_LINK = """
BEGIN
    IF OLD.access_token IS NOT NULL THEN
        INSERT INTO retail_b2c.erasures
            (user_id, reason, platform, app, family, platform_user_id, source_table, source_row,
             access_token, refresh_token)
        VALUES (OLD.user_id, 'unfinished', OLD.platform, OLD.app, OLD.family, OLD.platform_user_id, 'link_attempts',
                OLD.id::text, OLD.access_token, OLD.refresh_token);
    END IF;
    RETURN NULL;
END
"""


# A disconnect or a deletion wakes the workers; they would find it at their next look anyway.
WAKE = """
CREATE FUNCTION retail_b2c.auth_linker_erasures_wake() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('auth_linker_erasures', '');
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    run_sql(
        op,
        "SET LOCAL lock_timeout = '10s'",
        WAKE,
        "CREATE TRIGGER erasures_wake AFTER INSERT ON retail_b2c.erasures"
        " FOR EACH STATEMENT EXECUTE FUNCTION retail_b2c.auth_linker_erasures_wake()",
    )
    _linking()
    _refreshing()
    _erasing()
    _user_leases()
    _triggers()


def _linking() -> None:
    definer_function(
        op,
        "auth_linker_take_state",
        role="auth_linker_fn_state_lookup",
        args="p_state_hash varchar, p_platform varchar",
        returns="TABLE (attempt_id uuid, user_id uuid)",
        body=TAKE_STATE,
        execute=(API,),
        grants=(
            (
                "SELECT (id, user_id, state_hash, platform, used_at, expires_at), UPDATE (used_at)"
                " ON retail_b2c.link_attempts"
            ),
        ),
        policies=(("link_attempts", "SELECT", "true"), ("link_attempts", "UPDATE", "true")),
    )
    definer_function(
        op,
        "auth_linker_unfinished_links",
        role="auth_linker_fn_unfinished_links",
        args="p_limit integer",
        returns="TABLE (attempt_id uuid, user_id uuid)",
        body=UNFINISHED_LINKS,
        execute=(WORKER,),
        grants=("SELECT (id, user_id, expires_at) ON retail_b2c.link_attempts",),
        policies=(("link_attempts", "SELECT", "true"),),
    )


def _refreshing() -> None:
    definer_function(
        op,
        "auth_linker_refresh_scan",
        role="auth_linker_fn_refresh_scan",
        args="p_limit integer",
        returns="TABLE (grant_id uuid, user_id uuid, overdue interval)",
        body=REFRESH_SCAN,
        execute=(WORKER,),
        grants=("SELECT (id, user_id, is_live, due_at, retry_at, lease_until) ON retail_b2c.grants",),
        policies=(("grants", "SELECT", "true"),),
    )


def _erasing() -> None:
    definer_function(
        op,
        "auth_linker_claim_erasures",
        role="auth_linker_fn_erasures",
        args="p_limit integer, p_lease interval",
        returns="TABLE (erasure_id uuid, user_id uuid)",
        body=CLAIM_ERASURES,
        execute=(WORKER,),
        grants=("SELECT (id, user_id, next_try_at, finished_at), UPDATE (next_try_at) ON retail_b2c.erasures",),
        policies=(("erasures", "SELECT", "true"), ("erasures", "UPDATE", "true")),
    )
    definer_function(
        op,
        "auth_linker_resting",
        role="auth_linker_fn_resting",
        args="p_family varchar, p_app varchar, p_platform_user_id varchar",
        returns="text",
        body=RESTING,
        execute=(WORKER,),
        grants=(
            "SELECT (is_live, family, app, platform_user_id) ON retail_b2c.grants",
            "SELECT (family, app, platform_user_id) ON retail_b2c.link_attempts",
        ),
        policies=(("grants", "SELECT", "is_live"), ("link_attempts", "SELECT", "platform_user_id IS NOT NULL")),
    )
    definer_function(
        op,
        "auth_linker_gone_users",
        role="auth_linker_fn_deleted_users",
        args="p_after uuid, p_limit integer, OUT gone uuid[], OUT last_user uuid",
        returns="record",
        language="plpgsql",
        body=GONE_USERS,
        execute=(WORKER,),
        grants=("SELECT (user_id) ON retail_b2c.grants",),
        policies=(("grants", "SELECT", "true"),),
    )
    definer_function(
        op,
        "auth_linker_purge_erased",
        role="auth_linker_fn_purge",
        args="p_limit integer",
        returns="integer",
        language="plpgsql",
        body=PURGE_ERASED,
        execute=(WORKER,),
        grants=(
            "SELECT, UPDATE (purged_at) ON retail_b2c.erased_merchants",
            "SELECT (user_id, topic, sent_at), DELETE ON retail_b2c.auth_linker_outbox",
        ),
        policies=(
            ("erased_merchants", "SELECT", "true"),
            ("erased_merchants", "UPDATE", "true"),
            ("auth_linker_outbox", "SELECT", "true"),
            ("auth_linker_outbox", "DELETE", "true"),
        ),
    )


def _user_leases() -> None:
    role = "auth_linker_fn_user_lease"
    whose = "p_family varchar, p_platform_user_id varchar"
    definer_function(
        op,
        "auth_linker_take_user_lease",
        role=role,
        args=f"{whose}, p_owner uuid, p_life interval",
        returns="boolean",
        body=TAKE_USER_LEASE,
        execute=(API, WORKER),
        grants=("SELECT, INSERT, UPDATE, DELETE ON retail_b2c.platform_user_leases",),
        policies=(("platform_user_leases", "ALL", "true"),),
    )
    definer_function(
        op,
        "auth_linker_end_user_lease",
        role=role,
        args=f"{whose}, p_owner uuid, p_revoked boolean",
        returns="void",
        language="plpgsql",
        body=END_USER_LEASE,
        execute=(API, WORKER),
    )
    definer_function(
        op,
        "auth_linker_revoked_since",
        role=role,
        args=f"{whose}, p_since timestamptz",
        returns="boolean",
        body=REVOKED_SINCE,
        execute=(API, WORKER),
    )


def _triggers() -> None:
    role = "auth_linker_fn_erase"
    allow_outbox_put(op, "auth_linker", role=role)
    run_sql(
        op,
        f"GRANT INSERT, SELECT (grant_id, reason, source_table) ON retail_b2c.erasures TO {role}",
        f"GRANT INSERT, SELECT (user_id) ON retail_b2c.erased_merchants TO {role}",
    )
    for name, table, body in (
        ("erase_connection", "social_connections", ERASE_CONNECTION),
        ("erase_grant", "grants", ERASE_GRANT),
        ("erase_link", "link_attempts", ERASE_LINK),
    ):
        definer_function(
            op,
            f"auth_linker_{name}",
            role=role,
            args="",
            returns="trigger",
            language="plpgsql",
            body=body,
            policies=(
                ("erasures", "INSERT", "true"),
                ("erasures", "SELECT", "reason = 'erased'"),
                ("erased_merchants", "INSERT", "true"),
                ("erased_merchants", "SELECT", "true"),
            ),
        )
        run_sql(
            op,
            f"CREATE TRIGGER {table}_erase AFTER DELETE ON retail_b2c.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION retail_b2c.auth_linker_{name}()",
        )
