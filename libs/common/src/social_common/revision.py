"""Which release a service's tables are at; apart from `migrations`, which brings Alembic along."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from social_common.db import SCHEMA, Database, engine_url, sql_name
from social_common.secrets import Secret


async def is_at_least(database: Database, head: str) -> bool:
    """Whether the tables are as this release needs them, or younger; read with the rights of a worker or API."""
    async with database.read(None) as session:
        found = await session.scalar(f"SELECT {SCHEMA}.{database.service}_revision()")
    return found is not None and str(found) >= head


async def find_revision(url: Secret, *, service: str) -> str | None:
    """The revision that a service's tables are at; None before the first migration."""
    engine = create_async_engine(engine_url(url), poolclass=NullPool, hide_parameters=True)
    table = f"{SCHEMA}.{sql_name(service)}_alembic_version"
    try:
        async with engine.connect() as connection:
            if await connection.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is None:
                return None
            found: str | None = await connection.scalar(text(f"SELECT version_num FROM {table}"))
            return found
    finally:
        await engine.dispose()
