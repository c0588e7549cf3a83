"""Fixtures of publisher's integration tests."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable

import pytest
from tests.contract.platforms.stage import Stage
from tests.integration.publisher.api_kit import Api, create_test_api
from tests.integration.publisher.kit import FakeBroker, FakePlatform, World, quick_settings
from tests.integration.publisher.platform_theatre import SCENES, PlatformTheatre, is_up
from tests.support.eventually import eventually
from tests.support.postgres import ServiceDatabase

from social_common.db import Database
from social_common.http import HttpClient
from social_common.media_fetch import MediaFetcher


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
    await one.close()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    """The API, with nobody signed in; it works as publisher's API role."""
    database = Database(world.urls.secret("api"), service="publisher", pool_size=4)
    async with HttpClient(asgi_app=create_test_api(world, database)) as http:
        yield Api(http)
    await database.close()


@pytest.fixture(scope="module")
async def simulated() -> AsyncIterator[str]:
    """The address of a running sandbox."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "social_sandbox", "--port", str(port), "--public-url", url]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with HttpClient() as http:
            await eventually(lambda: is_up(http, url), within=60, what="the sandbox answers")
        yield url
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def theatre(request: pytest.FixtureRequest, world: World, simulated: str) -> AsyncIterator[PlatformTheatre]:
    """A clean platform with one linked account; the parameter names the scene."""
    scene = SCENES[request.param]
    host = simulated.removeprefix("http://")
    async with HttpClient() as http, MediaFetcher(allow_hosts=frozenset({host})) as fetcher:
        stage = Stage(simulated, http, platform=scene.platform, second_app=scene.second_app, person=scene.person)
        await stage.control("POST", "/reset")
        yield PlatformTheatre(world, stage, scene, await stage.link(), fetcher)
        await stage.advance(-stage.moved_s)
