"""The whole engine with the real adapters against the simulated platforms: what is there is there once."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.platforms.stage import Linked, Stage, a_picture
from tests.integration.publisher.kit import RING, World, quick_settings
from tests.support.eventually import eventually

from publisher.brokerage import Brokered, ConnectionFacts
from publisher.engine import Engine, Outside
from publisher.media import GuardedMedia
from publisher.projections.repository import Connection
from publisher.publishing.contents import stored_media
from publisher.sealing import Seals
from social_common.http import HttpClient, HttpError
from social_common.media_fetch import MediaFetcher
from social_platforms._core import Platform
from social_platforms.registry import all_facts

PLATFORMS = [Platform.X, Platform.INSTAGRAM, Platform.GITHUB]


class LinkedBroker:
    """Hands out the token of one linked account."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    async def access(self, *_: Any, **__: Any) -> Brokered:
        """Always a good one."""
        return Brokered(self._linked.access(), 1)

    async def connection(self, *_: Any) -> ConnectionFacts | None:
        """Never asked."""
        return None


@pytest.fixture(scope="module")
async def simulated() -> AsyncIterator[str]:
    """The address of a running sandbox."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "social_sandbox", "--port", str(port), "--public-url", url]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with HttpClient() as http:
            await eventually(lambda: answers(http, url), within=60, what="the sandbox answers")
        yield url
    finally:
        process.terminate()
        await process.wait()


async def answers(http: HttpClient, url: str) -> bool:
    """Whether the sandbox is up."""
    try:
        return (await http.request("GET", f"{url}/readyz")).status == 200
    except HttpError:
        return False


class Theatre:
    """One platform, one account linked, one engine on it."""

    def __init__(self, world: World, stage: Stage, linked: Linked, fetcher: MediaFetcher) -> None:
        self.world = world
        self.stage = stage
        self.linked = linked
        self.fetcher = fetcher

    def engine(self) -> Engine:
        """A worker with the platform's real adapter."""
        looks = {platform.value: [0.0, 0.0, 0.0] for platform in PLATFORMS}
        settings = quick_settings(look_delays=looks, prepare_patience=timedelta(0))
        outside = Outside(
            broker=LinkedBroker(self.linked),
            adapters={self.stage.platform.value: self.stage.publishing()},
            facts={platform.value: facts for platform, facts in all_facts().items()},
            media=GuardedMedia(self.fetcher),
            seals=Seals(RING),
        )
        return Engine(settings, self.world.database, outside, stop=self.world.stop)

    async def a_due_post(self) -> Any:
        """A post with a picture, due now."""
        connection: Connection = await self.world.a_connection(
            await self.world.a_user(),
            platform=self.stage.platform.value,
            platform_id=self.linked.place.platform_id,
        )
        picture = await a_picture(self.stage)
        return await self.world.a_post(connection, content="New: copper kettle", media=as_json([stored_media(picture)]))

    async def work(self, *, rounds: int = 12) -> None:
        """Turns the engine until nothing is left to do; platforms that work on media get time for it."""
        engine = self.engine()
        for _ in range(rounds):
            await self.world.work_due(engine)
            await self.stage.advance(6)
            await self.world.sql(
                "UPDATE retail_b2c.social_posts SET due_at = now() WHERE status IN ('scheduled', 'held')"
            )
            await self.world.work_looks(engine)


def as_json(value: Any) -> str:
    """For a jsonb parameter."""
    return json.dumps(value)


@pytest.fixture(params=PLATFORMS, ids=[platform.value for platform in PLATFORMS])
async def theatre(request: pytest.FixtureRequest, world: World, simulated: str) -> AsyncIterator[Theatre]:
    """A clean platform with one linked account."""
    host = simulated.removeprefix("http://")
    async with HttpClient() as http, MediaFetcher(allow_hosts=frozenset({host})) as fetcher:
        stage = Stage(simulated, http, platform=request.param)
        await stage.control("POST", "/reset")
        details: dict[str, Any] = (
            {"places": [{"kind": "repository", "name": "shop"}]} if request.param is Platform.GITHUB else {}
        )
        yield Theatre(world, stage, await stage.link(**details), fetcher)


async def test_a_due_post_with_a_picture_is_there_once(theatre: Theatre) -> None:
    """From the due row to the ground truth, on every platform."""
    post_id = await theatre.a_due_post()

    await theatre.work()

    post = await theatre.world.post(post_id)
    [there] = await theatre.stage.posts()
    assert post["status"] == "published", post["error"]
    assert there["platform_post_id"] == post["platform_post_id"]
    assert post["permalink"].startswith("https://")


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_500"])
async def test_a_lost_answer_is_settled_and_the_post_is_there_once(theatre: Theatre, fault: str) -> None:
    """The platform took it and the answer was lost: read back, adopted, not sent again."""
    post_id = await theatre.a_due_post()
    await theatre.stage.plan("publish", fault)

    await theatre.work()

    post = await theatre.world.post(post_id)
    assert (post["status"], post["settled_by"]) == ("published", "read_back")
    assert len(await theatre.stage.posts()) == 1


@pytest.mark.parametrize("fault", ["drop", "error_500", "garbage"])
async def test_a_call_that_made_nothing_never_makes_two(theatre: Theatre, fault: str) -> None:
    """Sent again where the platform makes that safe, else unknown; in no case twice."""
    post_id = await theatre.a_due_post()
    await theatre.stage.plan("publish", fault)

    await theatre.work()

    post = await theatre.world.post(post_id)
    there = await theatre.stage.posts()
    assert post["status"] in {"published", "unknown"}
    assert len(there) == (1 if post["status"] == "published" else 0)


async def test_a_rate_limit_holds_the_post_until_it_frees_up(theatre: Theatre) -> None:
    """A 429 at the publishing call is no failure."""
    post_id = await theatre.a_due_post()
    await theatre.stage.plan("publish", "rate_limit", retry_after_s=60)

    await theatre.world.work_due(theatre.engine())
    for _ in range(6):
        if (await theatre.world.post(post_id))["status"] == "held":
            break
        await theatre.stage.advance(6)
        await theatre.world.sql("UPDATE retail_b2c.social_posts SET due_at = now() WHERE status = 'scheduled'")
        await theatre.world.work_due(theatre.engine())
    held = await theatre.world.post(post_id)
    await theatre.world.sql("DELETE FROM retail_b2c.publisher_holds")
    await theatre.stage.advance(120)
    await theatre.work()

    assert (held["status"], held["held_for"]) == ("held", "quota")
    assert (await theatre.world.post(post_id))["status"] == "published"
    assert len(await theatre.stage.posts()) == 1
