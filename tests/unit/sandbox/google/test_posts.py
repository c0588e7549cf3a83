"""Local posts: what is taken, what becomes of it, and how it is read back."""

from typing import Any

import pytest
from tests.unit.sandbox.google.visitors import POSTS, Merchant, a_merchant
from tests.unit.sandbox.harness import Response, Sandbox

URL = "https://shop.example/ceramics?utm_content=p_8f1c"
DAY = {"year": 2026, "month": 12, "day": 1}
SCHEDULE = {"startDate": DAY, "startTime": {"hours": 9}, "endDate": DAY, "endTime": {"hours": 18, "minutes": 30}}
EVENT = {"title": "Open kiln", "schedule": SCHEDULE}


def field_error(answer: Response) -> dict[str, Any]:
    """The one field error of v4 that an answer carries."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    [detail] = error["details"]
    assert detail["@type"] == "type.googleapis.com/google.mybusiness.v4.ValidationError"
    [found] = detail["errorDetails"]
    return dict(found)


async def test_a_created_post_is_processing(sandbox: Sandbox, merchant: Merchant) -> None:
    """A 200 says that it was taken in: no search address yet, and the location's language where none was named."""
    post = await merchant.posted(callToAction={"actionType": "SHOP", "url": URL})

    assert post["name"].startswith(f"{merchant.parent}/localPosts/")
    assert post["state"] == "PROCESSING"
    assert post["languageCode"] == "en"
    assert post["createTime"] == "2026-11-22T10:15:30.000Z"
    assert "searchUrl" not in post
    assert post["callToAction"] == {"actionType": "SHOP", "url": URL}
    [truth] = await sandbox.published("google")
    assert truth["platform_id"] == merchant.location
    assert truth["platform_post_id"] == post["name"]
    assert (truth["visibility"], truth["text"]) == ("PROCESSING", "New ceramics are in.")


async def test_it_goes_live_later_and_then_has_its_address(sandbox: Sandbox, merchant: Merchant) -> None:
    """The ground truth follows without anybody asking Google."""
    sandbox.switch("google", processing_s=60)
    post = await merchant.posted()

    sandbox.pass_time(seconds=59)
    assert (await merchant.read(post["name"]))["state"] == "PROCESSING"
    sandbox.pass_time(seconds=1)
    assert (await sandbox.published("google"))[0]["visibility"] == "LIVE"
    live = await merchant.read(post["name"])
    assert live["state"] == "LIVE"
    assert live["searchUrl"].startswith("https://local.google.com/place?id=")


@pytest.mark.parametrize("text", ["Call +49 40 12345678", "Ring (040) 1234 5678!", "Tel. 555-123-4567"])
async def test_a_telephone_number_is_rejected(sandbox: Sandbox, merchant: Merchant, text: str) -> None:
    """Accepted with 200, and rejected afterwards without a reason, for good."""
    post = await merchant.posted(text)

    sandbox.pass_time(seconds=2)
    rejected = await merchant.read(post["name"])
    assert rejected["state"] == "REJECTED"
    assert "searchUrl" not in rejected
    await merchant.later(days=1)
    assert (await merchant.read(post["name"]))["state"] == "REJECTED"


@pytest.mark.parametrize("text", ["1764000000 pots", "On 2026-12-01, 9:00", "See https://shop.example/0401234567"])
async def test_other_numbers_are_not(sandbox: Sandbox, merchant: Merchant, text: str) -> None:
    """Numbers, dates and addresses pass."""
    post = await merchant.posted(text)

    sandbox.pass_time(seconds=2)
    assert (await merchant.read(post["name"]))["state"] == "LIVE"


async def test_rejection_can_be_switched(sandbox: Sandbox, merchant: Merchant) -> None:
    """Everything, or nothing at all."""
    for word, state in (("all", "REJECTED"), ("nothing", "LIVE")):
        sandbox.switch("google", rejects=word)
        post = await merchant.posted("Call +49 40 12345678")
        sandbox.pass_time(seconds=10)
        assert (await merchant.read(post["name"]))["state"] == state


async def test_a_verdict_stands_until_the_post_is_edited(sandbox: Sandbox, merchant: Merchant) -> None:
    """Stricter rules do not take a live post away; an edit makes them count."""
    post = await merchant.posted()
    sandbox.pass_time(seconds=2)
    assert (await merchant.read(post["name"]))["state"] == "LIVE"

    sandbox.switch("google", rejects="all")
    assert (await merchant.read(post["name"]))["state"] == "LIVE"
    path = f"{POSTS}/{post['name']}"
    await merchant.call("PATCH", path, params={"updateMask": "summary"}, json={"summary": "New"})
    sandbox.pass_time(seconds=2)
    assert (await merchant.read(post["name"]))["state"] == "REJECTED"


async def test_without_a_voice_nothing_appears(sandbox: Sandbox, merchant: Merchant) -> None:
    """Posts of an unverified location stay in processing until it has its voice."""
    await merchant.change_location(hasVoiceOfMerchant=False)
    post = await merchant.posted()

    await merchant.later(days=2)
    assert (await merchant.read(post["name"]))["state"] == "PROCESSING"
    await merchant.change_location(hasVoiceOfMerchant=True)
    assert (await merchant.read(post["name"]))["state"] == "LIVE"


async def test_the_address_may_come_at_once_or_never(sandbox: Sandbox, merchant: Merchant) -> None:
    """Both were seen."""
    sandbox.switch("google", search_url_from="create")
    assert "searchUrl" in await merchant.posted()
    sandbox.switch("google", search_url_from="never")
    post = await merchant.posted()
    sandbox.pass_time(seconds=10)
    assert "searchUrl" not in await merchant.read(post["name"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"topicType": None}, "topicType"),
        ({"topicType": "LOCAL_POST_TOPIC_TYPE_UNSPECIFIED"}, "topicType"),
        ({"topicType": "ALERT"}, "alertType"),
        ({"alertType": "COVID_19"}, "alertType"),
        ({"summary": "x" * 1501}, "summary"),
        ({"summary": None}, "summary"),
        ({"languageCode": "not a language"}, "languageCode"),
        ({"callToAction": {"actionType": "CALL", "url": URL}}, "callToAction.url"),
        ({"callToAction": {"actionType": "SHOP"}}, "callToAction.url"),
        ({"callToAction": {"actionType": "SHOP", "url": "shop.example"}}, "callToAction.url"),
        ({"callToAction": {"url": URL}}, "callToAction.actionType"),
        ({"callToAction": {"actionType": "GET_OFFER", "url": URL}}, "callToAction.actionType"),
        ({"topicType": "EVENT"}, "event"),
        ({"topicType": "OFFER"}, "event"),
        ({"topicType": "OFFER", "offer": {"couponCode": "X"}}, "event"),
        ({"topicType": "EVENT", "event": {"schedule": SCHEDULE}}, "event.title"),
        ({"topicType": "EVENT", "event": {"title": "Open kiln"}}, "event.schedule"),
        ({"topicType": "STANDARD", "event": EVENT}, "event"),
        ({"topicType": "EVENT", "event": EVENT, "offer": {"couponCode": "X"}}, "offer"),
        ({"topicType": "OFFER", "event": EVENT, "offer": {"redeemOnlineUrl": "x"}}, "offer.redeemOnlineUrl"),
        ({"topicType": "EVENT", "event": EVENT | {"recurrenceInfo": {}}}, "event.recurrenceInfo"),
        ({"media": [{"mediaFormat": "VIDEO", "sourceUrl": URL}]}, "media[0].mediaFormat"),
        ({"media": [{"sourceUrl": URL}]}, "media[0].mediaFormat"),
        ({"media": [{"mediaFormat": "PHOTO"}]}, "media[0].sourceUrl"),
        ({"scheduledTime": "tomorrow"}, "scheduledTime"),
        ({"scheduledTime": "2026-12-01T09:00:00"}, "scheduledTime"),
        ({"scheduledTime": "2026-13-01T09:00:00Z"}, "scheduledTime"),
        ({"scheduledTime": "2026-11-22T10:15:30Z"}, "scheduledTime"),
    ],
)
async def test_a_post_that_cannot_be_is_refused_by_its_field(
    sandbox: Sandbox, merchant: Merchant, body: dict[str, Any], field: str
) -> None:
    """The error names the field, and nothing was made."""
    values = {"topicType": "STANDARD", "summary": "New ceramics are in."} | body
    sent = {name: value for name, value in values.items() if value is not None}

    answer = await merchant.call("POST", f"{POSTS}/{merchant.parent}/localPosts", json=sent)

    assert field_error(answer)["field"] == field
    assert await sandbox.published("google") == []


@pytest.mark.parametrize("missing", ["startDate", "startTime", "endDate", "endTime"])
@pytest.mark.parametrize("topic", ["EVENT", "OFFER"])
async def test_a_schedule_has_all_four_parts(merchant: Merchant, topic: str, missing: str) -> None:
    """An event or offer with three of them is refused."""
    schedule = {name: part for name, part in SCHEDULE.items() if name != missing}

    answer = await merchant.post(topicType=topic, event={"title": "Open kiln", "schedule": schedule})

    assert field_error(answer)["field"] == f"event.schedule.{missing}"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"startDate": {"year": 2026, "month": 2, "day": 30}}, "event.schedule.startDate"),
        ({"startDate": {"year": 2026, "month": 12}}, "event.schedule.startDate"),
        ({"endTime": {"hours": 24}}, "event.schedule.endTime"),
        ({"endTime": {"hours": 8}}, "event.schedule"),
    ],
)
async def test_a_schedule_is_made_of_real_moments_in_order(
    merchant: Merchant, change: dict[str, Any], field: str
) -> None:
    """Dates exist, times lie within a day, the end is not before the start."""
    answer = await merchant.post(topicType="EVENT", event={"title": "Open kiln", "schedule": SCHEDULE | change})

    assert field_error(answer)["field"] == field


async def test_an_event_is_shown_without_its_zeros(merchant: Merchant) -> None:
    """Midnight is an empty object; minutes that are zero are left out."""
    schedule = SCHEDULE | {"startTime": {"hours": 0, "minutes": 0, "seconds": 0, "nanos": 0}}

    post = await merchant.posted(topicType="EVENT", event={"title": "Open kiln", "schedule": schedule})

    assert post["event"]["schedule"]["startTime"] == {}
    assert post["event"]["schedule"]["endTime"] == {"hours": 18, "minutes": 30}


async def test_a_repeating_event_is_recurring(sandbox: Sandbox, merchant: Merchant) -> None:
    """It is visible under a state of its own."""
    post = await merchant.posted(topicType="EVENT", event=EVENT | {"recurrenceInfo": {"weekly": {}}})

    sandbox.pass_time(seconds=2)
    found = await merchant.read(post["name"])
    assert found["state"] == "RECURRING"
    assert "searchUrl" in found


async def test_an_offer_has_no_button(merchant: Merchant) -> None:
    """Whatever is sent there is ignored; the redeem address carries the marker."""
    offer = {"couponCode": "KILN", "redeemOnlineUrl": URL, "termsConditions": "One each"}

    post = await merchant.posted(
        topicType="OFFER", event=EVENT, offer=offer, callToAction={"actionType": "CALL", "url": URL}
    )

    assert "callToAction" not in post
    assert post["offer"] == offer


async def test_a_call_needs_no_address(merchant: Merchant) -> None:
    """The button CALL rings the location's own number."""
    assert (await merchant.posted(callToAction={"actionType": "CALL"}))["callToAction"] == {"actionType": "CALL"}


async def test_an_alert_needs_its_type(merchant: Merchant) -> None:
    """ALERT goes with COVID_19 only."""
    assert (await merchant.posted(topicType="ALERT", alertType="COVID_19"))["alertType"] == "COVID_19"


async def test_the_limit_of_a_summary_counts_characters_and_is_a_setting(sandbox: Sandbox, merchant: Merchant) -> None:
    """1,500 of whatever kind are fine."""
    await merchant.posted("ö" * 1500)
    sandbox.switch("google", longest_summary=10)

    assert field_error(await merchant.post("x" * 11))["field"] == "summary"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"topicType": "STANDARD", "text": "x"}, "local_post"),
        ({"topicType": "STANDARD", "summary": 1}, "local_post.summary"),
        ({"topicType": "PRODUCT", "summary": "x"}, "local_post.topicType"),
        ({"topicType": "STANDARD", "callToAction": {"actionType": "BUY"}}, "local_post.callToAction.actionType"),
        (
            {"topicType": "STANDARD", "event": {"schedule": {"startDate": "2026"}}},
            "local_post.event.schedule.startDate",
        ),
        ({"topicType": "STANDARD", "media": {}}, "local_post.media"),
    ],
)
async def test_what_does_not_parse_is_refused_by_its_place(
    merchant: Merchant, content: dict[str, Any], place: str
) -> None:
    """Unknown names, wrong types and unknown words never reach the rules."""
    answer = await merchant.call("POST", f"{POSTS}/{merchant.parent}/localPosts", json=content)

    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert error["details"][0]["fieldViolations"][0]["field"] == place


@pytest.mark.parametrize(
    ("content", "kind"), [(b"{", "application/json"), (b"[]", "application/json"), (b"a=b", "text/plain")]
)
async def test_a_body_is_a_json_object(merchant: Merchant, content: bytes, kind: str) -> None:
    """Broken JSON, a list and a form are refused."""
    path = f"{POSTS}/{merchant.parent}/localPosts"

    answer = await merchant.call("POST", path, content=content, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_what_only_google_writes_is_ignored(merchant: Merchant) -> None:
    """A client cannot set name, state or times."""
    post = await merchant.posted(state="LIVE", name="x", createTime="2020-01-01T00:00:00Z")

    assert post["state"] == "PROCESSING"
    assert post["createTime"].startswith("2026")


async def test_google_can_publish_later(sandbox: Sandbox, merchant: Merchant) -> None:
    """SCHEDULED, then PROCESSING, then LIVE."""
    sandbox.switch("google", processing_s=60)
    post = await merchant.posted(scheduledTime="2026-11-22T12:15:30+01:00")
    assert post["state"] == "SCHEDULED"

    states = []
    for step in (3599, 1, 59, 1):
        await merchant.later(seconds=step)
        states.append((await merchant.read(post["name"]))["state"])

    assert states == ["SCHEDULED", "PROCESSING", "PROCESSING", "LIVE"]


async def test_two_equal_creations_make_two_posts(sandbox: Sandbox, merchant: Merchant) -> None:
    """There is no key of idempotency, and duplicates are taken."""
    names = {(await merchant.posted())["name"] for _ in range(2)}

    assert {post["platform_post_id"] for post in await sandbox.published("google")} == names
    assert len(names) == 2


@pytest.mark.parametrize(
    ("kind", "status"), [("commit_then_500", 500), ("commit_then_500", 504), ("commit_then_drop", 500)]
)
async def test_a_post_can_exist_although_the_client_heard_of_trouble(
    sandbox: Sandbox, merchant: Merchant, kind: str, status: int
) -> None:
    """After an error or a cut the list shows what was made, with its marker."""
    sandbox.switch("google", server_error_status=status)
    await sandbox.fault("google", "publish", kind)
    try:
        answer = await merchant.post(callToAction={"actionType": "SHOP", "url": URL})
        assert answer.status_code == status
    except ConnectionResetError:
        assert kind == "commit_then_drop"

    sandbox.pass_time(seconds=1)
    [post] = (await merchant.listed())["localPosts"]
    assert post["callToAction"]["url"] == URL


@pytest.mark.parametrize(("status", "word"), [(500, "INTERNAL"), (503, "UNAVAILABLE"), (504, "DEADLINE_EXCEEDED")])
async def test_trouble_comes_in_three_statuses(sandbox: Sandbox, merchant: Merchant, status: int, word: str) -> None:
    """Which one is a switch; the work was not done."""
    sandbox.switch("google", server_error_status=status)
    await sandbox.fault("google", "publish", "error_500")

    answer = await merchant.post()

    assert (answer.status_code, answer.json()["error"]["status"]) == (status, word)
    assert await sandbox.published("google") == []


async def test_an_empty_list_is_an_empty_object(merchant: Merchant) -> None:
    """No key at all."""
    assert await merchant.listed() == {}


async def test_a_list_comes_in_pages_and_may_lag(sandbox: Sandbox, merchant: Merchant) -> None:
    """Twenty by default, a hundred at most, a very new post missing."""
    sandbox.switch("google", edits_per_minute=100, list_lag_s=30)
    for number in range(21):
        await merchant.posted(f"Pot {number}")
        sandbox.pass_time(seconds=31)
    await merchant.posted("Newest")

    first = await merchant.listed()
    second = await merchant.listed(pageToken=first["nextPageToken"])

    texts = [post["summary"] for page in (first, second) for post in page["localPosts"]]
    assert texts == [f"Pot {number}" for number in range(20, -1, -1)]
    assert len(first["localPosts"]) == 20
    assert "nextPageToken" not in second
    sandbox.switch("google", list_order="oldest")
    sandbox.pass_time(seconds=31)
    assert [post["summary"] for post in (await merchant.listed(pageSize=100))["localPosts"]][-1] == "Newest"
    for wrong in ({"pageSize": 101}, {"pageSize": -1}, {"pageToken": "x"}, {"filter": "state=LIVE"}):
        answer = await merchant.call("GET", f"{POSTS}/{merchant.parent}/localPosts", params=wrong)
        assert answer.status_code == 400


async def test_an_edit_changes_the_masked_fields_only(sandbox: Sandbox, merchant: Merchant) -> None:
    """What is not in the mask stays; the post is looked at anew."""
    post = await merchant.posted("Old", callToAction={"actionType": "SHOP", "url": URL})
    sandbox.pass_time(seconds=10)
    assert (await merchant.read(post["name"]))["state"] == "LIVE"

    answer = await merchant.call(
        "PATCH",
        f"{POSTS}/{post['name']}",
        params={"updateMask": "summary"},
        json={"summary": "New", "callToAction": {"actionType": "BOOK", "url": "https://other.example"}},
    )

    assert answer.status_code == 200
    assert answer.json()["summary"] == "New"
    assert answer.json()["callToAction"] == {"actionType": "SHOP", "url": URL}
    assert answer.json()["state"] == "PROCESSING"
    assert answer.json()["createTime"] < answer.json()["updateTime"]
    assert (await sandbox.published("google"))[0]["text"] == "New"


async def test_an_edit_can_clear_and_go_into_a_field(merchant: Merchant) -> None:
    """A masked field that is not sent is cleared; a mask may name a part."""
    post = await merchant.posted("Old", callToAction={"actionType": "SHOP", "url": URL})
    path = f"{POSTS}/{post['name']}"

    part = await merchant.call(
        "PATCH", path, params={"updateMask": "callToAction.actionType"}, json={"callToAction": {"actionType": "BOOK"}}
    )
    assert part.json()["callToAction"] == {"actionType": "BOOK", "url": URL}
    cleared = await merchant.call("PATCH", path, params={"updateMask": "callToAction"}, json={})
    assert "callToAction" not in cleared.json()


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({}, {"summary": "New"}),
        ({"updateMask": "state"}, {"state": "LIVE"}),
        ({"updateMask": "colour"}, {}),
        ({"updateMask": "summary"}, {"summary": "x" * 1501}),
        ({"updateMask": "summary"}, {}),
        ({"updateMask": "topicType"}, {"topicType": "EVENT"}),
    ],
)
async def test_a_wrong_edit_changes_nothing(merchant: Merchant, params: dict[str, str], body: dict[str, Any]) -> None:
    """Masks are required and name what a client writes; the result has to be a post."""
    post = await merchant.posted("Old")

    answer = await merchant.call("PATCH", f"{POSTS}/{post['name']}", params=params, json=body)

    assert answer.status_code == 400
    assert (await merchant.read(post["name"]))["summary"] == "Old"


async def test_a_scheduled_post_can_be_edited_after_its_time(sandbox: Sandbox, merchant: Merchant) -> None:
    """Only a new time has to lie ahead."""
    post = await merchant.posted(scheduledTime="2026-11-22T11:00:00Z")
    await merchant.later(hours=2)
    path = f"{POSTS}/{post['name']}"

    assert (await merchant.call("PATCH", path, params={"updateMask": "summary"}, json={"summary": "New"})).is_success
    moved = {"scheduledTime": "2026-11-22T11:30:00Z"}
    assert field_error(await merchant.call("PATCH", path, params={"updateMask": "scheduledTime"}, json=moved))


async def test_a_deleted_post_is_gone(sandbox: Sandbox, merchant: Merchant) -> None:
    """Deleting answers {}; a second time it is 404, as are reading and editing."""
    path = f"{POSTS}/{(await merchant.posted())['name']}"

    assert (await merchant.call("DELETE", path)).json() == {}
    for method in ("DELETE", "GET"):
        answer = await merchant.call(method, path)
        assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert (await merchant.call("PATCH", path, params={"updateMask": "summary"}, json={})).status_code == 404
    assert await sandbox.published("google") == []


async def test_v4_wants_account_and_location_and_they_belong_together(merchant: Merchant, sandbox: Sandbox) -> None:
    """The wildcard, a foreign account and the short name all lead nowhere."""
    other = await a_merchant(sandbox, account="cornerbakery")
    body = {"topicType": "STANDARD", "summary": "x"}
    for parent in (f"accounts/-/{merchant.location}", f"{other.account}/{merchant.location}", merchant.location):
        assert (await merchant.call("POST", f"{POSTS}/{parent}/localPosts", json=body)).status_code == 404
    assert (await merchant.call("POST", f"{POSTS}/{other.parent}/localPosts", json=body)).status_code == 403


async def test_insights_of_posts_are_gone(merchant: Merchant) -> None:
    """Nobody may call reportInsights any more."""
    answer = await merchant.call("POST", f"{POSTS}/{merchant.parent}/localPosts:reportInsights", json={})

    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


async def test_a_path_that_no_api_has_is_a_page(merchant: Merchant) -> None:
    """Google's front end answers in HTML."""
    answer = await merchant.call("GET", f"{POSTS}/posts")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
