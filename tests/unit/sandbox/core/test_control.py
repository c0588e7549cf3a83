"""The control interface: what it takes, what it refuses, what it shows."""

from typing import Any
from urllib.parse import quote

import pytest
from tests.unit.sandbox.github.visitors import API, a_visitor
from tests.unit.sandbox.harness import CALLBACK, Sandbox

from social_sandbox.registry import SIMULATORS

PLATFORMS = [simulator.name for simulator in SIMULATORS]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_newcomer_finds_an_app_and_accounts_everywhere(sandbox: Sandbox, platform: str) -> None:
    """The default app with auth-linker's callback, and at least one account with a place."""
    apps = (await sandbox.control("GET", "/apps", params={"platform": platform}))["apps"]
    accounts = (await sandbox.control("GET", "/accounts", params={"platform": platform}))["accounts"]

    default = ("sandbox-client", [f"{CALLBACK}/v1/oauth/{platform}/callback"])
    assert default in [(a["client_id"], a["redirect_uris"]) for a in apps]
    assert all(account["places"] for account in accounts)
    assert accounts


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_account_is_made_with_what_is_given_and_the_rest_made_up(sandbox: Sandbox, platform: str) -> None:
    """Only the platform is required; a taken name is a 409."""
    plain = await sandbox.control("POST", "/accounts", json={"platform": platform})
    named = await sandbox.control(
        "POST", "/accounts", json={"platform": platform, "username": "newname", "display_name": "N", "followers": 7}
    )

    assert plain["username"]
    assert plain["places"][0]["platform_id"]
    assert (named["username"], named["display_name"], named["followers"]) == ("newname", "N", 7)
    again = await sandbox.client.post("/_control/accounts", json={"platform": platform, "username": "NewName"})
    assert again.status_code == 409
    assert again.json()["errors"][0]["field"] == "username"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/accounts", {"platform": "myspace"}, "platform"),
        ("POST", "/accounts", {}, "platform"),
        ("POST", "/accounts", {"platform": "github", "colour": 1}, "colour"),
        ("POST", "/accounts", {"platform": "github", "followers": -1}, "followers"),
        ("POST", "/accounts", {"platform": "github", "followers": "many"}, "followers"),
        ("POST", "/accounts", {"platform": "github", "places": [{"kind": "repository"}]}, "places.0.name"),
        ("POST", "/apps", {"platform": "github", "client_id": "a", "client_secret": "b"}, "redirect_uris"),
        ("POST", "/faults", {"platform": "github", "operation": "fly", "kind": "drop"}, "operation"),
        ("POST", "/faults", {"platform": "github", "operation": "any", "kind": "burn"}, "kind"),
        ("POST", "/faults", {"platform": "github", "operation": "any", "kind": "drop", "count": 0}, "count"),
        ("POST", "/faults", {"platform": "github", "operation": "any", "kind": "drop", "delay_ms": -1}, "delay_ms"),
        ("POST", "/faults", {"platform": "nowhere", "operation": "any", "kind": "drop"}, "platform"),
        ("POST", "/clock", {"advance_s": "soon"}, "advance_s"),
        ("POST", "/clock", {}, "advance_s"),
        ("POST", "/accounts", {"platform": "x", "details": {"following": "many"}}, "details.following"),
        ("POST", "/accounts", {"platform": "x", "details": {"protected": 1}}, "details.protected"),
        ("POST", "/accounts", {"platform": "x", "username": "a b/c"}, "username"),
        ("POST", "/accounts", {"platform": "x", "username": "sixteen_letters_"}, "username"),
        ("POST", "/accounts", {"platform": "instagram", "details": {"posts": -1}}, "details.posts"),
        ("POST", "/accounts", {"platform": "instagram", "username": "a b"}, "username"),
        (
            "POST",
            "/accounts",
            {"platform": "instagram", "places": [{"kind": "account", "name": "a", "platform_id": "²"}]},
            "places.0.platform_id",
        ),
        (
            "POST",
            "/accounts",
            {"platform": "github", "places": [{"kind": "repository", "name": n, "platform_id": "42"} for n in "ab"]},
            "places.1.platform_id",
        ),
        (
            "POST",
            "/accounts",
            {"platform": "github", "places": [{"kind": "repository", "name": "a", "platform_id": "9" * 19}]},
            "places.0.platform_id",
        ),
        ("POST", "/clock", {"advance_s": 1e12}, "advance_s"),
        ("POST", "/engagement", {"platform": "github", "metrics": {"likes": 1}}, "platform_post_id"),
        ("POST", "/engagement", {"platform": "github", "account_id": "1", "metrics": {}}, "metrics"),
        ("POST", "/engagement", {"platform": "github", "account_id": "1", "metrics": {"likes": -1}}, "metrics.likes"),
        ("POST", "/switches", {"platform": "github", "switches": {"nonsense": 1}}, "switches.nonsense"),
        ("POST", "/sessions", {}, "user_id"),
        ("POST", "/users", {"email": "a@b.co", "password": "short"}, "password"),
        ("POST", "/users", {"email": "nobody", "password": "long enough"}, "email"),
        ("GET", "/accounts?platform=myspace", None, "platform"),
        ("GET", "/posts?platform=myspace", None, "platform"),
        ("GET", "/requests?since=yesterday", None, "since"),
        ("GET", "/requests?since=2026-01-01T00:00:00", None, "since"),
        ("DELETE", "/faults?platform=myspace", None, "platform"),
    ],
)
async def test_bad_input_is_a_4xx_that_names_the_field(
    sandbox: Sandbox, method: str, path: str, body: Any, field: str
) -> None:
    """Whoever mistypes is told where."""
    answer = await sandbox.client.request(method, f"/_control{path}", json=body)

    assert 400 <= answer.status_code < 500
    assert field in {error["field"] for error in answer.json()["errors"]}


async def test_time_stays_within_a_century(sandbox: Sandbox) -> None:
    """Beyond the calendar nothing would work any more, and there would be no way back."""
    for _ in range(10):
        await sandbox.control("POST", "/clock", json={"advance_s": 315_360_000})

    answer = await sandbox.client.post("/_control/clock", json={"advance_s": 315_360_000})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "advance_s"
    assert (await sandbox.control("GET", "/clock"))["offset_s"] == 3_153_600_000


async def test_the_plus_of_an_offset_need_not_be_encoded(sandbox: Sandbox) -> None:
    """Whoever types a command writes it as it is."""
    await sandbox.client.get("/x/api.x.com/2/users/me")

    for since, found in (
        ("2026-01-01T00:00:00+01:00", 1),
        ("2026-01-01T00:00:00%2B01:00", 1),
        ("2027-01-01T00:00Z", 0),
    ):
        assert len((await sandbox.control("GET", f"/requests?since={since}"))["requests"]) == found


async def test_broken_json_is_400(sandbox: Sandbox) -> None:
    """A body that is no JSON is told as such."""
    answer = await sandbox.client.post("/_control/accounts", content="{", headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("body", "field"), [({"platform_post_id": "none"}, "platform_post_id"), ({"account_id": "none"}, "account_id")]
)
async def test_numbers_of_what_does_not_exist_are_404(sandbox: Sandbox, body: dict[str, str], field: str) -> None:
    """Engagement is of a post or an account there is."""
    answer = await sandbox.client.post(
        "/_control/engagement", json={"platform": "github", "metrics": {"likes": 1}, **body}
    )

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["field"] == field


async def test_posts_are_the_ground_truth_oldest_first(sandbox: Sandbox) -> None:
    """Each with its place, text, visibility and time, across platforms or of one."""
    ada = await a_visitor(sandbox)
    for tag in ("v1", "v2", "v3"):
        await ada.release(tag, body=f"about {tag}")
        sandbox.pass_time(seconds=1)

    posts = await sandbox.published("github")

    assert [post["text"] for post in posts] == ["about v1", "about v2", "about v3"]
    assert set(posts[0]) >= {
        "platform",
        "account_id",
        "platform_id",
        "platform_post_id",
        "text",
        "media",
        "visibility",
        "created_at",
    }
    assert (await sandbox.control("GET", "/posts"))["posts"] == posts


async def test_requests_are_recorded_whole_and_selected_by_platform_and_time(sandbox: Sandbox) -> None:
    """Headers, body, raw path and status; binary bodies in base64."""
    await sandbox.client.post(f"{API}/a%20b?x=1", content="text", headers={"x-mark": "m"})
    sandbox.pass_time(seconds=10)
    await sandbox.client.post(f"{API}/b", content=b"\xff\xfe")

    first, second = (await sandbox.control("GET", "/requests?platform=github"))["requests"]

    assert (first["method"], first["host"], first["raw_path"], first["raw_query"]) == (
        "POST",
        "api.github.com",
        "/a%20b",
        "x=1",
    )
    assert (first["body"], first["headers"]["x-mark"], first["status"]) == ("text", "m", 404)
    assert second["body_base64"] == "//4="
    later = await sandbox.control("GET", f"/requests?since={quote(second['at'])}")
    assert [entry["seq"] for entry in later["requests"]] == [second["seq"]]
    assert (await sandbox.control("GET", "/requests?platform=x"))["requests"] == []


async def test_switches_are_read_and_set(sandbox: Sandbox) -> None:
    """What a platform can switch is shown with its defaults."""
    before = await sandbox.control("GET", "/switches?platform=github")

    after = await sandbox.control("POST", "/switches", json={"platform": "github", "switches": {"primary_limit": 10}})

    assert before["primary_limit"] == 5000
    assert after == {**before, "primary_limit": 10}


async def test_the_clock_moves_everything(sandbox: Sandbox) -> None:
    """Advancing is seen in the answer and by the platforms."""
    ada = await a_visitor(sandbox)

    moved = await sandbox.control("POST", "/clock", json={"advance_s": 8 * 3600})

    assert moved["offset_s"] == 28800
    assert (await ada.call("GET", "/user")).status_code == 401


async def test_reset_brings_the_beginning_back(sandbox: Sandbox) -> None:
    """Posts, grants, faults, requests, switches and made accounts are gone; the defaults are there."""
    ada = await a_visitor(sandbox)
    await ada.release("v1")
    await sandbox.control("POST", "/accounts", json={"platform": "github", "username": "extra"})
    await sandbox.fault("github", "any", "drop")
    sandbox.switch("github", primary_limit=1)

    assert (await sandbox.client.post("/_control/reset")).status_code == 204

    assert await sandbox.published("github") == []
    assert (await sandbox.control("GET", "/faults"))["faults"] == []
    assert (await sandbox.control("GET", "/requests"))["requests"] == []
    assert (await ada.call("GET", "/user")).status_code == 401
    names = [a["username"] for a in (await sandbox.control("GET", "/accounts?platform=github"))["accounts"]]
    assert names == ["adashop", "bert-makes"]
    assert (await (await a_visitor(sandbox)).call("GET", "/user")).status_code == 200


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_ids_are_not_given_twice_across_a_reset(sandbox: Sandbox, platform: str) -> None:
    """The product still knows posts of before; a new one must not be taken for one of them."""

    async def account_ids() -> set[str]:
        return {(await sandbox.control("POST", "/accounts", json={"platform": platform}))["account_id"] for _ in "ab"}

    before = await account_ids()
    await sandbox.client.post("/_control/reset")

    assert not before & await account_ids()


async def test_an_unknown_platform_is_told_which_there_are(sandbox: Sandbox) -> None:
    """A wrong base URL is found quickly."""
    answer = await sandbox.client.get("/myspace/api.myspace.com/me")

    assert answer.status_code == 404
    assert "github" in answer.json()["platforms"]


async def test_the_front_page_tells_where_things_are(sandbox: Sandbox) -> None:
    """And `/readyz` answers as soon as the server does."""
    assert "github" in (await sandbox.client.get("/")).json()["platforms"]
    assert (await sandbox.client.get("/readyz")).status_code == 200
