"""What must not cost a merchant anything: an ended session, a lost network, double clicks, and unkind texts."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect
from tests.e2e.steps import at, chip, due_of, linked, planned, posts_of, tomorrow, write
from tests.e2e.visits import Visit, signed_in
from tests.support.stack import World

from social_stack.merchant import Merchant

TEXT = "Hand-beaten copper"
SCRIPT = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
HEBREW = "קומקום נחושת 👨‍👩‍👧‍👦"
PASSWORD = "a made-up passphrase"
# What the browser itself notes while it has no network.
OFFLINE = "ERR_INTERNET_DISCONNECTED"


async def test_whoever_signs_in_again_finds_what_they_wrote_and_sends_it(world: World, visit: Visit) -> None:
    """The access token ran out and the session has ended: the form comes, and behind it the post is as it was."""
    email = f"merchant-{secrets.token_hex(6)}@example.com"
    await world.control("POST", "users", {"email": email, "password": PASSWORD})
    merchant = await signed_in(world, visit, email=email)
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, await tomorrow(world) + timedelta(days=1))
    await page.context.clear_cookies()
    await page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=2))

    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_text("You were signed out. Sign in again; what you wrote is still here.")).to_be_visible()
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    await page.get_by_role("button", name="Schedule", exact=True).click()

    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_visible()
    assert [post["content"] for post in await posts_of(merchant)] == [TEXT]
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_an_access_token_that_ran_out_is_renewed_unseen(world: World, visit: Visit, merchant: Merchant) -> None:
    """While the session lasts, a post that is sent hours later goes through without a question."""
    connection = await linked(world, merchant)
    due = await tomorrow(world) + timedelta(days=1)
    page = visit.page
    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, due)
    await page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=2))

    async with page.expect_request("**/session/refresh"):
        await page.get_by_role("button", name="Schedule", exact=True).click()

    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_visible()
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_without_a_network_nothing_is_lost_and_nothing_is_sent_twice(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """A text that could not be sent waits in its field; sent again with the network back, it is one post."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, await tomorrow(world))
    await expect(page.get_by_text("Ready: nothing speaks against it.")).to_be_visible()

    await page.context.set_offline(True)
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="it is not posted twice")).to_be_visible()
    await expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Schedule", exact=True).click()

    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_visible()
    assert len(await posts_of(merchant)) == 1
    assert all(OFFLINE in complaint for complaint in visit.complaints)


async def test_a_move_without_a_network_is_put_back_and_works_after(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """The post stands again where it stood, with the reason; with the network back the planner says nothing of it."""
    due = await tomorrow(world)
    post = await planned(merchant, await linked(world, merchant), TEXT, due)
    page = visit.page
    await page.goto(f"/planner?view=list&date={due:%Y-%m-%d}")
    await expect(chip(page, TEXT)).to_contain_text("10:30")

    await page.context.set_offline(True)
    for key in ("m", "ArrowDown", "Enter"):
        await chip(page, TEXT).press(key)
    await expect(page.get_by_role("alert").filter(has_text="The server could not be reached.")).to_be_visible()
    await expect(chip(page, TEXT)).to_contain_text("10:30")
    await expect(page.get_by_text("What you see may be out of date.")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("What you see may be out of date.")).to_have_count(0)
    for key in ("m", "ArrowDown", "Enter"):
        await chip(page, TEXT).press(key)

    await expect(page.get_by_role("status").filter(has_text="Planned for")).to_be_visible()
    assert await due_of(merchant, post) == due + timedelta(hours=1)
    assert all(OFFLINE in complaint for complaint in visit.complaints)


async def test_a_double_click_makes_one_post(world: World, visit: Visit, merchant: Merchant) -> None:
    """However often the button is pressed, there is one post."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, await tomorrow(world))

    await page.get_by_role("button", name="Schedule", exact=True).dblclick()

    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_visible()
    assert len(await posts_of(merchant)) == 1
    assert visit.complaints == []


@pytest.mark.parametrize("words", [SCRIPT, HEBREW], ids=["script", "right to left"])
async def test_texts_and_names_are_shown_as_text(world: World, visit: Visit, merchant: Merchant, words: str) -> None:
    """What a merchant writes and what a platform calls an account is text on every page, to the last sign of it."""
    connection = await linked(world, merchant, display_name=words)
    due = await tomorrow(world)
    page = visit.page
    await page.goto("/accounts")
    await expect(page.get_by_role("heading", level=3)).to_have_text(words)
    await page.goto("/compose")
    await write(page, words, connection)
    preview = page.get_by_role("article")
    await expect(preview.locator(".words")).to_have_text(words)
    await expect(preview.locator("b").first).to_have_text(words)
    await at(page, due)
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_visible()
    await page.goto(f"/planner?view=list&date={due:%Y-%m-%d}")
    await expect(chip(page, words[:20]).locator(".where")).to_have_text(words)
    await chip(page, words[:20]).click()
    await expect(page.get_by_role("dialog").locator(".full")).to_have_text(words)
    await page.goto("/numbers")
    await expect(page.get_by_role("rowheader").get_by_role("button")).to_have_text(words)

    assert "run" not in await page.title()
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_a_broken_picture_is_told_before_it_is_sent(world: World, visit: Visit, merchant: Merchant) -> None:
    """No address, and an address that holds no picture: both are marked at the file, and nothing is sent."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/compose")
    await write(page, TEXT, connection)
    await at(page, await tomorrow(world))
    address = page.get_by_label("Web address of a picture or video")
    await address.fill("kettle.jpg")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("alert").filter(has_text="This is no web address.")).to_be_visible()

    await address.fill(f"{world.sandbox}/assets/missing.jpg")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_text(re.compile(r"\d+ problems? to mend")).first).to_be_visible()
    await page.get_by_role("button", name="Schedule", exact=True).click()

    await expect(page.get_by_role("alert").filter(has_text="Mend what is marked first")).to_be_visible()
    assert await posts_of(merchant) == []
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})
