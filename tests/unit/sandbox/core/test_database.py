"""The link to the local stack's database, against a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from tests.support.eventually import eventually

from social_sandbox.clock import SandboxClock
from social_sandbox.database import DatabaseLink, DatabaseUnavailable
from social_sandbox.identity.errors import AuthError
from social_sandbox.identity.people import People
from social_sandbox.identity.service import Identity

# As the development bootstrap lays them out.
CLOCK = """
    CREATE SCHEMA retail_b2c;
    CREATE TABLE retail_b2c.social_clock (offset_seconds double precision NOT NULL);
    INSERT INTO retail_b2c.social_clock VALUES (90)"""
USERS = """
    CREATE SCHEMA auth;
    COMMENT ON SCHEMA auth IS 'stand-in made by the social bootstrap';
    CREATE TABLE auth.users (
        id uuid PRIMARY KEY, email text, is_anonymous boolean NOT NULL DEFAULT false, deleted_at timestamptz)"""


@asynccontextmanager
async def linked(url: str, clock: SandboxClock, people: People) -> AsyncIterator[DatabaseLink]:
    """A running link."""
    link = DatabaseLink(url, clock=clock, people=people)
    running = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is about to happen."""

    async def holds() -> bool:
        return condition()

    await eventually(holds, within=20, what="the link's work")


async def execute(url: str, statement: str, *values: object) -> None:
    """Run SQL as the superuser."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def fetchval(url: str, query: str, *values: object) -> object:
    """One value as the superuser."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, *values)
    finally:
        await connection.close()


async def test_the_offset_is_read_at_start_and_moved_in_the_database(fresh_database: Callable[[], str]) -> None:
    """One clock: the table's. Moving it notifies whoever listens."""
    url, clock = fresh_database(), SandboxClock()
    await execute(url, CLOCK)
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(url)
    await listener.add_listener("social_clock", lambda *parts: heard.put_nowait(str(parts[-1])))

    async with linked(url, clock, People()) as link:
        await until(lambda: clock.offset == timedelta(seconds=90))
        await link.advance(timedelta(hours=1))

        assert clock.offset == timedelta(seconds=3690)
        assert await fetchval(url, "SELECT offset_seconds FROM retail_b2c.social_clock") == 3690
        assert float(await asyncio.wait_for(heard.get(), 10)) == 3690
    await listener.close()


async def test_a_clock_moved_by_others_is_followed(fresh_database: Callable[[], str]) -> None:
    """Whoever moves the table and says so moves the sandbox, too."""
    url, clock = fresh_database(), SandboxClock()
    await execute(url, CLOCK)

    async with linked(url, clock, People()):
        await until(lambda: clock.offset == timedelta(seconds=90))
        await execute(url, "UPDATE retail_b2c.social_clock SET offset_seconds = 5; NOTIFY social_clock")
        await until(lambda: clock.offset == timedelta(seconds=5))


async def test_it_waits_for_a_database_that_is_not_ready(fresh_database: Callable[[], str]) -> None:
    """Until the bootstrap has run, moving the clock is refused and nothing moves; then it works."""
    url, clock = fresh_database(), SandboxClock()

    async with linked(url, clock, People()) as link:
        with pytest.raises(DatabaseUnavailable):
            await link.advance(timedelta(hours=1))
        assert clock.offset == timedelta(0)
        await execute(url, CLOCK)
        await until(lambda: clock.offset == timedelta(seconds=90))


@pytest.mark.parametrize(
    "leave", ["DELETE FROM auth.users WHERE id = $1", "UPDATE auth.users SET deleted_at = now() WHERE id = $1"]
)
async def test_people_are_written_where_the_stand_in_is_ours(fresh_database: Callable[[], str], leave: str) -> None:
    """Those who signed up before the connection, too; who is deleted there, softly or not, is gone here."""
    url, clock, people = fresh_database(), SandboxClock(), People()
    await execute(url, CLOCK + ";" + USERS)
    link = DatabaseLink(url, clock=clock, people=people)
    identity = Identity(people, clock, issuer="http://sb/auth/v1", mirror=link)
    early = await identity.sign_up("early@example.com", "password", {})
    running = asyncio.create_task(link.run())
    await until(lambda: not people.unmirrored())

    late = await identity.sign_up_anonymously({})

    for session, anonymous in ((early, False), (late, True)):
        query = "SELECT is_anonymous FROM auth.users WHERE id = $1"
        assert await fetchval(url, query, session["user"]["id"]) is anonymous
    await execute(url, leave, early["user"]["id"])
    with pytest.raises(AuthError, match="Invalid login"):
        await identity.sign_in("early@example.com", "password")
    with pytest.raises(AuthError, match="Not Found"):
        await identity.refresh(early["refresh_token"])
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_schema_of_supabase_itself_is_left_alone(fresh_database: Callable[[], str]) -> None:
    """Even with every right: the mark of the stand-in is missing."""
    url, clock, people = fresh_database(), SandboxClock(), People()
    await execute(url, f"{CLOCK};{USERS};COMMENT ON SCHEMA auth IS NULL")

    async with linked(url, clock, people) as link:
        await until(lambda: clock.offset == timedelta(seconds=90))
        identity = Identity(people, clock, issuer="http://sb/auth/v1", mirror=link)
        session = await identity.sign_up("a@example.com", "password", {})
        assert await identity.refresh(session["refresh_token"])

    assert await fetchval(url, "SELECT count(*) FROM auth.users") == 0


async def test_without_the_right_to_insert_nobody_is_written(fresh_database: Callable[[], str]) -> None:
    """On a real Supabase schema the sandbox's role may not, and signing up still works."""
    url, clock, people = fresh_database(), SandboxClock(), People()
    role = f"guest_{uuid4().hex[:8]}"
    await execute(url, f"{CLOCK};{USERS};CREATE ROLE {role} LOGIN PASSWORD 'p'")
    await execute(
        url,
        f"GRANT USAGE ON SCHEMA retail_b2c, auth TO {role};"
        f"GRANT SELECT, UPDATE ON retail_b2c.social_clock TO {role}; GRANT SELECT ON auth.users TO {role}",
    )
    as_guest = url.replace(url.split("//")[1].split("@")[0], f"{role}:p")

    async with linked(as_guest, clock, people) as link:
        await until(lambda: clock.offset == timedelta(seconds=90))
        identity = Identity(people, clock, issuer="http://sb/auth/v1", mirror=link)
        session = await identity.sign_up("a@example.com", "password", {})
        assert (await identity.person_of(session["access_token"]))[0].email == "a@example.com"

    assert await fetchval(url, "SELECT count(*) FROM auth.users") == 0
    await execute(url, f"DROP OWNED BY {role}; DROP ROLE {role}")
