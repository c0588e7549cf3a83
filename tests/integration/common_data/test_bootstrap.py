"""Preparing a database: again and again, side by side, as a superuser and as Supabase's `postgres`."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests.integration.common_data.conftest import NotesSettings, notes_settings
from tests.support.postgres import PASSWORD, PostgresServer, ServiceDatabase

from social_common.bootstrap import BootstrapFailed, ServiceRoles, bootstrap
from social_common.clock import MovableClockRefused, ProductClock, refuse_movable_clock
from social_common.db import Database, engine_url
from social_common.migrations import create_plumbing
from social_common.secrets import Secret

USERS = "SELECT array_agg(attname || ' ' || atttypid::regtype ORDER BY attnum) FROM pg_attribute"


def a_spec(service: str = "plain") -> ServiceRoles:
    """The roles of a service with one definer of its own."""
    return ServiceRoles(service, (f"{service}_fn_deleted_users",))


def revealed(url: Secret | None) -> str:
    """A URL of the settings, which a test has given."""
    assert url is not None
    return url.reveal()


def settings_for(
    postgres: PostgresServer, url: str, *, service: str = "plain", environment: str = "development"
) -> NotesSettings:
    """Settings of a service on the database of that URL."""
    database = postgres.service(service, database=url.rsplit("/", 1)[1])
    return notes_settings(database, environment=environment, bootstrap_database_url=url)


async def fetch(url: str, query: str) -> object:
    """One value, as whoever the URL names."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_second_run_changes_nothing(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """Bootstrap is idempotent: roles, grants and functions are the same after another run."""
    url = fresh_database()
    settings = settings_for(postgres, url)
    look = """SELECT string_agg(x, E'\n' ORDER BY x) FROM (
        SELECT nspname || coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname IN ('auth', 'retail_b2c')
        UNION ALL SELECT oid::regprocedure || coalesce(proacl::text, '') || prosrc FROM pg_proc
            WHERE pronamespace IN ('auth'::regnamespace, 'retail_b2c'::regnamespace)
        UNION ALL SELECT oid::regclass || coalesce(relacl::text, '') FROM pg_class
            WHERE relnamespace IN ('auth'::regnamespace, 'retail_b2c'::regnamespace)
        UNION ALL SELECT roleid::regrole || ' ' || member::regrole FROM pg_auth_members) t(x)"""
    await bootstrap(settings, spec=a_spec())
    before = await fetch(url, look)

    await bootstrap(settings, spec=a_spec())

    assert await fetch(url, look) == before


async def test_many_at_once_are_safe(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """Services bootstrapping side by side, in one database and in several, all succeed."""
    urls = [fresh_database(), fresh_database()]

    await asyncio.gather(
        *(
            bootstrap(settings_for(postgres, url, service=service), spec=a_spec(service))
            for url in urls
            for service in ("first", "second", "third", "first")
        )
    )

    for url in urls:
        assert await fetch(url, "SELECT retail_b2c.social_now() IS NOT NULL")


async def test_the_roles_log_in_with_their_passwords(
    postgres: PostgresServer, fresh_database: Callable[[], str]
) -> None:
    """The passwords of the URLs work afterwards, and a changed one works after another run."""
    url = fresh_database()
    settings = settings_for(postgres, url, service="logging")
    await bootstrap(settings, spec=a_spec("logging"))
    changed = postgres.url(url.rsplit("/", 1)[1], user="logging_api", password="other-password")

    await bootstrap(settings.model_copy(update={"api_database_url": Secret(changed)}), spec=a_spec("logging"))

    assert await fetch(changed, "SELECT current_user") == "logging_api"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch(revealed(settings.api_database_url), "SELECT 1")


async def test_isolation_of_the_login_roles(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """No login role bypasses row security or creates roles; the API cannot create anything."""
    url = fresh_database()
    settings = settings_for(postgres, url, service="isolated")
    await bootstrap(settings, spec=a_spec("isolated"))

    strong = await fetch(
        url,
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'isolated%' AND (rolsuper OR rolbypassrls OR rolcreaterole)",
    )

    assert strong == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(revealed(settings.api_database_url), "CREATE TABLE retail_b2c.x (id int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(revealed(settings.worker_database_url), "SELECT count(*) FROM auth.users")


async def test_a_wrong_role_in_a_url_is_one_sentence(
    postgres: PostgresServer, fresh_database: Callable[[], str]
) -> None:
    """A URL that names another role than the service's is refused before anything is made."""
    url = fresh_database()
    settings = settings_for(postgres, url).model_copy(update={"api_database_url": Secret(url)})

    with pytest.raises(BootstrapFailed, match="names the user 'postgres' where the role 'plain_api' belongs"):
        await bootstrap(settings, spec=a_spec())

    assert await fetch(url, "SELECT to_regnamespace('retail_b2c') IS NULL")


async def test_a_dead_database_is_one_sentence(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """Nobody listening is said plainly."""
    settings = settings_for(postgres, fresh_database())
    dead = settings.model_copy(
        update={"bootstrap_database_url": Secret("postgresql://postgres:x@127.0.0.1:9/postgres")}
    )

    with pytest.raises(BootstrapFailed, match="does not answer"):
        await bootstrap(dead, spec=a_spec())


async def test_production_has_no_movable_clock(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """In production the clock is the real one, and there is no table to move it by."""
    url = fresh_database()
    settings = settings_for(postgres, url, service="produced", environment="production")

    await bootstrap(settings, spec=a_spec("produced"))

    assert await fetch(url, "SELECT to_regclass('retail_b2c.social_clock') IS NULL")
    assert await fetch(url, "SELECT retail_b2c.social_now() = now()")
    with pytest.raises(BootstrapFailed, match="production has no sandbox"):
        await bootstrap(settings, spec=a_spec("produced"), sandbox_url=Secret(url))


async def test_production_refuses_a_movable_clock(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """A database of a development bootstrap is refused by production's bootstrap and at production's start."""
    url = fresh_database()
    settings = settings_for(postgres, url, service="refused")
    await bootstrap(settings, spec=a_spec("refused"))

    with pytest.raises(BootstrapFailed, match="movable clock"):
        await bootstrap(settings.model_copy(update={"environment": "production"}), spec=a_spec("refused"))
    async with Database(Secret(revealed(settings.worker_database_url)), service="refused") as database:
        with pytest.raises(MovableClockRefused):
            await refuse_movable_clock(database, environment="production")


async def test_the_sandbox_moves_the_clock(notes: ServiceDatabase, worker: Database) -> None:
    """The sandbox's role moves product time for everyone; a service's own roles cannot."""
    clock = ProductClock(worker, environment="development")
    before = await clock.now()
    sandbox = await asyncpg.connect(notes.sandbox)
    heard: asyncio.Queue[str] = asyncio.Queue()
    await sandbox.add_listener("social_clock", lambda *call: heard.put_nowait(call[-1]))

    await sandbox.execute("UPDATE retail_b2c.social_clock SET offset_seconds = offset_seconds + 86400")

    assert await asyncio.wait_for(heard.get(), 5) == "86400"
    await sandbox.close()
    assert timedelta(hours=23) < await clock.now() - before < timedelta(hours=25)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(notes.worker, "UPDATE retail_b2c.social_clock SET offset_seconds = 0")


async def test_the_sandbox_adds_users_only_to_the_stand_in(notes: ServiceDatabase) -> None:
    """In our stand-in the sandbox signs users up."""
    user_id = uuid4()

    await fetch(notes.sandbox, f"INSERT INTO auth.users (id, email) VALUES ('{user_id}', 'a@example.test')")

    assert await fetch(notes.sandbox, "SELECT count(*) FROM auth.users") == 1


# --- Supabase ------------------------------------------------------------------------------------


@pytest.fixture
async def supabase(postgres: PostgresServer, fresh_database: Callable[[], str]) -> str:
    """A database as Supabase gives it: `auth` is someone else's, and `postgres` is no superuser."""
    url = fresh_database()
    name = url.rsplit("/", 1)[1]
    connection = await asyncpg.connect(url)
    await connection.execute(f"""
        DO $$ BEGIN
            CREATE ROLE supabase_auth_admin NOLOGIN NOINHERIT CREATEROLE;
            CREATE ROLE supabase_postgres LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD '{PASSWORD}';
        EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        ALTER DATABASE {name} OWNER TO supabase_postgres;
        CREATE SCHEMA auth AUTHORIZATION supabase_auth_admin;
        CREATE TABLE auth.users (instance_id uuid, id uuid PRIMARY KEY, email varchar(255), deleted_at timestamptz,
            banned_until timestamptz, is_anonymous boolean NOT NULL DEFAULT false);
        ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;
        ALTER TABLE auth.users OWNER TO supabase_auth_admin;
        CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
            'SELECT coalesce(nullif(current_setting(''request.jwt.claim.sub'', true), ''''),
                nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::uuid';
        ALTER FUNCTION auth.uid() OWNER TO supabase_auth_admin;
        GRANT USAGE ON SCHEMA auth TO supabase_postgres WITH GRANT OPTION;
        GRANT SELECT, REFERENCES, INSERT, DELETE, UPDATE ON auth.users TO supabase_postgres WITH GRANT OPTION;
    """)
    await connection.close()
    return postgres.url(name, user="supabase_postgres")


AUTH_AS_IT_IS = """SELECT string_agg(x, E'\n' ORDER BY x) FROM (
    SELECT n.nspowner::regrole || coalesce(obj_description(n.oid), '') FROM pg_namespace n WHERE nspname = 'auth'
    UNION ALL SELECT p.oid::regprocedure || p.prosrc || p.proowner::regrole FROM pg_proc p
        WHERE pronamespace = 'auth'::regnamespace
    UNION ALL SELECT attrelid::regclass || ' ' || attname || ' ' || atttypid::regtype || ' ' || attnotnull
        FROM pg_attribute WHERE attrelid = 'auth.users'::regclass
    UNION ALL SELECT oid::regclass || relowner::regrole::text || relrowsecurity || relforcerowsecurity FROM pg_class
        WHERE relnamespace = 'auth'::regnamespace
    UNION ALL SELECT tgname FROM pg_trigger WHERE tgrelid = 'auth.users'::regclass AND NOT tgisinternal) t(x)"""


class Bound:
    """What migration helpers need of Alembic's `op`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_bind(self) -> Connection:
        """The connection."""
        return self._connection


async def test_on_supabase_auth_is_left_as_it_is(postgres: PostgresServer, supabase: str) -> None:
    """As Supabase's `postgres` everything works, twice, and the present `auth` schema stays what it was."""
    settings = settings_for(postgres, supabase, service="supa")
    before = await fetch(supabase, AUTH_AS_IT_IS)

    await bootstrap(settings, spec=a_spec("supa"))
    await bootstrap(settings, spec=a_spec("supa"))

    assert await fetch(supabase, AUTH_AS_IT_IS) == before
    engine = create_async_engine(engine_url(Secret(revealed(settings.migration_database_url))), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE retail_b2c.supa_alembic_version (version_num text)")
        await connection.run_sync(lambda sync: create_plumbing(Bound(sync), "supa"))
    await engine.dispose()
    assert await fetch(revealed(settings.worker_database_url), "SELECT retail_b2c.supa_outbox_make_days(9)") == 2


async def test_on_supabase_deleted_users_are_told_from_living_ones(postgres: PostgresServer, supabase: str) -> None:
    """Row security on auth.users hides everyone from a role with SELECT alone; the function sees through it."""
    settings = settings_for(postgres, supabase, service="supa_two")
    living, soft, never = uuid4(), uuid4(), uuid4()
    connection = await asyncpg.connect(supabase)
    await connection.execute("INSERT INTO auth.users (id) VALUES ($1)", living)
    await connection.execute("INSERT INTO auth.users (id, deleted_at) VALUES ($1, now())", soft)
    await bootstrap(settings, spec=a_spec("supa_two"))

    gone = await connection.fetch("SELECT retail_b2c.social_gone_users($1) AS id", [living, soft, never])

    await connection.close()
    assert {row["id"] for row in gone} == {soft, never}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(revealed(settings.api_database_url), "SELECT retail_b2c.social_gone_users('{}')")


@pytest.mark.parametrize(
    ("revoke", "sentence"),
    [
        ("REVOKE GRANT OPTION FOR REFERENCES ON auth.users FROM supabase_postgres", "got no REFERENCES on auth.users"),
        ("REVOKE GRANT OPTION FOR USAGE ON SCHEMA auth FROM supabase_postgres", "got no USAGE on the schema auth"),
        ("REVOKE SELECT ON auth.users FROM supabase_postgres", "cannot see the rows of auth.users"),
        ("ALTER ROLE supabase_postgres NOBYPASSRLS", "cannot see the rows of auth.users"),
    ],
)
async def test_a_missing_privilege_is_one_plain_sentence(
    postgres: PostgresServer, supabase: str, revoke: str, sentence: str
) -> None:
    """PostgreSQL only warns when it cannot grant: reading back finds it, and nothing half-made is left behind."""
    name = supabase.rsplit("/", 1)[1]
    await fetch(postgres.url(name), revoke)
    try:
        with pytest.raises(BootstrapFailed, match=sentence) as caught:
            await bootstrap(settings_for(postgres, supabase, service="supa_three"), spec=a_spec("supa_three"))
    finally:
        await fetch(postgres.url(name), "ALTER ROLE supabase_postgres BYPASSRLS")

    assert "\n" not in str(caught.value)
    assert await fetch(supabase, "SELECT to_regnamespace('retail_b2c') IS NULL")
    assert await fetch(supabase, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'supa_three%'") == 0
