"""Load as merchants make it on a good day: posts fall due, lists are read, a call that failed is tried again."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from uuid import uuid4

from tests.chaos.shops import Json, Place, Shop
from tests.chaos.workload import Order, refusal, text_of
from tests.support.stack import World

from social_common.http import HttpError, HttpResponse

# Those that take a post without media, so that the machine is busy with the product and not with pictures.
PLATFORMS = ("x", "github", "facebook", "google")
_READS = (
    ("publisher", "/v1/posts?limit=20"),
    ("auth-linker", "/v1/connections"),
    ("analytics", "/v1/analytics/overview"),
    ("publisher", "/v1/settings"),
)
DUE_IN_S = (4.0, 6.0, 8.0, 10.0)
_PAUSE_S = 0.2
_CREATED = 201
_SERVER_ERROR, _TOO_MANY = 500, 429


@dataclass(slots=True)
class Calls:
    """How the calls went: made, needed a further try, failed in all."""

    made: int = 0
    tried_again: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


class SteadyLoad:
    """`orders` are the posts asked for, `calls` how the API took it; each call is tried so often at most."""

    def __init__(self, shops: list[Shop], *, posts_per_s: float, reads_per_s: float, tries: int = 2) -> None:
        self._shops = shops
        self._tries = tries
        self._posts_every_s = 1 / posts_per_s
        self._reads_every_s = 1 / reads_per_s
        self.orders: list[Order] = []
        self.calls = Calls()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; returns when every call has ended."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._order(stop, group))
            group.create_task(self._read(stop, group))

    async def _order(self, stop: asyncio.Event, group: asyncio.TaskGroup) -> None:
        places = cycle([(shop, place) for place in range(len(PLATFORMS)) for shop in self._shops])
        for number, due_in in zip(count(), cycle(DUE_IN_S), strict=False):
            if stop.is_set():
                return
            shop, index = next(places)
            group.create_task(self._plan(shop, shop.places[index], number=number, due_in=due_in))
            await asyncio.sleep(self._posts_every_s)

    async def _plan(self, shop: Shop, place: Place, *, number: int, due_in: float) -> None:
        tag = f"[rolling-{number:06d}]"
        body: Json = {
            "content": text_of(tag),
            "targets": [{"connection_id": place.connection_id}],
            "mode": "schedule",
            "scheduled_at": (datetime.now(UTC) + timedelta(seconds=due_in)).isoformat(),
        }
        order = Order(tag, shop, [place], body, str(uuid4()))
        self.orders.append(order)
        answer = await self._call(shop, "POST", "publisher", "/v1/posts", body=body, key=order.key)
        if answer is None:
            return
        order.status = answer.status
        order.posts = {post["connection_id"]: post["id"] for post in answer.json().get("posts", [])}
        order.code = "" if answer.status == _CREATED else refusal(answer)

    async def _read(self, stop: asyncio.Event, group: asyncio.TaskGroup) -> None:
        for shop, (service, path) in zip(cycle(self._shops), cycle(_READS), strict=False):
            if stop.is_set():
                return
            group.create_task(self._call(shop, "GET", service, path))
            await asyncio.sleep(self._reads_every_s)

    async def _call(
        self, shop: Shop, method: str, service: str, path: str, *, body: Json | None = None, key: str | None = None
    ) -> HttpResponse | None:
        """The answer, after further tries if need be; None when all failed."""
        self.calls.made += 1
        headers = {"Idempotency-Key": key} if key else None
        trouble = ""
        for number in range(self._tries):
            if number:
                self.calls.tried_again[trouble] += 1
                await asyncio.sleep(_PAUSE_S)
            try:
                answer = await shop.merchant.call(method, service, path, body, headers=headers)
            except HttpError as error:
                trouble = f"{service}: {type(error).__name__}"
                continue
            if answer.status < _SERVER_ERROR and answer.status != _TOO_MANY:
                return answer
            trouble = f"{service}: {answer.status}"
        self.calls.failed.append(f"{method} {path}: {trouble}")
        return None


async def open_steady_shops(world: World, urls: dict[str, str], *, count: int) -> list[Shop]:
    """That many merchants, each with a place on each of the platforms."""
    shops = []
    for _ in range(count):
        user_id, merchant = await world.merchant()
        shop = Shop(world, user_id, merchant.at(urls), urls=urls)
        for platform in PLATFORMS:
            await shop.link(platform)
        shops.append(shop)
    return shops
