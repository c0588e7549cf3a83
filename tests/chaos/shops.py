"""Merchants as a storefront serves them: they link, sign in again, and send a lost request again with its key."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.stack import World

from social_common.http import HttpError, HttpResponse
from social_stack.browser import ConsentFailed
from social_stack.merchant import CallFailed, Merchant
from social_stack.secrets import SERVICES

Json = dict[str, Any]
TROUBLE = (HttpError, CallFailed, ConsentFailed)
_UNAUTHENTICATED, _TOO_MANY, _SERVER_ERROR = 401, 429, 500
_WAIT_S = 0.5
# Below what the platforms allow one account in the time of a run, doubtful second sends included.
_ALLOWANCE = {"x": 75, "instagram": 35, "github": 300, "facebook": 200, "linkedin": 8, "youtube": 60, "google": 200}
PLATFORMS = tuple(_ALLOWANCE)
# Which kind of place is linked, where the account itself is none.
KINDS = {"github": "repository", "facebook": "page", "linkedin": "organization", "google": "location"}


@dataclass(slots=True)
class Place:
    """One linked account and how many posts may still be planned for it."""

    platform: str
    connection_id: str
    platform_id: str
    account: str
    left: int


@dataclass(slots=True)
class Shop:
    """One merchant."""

    world: World
    user_id: str
    merchant: Merchant
    places: list[Place] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)  # other addresses of the APIs than the stack's own

    async def insist(
        self, method: str, service: str, path: str, body: Json | None = None, *, key: str | None = None
    ) -> HttpResponse:
        """Sends the same request until somebody answers it: neither nothing, nor a server's error, nor "later"."""
        headers = {"Idempotency-Key": key} if key else None
        while True:
            try:
                answer = await self.merchant.call(method, service, path, body, headers=headers)
            except HttpError:
                await asyncio.sleep(_WAIT_S)
                continue
            if not await self.must_repeat(answer):
                return answer

    async def must_repeat(self, answer: HttpResponse) -> bool:
        """Whether a storefront sends the request again: signed in anew, or a little later."""
        if answer.status == _UNAUTHENTICATED:
            await self._sign_in_again()
        elif answer.status != _TOO_MANY and answer.status < _SERVER_ERROR:
            return False
        await asyncio.sleep(_WAIT_S)
        return True

    async def read_all(self, service: str, path: str, name: str) -> list[Json]:
        """Every page of a list."""
        found: list[Json] = []
        cursor = ""
        while True:
            answer = await self.insist("GET", service, f"{path}?limit=100{cursor}")
            page = answer.json()
            if name not in page:
                raise CallFailed(f"GET {path}: {answer.status} {answer.text[:300]}")
            found += page[name]
            if not page.get("next_cursor"):
                return found
            cursor = f"&cursor={page['next_cursor']}"

    async def account(self, platform: str) -> str:
        """A new account of the platform, with one place."""
        body: Json = {"platform": platform, "display_name": "Kettle & Co"}
        if platform in KINDS:
            body["places"] = [{"kind": KINDS[platform], "name": "kettles"}]
        return str((await self.world.control("POST", "accounts", body))["account_id"])

    async def link(self, platform: str, account: str | None = None) -> Place:
        """A new account of the platform, or the one given, linked through the redirect flow."""
        account = account or await self.account(platform)
        connection = await self.merchant.link(platform, account=account, **wished(platform))
        return self.keep(connection, account)

    def keep(self, connection: Json, account: str) -> Place:
        """Notes a linked place."""
        platform = connection["platform"]
        place = Place(platform, connection["id"], connection["platform_id"], account, _ALLOWANCE[platform])
        self.places.append(place)
        return place

    async def relink_lost(self) -> int:
        """Links every place again whose grant was lost on the way, as its merchant is asked to; how many."""
        lost = 0
        known = {place.connection_id: place for place in self.places}
        for connection in await self.read_all("auth-linker", "/v1/connections", "connections"):
            place = known.get(connection["id"])
            if place is None or connection["is_connected"]:
                continue
            lost += 1
            begun = await self.merchant.authorize(place.platform, **wished(place.platform))
            landing = await self.merchant.consent(begun, account=place.account)
            answer = await self.merchant.complete(landing.query["link_code"], [place.platform_id])
            if answer.status // 100 != 2:
                raise CallFailed(f"{place.platform} was not linked again: {answer.status} {answer.text[:300]}")
        return lost

    async def _sign_in_again(self) -> None:
        session = await self.world.control("POST", "sessions", {"user_id": self.user_id})
        urls = self.urls or {service: self.world.stack.environment.api_url(service) for service in SERVICES}
        return_to = f"{self.world.stack.environment.console_url}/"
        self.merchant = Merchant(self.world.http, urls, session["access_token"], return_to=return_to)


def wished(platform: str) -> Json:
    """What is asked for when that platform is linked."""
    return {"kinds": [KINDS[platform]]} if platform in KINDS else {}


async def open_shops(world: World, urls: dict[str, str], *, count: int) -> list[Shop]:
    """That many merchants who call those APIs, each with an account on every platform."""

    async def open_one() -> Shop:
        user_id, merchant = await world.merchant()
        shop = Shop(world, user_id, merchant.at(urls), urls=urls)
        for platform in PLATFORMS:
            await shop.link(platform)
        return shop

    async with asyncio.TaskGroup() as group:
        opening = [group.create_task(open_one()) for _ in range(count)]
    return [task.result() for task in opening]


def places_of(shops: list[Shop]) -> Iterator[tuple[Shop, Place]]:
    """Every place with its merchant."""
    for shop in shops:
        for place in shop.places:
            yield shop, place
