"""One walk along the crash points: what every lane shares, and the publisher's own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from tests.chaos.crash_points import PAUSES, orders_of, publishing_orders
from tests.chaos.crew import Crew
from tests.chaos.shops import Json, Shop
from tests.chaos.workload import Order as Request
from tests.support.eventually import eventually
from tests.support.stack import World

from publisher.checkpoints import Publishing
from social_common.checkpoints import Plumbing
from social_common.http import HttpError
from social_stack.crash_orders import Order
from social_stack.merchant import Merchant
from social_stack.secrets import SERVICES

TAG = "[walk-"
_PASSED_WITHIN_S = 90.0
_DISCARDED_WITHIN_S = 40.0
_PICTURED = ("x", "instagram", "facebook", "linkedin", "google")
_CREATED = 201
_PLATFORMS_AT_A_TIME = 3


@dataclass(slots=True)
class Walk:
    """What was asked for on the way, and what came of the orders."""

    world: World
    crew: Crew
    shops: list[Shop]  # several, because a merchant's records all go to one consumer
    platforms: tuple[str, ...]
    is_whole: bool
    requests: list[Request] = field(default_factory=list)
    not_passed: list[str] = field(default_factory=list)
    planted: dict[str, str] = field(default_factory=dict)
    may_be_lost: set[str] = field(default_factory=set)
    # Taken for lost while their refresher stood still; what it brings when it wakes restores them.
    must_come_back: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def shop(self) -> Shop:
        """The merchant who has a place on every platform."""
        return self.shops[0]

    async def step(
        self,
        service: str,
        order: Order,
        stimulus: Callable[[], Awaitable[object]],
        *,
        role: str = "worker",
        within: float = _PASSED_WITHIN_S,
        tries: int = 1,
    ) -> None:
        """Orders, brings it about, and waits until a process has obeyed; up to so many times."""
        for _ in range(tries - 1):
            self.crew.give(service, role, order)
            await stimulus()
            with suppress(AssertionError):
                await self.crew.obeyed(service, role, order, within=within)
                return
        self.crew.give(service, role, order)
        await stimulus()
        await self.obeyed(service, role, order, within=within)

    async def obeyed(self, service: str, role: str, order: Order, *, within: float = _PASSED_WITHIN_S) -> None:
        """Waits; a moment that nobody passes is told at the end, with all others walked."""
        try:
            await self.crew.obeyed(service, role, order, within=within)
        except AssertionError as error:
            self.not_passed.append(str(error))

    async def request(
        self, platform: str, *, shop: Shop | None = None, due_in: timedelta | None = None, plain: bool = False
    ) -> Request:
        """One post for a place of the merchant's on that platform, not sent yet; `plain` has no picture."""
        shop = shop or self.shop
        free = [place for place in shop.places if place.platform == platform and place.left > 0]
        place = free[0] if free else await shop.link(platform)
        place.left -= 1
        number = next(self.numbers)
        tag = f"{TAG}{number:06d}]"
        options: Json = {}
        if place.platform == "youtube":
            options = {"title": f"Kettle {tag}"}
        elif place.platform == "github":
            options = {"kind": ("release", "discussion")[number % 2]}
        body: Json = {
            "content": f"Kettle news {tag}: hand-beaten copper, whistles when it is ready.",
            "media": [] if plain else self._media(place.platform),
            "targets": [{"connection_id": place.connection_id, "options": options}],
            "mode": "now",
        }
        if due_in is not None:
            body |= {"mode": "schedule", "scheduled_at": (datetime.now(UTC) + due_in).isoformat()}
        made = Request(tag, shop, [place], body, key=str(uuid4()))
        self.requests.append(made)
        return made

    def _media(self, platform: str) -> list[Json]:
        assets = f"{self.world.sandbox}/assets"
        if platform == "youtube":
            return [{"url": f"{assets}/video.mp4"}]
        return [{"url": f"{assets}/picture.jpg", "alt_text": "A copper kettle"}] if platform in _PICTURED else []

    async def send(self, request: Request) -> Request:
        """Sends it until it is answered, with one key."""
        answer = await request.shop.insist("POST", "publisher", "/v1/posts", request.body, key=request.key)
        body = answer.json()
        request.status = answer.status
        request.posts = {post["connection_id"]: post["id"] for post in body.get("posts", [])}
        request.code = "" if answer.status == _CREATED else f"{body.get('code')} {body}"
        assert answer.status == _CREATED, answer.text
        return request

    async def publish(self, platform: str, *, shop: Shop | None = None, plain: bool = False) -> Request:
        """A post that is due now."""
        return await self.send(await self.request(platform, shop=shop, plain=plain))

    def merchant_at(self, service: str) -> Merchant:
        """The same merchant, whose calls of that service meet the replica that may end."""
        urls = {name: self.world.stack.environment.api_url(name) for name in SERVICES}
        urls[service] = self.crew.api_of(service)
        return self.shop.merchant.at(urls)


async def walk_publishing(walk: Walk) -> None:
    """Every moment of a post's way, per platform: the worker that passes it is gone.

    A few platforms at a time: with more, workers would end more often than they get anything done.
    """
    turn = asyncio.Semaphore(_PLATFORMS_AT_A_TIME)

    async def walk_one(platform: str, *, whole: bool) -> None:
        async with turn:
            for order in publishing_orders(platform, whole=whole):
                await walk.step("publisher", order, lambda: walk.publish(platform))

    async with asyncio.TaskGroup() as lanes:
        for index, platform in enumerate(walk.platforms):
            lanes.create_task(walk_one(platform, whole=walk.is_whole or index < 2))
    for order in orders_of([Publishing.CLAIM]):
        await walk.step("publisher", order, lambda: walk.publish("x"))


async def walk_pauses(walk: Walk) -> None:
    """A sender stands still until others have taken its work up, and wakes."""
    for order in PAUSES if walk.is_whole else PAUSES[:1]:

        async def one_post(platform: str = order.about) -> None:
            await walk.publish(platform)

        await walk.step("publisher", order, one_post)


async def walk_looks(walk: Walk) -> None:
    """The looks that settle what the other crashes left in doubt."""
    looked_at = walk.platforms if walk.is_whole else walk.platforms[:2]
    for platform in looked_at:
        for order in orders_of([Publishing.LOOK], platform):
            walk.crew.give("publisher", "worker", order)
    for platform in looked_at:
        for order in orders_of([Publishing.LOOK], platform):
            await walk.obeyed("publisher", "worker", order, within=240)


async def walk_discards(walk: Walk) -> None:
    """Posts whose media waits at the platform are cancelled, and what lies there is deleted."""
    for platform in walk.platforms if walk.is_whole else walk.platforms[:1]:
        if platform == "github":
            continue  # nothing ever lies there unpublished
        for order in orders_of([Publishing.DISCARD], platform):

            async def cancel(platform: str = platform) -> None:
                await _prepare_and_cancel(walk, platform)

            # One that met a crashed auth-linker is tried again in five minutes: the next one comes sooner.
            await walk.step("publisher", order, cancel, within=_DISCARDED_WITHIN_S, tries=3)


async def _prepare_and_cancel(walk: Walk, platform: str) -> None:
    request = await walk.send(await walk.request(platform, due_in=timedelta(minutes=5)))
    (post_id,) = request.posts.values()
    async with walk.world.database() as database:
        query = "SELECT 1 FROM retail_b2c.publisher_preparations WHERE post_id = $1::uuid AND ready"

        async def is_prepared() -> bool:
            return bool(await database.fetchval(query, post_id))

        await eventually(is_prepared, within=_PASSED_WITHIN_S, what=f"a post for {platform} is prepared ahead")
    post = (await walk.shop.insist("GET", "publisher", f"/v1/posts/{post_id}")).json()
    answer = await walk.shop.merchant.call(
        "DELETE", "publisher", f"/v1/posts/{post_id}", headers={"If-Match": f'"{post["revision"]}"'}
    )
    assert answer.status // 100 == 2, answer.text


async def walk_creating(walk: Walk) -> None:
    """The API is gone before or after the commit of a post: the same key asks the other replica."""
    for order in orders_of([Plumbing.EVENT], "post.scheduled"):
        request = await walk.request("x")

        async def create(request: Request = request) -> None:
            await meet_a_crash(
                walk.merchant_at("publisher").call(
                    "POST", "publisher", "/v1/posts", request.body, headers={"Idempotency-Key": request.key}
                )
            )

        await walk.step("publisher", order, create, role="api")
        await walk.send(request)
        await walk.crew.api_is_back("publisher")


async def meet_a_crash(call: Awaitable[object]) -> None:
    """A call whose server is gone before it can answer."""
    try:
        answer = await call
    except HttpError:
        return
    raise AssertionError(f"the API was to end, and answered {answer}")
