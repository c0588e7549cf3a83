"""The example of a shop, a static page and one of React: both embed two elements from the console's address."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from examples.storefront.serve import open_shop
from playwright.async_api import expect
from tests.e2e.steps import linked, posts_of
from tests.e2e.visits import Visit
from tests.support.stack import World


@contextmanager
def shop_of(world: World, token: str) -> Iterator[str]:
    """The shop's address, while it is open."""
    with open_shop(world.stack.config.ports.base, token) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield world.stack.environment.storefront_url
        finally:
            server.shutdown()


@pytest.mark.parametrize("name", ["index.html", "react.html"])
async def test_a_shop_shares_its_product(world: World, visit: Visit, name: str) -> None:
    """A page of another origin, with the token of its own session: the product goes to the place that is chosen."""
    _, merchant = await world.merchant()
    place = await linked(world, merchant)
    page = visit.page
    with shop_of(world, merchant._token.reveal()) as shop:
        await page.goto(f"{shop}/{name}")
        await expect(page.get_by_role("heading", name="Copper kettle")).to_be_visible()
        await page.get_by_role("checkbox", name=place["display_name"]).check()
        await page.get_by_role("button", name="Post now").click()
        await expect(page.get_by_text("On its way", exact=False).first).to_be_visible()
        assert (visit.complaints, visit.hosts) == ([], {"localhost"})
        await page.close()

    (post,) = await posts_of(merchant)
    assert "Copper kettle" in post["content"]


@pytest.mark.parametrize("name", ["index.html", "react.html"])
async def test_a_shop_links_an_account_and_is_returned_to(world: World, visit: Visit, name: str) -> None:
    """From the shop's page over the platform's consent page back to the same page, which names the account."""
    _, merchant = await world.merchant()
    account = await world.control("POST", "accounts", {"platform": "x", "display_name": "Kettle & Co"})
    page = visit.page
    with shop_of(world, merchant._token.reveal()) as shop:
        await page.goto(f"{shop}/{name}")
        await page.get_by_role("button", name="Link X").click()
        await page.get_by_role("radio", name=f"@{account['username']}").check()
        await page.get_by_role("button", name="Authorize").click()
        await expect(page.get_by_role("status").filter(has_text="is linked")).to_be_visible()
        assert page.url == f"{shop}/{name}"
        assert (visit.complaints, visit.hosts) == ([], {"localhost"})
        await page.close()

    (connection,) = (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"]
    assert connection["platform"] == "x"
