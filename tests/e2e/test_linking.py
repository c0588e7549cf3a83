"""A person links an account by clicking: our authorization URL, the platform's consent page, the merchant's page."""

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.async_api import Locator, expect
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant

Json = dict[str, Any]
PLATFORMS = ("x", "instagram", "github")
REPOSITORIES = [{"kind": "repository", "name": name} for name in ("kettles", "teapots")]
# What a browser itself notes about an error page; ours are 400.
REFUSED = "Failed to load resource: the server responded with a status of 400 (Bad Request)"


async def an_account(world: World, platform: str) -> Json:
    """A new account of that platform; it is never the one that the consent page offers first."""
    body: Json = {"platform": platform, "display_name": f"Kettle {secrets.token_hex(4)}"}
    if platform == "github":
        body["places"] = REPOSITORIES
    account: Json = await world.control("POST", "accounts", body)
    return account


def offered(visit: Visit, account: Json) -> Locator:
    """The radio button of that account."""
    return visit.page.get_by_role("radio", name=f"@{account['username']}")


async def arrive(world: World, visit: Visit) -> None:
    """Waits until the browser is back at the merchant's page."""
    await visit.page.wait_for_url(lambda url: url.startswith(f"{world.stack.environment.console_url}/?"))


async def connect(merchant: Merchant, link_code: str) -> Json:
    """The first connection that the code gives, choosing a place where there are several."""
    answer = await merchant.complete(link_code)
    if answer.status == 200:
        usable = [place["platform_id"] for place in answer.json()["choose"] if place["usable"]]
        answer = await merchant.complete(link_code, usable[:1])
    assert answer.status == 201, answer.text
    connection: Json = answer.json()["connections"][0]
    return connection


def with_redirect_uri(url: str, redirect_uri: str) -> str:
    """The same authorization URL with another address to return to."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {"redirect_uri": redirect_uri}
    return parts._replace(query=urlencode(query)).geturl()


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_person_links_the_account_they_choose(world: World, visit: Visit, platform: str) -> None:
    """Choose, Authorize: back at the store with a code that ends linking, for that account and no other."""
    _, merchant = await world.merchant()
    account = await an_account(world, platform)
    await visit.page.goto(await merchant.authorize(platform))
    gaps = await visit.accessibility_gaps()

    await offered(visit, account).check()
    await visit.page.get_by_role("button", name="Authorize").click()
    await arrive(world, visit)

    await expect(visit.page.get_by_role("status")).to_contain_text("The account is authorized.")
    assert visit.query["status"] == "authorized"
    connection = await connect(merchant, visit.query["link_code"])
    assert account["username"] in connection["platform_username"]
    assert (gaps, visit.complaints, visit.hosts) == ([], [], {"localhost"})


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_cancel_links_nothing(world: World, visit: Visit, platform: str) -> None:
    """The store is told `denied` and gets no code."""
    _, merchant = await world.merchant()
    await visit.page.goto(await merchant.authorize(platform))

    await visit.page.get_by_role("button", name="Cancel").click()
    await arrive(world, visit)

    await expect(visit.page.get_by_role("status")).to_contain_text("Nothing was linked.")
    assert visit.query["status"] == "denied"
    assert "link_code" not in visit.query
    assert (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"] == []
    assert visit.complaints == []


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_linking_needs_no_mouse(world: World, visit: Visit, platform: str) -> None:
    """Arrows choose the account, Tab goes on to Authorize, Enter presses it; the focus is seen all the way."""
    _, merchant = await world.merchant()
    account = await an_account(world, platform)
    await visit.page.goto(await merchant.authorize(platform))

    await visit.tab_to(visit.page.get_by_role("radio").first)
    await visit.page.keyboard.press("ArrowUp")
    await expect(offered(visit, account)).to_be_checked()
    await visit.tab_to(visit.page.get_by_role("button", name="Authorize"))
    await visit.page.keyboard.press("Enter")
    await arrive(world, visit)

    connection = await connect(merchant, visit.query["link_code"])
    assert account["username"] in connection["platform_username"]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_wrong_redirect_uri_stays_at_the_platform(world: World, visit: Visit, platform: str) -> None:
    """A page that says so, no form, no way on: the browser is sent nowhere."""
    _, merchant = await world.merchant()
    url = with_redirect_uri(await merchant.authorize(platform), "https://elsewhere.example/v1/oauth/callback")

    answer = await visit.page.goto(url)

    assert answer
    assert answer.status == 400
    await expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(visit.page.get_by_text("redirect_uri")).to_be_visible()
    await expect(visit.page.get_by_role("button")).to_have_count(0)
    assert visit.page.url == url
    assert visit.requests == [url]
    assert await visit.accessibility_gaps() == []
    assert visit.complaints == [REFUSED]


async def test_a_forged_return_ends_at_a_page_of_ours(world: World, visit: Visit) -> None:
    """A state that we never gave: a plain sentence, nothing sent on."""
    url = f"{world.stack.environment.api_url('auth-linker')}/v1/oauth/x/callback?state=forged&code=stolen"

    await visit.page.goto(url)

    await expect(visit.page.get_by_role("heading", name="This link has ended")).to_be_visible()
    assert visit.page.url == url
    assert visit.hosts == {"localhost"}
    assert set(visit.complaints) == {REFUSED}
