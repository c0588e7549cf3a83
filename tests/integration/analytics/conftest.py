"""A database per module, emptied of merchants before each test."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from tests.integration.analytics.support import Bench
from tests.support.postgres import ServiceDatabase

from social_common.db import Database


@pytest.fixture(scope="module")
def analytics_database(service_database: Callable[..., ServiceDatabase]) -> ServiceDatabase:
    """A migrated database."""
    return service_database("analytics")


@pytest.fixture
async def bench(analytics_database: ServiceDatabase) -> AsyncIterator[Bench]:
    """Everything that works on the database, with no merchant in it and the clock at the real time."""
    admin = await asyncpg.connect(analytics_database.superuser)
    for table in ("analytics_erasures", "analytics_holds", "analytics_budgets", "analytics_outbox", "analytics_inbox"):
        await admin.execute(f"DELETE FROM retail_b2c.{table}")
    await admin.execute("DELETE FROM auth.users")
    await admin.execute("UPDATE retail_b2c.social_clock SET offset_seconds = 0")
    async with Database(analytics_database.secret("worker"), service="analytics") as worker:
        yield Bench(analytics_database, worker, admin)
    await admin.close()
