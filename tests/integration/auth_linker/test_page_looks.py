"""Looking at Facebook's Pages again: each one is heard by its own token before it goes."""

from datetime import timedelta
from uuid import UUID

from tests.integration.auth_linker.pages import linked_pages, page_token
from tests.integration.auth_linker.world import World

DAY = timedelta(days=1)


async def test_a_page_whose_role_is_lost_ends_alone(world: World) -> None:
    """The worker's look finds it: that connection alone is unlinked with its cause, and the others publish on."""
    merchant, account, (lost, kept) = await linked_pages(world, "Kettles", "Cups")
    await world.change_place("facebook", account["places"][0]["platform_id"], role=False)

    await world.look_at_places()
    await merchant.sign_in_again()

    now = await merchant.read(lost["id"])
    (event,) = await world.events(merchant.user_id, "connection.unlinked")
    assert (event["connection_id"], event["reason"]) == (lost["id"], "reconnect_required")
    assert (now["is_connected"], now["health"], now["problem"]["code"]) == (
        False, "reconnect_required", "destination_gone",
    )  # fmt: skip
    assert now["problem"]["action"]
    assert (await merchant.read(kept["id"]))["problem"] is None
    assert (await page_token(world, merchant, kept))["platform_id"] == kept["platform_id"]


async def test_a_page_that_comes_back_is_linked_again_by_itself(world: World) -> None:
    """No consent is needed: the next look finds it with a token that works, under its old id."""
    merchant, account, (lost, _) = await linked_pages(world, "Kettles", "Cups")
    page = account["places"][0]["platform_id"]
    await world.change_place("facebook", page, role=False)
    await world.look_at_places()

    await world.change_place("facebook", page, role=True)
    await world.look_at_places()
    await merchant.sign_in_again()

    now = await merchant.read(lost["id"])
    assert (now["is_connected"], now["health"], now["problem"]) == (True, "ok", None)
    assert [event["relinked"] for event in await world.events(merchant.user_id, "connection.linked")][-1] is True
    assert (await world.broker(lost["id"], merchant.user_id)).status == 200


async def test_a_page_where_nothing_may_be_created_keeps_its_numbers(world: World) -> None:
    """A role that shrank takes the capability with an update, and says so; given back, all is well again."""
    merchant, account, (connection, _) = await linked_pages(world, "Kettles", "Cups")
    page = account["places"][0]["platform_id"]
    await world.change_place("facebook", page, tasks=["ANALYZE"])
    await world.look_at_places()
    await merchant.sign_in_again()
    shrunk = await merchant.read(connection["id"])
    refused = await world.broker(connection["id"], merchant.user_id)
    (update,) = await world.events(merchant.user_id, "connection.updated")

    await world.change_place("facebook", page, tasks=["ANALYZE", "CREATE_CONTENT"])
    await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    healed = await merchant.read(connection["id"])
    assert (shrunk["capabilities"], shrunk["problem"]["code"]) == (["analytics"], "permission_missing")
    assert (update["cause"], update["capabilities"]) == ("scopes", ["analytics"])
    assert (refused.status, refused.json()["code"]) == (403, "permission_missing")
    assert (healed["capabilities"], healed["problem"]) == (["analytics", "publish"], None)


async def test_pages_that_die_after_the_persons_token_are_noticed(world: World) -> None:
    """Nobody can list them any more, so each Page's own token is heard; with the last one the grant ends."""
    merchant, account, (one, two) = await linked_pages(world, "Kettles", "Cups")
    await world.advance(61 * DAY)
    await world.refresh_loop().run_once()
    await world.change_place("facebook", account["places"][0]["platform_id"], session="password_changed")

    await world.look_at_places()
    await merchant.sign_in_again()

    assert not (await merchant.read(one["id"]))["is_connected"]
    assert not (await merchant.read(two["id"]))["is_connected"]
    assert (await world.grant(one["id"]))["is_live"] is False


async def test_a_deleted_page_ends_alone(world: World) -> None:
    """Its own token says that there is no such Page any more."""
    merchant, _, (one, two) = await linked_pages(world, "Kettles", "Cups")
    await world.change_place("facebook", one["platform_id"], deleted=True)
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET places_seen_at = '-infinity' WHERE id = $1", UUID(one["grant_id"])
    )

    await world.places_loop().run_once()

    gone = await merchant.read(one["id"])
    assert (gone["is_connected"], gone["problem"]["code"]) == (False, "destination_gone")
    assert (await merchant.read(two["id"]))["is_connected"]


async def test_an_empty_list_of_pages_ends_nothing(world: World) -> None:
    """Meta answers so where a portfolio holds the Pages: their own tokens are heard, and they work."""
    merchant, account, (connection, _) = await linked_pages(world, "Kettles", "Cups")
    for place in account["places"]:
        await world.change_place("facebook", place["platform_id"], portfolio="777001")
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET places_seen_at = '-infinity' WHERE id = $1", UUID(connection["grant_id"])
    )

    await world.places_loop().run_once()

    assert (await merchant.read(connection["id"]))["is_connected"] is True
    assert await world.events(merchant.user_id, "connection.unlinked") == []


async def test_a_platform_that_is_down_ends_nothing_and_is_asked_again_sooner(world: World) -> None:
    """A failed look changes no connection, and the grant is found again after the retry instead of the interval."""
    merchant, _, (connection, _) = await linked_pages(world, "Kettles", "Cups")
    await world.advance(timedelta(hours=1, seconds=1))
    await world.fault("facebook", "identity", "error_500", count=20)
    await world.places_loop().run_once()
    await world.control("DELETE", "/faults")
    asked = len(await world.requests("facebook", "/me/accounts"))

    await world.advance(timedelta(minutes=6))
    await world.places_loop().run_once()
    await merchant.sign_in_again()

    assert (await merchant.read(connection["id"]))["is_connected"] is True
    assert len(await world.requests("facebook", "/me/accounts")) > asked
