"""A person links an account by clicking: the console, the platform's consent page, and the console again."""

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.async_api import Locator, expect
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant

Json = dict[str, Any]
BUTTONS = {"x": "Link X", "instagram": "Link Instagram", "github": "Link GitHub"}
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


async def begin(visit: Visit, platform: str) -> None:
    """Opens the consent page from the console."""
    await visit.page.goto("/accounts")
    await visit.page.get_by_role("button", name=BUTTONS[platform], exact=True).click()
    await expect(visit.page.get_by_role("button", name="Authorize")).to_be_visible()


async def usernames(merchant: Merchant) -> list[str]:
    """Whose accounts are linked."""
    connections = (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"]
    return [connection["platform_username"] for connection in connections]


async def assert_linked(visit: Visit, merchant: Merchant, account: Json) -> None:
    """Says so in the console, chooses a place where there are several, and sees that account and no other linked."""
    page = visit.page
    if account["platform"] == "github":
        await page.get_by_role("checkbox", name="teapots").check()
        await page.get_by_role("button", name="Link 1 place").click()
    await expect(page.get_by_role("status").filter(has_text="is linked")).to_be_visible()
    # Whoever keeps or repeats the address repeats nothing of the consent.
    await expect(page).to_have_url("/accounts")
    [username] = await usernames(merchant)
    assert account["username"] in username


def with_redirect_uri(url: str, redirect_uri: str) -> str:
    """The same authorization URL with another address to return to."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {"redirect_uri": redirect_uri}
    return parts._replace(query=urlencode(query)).geturl()


@pytest.mark.parametrize("platform", BUTTONS)
async def test_a_person_links_the_account_they_choose(
    world: World, visit: Visit, merchant: Merchant, platform: str
) -> None:
    """Link, Choose, Authorize: back in the console, that account is linked and no other, and no code is left behind."""
    account = await an_account(world, platform)
    await begin(visit, platform)
    gaps = await visit.accessibility_gaps()

    await offered(visit, account).check()
    await visit.page.get_by_role("button", name="Authorize").click()

    await assert_linked(visit, merchant, account)
    assert (gaps, visit.complaints, visit.hosts) == ([], [], {"localhost"})


@pytest.mark.parametrize("platform", BUTTONS)
async def test_cancel_links_nothing(visit: Visit, merchant: Merchant, platform: str) -> None:
    """The console says that access was declined, and linking can begin again."""
    await begin(visit, platform)

    await visit.page.get_by_role("button", name="Cancel").click()

    await expect(visit.page.get_by_role("status").filter(has_text="Nothing was linked.")).to_be_visible()
    await expect(visit.page).to_have_url("/accounts")
    await expect(visit.page.get_by_role("button", name=BUTTONS[platform], exact=True)).to_be_enabled()
    assert await usernames(merchant) == []
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


@pytest.mark.parametrize("platform", BUTTONS)
async def test_consenting_needs_no_mouse(world: World, visit: Visit, merchant: Merchant, platform: str) -> None:
    """Arrows choose the account, Tab goes on to Authorize, Enter presses it; the focus is seen all the way."""
    account = await an_account(world, platform)
    await visit.page.goto(await merchant.authorize(platform))

    await visit.tab_to(visit.page.get_by_role("radio").first)
    await visit.page.keyboard.press("ArrowUp")
    await expect(offered(visit, account)).to_be_checked()
    await visit.tab_to(visit.page.get_by_role("button", name="Authorize"))
    await visit.page.keyboard.press("Enter")

    await assert_linked(visit, merchant, account)
    assert visit.complaints == []


async def test_the_back_button_in_the_middle_leaves_the_page_usable(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """Back from the consent page every button works, and the consent that is given then counts."""
    account = await an_account(world, "x")
    await begin(visit, "x")

    await visit.page.go_back()
    await visit.page.get_by_role("button", name=BUTTONS["x"], exact=True).click()
    await offered(visit, account).check()
    await visit.page.get_by_role("button", name="Authorize").click()

    await assert_linked(visit, merchant, account)
    assert visit.complaints == []


async def test_a_return_is_used_once(world: World, visit: Visit, merchant: Merchant) -> None:
    """An old return address, opened once more, links nothing a second time and says why."""
    account = await an_account(world, "x")
    landing = await merchant.consent(await merchant.authorize("x"), account=account["account_id"])
    used = f"/accounts?{urlencode(landing.query)}"
    await visit.page.goto(used)
    await assert_linked(visit, merchant, account)
    await visit.page.reload()
    await expect(visit.page.get_by_text("1 place to publish")).to_be_visible()
    await expect(visit.page.get_by_role("status").filter(has_text="linked")).to_have_count(0)

    await visit.page.goto(used)

    await expect(visit.page.get_by_role("status").filter(has_text="was finished already")).to_be_visible()
    await expect(visit.page.get_by_text("1 place to publish")).to_be_visible()
    assert all("status of 404" in complaint for complaint in visit.complaints)


@pytest.mark.parametrize("platform", BUTTONS)
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
