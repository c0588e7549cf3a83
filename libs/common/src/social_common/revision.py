"""Which release a service's tables are at; apart from `migrations`, which brings Alembic along."""

from social_common.db import SCHEMA, Database


async def is_at_least(database: Database, head: str) -> bool:
    """Whether the tables are as this release needs them, or younger; read with the rights of a worker or API."""
    async with database.read(None) as session:
        found = await session.scalar(f"SELECT {SCHEMA}.{database.service}_revision()")
    return found is not None and str(found) >= head
