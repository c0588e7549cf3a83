"""A believable shop: a merchant with linked places, and posts in every state that a person meets."""

from datetime import datetime, timedelta

from playwright.async_api import Page
from tests.e2e.steps import Json, linked, planned, posts_of
from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.merchant import Merchant

NAME = "Copper & Co. Kitchenware"
TEXTS = (
    "Back in stock: the copper kettle that whistles in tune. Only forty of them this month.",
    "Three ways to brew in the morning, and why water just off the boil is kinder to green tea.",
    "Our enamel mugs come in four new colours. Which one would you take to the garden?",
    "Ask us anything about cast iron. We answer until six.",
    "From sheet to spout in eleven steps: how a kettle is made in our workshop.",
    "Sunday opening: come by from ten to four, the waffle iron is hot.",
)


async def open_places(world: World, merchant: Merchant) -> dict[str, Json]:
    """Links a Page, an account of X, one of Instagram and a member of LinkedIn; each by its platform."""
    page = [{"kind": "page", "name": NAME}]
    return {
        "facebook": await linked(world, merchant, "facebook", display_name=NAME, places=page),
        "x": await linked(world, merchant, "x", display_name=NAME, followers=1840),
        "instagram": await linked(world, merchant, "instagram", display_name=NAME, followers=5210),
        "linkedin": await linked(world, merchant, "linkedin", display_name=NAME),
    }


async def post(merchant: Merchant, place: Json, text: str, *, mode: str = "now") -> Json:
    """A post that goes out at once, or a draft."""
    body = {"content": text, "targets": [{"connection_id": place["id"]}], "mode": mode}
    posts: list[Json] = (await merchant.ask("POST", "publisher", "/v1/posts", body))["posts"]
    return posts[0]


async def cancel(merchant: Merchant, one: Json) -> None:
    """Takes a planned post back."""
    headers = {"If-Match": f'"{one["revision"]}"'}
    answer = await merchant.call("DELETE", "publisher", f"/v1/posts/{one['id']}", headers=headers)
    assert answer.status // 100 == 2, answer.text


async def one_of_each(world: World, merchant: Merchant) -> tuple[dict[str, Json], dict[str, Json]]:
    """Places by platform and posts by state: published, failed, planned, draft and canceled. No clock is moved."""
    places = await open_places(world, merchant)
    now = datetime.fromisoformat((await world.control("GET", "clock"))["now"])
    made = {
        "published": await post(merchant, places["facebook"], TEXTS[0]),
        "twin": await post(merchant, places["x"], TEXTS[1]),
        "scheduled": await planned(merchant, places["linkedin"], TEXTS[2], now + timedelta(days=2)),
        "draft": await post(merchant, places["facebook"], TEXTS[3], mode="draft"),
        "canceled": await planned(merchant, places["x"], TEXTS[4], now + timedelta(days=3)),
    }
    await cancel(merchant, made["canceled"])
    await settled(merchant, made["published"], made["twin"])
    # X takes no text twice within an hour.
    made["failed"] = await post(merchant, places["x"], TEXTS[1])
    await settled(merchant, made["failed"])
    return places, made


async def share_a_mug(page: Page, picture: str, place: str) -> None:
    """Fills the form of a product, and chooses a place for it."""
    product = {
        "id": "mug-1",
        "title": "Enamel mug",
        "description": "Holds 0.4 litres, survives the garden and every camping trip.",
        "price": "14.50",
        "currency": "EUR",
        "url": "https://seftec.store/products/mug-1",
        "image_url": picture,
    }
    for name, text in product.items():
        await page.locator(f"form #{name}").fill(text)
    await page.get_by_role("button", name="Show what would be shared").click()
    await page.get_by_role("checkbox", name=place).first.check()


async def settled(merchant: Merchant, *posts: Json) -> None:
    """Waits until those posts stand on their platform or were refused."""
    ids = {one["id"] for one in posts}

    async def are_done() -> bool:
        there = [one for one in await posts_of(merchant) if one["id"] in ids]
        return all(one["status"] not in {"scheduled", "publishing"} for one in there)

    await eventually(are_done, within=60, what="the posts are out")
