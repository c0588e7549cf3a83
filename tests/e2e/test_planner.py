"""The planner where things go otherwise: refused moves, doubtful clocks, failed posts, and another tab."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect
from tests.acceptance.steps import until_status
from tests.e2e.steps import at, chip, due_of, linked, planned, posts_of, tomorrow, write
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant

TEXT = "Hand-beaten copper"


async def test_what_is_past_takes_no_post_and_escape_puts_it_back(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """A drop before now is refused in words with the post still in hand; Escape leaves everything as it was."""
    due = await tomorrow(world)
    post = await planned(merchant, await linked(world, merchant), TEXT, due)
    page = visit.page
    await page.goto(f"/planner?view=list&date={due:%Y-%m-%d}")

    for key in ("m", "ArrowLeft", "ArrowLeft", "ArrowLeft", "Enter"):
        await chip(page, TEXT).press(key)
    await expect(page.get_by_role("alert").filter(has_text="is past")).to_be_visible()
    await chip(page, TEXT).press("Escape")

    await expect(page.get_by_role("status").filter(has_text="Put back")).to_be_attached()
    assert await due_of(merchant, post) == due
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_a_new_post_begins_on_the_day_that_was_chosen(world: World, visit: Visit, merchant: Merchant) -> None:
    """From the planner to the composer with that day as the proposed time, under one heading."""
    due = await tomorrow(world) + timedelta(days=1)
    page = visit.page
    await page.goto(f"/planner?date={due:%Y-%m-%d}")

    await page.get_by_role("button", name="New post").click()

    await expect(page.get_by_label("Date", exact=True)).to_have_value(f"{due:%Y-%m-%d}")
    await expect(page.get_by_label("Time", exact=True)).to_have_value("09:00")
    await expect(page.get_by_role("heading", name="New post")).to_have_count(1)
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_a_failed_post_says_why_and_goes_out_on_retry(world: World, visit: Visit, merchant: Merchant) -> None:
    """Cause, what helps and the attempt are shown; retried from the planner, it is on the platform."""
    connection = await linked(world, merchant, "linkedin")
    page = visit.page
    await world.control("POST", "switches", {"platform": "linkedin", "switches": {"longest_commentary": 5}})
    try:
        body = {"content": TEXT, "targets": [{"connection_id": connection["id"]}], "mode": "now"}
        [post] = (await merchant.ask("POST", "publisher", "/v1/posts", body))["posts"]
        await page.goto("/planner")
        await expect(chip(page, TEXT)).to_contain_text("Failed", timeout=30_000)
    finally:
        await world.control("POST", "switches", {"platform": "linkedin", "switches": {"longest_commentary": 3000}})
    await chip(page, TEXT).click()
    dialog = page.get_by_role("dialog", name="Post on LinkedIn")
    await expect(dialog.get_by_text("It is certainly not out.")).to_be_visible()
    await expect(dialog.get_by_text("What happened:")).to_be_visible()
    await expect(dialog.get_by_text("What helps:")).to_be_visible()

    await dialog.get_by_role("button", name="Retry").click()

    await expect(dialog.get_by_text("It is on the platform.")).to_be_visible(timeout=30_000)
    await until_status(merchant, post, "published")
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_what_one_tab_changes_the_other_shows(world: World, visit: Visit, merchant: Merchant) -> None:
    """A post that is moved or written in one tab stands there in the other, without a reload."""
    due = await tomorrow(world)
    connection = await linked(world, merchant)
    await planned(merchant, connection, TEXT, due)
    here = visit.page
    there = Visit.on(await here.context.new_page())
    for page in (here, there.page):
        await page.goto(f"/planner?view=list&date={due:%Y-%m-%d}")
        await expect(chip(page, TEXT)).to_contain_text("10:30")

    for key in ("m", "ArrowDown", "Enter"):
        await chip(there.page, TEXT).press(key)
    await expect(chip(here, TEXT)).to_contain_text("11:30", timeout=5_000)

    await there.page.get_by_role("link", name="New post").click()
    await write(there.page, "Second thoughts", connection)
    await at(there.page, due)
    await there.page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(chip(here, "Second thoughts")).to_be_visible(timeout=5_000)
    assert (visit.complaints, there.complaints) == ([], [])
    assert visit.hosts | there.hosts == {"localhost"}


def last_sunday(year: int, month: int) -> datetime:
    """When clocks in the European Union change in March and October: at one o'clock UTC of that day."""
    day = datetime(year, month, 31, 1, tzinfo=UTC)
    return day - timedelta(days=(day.weekday() + 1) % 7)


async def test_times_that_clocks_skip_or_double_are_said_and_kept(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """In Berlin half past two is skipped in March and doubled in October: what is said is what is planned."""
    connection = await linked(world, merchant)
    now = datetime.fromisoformat((await world.control("GET", "clock"))["now"])
    spring, autumn = last_sunday(now.year + 1, 3), last_sunday(now.year + 1, 10)
    page = visit.page
    await page.goto("/compose")
    await page.get_by_label("Time zone").select_option("Europe/Berlin")
    await write(page, TEXT, connection)

    await at(page, spring.replace(hour=2, minute=30))
    await expect(page.get_by_text("The clocks skip 02:30 that day. It goes out at 03:30.")).to_be_visible()
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await page.get_by_role("button", name="Write another").click()
    await page.get_by_label("Text", exact=True).fill(f"{TEXT} again")
    await at(page, autumn.replace(hour=2, minute=30))
    await expect(page.get_by_role("group", name="The clocks show 02:30 twice that day.")).to_be_visible()
    await page.get_by_role("radio", name="The second, Europe/Berlin (GMT+1)").check()
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_visible()

    due = [datetime.fromisoformat(post["scheduled_at"]) for post in await posts_of(merchant)]
    assert sorted(due) == [spring + timedelta(minutes=30), autumn + timedelta(minutes=30)]
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})
