"""What a process looks at before it begins: the role it is, the tables, the clock, the topics, and whether all fits.

What is wrong and stays wrong ends the process with one sentence that names it and what to do. What is only away is
waited for, or looked at when it is back: an outage is no reason to end.
"""

from collections.abc import Iterable
from typing import Final, Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from social_common.clock import refuse_movable_clock
from social_common.db import SCHEMA, Database, DatabaseUnreachable, is_down, sqlstate
from social_common.kafka_access import client_options
from social_common.logging import get_logger
from social_common.settings import ServiceSettings
from social_common.unfit import Unfit

_NOT_LET_IN: Final = ("28", "3D")
_NO_TABLES: Final = frozenset({"42883", "3F000", "42P01", "42501"})
_KAFKA_MS: Final = 4_000

_log = get_logger()


async def refuse_unfit_database(
    settings: ServiceSettings, database: Database, *, role: Literal["api", "worker"], head: str | None = None
) -> None:
    """Raise Unfit where role or tables are wrong, MovableClockRefused, or DatabaseUnreachable while it is away.

    `head` is the revision that this release's tables are at, at least; None where the service has none.
    """
    try:
        await _refuse_role(database, f"{database.service}_{role}")
    except DatabaseUnreachable as exc:
        state = sqlstate(exc.__cause__) if exc.__cause__ is not None else None
        if state is None or not state.startswith(_NOT_LET_IN):
            raise
        raise Unfit(
            f"the database does not let {database.service}_{role} in ({state}): put {role.upper()}_DATABASE_URL right, "
            "or run `social migrate`, which gives the role the password of its URL"
        ) from exc
    await refuse_movable_clock(database, environment=settings.environment)
    if head is not None:
        await _refuse_tables(database, head)


async def refuse_missing_topics(settings: ServiceSettings, topics: Iterable[str]) -> None:
    """Raise Unfit where a declared topic is not there; while Kafka is away nothing can be said."""
    if settings.kafka_auto_declare_topics:
        return
    admin = AIOKafkaAdminClient(**client_options(settings.kafka_access), request_timeout_ms=_KAFKA_MS)
    try:
        await admin.start()
        missing = sorted(set(topics) - set(await admin.list_topics()))
    except (KafkaError, OSError, TimeoutError) as exc:
        _log.warning("topics_not_looked_at", error=type(exc).__name__)
        return
    finally:
        await admin.close()
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise Unfit(f"the topic {missing[0]}{more} is not there: run `social topics apply`")


async def _refuse_role(database: Database, role: str) -> None:
    async with database.read(None) as session:
        row = await session.one(
            "SELECT rolname, rolsuper OR rolbypassrls AS sees_all FROM pg_roles WHERE rolname = current_user"
        )
    if row["rolname"] != role:
        raise Unfit(f"the database URL logs in as {row['rolname']} where the role {role} belongs: put its user right")
    if row["sees_all"]:
        raise Unfit(f"the role {role} bypasses row security: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS")


async def _refuse_tables(database: Database, head: str) -> None:
    try:
        async with database.read(None) as session:
            found: str | None = await session.scalar(f"SELECT {SCHEMA}.{database.service}_revision()")
    except DatabaseUnreachable:
        raise
    except Exception as exc:
        if sqlstate(exc) not in _NO_TABLES:
            if is_down(exc):
                raise DatabaseUnreachable("the database went away") from exc
            raise
        raise Unfit(f"the tables of {database.service} are not there: run `social migrate`") from exc
    if found is None or found < head:
        raise Unfit(f"the tables of {database.service} are at {found}, and {head} is needed: run `social migrate`")
