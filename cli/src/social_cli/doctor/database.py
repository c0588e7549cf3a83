"""The database as a service's roles see it: who they are, what they may, where the tables are, what the clock says."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
from sqlalchemy.engine import make_url

from social_cli.doctor.findings import Finding, doubtful, fine, wrong
from social_cli.doctor.isolation import look_at_isolation, look_at_privileges
from social_cli.environment import Environments
from social_cli.services import Service
from social_common.db import DRIVER_ERRORS, driver_url
from social_common.migrations import find_head
from social_common.secrets import Secret

if TYPE_CHECKING:
    from social_common.settings import ServiceSettings

_SKEW: Final = timedelta(seconds=2)
_ME: Final = "SELECT rolname, rolsuper OR rolbypassrls AS sees_all FROM pg_roles WHERE rolname = current_user"


async def look_at_database(
    environments: Environments, service: Service, settings: "ServiceSettings"
) -> Sequence[Finding]:
    """Everything about one service's database; without an answer there is one finding per role."""
    del environments
    found: list[Finding] = []
    for kind, url in (
        ("worker", settings.worker_database_url),
        ("api", settings.api_database_url),
        ("owner", settings.migration_database_url),
    ):
        role = f"{service.package}_{kind}"
        if url is None:
            if kind == "worker":
                name = f"{service.package.upper()}_WORKER_DATABASE_URL"
                found.append(wrong("role", role, "no URL is set", step=f"set {name} to the URL of the role {role}"))
            continue
        found += await _look_as(service, settings, url, role=role)
    return found


async def _look_as(service: Service, settings: "ServiceSettings", url: Secret, *, role: str) -> list[Finding]:
    where = _place(url)
    try:
        connection = await asyncpg.connect(driver_url(url), timeout=5, command_timeout=10)
    except (OSError, TimeoutError, *DRIVER_ERRORS) as error:
        return [_not_let_in(error, role, where)]
    try:
        me = await connection.fetchrow(_ME)
        found = [_who(me, role, where)]
        if role.endswith("_worker"):
            found += [await _tables(connection, service), await _clock(connection, settings, service)]
            found += await look_at_isolation(connection, service)
        if role.endswith("_owner") or (role.endswith("_worker") and settings.migration_database_url is None):
            found += await look_at_privileges(connection, service, is_owner=role.endswith("_owner"))
        return found
    finally:
        await connection.close(timeout=5)


def _place(url: Secret) -> str:
    parsed = make_url(url.reveal())
    return f"{parsed.host or 'localhost'}:{parsed.port or 5432}/{parsed.database or ''}"


def _not_let_in(error: BaseException, role: str, where: str) -> Finding:
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            step = f"run `social migrate` with the password of the role {role} that its URL has, or put the URL right"
            return wrong("role", role, f"{where} does not let it in", step=step)
        case asyncpg.InvalidCatalogNameError():
            return wrong("role", role, f"there is no database {where}", step="put the name at the end of the URL right")
        case asyncpg.PostgresError():
            step = "look into the database's log; it is starting, full or refuses connections"
            return wrong("role", role, f"{where} refuses it ({error.sqlstate})", step=step)
        case _:
            step = "start the database, or put host and port of the URL right"
            return wrong("role", role, f"{where} does not answer ({type(error).__name__})", step=step)


def _who(me: "asyncpg.Record | None", role: str, where: str) -> Finding:
    if me is None or me["rolname"] != role:
        name = "somebody else" if me is None else me["rolname"]
        return wrong("role", role, f"the URL logs in as {name}", step=f"put the user {role} into the URL")
    if me["sees_all"]:
        step = f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS: no row security holds it now"
        return wrong("role", role, "is a superuser or bypasses row security", step=step)
    return fine("role", role, f"logs in at {where}")


async def _tables(connection: "asyncpg.Connection[asyncpg.Record]", service: Service) -> Finding:
    head = find_head(service.commands.migrations)
    about = service.name
    try:
        now = await connection.fetchval(f"SELECT retail_b2c.{service.package}_revision()")
    except (asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
        return wrong("migrations", about, f"there are no tables, head is {head}", step="run `social migrate`")
    if now == head:
        return fine("migrations", about, f"tables are at {now}, the head")
    if str(now) > str(head):
        step = "run the release that made them, or take this command from it"
        return doubtful("migrations", about, f"tables are at {now}, younger than this release's {head}", step=step)
    return wrong("migrations", about, f"tables are at {now}, head is {head}", step="run `social migrate`")


async def _clock(
    connection: "asyncpg.Connection[asyncpg.Record]", settings: "ServiceSettings", service: Service
) -> Finding:
    about = service.name
    movable = await connection.fetchval("SELECT to_regclass('retail_b2c.social_clock') IS NOT NULL")
    if movable and settings.environment == "production":
        step = "use a database that was prepared for production; a development one can be moved in time"
        return wrong("clock", about, "production on a database with a movable clock", step=step)
    began = time.monotonic()
    told: datetime = await connection.fetchval("SELECT clock_timestamp()")
    skew = abs(datetime.now(UTC) - told) - timedelta(seconds=time.monotonic() - began)
    if skew > _SKEW:
        step = "set both machines' clocks by NTP: tokens and deadlines are judged on both sides"
        return wrong("clock", about, f"differs from the database's by {skew.total_seconds():.0f} s", step=step)
    return fine("clock", about, "agrees with the database's")
