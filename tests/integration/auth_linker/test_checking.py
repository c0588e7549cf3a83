"""A merchant's own wish for fresh tokens, and the parts of a worker that run by themselves."""

import asyncio
from datetime import timedelta

import pytest
from tests.integration.auth_linker.world import Json, Merchant, World
from tests.support.eventually import eventually

from auth_linker.main import create_loops
from social_common.loops import NotifyListener


async def _linked(world: World, platform: str = "x") -> tuple[Merchant, Json]:
    merchant = await world.merchant()
    account = await world.account(platform)
    return merchant, await merchant.link(platform, account["username"])


async def test_a_merchant_can_ask_for_fresh_tokens(world: World) -> None:
    """The tokens are new, the connection is answered, and nothing else has changed."""
    merchant, connection = await _linked(world)

    answer = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    assert answer.status == 200
    assert answer.json()["last_refreshed_at"] is not None
    assert answer.json()["revision"] == connection["revision"]
    assert (await world.grant(connection["id"]))["token_version"] == 2


async def test_a_token_too_young_to_renew_is_only_checked(world: World) -> None:
    """Instagram refuses in the first day: the account is looked at, and all is well."""
    merchant, connection = await _linked(world, "instagram")

    answer = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    assert (answer.status, answer.json()["health"]) == (200, "ok")
    assert (await world.grant(connection["id"]))["token_version"] == 1


@pytest.mark.parametrize("kind", ["rate_limit", "error_500"])
async def test_a_platform_that_is_down_is_told_as_such(world: World, kind: str) -> None:
    """503 with the wait after which we ask again ourselves; the connection stays as it is."""
    merchant, connection = await _linked(world)
    await world.fault("x", "refresh", kind)

    answer = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    assert (answer.status, answer.json()["code"]) == (503, "platform_down")
    assert "retry-after" in answer.headers
    assert (await merchant.read(connection["id"])) == connection


async def test_a_lost_connection_says_what_to_do(world: World) -> None:
    """After a disconnect there is nothing to refresh: 409 with the next step."""
    merchant, connection = await _linked(world)
    await merchant.call("DELETE", f"/v1/connections/{connection['id']}")

    answer = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert answer.json()["action"]


async def test_the_workers_loops_do_all_of_it_by_themselves(world: World) -> None:
    """Woken by the moved clock and by the disconnect: the due grant is refreshed, the other one revoked."""
    kept, due = await _linked(world)
    gone, disconnected = await _linked(world)
    url = world.database.secret("worker")
    wake = NotifyListener(url, channels=("auth_linker_erasures",))
    stop = asyncio.Event()
    loops = create_loops(world.settings, world.shared, wake)
    running = [asyncio.create_task(wake.run(stop)), *(asyncio.create_task(loop.run(stop)) for loop in loops)]

    await gone.call("DELETE", f"/v1/connections/{disconnected['id']}")
    await world.advance(timedelta(hours=1, minutes=50))

    async def is_refreshed() -> bool:
        return bool((await world.grant(due["id"]))["token_version"] == 2)

    async def is_revoked() -> bool:
        return await world.proofs(gone.user_id) == [("disconnected", "revoked")]

    await eventually(is_refreshed, what="the refresh")
    await eventually(is_revoked, what="the revocation")
    stop.set()
    await asyncio.gather(*running)

    assert [event["topic"] for event in await world.events(kept.user_id)] == ["connection.linked"]
