"""Reading back: lists that lag, rank and hide, and posts that wait for their time."""

import pytest
from tests.unit.sandbox.facebook.visitors import Merchant, a_merchant, error_of
from tests.unit.sandbox.harness import MediaServer, Sandbox

TEN_MINUTES = 600


def in_seconds(sandbox: Sandbox, seconds: float) -> str:
    """A Unix time that far ahead."""
    return str(int(sandbox.clock.timestamp() + seconds))


async def scheduled(merchant: Merchant, seconds: float, **params: str) -> str:
    """A post that waits."""
    return await merchant.posted(
        message="Later",
        published="false",
        unpublished_content_type="SCHEDULED",
        scheduled_publish_time=in_seconds(merchant.sandbox, seconds),
        **params,
    )


def grant_user_content(merchant: Merchant) -> None:
    """The person lets the app read what visitors write."""
    grant = merchant.sandbox.simulation.store.grants("facebook").live_grant("sandbox-client", merchant.user_id)
    assert grant is not None
    grant.scopes += ("pages_read_user_content",)


async def test_a_new_post_is_missing_from_the_lists_for_a_while(sandbox: Sandbox, merchant: Merchant) -> None:
    """Its node is there at once."""
    sandbox.switch("facebook", list_lag_s=20)
    post_id = await merchant.posted(message="New mugs")

    assert await merchant.listed() == await merchant.listed("posts") == []
    assert (await merchant.read(post_id)).status_code == 200
    sandbox.pass_time(seconds=20)
    assert await merchant.listed() == await merchant.listed("posts") == [post_id]


async def test_a_new_id_may_not_exist_yet(sandbox: Sandbox, merchant: Merchant) -> None:
    """100/33 at first, for posts and videos."""
    sandbox.switch("facebook", node_lag_s=2)
    post_id = await merchant.posted(message="New mugs")
    video = (await merchant.call("POST", "/{page}/videos", data={"file_url": merchant.movie()})).json()["id"]

    assert error_of(await merchant.read(post_id)) == (100, 33)
    assert error_of(await merchant.read(video, "status")) == (100, 33)
    sandbox.pass_time(seconds=2)
    assert (await merchant.read(post_id)).status_code == 200
    assert (await merchant.read(video, "status")).status_code == 200


async def test_lists_are_ranked_not_sorted(sandbox: Sandbox, merchant: Merchant) -> None:
    """Some neighbours stand the wrong way round, the same ones in every reading; nothing is missing."""
    posts = []
    for number in range(20):
        posts.append(await merchant.posted(message=f"Mug {number}"))
        sandbox.pass_time(minutes=1)
    found = await merchant.listed()

    assert found != posts[::-1]
    assert sorted(found) == sorted(posts)
    assert found == await merchant.listed()
    sandbox.switch("facebook", ranked=False)
    assert await merchant.listed() == posts[::-1]


async def test_lists_come_in_pages(sandbox: Sandbox, merchant: Merchant) -> None:
    """By cursor or by address; at most a hundred are given, and more is an error."""
    posts = [await merchant.posted(message=f"Mug {number}") for number in range(5)]
    sandbox.pass_time(seconds=5)

    first = (await merchant.call("GET", "/{page}/published_posts", params={"limit": 3, "fields": "id"})).json()
    second = await merchant.listed(limit=3, after=first["paging"]["cursors"]["after"])
    followed = await sandbox.client.get(first["paging"]["next"], headers={"authorization": f"Bearer {merchant.token}"})

    assert sorted([entry["id"] for entry in first["data"]] + second) == sorted(posts)
    assert [entry["id"] for entry in followed.json()["data"]] == second
    for limit in ("101", "0", "many"):
        assert error_of(await merchant.call("GET", f"/{{page}}/published_posts?limit={limit}")) == (100, None)
    assert error_of(await merchant.call("GET", "/{page}/published_posts?after=nonsense")) == (100, None)


async def test_lists_can_be_narrowed_by_time(sandbox: Sandbox, merchant: Merchant) -> None:
    """Unix or written times."""
    early = await merchant.posted(message="Early")
    sandbox.pass_time(hours=2)
    between = in_seconds(sandbox, -3600)
    late = await merchant.posted(message="Late")
    sandbox.pass_time(seconds=5)

    assert await merchant.listed(since=between) == [late]
    assert await merchant.listed(until=between) == [early]
    assert await merchant.listed(since="2026-11-22T11:00:00+0000") == [late]
    assert error_of(await merchant.call("GET", "/{page}/published_posts?since=yesterday")) == (100, None)


async def test_no_more_than_six_hundred_of_a_year_are_served(sandbox: Sandbox, merchant: Merchant) -> None:
    """Older ones can still be read by their id."""
    oldest = await merchant.posted(message="The oldest")
    for number in range(600):
        await merchant.posted(message=f"Mug {number}")
    sandbox.pass_time(seconds=5)
    found: list[str] = []
    after = ""
    while entries := await merchant.listed(limit=100, after=after):
        found += entries
        page = await merchant.call("GET", "/{page}/published_posts", params={"limit": 100, "after": after})
        after = page.json()["paging"]["cursors"]["after"]

    assert len(found) == 600
    assert oldest not in found
    assert (await merchant.read(oldest)).status_code == 200


async def test_feed_mixes_in_what_is_not_published(sandbox: Sandbox, media: MediaServer) -> None:
    """And wants a permission of its own; the other lists show only what is public."""
    merchant = await a_merchant(sandbox, media)
    public = await merchant.posted(message="Public")
    hidden = await merchant.posted(message="Hidden", published="false")
    sandbox.pass_time(seconds=5)
    assert error_of(await merchant.call("GET", "/{page}/feed")) == (10, None)
    assert await merchant.listed() == await merchant.listed("posts") == [public]

    sandbox.switch("facebook", posts_need_user_content=True)
    assert error_of(await merchant.call("GET", "/{page}/published_posts")) == (10, None)
    grant_user_content(merchant)

    assert set(await merchant.listed("feed")) == {public, hidden}
    assert await merchant.listed() == [public]


async def test_lists_are_the_pages_own(merchant: Merchant) -> None:
    """A person's token is refused."""
    assert error_of(await merchant.as_person("GET", "/{page}/published_posts")) == (210, None)


async def test_counts_as_fields_need_a_permission(sandbox: Sandbox, merchant: Merchant) -> None:
    """Reactions and comments do; shares do not, and are missing while there are none."""
    post_id = await merchant.posted(message="New mugs")
    fields = "shares,reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count)"
    assert error_of(await merchant.read(post_id, fields)) == (10, None)
    assert (await merchant.read(post_id, "shares")).json() == {"id": post_id}

    body = {"platform": "facebook", "platform_post_id": post_id, "metrics": {"shares": 3, "likes": 7, "comments": 0}}
    await sandbox.control("POST", "/engagement", json=body)
    grant_user_content(merchant)

    shown = (await merchant.read(post_id, fields)).json()
    assert shown["shares"] == {"count": 3}
    assert shown["reactions"] == {"data": [], "summary": {"total_count": 7}}
    assert shown["comments"] == {"data": [], "summary": {"total_count": 0}}


async def test_a_scheduled_post_goes_live_by_itself(sandbox: Sandbox, merchant: Merchant) -> None:
    """Until then only its own list and its id show it."""
    post_id = await scheduled(merchant, TEN_MINUTES)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["scheduled"]
    assert await merchant.listed("scheduled_posts") == [post_id]
    assert (await merchant.read(post_id, "is_published")).json()["is_published"] is False

    sandbox.pass_time(seconds=TEN_MINUTES)

    (post,) = await sandbox.published("facebook")
    assert (post["visibility"], post["created_at"]) == ("public", "2026-11-22T10:25:30+00:00")
    assert (await merchant.read(post_id, "is_published")).json()["is_published"] is True
    assert await merchant.listed("scheduled_posts") == []


@pytest.mark.parametrize("seconds", [-60, 0, 599, 30 * 86_400 + 1])
async def test_the_time_must_lie_in_the_window(sandbox: Sandbox, merchant: Merchant, seconds: float) -> None:
    """Ten minutes to thirty days ahead."""
    answer = await merchant.post(
        message="Later", published="false", scheduled_publish_time=in_seconds(sandbox, seconds)
    )

    assert error_of(answer) == (100, None)
    assert "The specified scheduled publish time is invalid." in answer.json()["error"]["message"]
    assert await sandbox.published("facebook") == []


async def test_the_upper_end_of_the_window_is_uncertain(sandbox: Sandbox, merchant: Merchant) -> None:
    """Two pages of the original disagree: thirty days or seventy-five."""
    sandbox.switch("facebook", schedule_longest_s=75 * 86_400)

    assert await scheduled(merchant, 60 * 86_400)


async def test_a_time_may_be_written(merchant: Merchant) -> None:
    """ISO 8601 is accepted, too."""
    answer = await merchant.post(message="Later", published="false", scheduled_publish_time="2026-11-22T12:00:00+0000")

    assert answer.status_code == 200


async def test_a_published_post_has_no_schedule(sandbox: Sandbox, merchant: Merchant) -> None:
    """A time needs `published=false`, and `SCHEDULED` needs a time."""
    when = in_seconds(sandbox, 3600)

    assert error_of(await merchant.post(message="x", scheduled_publish_time=when)) == (100, None)
    hidden = {"published": "false", "message": "x"}
    for wrong in ("SCHEDULED", "LATER"):
        assert error_of(await merchant.post(**hidden, unpublished_content_type=wrong)) == (100, None)
    refused = await merchant.post(**hidden, unpublished_content_type="DRAFT", scheduled_publish_time=when)
    assert error_of(refused) == (100, None)


async def test_a_scheduled_post_can_be_moved_and_cancelled(sandbox: Sandbox, merchant: Merchant) -> None:
    """Within the same window; what is cancelled never goes live."""
    moved, cancelled = await scheduled(merchant, TEN_MINUTES), await scheduled(merchant, TEN_MINUTES)

    later = {"scheduled_publish_time": in_seconds(sandbox, 7200)}
    assert (await merchant.call("POST", f"/{moved}", data=later)).json() == {"success": True}
    soon = {"scheduled_publish_time": in_seconds(sandbox, 60)}
    assert error_of(await merchant.call("POST", f"/{moved}", data=soon)) == (100, None)
    assert (await merchant.call("DELETE", f"/{cancelled}")).json() == {"success": True}

    sandbox.pass_time(seconds=3600)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["scheduled"]
    sandbox.pass_time(seconds=3600)
    (post,) = await sandbox.published("facebook")
    assert (post["platform_post_id"], post["visibility"]) == (moved, "public")
    assert error_of(await merchant.call("POST", f"/{moved}", data=later)) == (100, None)


async def test_scheduled_posts_take_temporary_photos(merchant: Merchant) -> None:
    """Photos kept for a post at once are refused; a photo alone can be scheduled, too."""
    kept, temporary = await merchant.kept_photo(), await merchant.kept_photo(temporary="true")
    later = {"published": "false", "scheduled_publish_time": in_seconds(merchant.sandbox, 3600)}

    assert error_of(await merchant.post(**later, attached_media=f'[{{"media_fbid":"{kept}"}}]')) == (100, None)
    assert (await merchant.post(**later, attached_media=f'[{{"media_fbid":"{temporary}"}}]')).status_code == 200
    photo = (await merchant.photo(**later, caption="Later")).json()
    assert photo["post_id"] in await merchant.listed("scheduled_posts")


async def test_unpublished_posts_and_drafts_stay_hidden(sandbox: Sandbox, merchant: Merchant) -> None:
    """Whether they can be published later is uncertain."""
    hidden = await merchant.posted(message="Hidden", published="false")
    await merchant.posted(message="Draft", published="false", unpublished_content_type="DRAFT")
    sandbox.pass_time(days=100)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["unpublished", "draft"]
    publish = {"is_published": "true"}
    assert error_of(await merchant.call("POST", f"/{hidden}", data=publish)) == (100, None)

    sandbox.switch("facebook", two_phase=True)

    assert (await merchant.call("POST", f"/{hidden}", data=publish)).json() == {"success": True}
    assert {post["text"]: post["visibility"] for post in await sandbox.published("facebook")}["Hidden"] == "public"
    assert error_of(await merchant.call("POST", f"/{hidden}", data={"is_published": "false"})) == (100, None)
