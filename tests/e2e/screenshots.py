"""`make screenshots`: a believable merchant on a stack of its own, and a picture of each screen in docs/screens."""

import asyncio
import io
import secrets
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect
from tests.e2e.chromium import ARGUMENTS, MISSING, find_chromium
from tests.e2e.shop import NAME, TEXTS, cancel, open_places, post, settled, share_a_mug
from tests.e2e.steps import Json, planned
from tests.e2e.visits import SCHEMES, Visit, signed_in
from tests.support.eventually import eventually
from tests.support.kafka import Kafka, running_kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.merchant import Merchant
from social_stack.ports import Ports
from social_stack.up import running_stack

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
_DAYS = 14
_COLORS = 128
_MEASURED = 3  # LinkedIn tells nothing of a member


def main() -> int:
    """Everything from an empty folder to the last picture; 1 where there is no browser."""
    path = find_chromium()
    if path is None:
        print(MISSING, file=sys.stderr)  # noqa: T201
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_kafka() as kafka, tempfile.TemporaryDirectory(prefix="social-screens-") as folder:
        asyncio.run(_on_a_stack(kafka, Path(folder), path))
    print(f"{sum(file.stat().st_size for file in FOLDER.iterdir()) / 1e6:.1f} MB in {FOLDER}")  # noqa: T201
    return 0


async def _on_a_stack(kafka: Kafka, folder: Path, chromium: str) -> None:
    config = StackConfig(
        data_dir=folder,
        ports=Ports.free(),
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_is_embedded=kafka.embedded,
    )
    async with (
        running_stack(config, say=print) as stack,
        HttpClient(user_agent="screenshots", timeout=timedelta(seconds=20)) as http,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        await photograph(World(stack, http, kafka), browser)
        await browser.close()


async def photograph(world: World, browser: Browser) -> None:
    """The empty screens first, then a month goes by, then the full ones."""
    visit = await _window(world, browser)
    await _shoot(visit.page, "sign-in", "/planner")
    await signed_in(world, visit)
    for name in ("planner", "accounts", "numbers", "compose", "share"):
        await _shoot(visit.page, f"{name}-empty", f"/{name}")
    for view in ("week", "list"):
        await _shoot(visit.page, f"planner-{view}-empty", f"/planner?view={view}")
    await visit.page.context.close()

    visit = await _window(world, browser)
    email = f"copper-{secrets.token_hex(3)}@example.com"
    merchant = await signed_in(world, visit, email=email)
    places, failed = await a_month(world, merchant, email)
    await visit.page.context.close()

    visit = await _window(world, browser)
    await signed_in(world, visit, email=email, roles=["operator"])
    await visit.page.clock.set_system_time(await _now(world))
    await _shoot(visit.page, "planner", "/planner")
    await _shoot(visit.page, "planner-week", "/planner?view=week")
    await _shoot(visit.page, "planner-list", "/planner?view=list")
    await _shoot(visit.page, "post", f"/planner?post={failed['id']}")
    await _shoot(visit.page, "accounts", "/accounts")
    await _shoot(visit.page, "numbers", "/numbers")
    await _shoot(visit.page, "numbers-account", f"/numbers?view=account&connection={places['x']['id']}")
    await _shoot(visit.page, "numbers-posts", "/numbers?view=posts")
    await _shoot(visit.page, "operator", "/operator")
    await _compose(visit.page, places)
    await _share(world, visit.page)


async def a_month(world: World, merchant: Merchant, email: str) -> tuple[dict[str, Json], Json]:
    """Places, weeks of posts that went out while followers grew, and what is planned; the places and a failed post."""
    places = await open_places(world, merchant)
    start = (await _now(world)).replace(hour=9, minute=30, second=0, microsecond=0)
    turns = [places[name] for name in ("facebook", "x", "linkedin")]
    followers = {"facebook": 1830, "x": 1840, "instagram": 5210}
    for day in range(1, _DAYS + 1):
        at = start + timedelta(days=day, hours=day % 5, minutes=10 * (day % 4))
        one = None
        if day % 4:
            one = await planned(merchant, turns[day % 3], TEXTS[day % 6], at)
        await _until(world, at + timedelta(seconds=5))
        merchant = await world_again(world, email)
        if one:
            await settled(merchant, one)
        for name, before in followers.items():
            await _grow(world, name, before + 11 * day + (day * 7 + len(name)) % 17)
        await _measured(world, merchant)
        print(f"day {day} of {_DAYS}")  # noqa: T201
    await post(merchant, places["facebook"], TEXTS[3], mode="draft")
    twin = await post(merchant, places["x"], TEXTS[1])
    await settled(merchant, twin)
    failed = await post(merchant, places["x"], TEXTS[1])
    await settled(merchant, failed)
    now = (await _now(world)).replace(hour=9, minute=0, second=0, microsecond=0)
    for number, text in enumerate(TEXTS):
        at = now + timedelta(days=1 + number, hours=2 * number, minutes=15 * number)
        one = await planned(merchant, turns[number % 3], text, at)
        if number == len(TEXTS) - 1:
            await cancel(merchant, one)
    return places, failed


async def world_again(world: World, email: str) -> Merchant:
    """The same merchant with a token of the new day."""
    session = await world.control("POST", "sessions", {"email": email})
    urls = {name: world.stack.environment.api_url(name) for name in ("auth-linker", "publisher", "analytics")}
    return Merchant(world.http, urls, session["access_token"], return_to=f"{world.stack.environment.console_url}/")


async def _now(world: World) -> datetime:
    return datetime.fromisoformat((await world.control("GET", "clock"))["now"])


async def _until(world: World, at: datetime) -> None:
    await world.control("POST", "clock", {"advance_s": (at - await _now(world)).total_seconds()})


async def _grow(world: World, platform: str, followers: int) -> None:
    """Gives the shop's account there that many followers."""
    accounts = (await world.control("GET", "accounts", platform=platform))["accounts"]
    ours = next(one for one in accounts if one["display_name"] == NAME)
    body = {"platform": platform, "account_id": ours["account_id"], "metrics": {"followers": followers}}
    await world.control("POST", "engagement", body)


async def _measured(world: World, merchant: Merchant) -> None:
    """Waits until numbers of this day were collected, of every account that has any."""
    today = f"{await _now(world):%Y-%m-%d}"

    async def are_there() -> bool:
        overview = await merchant.ask("GET", "analytics", "/v1/analytics/overview")
        collected = [one["collected_at"] for one in overview["accounts"] if one["collected_at"]]
        return len(collected) == _MEASURED and all(when.startswith(today) for when in collected)

    await eventually(are_there, within=60, what="numbers of the day")


async def _window(world: World, browser: Browser) -> Visit:
    context = await browser.new_context(
        base_url=world.stack.environment.console_url,
        timezone_id="Europe/Berlin",
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    return Visit.on(await context.new_page())


async def _shoot(page: Page, name: str, path: str | None = None) -> None:
    """One screen in every size, light and dark; the open one without a path."""
    if path:
        await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".bone")).to_have_count(0)
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await page.wait_for_load_state("networkidle")
            _keep(await page.screenshot(), FOLDER / f"{name}-{size}-{scheme}.png")
    await page.set_viewport_size({"width": 1280, "height": 900})


def _keep(picture: bytes, file: Path) -> None:
    """With few colours: flat surfaces lose nothing by it, and the folder stays small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(_COLORS, dither=Image.Dither.NONE).save(file, optimize=True)


async def _compose(page: Page, places: dict[str, Json]) -> None:
    """A text for three places, too long for one of them."""
    await page.goto("/compose")
    for name in ("facebook", "x", "linkedin"):
        await page.locator(f"[id='place-{places[name]['id']}']").check()
    await page.get_by_label("Text", exact=True).fill(" ".join(TEXTS[:4]))
    await expect(page.get_by_text("too many", exact=False).first).to_be_visible()
    await _shoot(page, "compose")


async def _share(world: World, page: Page) -> None:
    """A product, and what comes of it."""
    await page.goto("/share")
    await share_a_mug(page, f"{world.sandbox}/assets/picture.jpg", NAME)
    await expect(page.get_by_role("article").get_by_role("img")).to_be_visible()
    await _shoot(page, "share")


if __name__ == "__main__":
    sys.exit(main())
