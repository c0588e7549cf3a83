"""A merchant's whole way through the console: link, write, plan, move, publish, measure, unlink."""

import secrets
from datetime import datetime, timedelta

from playwright.async_api import Locator, Page, Response, expect
from tests.e2e.steps import Json, at, chip, due_of, linked, posts_of, tomorrow, write
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant

TEXT = "Hand-beaten copper, and it whistles."
_LATE_IN_THE_MINUTE = 45
PAGES = ("Kettles", "Teapots", "Mugs")


async def drag(page: Page, what: Locator, where: Locator) -> None:
    """Takes something by the mouse and drops it there."""
    await where.scroll_into_view_if_needed()
    await what.hover()
    await page.mouse.down()
    await where.hover()
    await page.mouse.up()


def is_a_change(response: Response) -> bool:
    """Whether it answers that a post was changed."""
    return response.request.method == "PATCH" and response.ok


async def link_a_page(visit: Visit, account: Json, name: str) -> None:
    """From the console over the consent page back, and the choice of one Page among several."""
    page = visit.page
    await page.goto("/accounts")
    await page.get_by_role("button", name="Link Facebook").click()
    await page.get_by_role("radio", name=f"@{account['username']}").check()
    await page.get_by_role("button", name="Authorize").click()
    choice = page.get_by_role("dialog", name="Which places do you want to link?")
    await expect(choice.get_by_role("checkbox")).to_have_count(len(PAGES))
    await choice.get_by_role("checkbox", name=name).check()
    await choice.get_by_role("button", name="Link 1 place").click()
    await expect(page.get_by_role("status").filter(has_text=f"{name} is linked")).to_be_visible()


async def move_in_the_planner(page: Page, due: datetime) -> datetime:
    """The post on X a day or so on by the mouse, then a week on by keys; where it stands then."""
    post = chip(page, "Copper at X")
    days = [await cell.get_attribute("data-drop") or "" for cell in await page.locator("td[data-drop]").all()]
    here = days.index(f"{due:%Y-%m-%d}")
    day = days[here + 1] if here + 1 < len(days) else days[here - 1]
    await drag(page, post, page.locator(f"td[data-drop='{day}']"))
    await expect(page.locator(f"td[data-drop='{day}']").locator("button[data-post]")).to_have_count(1)
    await expect(page.get_by_role("status").filter(has_text="Planned for")).to_be_visible()

    await post.press("m")
    await post.press("ArrowDown")
    async with page.expect_response(is_a_change):
        await post.press("Enter")
    there = datetime.fromisoformat(f"{day}T{due:%H:%M}+00:00") + timedelta(days=7)
    await expect(page.locator(f"td[data-drop='{there:%Y-%m-%d}']").locator("button[data-post]")).to_have_count(1)
    return there


async def watch_it_go_out(world: World, page: Page) -> None:
    """Gives the open post a time that is near, lets that time come, and sees the post go out without a reload."""
    # Less than a minute ahead: from there on the planner watches closely.
    now = datetime.fromisoformat((await world.control("GET", "clock"))["now"])
    if now.second > _LATE_IN_THE_MINUTE:
        clock = await world.control("POST", "clock", {"advance_s": 61 - now.second})
        now = datetime.fromisoformat(clock["now"])
    soon = (now + timedelta(minutes=1)).replace(second=0, microsecond=0)
    dialog = page.get_by_role("dialog", name="Post on X")
    await dialog.get_by_role("button", name="Move").click()
    await dialog.get_by_label("New time").fill(f"{soon:%Y-%m-%dT%H:%M}")
    async with page.expect_response(is_a_change):
        await dialog.get_by_role("button", name="Move").click()
    await expect(dialog.get_by_text("It goes out by itself at its time.")).to_be_visible()
    await world.control("POST", "clock", {"advance_s": (soon - now).total_seconds()})
    await expect(dialog.get_by_text("It is on the platform.")).to_be_visible(timeout=30_000)
    await expect(dialog.get_by_role("link", name="See it on X")).to_be_visible()


async def to_the_month_of(visit: Visit, due: datetime) -> None:
    """Goes on where the planner begins with today and the post stands in the next month."""
    if due.month != (due - timedelta(days=1)).month:
        await visit.tab_to(visit.page.get_by_role("button", name="Next month"))
        await visit.page.keyboard.press("Enter")


async def test_a_merchant_links_writes_plans_publishes_measures_and_unlinks(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """One post for three places, from the link of an account to the numbers of the post and the end of the link."""
    page = visit.page
    places = [{"kind": "page", "name": name} for name in PAGES]
    account = await world.control("POST", "accounts", {"platform": "facebook", "places": places})
    on_x = await linked(world, merchant, "x", display_name="Copper at X")
    on_instagram = await linked(world, merchant, "instagram", display_name="Copper at Instagram")

    await link_a_page(visit, account, "Teapots")

    await page.get_by_role("link", name="New post").click()
    await write(page, "k" * 300, on_x, on_instagram, {"display_name": "Teapots"})
    targets = page.get_by_role("group", name="Where to").get_by_role("listitem")
    await expect(targets.filter(has_text="Copper at X")).to_contain_text("20 too many")
    await expect(targets.filter(has_text="too many")).to_have_count(1)
    await expect(page.get_by_label("Text", exact=True)).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Web address of a picture or video").fill(f"{world.sandbox}/assets/picture.jpg")
    await page.get_by_role("button", name="Add").click()
    await page.get_by_label("Description of file 1").fill("A copper kettle")
    await page.get_by_label("Text", exact=True).fill(TEXT)
    await expect(targets.filter(has_text="too many")).to_have_count(0)
    for place in ("Copper at X, X", "Copper at Instagram, Instagram", "Teapots, Facebook"):
        preview = page.get_by_role("article", name=f"Preview: {place}")
        await expect(preview.get_by_text(TEXT)).to_be_visible()
        await expect(preview.get_by_role("img", name="A copper kettle")).to_be_visible()
    due = await tomorrow(world)
    await at(page, due)
    await expect(page.get_by_text("Ready: nothing speaks against it.")).to_be_visible()
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_role("heading", name="Scheduled at 3 accounts for")).to_be_focused()

    await page.goto(f"/planner?date={due:%Y-%m-%d}")
    await expect(chip(page, TEXT[:10])).to_have_count(3)
    moved = await move_in_the_planner(page, due)
    [post] = [post for post in await posts_of(merchant) if post["platform"] == "x"]
    assert await due_of(merchant, post) == moved
    await chip(page, "Copper at X").click()
    await watch_it_go_out(world, page)

    [live] = [one for one in await posts_of(merchant) if one["platform"] == "x"]
    counted = {"platform": "x", "platform_post_id": live["platform_post_id"], "metrics": {"likes": 41}}
    await world.control("POST", "engagement", counted)
    await page.goto(f"/numbers?view=post&post={live['id']}")
    likes = page.locator("dl.tiles > div").filter(has=page.get_by_text("Likes", exact=True))
    await expect(likes.locator(".value")).to_have_text("41", timeout=40_000)

    await page.goto("/accounts")
    await page.get_by_role("button", name="Unlink Teapots").click()
    dialog = page.get_by_role("dialog", name="Unlink Teapots?")
    await expect(dialog).to_contain_text("1 waiting post will be canceled.")
    await dialog.get_by_role("button", name="Unlink").click()
    await expect(page.get_by_role("status").filter(has_text="Teapots is unlinked.")).to_be_visible()
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_the_whole_way_needs_no_mouse(world: World, visit: Visit, merchant: Merchant) -> None:
    """Link, write, schedule, move and open by keys alone; each stop of the focus can be seen."""
    page, keys = visit.page, visit.page.keyboard
    name = f"Kettle {secrets.token_hex(4)}"
    await world.control("POST", "accounts", {"platform": "x", "display_name": name})
    await page.goto("/accounts")
    await visit.tab_to(page.get_by_role("button", name="Link X"))
    await keys.press("Enter")
    await visit.tab_to(page.get_by_role("radio").first)
    await keys.press("ArrowUp")
    await visit.tab_to(page.get_by_role("button", name="Authorize"))
    await keys.press("Enter")
    await expect(page.get_by_role("status").filter(has_text=f"{name} is linked")).to_be_visible()

    await visit.tab_to(page.get_by_role("link", name="New post"))
    await keys.press("Enter")
    await visit.tab_to(page.get_by_role("checkbox", name=name))
    await keys.press("Space")
    await visit.tab_to(page.get_by_label("Text", exact=True))
    await keys.type(TEXT)
    due = await tomorrow(world)
    await visit.tab_to(page.get_by_label("Date", exact=True))
    await keys.type(f"{due:%m%d%Y}")
    await visit.tab_to(page.get_by_label("Time", exact=True))
    await keys.type(f"{due:%I%M%p}")
    await visit.tab_to(page.get_by_role("button", name="Schedule", exact=True))
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Scheduled at 1 account for")).to_be_focused()
    await visit.tab_to(page.get_by_role("link", name="See it in the planner"))
    await keys.press("Enter")

    await visit.tab_to(page.get_by_role("button", name="List", exact=True))
    await keys.press("Enter")
    [post] = await posts_of(merchant)
    await to_the_month_of(visit, due)
    await visit.tab_to(chip(page, name))
    for key in ("m", "ArrowRight", "Enter"):
        await keys.press(key)
    await expect(page.get_by_role("status").filter(has_text="Planned for")).to_be_visible()
    assert await due_of(merchant, post) == due + timedelta(days=1)
    await expect(chip(page, name)).to_be_focused()
    await keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Post on X")
    await expect(dialog.get_by_text(TEXT)).to_be_visible()
    await keys.press("Escape")
    await expect(chip(page, name)).to_be_focused()
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})
