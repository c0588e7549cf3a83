"""`make demo`: the main job without a hand, checked against the platforms' ground truth and the event log.

Every configured platform is linked, at a place that it has besides the account itself where there is one. One product
goes out with a picture to all that take pictures, another with a video to all that take videos.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from social_common.http import HttpClient
from social_stack.config import BadSetting, StackConfig
from social_stack.demo_table import print_table, row_of
from social_stack.events import REQUIRED_HEADERS, read_topics
from social_stack.merchant import Json, Merchant, sign_up
from social_stack.ports import Ports
from social_stack.secrets import SERVICES
from social_stack.up import Progress, running_stack

_DUE_IN = timedelta(seconds=8)
_LIVE_WITHIN = timedelta(seconds=60)
_MEASURED_WITHIN = timedelta(seconds=60)
_PICTURE = "picture.jpg"
_VIDEO = "video.mp4"
_PLACES = ("kettles", "teapots")
_ITSELF = frozenset({"account", "member"})
T = TypeVar("T")
_TOPICS = ("connection.linked", "post.scheduled", "post.published")


class DemoFailed(Exception):
    """Something of the main job is missing; the text says what."""


async def run_demo(*, stack_url: str | None, say: Progress) -> None:
    """Runs the demo against a running stack, or against one of its own on free ports."""
    config = StackConfig.from_environment(free_ports=stack_url is None)
    if config.supabase_url and not config.supabase_anon_key:
        raise BadSetting("With SUPABASE_URL the demo signs up at that project and needs SUPABASE_ANON_KEY.")
    if stack_url is not None:
        base = urlsplit(stack_url).port or Ports().base
        await Demo(replace(config, ports=Ports(base)), say=say).run()
        return
    with tempfile.TemporaryDirectory(prefix="social-demo-") as folder:
        own = replace(config, data_dir=Path(folder))
        async with running_stack(own, say=say) as stack:
            await Demo(own, say=say, kafka=stack.kafka).run()
        say("everything stopped")


class Demo:
    """One run of the main job."""

    def __init__(self, config: StackConfig, *, say: Progress, kafka: str | None = None) -> None:
        self._config = config
        self._say = say
        self._kafka = kafka or config.kafka_bootstrap_servers or f"127.0.0.1:{config.ports.kafka}"
        self._sandbox = f"http://localhost:{config.ports.sandbox}"
        self._urls = {s: f"http://localhost:{config.ports.api(i)}" for i, s in enumerate(SERVICES, start=1)}

    async def run(self) -> None:
        """Links, shares, waits, measures, prints; raises DemoFailed when anything is missing."""
        async with HttpClient(user_agent="social-demo", timeout=timedelta(seconds=20)) as http:
            identity = self._config.supabase_url or self._sandbox
            user_id, token = await sign_up(http, identity, anon_key=self._config.supabase_anon_key)
            merchant = Merchant(http, self._urls, token, return_to=f"http://localhost:{self._config.ports.console}/")
            self._say(f"merchant {user_id} signed up")
            offered = await self._offered(merchant)
            connections = await self._link_everywhere(http, merchant, offered)
            posts = await self._share_everything(http, merchant, offered, connections)
            posts = await self._wait_until_live(merchant, posts)
            await self._check_ground_truth(http, posts)
            posts = await self._wait_until_measured(merchant, offered, posts)
            rows = [await row_of(merchant, connection, posts) for connection in connections]
            await self._check_events(user_id, connections, posts)
        print_table(rows)
        say = f"demo: ok, {len(posts)} posts live on {len(connections)} platforms, each exactly once"
        print(say, flush=True)  # noqa: T201

    async def _offered(self, merchant: Merchant) -> dict[str, Json]:
        platforms = (await merchant.ask("GET", "auth-linker", "/v1/platforms"))["platforms"]
        offered = {platform["platform"]: platform for platform in platforms if platform["configured"]}
        if not offered:
            raise DemoFailed("no platform is configured")
        return offered

    async def _link_everywhere(self, http: HttpClient, merchant: Merchant, offered: dict[str, Json]) -> list[Json]:
        connections = []
        for name, platform in offered.items():
            kind = platform["linkable_kinds"][-1]
            account = await self._account(http, name, kind)
            connection = await merchant.link(name, account=account, kinds=[kind])
            self._say(f"{name}: linked the {connection['kind']} {connection['display_name']}")
            connections.append(connection)
        return connections

    async def _account(self, http: HttpClient, platform: str, kind: str) -> str:
        body: Json = {"platform": platform, "display_name": "Kettle & Co", "followers": 1200}
        if kind not in _ITSELF:
            body["places"] = [{"kind": kind, "name": name} for name in _PLACES]
        answer = await http.request("POST", f"{self._sandbox}/_control/accounts", json=body)
        if answer.status // 100 != 2:  # noqa: PLR2004
            raise DemoFailed(f"{platform}: the sandbox made no account: {answer.text[:300]}")
        return str(answer.json()["account_id"])

    async def _share_everything(
        self, http: HttpClient, merchant: Merchant, offered: dict[str, Json], connections: list[Json]
    ) -> list[Json]:
        # Services may reach them by another address than this process does; the sandbox knows by which.
        assets = str((await http.request("GET", self._sandbox)).json()["assets"])
        due = datetime.now(UTC) + await self._clock_offset() + _DUE_IN
        kinds = {name: {rule["kind"] for rule in platform["media"]} for name, platform in offered.items()}
        pictured = [one for one in connections if "image" in kinds[one["platform"]]]
        filmed = [one for one in connections if "video" in kinds[one["platform"]]]
        posts = await self._share(merchant, "kettle-1", "Copper kettle", pictured, due=due, assets=assets)
        posts += await self._share(
            merchant, "kettle-2", "Copper kettle at work", filmed, due=due, assets=assets, video=True
        )
        self._say(f"shared to {len(connections)} platforms: {len(posts)} posts, due {due:%H:%M:%S} UTC")
        return posts

    async def _share(
        self,
        merchant: Merchant,
        product: str,
        title: str,
        places: list[Json],
        *,
        due: datetime,
        assets: str,
        video: bool = False,
    ) -> list[Json]:
        described = {
            "id": product,
            "title": title,
            "description": "Hand-beaten copper, holds 1.2 litres, whistles when it is ready.",
            "price": "79.00",
            "currency": "EUR",
            "url": f"https://seftec.store/products/{product}",
            "image_url": f"{assets}{_PICTURE}",
        }
        if video:
            described["video_url"] = f"{assets}{_VIDEO}"
        body = {
            "product": described,
            "targets": [{"connection_id": place["id"]} for place in places],
            "scheduled_at": due.isoformat(),
            "mode": "schedule",
        }
        posts: list[Json] = (await merchant.ask("POST", "publisher", "/v1/products/share", body))["posts"]
        return posts

    async def _clock_offset(self) -> timedelta:
        """How far the stack's clock was moved away from this machine's."""
        async with HttpClient(user_agent="social-demo", timeout=timedelta(seconds=5)) as http:
            answer = await http.request("GET", f"{self._sandbox}/_control/clock")
        return datetime.fromisoformat(answer.json()["now"]) - datetime.now(UTC)

    async def _wait_until_live(self, merchant: Merchant, posts: list[Json]) -> list[Json]:
        async def read() -> list[Json] | None:
            now = await _as_they_are(merchant, posts)
            broken = [post for post in now if post["status"] not in {"scheduled", "publishing", "published"}]
            if broken:
                raise DemoFailed(f"{broken[0]['platform']}: {broken[0]['status']}: {broken[0]['error']}")
            return now if all(post["status"] == "published" for post in now) else None

        live = await _until(read, within=_LIVE_WITHIN, what="not every post went live")
        self._say("all posts are live")
        return live

    async def _check_ground_truth(self, http: HttpClient, posts: list[Json]) -> None:
        for post in posts:
            answer = await http.request("GET", f"{self._sandbox}/_control/posts", params={"platform": post["platform"]})
            there = answer.json()["posts"]
            found = [p for p in there if p["platform_post_id"] == post["platform_post_id"]]
            twins = [(p["platform_id"], p["text"]) for p in found]
            same_text = [p for p in there if (p["platform_id"], p["text"]) in twins]
            if len(found) != 1 or len(same_text) != 1:
                raise DemoFailed(
                    f"{post['platform']}: {len(found)} posts with its id and {len(same_text)} with its text "
                    f"stand on the platform; both must be one"
                )

    async def _wait_until_measured(self, merchant: Merchant, offered: dict[str, Json], posts: list[Json]) -> list[Json]:
        """The posts with their numbers, where the platform reports any of single posts."""

        async def read() -> list[Json] | None:
            now = await _as_they_are(merchant, posts)
            waiting = [post for post in now if offered[post["platform"]]["reports_numbers"] and not post["engagement"]]
            return None if waiting else now

        measured = await _until(read, within=_MEASURED_WITHIN, what="not every post was measured")
        self._say("analytics were collected")
        return measured

    async def _check_events(self, user_id: str, connections: list[Json], posts: list[Json]) -> None:
        expected = {("connection.linked", c["id"]) for c in connections}
        expected |= {(topic, p["id"]) for topic in _TOPICS[1:] for p in posts}

        async def read() -> bool | None:
            records = await read_topics(self._kafka, _TOPICS, within=timedelta(seconds=10))
            ours = [record for record in records if record.key == user_id]
            for record in ours:
                missing = [name for name in REQUIRED_HEADERS if not record.headers.get(name)]
                if missing or record.headers["ce_type"] != f"store.seftec.social.{record.topic}.v1":
                    raise DemoFailed(f"a record on {record.topic} has no valid CloudEvents headers: {missing}")
            return True if expected <= {(r.topic, r.headers["ce_subject"]) for r in ours} else None

        await _until(read, within=timedelta(seconds=20), what="not every event reached Kafka")
        self._say(f"the event log holds {len(expected)} CloudEvents of this merchant on {', '.join(_TOPICS)}")


async def _as_they_are(merchant: Merchant, posts: list[Json]) -> list[Json]:
    """The same posts, read anew by one request: a call for each would use up a merchant's own rate limit."""
    listed = (await merchant.ask("GET", "publisher", "/v1/posts?limit=100"))["posts"]
    by_id = {post["id"]: post for post in listed}
    return [by_id[post["id"]] for post in posts]


async def _until(read: Callable[[], Awaitable[T | None]], *, within: timedelta, what: str) -> T:
    deadline = asyncio.get_running_loop().time() + within.total_seconds()
    while True:
        found = await read()
        if found is not None:
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise DemoFailed(f"{what} within {within.total_seconds():.0f} s")
        await asyncio.sleep(0.5)
