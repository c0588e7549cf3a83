"""Linking through the real redirect flow: consent, callback, choice, connection."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.integration.auth_linker.world import RETURN_TO, World

from social_stack.browser import consent

FIELDS = {
    "id", "grant_id", "user_id", "platform", "platform_id", "kind", "platform_username", "display_name", "avatar_url",
    "is_connected", "health", "capabilities", "scopes", "missing_scopes", "limitations", "problem", "expires_at",
    "renewable", "last_refreshed_at", "created_at", "updated_at", "revision",
}  # fmt: skip
LINKED = {
    "topic", "connection_id", "grant_id", "user_id", "revision", "platform", "platform_id", "kind",
    "platform_username", "scopes", "capabilities", "missing_scopes", "health", "expires_at", "renewable", "relinked",
    "linked_at",
}  # fmt: skip


@pytest.mark.parametrize("platform", ["x", "instagram"])
async def test_a_place_is_linked_through_the_redirects(world: World, platform: str) -> None:
    """The connection has the design's fields, the account's name, and one event stands in the outbox."""
    merchant = await world.merchant()
    account = await world.account(platform)

    connection = await merchant.link(platform, account["username"])

    assert set(connection) == FIELDS
    assert (connection["is_connected"], connection["health"]) == (True, "ok")
    assert connection["platform_username"] == account["username"]
    assert connection["capabilities"] == ["analytics", "publish"]
    assert (connection["expires_at"], connection["renewable"]) == (None, True)
    (event,) = await world.events(merchant.user_id)
    assert set(event) == LINKED
    assert (event["topic"], event["relinked"], event["revision"]) == (
        "connection.linked", False, connection["revision"],
    )  # fmt: skip


async def test_several_places_are_offered_and_the_named_ones_linked(world: World) -> None:
    """The first call without names gives the choice and links nothing; the second links what it names."""
    merchant = await world.merchant()
    account = await world.account(
        "github", places=[{"kind": "repository", "name": name} for name in ("kettles", "cups")]
    )
    landing = await merchant.approve(await merchant.begin("github"), account["username"])

    offered = await merchant.complete(landing.query["link_code"])
    choose = offered.json()["choose"]
    linked = await merchant.complete(landing.query["link_code"], [choose[0]["platform_id"], choose[1]["platform_id"]])
    again = await merchant.complete(landing.query["link_code"], [choose[0]["platform_id"]])

    assert offered.status == 200
    assert {frozenset(place) for place in choose} == {
        frozenset({"platform_id", "kind", "name", "avatar_url", "usable", "reason", "limitations"})
    }
    assert linked.status == 201
    assert [found["kind"] for found in linked.json()["connections"]] == ["repository", "repository"]
    assert len({found["grant_id"] for found in linked.json()["connections"]}) == 1
    assert again.status == 404
    assert len(await world.events(merchant.user_id, "connection.linked")) == 2


async def test_an_unknown_place_is_named_in_the_problem(world: World) -> None:
    """The problem points at the place in the list; the link stays open."""
    merchant = await world.merchant()
    account = await world.account("x")
    landing = await merchant.approve(await merchant.begin("x"), account["username"])

    refused = await merchant.complete(landing.query["link_code"], ["4711"])
    linked = await merchant.complete(landing.query["link_code"])

    assert refused.status == 422
    assert refused.json()["errors"][0]["field"] == "body.platform_ids.0"
    assert linked.status == 201


@pytest.mark.parametrize("code", ["used", "foreign", "made-up", "expired"])
async def test_only_the_merchant_who_began_can_complete_and_only_once(world: World, code: str) -> None:
    """A used, another merchant's, invented or expired code is a 404, and nothing is linked by it."""
    merchant, other = await world.merchant(), await world.merchant()
    account = await world.account("x")
    landing = await merchant.approve(await merchant.begin("x"), account["username"])
    link_code, caller = landing.query["link_code"], merchant
    match code:
        case "used":
            assert (await merchant.complete(link_code)).status == 201
        case "foreign":
            caller = other
        case "made-up":
            link_code = "A" * 43
        case _:
            await world.advance(timedelta(minutes=11))
            await merchant.sign_in_again()
    before = await world.events(merchant.user_id)

    answer = await caller.complete(link_code)

    assert answer.status == 404
    assert answer.json()["code"] == "not_found"
    assert await world.events(merchant.user_id) == before
    assert await world.events(other.user_id) == []


@pytest.mark.parametrize("state", ["forged", "used", "expired", "missing", "endless", "of another platform"])
async def test_a_state_that_proves_nothing_ends_at_our_own_page(world: World, state: str) -> None:
    """A plain page with 400: no redirect, no script, nothing of the request in it."""
    merchant = await world.merchant()
    url = await merchant.begin("x")
    given, platform = parse_qs(urlsplit(url).query)["state"][0], "x"
    match state:
        case "forged":
            given = "<script>alert(1)</script>"
        case "used":
            await world.http.request("GET", _callback(world, "x", given, error="access_denied"))
        case "expired":
            await world.advance(timedelta(minutes=11))
        case "missing":
            given = ""
        case "endless":
            given = "x" * 5000
        case _:
            platform = "instagram"

    answer = await world.http.request("GET", _callback(world, platform, given, code="abc"))

    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "location" not in answer.headers
    assert "script" not in answer.text
    assert "This link has ended" in answer.text


async def test_a_denial_comes_back_to_the_merchants_page(world: World) -> None:
    """The page's own parameters stay, and the status says denied."""
    merchant = await world.merchant()
    url = await merchant.begin("x", return_to=f"{RETURN_TO}?tab=social#accounts")
    account = await world.account("x")

    landing = await consent(world.http, url, account=account["username"], decision="deny", return_to=RETURN_TO)

    assert landing.query == {"tab": "social", "status": "denied"}
    assert landing.url.endswith("#accounts")


@pytest.mark.parametrize(("kind", "error"), [("error_500", "platform_down"), ("garbage", "platform_down")])
async def test_a_failed_exchange_comes_back_with_a_code(world: World, kind: str, error: str) -> None:
    """The merchant's page hears of the failure in the closed set; nothing is linked."""
    merchant = await world.merchant()
    account = await world.account("instagram")
    url = await merchant.begin("instagram")
    await world.fault("instagram", "token", kind, count=5)

    landing = await merchant.approve(url, account["username"])
    await world.control("DELETE", "/faults")

    assert landing.query == {"status": "failed", "error": error}
    assert await world.events(merchant.user_id) == []


async def test_a_consent_in_a_strangers_browser_links_nothing_to_anyone(world: World) -> None:
    """B approves A's address: B cannot complete it, A never learns the code, and in the end B's consent is revoked."""
    attacker, victim = await world.merchant(), await world.merchant()
    account = await world.account("x")
    landing = await victim.approve(await attacker.begin("x"), account["username"])

    answer = await victim.complete(landing.query["link_code"])
    await world.advance(timedelta(minutes=11))
    await world.sweeper().end_unfinished_links()
    await world.erasure_worker().run_once()

    assert answer.status == 404
    assert await world.events(attacker.user_id) == await world.events(victim.user_id) == []
    assert await world.proofs(attacker.user_id) == [("unfinished", "revoked")]


async def test_an_approval_of_a_strangers_address_costs_the_stranger_nothing(world: World) -> None:
    """Where a revocation ends all that a person granted, the lured merchant's own live grant holds it back."""
    attacker, victim = await world.merchant(), await world.merchant()
    account = await world.account("github", places=[{"kind": "repository", "name": "kettles"}])
    connection = await victim.link("github", account["username"])
    await victim.approve(await attacker.begin("github"), account["username"])

    await world.advance(timedelta(minutes=11))
    await world.sweeper().end_unfinished_links()
    await world.erasure_worker().run_once()

    assert await world.proofs(attacker.user_id) == [("unfinished", "still_in_use")]
    assert (await world.broker(connection["id"], victim.user_id)).status == 200


async def test_relinking_brings_back_the_same_connection(world: World) -> None:
    """After a disconnect the same account gets its old id again, with a higher revision and `relinked`."""
    merchant = await world.merchant()
    account = await world.account("x")
    first = await merchant.link("x", account["username"])
    assert (await merchant.call("DELETE", f"/v1/connections/{first['id']}")).status == 204

    second = await merchant.link("x", account["username"])

    assert second["id"] == first["id"]
    assert second["is_connected"] is True
    events = await world.events(merchant.user_id)
    assert [event["topic"] for event in events] == ["connection.linked", "connection.unlinked", "connection.linked"]
    assert [event.get("relinked") for event in events] == [False, None, True]
    assert sorted(event["revision"] for event in events) == [event["revision"] for event in events]


async def test_reconnecting_refuses_another_account(world: World) -> None:
    """Setting out to bring a connection back with another account's consent is a conflict and changes nothing."""
    merchant = await world.merchant()
    one, two = await world.account("x"), await world.account("x")
    connection = await merchant.link("x", one["username"])
    url = await merchant.begin("x", connection_id=connection["id"])
    landing = await merchant.approve(url, two["username"])

    answer = await merchant.complete(landing.query["link_code"])

    assert (answer.status, answer.json()["code"]) == (409, "conflict")
    assert (await merchant.read(connection["id"]))["revision"] == connection["revision"]


async def test_siblings_are_listed_and_added_without_another_consent(world: World) -> None:
    """The grant's other places show which are connected; adding one gives a connection on the same grant."""
    merchant = await world.merchant()
    account = await world.account(
        "github", places=[{"kind": "repository", "name": name} for name in ("kettles", "cups")]
    )
    landing = await merchant.approve(await merchant.begin("github"), account["username"])
    choose = (await merchant.complete(landing.query["link_code"])).json()["choose"]
    first = (await merchant.complete(landing.query["link_code"], [choose[0]["platform_id"]])).json()["connections"][0]

    path = f"/v1/connections/{first['id']}/siblings"
    siblings = (await merchant.call("GET", path)).json()["siblings"]
    free = next(place for place in siblings if place["connection_id"] is None)
    body = {"platform_ids": [free["platform_id"]]}
    added = await merchant.call("POST", path, body, Idempotency_Key="once")
    repeated = await merchant.call("POST", path, body, Idempotency_Key="once")

    assert added.status == 201
    assert added.json()["connections"][0]["grant_id"] == first["grant_id"]
    assert repeated.json() == added.json()
    assert len(await world.events(merchant.user_id)) == 2
    assert (await world.broker(added.json()["connections"][0]["id"], merchant.user_id)).status == 200


def _callback(world: World, platform: str, state: str, **query: str) -> str:
    return f"{world.api_url}/v1/oauth/{platform}/callback?{urlencode({'state': state, **query})}"
