"""What people and platforms put into the screens that nobody meant: too much, too often, broken, and code for text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.async_api import Locator, Page, expect
from tests.e2e.steps import at, linked, posts_of, tomorrow, write
from tests.e2e.visits import Visit
from tests.support.stack import World

from social_stack.merchant import Merchant

SCRIPT = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
FAMILY = "👨‍👩‍👧‍👦"
LONGEST = 100_000
HUGE = 200_000_000
PAGES = ("Kettles", "Teapots")
_NOTHING_THERE = re.compile("This post is gone|This is not here any more")
# What the browser itself notes about an address that names nothing.
_REFUSED = "status of 4"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the test's window writes down what matters."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a web server for the files of a folder, while it runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()


def targets(page: Page) -> Locator:
    """The places to choose from in the composer."""
    return page.get_by_role("group", name="Where to").get_by_role("listitem")


async def test_a_hundred_thousand_signs_are_counted_and_typing_goes_on(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """Pasted at once: counted as the platform counts, marked and said in words; keys then ask no server anything."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/compose")
    await write(page, "", connection)
    text = page.get_by_label("Text", exact=True)
    await text.focus()

    await page.keyboard.insert_text("k" * LONGEST)
    await expect(targets(page)).to_contain_text("99,720 too many")
    await expect(text).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("Ready: nothing speaks against it.")).to_have_count(0)
    asked = len(visit.requests)
    await page.keyboard.type("and twenty keys more", delay=0)
    await expect(page.get_by_text("This text has more than 100,000 characters")).to_be_visible()

    assert len(await text.input_value()) == LONGEST + 20
    assert len(await page.get_by_role("article").inner_text()) < 4_000
    assert len(visit.requests) == asked
    await text.fill(FAMILY * 140)
    await expect(targets(page)).to_contain_text("280 / 280")
    await text.fill(FAMILY * 141)
    await expect(targets(page)).to_contain_text("2 too many")
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_a_huge_and_a_broken_picture_are_refused_in_words(
    world: World, visit: Visit, merchant: Merchant, tmp_path: Path
) -> None:
    """200 MB and a file that is no picture: said at the file, never loaded into the page, and nothing is sent."""
    connection = await linked(world, merchant)
    picture = (await world.http.request("GET", f"{world.sandbox}/assets/picture.jpg")).content
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.write(picture)
        file.truncate(HUGE)
    (tmp_path / "broken.jpg").write_bytes(picture[:200] + b"no picture")
    page = visit.page
    await page.goto("/compose")
    await at(page, await tomorrow(world))
    address = page.get_by_label("Web address of a picture or video")
    with served(tmp_path) as files:
        for name, words in (("huge", "The file has"), ("broken", "The picture is damaged")):
            await address.fill(f"{files}/{name}.jpg")
            await page.get_by_role("button", name="Add").click()
            await write(page, f"Hand-beaten copper, {name}", connection)
            await expect(page.get_by_text(words).first).to_be_visible()
            await page.get_by_role("button", name="Schedule", exact=True).click()
            await expect(page.get_by_role("alert").filter(has_text="Mend what is marked first")).to_be_visible()
            await page.get_by_role("button", name="Remove file 1").click()

    assert await posts_of(merchant) == []
    assert not any(".jpg" in url for url in visit.requests)
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def fill_everything(page: Page, words: str) -> int:
    """Puts the words into every field for text that is shown; how many there are."""
    fields = page.locator("main").locator("textarea, input:not([type]), input[type=text]")
    await fields.first.wait_for()
    shown = [field for field in await fields.all() if await field.is_editable()]
    for field in shown:
        await field.fill(words)
    return len(shown)


async def test_code_in_any_field_is_text(world: World, visit: Visit, merchant: Merchant) -> None:
    """Texts, variants, descriptions, platforms' own options, names of places, products, templates and addresses."""
    page = visit.page
    places = [
        await linked(world, merchant, "facebook", places=[{"kind": "page", "name": SCRIPT}]),
        await linked(world, merchant, "youtube"),
        await linked(world, merchant, "google"),
    ]
    await page.goto("/compose")
    for place in places:
        await page.locator(f"[id='place-{place['id']}']").check()
        await page.locator(f"[aria-controls='own-{place['id']}']").click()
        await page.locator(f"[id='own-content-{place['id']}']").check()
    await page.get_by_label("Web address of a picture or video").first.fill(f"{world.sandbox}/assets/picture.jpg")
    await page.get_by_role("button", name="Add").first.click()
    await page.get_by_label("Description of file 1").wait_for()
    assert await fill_everything(page, SCRIPT) >= 7
    preview = page.get_by_role("article")
    for index in range(len(places)):
        await expect(preview.nth(index).locator(".words")).to_have_text(SCRIPT)
    await expect(page.get_by_role("img", name=SCRIPT).first).to_be_visible()

    await page.goto("/share")
    await fill_everything(page, SCRIPT)
    product = {"price": "9", "currency": "EUR", "url": "https://a.example/b", "image_url": "https://a.example/c.jpg"}
    for name, value in product.items():
        await page.locator(f"#{name}").fill(value)
    await page.get_by_role("button", name="Show what would be shared").click()
    await expect(page.get_by_role("heading", name=SCRIPT)).to_be_visible()
    await page.locator(f"[id='place-{places[0]['id']}']").check()
    await page.get_by_label("Text of the posts").fill(f"{{title}} {SCRIPT}")
    await expect(preview.locator(".words")).to_have_text(f"{SCRIPT} {SCRIPT}")
    for path in (f"/planner?view={SCRIPT}&date={SCRIPT}&post={SCRIPT}", f"/numbers?view=account&connection={SCRIPT}"):
        await page.goto(path)
        await expect(page.get_by_text(_NOTHING_THERE).first).to_be_visible()

    assert "run" not in await page.title()
    assert await page.locator("img[src=x]").count() == 0
    assert [one for one in visit.complaints if _REFUSED not in one] == []
    assert visit.hosts == {"localhost"}


async def test_a_dialog_holds_the_focus_and_gives_it_back(world: World, visit: Visit, merchant: Merchant) -> None:
    """Opened by a key, no Tab leads out of it; Escape, however often, leaves everything as it was."""
    connection = await linked(world, merchant)
    page = visit.page
    await page.goto("/accounts")
    button = page.get_by_role("button", name=f"Unlink {connection['display_name']}")
    dialog = page.get_by_role("dialog", name=f"Unlink {connection['display_name']}?")
    for keys in (("Escape",), ("Escape", "Escape"), ("Enter",)):
        await button.press("Enter")
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        await visit.tab_to(dialog.get_by_role("button", name="Unlink"))
        await visit.tab_to(dialog.get_by_role("button", name="Cancel"))
        for key in keys:
            await page.keyboard.press(key)
        await expect(dialog).to_have_count(0)
        await expect(button).to_be_focused()

    await expect(page.get_by_text("1 place to publish")).to_be_visible()
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})


async def test_back_from_the_choice_of_places_links_nothing_by_itself(
    world: World, visit: Visit, merchant: Merchant
) -> None:
    """The consent page is used up and says so; the accounts page is as before, and linking begins anew."""
    account = await world.control(
        "POST", "accounts", {"platform": "facebook", "places": [{"kind": "page", "name": name} for name in PAGES]}
    )
    page = visit.page
    for turn in ("first", "second"):
        await page.goto("/accounts")
        await page.get_by_role("button", name="Link Facebook").click()
        await page.get_by_role("radio", name=f"@{account['username']}").check()
        await page.get_by_role("button", name="Authorize").click()
        await expect(page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(len(PAGES))
        if turn == "first":
            await page.go_back()
            await expect(page.get_by_role("button", name="Authorize")).to_be_visible()
            assert (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"] == []
    await page.get_by_role("dialog").get_by_role("checkbox", name="Teapots").check()
    await page.get_by_role("button", name="Link 1 place").click()

    await expect(page.get_by_role("status").filter(has_text="Teapots is linked")).to_be_visible()
    assert (visit.complaints, visit.hosts) == ([], {"localhost"})
