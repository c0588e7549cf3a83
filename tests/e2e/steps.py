"""What several browser tests prepare by the API, and the words they find things by."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Locator, Page
from tests.support.stack import World

from social_stack.merchant import Merchant

Json = dict[str, Any]


async def linked(world: World, merchant: Merchant, platform: str = "x", **account: Any) -> Json:
    """A place of a new account of that platform."""
    body = {"platform": platform, "display_name": f"Kettle {secrets.token_hex(4)}", **account}
    made = await world.control("POST", "accounts", body)
    return await merchant.link(platform, account=made["account_id"])


async def planned(merchant: Merchant, connection: Json, text: str, at: datetime) -> Json:
    """A post that waits for its time."""
    body = {
        "content": text,
        "targets": [{"connection_id": connection["id"]}],
        "mode": "schedule",
        "scheduled_at": at.isoformat(),
    }
    posts: list[Json] = (await merchant.ask("POST", "publisher", "/v1/posts", body))["posts"]
    return posts[0]


async def posts_of(merchant: Merchant) -> list[Json]:
    """All posts, as the API tells them."""
    posts: list[Json] = (await merchant.ask("GET", "publisher", "/v1/posts?limit=100"))["posts"]
    return posts


async def due_of(merchant: Merchant, post: Json) -> datetime:
    """When the post is due now."""
    now = await merchant.ask("GET", "publisher", f"/v1/posts/{post['id']}")
    return datetime.fromisoformat(now["scheduled_at"])


async def tomorrow(world: World) -> datetime:
    """Half past ten of the stack's next day, which is a day to come for every clock."""
    now = datetime.fromisoformat((await world.control("GET", "clock"))["now"])
    return (now + timedelta(days=1)).replace(hour=10, minute=30, second=0, microsecond=0)


def chip(page: Page, words: str) -> Locator:
    """The post in the planner that has those words in its text or its place's name."""
    return page.locator("button[data-post]").filter(has_text=words)


async def write(page: Page, text: str, *places: Json) -> None:
    """Fills the composer that is open."""
    for place in places:
        await page.get_by_role("checkbox", name=place["display_name"]).check()
    await page.get_by_label("Text", exact=True).fill(text)


async def at(page: Page, due: datetime) -> None:
    """Gives the post that is being written its time."""
    await page.get_by_label("Date", exact=True).fill(f"{due:%Y-%m-%d}")
    await page.get_by_label("Time", exact=True).fill(f"{due:%H:%M}")
