"""axe-core finds nothing on any screen of the console: empty and full, by light and dark, on a desk and at 320 px."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page, Route, expect
from tests.e2e.shop import one_of_each, share_a_mug
from tests.e2e.steps import linked
from tests.e2e.visits import SCHEMES, Visit, signed_in
from tests.support.stack import World

from social_stack.merchant import Merchant

_AXE = (Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
# Names and roles are the same in the dark; only colours are looked at again.
_RULES = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
_RUN = """async options => (await axe.run(document, options)).violations.flatMap(
  ({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`))"""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = (1280, 320)
SCREENS = ("/planner", "/planner?view=week", "/planner?view=list", "/compose", "/accounts", "/numbers", "/share")
# As it stands where a platform took our access away.
_LOST = """UPDATE retail_b2c.social_connections SET is_connected = false, health = 'reconnect_required',
access_token = NULL, refresh_token = NULL, problem_code = 'auth_revoked',
problem_detail = 'Access was taken away.' WHERE id = $1"""
APIS = "**/{linker,publisher,analytics}/v1/**"


async def barriers(page: Page, name: str, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What axe finds, and whether the page scrolls sideways, at those widths by light and by dark."""
    found: list[str] = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if not await page.evaluate("'axe' in window"):
                await page.evaluate(_AXE)
            found += [f"{name} at {width}, {scheme}: {one}" for one in await page.evaluate(_RUN, _RULES[scheme])]
        if beyond := await page.evaluate(_SIDEWAYS):
            found.append(f"{name} at {width}: {beyond} px scroll sideways")
    return found


async def show(page: Page, path: str) -> None:
    """Opens a screen and waits until its data stand there."""
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".bone, [aria-busy=true]")).to_have_count(0)


@pytest.mark.usefixtures("merchant")
async def test_every_empty_screen_is_for_everybody(visit: Visit) -> None:
    """A merchant who has linked and written nothing yet."""
    found: list[str] = []
    for path in SCREENS:
        await show(visit.page, path)
        found += await barriers(visit.page, path)

    assert found == []
    assert visit.complaints == []


async def test_every_full_screen_is_for_everybody(world: World, visit: Visit, merchant: Merchant) -> None:
    """A merchant with four places and posts in every state; a post's details, and a post that is changed."""
    places, posts = await one_of_each(world, merchant)
    found: list[str] = []
    for path in (
        *SCREENS,
        f"/planner?post={posts['failed']['id']}",
        f"/compose?post={posts['scheduled']['id']}",
        f"/numbers?view=account&connection={places['x']['id']}",
        "/numbers?view=posts",
    ):
        await show(visit.page, path)
        found += await barriers(visit.page, path)

    assert found == []
    assert visit.complaints == []


async def test_linking_and_sharing_are_for_everybody(world: World, visit: Visit, merchant: Merchant) -> None:
    """The choice of places, one that wants to be connected again, the question before unlinking, and a product."""
    page = visit.page
    places = [{"kind": "page", "name": name} for name in ("Kettles", "Teapots")]
    account = await world.control("POST", "accounts", {"platform": "facebook", "places": places})
    landing = await merchant.consent(await merchant.authorize("facebook"), account=account["account_id"])
    await page.goto(f"/accounts?{urlencode(landing.query)}")
    dialog = page.get_by_role("dialog", name="Which places do you want to link?")
    await expect(dialog).to_be_visible()
    found = await barriers(page, "choose")
    await dialog.get_by_role("checkbox", name="Kettles").check()
    await dialog.get_by_role("button", name="Link 1 place").click()
    await expect(page.get_by_text("1 place to publish")).to_be_visible()
    [connection] = (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"]
    async with world.database() as database:
        await database.execute(_LOST, connection["id"])
    await show(page, "/accounts")
    await expect(page.get_by_role("button", name="Connect again Kettles")).to_be_visible()
    found += await barriers(page, "reconnect")
    await page.get_by_role("button", name="Unlink Kettles").click()
    await expect(page.get_by_role("dialog", name="Unlink Kettles?")).to_be_visible()
    found += await barriers(page, "unlink")
    await linked(world, merchant, "x", display_name="Copper & Co.")
    await show(page, "/share")
    await share_a_mug(page, f"{world.sandbox}/assets/picture.jpg", "Copper & Co.")
    await expect(page.get_by_role("article")).to_be_visible()
    found += await barriers(page, "share")

    assert found == []
    assert visit.complaints == []


async def test_the_operators_page_is_for_everybody(world: World, visit: Visit) -> None:
    """Health, lag and queues."""
    await signed_in(world, visit, roles=["operator"])
    await show(visit.page, "/operator")

    assert await barriers(visit.page, "operator") == []
    assert visit.complaints == []


async def test_signing_in_is_for_everybody(visit: Visit) -> None:
    """The form to sign in, a refusal in it, and the form to sign up."""
    page = visit.page
    await page.goto("/planner")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    found = await barriers(page, "sign in")
    await page.get_by_label("E-mail address").fill("nobody@example.com")
    await page.get_by_label("Password").fill("a made-up passphrase")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("password")
    found += await barriers(page, "refused")
    await page.get_by_role("button", name="Create an account").click()
    found += await barriers(page, "sign up")

    assert found == []


async def _never(_: Route) -> None:
    """A call that nobody answers while the test looks."""


async def _away(route: Route) -> None:
    await route.abort("internetdisconnected")


async def _broken(route: Route) -> None:
    body: dict[str, Any] = {"code": "internal", "title": "Internal error", "detail": "Something of ours broke."}
    await route.fulfill(status=500, content_type="application/problem+json", json=body)


async def _refused(route: Route) -> None:
    body: dict[str, Any] = {"code": "unauthenticated", "title": "Not signed in", "detail": "The token is not good."}
    await route.fulfill(status=401, content_type="application/problem+json", json=body)


@pytest.mark.usefixtures("merchant")
@pytest.mark.parametrize("answer", [_never, _away, _broken, _refused], ids=["loading", "offline", "error", "401"])
async def test_a_screen_without_data_is_for_everybody(visit: Visit, answer: Any) -> None:
    """While it loads, when the network is away, when a service fails and when it wants a sign-in: said in words."""
    page = visit.page
    await page.route(APIS, answer)
    found: list[str] = []
    for path in ("/planner", "/compose", "/accounts", "/numbers"):
        await page.goto(path)
        await expect(
            page.locator(".bone").first if answer is _never else page.get_by_role("alert").first
        ).to_be_visible()
        found += await barriers(page, path, widths=(320,))
    if answer is _never:
        await expect(page.get_by_text("This takes longer than usual. It goes on.")).to_be_visible()
        found += await barriers(page, "slow", widths=(320,))

    assert found == []
