"""What the screens cost: bytes of an embedded element, requests until something can be read, and stillness after it."""

import asyncio
import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Route, expect
from tests.e2e.shop import one_of_each
from tests.e2e.visits import Visit
from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.merchant import Merchant

_DIST = Path(__file__).parents[2] / "web" / "dist"
_STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'`](\.[^"'`]+)["'`]""")
LARGEST_ELEMENT = 60_000
MOST_REQUESTS = 13
# What Web Vitals call good; nobody loses the line they read.
MOST_SHIFT = 0.1
_WATCH_SHIFTS = """window.shifts = [];
new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(({ value, sources }) =>
  ({ value, what: sources.map(({ node }) => node?.className || node?.nodeName).join(' ') })))
).observe({ type: 'layout-shift', buffered: true });"""
APIS = "**/{linker,publisher,analytics}/v1/**"


def loaded_with(module: Path) -> set[Path]:
    """The module and everything that its imports bring before it runs."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        file = waiting.pop().resolve()
        if file in found:
            continue
        found.add(file)
        waiting += [file.parent / path for path in _STATIC_IMPORT.findall(file.read_text())]
    return found


@pytest.mark.parametrize("name", ["connections", "composer", "planner", "analytics", "share"])
def test_an_embedded_element_is_light(name: str) -> None:
    """At most 60 kB of packed JavaScript, everything it needs to show itself counted, and no code of charts in it."""
    files = loaded_with(_DIST / "elements" / f"seftec-{name}.js")

    weight = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)

    assert len(files) > 1
    assert weight <= LARGEST_ELEMENT, {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}
    assert not any(file.name.startswith("chart-") for file in files)


async def test_charts_are_loaded_only_where_one_is_shown(world: World, visit: Visit, merchant: Merchant) -> None:
    """Neither the other screens nor numbers without any bring the charts' code; numbers over time do."""
    page = visit.page
    for path in ("/planner", "/compose", "/accounts", "/share", "/numbers"):
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator(".bone")).to_have_count(0)
    before = [url for url in visit.requests if "/chart-" in url]
    places, _ = await one_of_each(world, merchant)
    account = places["x"]["id"]

    async def is_known() -> bool:
        overview = await merchant.ask("GET", "analytics", "/v1/analytics/overview")
        return any(one["connection_id"] == account for one in overview["accounts"])

    await eventually(is_known, what="analytics knows the account")
    # Its first numbers may come later than the screen, which then looks again by itself.
    async with page.expect_request("**/chart-*.js"):
        await page.goto(f"/numbers?view=account&connection={account}")

    assert before == []
    assert visit.complaints == []


@pytest.mark.usefixtures("merchant")
async def test_the_console_is_readable_after_few_requests(visit: Visit) -> None:
    """Page, style, code, session and settings, then the planner's own code: everything from here, none of it twice."""
    await visit.page.goto("/planner")
    await expect(visit.page.get_by_role("heading", level=1, name="Planner")).to_be_visible()
    await expect(visit.page.locator("[data-drop]").first).to_be_visible()

    files = [urlsplit(url).path for url in visit.requests if "/v1/" not in url]
    assert len(files) <= MOST_REQUESTS, files
    assert len(set(files)) == len(files)
    assert visit.hosts == {"localhost"}


async def test_nothing_moves_when_data_arrive(world: World, visit: Visit, merchant: Merchant) -> None:
    """Every screen keeps its shape from its first sight on, over a network that is slow enough to see both."""
    await one_of_each(world, merchant)
    page = visit.page

    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.3)
        await route.continue_()

    await page.route(APIS, slowly)
    await page.add_init_script(_WATCH_SHIFTS)
    moved: dict[str, object] = {}
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        for path in ("/planner", "/planner?view=week", "/planner?view=list", "/compose", "/accounts", "/numbers"):
            await page.goto(path)
            await expect(page.locator(".bone").first).to_be_visible()
            await expect(page.locator(".bone")).to_have_count(0)
            await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            shifts = await page.evaluate("window.shifts")
            if sum(shift["value"] for shift in shifts) >= MOST_SHIFT:
                moved[f"{path} at {width}"] = shifts

    assert moved == {}
