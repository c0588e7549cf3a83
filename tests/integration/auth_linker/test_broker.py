"""The token broker: who may ask what, and what it answers when there is no token."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.integration.auth_linker.world import Json, Merchant, World

from social_common.secrets import Secret


async def _linked(world: World, platform: str = "x") -> tuple[Merchant, Json]:
    merchant = await world.merchant()
    account = await world.account(platform)
    return merchant, await merchant.link(platform, account["username"])


async def test_a_service_gets_the_token_with_what_its_calls_need(world: World) -> None:
    """The answer has the design's fields, and its token works at the platform."""
    merchant, connection = await _linked(world)

    answer = await world.broker(connection["id"], merchant.user_id)
    given = answer.json()
    me = await world.http.request(
        "GET", f"{world.sandbox_url}/x/api.x.com/2/users/me", bearer=Secret(given["access_token"])
    )

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(given) == {
        "access_token", "token_type", "expires_at", "token_version", "platform", "platform_id", "kind", "facts",
        "proof",
    }  # fmt: skip
    assert given["facts"]["username"] == connection["platform_username"]
    assert me.json()["data"]["id"] == given["platform_id"]


@pytest.mark.parametrize(
    ("caller", "capability", "status"),
    [
        ("publisher", "publish", 200),
        ("analytics", "analytics", 200),
        ("publisher", "analytics", 403),
        ("analytics", "publish", 403),
        ("stranger", "publish", 403),
        ("nobody", "publish", 401),
    ],
)
async def test_who_may_ask_what_is_a_table(world: World, caller: str, capability: str, status: int) -> None:
    """Each service gets tokens for its own capability only; a caller without a trusted key gets nothing."""
    merchant, connection = await _linked(world)

    answer = await world.broker(connection["id"], merchant.user_id, caller, capability=capability)

    assert answer.status == status
    assert ("access_token" in answer.text) is (status == 200)


async def test_a_merchants_own_token_opens_no_internal_door(world: World) -> None:
    """A Supabase access token is no service token."""
    merchant, connection = await _linked(world)

    answer = await merchant.call(
        "POST",
        f"/internal/v1/connections/{connection['id']}/token",
        {"user_id": str(merchant.user_id), "capability": "publish"},
    )

    assert answer.status == 401


async def test_an_unknown_or_foreign_connection_is_a_404(world: World) -> None:
    """The merchant named must be the connection's."""
    _, connection = await _linked(world)

    unknown = await world.broker(str(uuid4()), uuid4())
    foreign = await world.broker(connection["id"], uuid4())

    assert (unknown.status, foreign.status) == (404, 404)


async def test_a_capability_the_merchant_did_not_grant_is_a_403(world: World) -> None:
    """Linked for analytics only, the connection gives no token to publish."""
    merchant = await world.merchant()
    account = await world.account("x")
    connection = await merchant.link("x", account["username"], capabilities=["analytics"])

    answer = await world.broker(connection["id"], merchant.user_id)

    assert connection["capabilities"] == ["analytics"]
    assert (answer.status, answer.json()["code"]) == (403, "permission_missing")


async def test_a_token_that_would_not_last_is_renewed_first(world: World) -> None:
    """`min_valid_s` beyond what is left brings a new version with enough life."""
    merchant, connection = await _linked(world)
    first = (await world.broker(connection["id"], merchant.user_id)).json()
    await world.advance(timedelta(hours=1, minutes=58))

    second = (await world.broker(connection["id"], merchant.user_id, min_valid_s=300)).json()

    assert second["token_version"] == first["token_version"] + 1
    assert second["access_token"] != first["access_token"]


async def test_a_refused_version_forces_one_refresh_for_all_who_name_it(world: World) -> None:
    """Two callers refused with the same version cost one refresh; a stale refusal costs none."""
    merchant, connection = await _linked(world)
    version = (await world.broker(connection["id"], merchant.user_id)).json()["token_version"]
    before = len(await world.requests("x", "/2/oauth2/token"))

    first = await world.broker(connection["id"], merchant.user_id, refused_token_version=version)
    stale = await world.broker(connection["id"], merchant.user_id, refused_token_version=version)

    assert first.json()["token_version"] == stale.json()["token_version"] == version + 1
    assert len(await world.requests("x", "/2/oauth2/token")) == before + 1


async def test_a_valid_token_is_answered_while_another_process_refreshes(world: World) -> None:
    """A lease held elsewhere blocks nobody whose token still works; a refused one has to wait."""
    merchant, connection = await _linked(world)
    version = (await world.broker(connection["id"], merchant.user_id)).json()["token_version"]
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET lease_owner = gen_random_uuid(),"
        " lease_until = clock_timestamp() + interval '1 minute' WHERE id = $1",
        UUID(connection["grant_id"]),
    )

    valid = await world.broker(connection["id"], merchant.user_id, min_valid_s=3600)
    longer = await asyncio.wait_for(world.broker(connection["id"], merchant.user_id, min_valid_s=3600), 5)
    refused = await world.broker(connection["id"], merchant.user_id, refused_token_version=version)

    assert (valid.status, longer.status) == (200, 200)
    assert (refused.status, refused.json()["code"]) == (503, "platform_down")
    assert int(refused.headers["retry-after"]) >= 1


async def test_a_token_endpoint_that_is_down_is_a_503(world: World) -> None:
    """Without a valid token left the caller is told when to come back, and nobody is disconnected."""
    merchant, connection = await _linked(world)
    await world.advance(timedelta(hours=2, minutes=5))
    await world.fault("x", "refresh", "rate_limit")

    down = await world.broker(connection["id"], merchant.user_id)
    await world.admin.execute("UPDATE retail_b2c.grants SET retry_at = NULL")
    up = await world.broker(connection["id"], merchant.user_id)

    assert (down.status, up.status) == (503, 200)
    assert "retry-after" in down.headers


async def test_a_disconnected_place_is_a_409_with_its_revision(world: World) -> None:
    """The caller learns which state of the connection the refusal belongs to."""
    merchant, connection = await _linked(world)
    await merchant.call("DELETE", f"/v1/connections/{connection['id']}")

    answer = await world.broker(connection["id"], merchant.user_id)

    now = await merchant.read(connection["id"])
    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert answer.json()["revision"] == now["revision"]


async def test_services_read_a_connection_by_its_merchant(world: World) -> None:
    """The internal read gives what the merchant sees; for another merchant it is a 404."""
    merchant, connection = await _linked(world)
    url = f"{world.api_url}/internal/v1/connections/{connection['id']}"

    own = await world.http.request("GET", f"{url}?user_id={merchant.user_id}", bearer=world.service_token())
    foreign = await world.http.request("GET", f"{url}?user_id={uuid4()}", bearer=world.service_token())

    assert own.json() == connection
    assert foreign.status == 404
