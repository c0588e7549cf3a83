"""Bad input gets a problem that names the field; nothing is written, nothing breaks."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from tests.integration.auth_linker.world import RETURN_TO, World

from auth_linker.connections.service import Attacher
from auth_linker.linking.callback import CallbackHandler, Returned
from auth_linker.linking.service import Linker, LinkWish
from social_common.db import Database
from social_common.errors import Invalid
from social_common.secrets import Secret
from social_platforms._core import Capability, Platform
from social_platforms.registry import OAuthApps

GOOD = {"return_to": RETURN_TO}


@pytest.mark.parametrize(
    ("platform", "body", "field"),
    [
        ("myspace", GOOD, "path.platform"),
        ("x", {}, "body.return_to"),
        ("x", {"return_to": 7}, "body.return_to"),
        ("x", {"return_to": "/console"}, "body.return_to"),
        ("x", {"return_to": "https://evil.example/"}, "body.return_to"),
        ("x", {"return_to": "https://shop.example.evil.example/"}, "body.return_to"),
        ("x", {"return_to": "https://shop.example@evil.example/"}, "body.return_to"),
        ("x", {"return_to": "http://shop.example/"}, "body.return_to"),
        ("x", {"return_to": "https://shop.example:8443/"}, "body.return_to"),
        ("x", {"return_to": "https://shop.example\\@evil.example/"}, "body.return_to"),
        ("x", {"return_to": "javascript:alert(1)"}, "body.return_to"),
        ("x", {"return_to": "https://[::1/"}, "body.return_to"),
        ("x", GOOD | {"capabilities": ["rule"]}, "body.capabilities.0"),
        ("x", GOOD | {"capabilities": []}, "body.capabilities"),
        ("x", GOOD | {"kinds": ["planet"]}, "body.kinds.0"),
        ("x", GOOD | {"kinds": ["account", "channel"]}, "body.kinds"),
        ("x", GOOD | {"connection_id": "one"}, "body.connection_id"),
        ("x", GOOD | {"connection_id": str(uuid4())}, "body.connection_id"),
        ("x", GOOD | {"surprise": True}, "body.surprise"),
    ],
)
async def test_authorize_names_the_field(world: World, platform: str, body: dict[str, Any], field: str) -> None:
    """A 422 problem document with the path of what is wrong."""
    merchant = await world.merchant()

    answer = await merchant.call("POST", f"/v1/connections/{platform}/authorize", body)

    problem = answer.json()
    assert answer.status == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "invalid_request"
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/v1/connections?cursor=made-up", "query.cursor"),
        ("GET", "/v1/connections?limit=0", "query.limit"),
        ("GET", "/v1/connections?limit=many", "query.limit"),
        ("GET", "/v1/connections?platform=myspace", "query.platform"),
        ("GET", "/v1/connections/seven", "path.connection_id"),
        ("DELETE", "/v1/connections/seven", "path.connection_id"),
    ],
)
async def test_addresses_are_checked_as_well(world: World, method: str, path: str, field: str) -> None:
    """Queries and ids that cannot be meant are 422 with their place."""
    merchant = await world.merchant()

    answer = await merchant.call(method, path)

    assert (answer.status, answer.json()["errors"][0]["field"]) == (422, field)


async def test_malformed_and_oversized_bodies_are_problems(world: World) -> None:
    """Broken JSON is a 400, a body beyond the limit a 413."""
    merchant = await world.merchant()
    url = f"{world.api_url}/v1/connections/complete"
    headers = {"Content-Type": "application/json"}

    broken = await world.http.request("POST", url, content=b'{"link_code": ', bearer=merchant.token, headers=headers)
    large = await world.http.request(
        "POST", url, content=b'{"link_code": "' + b"a" * 2_000_000 + b'"}', bearer=merchant.token, headers=headers
    )

    assert (broken.status, broken.json()["code"]) == (400, "invalid_request")
    assert (large.status, large.json()["code"]) == (413, "payload_too_large")


async def test_without_a_valid_token_nothing_is_answered(world: World) -> None:
    """401 with `WWW-Authenticate`, for none and for one that proves nothing."""
    for bearer in (None, Secret("nonsense")):
        answer = await world.http.request("GET", f"{world.api_url}/v1/connections", bearer=bearer)

        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_key_used_with_another_body_is_refused(world: World) -> None:
    """The same Idempotency-Key gives the same answer to the same request, and a conflict to another."""
    merchant = await world.merchant()
    path = "/v1/connections/x/authorize"

    first = await merchant.call("POST", path, GOOD, Idempotency_Key="k1")
    same = await merchant.call("POST", path, GOOD, Idempotency_Key="k1")
    other = await merchant.call("POST", path, GOOD | {"kinds": ["account"]}, Idempotency_Key="k1")

    assert first.json() == same.json()
    assert (other.status, other.json()["code"]) == (409, "idempotency_conflict")


async def test_pages_cover_every_connection_once(world: World) -> None:
    """Following the cursor gives each connection exactly once, oldest first."""
    merchant = await world.merchant()
    linked = [(await merchant.link("x", (await world.account("x"))["username"]))["id"] for _ in range(3)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (
            await merchant.call(
                "GET", f"/v1/connections?limit=2&cursor={cursor}" if cursor else "/v1/connections?limit=2"
            )
        ).json()
        found += [connection["id"] for connection in answer["connections"]]
        cursor = answer["next_cursor"]

    assert found == linked


async def test_platforms_tell_what_they_can_do(world: World) -> None:
    """Every platform has kinds, limits, options, scopes per capability and kind, floors of media, and days left."""
    merchant = await world.merchant()

    platforms = (await merchant.call("GET", "/v1/platforms")).json()["platforms"]

    by_name = {found["platform"]: found for found in platforms}
    assert set(by_name) == {platform.value for platform in Platform}
    for found in platforms:
        assert found["configured"] is True
        assert set(found["linkable_kinds"]) == set(found["kinds"])
        assert set(found["scopes"]) == {"publish", "analytics"}
        assert found["options"]["type"] == "object"
        assert (found["api_days_left"] is None) is (found["api_sunset"] is None)
        for rule in found["media"]:
            assert {"min_duration_s", "min_bytes", "min_width", "min_height", "max_pixels"} < set(rule)
    assert by_name["linkedin"]["scopes_by_kind"]["member"]["publish"] == ["openid", "profile", "w_member_social"]
    assert by_name["google"]["reports_numbers"] is False


async def test_a_platform_that_is_not_set_up_is_named(world: World) -> None:
    """Where no app is configured nothing can be begun, and a late callback of its ends at the merchant's page."""
    merchant = await world.merchant()
    url = await merchant.begin("x")
    state = parse_qs(urlsplit(url).query)["state"][0]
    linker = Linker(
        apps=OAuthApps({}),
        vault=world.shared.vault,
        attacher=Attacher(world.shared.vault, lead=timedelta(0)),
        allowed_origins=world.settings.allowed_origins,
        callback_url=world.settings.callback_url,
        life=world.settings.link_life,
    )
    wish = LinkWish("x", RETURN_TO, frozenset(Capability), (), None)
    async with Database(world.database.secret("api"), service="auth-linker", pool_size=2) as api:
        async with api.write(merchant.user_id) as session:
            with pytest.raises(Invalid) as refusal:
                await linker.begin(session, wish)
        late = CallbackHandler(
            api,
            apps=OAuthApps({}),
            vault=world.shared.vault,
            leases=world.shared.leases,
            callback_url=world.settings.callback_url,
            life=world.settings.link_life,
        )
        target = await late.handle(Returned("x", state, Secret("fake-code"), None))

    assert [error.field for error in refusal.value.errors] == ["path.platform"]
    assert target == f"{RETURN_TO}?status=failed&error=app_misconfigured"
