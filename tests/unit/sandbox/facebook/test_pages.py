"""Which Pages a person can pick from, and what a Page says about itself."""

import pytest
from tests.unit.sandbox.facebook.visitors import (
    GRAPH,
    SCOPES,
    Merchant,
    a_long_token,
    a_merchant,
    a_short_token,
    call_as,
    error_of,
    pages_of,
)
from tests.unit.sandbox.harness import MediaServer, Sandbox

WITHOUT_BUSINESS = SCOPES.split(",")[:-1]


async def test_the_pages_come_with_tasks_and_tokens(sandbox: Sandbox) -> None:
    """Several of one person, one of them without the task to publish; a username is often missing."""
    pages = await pages_of(
        sandbox,
        await a_long_token(sandbox, account="ben.many"),
        fields="id,name,username,category,tasks,access_token,followers_count,picture{url}",
    )

    assert [page["name"] for page in pages] == ["Green Tea House", "Quiet Corner", "Ben's Employer", "Agency Client"]
    assert len({page["access_token"] for page in pages}) == 4
    assert "CREATE_CONTENT" in pages[0]["tasks"]
    assert "CREATE_CONTENT" not in pages[2]["tasks"]
    assert all("username" not in page for page in pages)
    assert list(pages[0]["picture"]["data"]) == ["url"]


async def test_the_list_is_paginated(sandbox: Sandbox) -> None:
    """The next page stands under the sandbox's own base, and the last one has no next."""
    sandbox.switch("facebook", accounts_page_most=3)
    token = await a_long_token(sandbox, account="ben.many")

    first = (await call_as(sandbox, token, "GET", "/me/accounts", params={"fields": "id", "limit": "100"})).json()
    address = first["paging"]["next"]
    second = (await sandbox.client.get(address, headers={"authorization": f"Bearer {token}"})).json()

    assert address.startswith(f"http://localhost:8110{GRAPH}/v26.0/me/accounts?")
    assert token not in address
    assert (len(first["data"]), len(second["data"])) == (3, 1)
    assert "next" not in second["paging"]


async def test_single_pages_can_be_unticked(sandbox: Sandbox) -> None:
    """What is not ticked is neither listed nor reached by its id; with no Page at all the list is empty."""
    everything = await pages_of(sandbox, await a_long_token(sandbox, account="ben.many"))
    token = await a_long_token(sandbox, account="ben.many", place=[everything[1]["id"]])

    assert [page["id"] for page in await pages_of(sandbox, token)] == [everything[1]["id"]]
    assert error_of(await call_as(sandbox, token, "GET", f"/{everything[0]['id']}")) == (100, 33)
    # The older token of the Page that is not ticked any more may do nothing.
    old = everything[0]["access_token"]
    assert error_of(await call_as(sandbox, old, "POST", "/me/feed", data={"message": "Hi"})) == (200, None)
    none = await a_short_token(sandbox, account="ben.many", places_shown="1")
    assert await pages_of(sandbox, none) == []


async def test_portfolio_pages_need_business_management(sandbox: Sandbox) -> None:
    """Without it the list omits them in silence; with a token of the Page's id they can still be reached."""
    token = await a_long_token(sandbox, account="ben.many", scope=WITHOUT_BUSINESS)
    listed = [page["name"] for page in await pages_of(sandbox, token)]
    account = (await sandbox.control("GET", "/accounts?platform=facebook"))["accounts"][1]
    hidden = account["places"][3]["platform_id"]

    assert "Agency Client" not in listed
    one = await call_as(sandbox, token, "GET", f"/{hidden}", params={"fields": "access_token"})
    assert one.json()["access_token"]
    assert error_of(await call_as(sandbox, token, "GET", "/me/businesses")) == (10, None)


async def test_portfolios_list_their_pages(sandbox: Sandbox) -> None:
    """Owned and client Pages stand on two edges."""
    token = await a_long_token(sandbox, account="ben.many")
    (business,) = (await call_as(sandbox, token, "GET", "/me/businesses")).json()["data"]

    owned = await call_as(sandbox, token, "GET", f"/{business['id']}/owned_pages", params={"fields": "id,access_token"})
    clients = await call_as(sandbox, token, "GET", f"/{business['id']}/client_pages")

    assert owned.json()["data"][0]["access_token"]
    assert clients.json()["data"] == []
    assert error_of(await call_as(sandbox, token, "GET", "/123/owned_pages")) == (100, 33)


async def test_without_the_permission_the_list_is_empty(sandbox: Sandbox) -> None:
    """HTTP 200 and no Page."""
    token = await a_long_token(sandbox, scope=["pages_read_engagement"])

    assert await pages_of(sandbox, token) == []


async def test_a_page_is_identity(merchant: Merchant) -> None:
    """`/me` with a Page token is the Page; followers and likes are fields."""
    fields = (
        "id,name,username,link,picture.width(200).height(200){url,width},followers_count,fan_count,category,"
        "verification_status"
    )
    page = (await merchant.call("GET", "/{page}", params={"fields": fields})).json()
    me = (await merchant.call("GET", "/me", params={"fields": fields})).json()

    assert page == me
    assert page["id"] == merchant.page_id
    assert page["username"] == "bluemugshop"
    assert page["picture"]["data"]["width"] == 200
    assert page["fan_count"] == page["followers_count"] == 1830
    answer = await merchant.call("GET", "/me", params={"fields": "id,follows_count"})
    assert error_of(answer) == (100, None)
    assert "nonexisting field (follows_count)" in answer.json()["error"]["message"]


async def test_followers_can_be_set(sandbox: Sandbox, merchant: Merchant) -> None:
    """By the control interface, for the person's Pages."""
    body = {"platform": "facebook", "account_id": merchant.user_id, "metrics": {"followers": 31}}
    await sandbox.control("POST", "/engagement", json=body)

    assert (await merchant.call("GET", "/me", params={"fields": "followers_count"})).json()["followers_count"] == 31


async def test_a_deleted_page_does_not_exist(sandbox: Sandbox, merchant: Merchant) -> None:
    """100/33 for the Page and everything on it, and its posts are gone."""
    post = await merchant.posted(message="Hello")
    await merchant.change_page(deleted=True)

    assert error_of(await merchant.call("GET", "/{page}")) == (100, 33)
    assert error_of(await merchant.call("GET", f"/{post}")) == (100, 33)
    assert error_of(await merchant.post(message="Again")) == (100, 33)
    assert await pages_of(sandbox, merchant.long) == []
    assert await sandbox.published("facebook") == []


async def test_posts_of_an_unpublished_page_are_not_public(sandbox: Sandbox, merchant: Merchant) -> None:
    """They come back with the Page."""
    await merchant.posted(message="Hello")
    await merchant.change_page(published=False)
    await merchant.posted(message="In the dark")
    hidden = [post["visibility"] for post in await sandbox.published("facebook")]
    await merchant.change_page(published=True)

    assert hidden == ["page_unpublished"] * 2
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["public"] * 2


async def test_posts_of_an_app_in_development_are_not_public(sandbox: Sandbox, media: MediaServer) -> None:
    """Only people with a role on the app see them."""
    body = {
        "platform": "facebook",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "redirect_uris": ["http://localhost:8101/v1/oauth/facebook/callback"],
        "options": {"mode": "development"},
    }
    await sandbox.control("POST", "/apps", json=body)
    merchant = await a_merchant(sandbox, media)

    await merchant.posted(message="Hello")

    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["app_roles"]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"kind": "account", "name": "x"}, "places.0.kind"),
        ({"kind": "page", "name": "x", "platform_id": "ab"}, "places.0.platform_id"),
        ({"kind": "page", "name": "x", "options": {"colour": "red"}}, "places.0.options.colour"),
        ({"kind": "page", "name": "x", "options": {"tasks": ["PUBLISH"]}}, "places.0.options.tasks.0"),
        ({"kind": "page", "name": "x", "options": {"likes": "many"}}, "places.0.options.likes"),
    ],
)
async def test_control_refuses_what_no_page_is(sandbox: Sandbox, place: dict[str, object], field: str) -> None:
    """The culprit is named."""
    answer = await sandbox.client.post("/_control/accounts", json={"platform": "facebook", "places": [place]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_control_refuses_what_no_app_has(sandbox: Sandbox) -> None:
    """Settings are those of the dashboard."""
    body = {
        "platform": "facebook",
        "client_id": "1",
        "client_secret": "fake",
        "redirect_uris": ["https://shop.example/cb"],
        "options": {"mode": "public"},
    }

    answer = await sandbox.client.post("/_control/apps", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "options.mode"
