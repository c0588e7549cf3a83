"""Sessions on the real database: claims, read only, commit and rollback, events with their change."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from tests.integration.common_data.conftest import Merchant
from tests.support.postgres import ServiceDatabase

from social_common.db import Database, DatabaseUnreachable, UserGone, sqlstate
from social_common.events import NewEvent, event

ADD = "INSERT INTO retail_b2c.notes (user_id, body) VALUES (:user_id, :body)"


def a_noted(user_id: UUID, *, subject: str = "note-1") -> NewEvent:
    """An event of the small service."""
    return event(
        "note.added",
        source_service="notes",
        subject=subject,
        user_id=user_id,
        time=datetime.now(UTC),
        data={"note_id": subject, "user_id": user_id},
    )


async def test_a_merchant_sees_only_own_rows(api: Database, a_merchant: Merchant) -> None:
    """Under one merchant's claims another's rows do not exist."""
    one, other = await a_merchant(), await a_merchant()
    async with api.write(one) as session:
        await session.execute(ADD, {"user_id": one, "body": "mine"})

    async with api.read(one) as session:
        assert [row["body"] for row in await session.all("SELECT body FROM retail_b2c.notes")] == ["mine"]
    async with api.read(other) as session:
        assert await session.all("SELECT body FROM retail_b2c.notes") == []
    async with api.read(None) as session:
        assert await session.all("SELECT body FROM retail_b2c.notes") == []


async def test_a_row_for_another_merchant_is_refused(api: Database, a_merchant: Merchant) -> None:
    """Writing a row that names someone else fails, whatever the code meant."""
    one, other = await a_merchant(), await a_merchant()

    with pytest.raises(DBAPIError) as caught:
        async with api.write(one) as session:
            await session.execute(ADD, {"user_id": other, "body": "theirs"})

    assert sqlstate(caught.value) == "42501"


async def test_claims_end_with_their_transaction(notes: ServiceDatabase, a_merchant: Merchant) -> None:
    """The next transaction on the same connection starts without the last one's claims."""
    merchant = await a_merchant()
    async with Database(notes.secret("api"), service="notes", pool_size=1) as database:
        async with database.write(merchant) as session:
            await session.execute(ADD, {"user_id": merchant, "body": "mine"})

        async with database.system() as session:
            assert await session.scalar("SELECT current_setting('request.jwt.claims')") == ""
            assert await session.scalar("SELECT count(*) FROM retail_b2c.notes") == 0


async def test_a_legacy_claim_never_wins(notes: ServiceDatabase, a_merchant: Merchant) -> None:
    """A setting of the old name, left on the connection, is cleared before the first statement."""
    one, other = await a_merchant(), await a_merchant()
    url = notes.secret("api")
    async with Database(url, service="notes", pool_size=1) as database:
        async with database.system() as session:
            await session.execute("SELECT set_config('request.jwt.claim.sub', :sub, false)", {"sub": str(other)})

        async with database.write(one) as session:
            await session.execute(ADD, {"user_id": one, "body": "mine"})
            assert await session.scalar("SELECT user_id FROM retail_b2c.notes") == one


async def test_a_read_session_cannot_write(api: Database, a_merchant: Merchant) -> None:
    """Reading is a promise the database keeps, also against code that asks it to forget."""
    merchant = await a_merchant()

    with pytest.raises(DBAPIError) as caught:
        async with api.read(merchant) as session:
            await session.execute(ADD, {"user_id": merchant, "body": "sneaky"})
    with pytest.raises(DBAPIError):
        async with api.read(merchant) as session:
            await session.execute("SET transaction_read_only = off")

    assert sqlstate(caught.value) == "25006"


async def test_an_error_leaves_neither_row_nor_event(
    api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """State and event roll back together, and nothing is done after a commit that never came."""
    merchant = await a_merchant()
    done: list[str] = []

    with pytest.raises(RuntimeError):  # noqa: PT012 - the error must come after the writes
        async with api.write(merchant) as session:
            await session.execute(ADD, {"user_id": merchant, "body": "x"})
            await session.emit(a_noted(merchant))
            session.after_commit(lambda: done.append("called"))
            raise RuntimeError

    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes") == 0
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox") == 0
    assert done == []


async def test_row_and_event_commit_together(
    api: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """After a clean end both are there, the event as it will be sent, in today's partition."""
    merchant = await a_merchant()
    done: list[str] = []

    async with api.write(merchant) as session:
        await session.execute(ADD, {"user_id": merchant, "body": "x"})
        event_id = await session.emit(a_noted(merchant))
        session.after_commit(lambda: done.append("called"))

    row = await superuser.fetchrow("SELECT *, tableoid::regclass::text AS part FROM retail_b2c.notes_outbox")
    assert row is not None
    assert row["event_id"] == event_id
    assert row["part"] == f"retail_b2c.notes_outbox_{datetime.now(UTC):%Y%m%d}"
    assert row["sent_at"] is None
    assert done == ["called"]


async def test_an_event_for_another_merchant_is_refused(api: Database, a_merchant: Merchant) -> None:
    """The outbox takes only events of the merchant whose claims are set."""
    one, other = await a_merchant(), await a_merchant()

    with pytest.raises(DBAPIError):
        async with api.write(one) as session:
            await session.emit(a_noted(other))


async def test_nobody_reads_the_outbox(api: Database, worker: Database, a_merchant: Merchant) -> None:
    """Rows go in under claims; out they come only through the functions."""
    merchant = await a_merchant()

    for database in (api, worker):
        with pytest.raises(DBAPIError):
            async with database.read(merchant) as session:
                await session.all("SELECT * FROM retail_b2c.notes_outbox")
        with pytest.raises(DBAPIError):
            async with database.read(merchant) as session:
                await session.all(f"SELECT * FROM retail_b2c.notes_outbox_{datetime.now(UTC):%Y%m%d}")


async def test_a_write_for_a_vanished_user_says_so(api: Database) -> None:
    """A foreign key to a user who is gone becomes UserGone."""
    nobody = uuid4()

    with pytest.raises(UserGone):
        async with api.write(nobody) as session:
            await session.execute(ADD, {"user_id": nobody, "body": "x"})


async def test_an_error_shows_no_bound_value(api: Database, a_merchant: Merchant) -> None:
    """What was bound to a failing statement stands in no error text."""
    merchant = await a_merchant()

    with pytest.raises(DBAPIError) as caught:
        async with api.write(merchant) as session:
            await session.execute("SELECT :planted::int / 0", {"planted": "planted-secret"})

    assert "planted-secret" not in str(caught.value.statement) + str(caught.value.params)


async def test_a_database_that_lets_nobody_in_is_an_outage(
    notes: ServiceDatabase, superuser: asyncpg.Connection
) -> None:
    """Whatever the server says while we connect is an OSError, like a server that is away: callers wait it out."""
    name = await superuser.fetchval("SELECT current_database()")
    await superuser.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')

    async with Database(notes.secret("api"), service="notes", pool_size=1) as api:
        with pytest.raises(OSError, match="53300") as caught:
            async with api.read(None):
                pass
        assert not await api.is_reachable()
        await superuser.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
        assert await api.is_reachable()

    assert isinstance(caught.value, DatabaseUnreachable)


async def test_sessions_side_by_side_keep_their_claims(api: Database, a_merchant: Merchant) -> None:
    """Fifty merchants at once on ten connections: each sees itself."""
    merchants = [await a_merchant() for _ in range(50)]

    async def who(user_id: UUID) -> UUID:
        async with api.write(user_id) as session:
            await session.execute(ADD, {"user_id": user_id, "body": "mine"})
            own: UUID = await session.scalar("SELECT user_id FROM retail_b2c.notes")
            return own

    assert await asyncio.gather(*(who(merchant) for merchant in merchants)) == merchants
