"""What changes around an element while it is used: whose token it has, its time zone, the network, the page itself."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect
from tests.e2e.steps import at, due_of, linked, planned, tomorrow, write
from tests.e2e.test_linking import an_account, begin, offered
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant, sign_up

TEXT = "Hand-beaten copper"
_ACCOUNTS = "seftec-connections"
_REFUSALS = {
    401: "You are signed out.",
    404: "There is no such connection.",
    429: "Too many requests in a short time. Try it again in 60 s.",
    503: "The server has trouble just now. Try it again in a minute.",
}


async def give(page: Page, element: str, token: str) -> None:
    """The page gives an element a token."""
    await page.locator(element).evaluate("(element, token) => { element.accessToken = token; }", token)


async def token_of(world: World) -> str:
    """Another merchant's access token."""
    _, token = await sign_up(world.http, world.sandbox)
    return token


def refusing(status: int) -> Callable[[Route], Awaitable[None]]:
    """What answers every call with that status."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, json={"title": "No", "detail": "There is no such connection."})

    return refuse


async def test_another_merchants_token_shows_nothing_of_the_first(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """Accounts, a text that was begun and planned posts are gone at once, also where no answer comes."""
    connection = await linked(world, merchant)
    await planned(merchant, connection, TEXT, await tomorrow(world))
    page = visit.page
    other = await token_of(world)

    await page.goto("/accounts")
    await expect(page.get_by_role("heading", name=connection["display_name"])).to_be_visible()
    await page.route("**/linker/**", lambda route: route.abort())
    await give(page, _ACCOUNTS, other)
    await expect(page.get_by_text(connection["display_name"])).to_have_count(0)
    await page.unroute_all()

    await page.goto("/compose")
    await write(page, TEXT, connection)
    await give(page, "seftec-composer", other)
    await expect(page.get_by_label("Text", exact=True)).to_have_value("")

    await page.goto("/planner?view=list")
    await expect(page.locator("button[data-post]")).to_have_count(1)
    await give(page, "seftec-planner", other)
    await expect(page.locator("button[data-post]")).to_have_count(0)


async def test_a_token_that_never_comes_makes_room_for_a_new_one(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """A look that waits for the page's answer ends when the page gives another token."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/accounts")
    element = page.locator(_ACCOUNTS)
    await expect(page.get_by_role("heading", name=connection["display_name"])).to_be_visible()
    await element.evaluate("""element => {
        window.bring = element.accessToken;
        const anew = document.createElement('seftec-connections');
        anew.baseUrl = element.baseUrl;
        anew.accessToken = () => new Promise(() => {});
        element.replaceWith(anew);
    }""")
    await expect(page.get_by_text("Loading…")).to_have_count(1)

    await page.locator(_ACCOUNTS).evaluate("async element => { element.accessToken = await window.bring(); }")

    await expect(page.get_by_role("heading", name=connection["display_name"])).to_be_visible()


async def test_in_another_time_zone_a_post_stays_at_its_moment(world: World, visit: Visit, merchant: Merchant) -> None:
    """The clock shows another time; saving a changed text moves nothing."""
    due = await tomorrow(world) + timedelta(days=1)
    post = await planned(merchant, await linked(world, merchant), TEXT, due)
    page = visit.page
    await page.goto(f"/compose?post={post['id']}")
    await expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    before = await page.get_by_label("Time", exact=True).input_value()

    await page.get_by_label("Time zone").select_option("Asia/Tokyo")
    await expect(page.get_by_label("Time", exact=True)).not_to_have_value(before)
    await page.get_by_label("Text", exact=True).fill(f"{TEXT}!")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Saved.")).to_be_visible()

    assert await due_of(merchant, post) == due


async def test_a_consent_is_completed_when_the_network_is_back(world: World, visit: Visit, merchant: Merchant) -> None:
    """The answer to completing gets lost: it says so, and the network's return completes the same consent."""
    account = await an_account(world, "x")
    await begin(visit, "x")
    page = visit.page
    await page.route("**/connections/complete", lambda route: route.abort())
    await offered(visit, account).check()
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_text("We keep trying.")).to_be_visible()
    await page.unroute_all()

    await page.evaluate("dispatchEvent(new Event('online'))")

    await expect(page.get_by_role("status").filter(has_text="is linked")).to_be_visible()
    assert len((await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"]) == 1


async def test_what_was_asked_for_and_refused_is_told_as_it_is(world: World, visit: Visit, merchant: Merchant) -> None:
    """Nothing repeats what a person asked for, so no word says that it goes on by itself."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/accounts")
    for status, words in _REFUSALS.items():
        await page.route("**/connections/*/refresh", refusing(status))
        await page.get_by_role("button", name="Check now").click()
        await expect(page.get_by_text(words)).to_be_visible()
        await page.unroute_all()

    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, await tomorrow(world))
    await page.route("**/publisher/v1/posts", refusing(503))
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="it is not posted twice")).to_be_visible()


@pytest.mark.parametrize("attribute", ["lang", "time-zone"])
async def test_a_language_and_a_zone_that_are_none_cost_nothing(
    world: World, visit: Visit, merchant: Merchant, attribute: str
) -> None:
    """`en_US` is meant as `en-US`, an unknown zone is this machine's: the planner stands."""
    post = await planned(merchant, await linked(world, merchant), TEXT, await tomorrow(world))
    page = visit.page
    await page.goto("/planner?view=list")
    await page.locator("seftec-planner").evaluate(
        """(element, attribute) => {
            const anew = document.createElement('seftec-planner');
            anew.baseUrl = element.baseUrl;
            anew.accessToken = element.accessToken;
            anew.view = 'list';
            anew.setAttribute(attribute, attribute === 'lang' ? 'en_US' : 'Nowhere/Land');
            element.replaceWith(anew);
        }""",
        attribute,
    )

    await expect(page.locator(f"[data-post='{post['id']}']")).to_be_visible()
    assert visit.complaints == []


async def test_an_element_that_is_taken_off_while_it_sends_tells_other_views(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """The post is made, nothing fails on the page, and a planner in another tab shows it without being asked."""
    connection = await linked(world, merchant)
    due = await tomorrow(world)
    page = visit.page
    other = await page.context.new_page()
    await other.goto(f"/planner?view=list&date={due:%Y-%m-%d}")
    await expect(other.get_by_role("button", name="Week", exact=True)).to_be_visible()
    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, due)
    element = await page.locator("seftec-composer").element_handle()
    assert element is not None
    await page.evaluate(
        """element => {
            window.wrong = [];
            element.addEventListener('seftec-error', ({ detail }) => wrong.push(String(detail.error)));
        }""",
        element,
    )
    await other.bring_to_front()

    async def taken_off(route: Route) -> None:
        await page.evaluate("element => element.remove()", element)
        await route.continue_()

    await page.route("**/publisher/v1/posts", taken_off)
    await page.evaluate(
        "element => [...element.renderRoot.querySelectorAll('button')].at(-1).click()",
        element,
    )

    await expect(other.locator("button[data-post]")).to_have_count(1)
    assert await page.evaluate("wrong") == []
    assert visit.complaints == []
