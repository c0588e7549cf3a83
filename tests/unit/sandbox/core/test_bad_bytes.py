"""Bodies and parameters that no client means to send are refused in the platform's words, and nothing is kept."""

from urllib.parse import quote

import pytest
from tests.unit.sandbox.github.visitors import API as GITHUB
from tests.unit.sandbox.github.visitors import a_visitor
from tests.unit.sandbox.harness import MediaServer, Sandbox
from tests.unit.sandbox.instagram.visitors import GRAPH
from tests.unit.sandbox.instagram.visitors import a_merchant as an_instagram_merchant
from tests.unit.sandbox.x.visitors import API as X
from tests.unit.sandbox.x.visitors import a_merchant as an_x_merchant

JSON = {"content-type": "application/json"}
BODIES = {
    "half of a surrogate pair": b'{"text": "\\ud83d", "caption": "\\ud83d", "tag_name": "v1", "body": "\\ud83d"}',
    "too deep": b"[" * 200_000,
    "no number": b'{"text": "a", "caption": "a", "tag_name": "v1", "x": NaN}',
    "no UTF-8": b'{"text": "\xff"}',
}


async def a_poster(sandbox: Sandbox, platform: str) -> tuple[str, str]:
    """Where posts begin, and a token."""
    if platform == "x":
        return f"{X}/2/tweets", (await an_x_merchant(sandbox)).tokens["access_token"]
    if platform == "instagram":
        merchant = await an_instagram_merchant(sandbox, MediaServer(""))
        return f"{GRAPH}/v26.0/{merchant.ig_id}/media", merchant.token
    return f"{GITHUB}/repos/adashop/shop/releases", (await a_visitor(sandbox)).tokens["access_token"]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("platform", ["x", "instagram", "github"])
async def test_a_body_that_cannot_be_read_is_a_400(sandbox: Sandbox, platform: str, body: bytes) -> None:
    """It is no failure of the platform, and the ground truth can still be read."""
    path, token = await a_poster(sandbox, platform)

    answer = await sandbox.client.post(path, content=body, headers={**JSON, "authorization": f"Bearer {token}"})

    assert answer.status_code == 400
    assert await sandbox.published(platform) == []


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(
    "path", [f"{GITHUB}/graphql", "/github/github.com/login/oauth/access_token", "/auth/v1/signup"]
)
async def test_nor_does_it_break_what_looks_into_bodies_early(sandbox: Sandbox, path: str, body: bytes) -> None:
    """Which operation a call is, is asked before its handler runs."""
    token = (await a_visitor(sandbox)).tokens["access_token"]

    answer = await sandbox.client.post(path, content=body, headers={**JSON, "authorization": f"Bearer {token}"})

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/accounts", b'{"platform": "x", "details": {"description": "\\ud83d"}}'),
        ("/accounts", b'{"platform": "github", "places": [{"kind": "repository", "name": "a\\ud83d"}]}'),
        (
            "/apps",
            b'{"platform":"x","client_id":"a","client_secret":"b","redirect_uris":["https://a"],"options":{"a":NaN}}',
        ),
        ("/switches", b'{"platform": "x", "switches": {"code_life_s": Infinity}}'),
        ("/faults", b"[" * 200_000),
        ("/sessions", b'{"email": "a\\ud83d@b.co"}'),
    ],
)
async def test_the_control_interface_refuses_them_too(sandbox: Sandbox, path: str, body: bytes) -> None:
    """What it took it must be able to show."""
    answer = await sandbox.client.post(f"/_control{path}", content=body, headers=JSON)

    assert 400 <= answer.status_code < 500
    assert answer.json()["errors"][0]["field"]
    for shown in ("/accounts", "/apps", "/switches?platform=x"):
        assert (await sandbox.client.get(f"/_control{shown}")).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"since": "9" * 20},
        {"until": "9" * 5000},
        {"after": "b2Zmc2V0Oi01"},
        {"limit": "9" * 5000},
        {"limit": "0"},
    ],
)
async def test_absurd_pages_of_instagram_are_refused(sandbox: Sandbox, query: dict[str, str]) -> None:
    """A time beyond the calendar, a cursor before the beginning."""
    path, token = await a_poster(sandbox, "instagram")

    answer = await sandbox.client.get(path, params=query, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("since", ["9" * 20, "0001-01-01", "9999-12-31", "yesterday", "9e99"])
async def test_absurd_times_of_insights_are_refused(sandbox: Sandbox, since: str) -> None:
    """Whether as a number or in words."""
    path, token = await a_poster(sandbox, "instagram")
    asked = {"metric": "reach", "period": "day", "since": since}

    answer = await sandbox.client.get(
        path.replace("/media", "/insights"), params=asked, headers={"authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    "query",
    [
        {"pagination_token": "n5tgm43foq5c2ni"},
        {"max_results": "9" * 5000},
        {"start_time": "0001-01-01T00:00:00+14:00"},
        {"end_time": "9999-12-31T23:59:59-14:00"},
    ],
)
async def test_absurd_pages_of_x_are_refused(sandbox: Sandbox, query: dict[str, str]) -> None:
    """A time beyond the calendar, a token that leads before the beginning."""
    merchant = await an_x_merchant(sandbox)

    answer = await merchant.call("GET", f"/2/users/{await merchant.user_id()}/tweets", params=query)

    assert answer.status_code == 400, answer.text


async def test_a_cursor_of_github_before_the_beginning_is_an_error_in_a_200(sandbox: Sandbox) -> None:
    """GraphQL says so beside the data."""
    ada = await a_visitor(sandbox)
    query = '{repository(owner:"adashop",name:"shop"){discussions(first:5,after:"Y3Vyc29yOnYyOi0xMDA="){nodes{id}}}}'

    assert (await ada.graph(query))["errors"][0]["type"] == "INVALID_CURSOR_ARGUMENTS"


async def test_absurd_pages_of_github_fall_back(sandbox: Sandbox) -> None:
    """REST takes what it can of a page's number and size."""
    ada = await a_visitor(sandbox)
    await ada.release("v1")
    for query in ({"page": "9" * 5000}, {"per_page": "9" * 5000}, {"page": "-1"}, {"page": quote("²")}):
        assert (await ada.call("GET", "/repos/adashop/shop/releases", params=query)).status_code == 200


@pytest.mark.parametrize("address", ["http://[::1", "https://localhost:99999/a.jpg", "https://", "data:image/jpeg,a"])
async def test_an_address_that_cannot_be_read_is_not_fetchable(sandbox: Sandbox, address: str) -> None:
    """It is the client's mistake, not trouble of the platform."""
    path, token = await a_poster(sandbox, "instagram")

    answer = await sandbox.client.post(path, json={"image_url": address}, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 400
    assert answer.json()["error"]["error_subcode"] == 2207052
