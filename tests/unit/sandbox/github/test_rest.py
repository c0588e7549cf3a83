"""GitHub's REST: headers, reach, pages, releases, traffic, limits."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.unit.sandbox.github.visitors import API, Visitor, a_visitor, an_oauth_app
from tests.unit.sandbox.harness import BASE, Sandbox


async def an_account(sandbox: Sandbox, username: str, *places: dict[str, Any]) -> dict[str, Any]:
    """An account with these repositories."""
    body = {"platform": "github", "username": username, "places": [{"kind": "repository", **p} for p in places]}
    made: dict[str, Any] = await sandbox.control("POST", "/accounts", json=body)
    return made


async def test_a_call_without_user_agent_is_403(ada: Visitor) -> None:
    """GitHub refuses the nameless."""
    answer = await ada.call("GET", "/user", headers={"user-agent": ""})

    assert answer.status_code == 403
    assert "User-Agent" in answer.text


async def test_an_unknown_version_is_400_and_none_means_the_oldest(ada: Visitor) -> None:
    """The version header must name a version there is."""
    assert (await ada.call("GET", "/user", headers={"x-github-api-version": "2030-01-01"})).status_code == 400
    plain = await ada.sandbox.client.get(
        f"{API}/rate_limit", headers={"authorization": f"token {ada.tokens['access_token']}", "accept": "*/*"}
    )
    assert "rate" in plain.json()
    assert "rate" not in (await ada.call("GET", "/rate_limit")).json()


async def test_an_impossible_accept_is_415(ada: Visitor) -> None:
    """Only JSON is served."""
    assert (await ada.call("GET", "/user", headers={"accept": "text/csv"})).status_code == 415


@pytest.mark.parametrize(
    ("header", "message"), [({}, "Requires authentication"), ({"authorization": "Bearer ghu_x"}, "Bad credentials")]
)
async def test_without_a_living_token_it_is_401(sandbox: Sandbox, header: dict[str, str], message: str) -> None:
    """No token and a wrong token are told apart."""
    answer = await sandbox.client.get(f"{API}/user", headers=header)

    assert answer.status_code == 401
    assert answer.json()["message"] == message


async def test_unknown_paths_and_methods_are_404(ada: Visitor) -> None:
    """What GitHub does not have is not found, in its words."""
    answer = await ada.call("GET", "/no/such/path")

    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"
    assert (await ada.call("DELETE", "/user")).status_code == 404


async def test_installed_repositories_come_in_pages_that_stay_under_the_base(sandbox: Sandbox) -> None:
    """Thirty a page; the `Link` header leads on within the sandbox."""
    await an_account(sandbox, "many", *[{"name": f"repo-{number}"} for number in range(65)])
    many = await a_visitor(sandbox, "many")
    found = (await many.call("GET", "/user/installations")).json()["installations"]
    path = f"/user/installations/{found[0]['id']}/repositories"

    first = await many.call("GET", path)
    second = await sandbox.client.get(first.links["next"]["url"], headers=first.request.headers)
    third = await many.call("GET", f"{path}?page=3")

    assert [len(page.json()["repositories"]) for page in (first, second, third)] == [30, 30, 5]
    assert first.links["next"]["url"].startswith(f"{BASE}/github/api.github.com/")
    assert "next" not in third.links
    assert first.json()["total_count"] == 65


async def test_only_installed_repositories_are_reached(sandbox: Sandbox) -> None:
    """Elsewhere a GitHub App reads what is public, finds nothing private and writes nothing."""
    await an_account(
        sandbox,
        "careful",
        {"name": "open", "options": {"installed": False}},
        {"name": "closed", "options": {"installed": False, "private": True}},
    )
    careful = await a_visitor(sandbox, "careful")

    assert (await careful.call("GET", "/user/installations")).json()["total_count"] == 0
    assert (await careful.call("GET", "/repos/careful/open")).status_code == 200
    assert (await careful.call("GET", "/repos/careful/closed")).status_code == 404
    refused = await careful.release("v1", name="open")
    assert refused.status_code == 403
    assert refused.json()["message"] == "Resource not accessible by integration"
    assert refused.headers["x-accepted-github-permissions"] == "contents=write"
    assert (await careful.release("v1", name="closed")).status_code == 404


async def test_an_oauth_app_writes_with_the_scope_only(sandbox: Sandbox) -> None:
    """Without `public_repo` a release is not found; installations are not for OAuth apps."""
    client = await an_oauth_app(sandbox)
    reader = await a_visitor(sandbox, client_id=client, scope="read:user")
    writer = await a_visitor(sandbox, client_id=client, scope="public_repo")

    assert (await reader.release("v1")).status_code == 404
    assert (await writer.release("v1")).status_code == 201
    assert (await writer.call("GET", "/user/installations")).status_code == 403
    assert [r["name"] for r in (await writer.call("GET", "/user/repos")).json()] == ["shop", "newsletter"]
    assert (await writer.call("GET", "/user")).headers["x-oauth-scopes"] == "public_repo"


async def test_a_release_is_created_found_and_deleted(sandbox: Sandbox, ada: Visitor) -> None:
    """By id, by tag, in the list, in the ground truth; its tag outlives it."""
    made = await ada.release("news/1", name="newsletter")
    number = made.json()["id"]

    assert made.status_code == 201
    assert (await ada.call("GET", "/repos/adashop/newsletter/releases/tags/news%2F1")).json()["id"] == number
    assert (await ada.call("GET", "/repos/adashop/newsletter/releases")).json()[0]["id"] == number
    truth = await sandbox.published("github")
    assert [(p["platform_post_id"], p["text"], p["kind"]) for p in truth] == [
        (str(number), "They are here.", "release")
    ]
    assert (await ada.call("DELETE", f"/repos/adashop/newsletter/releases/{number}")).status_code == 204
    assert (await ada.call("GET", f"/repos/adashop/newsletter/releases/{number}")).status_code == 404
    assert await sandbox.published("github") == []


async def test_a_second_release_with_the_tag_is_already_exists(sandbox: Sandbox, ada: Visitor) -> None:
    """The tag is a natural idempotency key."""
    await ada.release("v1")

    again = await ada.release("v1")

    assert again.status_code == 422
    assert again.json()["errors"] == [{"resource": "Release", "code": "already_exists", "field": "tag_name"}]
    assert len(await sandbox.published("github")) == 1


async def test_a_draft_is_hidden_until_it_is_published(sandbox: Sandbox, ada: Visitor) -> None:
    """A draft has no published_at, is not found by tag, and becomes public by PATCH."""
    draft = (await ada.release("v2", draft=True)).json()
    path = f"/repos/adashop/shop/releases/{draft['id']}"

    assert draft["published_at"] is None
    assert (await ada.call("GET", "/repos/adashop/shop/releases/tags/v2")).status_code == 404
    assert (await sandbox.published("github"))[0]["visibility"] == "draft"
    assert (await ada.call("PATCH", path, json={"draft": False})).json()["published_at"] is not None
    assert (await ada.call("GET", "/repos/adashop/shop/releases/tags/v2")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "no tag"},
        {"tag_name": ""},
        {"tag_name": "two words"},
        {"tag_name": "a..b"},
        {"tag_name": "v1", "draft": 1},
        {"tag_name": "v1", "make_latest": True},
        {"tag_name": "v1", "make_latest": "maybe"},
        {"tag_name": "v1", "target_commitish": "no-such-branch"},
        {"tag_name": "v1", "body": "x" * 125_001},
    ],
)
async def test_wrong_releases_are_422(sandbox: Sandbox, ada: Visitor, body: dict[str, Any]) -> None:
    """What GitHub cannot make a release of is refused and leaves nothing behind."""
    answer = await ada.call("POST", "/repos/adashop/shop/releases", json=body)

    assert answer.status_code == 422
    assert await sandbox.published("github") == []


async def test_broken_json_is_400(ada: Visitor) -> None:
    """A body that is no JSON is our bug."""
    answer = await ada.call("POST", "/repos/adashop/shop/releases", content="{")

    assert answer.status_code == 400
    assert answer.json()["message"] == "Problems parsing JSON"


async def test_an_unknown_discussion_category_of_a_release_is_404(ada: Visitor) -> None:
    """A linked discussion needs a category there is."""
    assert (await ada.release("v1", discussion_category_name="Nowhere")).status_code == 404
    linked = await ada.release("v1", discussion_category_name="Announcements")
    assert linked.json()["discussion_url"].startswith("https://github.com/adashop/shop/discussions/")


async def test_an_archived_repository_and_a_mere_reader_are_403(sandbox: Sandbox) -> None:
    """Reading goes on, writing ends."""
    await an_account(
        sandbox,
        "limited",
        {"name": "old", "options": {"archived": True}},
        {"name": "theirs", "options": {"permission": "read"}},
    )
    limited = await a_visitor(sandbox, "limited")

    assert (await limited.release("v1", name="old")).status_code == 403
    assert (await limited.release("v1", name="theirs")).status_code == 403
    assert (await limited.call("GET", "/repos/limited/theirs/traffic/views")).status_code == 403


async def test_a_renamed_repository_answers_301(sandbox: Sandbox, ada: Visitor) -> None:
    """The old name leads to the number, under the sandbox's base, and the way on works."""
    number = (await ada.call("GET", "/repos/adashop/shop")).json()["id"]
    await sandbox.control(
        "POST", "/places", json={"platform": "github", "platform_id": str(number), "name": "boutique"}
    )

    moved = await ada.call("GET", "/repos/adashop/shop/releases?per_page=5")

    assert moved.status_code == 301
    assert moved.headers["location"] == f"{BASE}/github/api.github.com/repositories/{number}/releases?per_page=5"
    followed = await sandbox.client.get(moved.headers["location"], headers=moved.request.headers)
    assert followed.json() == []
    assert (await ada.call("GET", "/repos/adashop/boutique")).json()["full_name"] == "adashop/boutique"


async def test_traffic_covers_fourteen_days_and_moves_with_the_clock(sandbox: Sandbox, ada: Visitor) -> None:
    """No day is older than two weeks; days without traffic are missing."""

    async def days() -> list[datetime]:
        answer = await ada.call("GET", "/repos/adashop/shop/traffic/views?per=day")
        return [datetime.fromisoformat(day["timestamp"]) for day in answer.json()["views"]]

    before = await days()
    sandbox.pass_time(hours=7)
    assert before
    assert min(before) > sandbox.clock.now() - timedelta(days=15)
    assert (await ada.call("GET", "/repos/adashop/shop/traffic/views?per=year")).status_code == 422
    assert (await ada.call("GET", "/repos/adashop/shop/traffic/popular/referrers")).status_code == 200


async def test_traffic_needs_the_permission(sandbox: Sandbox) -> None:
    """A GitHub App without Administration: read is told which permission is missing."""
    app = {
        "platform": "github",
        "client_id": "modest",
        "client_secret": "sandbox-secret",
        "redirect_uris": ["http://localhost:8101/v1/oauth/github/callback"],
        "options": {"permissions": {"discussions": "write", "metadata": "read"}},
    }
    await sandbox.control("POST", "/apps", json=app)
    modest = await a_visitor(sandbox, client_id="modest")

    refused = await modest.call("GET", "/repos/adashop/shop/traffic/views")

    assert refused.status_code == 403
    assert refused.headers["x-accepted-github-permissions"] == "administration=read"


async def test_every_answer_tells_the_budget_and_the_end_of_it_is_403(sandbox: Sandbox, ada: Visitor) -> None:
    """The primary limit counts per user and comes back after an hour."""
    sandbox.switch("github", primary_limit=2)
    first = await ada.call("GET", "/user")
    await ada.call("GET", "/user")

    refused = await ada.call("GET", "/user")

    assert first.headers["x-ratelimit-remaining"] == "1"
    assert refused.status_code == 403
    assert refused.headers["x-ratelimit-remaining"] == "0"
    sandbox.pass_time(hours=1)
    assert (await ada.call("GET", "/user")).status_code == 200


async def test_too_many_creations_in_a_minute_hit_the_secondary_limit(sandbox: Sandbox, ada: Visitor) -> None:
    """Eighty a minute; the refusal says when to come back, and the switch turns it off."""
    for number in range(80):
        assert (await ada.release(f"v{number}")).status_code == 201

    refused = await ada.release("v80")

    assert refused.status_code == 403
    assert "secondary rate limit" in refused.json()["message"]
    assert refused.headers["retry-after"] == "60"
    sandbox.switch("github", enforce_secondary=False)
    assert (await ada.release("v80")).status_code == 201


@pytest.mark.parametrize(
    ("style", "more", "header", "value"),
    [
        ("auto", {"retry_after_s": 30}, "retry-after", "30"),
        ("auto", {}, "x-ratelimit-remaining", "0"),
        ("secondary", {}, "retry-after", "60"),
        ("secondary_silent", {"retry_after_s": 30}, "retry-after", None),
    ],
)
async def test_a_planned_limit_shows_in_each_of_githubs_ways(
    sandbox: Sandbox, ada: Visitor, style: str, more: dict[str, int], header: str, value: str | None
) -> None:
    """Primary, secondary with and without a time: all of them 403."""
    sandbox.switch("github", rate_limit_style=style)
    await sandbox.fault("github", "identity", "rate_limit", **more)

    refused = await ada.call("GET", "/user")

    assert refused.status_code == 403
    assert refused.headers.get(header) == value


async def test_gists_need_the_scope_and_an_oauth_app(sandbox: Sandbox, ada: Visitor) -> None:
    """A public gist is made, listed and deleted; reserved names are refused."""
    body = {"description": "New", "public": True, "files": {"new.md": {"content": "They are here."}}}
    writer = await a_visitor(sandbox, client_id=await an_oauth_app(sandbox), scope="gist")

    assert (await ada.call("POST", "/gists", json=body)).status_code == 403
    made = await writer.call("POST", "/gists", json=body)
    assert made.status_code == 201
    assert (await writer.call("GET", "/gists?since=2026-01-01T00:00:00")).json()[0]["id"] == made.json()["id"]
    reserved = {**body, "files": {"gistfile1.txt": {"content": "x"}}}
    assert (await writer.call("POST", "/gists", json=reserved)).status_code == 422
    assert (await writer.call("POST", "/gists", json={"files": {}})).status_code == 422
    assert (await writer.call("DELETE", f"/gists/{made.json()['id']}")).status_code == 204


async def test_an_avatar_is_served_under_the_base(sandbox: Sandbox, ada: Visitor) -> None:
    """A page that shows people needs nothing from outside."""
    url = (await ada.call("GET", "/user")).json()["avatar_url"]

    assert url.startswith(BASE)
    assert (await sandbox.client.get(url)).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"places": [{"kind": "page", "name": "x"}]}, "places.0.kind"),
        ({"places": [{"kind": "repository", "name": "a b"}]}, "places.0.name"),
        ({"places": [{"kind": "repository", "name": "x", "platform_id": "abc"}]}, "places.0.platform_id"),
        ({"places": [{"kind": "repository", "name": "x", "options": {"colour": 1}}]}, "places.0.options.colour"),
        ({"places": [{"kind": "repository", "name": "x", "options": {"private": "yes"}}]}, "places.0.options.private"),
        ({"places": [{"kind": "repository", "name": "x"}, {"kind": "repository", "name": "X"}]}, "places"),
        ({"username": "no spaces"}, "username"),
        ({"details": {"colour": "red"}}, "details.colour"),
    ],
)
async def test_impossible_accounts_are_refused_by_field(sandbox: Sandbox, body: dict[str, Any], field: str) -> None:
    """The control interface says what GitHub cannot have."""
    answer = await sandbox.client.post("/_control/accounts", json={"platform": "github", **body})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_an_app_with_unknown_options_is_refused(sandbox: Sandbox) -> None:
    """Flavours are github_app and oauth_app."""
    app = {"platform": "github", "client_id": "a", "client_secret": "b", "redirect_uris": ["http://x/"]}

    answer = await sandbox.client.post("/_control/apps", json={**app, "options": {"flavour": "classic"}})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "options.flavour"
