"""A migrated database of auth-linker, and the parts that the tests put together themselves."""

from collections.abc import AsyncIterator, Callable

import pytest
from tests.integration.auth_linker.world import World, open_world
from tests.support.postgres import ServiceDatabase

from social_common.db import Database


@pytest.fixture(scope="module")
def database(service_database: Callable[..., ServiceDatabase]) -> ServiceDatabase:
    """The module's own database."""
    return service_database("auth_linker")


@pytest.fixture
async def api(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Connections as the API's role."""
    async with Database(database.secret("api"), service="auth-linker", pool_size=4) as found:
        yield found


@pytest.fixture
async def worker(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Connections as the worker's role."""
    async with Database(database.secret("worker"), service="auth-linker", pool_size=4) as found:
        yield found


@pytest.fixture(scope="module")
async def world(database: ServiceDatabase, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The API and the sandbox on real ports, shared by a module's tests: each makes its own merchants and accounts."""
    async with open_world(database, tmp_path_factory.mktemp("keys")) as found:
        yield found
