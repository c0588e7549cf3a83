"""Steps that several acceptance tests take."""

from typing import Any

from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.merchant import Merchant

Json = dict[str, Any]


async def a_linked_merchant(world: World, platform: str = "x", **account: Any) -> tuple[str, Merchant, Json]:
    """A new merchant with one connection: user id, client, connection."""
    user_id, merchant = await world.merchant()
    made = await world.control("POST", "accounts", {"platform": platform, **account})
    return user_id, merchant, await merchant.link(platform, account=made["account_id"])


async def publish_now(merchant: Merchant, connection: Json, text: str, **more: Any) -> Json:
    """One text post that is due now."""
    body = {"content": text, "media": [], "targets": [{"connection_id": connection["id"]}], "mode": "now", **more}
    posts: list[Json] = (await merchant.ask("POST", "publisher", "/v1/posts", body))["posts"]
    return posts[0]


async def until_status(merchant: Merchant, post: Json, status: str, *, within: float = 45) -> Json:
    """The post as soon as it has that status."""

    async def read() -> Json | None:
        now: Json = await merchant.ask("GET", "publisher", f"/v1/posts/{post['id']}")
        return now if now["status"] == status else None

    return await eventually(read, within=within, what=f"post {post['id']} is {status}")


async def on_platform(world: World, platform: str, text: str) -> list[Json]:
    """The posts with that text in the ground truth."""
    posts = (await world.control("GET", "posts", platform=platform))["posts"]
    return [post for post in posts if text in post["text"]]
