"""Reading accounts, media and figures from the simulated Instagram."""

import json
from typing import Any

import pytest
from tests.unit.sandbox.harness import MediaServer, Sandbox, a_movie, a_picture
from tests.unit.sandbox.instagram.visitors import Merchant, a_merchant, error_of

PROFILE = "id,user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count"


async def listed(merchant: Merchant, **params: str) -> list[dict[str, Any]]:
    """The account's media."""
    answer = await merchant.call("GET", "/{id}/media", params={"fields": "id,caption,timestamp"} | params)
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_the_account_has_two_ids(merchant: Merchant) -> None:
    """`user_id` is the one for paths, `id` is known to this app only."""
    shown = (await merchant.call("GET", "/me", params={"fields": PROFILE})).json()

    assert set(shown) == set(PROFILE.split(","))
    assert shown["user_id"] == merchant.ig_id
    assert shown["id"] != merchant.ig_id
    assert shown["account_type"] == "BUSINESS"
    assert shown["followers_count"] == 1203
    assert error_of(await merchant.call("GET", f"/{shown['id']}")) == (100, 33)
    same = await merchant.call("GET", "/{id}/", params={"fields": PROFILE})
    assert same.json() == shown


async def test_the_account_as_the_guide_prints_it(sandbox: Sandbox, merchant: Merchant) -> None:
    """Wrapped in a list."""
    sandbox.switch("instagram", wrapped_me=True)

    (shown,) = (await merchant.call("GET", "/me", params={"fields": "user_id"})).json()["data"]

    assert shown["user_id"] == merchant.ig_id


async def test_a_picture_of_the_account_may_be_missing(sandbox: Sandbox, merchant: Merchant) -> None:
    """The field is then absent."""
    body = {"platform": "instagram", "platform_id": merchant.ig_id, "name": "newname", "options": {"no_picture": True}}
    await sandbox.control("POST", "/places", json=body)

    shown = (await merchant.call("GET", "/me", params={"fields": PROFILE})).json()

    assert "profile_picture_url" not in shown
    assert shown["username"] == "newname"


async def test_the_list_lags(sandbox: Sandbox, merchant: Merchant) -> None:
    """A new media is missing for a second, though it can be read by its id."""
    media_id = await merchant.published(caption="Fresh")

    assert await listed(merchant) == []
    assert (await merchant.call("GET", f"/{media_id}")).json() == {"id": media_id}
    sandbox.pass_time(seconds=1)
    (shown,) = await listed(merchant)
    assert shown["id"] == media_id
    assert shown["timestamp"].endswith("+0000")


async def test_the_list_pages_newest_first(sandbox: Sandbox, merchant: Merchant) -> None:
    """Following `next` reaches every media once; its address stays under the sandbox."""
    ids = [await merchant.published(caption=f"Number {number}") for number in range(5)]
    sandbox.pass_time(seconds=1)
    page = (await merchant.call("GET", "/{id}/media", params={"fields": "id", "limit": "2"})).json()
    found = [entry["id"] for entry in page["data"]]

    while "next" in page.get("paging", {}):
        address = page["paging"]["next"]
        assert address.startswith("http://localhost:8110/instagram/graph.instagram.com/v26.0/")
        assert merchant.token not in address
        headers = {"authorization": f"Bearer {merchant.token}"}
        page = (await sandbox.client.get(address, headers=headers)).json()
        found += [entry["id"] for entry in page["data"]]

    assert found == ids[::-1]


async def test_the_list_between_times(sandbox: Sandbox, merchant: Merchant) -> None:
    """Since and until are Unix times."""
    await merchant.published(caption="Old")
    sandbox.pass_time(hours=1)
    middle = str(int(sandbox.clock.timestamp()))
    sandbox.pass_time(hours=1)
    await merchant.published(caption="New")
    sandbox.pass_time(seconds=1)

    assert [entry["caption"] for entry in await listed(merchant, since=middle)] == ["New"]
    assert [entry["caption"] for entry in await listed(merchant, until=middle)] == ["Old"]


@pytest.mark.parametrize(
    "params", [{"fields": "id,likes"}, {"limit": "0"}, {"limit": "101"}, {"after": "x"}, {"since": "yesterday"}]
)
async def test_wrong_parameters_of_the_list(merchant: Merchant, params: dict[str, str]) -> None:
    """Unknown fields and values are code 100."""
    await merchant.published()
    merchant.sandbox.pass_time(seconds=1)

    assert error_of(await merchant.call("GET", "/{id}/media", params=params))[0] == 100


async def test_stories_are_in_a_list_of_their_own_for_a_day(sandbox: Sandbox, merchant: Merchant) -> None:
    """They have no caption, any ratio, and are not in the media list."""
    tall = merchant.media.serve("tall.jpg", a_picture(540, 960), "image/jpeg")
    story = await merchant.published(media_type="STORIES", image_url=tall, caption="ignored")
    sandbox.pass_time(seconds=1)

    assert await listed(merchant) == []
    shown = (await merchant.call("GET", "/{id}/stories", params={"fields": "media_product_type,caption"})).json()
    assert shown["data"] == [{"media_product_type": "STORY", "id": story}]
    sandbox.pass_time(hours=24)
    assert (await merchant.call("GET", "/{id}/stories")).json() == {"data": []}


async def test_the_link_may_be_unreadable_at_first(sandbox: Sandbox, merchant: Merchant) -> None:
    """The media is live all the same; other fields can be read."""
    sandbox.switch("instagram", permalink_failures=1)
    media_id = await merchant.published()

    assert error_of(await merchant.call("GET", f"/{media_id}?fields=permalink")) == (100, 33)
    shown = (await merchant.call("GET", f"/{media_id}?fields=permalink,shortcode")).json()
    assert shown["permalink"] == f"https://www.instagram.com/p/{shown['shortcode']}/"


async def test_captions_may_be_unreadable(sandbox: Sandbox, merchant: Merchant) -> None:
    """Or come back without their @; an empty one is absent."""
    media_id = await merchant.published(caption="With @friends")
    silent = await merchant.published()

    async def caption(of: str) -> str | None:
        answer = await merchant.call("GET", f"/{of}", params={"fields": "caption"})
        found: str | None = answer.json().get("caption")
        return found

    assert await caption(media_id) == "With @friends"
    assert await caption(silent) is None
    sandbox.switch("instagram", captions_lose_at=True)
    assert await caption(media_id) == "With friends"
    sandbox.switch("instagram", captions_readable=False)
    assert await caption(media_id) is None


async def test_comments_can_be_closed(merchant: Merchant) -> None:
    """The one thing that can be changed."""
    media_id = await merchant.published()

    assert (await merchant.call("POST", f"/{media_id}?comment_enabled=false")).json() == {"success": True}
    shown = await merchant.call("GET", f"/{media_id}?fields=is_comment_enabled")
    assert shown.json()["is_comment_enabled"] is False
    assert error_of(await merchant.call("POST", f"/{media_id}?pinned=true"))[0] == 100


async def test_likes_may_be_hidden(sandbox: Sandbox, merchant: Merchant) -> None:
    """The count is then absent, while insights still tell it."""
    media_id = await merchant.published()
    body = {"platform": "instagram", "platform_id": merchant.ig_id, "options": {"hides_likes": True}}
    await sandbox.control("POST", "/places", json=body)

    shown = (await merchant.call("GET", f"/{media_id}?fields=like_count,comments_count")).json()

    assert set(shown) == {"id", "comments_count"}
    figures = await merchant.call("GET", f"/{media_id}/insights?metric=likes")
    assert figures.json()["data"][0]["name"] == "likes"


async def insights(merchant: Merchant, node: str, **params: str) -> dict[str, int]:
    """Figures by name."""
    answer = await merchant.call("GET", f"/{node}/insights", params=params)
    assert answer.status_code == 200, answer.text
    return {
        entry["name"]: entry["total_value"]["value"] if "total_value" in entry else entry["values"][0]["value"]
        for entry in answer.json()["data"]
    }


async def test_the_figures_of_a_media_grow(sandbox: Sandbox, merchant: Merchant) -> None:
    """They are for life, agree with the fields, and lists of metrics may be JSON."""
    media_id = await merchant.published()
    names = ["views", "reach", "likes", "comments", "saved", "shares", "total_interactions"]
    young = await insights(merchant, media_id, metric=",".join(names))
    sandbox.pass_time(hours=6)

    old = await insights(merchant, media_id, metric=json.dumps(names))

    assert list(young) == list(old) == names
    assert all(old[name] > young[name] for name in ("views", "reach", "likes"))
    assert old["total_interactions"] == sum(old[name] for name in ("likes", "comments", "saved", "shares"))
    shown = (await merchant.call("GET", f"/{media_id}?fields=like_count,comments_count")).json()
    assert (shown["like_count"], shown["comments_count"]) == (old["likes"], old["comments"])


@pytest.mark.parametrize(
    "metric", ["impressions", "reach,plays", "reach,saves", "reach,replies", "reach,ig_reels_avg_watch_time", ""]
)
async def test_one_wrong_metric_fails_the_whole_call(merchant: Merchant, metric: str) -> None:
    """Dead names, an account's names and another type's names alike."""
    media_id = await merchant.published()

    assert error_of(await merchant.call("GET", f"/{media_id}/insights", params={"metric": metric}))[0] == 100


async def test_metrics_depend_on_the_type(sandbox: Sandbox, merchant: Merchant) -> None:
    """Reels have watch times, stories have replies and want five viewers."""
    url = merchant.media.serve("a.mp4", a_movie(), "video/mp4")
    reel = await merchant.published(media_type="REELS", video_url=url)
    story = await merchant.published(media_type="STORIES", image_url=merchant.picture())

    assert error_of(await merchant.call("GET", f"/{story}/insights?metric=reach"))[0] == 10
    sandbox.pass_time(hours=6)
    assert (await insights(merchant, reel, metric="ig_reels_avg_watch_time,views"))["views"] > 0
    assert error_of(await merchant.call("GET", f"/{reel}/insights?metric=profile_visits"))[0] == 100
    assert set(await insights(merchant, story, metric="reach,replies")) == {"reach", "replies"}
    assert error_of(await merchant.call("GET", f"/{story}/insights?metric=likes"))[0] == 100


async def test_figures_may_come_late(sandbox: Sandbox, merchant: Merchant) -> None:
    """No data is an empty list, not zero."""
    sandbox.switch("instagram", insights_delay_s=3600)
    media_id = await merchant.published()

    assert await insights(merchant, media_id, metric="reach") == {}
    sandbox.pass_time(hours=1)
    assert set(await insights(merchant, media_id, metric="reach")) == {"reach"}


async def test_figures_set_by_hand_stand(sandbox: Sandbox, merchant: Merchant) -> None:
    """What the control interface says is what is read."""
    media_id = await merchant.published()
    body = {"platform": "instagram", "platform_post_id": media_id, "metrics": {"reach": 841, "saves": 7}}
    await sandbox.control("POST", "/engagement", json=body)

    assert await insights(merchant, media_id, metric="reach,saved") == {"reach": 841, "saved": 7}


async def test_the_figures_of_an_account(sandbox: Sandbox, merchant: Merchant) -> None:
    """Totals for most, a series for reach; both over the asked days."""
    media_id = await merchant.published()
    sandbox.pass_time(hours=6)
    of_media = await insights(merchant, media_id, metric="views,reach")

    totals = await insights(
        merchant, merchant.ig_id, metric="views,total_interactions,reach", period="day", metric_type="total_value"
    )
    series = await insights(merchant, merchant.ig_id, metric="reach", period="day")

    assert totals["views"] == of_media["views"]
    assert totals["reach"] == series["reach"] == of_media["reach"]
    assert totals["total_interactions"] > 0


@pytest.mark.parametrize(
    "params",
    [
        {"metric": "views", "period": "day"},
        {"metric": "reach,views", "period": "day"},
        {"metric": "impressions", "period": "day", "metric_type": "total_value"},
        {"metric": "saved", "period": "day", "metric_type": "total_value"},
        {"metric": "follower_count", "period": "day", "metric_type": "total_value"},
        {"metric": "reach", "period": "week"},
        {"metric": "reach"},
        {"metric": "reach", "period": "day", "since": "1760000000", "until": "1770000000"},
        {"metric": "reach", "period": "day", "since": "1770000000", "until": "1760000000"},
        {"metric": "reach", "period": "day", "breakdown": "media_product_type"},
        {"metric": "follower_demographics", "period": "day"},
        {"metric": "follower_demographics", "period": "lifetime", "timeframe": "this_week"},
        {"metric": "follower_demographics", "period": "lifetime", "timeframe": "ever", "breakdown": "age"},
    ],
)
async def test_wrong_questions_about_an_account(merchant: Merchant, params: dict[str, str]) -> None:
    """A metric in the wrong form fails the whole call."""
    assert error_of(await merchant.call("GET", "/{id}/insights", params=params))[0] == 100


async def test_small_accounts_have_gaps(sandbox: Sandbox, media: MediaServer) -> None:
    """Under a hundred followers some metrics are simply not there."""
    body = {"platform": "instagram", "username": "tiny", "followers": 99}
    await sandbox.control("POST", "/accounts", json=body)
    tiny = await a_merchant(sandbox, media, account="tiny")
    large = await a_merchant(sandbox, media)
    people = {"metric": "follower_demographics", "period": "lifetime", "timeframe": "this_week", "breakdown": "age"}

    assert set(await insights(tiny, tiny.ig_id, metric="reach,follower_count", period="day")) == {"reach"}
    assert (await tiny.call("GET", "/{id}/insights", params=people)).json() == {"data": []}
    assert set(await insights(large, large.ig_id, metric="reach,follower_count", period="day")) == {
        "reach",
        "follower_count",
    }
    assert len((await large.call("GET", "/{id}/insights", params=people)).json()["data"]) == 1


async def test_calls_have_a_budget_told_in_headers(sandbox: Sandbox, merchant: Merchant) -> None:
    """Percentages climb to a hundred; then 80002, with the wait in minutes."""
    sandbox.switch("instagram", call_budget=4)
    used = [await merchant.call("GET", "/me") for _ in range(4)]

    refused = await merchant.call("GET", "/me")

    def usage(answer: Any) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(answer.headers["x-business-use-case-usage"])[merchant.ig_id][0]
        return found

    assert [usage(answer)["call_count"] for answer in used] == [25, 50, 75, 100]
    assert error_of(refused)[0] == 80002
    assert usage(refused)["type"] == "instagram"
    assert usage(refused)["estimated_time_to_regain_access"] == 24 * 60
    assert json.loads(refused.headers["x-app-usage"])["call_count"] == 100


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("identity", "GET", "/me"),
        ("media", "POST", "/{id}/media"),
        ("publish", "POST", "/{id}/media_publish"),
        ("read", "GET", "/{id}/media"),
        ("read", "GET", "/17"),
        ("metrics", "GET", "/{id}?fields=followers_count"),
        ("metrics", "GET", "/17/insights?metric=reach"),
        ("metrics", "GET", "/17?fields=like_count"),
    ],
)
async def test_each_operation_has_its_faults(
    sandbox: Sandbox, merchant: Merchant, operation: str, method: str, path: str
) -> None:
    """A planned fault hits the calls of its operation, and a limit tells its wait in minutes."""
    await sandbox.fault("instagram", operation, "rate_limit", retry_after_s=90)

    answer = await merchant.call(method, path)

    assert error_of(answer)[0] == 80002
    usage = json.loads(answer.headers["x-business-use-case-usage"])[merchant.ig_id]
    assert usage[0]["estimated_time_to_regain_access"] == 2
