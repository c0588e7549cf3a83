"""The link to the local stack's database: its movable clock, and its stand-in for `auth.users`.

It is there only where a database URL is given. It connects when it can and keeps trying: the server may start before
the database has been set up. Where `retail_b2c.social_clock` does not exist, the database is not a development one,
and nothing is ever written to it.
"""

import asyncio
import contextlib
import logging
from datetime import timedelta
from uuid import UUID

import asyncpg

from social_sandbox.clock import SandboxClock
from social_sandbox.identity.people import People, Person

CLOCK_CHANNEL = "social_clock"
RETRY_EVERY = timedelta(seconds=1)
CALL_LIMIT = timedelta(seconds=5)

_TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_log = logging.getLogger(__name__)

_READ_OFFSET = "SELECT offset_seconds::float8 FROM retail_b2c.social_clock"
_MOVE = """
    UPDATE retail_b2c.social_clock SET offset_seconds = offset_seconds + $1::float8
    RETURNING offset_seconds::float8"""
# The development bootstrap marks the schema it made; Supabase's own is left alone whatever this role may do.
_MAY_MIRROR = """
    SELECT obj_description('auth'::regnamespace, 'pg_namespace') = 'stand-in made by the social bootstrap'
        AND has_any_column_privilege('auth.users', 'INSERT') AND has_table_privilege('auth.users', 'SELECT')"""
_MIRROR = "INSERT INTO auth.users (id, email, is_anonymous) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_EXISTS = "SELECT EXISTS (SELECT FROM auth.users WHERE id = $1 AND deleted_at IS NULL)"


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or has no movable clock."""


class DatabaseLink:
    """One connection, reconnected as needed, that follows the clock in the database."""

    def __init__(self, url: str, *, clock: SandboxClock, people: People) -> None:
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._clock = clock
        self._people = people
        self._connection: asyncpg.Connection | None = None
        self._may_mirror = False
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Keep connected, and follow the clock, until cancelled."""
        said = ""
        while True:
            try:
                connection = await self._connect()
            except (*_TROUBLE, DatabaseUnavailable) as error:
                reason = f"{type(error).__name__}: {error}"
                if reason != said:
                    _log.warning("the sandbox waits for the database: %s", reason)
                    said = reason
                await asyncio.sleep(RETRY_EVERY.total_seconds())
                continue
            said = ""
            try:
                while not connection.is_closed():
                    await self._wake.wait()
                    self._wake.clear()
                    await self._read_offset()
            finally:
                await self._disconnect()

    async def advance(self, step: timedelta) -> None:
        """Move the clock of the whole stack; raises `DatabaseUnavailable` and then nothing has moved."""
        connection = self._need()
        try:
            async with self._lock, asyncio.timeout(CALL_LIMIT.total_seconds()), connection.transaction():
                offset = await connection.fetchval(_MOVE, step.total_seconds())
                await connection.execute("SELECT pg_notify($1, $2)", CLOCK_CHANNEL, str(offset))
        except _TROUBLE as error:
            raise DatabaseUnavailable(f"the clock in the database did not move: {error}") from error
        self._follow(offset)

    async def mirror(self, person: Person) -> None:
        """Write a person into `auth.users`, now or at the next connection."""
        if self._connection is None or not self._may_mirror:
            return
        try:
            async with self._lock, asyncio.timeout(CALL_LIMIT.total_seconds()):
                await self._connection.execute(_MIRROR, UUID(person.user_id), person.email, person.is_anonymous)
        except _TROUBLE as error:
            _log.warning("auth.users was not written, the next connection tries again: %s", error)
        else:
            self._people.mark_mirrored(person.user_id)

    async def is_gone(self, person: Person) -> bool:
        """Whether a person the database knew has been deleted there."""
        kept = self._people.find(person.user_id)
        if kept is None or not kept.mirrored or self._connection is None or not self._may_mirror:
            return False
        try:
            async with self._lock, asyncio.timeout(CALL_LIMIT.total_seconds()):
                return not await self._connection.fetchval(_EXISTS, UUID(person.user_id))
        except _TROUBLE:
            return False

    def _need(self) -> asyncpg.Connection:
        if self._connection is None:
            raise DatabaseUnavailable("the sandbox is not connected to the database")
        return self._connection

    async def _connect(self) -> asyncpg.Connection:
        async with asyncio.timeout(CALL_LIMIT.total_seconds()):
            connection = await asyncpg.connect(self._url)
        try:
            await connection.add_listener(CLOCK_CHANNEL, lambda *_: self._wake.set())
            connection.add_termination_listener(lambda _: self._wake.set())
            self._may_mirror = await _may_mirror(connection)
            # Read after listening, so that no move falls in between.
            offset = await _read_offset(connection)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self._follow(offset)
        for person in self._people.unmirrored():
            await self.mirror(person)
        return connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with contextlib.suppress(*_TROUBLE):
                await connection.close(timeout=1)

    async def _read_offset(self) -> None:
        with contextlib.suppress(
            OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, DatabaseUnavailable
        ):
            async with self._lock, asyncio.timeout(CALL_LIMIT.total_seconds()):
                self._follow(await _read_offset(self._need()))

    def _follow(self, offset_seconds: float) -> None:
        self._clock.offset = timedelta(seconds=offset_seconds)


async def _read_offset(connection: asyncpg.Connection) -> float:
    offset: float | None = await connection.fetchval(_READ_OFFSET)
    if offset is None:
        raise DatabaseUnavailable("retail_b2c.social_clock has no row")
    return offset


async def _may_mirror(connection: asyncpg.Connection) -> bool:
    try:
        return bool(await connection.fetchval(_MAY_MIRROR))
    except asyncpg.PostgresError:
        return False
