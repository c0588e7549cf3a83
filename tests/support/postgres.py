"""A real PostgreSQL for the tests: one server per pytest process, and a database of its own per test module.

A migrated database is made once per run as a template and copied, so that a module gets a fresh one in a blink.
TEST_DATABASE_URL (a superuser's) takes the place of the embedded server.

    def test_something(service_database):
        database = service_database("publisher")          # a ServiceDatabase: .api, .worker, .owner, .superuser
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from social_common.secrets import Secret
from social_stack.postgres import embedded_postgres, wait_for_postgres

PASSWORD: Final = "test-password"


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """A migrated database as one service sees it: a URL per role."""

    service: str
    name: str
    superuser: str
    owner: str
    api: str
    worker: str
    sandbox: str

    def secret(self, role: str) -> Secret:
        """The URL of `superuser`, `owner`, `api` or `worker`, as a Secret."""
        return Secret(getattr(self, role))

    def environment(self) -> dict[str, str]:
        """What the service's own commands read."""
        return {
            "ENVIRONMENT": "development",
            "BOOTSTRAP_DATABASE_URL": self.superuser,
            "MIGRATION_DATABASE_URL": self.owner,
            "API_DATABASE_URL": self.api,
            "WORKER_DATABASE_URL": self.worker,
            "SANDBOX_DATABASE_URL": self.sandbox,
        }


@dataclass
class PostgresServer:
    """The server of this pytest process."""

    superuser_url: str
    _templates: dict[str, str] = field(default_factory=dict)
    _made: int = 0

    def url(self, database: str, *, user: str | None = None, password: str = PASSWORD) -> str:
        """A URL to one of its databases, as the superuser or as another role."""
        url = make_url(self.superuser_url).set(database=database)
        if user is not None:
            url = url.set(username=user, password=password)
        return url.render_as_string(hide_password=False)

    def service(self, service: str, *, database: str) -> ServiceDatabase:
        """The URLs of a service's roles in a database."""
        name = service.replace("-", "_")
        return ServiceDatabase(
            service=name,
            name=database,
            superuser=self.url(database),
            owner=self.url(database, user=f"{name}_owner"),
            api=self.url(database, user=f"{name}_api"),
            worker=self.url(database, user=f"{name}_worker"),
            sandbox=self.url(database, user="social_sandbox"),
        )

    def create_database(self, *, template: str = "template0") -> str:
        """An empty database, or a copy of another one that nobody is connected to."""
        self._made += 1
        name = f"social_test_{os.getpid()}_{self._made}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def from_template(self, key: str, build: Callable[[str], None]) -> str:
        """A fresh copy of the database that `build(name)` prepares, which it does once per run and key."""
        if key not in self._templates:
            name = self.create_database()
            build(name)
            self._templates[key] = name
        return self.create_database(template=self._templates[key])

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run a statement as the superuser, outside a transaction."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url(database))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(run())

    def drop_templates(self) -> None:
        """Drop what `from_template` made."""
        for name in self._templates.values():
            self.drop_database(name)


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread of its own: the test's event loop may be running in this one."""
    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as exc:  # noqa: BLE001 - raised again in the caller's thread
            failure.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def free_port() -> int:
    """A TCP port nobody uses now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The run's PostgreSQL."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        server = PostgresServer(named)
        yield server
        server.drop_templates()
        return
    with tempfile.TemporaryDirectory(prefix="social-postgres-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        child = embedded_postgres(Path(folder) / "data", port=port, password=PASSWORD, log=Path(folder) / "log")
        # Nothing here outlives the run, so nothing has to reach the disk.
        child.command = [*child.command, "-c", "fsync=off", "-c", "full_page_writes=off"]
        url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        child.start()
        try:
            run_apart(wait_for_postgres(url, child=child, within=timedelta(seconds=60)))
            yield PostgresServer(url)
        finally:
            run_apart(child.stop())


@pytest.fixture(scope="module")
def fresh_database(postgres: PostgresServer) -> Iterator[Callable[[], str]]:
    """Call it for the superuser's URL of an empty database, dropped at the end of the module."""
    names: list[str] = []

    def make() -> str:
        names.append(postgres.create_database())
        return postgres.url(names[-1])

    yield make
    for name in names:
        postgres.drop_database(name)


@pytest.fixture(scope="module")
def service_database(postgres: PostgresServer) -> Iterator[Callable[..., ServiceDatabase]]:
    """Call it with a service's name (and others that share the database) for a fresh, migrated database.

    It is prepared by the services' own commands `bootstrap` and `migrate`, and dropped at the end of the module.
    """
    names: list[str] = []

    def make(service: str, *others: str) -> ServiceDatabase:
        services = (service, *others)

        def build(name: str) -> None:
            for one in services:
                prepare_service(postgres.service(one, database=name))

        names.append(postgres.from_template("+".join(services), build))
        return postgres.service(service, database=names[-1])

    yield make
    for name in names:
        postgres.drop_database(name)


def prepare_service(database: ServiceDatabase) -> None:
    """Run a service's own `bootstrap` and `migrate` on a database."""
    environment = {**os.environ, **database.environment()}
    for command in ("bootstrap", "migrate"):
        done = subprocess.run(
            [sys.executable, "-m", database.service, command],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{database.service} {command} failed:\n{done.stdout}{done.stderr}"[-4000:])
