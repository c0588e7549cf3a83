"""One simulated platform with an account linked, real adapters and services on a real database, turned by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.contract.platforms.stage import Linked, Stage, a_picture, a_video
from tests.integration.publisher.kit import RING, World, quick_settings

from publisher.brokerage import Brokered, ConnectionDownError, ConnectionFacts
from publisher.engine import Engine, Outside
from publisher.main import create_board
from publisher.media import GuardedMedia
from publisher.planning.board import Board
from publisher.projections.repository import Connection
from publisher.publishing.contents import stored_media
from publisher.sealing import Seals
from social_common.db import Database
from social_common.http import HttpClient, HttpError
from social_common.media_fetch import MediaFetcher
from social_platforms._core import MediaItem, Platform
from social_platforms.registry import all_facts

WORDS = "New: copper kettle"


@dataclass(frozen=True)
class Scene:
    """One kind of place to publish at, and how posts are told there.

    `lag` is the switch that says how long a new post is missing from what can be read; without one the scene is made
    blind by taking the account away. `carries`: what a post must carry there.
    """

    platform: Platform
    second_app: str = ""
    person: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    carries: str = ""
    lag: str = ""
    is_readable: bool = True
    is_resend_safe: bool = False
    takes_equals: bool = True


SCENES = {
    "x": Scene(Platform.X, lag="timeline_lag_s", takes_equals=False),
    "facebook": Scene(Platform.FACEBOOK, lag="list_lag_s", takes_equals=False),
    "instagram": Scene(Platform.INSTAGRAM, carries="picture", is_resend_safe=True),
    "linkedin-page": Scene(
        Platform.LINKEDIN,
        second_app="community",
        person={"places": [{"kind": "organization", "name": "Copper & Co"}]},
        lag="read_lag_s",
        takes_equals=False,
    ),
    "linkedin-profile": Scene(Platform.LINKEDIN, is_readable=False, takes_equals=False),
    "youtube": Scene(Platform.YOUTUBE, carries="video", is_resend_safe=True),
    "google": Scene(Platform.GOOGLE, lag="list_lag_s"),
    "github-discussion": Scene(Platform.GITHUB, person={"places": [{"kind": "repository", "name": "shop"}]}),
    "github-release": Scene(
        Platform.GITHUB,
        person={"places": [{"kind": "repository", "name": "shop"}]},
        options={"kind": "release"},
        is_resend_safe=True,
    ),
}
READABLE = [name for name, scene in SCENES.items() if scene.is_readable]


class LinkedBroker:
    """Hands out the token of one linked account, while there is one."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked
        self.is_away = False

    async def access(self, *_: Any, **__: Any) -> Brokered:
        """A good one, unless the merchant has to connect again."""
        if self.is_away:
            raise ConnectionDownError(1)
        return Brokered(self._linked.access(), 1)

    async def connection(self, *_: Any) -> ConnectionFacts | None:
        """Never asked."""
        return None


class PlatformTheatre:
    """One platform, one account linked, workers and an API's use cases on it."""

    def __init__(self, world: World, stage: Stage, scene: Scene, linked: Linked, fetcher: MediaFetcher) -> None:
        self.world = world
        self.stage = stage
        self.scene = scene
        self.broker = LinkedBroker(linked)
        self._linked = linked
        self._fetcher = fetcher

    def _outside(self) -> Outside:
        return Outside(
            broker=self.broker,
            adapters={self.stage.platform.value: self.stage.publishing()},
            facts={platform.value: facts for platform, facts in all_facts().items()},
            media=GuardedMedia(self._fetcher),
            seals=Seals(RING),
        )

    def engine(self) -> Engine:
        """A worker with the platform's real adapter."""
        looks = {platform.value: [0.0, 0.0, 0.0] for platform in Platform}
        settings = quick_settings(look_delays=looks, prepare_patience=timedelta(0))
        return Engine(settings, self.world.database, self._outside(), stop=self.world.stop)

    def board(self, database: Database) -> Board:
        """The use cases behind the API."""
        return create_board(self.world.settings, database, self._outside(), ring=RING)

    async def a_merchant(self, *, on_doubt: str = "ask") -> Connection:
        """A merchant whose connection the linked account is."""
        connection = await self.world.a_connection(
            await self.world.a_user(),
            platform=self.stage.platform.value,
            platform_id=self._linked.place.platform_id,
            kind=self._linked.place.kind.value,
        )
        await self.world.sql(
            "INSERT INTO retail_b2c.publisher_settings (user_id, on_doubt) VALUES ($1, $2)",
            connection.user_id,
            on_doubt,
        )
        return connection

    async def a_due_post(
        self, connection: Connection, *, media: MediaItem | None = None, options: Mapping[str, Any] | None = None
    ) -> UUID:
        """A post with what this platform wants to see, due now. All have the same words."""
        carried = media or await self._carried()
        return await self.world.a_post(
            connection,
            content=WORDS,
            media=json.dumps([stored_media(carried)] if carried else []),
            options=json.dumps({**self.scene.options, **(options or {})}),
        )

    async def _carried(self) -> MediaItem | None:
        match self.scene.carries:
            case "picture":
                return await a_picture(self.stage)
            case "video":
                return await a_video(self.stage)
            case _:
                return None

    async def work(self, *, rounds: int = 12) -> None:
        """Turns the engine until nothing is left to do; platforms that work on media get time for it."""
        engine = self.engine()
        for _ in range(rounds):
            await self.world.work_due(engine)
            await self.pass_time(6)
            await self.world.sql(
                "UPDATE retail_b2c.social_posts SET due_at = now() WHERE status IN ('scheduled', 'held')"
            )
            # Looks are timed by the real clock, which nobody waits for here; late ones are asked for by name.
            await self.world.sql(
                "UPDATE retail_b2c.publisher_attempts SET next_look_at = now() "
                "WHERE next_look_at IS NOT NULL AND finished_at IS NULL"
            )
            await self.world.work_looks(engine)
            if not await self._stands("scheduled", "held", "publishing"):
                return

    async def send(self, *, rounds: int = 8) -> None:
        """Turns the engine until every post was sent, and looks at none."""
        engine = self.engine()
        for _ in range(rounds):
            await self.world.work_due(engine)
            if not await self._stands("scheduled"):
                return
            await self.pass_time(6)
            await self.world.sql("UPDATE retail_b2c.social_posts SET due_at = now() WHERE status = 'scheduled'")

    async def _stands(self, *statuses: str) -> bool:
        """Whether any post stands there."""
        return await self.world.sql("SELECT FROM retail_b2c.social_posts WHERE status = ANY ($1)", statuses) != []

    async def look_late(self) -> None:
        """Makes the late looks, as if their time had come."""
        await self.world.sql(
            "UPDATE retail_b2c.publisher_attempts SET next_look_at = now() WHERE next_look_at IS NOT NULL"
        )
        await self.world.work_looks(self.engine())

    async def pass_time(self, seconds: float) -> None:
        """Both clocks go on, the platform's and the product's; what our budgets counted by the real one is past."""
        await self.stage.advance(seconds)
        await self.world.advance(timedelta(seconds=seconds))
        await self.world.sql("DELETE FROM retail_b2c.publisher_budgets")

    async def go_blind(self) -> None:
        """From now on reading the account back shows nothing new."""
        if self.scene.lag:
            await self.stage.switch(**{self.scene.lag: 3600})
        elif self.scene.is_readable:
            self.broker.is_away = True

    async def see_again(self) -> None:
        """Reading the account back shows everything."""
        if self.scene.lag:
            await self.stage.switch(**{self.scene.lag: 0})
        self.broker.is_away = False

    async def ids_there(self) -> list[str]:
        """The ground truth, oldest first."""
        return [post["platform_post_id"] for post in await self.stage.posts()]

    async def story(self, post_id: UUID) -> list[tuple[str, str, Any, bool]]:
        """What was told of a post: topic, how it stands, by whose word, and whether it may be there twice.

        Revisions rise from each event to the next.
        """
        events = await self.world.events(post_id)
        revisions = [data["revision"] for _, data in events]
        assert revisions == sorted(set(revisions)), events
        return [
            (topic, data.get("status", "published"), data["settled_by"], data["may_be_duplicate"])
            for topic, data in events
            if topic in {"post.published", "post.failed"}
        ]


async def is_up(http: HttpClient, url: str) -> bool:
    """Whether the sandbox answers."""
    try:
        return (await http.request("GET", f"{url}/readyz")).status == 200
    except HttpError:
        return False
