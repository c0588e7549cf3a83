"""Input that parses as JSON and still cannot be meant, stored or fetched: a 4xx that names the field, never a 5xx."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.publisher.api_kit import Api, create_test_api
from tests.integration.publisher.kit import NoMedia, World, soon

from social_common.db import Database
from social_common.http import HttpClient, HttpResponse
from social_platforms._core import ErrorCode, MediaItem, PlatformError


class MissingFiles(NoMedia):
    """Media that is not there where its address says so."""

    async def describe(self, item: MediaItem) -> MediaItem:
        """A picture, unless it is missing."""
        if "missing" in item.url:
            raise PlatformError(ErrorCode.MEDIA_REJECTED, "There is no file at this address.")
        return await super().describe(item)


@pytest.fixture
async def merchant(world: World) -> AsyncIterator[Api]:
    """A signed-in merchant; some files are missing."""
    database = Database(world.urls.secret("api"), service="publisher", pool_size=4)
    app = create_test_api(world, database, media=MissingFiles())
    async with HttpClient(asgi_app=app) as http:
        yield Api(http, await world.a_user())
    await database.close()


async def a_target(world: World, merchant: Api) -> dict[str, Any]:
    """A usable place of the merchant's."""
    assert merchant.user_id is not None
    return {"connection_id": str((await world.a_connection(merchant.user_id)).connection_id)}


def fields_of(answer: HttpResponse) -> list[str]:
    """The fields a problem names."""
    return [error["field"] for error in answer.json().get("errors", [])]


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    ["\x00", "\ud800", float("nan"), float("inf"), 2**63, nested(500), "x" * 20_000, {"\x00": 1}],
    ids=["nul", "half-surrogate", "nan", "infinite", "huge", "deep", "long", "nul-key"],
)
async def test_options_that_cannot_be_stored_are_refused(world: World, merchant: Api, value: Any) -> None:
    """Also for a draft, whose options no platform judges."""
    target = await a_target(world, merchant) | {"options": {"title": value}}
    body = json.dumps({"content": "Hello", "targets": [target], "mode": "draft"})

    answer = await merchant.call(
        "POST", "/v1/posts", content=body.encode(), headers={"Content-Type": "application/json"}
    )

    assert (answer.status, fields_of(answer)) == (422, ["body.targets.0.options"])


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1", "1900000000", "2030-01-01T00:00:00"]
)
async def test_times_that_are_none_are_refused(merchant: Api, moment: str) -> None:
    """Outside the calendar, seconds as text, without an offset."""
    answer = await merchant.call("GET", "/v1/posts", params={"from": moment})

    assert (answer.status, fields_of(answer)) == (422, ["query.from"])


async def test_a_nul_in_a_filter_is_refused_by_its_name(merchant: Api) -> None:
    """The database could not compare it."""
    answer = await merchant.call("GET", "/v1/posts", params={"product_id": "a\x00"})

    assert (answer.status, fields_of(answer)) == (422, ["query.product_id"])


@pytest.mark.parametrize("field", ["content", "media", "options"])
async def test_null_takes_only_a_time_away(world: World, merchant: Api, field: str) -> None:
    """`null` for anything but `scheduled_at` is a mistake, not an order to empty the post."""
    body = {"content": "Hello", "targets": [await a_target(world, merchant)], "mode": "draft"}
    [post] = (await merchant.call("POST", "/v1/posts", json=body)).json()["posts"]

    answer = await merchant.call(
        "PATCH", f"/v1/posts/{post['id']}", json={field: None}, headers={"If-Match": str(post["revision"])}
    )

    assert (answer.status, fields_of(answer)) == (422, [f"body.{field}"])


async def test_a_truth_is_no_number_of_hours(merchant: Api) -> None:
    """`true` is not one hour."""
    answer = await merchant.call("PUT", "/v1/settings", json={"catch_up_hours": True, "on_doubt": "ask"})

    assert (answer.status, fields_of(answer)) == (422, ["body.catch_up_hours"])


async def test_validate_refuses_what_create_refuses(world: World, merchant: Api) -> None:
    """A place named twice is a problem of its second naming."""
    target = await a_target(world, merchant)

    answer = (
        await merchant.call(
            "POST", "/v1/posts/validate", json={"content": "Hello", "targets": [target, target], "mode": "now"}
        )
    ).json()

    assert answer["valid"] is False
    assert [[one["field"] for one in each["problems"]] for each in answer["targets"]] == [
        [],
        ["targets.1.connection_id"],
    ]


@pytest.mark.parametrize("field", ["image_url", "video_url"])
async def test_a_file_of_a_product_is_refused_by_the_products_field(world: World, merchant: Api, field: str) -> None:
    """The merchant named a product, not the media of a target; a missing video is told, not left out."""
    product = {
        "id": "sku-1",
        "title": "Copper kettle",
        "price": "12",
        "currency": "EUR",
        "url": "https://shop.test/kettle",
        "image_url": "https://shop.test/kettle.jpg",
        field: "https://shop.test/missing",
    }
    due = (soon(0) + timedelta(hours=1)).isoformat()
    body = {
        "product": product,
        "targets": [await a_target(world, merchant)],
        "scheduled_at": due,
        "mode": "schedule",
    }

    answer = await merchant.call("POST", "/v1/products/share", json=body)

    assert (answer.status, fields_of(answer)) == (422, [f"body.product.{field}"])
