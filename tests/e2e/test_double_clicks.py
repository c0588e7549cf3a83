"""However often a button is pressed, it does one thing once, and never what stands under the pointer after it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, Request, expect
from tests.e2e.steps import Json, chip, linked, planned, tomorrow, write
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant

PAGES = ("Kettles", "Teapots")
LINKER, POSTS = "/linker/v1/connections", "/publisher/v1/posts"
_ID = re.compile(r"[0-9a-f-]{36}")
_OURS = ("/linker/", "/publisher/", "/analytics/", "/session")
# Reading, checking and staying signed in change nothing.
_HARMLESS = ("/validate", "/session/refresh")


def commands_of(page: Page) -> list[str]:
    """Every call of the page that changes something, as it is sent from now on, without ids."""
    commands: list[str] = []

    def note(request: Request) -> None:
        path = _ID.sub("*", urlsplit(request.url).path)
        if request.method != "GET" and path.startswith(_OURS) and not path.endswith(_HARMLESS):
            commands.append(f"{request.method} {path}")

    page.on("request", note)
    return commands


async def set_state(world: World, post: Json, state: str) -> None:
    """Has a post stand in a state that it would come to by a platform's doing only."""
    async with world.database() as database:
        await database.execute("SET session_replication_role = replica")
        await database.execute(
            "UPDATE retail_b2c.social_posts SET status = $2, due_at = NULL WHERE id = $1", post["id"], state
        )


async def asked_and_answered(page: Page, dialog: Locator, action: str) -> None:
    """A second click that lands on the answer of the question which the first one asked does nothing; then it does."""
    button, back = dialog.get_by_role("button", name=action), dialog.get_by_role("button", name="Back")
    await button.click()
    await expect(back).to_be_visible()
    await button.hover()
    await page.mouse.down(click_count=2)
    await page.mouse.up(click_count=2)
    await expect(back).to_be_visible()
    await button.dblclick()
    await expect(page.get_by_role("button", name="Back")).to_have_count(0)


async def test_accounts_take_a_double_click_for_one(world: World, visit: Visit, merchant: Merchant) -> None:
    """Link, the choice of places, a check, the question before unlinking and its answer, and leaving."""
    page = visit.page
    commands = commands_of(page)
    account = await world.control(
        "POST", "accounts", {"platform": "facebook", "places": [{"kind": "page", "name": name} for name in PAGES]}
    )
    await page.goto("/accounts")
    await page.get_by_role("button", name="Link Facebook").dblclick()
    await page.get_by_role("radio", name=f"@{account['username']}").check()
    await page.get_by_role("button", name="Authorize").click()
    await page.get_by_role("dialog").get_by_role("checkbox", name="Kettles").check()
    await page.get_by_role("button", name="Link 1 place").dblclick()
    await expect(page.get_by_role("status").filter(has_text="Kettles is linked")).to_be_visible()
    await page.get_by_role("button", name="Check now").dblclick()
    await expect(page.get_by_role("status").filter(has_text="was checked")).to_be_visible()
    await page.get_by_role("button", name="Unlink Kettles").dblclick()
    await page.get_by_role("dialog").get_by_role("button", name="Unlink").dblclick()
    await expect(page.get_by_role("status").filter(has_text="Kettles is unlinked.")).to_be_visible()
    await page.get_by_role("button", name="Sign out").dblclick()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    assert commands == [
        f"POST {LINKER}/facebook/authorize",
        f"POST {LINKER}/complete",
        f"POST {LINKER}/complete",
        f"POST {LINKER}/*/refresh",
        f"DELETE {LINKER}/*",
        "DELETE /session",
    ]
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


@pytest.mark.parametrize(
    ("way", "button", "done"), [("Now", "Post now", "On its way"), ("Not yet", "Save draft", "Saved as")]
)
async def test_a_post_takes_a_double_click_for_one(
    world: World, visit: Visit, merchant: Merchant, way: str, button: str, done: str
) -> None:
    """Posted now or kept as a draft, it is one post; the button that writes another is not pressed along."""
    connection = await linked(world, merchant)
    page = visit.page
    commands = commands_of(page)
    await page.goto("/compose")
    await write(page, "Hand-beaten copper", connection)
    await page.get_by_role("radio", name=way).check()

    await page.get_by_role("button", name=button).dblclick()

    await expect(page.get_by_role("heading", name=done)).to_be_visible()
    assert commands == [f"POST {POSTS}"]
    assert visit.complaints == []


async def test_the_planner_takes_a_double_click_for_one(world: World, visit: Visit, merchant: Merchant) -> None:
    """Publish, cancel and resolve ask first, and the second click answers nothing; retry and save are done once."""
    connection = await linked(world, merchant)
    due = await tomorrow(world)
    waiting, canceled, unknown, failed = [
        await planned(merchant, connection, f"Kettle number {number}", due + timedelta(hours=number))
        for number in range(4)
    ]
    await set_state(world, failed, "failed")
    await set_state(world, unknown, "unknown")
    page = visit.page
    commands = commands_of(page)
    await page.goto(f"/planner?view=list&date={due:%Y-%m-%d}")
    dialog = page.get_by_role("dialog", name="Post on X")
    for post, action in ((waiting, "Publish now"), (canceled, "Cancel the post"), (unknown, "It is there")):
        await chip(page, post["content"]).click()
        await asked_and_answered(page, dialog, action)
        await dialog.get_by_role("button", name="Close", exact=True).click()
    await chip(page, failed["content"]).click()
    await dialog.get_by_role("button", name="Retry").dblclick()
    await expect(dialog.get_by_text("It is tried again now.")).to_be_visible()
    await dialog.get_by_role("button", name="Close", exact=True).click()
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="Save").dblclick()
    await expect(page.get_by_text("Your settings are saved.")).to_be_visible()

    assert commands == [
        f"POST {POSTS}/*/publish",
        f"DELETE {POSTS}/*",
        f"POST {POSTS}/*/resolve",
        f"POST {POSTS}/*/retry",
        "PUT /publisher/v1/settings",
    ]
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})
