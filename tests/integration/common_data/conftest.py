"""A small service, `notes`, with its own database, roles and tables."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.support.postgres import PostgresServer, ServiceDatabase, run_apart

from social_common.bootstrap import ServiceRoles, bootstrap
from social_common.db import Database
from social_common.migrations import migrate
from social_common.secrets import Secret
from social_common.settings import ServiceSettings

Merchant = Callable[[], Awaitable[UUID]]
MIGRATIONS = Path(__file__).parent / "notes_migrations"
ROLES = ServiceRoles("notes", ("notes_fn_claim_due", "notes_fn_erasure"))


class NotesSettings(ServiceSettings):
    """Settings of the small service."""

    service: ClassVar[str] = "notes"


def notes_settings(database: ServiceDatabase, **more: Any) -> NotesSettings:
    """Its settings on a database, as a development stack has them."""
    return NotesSettings(
        **{
            "environment": "development",
            "bootstrap_database_url": database.superuser,
            "migration_database_url": database.owner,
            "api_database_url": database.api,
            "worker_database_url": database.worker,
            **more,
        }
    )


async def prepare(database: ServiceDatabase) -> None:
    """Bootstrap and migrate the small service."""
    await bootstrap(notes_settings(database), spec=ROLES, sandbox_url=Secret(database.sandbox))
    await migrate(database.secret("owner"), service="notes", script_location=MIGRATIONS)


@pytest.fixture(scope="module")
def notes_database(postgres: PostgresServer) -> Iterator[Callable[[], ServiceDatabase]]:
    """Call it for a fresh migrated database of the small service."""
    names: list[str] = []

    def make() -> ServiceDatabase:
        names.append(
            postgres.from_template("notes", lambda name: run_apart(prepare(postgres.service("notes", database=name))))
        )
        return postgres.service("notes", database=names[-1])

    yield make
    for name in names:
        postgres.drop_database(name)


@pytest.fixture
def notes(notes_database: Callable[[], ServiceDatabase]) -> ServiceDatabase:
    """A migrated database for this test alone."""
    return notes_database()


@pytest.fixture
async def api(notes: ServiceDatabase) -> AsyncIterator[Database]:
    """Sessions of the API's role."""
    async with Database(notes.secret("api"), service="notes") as database:
        yield database


@pytest.fixture
async def worker(notes: ServiceDatabase) -> AsyncIterator[Database]:
    """Sessions of the worker's role."""
    async with Database(notes.secret("worker"), service="notes") as database:
        yield database


@pytest.fixture
async def superuser(notes: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection, to look behind the curtain."""
    connection = await asyncpg.connect(notes.superuser)
    yield connection
    await connection.close()


@pytest.fixture
def a_merchant(superuser: asyncpg.Connection) -> Merchant:
    """Await it for a new merchant's id."""

    async def make() -> UUID:
        user_id = uuid4()
        await superuser.execute("INSERT INTO auth.users (id) VALUES ($1)", user_id)
        return user_id

    return make
