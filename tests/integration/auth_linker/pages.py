"""A merchant with Facebook Pages."""

from typing import Any

from tests.integration.auth_linker.world import Json, Merchant, World


async def page_account(world: World, *names: str) -> Json:
    """A person who works on those Pages."""
    return await world.account("facebook", places=[{"kind": "page", "name": name} for name in names])


async def linked_pages(world: World, *names: str) -> tuple[Merchant, Json, list[Json]]:
    """A merchant with all of those Pages connected, in their order."""
    merchant, account = await world.merchant(), await page_account(world, *names)
    landing = await merchant.approve(await merchant.begin("facebook"), account["username"])
    ids = [place["platform_id"] for place in account["places"]]
    answer = await merchant.complete(landing.query["link_code"], ids)
    assert answer.status == 201, answer.text
    found = {connection["platform_id"]: connection for connection in answer.json()["connections"]}
    return merchant, account, [found[platform_id] for platform_id in ids]


async def page_token(world: World, merchant: Merchant, connection: Json, **body: Any) -> Json:
    """What the broker gives for that Page."""
    answer = await world.broker(connection["id"], merchant.user_id, **body)
    assert answer.status == 200, answer.text
    given: Json = answer.json()
    return given
