"""The real adapters against the simulated platforms, all the way into the tables and events."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.contract.platforms.posts_contract import TEXT
from tests.contract.platforms.stage import Linked, Publication, Stage, a_picture
from tests.integration.analytics.support import SCHEDULES, Bench
from tests.support.eventually import eventually

from analytics.collecting.collector import Collector
from analytics.collecting.rounds import Sources
from analytics.collecting.tokens import Granted
from social_common.http import HttpClient, HttpError
from social_platforms._core import Platform, PostContent

PLATFORMS = [Platform.X, Platform.INSTAGRAM, Platform.GITHUB]


@pytest.fixture(scope="module")
async def sandbox_url() -> AsyncIterator[str]:
    """A running sandbox."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "social_sandbox", "--port", str(port), "--public-url", url
    )
    try:
        async with HttpClient() as http:
            await eventually(lambda: _is_up(http, url), what="the sandbox is up")
        yield url
    finally:
        process.terminate()
        await process.wait()


async def _is_up(http: HttpClient, url: str) -> bool:
    try:
        return (await http.request("GET", f"{url}/readyz")).status == 200
    except HttpError:
        return False


@dataclass
class LinkedTokens:
    """A broker that hands out one grant's token."""

    linked: Linked

    async def token_for(self, connection_id: UUID, *, user_id: UUID, refused_version: int | None = None) -> Granted:
        """The token."""
        assert connection_id != user_id
        return Granted(self.linked.access(), refused_version or 1)


@dataclass
class Scene:
    """One platform with a linked account, a live post, and a collector on both."""

    bench: Bench
    stage: Stage
    linked: Linked
    connection: dict[str, Any]
    post: dict[str, Any]

    def collector(self) -> Collector:
        """A worker's collector over the real adapter."""
        name = str(self.stage.platform)
        sources = Sources(
            {name: self.stage.measuring()}, self.bench.facts, LinkedTokens(self.linked), SCHEDULES, lambda: 0.0
        )
        return Collector(self.bench.worker, sources, 4, timedelta(minutes=3))

    async def collect(self) -> None:
        """Collects until nothing is due."""
        while await self.collector().collect_due() is not None:
            pass

    async def engage(self, **metrics: int) -> None:
        """Sets the post's numbers at the platform."""
        body = {"platform": self.stage.platform, "platform_post_id": self.post["platform_post_id"], "metrics": metrics}
        await self.stage.control("POST", "/engagement", body)


@pytest.fixture(params=PLATFORMS)
async def scene(bench: Bench, sandbox_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A merchant with one post live on the platform, known to analytics from its events."""
    async with HttpClient() as http:
        stage = Stage(sandbox_url, http, platform=request.param)
        await stage.control("POST", "/reset")
        linked = await stage.link()
        pictures = (await a_picture(stage),) if request.param is Platform.INSTAGRAM else ()
        publication = Publication(stage, linked, PostContent(TEXT, pictures), stage.publishing())
        await publication.prepare()
        live = await publication.publish()
        connection = await bench.linked(
            await bench.merchant(),
            platform=str(request.param),
            platform_id=linked.place.platform_id,
            kind=str(linked.place.kind),
        )
        post = await bench.published(
            connection,
            kind=str(publication.posts.kind_of(publication.content)),
            platform_post_id=live.platform_post_id,
            posted_at=datetime.now(UTC) - timedelta(minutes=30),
        )
        yield Scene(bench, stage, linked, connection, post)


async def test_numbers_arrive(scene: Scene) -> None:
    """What the platform shows stands in the snapshot and the post, is told, and its raw answers are kept."""
    await scene.engage(likes=41, comments=5)

    await scene.collect()

    (account,) = await scene.bench.told("account.measured", scene.connection["connection_id"])
    (post,) = await scene.bench.told("post.measured", scene.post["post_id"])
    raw = await scene.bench.rows("SELECT body::text, keep_until - now() AS keep FROM retail_b2c.analytics_raw_answers")
    retention = scene.bench.facts[str(scene.stage.platform)].raw_retention
    assert account["followers"] == 1200
    assert (post["metrics"]["likes"], post["metrics"]["comments"]) == (41, 5)
    assert len(raw) >= 2
    assert all(timedelta(0) < retention - row["keep"] < timedelta(minutes=5) for row in raw)
    assert not any(secret in row["body"] for row in raw for secret in scene.linked.secrets())


@pytest.mark.parametrize("kind", ["error_500", "garbage", "html", "drop", "rate_limit"])
async def test_trouble_passes(scene: Scene, kind: str) -> None:
    """A platform's trouble costs a wait, never a wrong number, and the next read heals it."""
    await scene.stage.plan("metrics", kind, count=2)
    await scene.collect()
    told_in_trouble = await scene.bench.rows("SELECT topic FROM retail_b2c.analytics_outbox")
    await scene.stage.control("DELETE", "/faults")
    await scene.bench.end_waits()
    await scene.bench.admin.execute("UPDATE retail_b2c.analytics_connections SET next_due_at = retail_b2c.social_now()")

    await scene.collect()

    assert len(told_in_trouble) < 2
    assert len(await scene.bench.told("account.measured", scene.connection["connection_id"])) == 1
    assert len(await scene.bench.told("post.measured", scene.post["post_id"])) == 1
