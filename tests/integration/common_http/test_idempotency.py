"""Idempotency keys on a real PostgreSQL, as a service's API role: one request, one effect, one answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.support.postgres import ServiceDatabase

from social_common.crypto import KeyRing
from social_common.db import Database, UserGone
from social_common.errors import IdempotencyConflict, Invalid
from social_common.idempotency import Idempotency, StoredAnswer

RING = KeyRing(active="k1", keys={"k1": b"1" * 32})
POST = "POST /v1/posts"


@pytest.fixture(scope="module")
def publisher(service_database: Callable[..., ServiceDatabase]) -> ServiceDatabase:
    """A migrated database of one service."""
    return service_database("publisher")


@pytest.fixture
async def api(publisher: ServiceDatabase) -> AsyncIterator[Database]:
    """Sessions of its API's role."""
    async with Database(publisher.secret("api"), service="publisher") as database:
        yield database


@pytest.fixture
async def superuser(publisher: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A look behind the curtain."""
    connection = await asyncpg.connect(publisher.superuser)
    yield connection
    await connection.close()


@pytest.fixture
async def merchant(superuser: asyncpg.Connection) -> UUID:
    """A new merchant."""
    user_id = uuid4()
    await superuser.execute("INSERT INTO auth.users (id) VALUES ($1)", user_id)
    return user_id


class Work:
    """Work that counts how often it was done; it can be held back, and can fail."""

    def __init__(self, *, fails: int = 0) -> None:
        self.done = 0
        self.fails = fails
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> StoredAnswer:
        """Does it."""
        self.begun.set()
        await self.may_end.wait()
        self.done += 1
        if self.done <= self.fails:
            raise RuntimeError("failed")
        return StoredAnswer(201, {"number": self.done, "note": "planted"}, {"ETag": '"7"'})


async def ask(
    api: Database,
    merchant: UUID,
    work: Callable[[], Awaitable[StoredAnswer]],
    *,
    key: str | None = "k",
    body: object = 1,
) -> StoredAnswer:
    """One request with a key, as an endpoint makes it."""
    async with api.write(merchant) as session:
        return await Idempotency(RING, "publisher").run(
            session, key=key, method_path=POST, body=json.dumps(body).encode(), produce=work
        )


async def test_repeated(api: Database, merchant: UUID) -> None:
    """The same request again gets the first answer, headers included, and does nothing."""
    work = Work()

    first = await ask(api, merchant, work)
    again = await ask(api, merchant, work)

    assert work.done == 1
    assert (again.status, again.body, again.headers) == (first.status, first.body, first.headers)
    assert (first.replayed, again.replayed) == (False, True)


async def test_another_body(api: Database, merchant: UUID) -> None:
    """The same key with another body is refused."""
    work = Work()
    await ask(api, merchant, work, body={"content": "a"})

    with pytest.raises(IdempotencyConflict):
        await ask(api, merchant, work, body={"content": "b"})
    assert work.done == 1


async def test_another_merchant(api: Database, merchant: UUID, superuser: asyncpg.Connection) -> None:
    """Keys belong to a merchant: another one's request with the same key is its own."""
    other = uuid4()
    await superuser.execute("INSERT INTO auth.users (id) VALUES ($1)", other)
    work = Work()

    await ask(api, merchant, work)
    await ask(api, other, work)

    assert work.done == 2


async def test_at_the_same_time(api: Database, merchant: UUID) -> None:
    """A duplicate that comes while the first is at work waits for it, and gets its answer."""
    work = Work()
    work.may_end.clear()
    first = asyncio.create_task(ask(api, merchant, work))
    await work.begun.wait()
    duplicates = [asyncio.create_task(ask(api, merchant, work)) for _ in range(4)]
    _, waiting = await asyncio.wait(duplicates, timeout=0.3)

    work.may_end.set()
    answers = await asyncio.gather(first, *duplicates)

    assert len(waiting) == 4
    assert work.done == 1
    assert {json.dumps(answer.body) for answer in answers} == {json.dumps(answers[0].body)}


async def test_failure_frees_the_key(api: Database, merchant: UUID) -> None:
    """Work that failed leaves nothing behind: the same request does it anew."""
    work = Work(fails=1)

    with pytest.raises(RuntimeError):
        await ask(api, merchant, work)
    answer = await ask(api, merchant, work)

    assert (work.done, answer.replayed) == (2, False)


async def test_after_a_day(api: Database, merchant: UUID, superuser: asyncpg.Connection) -> None:
    """A key counts for a day; after that it is new, also with another body."""
    work = Work()
    await ask(api, merchant, work, body="a")
    await superuser.execute(
        "UPDATE retail_b2c.publisher_idempotency SET created_at = created_at - interval '25 hours' WHERE user_id = $1",
        merchant,
    )

    fresh = await ask(api, merchant, work, body="b")
    again = await ask(api, merchant, work, body="b")

    assert (work.done, fresh.replayed, again.replayed) == (2, False, True)


async def test_without_a_key(api: Database, merchant: UUID) -> None:
    """Without a key every request is done."""
    work = Work()

    await ask(api, merchant, work, key=None)
    await ask(api, merchant, work, key=None)

    assert work.done == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "ümlaut", "line\nbreak"])
async def test_no_key_at_all(api: Database, merchant: UUID, key: str) -> None:
    """A key that is none is the caller's mistake, naming the header."""
    with pytest.raises(Invalid) as caught:
        await ask(api, merchant, Work(), key=key)

    assert caught.value.field == "header.idempotency-key"


async def test_answers_are_encrypted(api: Database, merchant: UUID, superuser: asyncpg.Connection) -> None:
    """A stored answer cannot be read in the database, and opens for no other key."""
    await ask(api, merchant, Work(), key="a")
    await ask(api, merchant, Work(), key="b")

    stored = await superuser.fetch(
        "SELECT answer FROM retail_b2c.publisher_idempotency WHERE user_id = $1 ORDER BY key", merchant
    )
    assert not any("planted" in row["answer"] for row in stored)
    assert stored[0]["answer"] != stored[1]["answer"]


async def test_vanished_merchant(api: Database) -> None:
    """A merchant who no longer exists is told so, before any work is done."""
    work = Work()

    with pytest.raises(UserGone):
        await ask(api, uuid4(), work)
    assert work.done == 0
