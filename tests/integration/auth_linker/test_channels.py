"""A person with several YouTube channels: a consent reaches one of them, and each is a grant of its own."""

from datetime import timedelta
from typing import Any

from tests.integration.auth_linker.world import Json, Merchant, World

CHANNELS = ("Clay Studio", "Glaze Lab")


async def _person(world: World) -> Json:
    """A person at Google with two channels."""
    return await world.account("youtube", places=[{"kind": "channel", "name": name} for name in CHANNELS])


async def _link(merchant: Merchant, person: Json, index: int) -> Json:
    """The person's channel, chosen on the consent page."""
    return await merchant.link("youtube", f"{person['account_id']}~{person['places'][index]['platform_id']}")


async def _both(world: World) -> tuple[Merchant, Json, Json, Json]:
    merchant, person = await world.merchant(), await _person(world)
    return merchant, person, await _link(merchant, person, 0), await _link(merchant, person, 1)


async def _token(world: World, connection: Json, merchant: Merchant, **asked: Any) -> str:
    answer = await world.broker(connection["id"], merchant.user_id, **asked)
    assert answer.status == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def test_the_second_channel_leaves_the_first_alone(world: World) -> None:
    """Two living connections, each with a grant and tokens of its own, on one person."""
    merchant, person, first, second = await _both(world)

    one, other = await world.grant(first["id"]), await world.grant(second["id"])
    topics = [event["topic"] for event in await world.events(merchant.user_id)]

    assert one["id"] != other["id"]
    assert one["person_id"] == other["person_id"] == person["account_id"]
    assert [await merchant.read(connection["id"]) for connection in (first, second)] == [first, second]
    assert first["is_connected"]
    assert second["is_connected"]
    assert await _token(world, first, merchant) != await _token(world, second, merchant)
    assert topics == ["connection.linked", "connection.linked"]


async def test_channels_are_refreshed_apart(world: World) -> None:
    """A refresh of the one changes nothing about the other, and neither needs the other's word."""
    merchant, _, first, second = await _both(world)
    before = await _token(world, first, merchant), await _token(world, second, merchant)

    refreshed = await merchant.call("POST", f"/v1/connections/{first['id']}/refresh")
    after = await _token(world, first, merchant), await _token(world, second, merchant)
    await world.advance(timedelta(minutes=55))
    await world.refresh_loop().run_once()

    assert refreshed.status == 200
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert await _token(world, second, merchant) != before[1]
    assert (await world.grant(first["id"]))["is_live"]


async def test_the_first_disconnect_only_forgets_and_the_last_one_revokes(world: World) -> None:
    """A revocation at Google would end the other channel too: it waits for the person's last grant."""
    merchant, _, first, second = await _both(world)

    await merchant.call("DELETE", f"/v1/connections/{first['id']}")
    await world.erasure_worker().run_once()
    proofs = await world.proofs(merchant.user_id)
    token = await _token(world, second, merchant)
    await world.shared.refresher.refresh(merchant.user_id, (await world.grant(second["id"]))["id"], force=True)
    renewed = await _token(world, second, merchant)
    revoked = len(await world.requests("youtube", "/revoke"))
    await merchant.call("DELETE", f"/v1/connections/{second['id']}")
    await world.erasure_worker().run_once()

    assert proofs == [("disconnected", "still_in_use")]
    assert renewed != token
    assert await world.proofs(merchant.user_id) == [*proofs, ("disconnected", "revoked")]
    assert len(await world.requests("youtube", "/revoke")) == revoked + 1


async def test_a_location_of_the_same_person_holds_back_the_revocation(world: World) -> None:
    """Both channels go, the location at Google lives on."""
    merchant = await world.merchant()
    account = await world.account("google", places=[{"kind": "location", "name": "High Street"}])
    username = account["username"]
    person = await world.account(
        "youtube", username=username, places=[{"kind": "channel", "name": name} for name in CHANNELS]
    )
    location = await merchant.link("google", username)
    channels = [await _link(merchant, person, index) for index in range(2)]

    for channel in channels:
        await merchant.call("DELETE", f"/v1/connections/{channel['id']}")
    await world.erasure_worker().run_once()

    assert await world.proofs(merchant.user_id) == [("disconnected", "still_in_use")] * 2
    grant = await world.grant(location["id"])
    await world.shared.refresher.refresh(merchant.user_id, grant["id"], force=True)
    assert (await merchant.read(location["id"]))["health"] == "ok"
    assert (await world.grant(location["id"]))["token_version"] == grant["token_version"] + 1


async def test_a_channel_comes_back_as_itself(world: World) -> None:
    """Its own consent brings the same connection back; the other channel's consent does not pass for it."""
    merchant, person, first, second = await _both(world)
    own, other = (f"{person['account_id']}~{place['platform_id']}" for place in person["places"])
    wrong = await merchant.approve(await merchant.begin("youtube", connection_id=first["id"]), other)
    refused = await merchant.complete(wrong.query["link_code"])

    again = await merchant.link("youtube", own, connection_id=first["id"])

    assert (refused.status, refused.json()["code"]) == (409, "conflict")
    assert again["id"] == first["id"]
    assert (await merchant.read(second["id"]))["revision"] == second["revision"]
    assert (await world.grant(first["id"]))["platform_user_id"] == f"{person['account_id']}/{first['platform_id']}"


async def test_a_merchant_who_leaves_takes_both_back(world: World) -> None:
    """Deleted by SQL: the erasures carry the person, one revocation ends both, and each copy has its proof."""
    merchant, person, *_ = await _both(world)

    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", merchant.user_id)
    rows = await world.admin.fetch("SELECT person_id FROM retail_b2c.erasures WHERE user_id = $1", merchant.user_id)
    await world.erasure_worker().run_once()

    assert [row["person_id"] for row in rows] == [person["account_id"]] * 2
    assert sorted(await world.proofs(merchant.user_id)) == [("erased", "already_invalid"), ("erased", "revoked")]


async def test_an_unfinished_consent_spares_the_connected_channel(world: World) -> None:
    """Somebody approves the second channel and never completes: what is given back costs the first one nothing."""
    merchant, person = await world.merchant(), await _person(world)
    first = await _link(merchant, person, 0)
    stranger = await world.merchant()
    second = f"{person['account_id']}~{person['places'][1]['platform_id']}"
    await stranger.approve(await stranger.begin("youtube"), second)

    await world.advance(timedelta(minutes=11))
    await world.sweeper().end_unfinished_links()
    await world.erasure_worker().run_once()

    assert await world.proofs(stranger.user_id) == [("unfinished", "still_in_use")]
    assert await _token(world, first, merchant)
