"""Facebook's Pages: tokens of their own that never end, beside the person's that finds Pages and ends by itself."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.auth_linker.world import Json, Merchant, World

DAY = timedelta(days=1)


async def _account(world: World, *names: str) -> Json:
    return await world.account("facebook", places=[{"kind": "page", "name": name} for name in names])


async def _linked(world: World, *names: str) -> tuple[Merchant, Json, list[Json]]:
    """A merchant with all of those Pages connected, in their order."""
    merchant, account = await world.merchant(), await _account(world, *names)
    landing = await merchant.approve(await merchant.begin("facebook"), account["username"])
    ids = [place["platform_id"] for place in account["places"]]
    answer = await merchant.complete(landing.query["link_code"], ids)
    assert answer.status == 201, answer.text
    found = {connection["platform_id"]: connection for connection in answer.json()["connections"]}
    return merchant, account, [found[platform_id] for platform_id in ids]


async def _token(world: World, merchant: Merchant, connection: Json, **body: Any) -> Json:
    answer = await world.broker(connection["id"], merchant.user_id, **body)
    assert answer.status == 200, answer.text
    given: Json = answer.json()
    return given


async def test_three_pages_are_offered_and_each_publishes_with_its_own_token(world: World) -> None:
    """One grant, two connections now, the third by its siblings; no token is another's and none has an end."""
    merchant, account = await world.merchant(), await _account(world, "Kettles", "Cups", "Plates")
    landing = await merchant.approve(await merchant.begin("facebook"), account["username"])
    choose = (await merchant.complete(landing.query["link_code"])).json()["choose"]
    picked = [place["platform_id"] for place in choose[:2]]
    first, second = (await merchant.complete(landing.query["link_code"], picked)).json()["connections"]
    path = f"/v1/connections/{first['id']}/siblings"
    (free,) = [
        place["platform_id"]
        for place in (await merchant.call("GET", path)).json()["siblings"]
        if place["connection_id"] is None
    ]
    (third,) = (await merchant.call("POST", path, {"platform_ids": [free]})).json()["connections"]

    tokens = [await _token(world, merchant, connection) for connection in (first, second, third)]

    assert [place["name"] for place in choose] == ["Kettles", "Cups", "Plates"]
    assert {connection["grant_id"] for connection in (first, second, third)} == {first["grant_id"]}
    assert len({given["access_token"] for given in tokens}) == 3
    assert [given["expires_at"] for given in tokens] == [None, None, None]
    assert (first["expires_at"], first["renewable"], first["health"]) == (None, False, "ok")


async def test_the_proof_belongs_to_the_token_it_comes_with(world: World) -> None:
    """Meta's appsecret_proof is made for the very Page token that is handed out."""
    merchant, _, (connection, _) = await _linked(world, "Kettles", "Cups")

    given = await _token(world, merchant, connection)

    expected = hmac.new(b"sandbox-secret", given["access_token"].encode(), hashlib.sha256).hexdigest()
    assert given["proof"] == expected


async def test_the_end_of_the_persons_token_ends_no_page(world: World) -> None:
    """After sixty days the Pages still publish; their list cannot be read any more, and that is said with a way out."""
    merchant, _, (connection, _) = await _linked(world, "Kettles", "Cups")
    before = await _token(world, merchant, connection)

    await world.advance(61 * DAY)
    await world.refresh_loop().run_once()
    await merchant.sign_in_again()
    siblings = await merchant.call("GET", f"/v1/connections/{connection['id']}/siblings")
    after = await _token(world, merchant, connection)

    now = await merchant.read(connection["id"])
    assert (now["is_connected"], now["health"], now["expires_at"]) == (True, "ok", None)
    assert after["access_token"] == before["access_token"]
    assert (siblings.status, siblings.json()["code"]) == (409, "auth_expired")
    assert "Reconnect" in siblings.json()["action"]
    assert (await world.grant(connection["id"]))["access_token"] is None
    assert len(await world.events(merchant.user_id)) == 2


async def test_a_reconnect_brings_back_the_list_and_keeps_the_connection(world: World) -> None:
    """The same id, every row with a token of the new consent, and siblings can be listed again."""
    merchant, account, (connection, other) = await _linked(world, "Kettles", "Cups")
    await world.advance(61 * DAY)
    await world.refresh_loop().run_once()
    await merchant.sign_in_again()

    again = await merchant.link("facebook", account["username"], connection_id=connection["id"])

    siblings = await merchant.call("GET", f"/v1/connections/{connection['id']}/siblings")
    assert again["id"] == connection["id"]
    assert {place["connection_id"] for place in siblings.json()["siblings"]} == {connection["id"], other["id"]}
    assert (await _token(world, merchant, other))["token_version"] == 2


async def test_a_page_whose_role_is_lost_ends_alone(world: World) -> None:
    """The worker's look finds it: that connection alone is unlinked with its cause, and the others publish on."""
    merchant, account, (lost, kept) = await _linked(world, "Kettles", "Cups")
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
    assert (await _token(world, merchant, kept))["platform_id"] == kept["platform_id"]


async def test_a_page_that_comes_back_is_linked_again_by_itself(world: World) -> None:
    """No consent is needed: the next look finds it with a token that works, under its old id."""
    merchant, account, (lost, _) = await _linked(world, "Kettles", "Cups")
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
    merchant, account, (connection, _) = await _linked(world, "Kettles", "Cups")
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


async def test_a_refused_page_token_is_asked_for_anew(world: World) -> None:
    """A token that still works is answered as it is; nothing is renewed and nobody disconnected by a mere complaint."""
    merchant, _, (connection, _) = await _linked(world, "Kettles", "Cups")
    given = await _token(world, merchant, connection)
    asked = len(await world.requests("facebook", "/me/accounts"))

    again = await _token(world, merchant, connection, refused_token_version=given["token_version"])

    assert again["access_token"] == given["access_token"]
    assert len(await world.requests("facebook", "/me/accounts")) == asked + 1


async def test_a_refused_token_of_a_lost_page_ends_that_page(world: World) -> None:
    """The caller gets 409, and only this connection is unlinked."""
    merchant, account, (lost, kept) = await _linked(world, "Kettles", "Cups")
    given = await _token(world, merchant, lost)
    await world.change_place("facebook", account["places"][0]["platform_id"], role=False)

    answer = await world.broker(lost["id"], merchant.user_id, refused_token_version=given["token_version"])

    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert (await merchant.read(lost["id"]))["problem"]["code"] == "destination_gone"
    assert (await merchant.read(kept["id"]))["is_connected"] is True


async def test_a_removed_app_ends_all_of_the_grant(world: World) -> None:
    """The person's token and the Page's are both dead before their time: everything is revoked."""
    merchant, account, (one, two) = await _linked(world, "Kettles", "Cups")
    given = await _token(world, merchant, one)
    await world.change_place("facebook", account["places"][0]["platform_id"], session="app_removed")

    answer = await world.broker(one["id"], merchant.user_id, refused_token_version=given["token_version"])

    assert answer.status == 409
    assert [event["reason"] for event in await world.events(merchant.user_id, "connection.unlinked")] == [
        "revoked",
        "revoked",
    ]
    assert (await merchant.read(two["id"]))["problem"]["code"] == "auth_revoked"
    assert (await world.grant(one["id"]))["is_live"] is False


async def test_pages_that_die_after_the_persons_token_are_noticed(world: World) -> None:
    """Nobody can list them any more, so each Page's own token is heard; with the last one the grant ends."""
    merchant, account, (one, two) = await _linked(world, "Kettles", "Cups")
    await world.advance(61 * DAY)
    await world.refresh_loop().run_once()
    await world.change_place("facebook", account["places"][0]["platform_id"], session="password_changed")

    await world.look_at_places()
    await merchant.sign_in_again()

    assert not (await merchant.read(one["id"]))["is_connected"]
    assert not (await merchant.read(two["id"]))["is_connected"]
    assert (await world.grant(one["id"]))["is_live"] is False


async def test_an_empty_list_of_pages_ends_nothing(world: World) -> None:
    """Meta answers so where a portfolio holds the Pages: their own tokens are heard, and they work."""
    merchant, account, (connection, _) = await _linked(world, "Kettles", "Cups")
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
    merchant, _, (connection, _) = await _linked(world, "Kettles", "Cups")
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


async def test_a_disconnect_of_the_last_page_takes_the_app_from_the_account(world: World) -> None:
    """Of two Pages the first disconnect revokes nothing; the second revokes by the person's own token."""
    merchant, _, (one, two) = await _linked(world, "Kettles", "Cups")

    await merchant.call("DELETE", f"/v1/connections/{one['id']}")
    before = await world.proofs(merchant.user_id)
    await merchant.call("DELETE", f"/v1/connections/{two['id']}")
    await world.erasure_worker().run_once()

    assert before == []
    assert await world.proofs(merchant.user_id) == [("disconnected", "revoked")]


async def test_an_unticked_page_is_not_reached_by_the_new_consent(world: World) -> None:
    """Reconnecting one Page and unticking the other leaves the other to be reconnected, with the reason told."""
    merchant, account, (one, two) = await _linked(world, "Kettles", "Cups")

    await merchant.link(
        "facebook", account["username"], connection_id=one["id"], refuse=[account["places"][1]["platform_id"]]
    )

    now = await merchant.read(two["id"])
    assert (now["is_connected"], now["health"], now["problem"]["code"]) == (
        False, "reconnect_required", "destination_gone",
    )  # fmt: skip


async def test_refused_numbers_are_said_and_asked_for_again(world: World) -> None:
    """Linked with what was allowed and a plain sentence; the upgrade asks for all, again, and keeps the connection."""
    merchant, account = await world.merchant(), await _account(world, "Kettles")
    connection = await merchant.link("facebook", account["username"], refuse=["read_insights"])

    url = await merchant.begin("facebook", connection_id=connection["id"], capabilities=["analytics"])
    landing = await merchant.approve(url, account["username"])
    (upgraded,) = (await merchant.complete(landing.query["link_code"])).json()["connections"]

    (limitation,) = connection["limitations"]
    assert connection["capabilities"] == ["publish"]
    assert connection["missing_scopes"] == limitation["scopes"] == ["read_insights"]
    assert limitation["detail"].startswith("Numbers cannot be read: read_insights was not allowed.")
    assert "auth_type=rerequest" in url
    assert "pages_manage_posts" in url
    assert upgraded["id"] == connection["id"]
    assert (upgraded["capabilities"], upgraded["limitations"]) == (["analytics", "publish"], [])


@pytest.mark.parametrize(("is_deleted", "error"), [(False, "permission_missing"), (True, "destination_gone")])
async def test_a_consent_without_pages_comes_back_with_the_reason(
    world: World, error: str, *, is_deleted: bool
) -> None:
    """No Page was ticked, or the only one is gone: the merchant is told which, and the tokens are given back."""
    merchant, account = await world.merchant(), await _account(world, "Kettles")
    page = account["places"][0]["platform_id"]
    if is_deleted:
        await world.change_place("facebook", page, deleted=True)

    landing = await merchant.approve(
        await merchant.begin("facebook"), account["username"], refuse=[] if is_deleted else [page]
    )
    await world.erasure_worker().run_once()

    assert (landing.query["status"], landing.query["error"]) == ("failed", error)
    assert await world.proofs(merchant.user_id) == [("unfinished", "revoked")]


async def test_a_page_token_that_was_replaced_is_derived_anew(world: World) -> None:
    """The refused token is dead, the person's still lists the Page with another: stored, and told as a new version."""
    merchant, account, (connection, other) = await _linked(world, "Kettles", "Cups")
    given = await _token(world, merchant, connection)
    untouched = await _token(world, merchant, other)
    page = account["places"][0]["platform_id"]
    await world.change_place("facebook", page, role=False)
    await world.change_place("facebook", page, role=True)

    renewed = await _token(world, merchant, connection, refused_token_version=given["token_version"])
    stale = await _token(world, merchant, connection, refused_token_version=given["token_version"])

    assert renewed["access_token"] != given["access_token"]
    assert renewed["token_version"] == given["token_version"] + 1
    assert stale["access_token"] == renewed["access_token"]
    assert (await _token(world, merchant, other))["access_token"] == untouched["access_token"]
    assert len(await world.events(merchant.user_id)) == 2


async def test_a_deleted_user_leaves_no_page_token_behind(world: World) -> None:
    """Supabase's delete queues the person's token and a Page's; whichever is worked on first, both end in a proof."""
    merchant, _, _ = await _linked(world, "Kettles", "Cups")

    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", merchant.user_id)
    await world.erasure_worker().run_once()

    proofs = await world.proofs(merchant.user_id)
    assert {reason for reason, _ in proofs} == {"erased"}
    assert sorted(str(proof) for _, proof in proofs) == ["already_invalid", "revoked"]
