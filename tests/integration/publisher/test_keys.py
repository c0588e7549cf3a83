"""Idempotency keys of create calls: a refusal that may pass stops who was under way, and nobody who comes later."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.integration.publisher.api_kit import Api, create_test_api
from tests.integration.publisher.kit import NoMedia, World, soon

from publisher.projections.repository import Connection
from social_common.db import Database
from social_common.http import HttpClient, HttpResponse
from social_platforms._core import ErrorCode, MediaItem, PlatformError

KEY = {"Idempotency-Key": "k-1"}
PICTURE = "https://cdn.example.test/a.jpg"


class Server(NoMedia):
    """A file server that is asked in turn: it may be slow, or not there."""

    def __init__(self) -> None:
        self.next: list[Callable[[], Awaitable[None]]] = []

    async def describe(self, item: MediaItem) -> MediaItem:
        """A picture, if the server gives it."""
        if self.next:
            await self.next.pop(0)()
        return await super().describe(item)


@dataclass
class Caller:
    """A merchant whose calls all have one key and one body."""

    world: World
    me: Api
    connection: Connection
    server: Server = field(default_factory=Server)

    def __post_init__(self) -> None:
        self.body: dict[str, Any] = {
            "content": "Mugs",
            "targets": [{"connection_id": str(self.connection.connection_id)}],
            "media": [{"url": PICTURE}],
            "mode": "schedule",
            "scheduled_at": soon(3600).isoformat(),
        }

    async def create(self) -> HttpResponse:
        """The call."""
        return await self.me.call("POST", "/v1/posts", json=self.body, headers=KEY)

    async def share(self) -> HttpResponse:
        """The same key with a product."""
        product = {
            "id": "1",
            "title": "Mug",
            "price": "9.50",
            "currency": "EUR",
            "url": "https://shop.example.test/1",
            "image_url": PICTURE,
        }
        body = {"product": product, "targets": self.body["targets"], "mode": "now"}
        return await self.me.call("POST", "/v1/products/share", json=body, headers=KEY)

    async def set_usable(self, is_usable: bool) -> None:
        """The connection is down, or up again."""
        await self.world.sql("UPDATE retail_b2c.publisher_connections SET is_usable = $1", is_usable)

    async def count(self) -> int:
        """How many posts there are."""
        return len(await self.world.sql("SELECT 1 FROM retail_b2c.social_posts"))


@pytest.fixture
async def caller(world: World) -> AsyncIterator[Caller]:
    """One merchant at the API."""
    database, server = Database(world.urls.secret("api"), service="publisher", pool_size=6), Server()
    connection = await world.a_connection(await world.a_user())
    async with HttpClient(asgi_app=create_test_api(world, database, media=server)) as http:
        yield Caller(world, Api(http).as_merchant(connection.user_id), connection, server)
    await database.close()


async def is_away() -> None:
    """The file cannot be had at the moment."""
    raise PlatformError(ErrorCode.MEDIA_REJECTED, "The file's server took too long.", retryable=True)


async def is_no_picture() -> None:
    """The file is none that can be used."""
    raise PlatformError(ErrorCode.MEDIA_REJECTED, "This is no picture.")


@pytest.mark.parametrize("way", ["create", "share"])
async def test_a_file_that_could_not_be_fetched_is_asked_for_again(caller: Caller, way: str) -> None:
    """The repeat with the same key is handled anew, and from then on its answer counts."""
    call = caller.create if way == "create" else caller.share
    caller.server.next.append(is_away)

    answers = [await call() for _ in range(3)]

    assert [answer.status for answer in answers] == [422, 201, 201]
    assert answers[1].json() == answers[2].json()
    assert await caller.count() == 1
    assert "x-may-pass" not in answers[0].headers


async def test_a_connection_that_is_back_takes_the_same_key(caller: Caller) -> None:
    """409 as long as it is down, then made once."""
    await caller.set_usable(False)
    refused = [(await caller.create()).status for _ in range(2)]
    await caller.set_usable(True)

    made = await asyncio.gather(*(caller.create() for _ in range(4)))

    assert refused == [409, 409]
    assert {answer.status for answer in made} == {201}
    assert len({answer.text for answer in made}) == 1
    assert await caller.count() == 1


async def test_a_file_that_is_no_picture_is_refused_for_good(caller: Caller) -> None:
    """What the request itself decides has one answer, although the file is another one by now."""
    caller.server.next.append(is_no_picture)

    answers = [await caller.create() for _ in range(2)]

    assert [answer.status for answer in answers] == [422, 422]


async def test_a_passing_refusal_stops_the_slower_twin(caller: Caller) -> None:
    """Two at once: one is told that nothing was made, and nothing is; a later repeat is handled anew."""
    is_asked, may_go_on = asyncio.Event(), asyncio.Event()

    async def is_slow() -> None:
        is_asked.set()
        await may_go_on.wait()

    caller.server.next += [is_slow, is_away]
    slow = asyncio.create_task(caller.create())
    await is_asked.wait()
    quick = await caller.create()
    may_go_on.set()

    assert (quick.status, (await slow).status) == (422, 422)
    assert await caller.count() == 0
    assert (await caller.create()).status == 201
