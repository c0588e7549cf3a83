"""The console page in a browser."""

import pytest
from playwright.async_api import Locator, expect
from tests.e2e.visits import Visit
from tests.support.stack import World

PARTS = [
    *(f"{service} {role}" for role in ("API", "worker") for service in ("auth-linker", "publisher", "analytics")),
    "sandbox",
]


def state_of(visit: Visit, part: str) -> Locator:
    """The cell that shows how that part is."""
    row = visit.page.get_by_role("row").filter(has=visit.page.get_by_role("rowheader", name=part, exact=True))
    return row.get_by_role("cell").first


async def test_the_console_shows_every_part_up(world: World, visit: Visit) -> None:
    """One row per part, all of them up, and a sentence that says so."""
    await visit.page.goto(world.stack.environment.console_url)

    await expect(visit.page.get_by_role("heading", name="All 7 parts are up")).to_be_visible()
    assert await visit.page.get_by_role("rowheader").all_inner_texts() == PARTS
    for part in PARTS:
        await expect(state_of(visit, part)).to_have_text("up")
    assert visit.complaints == []
    assert visit.hosts == {"localhost"}


async def test_every_link_of_the_console_opens(world: World, visit: Visit) -> None:
    """Each link leads to a page that answers, and no two links sound the same."""
    await visit.page.goto(world.stack.environment.console_url)
    links = visit.page.get_by_role("table", name="Parts of the stack").get_by_role("link")
    addresses = [await link.get_attribute("href") or "" for link in await links.all()]
    names = [await link.get_attribute("aria-label") for link in await links.all()]

    answers = [await visit.page.goto(address) for address in addresses]

    assert [answer.status for answer in answers if answer] == [200] * len(addresses)
    assert len(set(names)) == len(names) == 14


async def test_a_stopped_worker_is_not_ready_until_it_runs_again(world: World, visit: Visit) -> None:
    """Its row alone says so; `Check again` shows it up once it is."""
    await world.stack.children["analytics worker"].stop()
    try:
        await visit.page.goto(world.stack.environment.console_url)

        await expect(visit.page.get_by_role("heading", name="1 of 7 parts is not ready")).to_be_visible()
        for part in PARTS:
            await expect(state_of(visit, part)).to_have_text("not ready" if part == "analytics worker" else "up")
        assert await visit.accessibility_gaps() == []
    finally:
        world.stack.start_service("analytics", "worker")
        await world.stack.wait_for_services()
    await visit.page.get_by_role("link", name="Check again").click()
    await expect(visit.page.get_by_role("heading", name="All 7 parts are up")).to_be_visible()
    assert visit.complaints == []


async def test_the_console_needs_no_mouse(world: World, visit: Visit) -> None:
    """Tab reaches a link, visibly, and Enter opens it."""
    await visit.page.goto(world.stack.environment.console_url)

    await visit.tab_to(visit.page.get_by_role("link", name="OpenAPI of publisher API"))
    await visit.page.keyboard.press("Enter")

    await visit.page.wait_for_url(f"{world.stack.environment.api_url('publisher')}/openapi.json")


@pytest.mark.parametrize("width", [1280, 320])
async def test_the_console_is_accessible(world: World, visit: Visit, width: int) -> None:
    """Names, landmarks, contrast and width hold, on a desk and on the narrowest telephone."""
    await visit.page.set_viewport_size({"width": width, "height": 800})
    await visit.page.goto(f"{world.stack.environment.console_url}/?status=authorized")

    assert await visit.accessibility_gaps() == []
    assert visit.complaints == []


async def test_the_console_repeats_nothing_of_its_address(world: World, visit: Visit) -> None:
    """Only the three ways that linking ends are told; anything else in the address is ignored."""
    await visit.page.goto(f"{world.stack.environment.console_url}/?status=<b>made up</b>&link_code=made-up")

    await expect(visit.page.get_by_role("heading", name="Social Connections")).to_be_visible()
    await expect(visit.page.get_by_role("status")).to_have_count(0)
    assert "made-up" not in await visit.page.content()
