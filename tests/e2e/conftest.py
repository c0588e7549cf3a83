"""One browser per run, one clean window per test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect
from tests.e2e.chromium import ARGUMENTS, MISSING, find_chromium
from tests.e2e.visits import Visit, signed_in
from tests.support.stack import World

from social_stack.merchant import Merchant

# What shows is waited for, so a busy machine costs time and no test.
_LONGEST_WAIT_MS = 20_000
expect.set_options(timeout=_LONGEST_WAIT_MS)


@pytest.fixture(scope="session", autouse=True)
def served_files() -> Iterator[None]:
    """The stack may fetch what a test serves on any port; set before the stack starts."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEDIA_ALLOW_HOSTS", "localhost")
        yield


@pytest.fixture(scope="session", autouse=True)
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium, without a window; autouse, so that its absence shows before the stack starts."""
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def visit(browser: Browser, world: World) -> AsyncIterator[Visit]:
    """A person with a fresh browser: no cookies, nothing remembered. Paths are the console's."""
    context = await browser.new_context(base_url=world.stack.environment.console_url, timezone_id="UTC")
    context.set_default_timeout(_LONGEST_WAIT_MS)
    yield Visit.on(await context.new_page())
    await context.close()


@pytest.fixture
async def merchant(world: World, visit: Visit) -> Merchant:
    """A new merchant, signed in at the console in that window."""
    return await signed_in(world, visit)
