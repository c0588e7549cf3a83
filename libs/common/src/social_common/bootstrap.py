"""The one-off preparation of a database: schema, roles with their passwords, the stand-in for Supabase, the clock.

Everything happens in one transaction under one lock: run it as often and from as many places as you like. It works as
a superuser on a plain Postgres and as Supabase's `postgres`, and leaves a present `auth` schema as it is. PostgreSQL
only warns when a privilege cannot be granted; so all of them are read back, and what is missing is said plainly.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Final, TypeAlias

import asyncpg

from social_common import _bootstrap_sql as sql
from social_common._scram import scram_verifier
from social_common.db import driver_url, sql_name
from social_common.logging import get_logger
from social_common.plumbing import plumbing_definers
from social_common.secrets import Secret
from social_common.settings import ServiceSettings, required

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOCK: Final = 7_361_001
# Roles are shared by all databases of a server, so another database's bootstrap may touch the same one.
_CONCURRENT: Final = ("tuple concurrently updated", "already exists", "duplicate key")
_TRIES: Final = 5

_log = get_logger()


class BootstrapFailed(Exception):
    """The database cannot be prepared; the message says why in one plain sentence."""


@dataclass(frozen=True, slots=True)
class ServiceRoles:
    """What a service needs: its name in SQL, and its NOLOGIN roles beside those of the plumbing."""

    service: str
    definers: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """The role that owns the tables and runs migrations."""
        return f"{self.service}_owner"

    @property
    def api(self) -> str:
        """The role of the API."""
        return f"{self.service}_api"

    @property
    def worker(self) -> str:
        """The role of the worker."""
        return f"{self.service}_worker"

    @property
    def logins(self) -> tuple[str, str, str]:
        """The three roles that log in."""
        return (self.owner, self.api, self.worker)

    @property
    def all_definers(self) -> tuple[str, ...]:
        """The service's own definer roles and the plumbing's."""
        return (*plumbing_definers(self.service), *self.definers)


async def bootstrap(settings: ServiceSettings, *, spec: ServiceRoles, sandbox_url: Secret | None = None) -> None:
    """Prepare the database for one service; raises `BootstrapFailed` with one sentence.

    The sandbox's role (SANDBOX_DATABASE_URL unless given) may move the clock and add users to the stand-in; only in
    development.
    """
    spec = ServiceRoles(sql_name(spec.service), spec.definers)
    url = required(settings.bootstrap_database_url, name="BOOTSTRAP_DATABASE_URL")
    sandbox = sandbox_url or Secret.maybe(os.environ.get("SANDBOX_DATABASE_URL"))
    logins = {
        spec.owner: required(settings.migration_database_url, name="MIGRATION_DATABASE_URL"),
        spec.api: required(settings.api_database_url, name="API_DATABASE_URL"),
        spec.worker: required(settings.worker_database_url, name="WORKER_DATABASE_URL"),
    }
    passwords = {role: _password(role, url) for role, url in logins.items()}
    if sandbox is not None:
        if settings.environment == "production":
            raise BootstrapFailed("SANDBOX_DATABASE_URL is set: production has no sandbox and no movable clock.")
        passwords[sql.SANDBOX] = _password(sql.SANDBOX, sandbox)
    for attempt in range(1, _TRIES + 1):
        try:
            await _prepare(url, spec=spec, passwords=passwords, movable=settings.environment == "development")
        except asyncpg.PostgresError as exc:
            if attempt == _TRIES or not any(sign in str(exc) for sign in _CONCURRENT):
                raise BootstrapFailed(_plainly(exc)) from exc
            await asyncio.sleep(0.05 * attempt)
        except OSError as exc:
            raise BootstrapFailed("The database of BOOTSTRAP_DATABASE_URL does not answer.") from exc
        else:
            _log.info("bootstrapped", service_roles=spec.service, environment=settings.environment)
            return


def _password(role: str, url: Secret) -> Secret | None:
    from sqlalchemy.engine import make_url

    parsed = make_url(url.reveal())
    # Supabase's pooler appends the project to the user's name.
    user = (parsed.username or "").split(".", maxsplit=1)[0]
    if user != role:
        raise BootstrapFailed(f"A database URL names the user {user!r} where the role {role!r} belongs.")
    return Secret.maybe(str(parsed.password) if parsed.password is not None else None)


async def _prepare(url: Secret, *, spec: ServiceRoles, passwords: dict[str, Secret | None], movable: bool) -> None:
    connection = await asyncpg.connect(driver_url(url), timeout=15)
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await _create_roles(connection, spec=spec, passwords=passwords)
            await _create_schemas(connection)
            await _create_clock(connection, movable=movable, has_sandbox=sql.SANDBOX in passwords)
            await _grant(connection, spec=spec)
            for question, sentence in sql.read_back(spec.service, spec.logins, spec.all_definers):
                if not await connection.fetchval(question):
                    raise BootstrapFailed(sentence)
    finally:
        await connection.close()


async def _create_roles(connection: Connection, *, spec: ServiceRoles, passwords: dict[str, Secret | None]) -> None:
    for role, password in passwords.items():
        exists = await connection.fetchval("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)", role)
        # The hash is made here, so that the password itself is in no statement and no server log.
        secret = "" if password is None else f" PASSWORD '{scram_verifier(password)}'"
        # Before PostgreSQL 16 what is inherited is a property of the member: the owner must not see with the eyes of
        # its definer roles.
        await connection.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {role} LOGIN NOINHERIT{secret}")
    for role in (*spec.all_definers, *sql.SUPABASE_ROLES):
        if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)", role):
            await connection.execute(f"CREATE ROLE {role} NOLOGIN")


async def _create_schemas(connection: Connection) -> None:
    await connection.execute("CREATE SCHEMA IF NOT EXISTS retail_b2c")
    if await connection.fetchval("SELECT to_regnamespace('auth') IS NULL"):
        for statement in sql.STAND_IN:
            await connection.execute(statement)
    for statement in sql.USERS_FUNCTION:
        await connection.execute(statement)


async def _create_clock(connection: Connection, *, movable: bool, has_sandbox: bool) -> None:
    exists = await connection.fetchval("SELECT to_regclass('retail_b2c.social_clock') IS NOT NULL")
    if not movable:
        if exists:
            raise BootstrapFailed(
                "This database has a movable clock from a development bootstrap: production refuses it."
            )
        await connection.execute(sql.REAL_CLOCK)
        return
    for statement in sql.MOVABLE_CLOCK:
        await connection.execute(statement)
    if has_sandbox:
        for statement in sql.SANDBOX_GRANTS:
            await connection.execute(statement)
        if await connection.fetchval(sql.IS_STAND_IN):
            for statement in sql.SANDBOX_STAND_IN_GRANTS:
                await connection.execute(statement)


async def _grant(connection: Connection, *, spec: ServiceRoles) -> None:
    version: int = await connection.fetchval("SELECT current_setting('server_version_num')::int")
    for statement in sql.grants(spec.service, spec.logins, spec.all_definers, version=version):
        try:
            async with connection.transaction():
                await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            # What could not be granted is found, and said better, when the grants are read back.
            _log.warning("grant_refused", statement=statement)


def _plainly(exc: asyncpg.PostgresError) -> str:
    text = str(exc).splitlines()[0].rstrip(".")
    return f"The database refused the bootstrap: {text}."
