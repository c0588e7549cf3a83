"""Merchants who plan, change, cancel and retry posts whatever happens, and know exactly what was promised to them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.chaos.commands import Command, Desk
from tests.chaos.shops import PLATFORMS, TROUBLE, Place, Shop, places_of

from social_common.http import HttpResponse

Json = dict[str, Any]
_CREATED = 201
_PICTURES = ("picture.jpg", "picture-landscape.jpg")
_SHARES = {
    "x": 0.2,
    "instagram": 0.12,
    "github": 0.2,
    "facebook": 0.18,
    "linkedin": 0.08,
    "youtube": 0.08,
    "google": 0.14,
}
_REFRESH_EVERY_S = 5.0
_NEWCOMER_EVERY_S = 20.0
_SECOND_THOUGHT_EVERY_S = 6.0
_BURST_EVERY_S = 90.0
_BURST = 40
_PLACES_OF_ONE = len(PLATFORMS)
# Each strand of work counts its orders by itself.
_NUMBERS = {"orders": 0, "bursts": 500_000, "newcomers": 900_000}
# How often a merchant comes back to a post that was just planned, and what for.
_COMES_BACK = 0.3
_WISHES = {"change_text": 4, "move": 2, "cancel": 3, "take_off": 1, "publish": 2}


@dataclass(slots=True)
class Order:
    """One create request: sent with one key until it is answered. `posts` maps connections to post ids."""

    tag: str
    shop: Shop
    places: list[Place]
    body: Json
    key: str
    status: int | None = None
    code: str = ""
    posts: dict[str, str] = field(default_factory=dict)
    unequal_answers: list[str] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """The API said 201."""
        return self.status == _CREATED


def tag_of(seed: int, number: int) -> str:
    """What stands in a post's text and in no other's."""
    return f"[{seed}-{number:06d}]"


def text_of(tag: str, *, version: int = 1) -> str:
    """A post's words; `version` counts how often the merchant thought better of them."""
    return f"Kettle news {tag} v{version}: hand-beaten copper, whistles when it is ready."


def refusal(answer: HttpResponse) -> str:
    """A refusal as the judge reads it: its code and the fields it names."""
    body = answer.json()
    fields = " ".join(error["field"] for error in body.get("errors") or [])
    return f"{body.get('code')} {fields}".strip()


class Workload:
    """Makes orders at a steady rate and in bursts, comes back to them, asks for refreshes, links newcomers.

    `now` tells the product's time, which the nemesis moves.
    """

    def __init__(self, shops: list[Shop], *, seed: int, rate: float, assets: str, now: Callable[[], datetime]) -> None:
        self._shops = shops
        self._seed = seed
        self._rate = rate
        self._assets = assets
        self._now = now
        # Newcomers come when they come: whom the other strands serve must not hang on it.
        self._regular = list(places_of(shops))
        self._numbers = {strand: count(start) for strand, start in _NUMBERS.items()}
        self.orders: list[Order] = []
        self.commands: list[Command] = []
        self.desk = Desk(self.commands, now=now)
        self.done: Counter[str] = Counter()

    async def run(self, *, seconds: float, drain: timedelta) -> None:
        """Works for that long; then waits until every request has its answer, at most `drain`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        try:
            async with asyncio.timeout(seconds + drain.total_seconds()), asyncio.TaskGroup() as group:
                group.create_task(self._refresh(until))
                group.create_task(self._welcome(until))
                group.create_task(self._think_again(until))
                group.create_task(self._burst(until, group))
                rng = self._dice("orders")
                while loop.time() < until:
                    order = self._make(rng, "orders", self._regular[_PLACES_OF_ONE:])
                    if order is not None:
                        group.create_task(self._place(order, comes_back=rng.random() < _COMES_BACK))
                    await asyncio.sleep(rng.expovariate(self._rate))
        except TimeoutError:
            self.done["requests never answered"] += sum(order.status is None for order in self.orders)

    def _dice(self, name: str) -> random.Random:
        """One source of chance per strand of work, so that their order among each other decides nothing."""
        return random.Random(f"workload {self._seed} {name}")

    def _make(
        self, rng: random.Random, strand: str, among: list[tuple[Shop, Place]], *, due_in: float | None = None
    ) -> Order | None:
        """A new order for one of those places; due in `due_in` seconds, or as it comes."""
        free = [(shop, place) for shop, place in among if place.left > 0]
        if not free:
            return None
        shop, first = rng.choices(free, [_SHARES[place.platform] for _, place in free])[0]
        places = [first]
        if due_in is None and rng.random() < 0.15:
            others = [place for owner, place in free if owner is shop and place is not first]
            places += rng.sample(others, min(2, len(others)))
        for place in places:
            place.left -= 1
        tag = tag_of(self._seed, next(self._numbers[strand]))
        body: Json = {
            "content": text_of(tag),
            "targets": [self._target(rng, place, tag) for place in places],
            "mode": "now",
        }
        if due_in is None and rng.random() < 0.6:
            due_in = rng.uniform(2.0, 15.0)
        if due_in is not None:
            body |= {"mode": "schedule", "scheduled_at": (self._now() + timedelta(seconds=due_in)).isoformat()}
        key = str(UUID(int=rng.getrandbits(128), version=4))
        order = Order(tag, shop, places, body, key)
        self.orders.append(order)
        return order

    def _target(self, rng: random.Random, place: Place, tag: str) -> Json:
        picture = [{"url": f"{self._assets}/{rng.choice(_PICTURES)}", "alt_text": "A copper kettle"}]
        target: Json = {"connection_id": place.connection_id}
        match place.platform:
            case "youtube":
                target |= {"options": {"title": f"Kettle {tag}"}, "media": [{"url": f"{self._assets}/video.mp4"}]}
            case "instagram":
                target |= {"media": picture}
            case "github":
                target |= {"options": {"kind": rng.choice(("release", "discussion", "discussion"))}}
            case _:
                target |= {"media": picture} if rng.random() < 0.3 else {}
        return target

    async def _place(self, order: Order, *, comes_back: bool = False) -> None:
        rng = self._dice(order.tag)
        wish = rng.choices(list(_WISHES), list(_WISHES.values()))[0]
        after, presses = rng.uniform(0.0, 12.0), 1 + (rng.random() < 0.15)
        # A storefront that presses twice at once: one key must bring one answer.
        answers = await asyncio.gather(*(self._send(order) for _ in range(presses)))
        order.status, order.posts, order.code = answers[0]
        if presses > 1:
            self.done["requests sent twice at once"] += 1
            if answers[0] != answers[1]:
                order.unequal_answers.append(f"{answers[0]} and {answers[1]}")
        if comes_back and order.is_accepted:
            await asyncio.sleep(after)
            await self._come_back(order, wish, rng)

    async def _come_back(self, order: Order, wish: str, rng: random.Random) -> None:
        for post_id in order.posts.values():
            match wish:
                case "change_text":
                    await self.desk.change_text(order.shop, post_id, text_of(order.tag, version=2))
                case "move":
                    when = self._now() + timedelta(seconds=rng.uniform(3.0, 20.0))
                    await self.desk.move(order.shop, post_id, when)
                case "cancel":
                    await self.desk.cancel(order.shop, post_id)
                case "take_off":
                    await self.desk.take_off(order.shop, post_id)
                    await self.desk.publish(order.shop, post_id)
                case _:
                    await self.desk.publish(order.shop, post_id)

    async def publish_drafts(self, shop: Shop) -> int:
        """Publishes what its merchant took off the plan and could not publish: an account was lost meanwhile."""
        drafts = (await shop.insist("GET", "publisher", "/v1/posts?status=draft&limit=100")).json()["posts"]
        for post in drafts:
            await self.desk.publish(shop, post["id"])
        return len(drafts)

    async def _send(self, order: Order) -> tuple[int, dict[str, str], str]:
        answer = await order.shop.insist("POST", "publisher", "/v1/posts", order.body, key=order.key)
        posts = {post["connection_id"]: post["id"] for post in answer.json().get("posts", [])}
        return answer.status, posts, "" if answer.status == _CREATED else refusal(answer)

    async def _think_again(self, until: float) -> None:
        """Posts that did not go out are tried again; of those that nobody can tell, some at the merchant's own risk."""
        rng = self._dice("second thoughts")
        while await self._wait(rng, _SECOND_THOUGHT_EVERY_S, until):
            shop = rng.choice(self._shops)
            path = "/v1/posts?status=failed&status=missed&status=unknown&limit=20"
            found = (await shop.insist("GET", "publisher", path)).json()["posts"]
            if found:
                post = rng.choice(found)
                await self.desk.retry(shop, post["id"], anyway=rng.random() < 0.3)

    async def _burst(self, until: float, group: asyncio.TaskGroup) -> None:
        """The first merchant has nothing but very many posts due at one moment, again and again."""
        rng = self._dice("bursts")
        while await self._wait(rng, _BURST_EVERY_S, until):
            for _ in range(_BURST):
                order = self._make(rng, "bursts", self._regular[:_PLACES_OF_ONE], due_in=20.0)
                if order is not None:
                    group.create_task(self._place(order))

    async def _refresh(self, until: float) -> None:
        """Tokens are renewed all the time somewhere, so that the refresh faults find a call."""
        rng = self._dice("refreshes")
        while await self._wait(rng, _REFRESH_EVERY_S, until):
            shop, place = rng.choice(self._regular)
            path = f"/v1/connections/{place.connection_id}/refresh"
            try:
                answer = await shop.merchant.call("POST", "auth-linker", path)
            except TROUBLE:
                self.done["refreshes without an answer"] += 1
            else:
                self.done[f"refreshes answered {answer.status}"] += 1

    async def _welcome(self, until: float) -> None:
        """New accounts are linked in the middle of it; one who meets trouble begins again another time."""
        rng = self._dice("newcomers")
        while await self._wait(rng, _NEWCOMER_EVERY_S, until):
            shop = rng.choice(self._shops)
            try:
                place = await shop.link(rng.choice(list(_SHARES)))
            except TROUBLE:
                self.done["links given up"] += 1
                continue
            self.done["links made meanwhile"] += 1
            order = self._make(rng, "newcomers", [(shop, place)])
            if order is not None:
                await self._place(order)

    @staticmethod
    async def _wait(rng: random.Random, mean: float, until: float) -> bool:
        left = until - asyncio.get_running_loop().time()
        pause = rng.expovariate(1 / mean)
        await asyncio.sleep(max(0.0, min(pause, left)))
        return pause < left
