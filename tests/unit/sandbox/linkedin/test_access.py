"""Versions, protocol, syntax and quotas of the simulated LinkedIn."""

from datetime import UTC, datetime

import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.linkedin.visitors import (
    API,
    PAGE,
    REDIRECT,
    Merchant,
    a_member,
    a_merchant,
    encoded,
    error_of,
)

ACLS = "/organizationAcls?q=roleAssignee"
THROTTLED = {
    "status": 429,
    "serviceErrorCode": 101,
    "message": "Resource level throttle limit for calls to this resource is reached.",
}


async def test_a_version_is_never_defaulted(manager: Merchant) -> None:
    """Without the header the call is a bug of the client."""
    answer = await manager.call("GET", ACLS, headers={"linkedin-version": None})

    assert error_of(answer) == (400, "VERSION_MISSING")
    assert answer.json()["message"].startswith("A version must be present")


@pytest.mark.parametrize("version", ["202501", "202510", "202511", "202512", "202610", "2026", "latest"])
async def test_sunset_skipped_and_unknown_months_are_gone(manager: Merchant, version: str) -> None:
    """426, in November 2026."""
    answer = await manager.call("GET", ACLS, headers={"linkedin-version": version})

    assert error_of(answer) == (426, "NONEXISTENT_VERSION")
    assert answer.json()["message"] == f"Requested version {version}01 is not active"


@pytest.mark.parametrize(
    ("version", "sunset"),
    [("202601", (2027, 1, 15)), ("202602", (2027, 2, 15)), ("202603", (2027, 3, 16)), ("202609", (2027, 9, 15))],
)
async def test_each_version_stands_until_its_sunset(
    sandbox: Sandbox, manager: Merchant, version: str, sunset: tuple[int, int, int]
) -> None:
    """To the day; the token, of course, has to be refreshed meanwhile."""
    sandbox.switch("linkedin", access_life_s=10**9)
    lasting = await a_merchant(
        sandbox, ("sandbox-community-client", "sandbox-community-secret"), "r_organization_admin"
    )
    headers = {"linkedin-version": version}
    last = datetime(*sunset, tzinfo=UTC) - sandbox.clock.now()
    sandbox.pass_time(seconds=last.total_seconds() - 1)
    assert (await lasting.call("GET", ACLS, headers=headers)).status_code == 200
    sandbox.pass_time(seconds=1)

    assert error_of(await lasting.call("GET", ACLS, headers=headers)) == (426, "NONEXISTENT_VERSION")


async def test_the_calendar_of_versions_can_be_overruled(sandbox: Sandbox, manager: Merchant) -> None:
    """A version may be gone early, and a new one may be there."""
    sandbox.switch("linkedin", extra_versions=["202610"], retired_versions=["202609"])

    assert (await manager.call("GET", ACLS, headers={"linkedin-version": "202610"})).status_code == 200
    assert error_of(await manager.call("GET", ACLS)) == (426, "NONEXISTENT_VERSION")


async def test_token_or_version_is_looked_at_first(sandbox: Sandbox, manager: Merchant) -> None:
    """Which of them, is a switch."""
    headers = {"authorization": "Bearer AQVnever", "linkedin-version": None}
    token_first = await manager.call("GET", ACLS, headers=headers)
    sandbox.switch("linkedin", version_first=True)

    version_first = await manager.call("GET", ACLS, headers=headers)

    assert error_of(token_first) == (401, "INVALID_ACCESS_TOKEN")
    assert error_of(version_first) == (400, "VERSION_MISSING")


@pytest.mark.parametrize("protocol", [None, "1.0.0"])
async def test_the_protocol_must_be_named(manager: Merchant, protocol: str | None) -> None:
    """The syntax below holds for 2.0.0 alone."""
    answer = await manager.call("GET", ACLS, headers={"x-restli-protocol-version": protocol})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        f"/posts/{PAGE}",
        "/posts/urn:li:share:7",
        "/posts/urn%3Ali%3Ashare%3A7(",
        f"/posts?q=author&author={PAGE}",
        "/posts?ids=List(urn:li:share:7)",
        "/posts?ids=List%28urn%3Ali%3Ashare%3A7%29",
        "/posts?ids=List(urn%3Ali%3Ashare%3A7",
        "/posts?ids=urn%3Ali%3Ashare%3A7",
        "/posts?ids=List()",
        "/posts?ids=List((a:b))",
        "/posts?ids=List(urn%3Ali%3Ashare%3A7)x",
        "/posts?ids=List(urn%3Ali%ZZshare%3A7)",
        "/posts?ids=List(%FF)",
        "/posts?ids",
        f"/posts?q=author&q=author&author={encoded(PAGE)}",
        f"/posts?q=author&author={encoded(PAGE)}&isDsc=true",
        f"/posts?q=nobody&author={encoded(PAGE)}",
        "/posts?q=author",
        "/posts?q=List(author)",
        "/posts",
        "/memberCreatorPostAnalytics?q=entity&entity=(share:urn:li:share:7)&queryType=IMPRESSION",
        "/memberCreatorPostAnalytics?q=entity&entity=(share)&queryType=IMPRESSION",
        "/memberCreatorPostAnalytics?q=entity&entity=(share:urn%3Ali%3Ashare%3A7&queryType=IMPRESSION",
        "/memberCreatorPostAnalytics?q=entity&entity=((((((((((share:a))))))))))&queryType=IMPRESSION",
        "/memberCreatorPostAnalytics?q=entity&entity=" + "(a:" * 300 + ")" * 300,
    ],
)
async def test_paths_and_queries_are_strictly_encoded(manager: Merchant, path: str) -> None:
    """Colons of URNs are %3A; parentheses and commas of lists and objects are raw; everything else is a 400."""
    answer = await manager.call("GET", path)

    assert answer.status_code == 400, answer.text
    assert answer.json()["status"] == 400


async def test_the_same_written_rightly_is_read(manager: Merchant) -> None:
    """What the refusals above differ from."""
    urn = await manager.posted("Hello", author=PAGE)

    assert (await manager.call("GET", f"/posts/{encoded(urn)}")).json()["id"] == urn
    both = await manager.call("GET", f"/posts?ids=List({encoded(urn)},urn%3Ali%3Ashare%3A7)")
    assert set(both.json()["results"]) == {urn}
    listed = await manager.call("GET", f"/posts?q=author&author={encoded(PAGE)}")
    assert [post["id"] for post in listed.json()["elements"]] == [urn]


@pytest.mark.parametrize(
    ("method", "path", "header"),
    [
        ("GET", f"/posts?q=author&author={encoded(PAGE)}", "BATCH_GET"),
        ("GET", "/posts/urn%3Ali%3Ashare%3A7", "FINDER"),
        ("POST", "/posts", "PARTIAL_UPDATE"),
        ("POST", "/posts/urn%3Ali%3Ashare%3A7", None),
        ("PUT", "/posts/urn%3Ali%3Ashare%3A7", None),
        ("DELETE", "/posts", None),
        ("GET", "/organizationAcls/1", None),
        ("POST", "/images", None),
        ("POST", "/images?action=explode", None),
    ],
)
async def test_a_request_must_be_a_method_of_its_resource(
    manager: Merchant, method: str, path: str, header: str | None
) -> None:
    """The header must say what the request is; a partial update must say so."""
    answer = await manager.call(
        method, path, headers={"x-restli-method": header}, json={} if method == "POST" else None
    )

    assert answer.status_code == 400


async def test_unknown_resources_are_not_found(manager: Merchant) -> None:
    """Legacy ones are not there, either."""
    for path in ("/ugcPosts", "/nothing/1"):
        assert error_of(await manager.call("GET", path))[0] == 404


async def test_a_long_query_comes_as_a_body(manager: Merchant) -> None:
    """Over 4,000 characters the address is refused; the same as the body of a POST is read."""
    urn = await manager.posted("Hello", author=PAGE)
    ids = ",".join([encoded(urn), *(f"urn%3Ali%3Ashare%3A{number}" for number in range(7 * 10**18, 7 * 10**18 + 120))])
    query = f"ids=List({ids})"
    tunnel = {"x-http-method-override": "GET", "content-type": "application/x-www-form-urlencoded"}

    too_long = await manager.call("GET", f"/posts?{query}")
    tunnelled = await manager.call("POST", "/posts", content=query, headers=tunnel)
    as_json = await manager.call("POST", "/posts", content=query, headers=tunnel | {"content-type": "application/json"})
    both = await manager.call("POST", f"/posts?{query[:50]}", content=query, headers=tunnel)

    assert too_long.status_code == 414
    assert list(tunnelled.json()["results"]) == [urn]
    assert len(tunnelled.json()["errors"]) == 120
    assert as_json.status_code == both.status_code == 400


async def test_the_self_serve_quota_is_the_members_and_lasts_until_midnight_utc(
    sandbox: Sandbox, member: Merchant
) -> None:
    """150 calls of an endpoint a day; no header tells of it; other endpoints and members go on."""
    other = await a_member(sandbox, account="noorbakker")
    for number in range(150):
        await member.posted(f"Offer {number}")

    answer = await member.post("One more")

    assert answer.json() == THROTTLED
    assert not {"retry-after", "x-ratelimit-reset", "x-ratelimit-limit"} & set(answer.headers)
    await member.open_image()
    await other.posted("Offer")
    sandbox.pass_time(hours=13, minutes=44, seconds=29)
    assert (await member.post("One more")).status_code == 429
    sandbox.pass_time(seconds=1)
    assert (await member.post("One more")).status_code == 201
    assert len(await sandbox.published("linkedin")) == 152


async def test_the_development_tier_has_quotas_of_member_and_app(sandbox: Sandbox) -> None:
    """100 a member, 500 the app; Standard tier has none that is published."""
    app = {
        "platform": "linkedin",
        "client_id": "tiny",
        "client_secret": "fake-secret",
        "redirect_uris": [REDIRECT],
        "options": {"products": ["sign_in", "community_management"], "tier": "development"},
    }
    await sandbox.control("POST", "/apps", json=app)
    merchants = []
    for number in range(6):
        await sandbox.control("POST", "/accounts", json={"platform": "linkedin", "username": f"m{number}"})
        merchants.append(
            await a_merchant(sandbox, ("tiny", "fake-secret"), "r_organization_admin", account=f"m{number}")
        )
    for merchant in merchants[:5]:
        answers = [(await merchant.call("GET", ACLS)).status_code for _ in range(101)]
        assert answers == [200] * 100 + [429]

    assert (await merchants[5].call("GET", ACLS)).status_code == 429


async def test_uploads_count_and_quotas_can_be_set(sandbox: Sandbox, member: Merchant) -> None:
    """A picture is two calls, its bytes included."""
    sandbox.switch("linkedin", member_per_day=1)
    await member.image()
    sandbox.switch("linkedin", member_per_day=2, app_per_day=1)

    assert (await member.call("POST", "/images?action=initializeUpload", json={})).status_code == 429
    sandbox.switch("linkedin", app_per_day=None, member_per_day=1)
    await a_member(sandbox, account="noorbakker")
    sandbox.switch("linkedin", member_per_day=3)
    opened = await member.open_image()
    sandbox.switch("linkedin", member_per_day=1)
    assert (await sandbox.client.put(opened["uploadUrl"], content=b"x")).status_code == 429


@pytest.mark.parametrize(
    ("form", "code", "message"),
    [
        ("resource", None, "Resource level throttle limit for calls to this resource is reached."),
        ("day", None, "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."),
        ("code", "TOO_MANY_REQUESTS", "Resource level throttle limit for calls to this resource is reached."),
    ],
)
async def test_the_wordings_of_a_throttle(
    sandbox: Sandbox, manager: Merchant, form: str, code: str | None, message: str
) -> None:
    """All that are known, also for a planned fault; Retry-After only where the fault names one."""
    sandbox.switch("linkedin", throttle_form=form)
    await sandbox.fault("linkedin", "identity", "rate_limit")
    await sandbox.fault("linkedin", "identity", "rate_limit", retry_after_s=60)

    plain, waiting = await manager.call("GET", ACLS), await manager.call("GET", ACLS)

    assert error_of(plain) == (429, code)
    assert plain.json()["message"] == message
    assert "retry-after" not in plain.headers
    assert waiting.headers["retry-after"] == "60"


async def test_bodies_that_are_no_json_are_refused(sandbox: Sandbox, member: Merchant) -> None:
    """Wrong types of content, broken JSON, other JSON than an object."""
    json_type = {"content-type": "application/json"}
    answers = [
        await member.call("POST", "/posts", content=b"{", headers=json_type),
        await member.call("POST", "/posts", content=b"[]", headers=json_type),
        await member.call("POST", "/posts", data={"commentary": "Hello"}),
        await member.call("POST", "/posts", content=b"[" * 100_000, headers=json_type),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert await sandbox.published("linkedin") == []


async def test_every_answer_has_an_id_for_the_support(manager: Merchant) -> None:
    """Good ones and bad ones."""
    good, bad = await manager.call("GET", ACLS), await manager.call("GET", "/posts")

    assert good.headers["x-li-uuid"] != bad.headers["x-li-uuid"]
    assert API in str(good.url)
