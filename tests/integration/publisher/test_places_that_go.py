"""A connection that ends while a request is under way: no post waits for a place its merchant has taken away."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.publisher.api_kit import Api, create_test_api
from tests.integration.publisher.kit import NoMedia, World, soon

from publisher.projections.events import ConnectionEnd
from publisher.projections.repository import Connection, store
from publisher.projections.service import take_end
from social_common.db import Database
from social_common.http import HttpClient
from social_platforms._core import MediaItem

MEDIA = [{"url": "https://cdn.example.test/a.jpg", "alt_text": "A mug"}]


class SlowPictures(NoMedia):
    """Pictures during whose fetching something happens, once."""

    def __init__(self) -> None:
        self.meanwhile: list[Callable[[], Awaitable[None]]] = []

    async def describe(self, item: MediaItem) -> MediaItem:
        """A picture, after what happens."""
        while self.meanwhile:
            await self.meanwhile.pop()()
        return await super().describe(item)


@dataclass
class Shop:
    """A merchant with a place, and pictures that take their time."""

    world: World
    me: Api
    connection: Connection
    pictures: SlowPictures = field(default_factory=SlowPictures)

    async def unlink(self) -> None:
        """The merchant's own disconnect is consumed."""
        end = ConnectionEnd(
            connection_id=self.connection.connection_id,
            grant_id=self.connection.grant_id,
            user_id=self.connection.user_id,
            revision=20,
            platform="x",
            platform_id=self.connection.platform_id,
            reason="user",
        )
        async with self.world.database.write(self.connection.user_id) as session:
            await take_end(session, end, probe_after=timedelta(minutes=5))

    async def relink(self) -> None:
        """It is linked anew."""
        async with self.world.database.write(self.connection.user_id) as session:
            await store(session, replace(self.connection, revision=30))

    def body(self, **changes: Any) -> dict[str, Any]:
        """A create call with a picture."""
        targets = [{"connection_id": str(self.connection.connection_id)}]
        known = {"content": "Mugs", "targets": targets, "media": MEDIA, "mode": "schedule",
                 "scheduled_at": soon(3600).isoformat()}  # fmt: skip
        return known | changes


@pytest.fixture
async def shop(world: World) -> AsyncIterator[Shop]:
    """One merchant at the API."""
    database, pictures = Database(world.urls.secret("api"), service="publisher", pool_size=4), SlowPictures()
    connection = await world.a_connection(await world.a_user())
    async with HttpClient(asgi_app=create_test_api(world, database, media=pictures)) as http:
        yield Shop(world, Api(http).as_merchant(connection.user_id), connection, pictures)
    await database.close()


async def test_a_disconnect_during_a_create_refuses_it(shop: Shop) -> None:
    """409 by the target's field, and nothing is stored."""
    shop.pictures.meanwhile.append(shop.unlink)

    answer = await shop.me.call("POST", "/v1/posts", json=shop.body())

    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert answer.json()["errors"][0]["field"] == "body.targets.0.connection_id"
    assert await shop.world.sql("SELECT 1 FROM retail_b2c.social_posts") == []


async def test_a_new_link_during_a_create_is_the_one_it_is_made_with(shop: Shop) -> None:
    """A disconnect of before that link does not cancel it any more."""
    shop.pictures.meanwhile.append(shop.relink)

    answer = await shop.me.call("POST", "/v1/posts", json=shop.body())
    await shop.unlink()

    [post] = await shop.world.sql("SELECT * FROM retail_b2c.social_posts")
    assert answer.status == 201
    assert (post["status"], post["connection_revision"]) == ("scheduled", 30)


@pytest.mark.parametrize("command", ["move", "publish", "retry"])
async def test_a_disconnect_during_a_change_refuses_it(shop: Shop, command: str) -> None:
    """A new time, at once, again: each is refused, and the post stands as the disconnect left it."""
    status = "failed" if command == "retry" else "scheduled"
    media = '[{"url": "https://cdn.example.test/a.jpg", "kind": "image"}]'
    post_id = await shop.world.a_post(shop.connection, due_in=3600, status=status, media=media)
    shop.pictures.meanwhile.append(shop.unlink)
    path = f"/v1/posts/{post_id}"

    if command == "move":
        later = {"scheduled_at": soon(7200).isoformat()}
        answer = await shop.me.call("PATCH", path, json=later, headers={"If-Match": '"1"'})
    else:
        answer = await shop.me.call("POST", f"{path}/{command}")

    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert (await shop.world.post(post_id))["status"] == ("failed" if command == "retry" else "canceled")
