"""Migrations: several at once, no drift, and functions that cross merchants with no more rights than they need."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests.integration.common_data.conftest import MIGRATIONS, ROLES, Merchant, notes_settings
from tests.support.postgres import PostgresServer, ServiceDatabase

from social_common.bootstrap import ServiceRoles, bootstrap
from social_common.db import Database, engine_url
from social_common.migrations import alembic_config, migrate
from social_common.revision import is_at_least


async def test_several_migrations_at_once_are_safe(postgres: PostgresServer, fresh_database: Callable[[], str]) -> None:
    """Four `migrate` side by side leave one set of tables; none of them fails."""
    database = postgres.service("notes", database=fresh_database().rsplit("/", 1)[1])
    await bootstrap(notes_settings(database), spec=ROLES)

    await asyncio.gather(
        *(migrate(database.secret("owner"), service="notes", script_location=MIGRATIONS) for _ in range(4))
    )

    async with Database(database.secret("api"), service="notes") as api:
        assert await is_at_least(api, "0002")
        assert not await is_at_least(api, "0003")


async def test_a_migration_gives_way_to_running_transactions(
    postgres: PostgresServer, fresh_database: Callable[[], str]
) -> None:
    """It lets go of what it holds before anyone waits long, and goes on when the table is free."""
    database = postgres.service("notes", database=fresh_database().rsplit("/", 1)[1])
    await bootstrap(notes_settings(database), spec=ROLES)
    owner = database.secret("owner")
    await migrate(owner, service="notes", script_location=MIGRATIONS, revision="0001")
    others = await asyncpg.connect(owner.reveal())

    waits = """SELECT count(*) FROM pg_locks WHERE NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""

    async def until(waiting: int) -> None:
        for _ in range(100):  # 5 s, half of what a transaction of ours waits for a lock
            if await others.fetchval(waits) == waiting:
                return
            await asyncio.sleep(0.05)
        raise TimeoutError

    async with others.transaction():
        await others.execute("LOCK TABLE retail_b2c.notes_alembic_version IN SHARE MODE")
        migration = asyncio.create_task(migrate(owner, service="notes", script_location=MIGRATIONS))
        await until(waiting=1)
        await until(waiting=0)
    await migration

    async with Database(database.secret("api"), service="notes") as api:
        assert await is_at_least(api, "0002")
    await others.close()


async def test_metadata_and_tables_agree(notes: ServiceDatabase) -> None:
    """`alembic check` finds nothing: the declared tables are the migrated ones, the plumbing too."""
    engine = create_async_engine(engine_url(notes.secret("owner")), poolclass=NullPool)

    def check(connection: Connection) -> None:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        command.check(config)

    async with engine.connect() as connection:
        await connection.run_sync(check)
    await engine.dispose()


async def test_a_definer_function_crosses_merchants(
    worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """The claim finds due rows of all merchants under forced row security, and locks them against a second claim."""
    for _ in range(3):
        await superuser.execute(
            "INSERT INTO retail_b2c.notes (user_id, body, due_at) VALUES ($1, 'x', now())", await a_merchant()
        )

    async with worker.system() as one, worker.system() as other:
        claimed = await one.all("SELECT * FROM retail_b2c.notes_claim_due(2)")
        rest = await other.all("SELECT * FROM retail_b2c.notes_claim_due(9)")

    assert len(claimed) == 2
    assert len(rest) == 1


async def test_only_the_named_role_may_call_it(notes: ServiceDatabase) -> None:
    """The API, the owner and the browser's role are refused."""
    for role in (notes.api, notes.owner):
        connection = await asyncpg.connect(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM retail_b2c.notes_claim_due(1)")
        await connection.close()


async def test_the_definer_role_reaches_no_other_column(superuser: asyncpg.Connection) -> None:
    """Its grants are the columns it was given, and nobody can log in as it."""
    query = "SELECT has_column_privilege('notes_fn_claim_due', 'retail_b2c.notes', $1, $2)"

    assert await superuser.fetchval(query, "due_at", "SELECT")
    assert not await superuser.fetchval(query, "hidden", "SELECT")
    assert not await superuser.fetchval(query, "body", "UPDATE")
    assert not await superuser.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'notes_fn_claim_due'")


async def test_the_owner_sees_nothing(
    notes: ServiceDatabase, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Forced row security binds the tables' owner, and its membership in definer roles opens nothing."""
    await superuser.execute("INSERT INTO retail_b2c.notes (user_id, body) VALUES ($1, 'x')", await a_merchant())
    owner = await asyncpg.connect(notes.owner)

    assert await owner.fetchval("SELECT count(*) FROM retail_b2c.notes") == 0
    assert await owner.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox") == 0
    await owner.close()


async def test_the_browser_reads_its_own_open_columns(superuser: asyncpg.Connection, a_merchant: Merchant) -> None:
    """`authenticated` sees its own rows, without the columns that were left out, and writes nothing."""
    one, other = await a_merchant(), await a_merchant()
    for user_id in (one, other):
        await superuser.execute("INSERT INTO retail_b2c.notes (user_id, body, hidden) VALUES ($1, 'x', 's')", user_id)
    await superuser.execute("SET ROLE authenticated")
    await superuser.execute("SELECT set_config('request.jwt.claims', $1, false)", f'{{"sub": "{one}"}}')

    assert [row["user_id"] for row in await superuser.fetch("SELECT user_id FROM retail_b2c.notes")] == [one]
    for refused in ("SELECT hidden FROM retail_b2c.notes", "UPDATE retail_b2c.notes SET body = 'y'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(refused)


async def test_supabases_delete_cascades_with_an_event(superuser: asyncpg.Connection, a_merchant: Merchant) -> None:
    """Deleting the user takes rows and keys along under forced row security; a trigger writes the event meanwhile."""
    merchant, other = await a_merchant(), await a_merchant()
    for user_id in (merchant, other):
        await superuser.execute("INSERT INTO retail_b2c.notes (user_id, body) VALUES ($1, 'x')", user_id)
        await superuser.execute(
            "INSERT INTO retail_b2c.notes_idempotency (user_id, key, request_hash) VALUES ($1, 'k', 'h')", user_id
        )

    await superuser.execute("DELETE FROM auth.users WHERE id = $1", merchant)

    for table in ("notes", "notes_idempotency"):
        assert [row[0] for row in await superuser.fetch(f"SELECT user_id FROM retail_b2c.{table}")] == [other]
    row = await superuser.fetchrow("SELECT * FROM retail_b2c.notes_outbox")
    assert row is not None
    assert (row["topic"], row["user_id"]) == ("note.erased", merchant)
    assert row["event_id"].version == 7
    assert '"ce_source": "/seftec/social/notes"' in row["headers"]


async def test_another_service_reaches_nothing(postgres: PostgresServer, notes: ServiceDatabase) -> None:
    """Another service's login roles can neither read nor write these tables, nor call their functions."""
    other = postgres.service("strangers", database=notes.name)
    await bootstrap(notes_settings(other), spec=ServiceRoles("strangers"))

    for url in (other.owner, other.api, other.worker):
        connection = await asyncpg.connect(url)
        for statement in (
            "SELECT * FROM retail_b2c.notes",
            f"INSERT INTO retail_b2c.notes (user_id, body) VALUES ('{uuid4()}', 'x')",
            "DELETE FROM retail_b2c.notes_inbox",
            "SELECT * FROM retail_b2c.notes_outbox_take(1)",
            "SELECT retail_b2c.notes_outbox_make_days(1)",
            "SET ROLE notes_fn_relay",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.close()
