"""Merchants who go on planning posts whatever happens, and who know exactly what was promised to them."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.chaos.shops import TROUBLE, Place, Shop, places_of

Json = dict[str, Any]
_CREATED = 201
_PICTURES = ("picture.jpg", "picture-landscape.jpg")
_SHARES = {"x": 0.4, "instagram": 0.25, "github": 0.35}
_REFRESH_EVERY_S = 8.0
_NEWCOMER_EVERY_S = 25.0


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


class Workload:
    """Makes orders at a steady rate, asks for refreshes, links newcomers."""

    def __init__(self, shops: list[Shop], *, seed: int, rate: float, assets: str) -> None:
        self._shops = shops
        self._seed = seed
        self._rate = rate
        self._assets = assets
        self._rng = random.Random(f"workload {seed}")
        self.orders: list[Order] = []
        self.done: Counter[str] = Counter()

    async def run(self, *, seconds: float, drain: timedelta) -> None:
        """Works for that long; then waits until every request has its answer, at most `drain`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        try:
            async with asyncio.timeout(seconds + drain.total_seconds()), asyncio.TaskGroup() as group:
                group.create_task(self._refresh(until))
                group.create_task(self._welcome(until))
                while loop.time() < until:
                    order = self._make()
                    if order is not None:
                        self.orders.append(order)
                        group.create_task(self._place(order, again=self._rng.random() < 0.1))
                    await asyncio.sleep(self._rng.expovariate(self._rate))
        except TimeoutError:
            self.done["requests never answered"] += sum(order.status is None for order in self.orders)

    def _make(self) -> Order | None:
        rng = self._rng
        free = [(shop, place) for shop, place in places_of(self._shops) if place.left > 0]
        if not free:
            return None
        shop, first = rng.choices(free, [_SHARES[place.platform] for _, place in free])[0]
        places = [first]
        if rng.random() < 0.15:
            places += [place for place in shop.places if place is not first and place.left > 0][:2]
        for place in places:
            place.left -= 1
        tag = tag_of(self._seed, len(self.orders))
        needs_picture = any(place.platform == "instagram" for place in places)
        body: Json = {
            "content": f"Kettle news {tag}: hand-beaten copper, whistles when it is ready.",
            "media": self._pictures() if needs_picture or rng.random() < 0.3 else [],
            "targets": [{"connection_id": place.connection_id, "options": self._options(place)} for place in places],
            "mode": "now",
        }
        if rng.random() < 0.6:
            due = datetime.now(UTC) + timedelta(seconds=rng.uniform(2.0, 15.0))
            body |= {"mode": "schedule", "scheduled_at": due.isoformat()}
        return Order(tag, shop, places, body, key=str(UUID(int=rng.getrandbits(128), version=4)))

    def _pictures(self) -> list[Json]:
        return [{"url": f"{self._assets}/{self._rng.choice(_PICTURES)}", "alt_text": "A copper kettle"}]

    def _options(self, place: Place) -> Json:
        if place.platform == "github" and self._rng.random() < 0.4:
            return {"kind": "release"}
        return {}

    async def _place(self, order: Order, *, again: bool) -> None:
        order.status, order.posts, order.code = await self._send(order)
        if not again:
            return
        # A storefront that presses twice: the same key must bring the same answer.
        status, posts, _ = await self._send(order)
        self.done["requests sent twice on purpose"] += 1
        if (status, posts) != (order.status, order.posts):
            order.unequal_answers.append(f"{order.status} {order.posts} and then {status} {posts}")

    async def _send(self, order: Order) -> tuple[int, dict[str, str], str]:
        answer = await order.shop.insist("POST", "publisher", "/v1/posts", order.body, key=order.key)
        body = answer.json()
        posts = {post["connection_id"]: post["id"] for post in body.get("posts", [])}
        fields = " ".join(error["field"] for error in body.get("errors") or [])
        return answer.status, posts, "" if answer.status == _CREATED else f"{body.get('code')} {fields}".strip()

    async def _refresh(self, until: float) -> None:
        """Tokens are renewed all the time somewhere, so that the refresh faults find a call."""
        while await self._wait(_REFRESH_EVERY_S, until):
            shop, place = self._rng.choice(list(places_of(self._shops)))
            try:
                answer = await shop.merchant.call(
                    "POST", "auth-linker", f"/v1/connections/{place.connection_id}/refresh"
                )
            except TROUBLE:
                self.done["refreshes without an answer"] += 1
            else:
                self.done[f"refreshes answered {answer.status}"] += 1

    async def _welcome(self, until: float) -> None:
        """New accounts are linked in the middle of it; one who meets trouble begins again another time."""
        while await self._wait(_NEWCOMER_EVERY_S, until):
            shop = self._rng.choice(self._shops)
            try:
                await shop.link(self._rng.choice(list(_SHARES)))
            except TROUBLE:
                self.done["links given up"] += 1
            else:
                self.done["links made meanwhile"] += 1

    async def _wait(self, mean: float, until: float) -> bool:
        await asyncio.sleep(self._rng.expovariate(1 / mean))
        return asyncio.get_running_loop().time() < until
