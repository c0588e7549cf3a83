"""The console as an application: who may come in, what has an address, and the operator's page."""

import secrets

import pytest
from playwright.async_api import expect
from tests.e2e.visits import Visit
from tests.support.stack import World

PASSWORD = "a made-up passphrase"
PAGES = ("Planner", "New post", "Accounts", "Numbers", "Share")
# What the browser itself notes about a refusal.
REFUSED = "Failed to load resource: the server responded with a status of {}"


def an_email() -> str:
    """An address that nobody had before."""
    return f"merchant-{secrets.token_hex(6)}@example.com"


async def a_user(world: World, *, roles: list[str] | None = None) -> str:
    """Somebody who may sign in with `PASSWORD`; the address."""
    email = an_email()
    await world.control("POST", "users", {"email": email, "password": PASSWORD, "roles": roles or []})
    return email


async def sign_in(visit: Visit, email: str, *, password: str = PASSWORD) -> None:
    """Fills the form that is shown, and sends it."""
    await visit.page.get_by_label("E-mail address").fill(email)
    await visit.page.get_by_label("Password").fill(password)
    await visit.page.get_by_role("button", name="Sign in").click()


async def test_a_new_merchant_makes_an_account_and_sees_every_page(world: World, visit: Visit) -> None:
    """Each page has a heading, a title and an address of its own; nothing of it is for operators."""
    console = world.stack.environment.console_url
    await visit.page.goto(console)
    await visit.page.get_by_role("button", name="Create an account").click()
    await visit.page.get_by_label("E-mail address").fill(an_email())
    await visit.page.get_by_label("Password").fill(PASSWORD)
    await visit.page.get_by_role("button", name="Create an account").click()

    pages = visit.page.get_by_role("navigation", name="Pages")
    await expect(pages.get_by_role("link")).to_have_text(PAGES)
    for name in PAGES:
        await pages.get_by_role("link", name=name).click()
        await expect(visit.page.get_by_role("heading", level=1, name=name)).to_be_visible()
        await expect(visit.page).to_have_title(f"{name} · Social Connections")
        await expect(pages.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    await visit.page.goto(f"{console}/operator")
    await expect(visit.page.get_by_text("This page is for operators.")).to_be_visible()

    assert visit.complaints == []
    assert visit.hosts == {"localhost"}


async def test_a_wrong_password_is_told_and_the_right_one_lets_in(world: World, visit: Visit) -> None:
    """The form stays, says what is wrong in words, and works with the right one."""
    email = await a_user(world)
    await visit.page.goto(f"{world.stack.environment.console_url}/accounts")

    await sign_in(visit, email, password="another one")
    await expect(visit.page.get_by_role("alert")).to_contain_text("password")
    await sign_in(visit, email)

    await expect(visit.page.get_by_role("heading", level=1, name="Accounts")).to_be_visible()
    assert visit.complaints == [REFUSED.format("401 (Unauthorized)")]


async def test_a_reload_keeps_the_session_and_no_script_can_read_it(world: World, visit: Visit) -> None:
    """The refresh token lies in a cookie that scripts do not see; no storage and no address holds any of it."""
    email = await a_user(world)
    await visit.page.goto(world.stack.environment.console_url)
    await sign_in(visit, email)
    await expect(visit.page.get_by_text(f"Signed in as {email}")).to_be_visible()

    await visit.page.reload()

    await expect(visit.page.get_by_text(f"Signed in as {email}")).to_be_visible()
    kept = await visit.page.evaluate("JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])")
    assert kept == '["",{},{}]'
    assert not any("token" in url or "password" in url for url in visit.requests)


async def test_who_signs_out_in_one_tab_is_out_in_the_other(world: World, visit: Visit) -> None:
    """Both tabs show the form, and going back shows nothing of the merchant's."""
    email = await a_user(world)
    await visit.page.goto(f"{world.stack.environment.console_url}/accounts")
    await sign_in(visit, email)
    await expect(visit.page.get_by_role("heading", name="Linked accounts")).to_be_visible()
    other = await visit.page.context.new_page()
    await other.goto(f"{world.stack.environment.console_url}/planner")
    await expect(other.get_by_text(f"Signed in as {email}")).to_be_visible()

    await other.get_by_role("button", name="Sign out").click()

    for page in (other, visit.page):
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(page.get_by_role("heading", name="Linked accounts")).to_have_count(0)
    assert visit.complaints == []


async def test_an_address_opens_the_view_that_it_names(world: World, visit: Visit) -> None:
    """A link into the application works before and after signing in, and the browser's buttons go through the views."""
    await visit.page.goto(f"{world.stack.environment.console_url}/planner?view=week&date=2026-03-29")
    await sign_in(visit, await a_user(world))

    await expect(visit.page.get_by_role("button", name="Week", exact=True)).to_have_attribute("aria-pressed", "true")
    await visit.page.get_by_role("button", name="List", exact=True).click()
    await expect(visit.page).to_have_url(f"{world.stack.environment.console_url}/planner?view=list&date=2026-03-29")
    await visit.page.go_back()
    await expect(visit.page.get_by_role("button", name="Week", exact=True)).to_have_attribute("aria-pressed", "true")
    assert visit.complaints == []


async def test_the_console_speaks_german_and_remembers_it(world: World, visit: Visit) -> None:
    """The language is chosen at the foot, for every element, and kept for the next visit."""
    await visit.page.goto(f"{world.stack.environment.console_url}/accounts")
    await sign_in(visit, await a_user(world))
    await visit.page.get_by_label("Language").select_option("de")

    await expect(visit.page.get_by_role("heading", name="Verknüpfte Konten")).to_be_visible()
    await visit.page.reload()
    await expect(visit.page.get_by_role("heading", name="Verknüpfte Konten")).to_be_visible()
    assert await visit.page.locator("html").get_attribute("lang") == "de"
    assert visit.complaints == []


async def test_an_operator_sees_how_every_part_is(world: World, visit: Visit) -> None:
    """All parts up, lags and queues with numbers; a worker that stops is told without a reload."""
    await visit.page.goto(f"{world.stack.environment.console_url}/operator")
    await sign_in(visit, await a_user(world, roles=["operator"]))
    page = visit.page

    await expect(page.get_by_role("heading", name="All 7 parts are up")).to_be_visible()
    for table in ("Posts by state", "Events waiting to be sent", "Consumers", "Dead letters"):
        await expect(page.get_by_role("table", name=table).get_by_role("row")).not_to_have_count(0)
    await world.stack.children["analytics worker"].stop()
    try:
        await expect(page.get_by_role("heading", name="1 part is not up")).to_be_visible(timeout=20_000)
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="analytics worker"))
        await expect(row.first).to_contain_text("cannot be reached")
    finally:
        world.stack.start_service("analytics", "worker")
        await world.stack.wait_for_services()
    await expect(page.get_by_role("heading", name="All 7 parts are up")).to_be_visible(timeout=20_000)
    assert visit.complaints == []


@pytest.mark.parametrize("name", ["link_code", "status"])
async def test_the_console_repeats_nothing_of_its_address(world: World, visit: Visit, name: str) -> None:
    """What somebody put into a link is not shown, and not run."""
    await visit.page.goto(f"{world.stack.environment.console_url}/accounts?{name}=<img src=x onerror=alert(1)>made-up")
    await sign_in(visit, await a_user(world))

    await expect(visit.page.get_by_role("heading", name="Linked accounts")).to_be_visible()
    assert "made-up" not in await visit.page.inner_text("body")
    assert visit.complaints == []


async def test_the_main_way_needs_no_mouse(world: World, visit: Visit) -> None:
    """Sign in, and to another page, by keys alone; each stop can be seen."""
    email = await a_user(world)
    await visit.page.goto(world.stack.environment.console_url)
    await visit.tab_to(visit.page.get_by_label("E-mail address"))
    await visit.page.keyboard.type(email)
    await visit.tab_to(visit.page.get_by_label("Password"))
    await visit.page.keyboard.type(PASSWORD)
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_text(f"Signed in as {email}")).to_be_visible()

    await visit.tab_to(visit.page.get_by_role("link", name="Accounts"))
    await visit.page.keyboard.press("Enter")

    await expect(visit.page.get_by_role("heading", level=1, name="Accounts")).to_be_focused()


async def test_somebody_else_at_the_same_browser_gets_pages_of_their_own(world: World, visit: Visit) -> None:
    """After signing out and in as another person, the pages are theirs."""
    await visit.page.goto(f"{world.stack.environment.console_url}/accounts")
    await sign_in(visit, await a_user(world))
    await expect(visit.page.get_by_role("heading", name="Linked accounts")).to_be_visible()
    await visit.page.get_by_role("button", name="Sign out").click()
    second = await a_user(world)

    await sign_in(visit, second)

    await expect(visit.page.get_by_text(f"Signed in as {second}")).to_be_visible()
    await expect(visit.page.get_by_role("heading", name="Linked accounts")).to_be_visible()
