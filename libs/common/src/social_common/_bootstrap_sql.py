"""The SQL of the bootstrap, and the questions that read it back."""

from collections.abc import Iterator
from typing import Final

SUPABASE_ROLES: Final = ("anon", "authenticated", "service_role")
SANDBOX: Final = "social_sandbox"

# The first version whose memberships have options of their own.
_MEMBERSHIP_OPTIONS: Final = 160000

_MARK: Final = "stand-in made by the social bootstrap"

# Shaped as Supabase Auth's table and function behave; only what we and a developer's sign-in need.
STAND_IN: Final = (
    "CREATE SCHEMA auth",
    f"COMMENT ON SCHEMA auth IS '{_MARK}'",
    """CREATE TABLE auth.users (
        id uuid PRIMARY KEY,
        email text,
        is_anonymous boolean NOT NULL DEFAULT false,
        deleted_at timestamptz,
        banned_until timestamptz,
        created_at timestamptz DEFAULT now()
    )""",
    """CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
        SELECT CASE
            WHEN current_setting('request.jwt.claim.sub', true) <> ''
                THEN current_setting('request.jwt.claim.sub', true)
            WHEN current_setting('request.jwt.claims', true) <> ''
                THEN current_setting('request.jwt.claims', true)::jsonb ->> 'sub'
        END::uuid
    $$""",
    "GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role",
)

IS_STAND_IN: Final = f"SELECT obj_description('auth'::regnamespace, 'pg_namespace') IS NOT DISTINCT FROM '{_MARK}'"

# On Supabase auth.users has row security without policies: a role with SELECT alone would see nobody and take everyone
# for deleted. So this one function belongs to whoever runs the bootstrap, who does see them (read back below).
USERS_FUNCTION: Final = (
    """CREATE OR REPLACE FUNCTION retail_b2c.social_gone_users(p_users uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT u FROM unnest(p_users) u WHERE NOT EXISTS (
            SELECT 1 FROM auth.users a WHERE a.id = u AND a.deleted_at IS NULL)
    $$""",
    "REVOKE ALL ON FUNCTION retail_b2c.social_gone_users(uuid[]) FROM PUBLIC",
)

REAL_CLOCK: Final = (
    "CREATE OR REPLACE FUNCTION retail_b2c.social_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE"
    " AS $$ SELECT now() $$"
)

MOVABLE_CLOCK: Final = (
    """CREATE TABLE IF NOT EXISTS retail_b2c.social_clock (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        offset_seconds double precision NOT NULL DEFAULT 0
    )""",
    "INSERT INTO retail_b2c.social_clock DEFAULT VALUES ON CONFLICT DO NOTHING",
    """CREATE OR REPLACE FUNCTION retail_b2c.social_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT now() + make_interval(secs => (SELECT c.offset_seconds FROM retail_b2c.social_clock c))
    $$""",
    """CREATE OR REPLACE FUNCTION retail_b2c.social_clock_moved() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            PERFORM pg_notify('social_clock', NEW.offset_seconds::text);
            RETURN NULL;
        END $$""",
    """CREATE OR REPLACE TRIGGER social_clock_moved AFTER UPDATE ON retail_b2c.social_clock
        FOR EACH ROW EXECUTE FUNCTION retail_b2c.social_clock_moved()""",
)

SANDBOX_GRANTS: Final = (
    f"GRANT USAGE ON SCHEMA retail_b2c TO {SANDBOX}",
    f"GRANT SELECT, UPDATE (offset_seconds) ON retail_b2c.social_clock TO {SANDBOX}",
)
SANDBOX_STAND_IN_GRANTS: Final = (
    f"GRANT USAGE ON SCHEMA auth TO {SANDBOX}",
    f"GRANT SELECT, INSERT ON auth.users TO {SANDBOX}",
)


def grants(service: str, logins: tuple[str, ...], definers: tuple[str, ...], *, version: int) -> Iterator[str]:
    """What the roles of a service may do; table grants come with its migrations."""
    owner = f"{service}_owner"
    yield f"GRANT USAGE ON SCHEMA retail_b2c TO {', '.join(logins)}, authenticated"
    yield f"GRANT CREATE ON SCHEMA retail_b2c TO {owner}"
    yield f"GRANT USAGE ON SCHEMA auth TO {owner}"
    yield f"GRANT REFERENCES ON auth.users TO {owner}"
    for definer in definers:
        yield f"GRANT USAGE, CREATE ON SCHEMA retail_b2c TO {definer}"
        yield f"GRANT EXECUTE ON FUNCTION retail_b2c.social_gone_users(uuid[]) TO {definer}"
        # Not inherited: the policies for a definer role must not open the tables to the owner too.
        options = " WITH INHERIT FALSE, SET TRUE" if version >= _MEMBERSHIP_OPTIONS else ""
        yield f"GRANT {definer} TO {owner}{options}"
        if definer.endswith("_fn_deleted_users"):
            yield f"GRANT USAGE ON SCHEMA auth TO {definer}"
            yield f"GRANT SELECT (id, deleted_at) ON auth.users TO {definer}"


def read_back(service: str, logins: tuple[str, ...], definers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Questions whose answer must be true, each with the sentence to say when it is not."""
    owner = f"{service}_owner"
    yield (
        f"SELECT has_schema_privilege('{owner}', 'auth', 'USAGE')",
        (
            f"The role {owner} got no USAGE on the schema auth: the bootstrap's user may not grant it; as the owner of "
            "auth run GRANT USAGE ON SCHEMA auth TO that user WITH GRANT OPTION."
        ),
    )
    yield (
        f"SELECT has_table_privilege('{owner}', 'auth.users', 'REFERENCES')",
        (
            f"The role {owner} got no REFERENCES on auth.users: the bootstrap's user holds it without grant option; "
            "as the table's owner run GRANT REFERENCES ON auth.users TO that user WITH GRANT OPTION."
        ),
    )
    yield (
        (
            "SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = 'auth.users'::regclass"
            " AND attname IN ('id', 'deleted_at') AND NOT attisdropped"
        ),
        "The table auth.users has no column id or deleted_at: this is no schema of Supabase Auth.",
    )
    yield (
        (
            "SELECT has_table_privilege(current_user, 'auth.users', 'SELECT')"
            " AND NOT row_security_active('auth.users'::regclass)"
        ),
        "The bootstrap's user cannot see the rows of auth.users: give it SELECT and BYPASSRLS, as Supabase does.",
    )
    for role in logins:
        yield (
            f"SELECT NOT rolsuper AND NOT rolbypassrls AND rolcanlogin FROM pg_roles WHERE rolname = '{role}'",
            f"The role {role} is a superuser, bypasses row security or cannot log in: isolation would not hold.",
        )
        yield (
            f"SELECT has_function_privilege('{role}', 'auth.uid()', 'EXECUTE')",
            f"The role {role} may not call auth.uid(), which every policy asks: grant it EXECUTE.",
        )
        yield (
            f"SELECT has_schema_privilege('{role}', 'retail_b2c', 'USAGE')",
            f"The role {role} got no USAGE on the schema retail_b2c: the bootstrap's user may not grant it.",
        )
    for role in (owner, *definers):
        yield (
            f"SELECT has_schema_privilege('{role}', 'retail_b2c', 'CREATE')",
            f"The role {role} got no CREATE on the schema retail_b2c: the bootstrap's user may not grant it.",
        )
    for definer in definers:
        yield (
            f"SELECT NOT rolsuper AND NOT rolbypassrls AND NOT rolcanlogin FROM pg_roles WHERE rolname = '{definer}'",
            f"The role {definer} may log in or bypasses row security: it must be a plain NOLOGIN role.",
        )
        yield (
            f"SELECT pg_has_role('{owner}', '{definer}', 'MEMBER')",
            f"The role {owner} could not become a member of {definer}: the bootstrap's user lacks its admin option.",
        )
        if definer.endswith("_fn_deleted_users"):
            yield (
                f"SELECT has_column_privilege('{definer}', 'auth.users', 'deleted_at', 'SELECT')",
                f"The role {definer} got no SELECT on auth.users: the bootstrap's user lacks the grant option.",
            )
