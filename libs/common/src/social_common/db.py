"""Sessions on Postgres: one transaction each, whose first statement says for which merchant it works.

A reading session cannot write (its transaction is read only), a writing one commits when its block ends well.
Row level security does the rest: without claims a session sees no merchant's rows.
"""

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import asyncpg
from sqlalchemy import Column, CursorResult, Executable, MetaData, RowMapping, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from social_common import checkpoints
from social_common.checkpoints import Effect, Side
from social_common.events import NewEvent
from social_common.logging import get_logger
from social_common.secrets import Secret

SCHEMA: Final = "retail_b2c"

# The names that Postgres would choose itself, so that hand-written SQL and metadata agree.
NAMING: Final = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}

# What asyncpg raises by itself. The last is what a call finds on a connection that was lost in the middle of another.
DRIVER_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

FOREIGN_KEY_VIOLATION: Final = "23503"

# Connection lost, not (or no longer) let in, rolled back for another's sake, not migrated yet, resources used up,
# locked, stopped by an operator or a time limit, disk trouble: none of it says anything about what was asked.
_DOWN: Final = (
    "08", "25006", "28", "3D", "3F", "40", "42703", "42883", "42P01", "53", "55P03", "57", "58", "F0",
)  # fmt: skip

type_params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

# One statement, so that claims cost one round trip; the legacy setting would win over ours if it were left set.
_CLAIM: Final = "SELECT set_config('request.jwt.claims', :claims, true), set_config('request.jwt.claim.sub', '', true)"
_OPEN: Final = text(_CLAIM)
_OPEN_READ_ONLY: Final = text(f"{_CLAIM}, set_config('transaction_read_only', 'on', true)")

_log = get_logger()


class UserGone(Exception):
    """A row was written for a user that no longer exists: a 401 in an API, the end of that work in a worker."""


class DatabaseUnreachable(ConnectionError):
    """No connection is to be had: the server is away, starting, full, or does not let us in."""


def sql_name(service: str) -> str:
    """A service's name as it stands in SQL: `auth-linker` is `auth_linker` there."""
    return service.replace("-", "_")


def engine_url(url: Secret) -> URL:
    """The URL for SQLAlchemy's asyncpg dialect; `postgresql://` and libpq's `sslmode` are understood."""
    parsed = make_url(url.reveal()).set(drivername="postgresql+asyncpg")
    query = dict(parsed.query)
    sslmode = query.pop("sslmode", None)
    if sslmode is not None:
        query["ssl"] = sslmode
    return parsed.set(query=query)


def driver_url(url: Secret) -> str:
    """The URL for asyncpg itself; it holds the password, so it is never logged."""
    parsed = make_url(url.reveal()).set(drivername="postgresql")
    return parsed.render_as_string(hide_password=False)


def sqlstate(exc: BaseException) -> str | None:
    """The five characters Postgres classified the error with, or None where it did not come from there."""
    return _driver_attribute(exc, "sqlstate")


def is_down(exc: BaseException) -> bool:
    """Whether the error is about the database's state, so that the same may succeed later as it is."""
    if isinstance(exc, DatabaseUnreachable | PoolTimeout):
        return True
    if not isinstance(exc, (DBAPIError, *DRIVER_ERRORS)):
        return False
    if isinstance(_cause(exc), asyncpg.InternalClientError):
        return True
    state = sqlstate(exc)
    if state is not None:
        return state.startswith(_DOWN)
    if isinstance(exc, OperationalError) or (isinstance(exc, DBAPIError) and exc.connection_invalidated):
        return True
    # The driver's own errors have no state: a lost connection is one of them, and so is a wrong number of arguments.
    return "connection" in str(exc.orig if isinstance(exc, DBAPIError) else exc)


def constraint_name(exc: BaseException) -> str | None:
    """The constraint that was violated, or None."""
    return _driver_attribute(exc, "constraint_name")


def _driver_attribute(exc: BaseException, name: str) -> str | None:
    value = getattr(_cause(exc), name, None)
    return value if isinstance(value, str) else None


def _cause(exc: BaseException) -> BaseException | None:
    return exc.driver_exception if isinstance(exc, DBAPIError) else exc


def auth_users(metadata: MetaData) -> Table:
    """`auth.users` as foreign keys need it; never created or changed by a migration of ours."""
    return Table("users", metadata, Column("id", postgresql.UUID(), primary_key=True), schema="auth")


class ReadSession:
    """One read-only transaction for one merchant, or for none."""

    def __init__(self, connection: AsyncConnection, *, user_id: UUID | None, service: str) -> None:
        self._connection = connection
        self.user_id = user_id
        self.service = service

    async def execute(self, stmt: Executable | str, params: type_params = None) -> CursorResult[Any]:
        """Run one statement; a write for a vanished user raises `UserGone`."""
        statement = text(stmt) if isinstance(stmt, str) else stmt
        try:
            return await self._connection.execute(statement, params)
        except DBAPIError as exc:
            name = constraint_name(exc) or ""
            if sqlstate(exc) == FOREIGN_KEY_VIOLATION and name.endswith("_user_id_fkey"):
                raise UserGone("the user of this row no longer exists") from exc
            raise

    async def one(self, stmt: Executable | str, params: type_params = None) -> RowMapping:
        """The only row; none or several is an error of the caller."""
        return (await self.execute(stmt, params)).mappings().one()

    async def one_or_none(self, stmt: Executable | str, params: type_params = None) -> RowMapping | None:
        """The only row, or None."""
        return (await self.execute(stmt, params)).mappings().one_or_none()

    async def all(self, stmt: Executable | str, params: type_params = None) -> Sequence[RowMapping]:
        """All rows."""
        return (await self.execute(stmt, params)).mappings().all()

    async def scalar(self, stmt: Executable | str, params: type_params = None) -> Any:
        """The first column of the first row, or None."""
        return (await self.execute(stmt, params)).scalar()


class WriteSession(ReadSession):
    """One transaction that commits when its block ends well, with the events it emitted."""

    def __init__(self, connection: AsyncConnection, *, user_id: UUID | None, service: str) -> None:
        super().__init__(connection, user_id=user_id, service=service)
        self._after_commit: list[Callable[[], Awaitable[None] | None]] = []
        self._marks: list[tuple[Effect, str]] = []

    def marks(self, effect: Effect, about: str = "") -> None:
        """Names this transaction's commit for the checkpoints."""
        self._marks.append((effect, about))

    def pass_by(self, side: Side) -> None:
        """Passes what the commit was named."""
        for effect, about in self._marks:
            checkpoints.passing(effect, side, about)

    async def emit(self, event: NewEvent) -> UUID:
        """Write the event into this service's outbox; call it after the aggregate's row is locked."""
        from social_common import outbox

        return await outbox.append(self, event)

    def after_commit(self, call: Callable[[], Awaitable[None] | None]) -> None:
        """Have something done once the transaction stands; its failure is logged, never raised."""
        self._after_commit.append(call)

    async def run_after_commit(self) -> None:
        """Do what was put off until the commit."""
        for call in self._after_commit:
            try:
                outcome = call()
                if inspect.isawaitable(outcome):
                    await outcome
            except Exception:  # noqa: BLE001 - the work is committed; nothing may make it look failed
                _log.exception("after_commit_failed")


class Database:
    """A pool of connections as one role of one service."""

    def __init__(
        self,
        url: Secret,
        *,
        service: str,
        pool_size: int = 10,
        application_name: str | None = None,
        statement_timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self.service = sql_name(service)
        self.url = url
        self._engine: AsyncEngine = create_async_engine(
            engine_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,
            pool_use_lifo=True,
            hide_parameters=True,  # an error's text would carry bound values, tokens among them
            connect_args={
                "timeout": 10,
                "server_settings": {
                    "application_name": application_name or self.service,
                    "statement_timeout": _milliseconds(statement_timeout),
                    "lock_timeout": _milliseconds(timedelta(seconds=10)),
                    "idle_in_transaction_session_timeout": _milliseconds(timedelta(seconds=60)),
                },
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for metrics of the pool; sessions are the way to talk to the database."""
        return self._engine

    @asynccontextmanager
    async def read(self, user_id: UUID | None) -> AsyncIterator[ReadSession]:
        """A read-only transaction under the merchant's claims; None sees no merchant's rows."""
        async with self._connected() as connection, connection.begin():
            await connection.execute(_OPEN_READ_ONLY, {"claims": _claims(user_id)})
            yield ReadSession(connection, user_id=user_id, service=self.service)

    @asynccontextmanager
    async def write(self, user_id: UUID | None) -> AsyncIterator[WriteSession]:
        """A transaction under the merchant's claims: committed at a clean end, rolled back at an error."""
        async with self._connected() as connection, connection.begin():
            await connection.execute(_OPEN, {"claims": _claims(user_id)})
            session = WriteSession(connection, user_id=user_id, service=self.service)
            yield session
            session.pass_by(Side.BEFORE)
        session.pass_by(Side.AFTER)
        await session.run_after_commit()

    @asynccontextmanager
    async def system(self) -> AsyncIterator[WriteSession]:
        """A transaction without claims, for the definer functions and tables without merchants."""
        async with self.write(None) as session:
            yield session

    async def is_reachable(self) -> bool:
        """Whether a statement gets an answer now; for readiness."""
        try:
            async with self._connected() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError, *DRIVER_ERRORS):
            return False
        return True

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self._engine.connect())
            except (OSError, PoolTimeout, DBAPIError, *DRIVER_ERRORS) as exc:
                # They come as errors of every kind; a caller who waits out an outage shall need one only.
                why = sqlstate(exc) or type(exc).__name__
                raise DatabaseUnreachable(f"no connection to the database ({why})") from exc
            yield connection


def _claims(user_id: UUID | None) -> str:
    return "" if user_id is None else json.dumps({"sub": str(user_id), "role": "authenticated"})


def _milliseconds(duration: timedelta) -> str:
    return str(int(duration.total_seconds() * 1000))
