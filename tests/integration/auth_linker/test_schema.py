"""The tables as the design writes them, and nothing that the migrations and the metadata disagree about."""

from pathlib import Path

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.postgres import ServiceDatabase

import auth_linker
from auth_linker.main import HEAD
from auth_linker.tables import metadata
from social_common.db import engine_url
from social_common.migrations import alembic_config

# (name, type, nullable, default), as design section 3 has them.
CONNECTIONS = [
    ("id", "uuid", False, "gen_random_uuid()"),
    ("user_id", "uuid", False, None),
    ("platform", "character varying(50)", False, None),
    ("platform_id", "character varying(255)", False, None),
    ("platform_username", "character varying(255)", True, None),
    ("access_token", "text", True, None),
    ("refresh_token", "text", True, None),
    ("expires_at", "timestamp with time zone", True, None),
    ("is_connected", "boolean", True, "true"),
    ("created_at", "timestamp with time zone", True, "now()"),
    ("updated_at", "timestamp with time zone", True, "now()"),
]


async def test_social_connections_has_the_columns_of_the_design(database: ServiceDatabase) -> None:
    """The eleven columns come first, with exactly their types and defaults."""
    connection = await asyncpg.connect(database.superuser)
    rows = await connection.fetch(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,"
        " pg_get_expr(d.adbin, d.adrelid) AS default FROM pg_attribute a"
        " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        " WHERE a.attrelid = 'retail_b2c.social_connections'::regclass AND a.attnum BETWEEN 1 AND 11 ORDER BY a.attnum"
    )
    await connection.close()

    assert [tuple(row) for row in rows] == CONNECTIONS


async def test_user_id_follows_the_user(database: ServiceDatabase) -> None:
    """Deleting the user deletes the rows."""
    connection = await asyncpg.connect(database.superuser)
    rule = await connection.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'retail_b2c.social_connections'::regclass AND conname = 'social_connections_user_id_fkey'"
    )
    await connection.close()

    assert rule == "FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE"


def test_the_services_wait_for_the_newest_migration() -> None:
    """What the start-up check asks for is the head of the scripts."""
    scripts = Path(auth_linker.__file__).parents[2] / "migrations"

    assert ScriptDirectory.from_config(alembic_config(scripts)).get_current_head() == HEAD


async def test_migrations_and_metadata_agree(database: ServiceDatabase) -> None:
    """A migrated database differs in nothing from what the metadata says."""
    owned = {table.name for table in metadata.tables.values() if table.schema == "retail_b2c"}

    def difference(connection: Connection) -> object:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: (
                    name == "retail_b2c" if kind == "schema" else (kind != "table" or name in owned)
                ),
                "include_object": lambda item, _, kind, *__: not (kind == "table" and item.schema != "retail_b2c"),
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        return compare_metadata(context, metadata)

    engine = create_async_engine(engine_url(database.secret("superuser")))
    async with engine.connect() as connection:
        found = await connection.run_sync(difference)
    await engine.dispose()

    assert found == []
