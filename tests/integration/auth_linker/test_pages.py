"""Facebook's Pages: tokens of their own that never end, beside the person's that finds Pages and ends by itself."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from tests.integration.auth_linker.pages import linked_pages, page_account, page_token
from tests.integration.auth_linker.world import World

DAY = timedelta(days=1)


async def test_three_pages_are_offered_and_each_publishes_with_its_own_token(world: World) -> None:
    """One grant, two connections now, the third by its siblings; no token is another's and none has an end."""
    merchant, account = await world.merchant(), await page_account(world, "Kettles", "Cups", "Plates")
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

    tokens = [await page_token(world, merchant, connection) for connection in (first, second, third)]

    assert [place["name"] for place in choose] == ["Kettles", "Cups", "Plates"]
    assert {connection["grant_id"] for connection in (first, second, third)} == {first["grant_id"]}
    assert len({given["access_token"] for given in tokens}) == 3
    assert [given["expires_at"] for given in tokens] == [None, None, None]
    assert (first["expires_at"], first["renewable"], first["health"]) == (None, False, "ok")


async def test_the_proof_belongs_to_the_token_it_comes_with(world: World) -> None:
    """Meta's appsecret_proof is made for the very Page token that is handed out."""
    merchant, _, (connection, _) = await linked_pages(world, "Kettles", "Cups")

    given = await page_token(world, merchant, connection)

    expected = hmac.new(b"sandbox-secret", given["access_token"].encode(), hashlib.sha256).hexdigest()
    assert given["proof"] == expected


async def test_the_end_of_the_persons_token_ends_no_page(world: World) -> None:
    """After sixty days the Pages still publish; their list cannot be read any more, and that is said with a way out."""
    merchant, _, (connection, _) = await linked_pages(world, "Kettles", "Cups")
    before = await page_token(world, merchant, connection)

    await world.advance(61 * DAY)
    await world.refresh_loop().run_once()
    await merchant.sign_in_again()
    siblings = await merchant.call("GET", f"/v1/connections/{connection['id']}/siblings")
    after = await page_token(world, merchant, connection)

    now = await merchant.read(connection["id"])
    assert (now["is_connected"], now["health"], now["expires_at"]) == (True, "ok", None)
    assert after["access_token"] == before["access_token"]
    assert (siblings.status, siblings.json()["code"]) == (409, "auth_expired")
    assert "Reconnect" in siblings.json()["action"]
    assert (await world.grant(connection["id"]))["access_token"] is None
    assert len(await world.events(merchant.user_id)) == 2


async def test_a_reconnect_brings_back_the_list_and_keeps_the_connection(world: World) -> None:
    """The same id, every row with a token of the new consent, and siblings can be listed again."""
    merchant, account, (connection, other) = await linked_pages(world, "Kettles", "Cups")
    await world.advance(61 * DAY)
    await world.refresh_loop().run_once()
    await merchant.sign_in_again()

    again = await merchant.link("facebook", account["username"], connection_id=connection["id"])

    siblings = await merchant.call("GET", f"/v1/connections/{connection['id']}/siblings")
    assert again["id"] == connection["id"]
    assert {place["connection_id"] for place in siblings.json()["siblings"]} == {connection["id"], other["id"]}
    assert (await page_token(world, merchant, other))["token_version"] == 2


async def test_a_refused_page_token_is_asked_for_anew(world: World) -> None:
    """A token that still works is answered as it is; nothing is renewed and nobody disconnected by a mere complaint."""
    merchant, _, (connection, _) = await linked_pages(world, "Kettles", "Cups")
    given = await page_token(world, merchant, connection)
    asked = len(await world.requests("facebook", "/me/accounts"))

    again = await page_token(world, merchant, connection, refused_token_version=given["token_version"])

    assert again["access_token"] == given["access_token"]
    assert len(await world.requests("facebook", "/me/accounts")) == asked + 1


async def test_a_refused_token_of_a_lost_page_ends_that_page(world: World) -> None:
    """The caller gets 409, and only this connection is unlinked."""
    merchant, account, (lost, kept) = await linked_pages(world, "Kettles", "Cups")
    given = await page_token(world, merchant, lost)
    await world.change_place("facebook", account["places"][0]["platform_id"], role=False)

    answer = await world.broker(lost["id"], merchant.user_id, refused_token_version=given["token_version"])

    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert (await merchant.read(lost["id"]))["problem"]["code"] == "destination_gone"
    assert (await merchant.read(kept["id"]))["is_connected"] is True


async def test_a_removed_app_ends_all_of_the_grant(world: World) -> None:
    """The person's token and the Page's are both dead before their time: everything is revoked."""
    merchant, account, (one, two) = await linked_pages(world, "Kettles", "Cups")
    given = await page_token(world, merchant, one)
    await world.change_place("facebook", account["places"][0]["platform_id"], session="app_removed")

    answer = await world.broker(one["id"], merchant.user_id, refused_token_version=given["token_version"])

    assert answer.status == 409
    assert [event["reason"] for event in await world.events(merchant.user_id, "connection.unlinked")] == [
        "revoked",
        "revoked",
    ]
    assert (await merchant.read(two["id"]))["problem"]["code"] == "auth_revoked"
    assert (await world.grant(one["id"]))["is_live"] is False


async def test_a_disconnect_of_the_last_page_takes_the_app_from_the_account(world: World) -> None:
    """Of two Pages the first disconnect revokes nothing; the second revokes by the person's own token."""
    merchant, _, (one, two) = await linked_pages(world, "Kettles", "Cups")

    await merchant.call("DELETE", f"/v1/connections/{one['id']}")
    before = await world.proofs(merchant.user_id)
    await merchant.call("DELETE", f"/v1/connections/{two['id']}")
    await world.erasure_worker().run_once()

    assert before == []
    assert await world.proofs(merchant.user_id) == [("disconnected", "revoked")]


@pytest.mark.parametrize("is_noticed", [True, False])
async def test_a_living_page_token_revokes_once_the_persons_has_ended(world: World, *, is_noticed: bool) -> None:
    """Whether or not the worker has forgotten the ended token yet, the last disconnect takes the app away."""
    merchant, _, connections = await linked_pages(world, "Kettles", "Cups")
    await world.advance(61 * DAY)
    if is_noticed:
        await world.refresh_loop().run_once()
    await merchant.sign_in_again()

    for connection in connections:
        await merchant.call("DELETE", f"/v1/connections/{connection['id']}")
    await world.erasure_worker().run_once()

    assert await world.proofs(merchant.user_id) == [("disconnected", "revoked")]


async def test_an_unticked_page_is_not_reached_by_the_new_consent(world: World) -> None:
    """Reconnecting one Page and unticking the other leaves the other to be reconnected, with the reason told."""
    merchant, account, (one, two) = await linked_pages(world, "Kettles", "Cups")

    await merchant.link(
        "facebook", account["username"], connection_id=one["id"], refuse=[account["places"][1]["platform_id"]]
    )

    now = await merchant.read(two["id"])
    assert (now["is_connected"], now["health"], now["problem"]["code"]) == (
        False, "reconnect_required", "destination_gone",
    )  # fmt: skip


async def test_refused_numbers_are_said_and_asked_for_again(world: World) -> None:
    """Linked with what was allowed and a plain sentence; the upgrade asks for all, again, and keeps the connection."""
    merchant, account = await world.merchant(), await page_account(world, "Kettles")
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
    merchant, account = await world.merchant(), await page_account(world, "Kettles")
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
    merchant, account, (connection, other) = await linked_pages(world, "Kettles", "Cups")
    given = await page_token(world, merchant, connection)
    untouched = await page_token(world, merchant, other)
    page = account["places"][0]["platform_id"]
    await world.change_place("facebook", page, role=False)
    await world.change_place("facebook", page, role=True)

    renewed = await page_token(world, merchant, connection, refused_token_version=given["token_version"])
    stale = await page_token(world, merchant, connection, refused_token_version=given["token_version"])

    assert renewed["access_token"] != given["access_token"]
    assert renewed["token_version"] == given["token_version"] + 1
    assert stale["access_token"] == renewed["access_token"]
    assert (await page_token(world, merchant, other))["access_token"] == untouched["access_token"]
    assert len(await world.events(merchant.user_id)) == 2


async def test_a_deleted_user_leaves_no_page_token_behind(world: World) -> None:
    """Supabase's delete queues the person's token and a Page's; whichever is worked on first, both end in a proof."""
    merchant, _, _ = await linked_pages(world, "Kettles", "Cups")

    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", merchant.user_id)
    await world.erasure_worker().run_once()

    proofs = await world.proofs(merchant.user_id)
    assert {reason for reason, _ in proofs} == {"erased"}
    assert sorted(str(proof) for _, proof in proofs) == ["already_invalid", "revoked"]
