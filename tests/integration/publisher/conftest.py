"""Fixtures of publisher's integration tests."""

from collections.abc import AsyncIterator, Callable

import pytest
from tests.integration.publisher.api_kit import Api, create_test_api
from tests.integration.publisher.kit import FakeBroker, FakePlatform, World, quick_settings
from tests.support.postgres import ServiceDatabase

from social_common.db import Database
from social_common.http import HttpClient


@pytest.fixture(scope="module")
def publisher_urls(service_database: Callable[..., ServiceDatabase]) -> ServiceDatabase:
    """A migrated database of publisher's."""
    return service_database("publisher")


@pytest.fixture
async def world(publisher_urls: ServiceDatabase) -> AsyncIterator[World]:
    """An empty world: no merchants, no posts, a patient platform."""
    database = Database(publisher_urls.secret("worker"), service="publisher", pool_size=8)
    one = World(publisher_urls, database, FakePlatform(), FakeBroker(), quick_settings())
    tables = ("social_posts", "publisher_attempts", "publisher_preparations", "publisher_connections",
              "publisher_settings", "publisher_holds", "publisher_rates", "publisher_budgets", "publisher_erasures",
              "publisher_outbox", "publisher_inbox", "publisher_idempotency")  # fmt: skip
    await one.sql(f"TRUNCATE {', '.join('retail_b2c.' + table for table in tables)}")
    await one.sql("DELETE FROM auth.users")
    await one.sql("UPDATE retail_b2c.social_clock SET offset_seconds = 0")
    yield one
    await database.close()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    """The API, with nobody signed in; it works as publisher's API role."""
    database = Database(world.urls.secret("api"), service="publisher", pool_size=4)
    async with HttpClient(asgi_app=create_test_api(world, database)) as http:
        yield Api(http)
    await database.close()
