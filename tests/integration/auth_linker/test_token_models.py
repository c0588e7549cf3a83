"""Every token model walked in time: from the link over refreshes to its death and the reconnect.

At each step the merchant's view, the events and what the broker hands out tell the same. The two models with an end
that is known from the first day have a file of their own (`test_kept_tokens`).
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.auth_linker.pages import linked_pages
from tests.integration.auth_linker.refreshers import linked
from tests.integration.auth_linker.world import Json, Merchant, World

DAY = timedelta(days=1)
SHORTLY_BEFORE_2H, SHORTLY_BEFORE_1H = timedelta(minutes=110), timedelta(minutes=55)
WELL = {"is_connected": True, "health": "ok", "problem": None, "expires_at": None}


class Walk:
    """One connection on its way through time."""

    def __init__(self, world: World, merchant: Merchant, connection: Json) -> None:
        self.world, self.merchant, self.id = world, merchant, connection["id"]

    async def wait(self, step: timedelta, *, working: bool = True) -> Json:
        """Time passes, the worker works (unless it is down), and the merchant looks."""
        await self.world.advance(step)
        if working:
            await self.world.refresh_loop().run_once()
        await self.merchant.sign_in_again()
        return await self.merchant.read(self.id)

    async def token(self) -> str:
        """What our services would publish with now; it must work at the platform."""
        answer = await self.world.broker(self.id, self.merchant.user_id)
        assert answer.status == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def events(self) -> list[tuple[str, str | None]]:
        """All that was told, with each event's reason or cause."""
        return [
            (event["topic"].removeprefix("connection."), event.get("reason") or event.get("cause"))
            for event in await self.world.events(self.merchant.user_id)
        ]

    async def is_dead(self, problem: str) -> None:
        """Nothing usable is left, in the API, at the broker and in the tables."""
        now = await self.merchant.read(self.id)
        assert (now["is_connected"], now["health"]) == (False, "reconnect_required")
        assert (now["expires_at"], now["problem"]["code"]) == (None, problem)
        refused = await self.world.broker(self.id, self.merchant.user_id)
        assert (refused.status, refused.json()["code"]) == (409, "connection_not_usable")
        left = await self.world.admin.fetchrow(
            "SELECT c.access_token, c.refresh_token, g.access_token AS own FROM retail_b2c.social_connections c"
            " JOIN retail_b2c.grants g ON g.id = c.grant_id WHERE c.id = $1",
            UUID(self.id),
        )
        assert left is not None
        assert tuple(left) == (None, None, None)

    async def reconnect(self, platform: str, account: str, **options: Any) -> Json:
        """The merchant comes back with the same account: the same connection, alive."""
        again = await self.merchant.link(platform, account, connection_id=self.id, **options)
        assert again["id"] == self.id
        assert (await self.events())[-1] == ("linked", None)
        assert (await self.world.events(self.merchant.user_id))[-1]["relinked"] is True
        assert await self.token()
        return again


def seen(connection: Json, **expected: object) -> bool:
    """Whether the merchant sees a connection that is well, or what differs from that."""
    wanted = {**WELL, **expected}
    assert {name: connection[name] for name in wanted} == wanted
    return True


async def _account_of(walk: Walk) -> str:
    """The consent page's name for the account behind a connection."""
    connection = await walk.merchant.read(walk.id)
    accounts = await walk.world.control("GET", f"/accounts?platform={connection['platform']}")
    grant = await walk.world.grant(walk.id)
    for account in accounts["accounts"]:
        if account["account_id"] == grant["person_id"]:
            name: str = account["username"]
            return name
    raise AssertionError("no such account")


async def test_x_rotates_until_it_is_revoked(world: World) -> None:
    """Two hours at a time, each refresh spending the last; silent until the person takes it back."""
    merchant, connection = await linked(world, "x")
    walk = Walk(world, merchant, connection)
    assert seen(connection, renewable=True)
    tokens = [await walk.token()]
    for _ in range(3):
        assert seen(await walk.wait(SHORTLY_BEFORE_2H), renewable=True)
        tokens.append(await walk.token())
    assert seen(await walk.wait(90 * DAY, working=False), renewable=True)
    assert seen(await walk.wait(timedelta(0)), renewable=True)
    tokens.append(await walk.token())
    assert len(set(tokens)) == len(tokens)
    assert await walk.events() == [("linked", None)]

    account = await _account_of(walk)
    await world.fault("x", "refresh", "revoke")
    await walk.wait(SHORTLY_BEFORE_2H)

    await walk.is_dead("auth_revoked")
    assert (await walk.events())[-1] == ("unlinked", "revoked")
    assert seen(await walk.reconnect("x", account), renewable=True)


async def test_instagram_exchanges_until_nobody_does(world: World) -> None:
    """Sixty days at a time, never younger than one; failing refreshes are told five days before the end."""
    merchant, connection = await linked(world, "instagram")
    walk = Walk(world, merchant, connection)
    account = await _account_of(walk)
    first = await walk.token()
    assert seen(connection, renewable=True)
    assert (await merchant.call("POST", f"/v1/connections/{walk.id}/refresh")).status == 200
    assert await walk.token() == first
    assert seen(await walk.wait(41 * DAY), renewable=True)
    second = await walk.token()
    assert second != first
    assert await walk.events() == [("linked", None)]

    await world.fault("instagram", "refresh", "error_500", 1000)
    ends = (await world.grant(walk.id))["expires_at"]
    assert seen(await walk.wait(45 * DAY), renewable=True)
    warned = await walk.wait(11 * DAY)
    await world.control("DELETE", "/faults")

    assert (warned["health"], warned["is_connected"]) == ("expiring", True)
    assert warned["expires_at"] == ends.isoformat().replace("+00:00", "Z")
    assert (await walk.events())[-1] == ("updated", "health")
    assert await walk.token() == second
    await walk.wait(5 * DAY)
    await walk.is_dead("auth_expired")
    assert (await walk.events())[-1] == ("unlinked", "reconnect_required")
    assert seen(await walk.reconnect("instagram", account), renewable=True)


async def test_github_rotates_until_its_refresh_token_ends(world: World) -> None:
    """Eight hours at a time; after half a year without anybody the refresh token is over too."""
    merchant, connection = await linked(world, "github")
    walk = Walk(world, merchant, connection)
    account = await _account_of(walk)
    assert seen(connection, renewable=True)
    tokens = [await walk.token()]
    for _ in range(3):
        assert seen(await walk.wait(timedelta(hours=7, minutes=50)), renewable=True)
        tokens.append(await walk.token())
    assert len(set(tokens)) == len(tokens)
    assert await walk.events() == [("linked", None)]

    await walk.wait(190 * DAY, working=False)
    await walk.wait(timedelta(0))

    assert (await walk.events())[-1][0] == "unlinked"
    await walk.is_dead((await merchant.read(walk.id))["problem"]["code"])
    assert seen(await walk.reconnect("github", account), renewable=True)


@pytest.fixture
async def _lasting(world: World) -> AsyncIterator[None]:
    """A GitHub App whose owner has opted out of expiring tokens."""
    app: Json = {
        "platform": "github",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "redirect_uris": [f"{world.api_url}/v1/oauth/github/callback"],
    }
    await world.control("POST", "/apps", {**app, "options": {"flavour": "github_app", "expiring_tokens": False}})
    yield
    await world.control("POST", "/apps", {**app, "options": {"flavour": "github_app", "expiring_tokens": True}})


@pytest.mark.usefixtures("_lasting")
async def test_a_github_token_without_an_end_lives_until_it_is_refused(world: World) -> None:
    """Nothing is ever refreshed; a year later it works, and its revocation shows at the first use."""
    merchant, connection = await linked(world, "github")
    walk = Walk(world, merchant, connection)
    account = await _account_of(walk)
    assert seen(connection, renewable=False)
    first = await walk.token()
    assert (await world.grant(walk.id))["due_at"] is None
    assert seen(await walk.wait(365 * DAY), renewable=False)
    assert await walk.token() == first
    assert await walk.events() == [("linked", None)]

    await world.fault("github", "identity", "revoke")
    version = (await world.grant(walk.id))["token_version"]
    refused = await world.broker(walk.id, merchant.user_id, refused_token_version=version)

    assert refused.status == 409
    await walk.is_dead("auth_revoked")
    assert (await walk.events())[-1] == ("unlinked", "revoked")
    assert seen(await walk.reconnect("github", account), renewable=False)


@pytest.mark.parametrize("platform", ["google", "youtube"])
async def test_google_keeps_its_refresh_token_until_it_is_revoked(world: World, platform: str) -> None:
    """An hour at a time with one refresh token that stays; a long rest costs nothing; a revocation ends it."""
    merchant = await world.merchant()
    kind = "location" if platform == "google" else "channel"
    account = (await world.account(platform, places=[{"kind": kind, "name": "High Street"}]))["username"]
    connection = await merchant.link(platform, account)
    walk = Walk(world, merchant, connection)
    assert seen(connection, renewable=True)
    tokens = [await walk.token()]
    for step in (SHORTLY_BEFORE_1H, SHORTLY_BEFORE_1H):
        assert seen(await walk.wait(step), renewable=True)
        tokens.append(await walk.token())
    await walk.wait(100 * DAY, working=False)
    assert seen(await walk.wait(timedelta(0)), renewable=True)
    tokens.append(await walk.token())
    assert len(set(tokens)) == len(tokens)
    assert await walk.events() == [("linked", None)]

    await world.fault(platform, "refresh", "revoke")
    await walk.wait(SHORTLY_BEFORE_1H)

    await walk.is_dead("auth_revoked")
    assert (await walk.events())[-1] == ("unlinked", "revoked")
    assert seen(await walk.reconnect(platform, account), renewable=True)


async def test_facebooks_pages_outlive_the_sign_in_until_the_password_changes(world: World) -> None:
    """A Page's token has no end and is never refreshed; the person's ends in silence; one event ends the Page."""
    merchant, account, (connection, _) = await linked_pages(world, "Kettles", "Cups")
    walk = Walk(world, merchant, connection)
    first = await walk.token()
    assert seen(connection, renewable=False)
    assert (await world.grant(walk.id))["expires_at"] is not None
    for days in (59, 3, 100):
        assert seen(await walk.wait(days * DAY), renewable=False)
    assert await walk.token() == first
    assert (await world.grant(walk.id))["access_token"] is None
    assert await walk.events() == [("linked", None)] * 2

    await world.control("POST", "/switches", {"platform": "facebook", "switches": {"revoke_cause": "password_changed"}})
    await world.fault("facebook", "identity", "revoke")
    version = (await world.grant(walk.id))["token_version"]
    refused = await world.broker(walk.id, merchant.user_id, refused_token_version=version)

    assert refused.status == 409
    now = await merchant.read(walk.id)
    assert (now["is_connected"], now["problem"]["code"]) == (False, "auth_revoked")
    assert (await walk.events())[-1] == ("unlinked", "revoked")
    assert seen(await walk.reconnect("facebook", account["username"]), renewable=False)
    assert await walk.token() != first
