"""The API of posts: what it takes, what it refuses and by which field, and what it changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.publisher.api_kit import Api, create_test_api
from tests.integration.publisher.kit import NoMedia, World, soon

from publisher.projections.repository import Connection
from social_common.db import Database
from social_common.http import HttpClient, HttpResponse
from social_platforms._core import (
    ErrorCode,
    Live,
    MediaItem,
    OutcomeUnknown,
    PlatformError,
    PostRef,
    Sighting,
    SightingKind,
)


def a_body(*connections: Connection, **changes: Any) -> dict[str, Any]:
    """A create call that is fine."""
    known: dict[str, Any] = {
        "content": "New mugs are here",
        "media": [],
        "targets": [{"connection_id": str(one.connection_id)} for one in connections],
        "scheduled_at": soon(3600).isoformat(),
        "mode": "schedule",
    }
    return known | changes


async def a_merchant(world: World, api: Api, **changes: Any) -> tuple[Api, Connection]:
    """A signed-in merchant with a place to publish."""
    user_id = await world.a_user()
    return api.as_merchant(user_id), await world.a_connection(user_id, **changes)


async def a_created_post(world: World, api: Api, **changes: Any) -> tuple[Api, dict[str, Any]]:
    """A post made through the API."""
    merchant, connection = await a_merchant(world, api)
    answer = await merchant.call("POST", "/v1/posts", json=a_body(connection, **changes))
    assert answer.status == 201, answer.text
    return merchant, answer.json()["posts"][0]


def fields_of(answer: HttpResponse) -> list[str]:
    """The fields a problem names."""
    return [error["field"] for error in answer.json().get("errors", [])]


async def test_a_campaign_is_all_its_posts(world: World, api: Api) -> None:
    """One post per target, one campaign, an event each."""
    user_id = await world.a_user()
    merchant = api.as_merchant(user_id)
    places = [await world.a_connection(user_id) for _ in range(3)]

    answer = await merchant.call("POST", "/v1/posts", json=a_body(*places))

    body = answer.json()
    assert answer.status == 201
    assert {post["campaign_id"] for post in body["posts"]} == {body["campaign_id"]}
    assert [post["status"] for post in body["posts"]] == ["scheduled"] * 3
    for post in body["posts"]:
        [(topic, told)] = await world.events(post["id"])
        assert (topic, told["kind"], told["revision"]) == ("post.scheduled", "text", post["revision"])


async def test_one_bad_target_makes_nothing_of_the_campaign(world: World, api: Api) -> None:
    """An unknown connection is named, and no row is left."""
    merchant, connection = await a_merchant(world, api)
    body = a_body(connection)
    body["targets"].append({"connection_id": str(uuid4())})

    answer = await merchant.call("POST", "/v1/posts", json=body)

    assert (answer.status, fields_of(answer)) == (404, ["body.targets.1.connection_id"])
    assert await world.sql("SELECT 1 FROM retail_b2c.social_posts") == []


async def test_another_merchants_connection_does_not_exist(world: World, api: Api) -> None:
    """A foreign connection is as unknown as an invented one."""
    merchant, _ = await a_merchant(world, api)
    foreign = await world.a_connection(await world.a_user())

    answer = await merchant.call("POST", "/v1/posts", json=a_body(foreign))

    assert (answer.status, fields_of(answer)) == (404, ["body.targets.0.connection_id"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scheduled_at": "2030-01-01T10:00:00"}, "body.scheduled_at"),
        ({"scheduled_at": 1_900_000_000}, "body.scheduled_at"),
        ({"scheduled_at": "2001-01-01T10:00:00Z"}, "body.scheduled_at"),
        ({"scheduled_at": "9999-01-01T10:00:00Z"}, "body.scheduled_at"),
        ({"scheduled_at": None}, "body.scheduled_at"),
        ({"mode": "now"}, "body.scheduled_at"),
        ({"mode": "later"}, "body.mode"),
        ({"content": 7}, "body.content"),
        ({"content": "x" * 281}, "body.content"),
        ({"targets": []}, "body.targets"),
        ({"media": [{"url": "ftp://example.test/a.jpg"}]}, "body.media.0.url"),
        ({"surprise": 1}, "body.surprise"),
    ],
)
async def test_bad_input_is_refused_by_its_field(world: World, api: Api, changes: dict[str, Any], field: str) -> None:
    """422 with the field's name, and nothing is stored."""
    merchant, connection = await a_merchant(world, api)

    answer = await merchant.call("POST", "/v1/posts", json=a_body(connection, **changes))

    assert (answer.status, fields_of(answer)) == (422, [field])
    assert answer.headers["content-type"] == "application/problem+json"
    assert await world.sql("SELECT 1 FROM retail_b2c.social_posts") == []


async def test_a_connection_that_is_down_takes_drafts_only(world: World, api: Api) -> None:
    """409 connection_not_usable for a plan, 201 for a draft."""
    merchant, connection = await a_merchant(world, api, is_usable=False)

    planned = await merchant.call("POST", "/v1/posts", json=a_body(connection))
    draft = await merchant.call("POST", "/v1/posts", json=a_body(connection, mode="draft"))

    assert (planned.status, planned.json()["code"]) == (409, "connection_not_usable")
    assert (draft.status, draft.json()["posts"][0]["status"]) == (201, "draft")


async def test_a_refusal_is_the_answer_of_its_key(world: World, api: Api) -> None:
    """Whoever was refused with a key gets the same refusal by it again, also where the request would go through now."""
    merchant, connection = await a_merchant(world, api)
    body, key = a_body(connection, scheduled_at=soon(20).isoformat()), {"Idempotency-Key": "k-2"}
    await world.advance(timedelta(seconds=60))

    refused = await merchant.call("POST", "/v1/posts", json=body, headers=key)
    await world.advance(timedelta(seconds=-60))
    again = await merchant.call("POST", "/v1/posts", json=body, headers=key)

    assert refused.status == again.status == 422
    assert fields_of(again) == ["body.scheduled_at"]
    assert again.json() == refused.json()
    assert again.headers["content-type"] == refused.headers["content-type"] == "application/problem+json"


class PatientPictures(NoMedia):
    """Pictures that somebody waits for."""

    def __init__(self) -> None:
        self.are_wanted = asyncio.Event()
        self.are_there = asyncio.Event()

    async def describe(self, item: MediaItem) -> MediaItem:
        """A picture, once it is there."""
        self.are_wanted.set()
        await self.are_there.wait()
        return await super().describe(item)


async def test_one_key_has_one_answer_although_a_slower_request_has_it_too(world: World) -> None:
    """The same request twice at once, and its time passes for one of them: what was refused is not made after all."""
    pictures = PatientPictures()
    database = Database(world.urls.secret("api"), service="publisher", pool_size=4)
    async with HttpClient(asgi_app=create_test_api(world, database, media=pictures)) as http:
        merchant, connection = await a_merchant(world, Api(http))
        media = [{"url": "https://shop.example.com/mug.jpg", "alt_text": "A mug"}]
        body, key = a_body(connection, media=media, scheduled_at=soon(20).isoformat()), {"Idempotency-Key": "k-3"}
        slow = asyncio.create_task(merchant.call("POST", "/v1/posts", json=body, headers=key))
        await pictures.are_wanted.wait()
        await world.advance(timedelta(seconds=60))

        quick = await merchant.call("POST", "/v1/posts", json=body, headers=key)
        pictures.are_there.set()
        answers = [quick, await slow]
        listed = (await merchant.call("GET", "/v1/posts")).json()["posts"]
    await database.close()

    assert [answer.status for answer in answers] == [422, 422]
    assert listed == []


class CountedPictures(NoMedia):
    """Pictures, and how often each was fetched; one of them is not there at first."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    async def describe(self, item: MediaItem) -> MediaItem:
        """A picture."""
        self.fetched.append(item.url[-5:])
        if self.fetched.count("late.") == 1 and item.url.endswith("late."):
            raise PlatformError(ErrorCode.MEDIA_REJECTED, "Not there.", retryable=True)
        return await super().describe(item)


async def test_checking_while_somebody_types_fetches_a_file_once(world: World) -> None:
    """What was seen is not fetched for every check, what was not there is; creating looks at all of it itself."""
    pictures = CountedPictures()
    database = Database(world.urls.secret("api"), service="publisher", pool_size=4)
    async with HttpClient(asgi_app=create_test_api(world, database, media=pictures)) as http:
        merchant, connection = await a_merchant(world, Api(http))
        media = [{"url": f"https://shop.example.com/{name}", "alt_text": "A mug"} for name in ("a.jpg", "late.")]
        body = a_body(connection, media=media)
        problems = []
        for text in ("A", "A m", "A mug"):
            answer = await merchant.call("POST", "/v1/posts/validate", json=body | {"content": text})
            problems.append(len(answer.json()["targets"][0]["problems"]))
        checked = list(pictures.fetched)
        created = await merchant.call("POST", "/v1/posts", json=body, headers={"Idempotency-Key": "k-9"})
    await database.close()

    assert problems == [1, 0, 0]
    assert sorted(checked) == ["a.jpg", "late.", "late."]
    assert created.status == 201
    assert sorted(pictures.fetched[len(checked) :]) == ["a.jpg", "late."]


async def test_a_repeated_key_gets_the_first_answer(world: World, api: Api) -> None:
    """Same key, same body: same posts. Same key, other body: 409."""
    merchant, connection = await a_merchant(world, api)
    body, key = a_body(connection), {"Idempotency-Key": "k-1"}

    first = await merchant.call("POST", "/v1/posts", json=body, headers=key)
    again = await merchant.call("POST", "/v1/posts", json=body, headers=key)
    other = await merchant.call("POST", "/v1/posts", json=body | {"content": "Other"}, headers=key)

    assert first.json() == again.json()
    assert (other.status, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(await world.sql("SELECT 1 FROM retail_b2c.social_posts")) == 1


async def test_now_is_due_now(world: World, api: Api) -> None:
    """Mode now goes out with the next claim."""
    _, post = await a_created_post(world, api, mode="now", scheduled_at=None)

    await world.work_due()

    assert (await world.post(post["id"]))["status"] == "published"


async def test_a_foreign_post_is_a_404_everywhere(world: World, api: Api) -> None:
    """No verb tells that it exists."""
    _, post = await a_created_post(world, api)
    stranger = api.as_merchant(await world.a_user())
    path, match = f"/v1/posts/{post['id']}", {"If-Match": f'"{post["revision"]}"'}

    answers = [
        await stranger.call("GET", path),
        await stranger.call("GET", f"{path}/attempts"),
        await stranger.call("PATCH", path, json={"content": "mine"}, headers=match),
        await stranger.call("DELETE", path, headers=match),
        await stranger.call("POST", f"{path}/publish"),
        await stranger.call("POST", f"{path}/retry"),
        await stranger.call("POST", f"{path}/resolve", json={"outcome": "published"}),
    ]

    assert {answer.status for answer in answers} == {404}


async def test_changes_need_the_revision(world: World, api: Api) -> None:
    """428 without If-Match, 412 with an old one, 422 with nonsense."""
    merchant, post = await a_created_post(world, api)
    path = f"/v1/posts/{post['id']}"

    missing = await merchant.call("PATCH", path, json={"content": "x"})
    old = await merchant.call("PATCH", path, json={"content": "x"}, headers={"If-Match": '"1"'})
    nonsense = await merchant.call("DELETE", path, headers={"If-Match": '"abc"'})

    assert (missing.status, old.status, nonsense.status) == (428, 412, 422)


async def test_a_patched_text_is_what_goes_out(world: World, api: Api) -> None:
    """The change keeps the status, bumps the revision and discards what was prepared."""
    merchant, post = await a_created_post(world, api, mode="now", scheduled_at=None)
    engine = world.engine()
    [claim] = await engine.claim_due(5)
    match = {"If-Match": f'"{post["revision"]}"'}

    answer = await merchant.call("PATCH", f"/v1/posts/{post['id']}", json={"content": "Better"}, headers=match)
    await engine.due.handle(claim)
    await world.work_due(engine)

    assert (answer.status, answer.json()["status"]) == (200, "scheduled")
    assert answer.json()["revision"] > post["revision"]
    assert [text for _, text in world.platform.public] == ["Better"]


async def test_unscheduling_makes_a_draft(world: World, api: Api) -> None:
    """scheduled_at null: draft, and post.canceled with unscheduled."""
    merchant, post = await a_created_post(world, api)
    match = {"If-Match": f'"{post["revision"]}"'}

    answer = await merchant.call("PATCH", f"/v1/posts/{post['id']}", json={"scheduled_at": None}, headers=match)

    topics = [(topic, told.get("reason")) for topic, told in await world.events(post["id"])]
    assert answer.json()["status"] == "draft"
    assert topics == [("post.scheduled", None), ("post.canceled", "unscheduled")]


async def test_rescheduling_tells_the_new_time(world: World, api: Api) -> None:
    """A draft gets a time and is scheduled; a past time is refused."""
    merchant, post = await a_created_post(world, api, mode="draft", scheduled_at=None)
    path, match = f"/v1/posts/{post['id']}", {"If-Match": f'"{post["revision"]}"'}

    past = await merchant.call("PATCH", path, json={"scheduled_at": "2001-01-01T00:00:00Z"}, headers=match)
    planned = await merchant.call("PATCH", path, json={"scheduled_at": soon(900).isoformat()}, headers=match)

    assert (past.status, planned.json()["status"]) == (422, "scheduled")
    assert [topic for topic, _ in await world.events(post["id"])] == ["post.scheduled"]


async def test_delete_cancels_removes_or_hides(world: World, api: Api) -> None:
    """Waiting: cancelled, then gone. Published: hidden from lists, still there by id."""
    merchant, post = await a_created_post(world, api)
    path = f"/v1/posts/{post['id']}"

    await merchant.call("DELETE", path, headers={"If-Match": f'"{post["revision"]}"'})
    canceled = (await merchant.call("GET", path)).json()
    gone = await merchant.call("DELETE", path, headers={"If-Match": f'"{canceled["revision"]}"'})
    again, live = await a_created_post(world, api, mode="now", scheduled_at=None)
    await world.work_due()
    shown = (await again.call("GET", f"/v1/posts/{live['id']}")).json()
    await again.call("DELETE", f"/v1/posts/{live['id']}", headers={"If-Match": f'"{shown["revision"]}"'})

    assert (canceled["status"], gone.status) == ("canceled", 204)
    assert (await merchant.call("GET", path)).status == 404
    assert (await again.call("GET", "/v1/posts")).json()["posts"] == []
    assert (await again.call("GET", f"/v1/posts/{live['id']}")).status == 200


async def test_a_post_in_an_attempt_cannot_be_changed(world: World, api: Api) -> None:
    """409 for every command while it is publishing."""
    merchant, post = await a_created_post(world, api, mode="now", scheduled_at=None)

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    await world.work_due()
    shown = (await merchant.call("GET", f"/v1/posts/{post['id']}")).json()
    path, match = f"/v1/posts/{post['id']}", {"If-Match": f'"{shown["revision"]}"'}

    answers = [
        await merchant.call("PATCH", path, json={"content": "x"}, headers=match),
        await merchant.call("DELETE", path, headers=match),
        await merchant.call("POST", f"{path}/publish"),
        await merchant.call("POST", f"{path}/retry"),
        await merchant.call("POST", f"{path}/resolve", json={"outcome": "published"}),
    ]

    assert (shown["status"], shown["step"]) == ("publishing", "settling")
    assert {(answer.status, answer.json()["code"]) for answer in answers} == {(409, "conflict")}


async def an_unknown_post(world: World, api: Api) -> tuple[Api, dict[str, Any]]:
    """A post that nobody can tell about."""
    merchant, post = await a_created_post(world, api, mode="now", scheduled_at=None)

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    await world.work_due()
    await world.work_looks(rounds=5)
    shown = (await merchant.call("GET", f"/v1/posts/{post['id']}")).json()
    assert shown["status"] == "unknown"
    return merchant, shown


async def test_retrying_an_unknown_post_reads_back_first(world: World, api: Api) -> None:
    """It is found: published, nothing is sent."""
    merchant, post = await an_unknown_post(world, api)
    found = Sighting(SightingKind.LIVE, live=Live("p5", "https://example.test/5"))
    world.platform.next_looks.append(found)

    answer = await merchant.call("POST", f"/v1/posts/{post['id']}/retry")

    assert (answer.status, answer.json()["status"], answer.json()["platform_post_id"]) == (200, "published", "p5")
    assert world.platform.calls.count("publish") == 1


async def test_an_unknown_post_is_sent_again_only_when_confirmed(world: World, api: Api) -> None:
    """409 without the confirmation; with it, sent once more and marked."""
    merchant, post = await an_unknown_post(world, api)
    path = f"/v1/posts/{post['id']}/retry"

    asked = await merchant.call("POST", path)
    confirmed = await merchant.call("POST", path, json={"confirm_may_duplicate": True})
    await world.work_due()

    assert (asked.status, "confirm_may_duplicate" in asked.json()["action"]) == (409, True)
    assert confirmed.json()["status"] == "scheduled"
    told = [data for topic, data in await world.events(post["id"]) if topic == "post.published"]
    assert [data["may_be_duplicate"] for data in told] == [True]


async def test_a_retry_that_cannot_look_sends_nothing(world: World, api: Api) -> None:
    """Without reading the account nothing is sent, confirmed or not."""
    merchant, post = await an_unknown_post(world, api)
    world.platform.next_looks.append(RuntimeError("garbage"))

    answer = await merchant.call("POST", f"/v1/posts/{post['id']}/retry", json={"confirm_may_duplicate": True})

    assert (answer.status, "Retry-After" in answer.headers) == (503, True)


@pytest.mark.parametrize(("outcome", "status"), [("published", "published"), ("not_published", "failed")])
async def test_the_merchants_word_resolves_a_doubt(world: World, api: Api, outcome: str, status: str) -> None:
    """The post, the event and the ledger say what the merchant said."""
    merchant, post = await an_unknown_post(world, api)
    body = {"outcome": outcome, "permalink": "https://example.test/there"}

    answer = await merchant.call("POST", f"/v1/posts/{post['id']}/resolve", json=body)

    [attempt] = (await merchant.call("GET", f"/v1/posts/{post['id']}/attempts")).json()["attempts"]
    topic, told = (await world.events(post["id"]))[-1]
    assert answer.json()["status"] == status
    assert attempt["outcome"] == "resolved"
    assert told.get("settled_by", told.get("status")) in {"merchant", "failed"}
    assert topic == f"post.{status}"


async def test_attempts_never_show_their_handle(world: World, api: Api) -> None:
    """The ledger is readable, the handle is not."""
    merchant, post = await a_created_post(world, api, mode="now", scheduled_at=None)
    await world.work_due()

    answer = await merchant.call("GET", f"/v1/posts/{post['id']}/attempts")

    [attempt] = answer.json()["attempts"]
    assert (attempt["number"], attempt["outcome"]) == (1, "live")
    assert "handle" not in answer.text
    assert "container" not in answer.text


async def test_pages_cover_every_post_once(world: World, api: Api) -> None:
    """Newest first, no overlap, and a cursor that nobody else signed is refused."""
    user_id = await world.a_user()
    merchant, connection = api.as_merchant(user_id), await world.a_connection(user_id)
    made = []
    for number in range(7):
        answer = await merchant.call("POST", "/v1/posts", json=a_body(connection, content=f"Post {number}"))
        made.append(answer.json()["posts"][0]["id"])

    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await merchant.call("GET", "/v1/posts", params=params)).json()
        seen += [post["id"] for post in page["posts"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    bad = await merchant.call("GET", "/v1/posts", params={"cursor": "AAAA"})
    assert seen == made[::-1]
    assert (bad.status, fields_of(bad)) == (422, ["query.cursor"])


async def test_lists_are_filtered(world: World, api: Api) -> None:
    """By status, platform, connection, campaign and time."""
    merchant, post = await a_created_post(world, api)
    filters = [
        {"status": "scheduled"},
        {"platform": "x"},
        {"connection_id": post["connection_id"]},
        {"campaign_id": post["campaign_id"]},
        {"from": datetime.now(UTC).isoformat(), "to": (datetime.now(UTC) + timedelta(hours=2)).isoformat()},
    ]
    others = [{"status": "draft"}, {"platform": "github"}, {"product_id": "p"}, {"campaign_id": str(uuid4())}]

    async def count(params: dict[str, str]) -> int:
        return len((await merchant.call("GET", "/v1/posts", params=params)).json()["posts"])

    assert [await count(one) for one in filters] == [1] * 5
    assert [await count(one) for one in others] == [0] * 4
    unknown = await merchant.call("GET", "/v1/posts", params={"platform": "myspace"})
    assert (unknown.status, fields_of(unknown)) == (422, ["query.platform"])


async def test_validate_tells_each_target_its_problems(world: World, api: Api) -> None:
    """Length, a connection that is down or unknown, one that ends too soon, the count of the text, the quota left."""
    user_id = await world.a_user()
    merchant = api.as_merchant(user_id)
    fine = await world.a_connection(user_id, expires_at=soon(60))
    down = await world.a_connection(user_id, is_usable=False)
    body = a_body(fine, down, content="x" * 300)
    body["targets"].append({"connection_id": str(uuid4())})

    answer = (await merchant.call("POST", "/v1/posts/validate", json=body)).json()

    told = [[(one["code"], one["field"]) for one in target["problems"]] for target in answer["targets"]]
    assert answer["valid"] is False
    assert ("content_rejected", "targets.0.content") in told[0]
    assert ("connection_not_usable", "targets.1.connection_id") in told[1]
    assert told[2] == [("not_found", "targets.2.connection_id")]
    assert [one["code"] for one in answer["targets"][0]["warnings"]] == ["auth_expired"]
    assert [target["text"] for target in answer["targets"]] == [{"length": 300, "limit": 280}] * 2 + [None]
    assert answer["targets"][0]["quota"][0] == {
        "endpoint": "POST /2/tweets",
        "counted_by": "us",
        "limit": 100,
        "left": 100,
        "window_s": 900,
        "resets_at": None,
    }
    assert await world.sql("SELECT 1 FROM retail_b2c.social_posts") == []


async def test_settings_are_the_merchants_own(world: World, api: Api) -> None:
    """Defaults until said otherwise; nonsense is refused by its field."""
    merchant, other = api.as_merchant(await world.a_user()), api.as_merchant(await world.a_user())

    before = (await merchant.call("GET", "/v1/settings")).json()
    await merchant.call("PUT", "/v1/settings", json={"catch_up_hours": 3, "on_doubt": "resend"})
    bad = await merchant.call("PUT", "/v1/settings", json={"catch_up_hours": 0, "on_doubt": "ask"})

    assert before == {"catch_up_hours": 6, "on_doubt": "ask"}
    assert (await merchant.call("GET", "/v1/settings")).json() == {"catch_up_hours": 3, "on_doubt": "resend"}
    assert (await other.call("GET", "/v1/settings")).json() == before
    assert (bad.status, fields_of(bad)) == (422, ["body.catch_up_hours"])


async def test_nobody_gets_in_without_a_token(api: Api) -> None:
    """401 with a challenge."""
    answer = await api.call("GET", "/v1/posts")

    assert (answer.status, answer.json()["code"]) == (401, "unauthenticated")
    assert "WWW-Authenticate" in answer.headers


def a_share(*connections: Connection, **changes: Any) -> dict[str, Any]:
    """A share that is fine."""
    product = {
        "id": "sku-1",
        "title": "Copper kettle",
        "description": "Boils water. " * 60,
        "price": "1234.5",
        "currency": "eur",
        "url": "https://shop.test/kettle",
        "image_url": "https://shop.test/kettle.jpg",
    }
    known: dict[str, Any] = {
        "product": product | changes.pop("product", {}),
        "targets": [{"connection_id": str(one.connection_id)} for one in connections],
        "scheduled_at": soon(600).isoformat(),
        "mode": "schedule",
    }
    return known | changes


async def test_a_share_fits_its_platform(world: World, api: Api) -> None:
    """The description gives way; title, price and link stay; the picture is attached, the product kept."""
    merchant, connection = await a_merchant(world, api)

    answer = await merchant.call("POST", "/v1/products/share", json=a_share(connection))

    [post] = answer.json()["posts"]
    assert answer.status == 201
    assert len(post["content"]) <= 280
    assert post["content"].startswith("Copper kettle\n\nBoils water.")
    assert post["content"].endswith("€1,234.50\nhttps://shop.test/kettle")
    assert (post["product_id"], post["kind"]) == ("sku-1", "image")
    assert [item["alt_text"] for item in post["media"]] == ["Copper kettle"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"template": "{titel}"}, "body.template"),
        ({"template": "{title"}, "body.template"),
        ({"template": "{title!r}"}, "body.template"),
        ({"product": {"price": "-1"}}, "body.product.price"),
        ({"product": {"price": "1.234"}}, "body.product.price"),
        ({"product": {"currency": "EURO"}}, "body.product.currency"),
        ({"product": {"url": "javascript:alert(1)"}}, "body.product.url"),
        ({"product": {"url": "https://shop.test/" + "k" * 400}}, "body.targets.0.content"),
    ],
)
async def test_a_bad_share_is_refused_by_its_field(world: World, api: Api, changes: dict[str, Any], field: str) -> None:
    """422 with the field's name."""
    merchant, connection = await a_merchant(world, api)

    answer = await merchant.call("POST", "/v1/products/share", json=a_share(connection, **changes))

    assert (answer.status, fields_of(answer)) == (422, [field])
