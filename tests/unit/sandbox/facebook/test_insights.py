"""The figures of Pages and posts: one wrong name fails all, small Pages have nothing, days close at night."""

from typing import Any

import pytest
from tests.unit.sandbox.facebook.visitors import SCOPES, Merchant, a_merchant, error_of, pages_of
from tests.unit.sandbox.harness import MediaServer, Response, Sandbox

from social_sandbox.facebook.page_insights import METRICS as PAGE_METRICS
from social_sandbox.facebook.post_insights import METRICS as POST_METRICS

DEAD = [
    "page_impressions",
    "page_impressions_unique",
    "page_fans",
    "page_fan_adds",
    "page_engaged_users",
    "post_impressions",
    "post_engaged_users",
]


async def insights(merchant: Merchant, node: str, metric: str, **params: str) -> Response:
    """Ask for figures."""
    return await merchant.call("GET", f"/{node}/insights", params={"metric": metric, **params})


def figures(answer: Response) -> dict[str, Any]:
    """The first value of each metric."""
    assert answer.status_code == 200, answer.text
    return {entry["name"]: entry["values"][0]["value"] for entry in answer.json()["data"]}


async def set_figures(sandbox: Sandbox, **body: Any) -> None:
    """Say what the figures are."""
    await sandbox.control("POST", "/engagement", json={"platform": "facebook", **body})


async def test_a_post_has_one_value_for_its_life(sandbox: Sandbox, merchant: Merchant) -> None:
    """As set through the control interface, by the words that all platforms share."""
    post_id = await merchant.posted(message="New mugs")
    numbers = {"views": 300, "reach": 200, "likes": 6, "comments": 2, "shares": 0, "clicks": 9}
    await set_figures(sandbox, platform_post_id=post_id, metrics=numbers)

    answer = await insights(merchant, post_id, ",".join(POST_METRICS))

    found = figures(answer)
    assert found["post_media_view"] == 300
    assert found["post_total_media_view_unique"] == 200
    assert found["post_clicks"] == 9
    assert found["post_reactions_by_type_total"] == {"like": 6}
    assert found["post_reactions_like_total"] == 6
    assert found["post_reactions_love_total"] == 0
    assert found["post_activity_by_action_type"] == {"like": 6, "comment": 2}
    assert found["post_video_views"] == 0
    entry = answer.json()["data"][0]
    assert entry["period"] == "lifetime"
    assert entry["id"] == f"{post_id}/insights/post_media_view/lifetime"


async def test_figures_grow(sandbox: Sandbox, merchant: Merchant) -> None:
    """From nothing."""
    post_id = await merchant.posted(message="New mugs")
    early = figures(await insights(merchant, post_id, "post_media_view"))
    sandbox.pass_time(hours=5)
    late = figures(await insights(merchant, post_id, "post_media_view"))

    assert early["post_media_view"] == 0 < late["post_media_view"]


@pytest.mark.parametrize("dead", DEAD)
async def test_one_dead_metric_fails_the_whole_request(merchant: Merchant, dead: str) -> None:
    """Code 100 for everything that was asked with it."""
    node = await merchant.posted(message="New mugs") if dead.startswith("post") else merchant.page_id
    good = "post_media_view" if dead.startswith("post") else "page_media_view"

    assert (await insights(merchant, node, good)).status_code == 200
    answer = await insights(merchant, node, f"{good},{dead}")
    assert error_of(answer) == (100, None)
    assert "valid insights metric" in answer.json()["error"]["message"]


async def test_without_a_metric_there_is_a_code_of_its_own(merchant: Merchant) -> None:
    """3001 with a subcode."""
    assert error_of(await merchant.call("GET", "/{page}/insights")) == (3001, 1504028)


async def test_small_pages_have_no_figures(sandbox: Sandbox, merchant: Merchant) -> None:
    """Under a hundred likes the data is empty, which does not mean zero."""
    post_id = await merchant.posted(message="New mugs")
    sandbox.pass_time(days=2)
    await merchant.change_page(likes=99)
    for node, metric in ((merchant.page_id, "page_media_view"), (post_id, "post_media_view")):
        assert (await insights(merchant, node, metric)).json()["data"] == []
    await merchant.change_page(likes=100)
    assert figures(await insights(merchant, post_id, "post_media_view"))["post_media_view"] > 0


async def test_new_posts_may_have_no_figures_yet(sandbox: Sandbox, merchant: Merchant) -> None:
    """Nor have posts that nobody can see."""
    sandbox.switch("facebook", insights_delay_s=900)
    post_id = await merchant.posted(message="New mugs")
    hidden = await merchant.posted(message="Hidden", published="false")

    assert (await insights(merchant, post_id, "post_clicks")).json()["data"] == []
    sandbox.pass_time(minutes=15)
    assert (await insights(merchant, post_id, "post_clicks")).json()["data"] != []
    assert (await insights(merchant, hidden, "post_clicks")).json()["data"] == []


async def test_days_close_at_midnight_in_california(sandbox: Sandbox, merchant: Merchant) -> None:
    """At 08:00 UTC in winter and 07:00 in summer; the day that runs is not told."""
    sandbox.pass_time(days=3)
    answer = await insights(merchant, "{page}", "page_media_view", period="day", since="2026-11-01", until="2026-11-08")
    (entry,) = answer.json()["data"]
    ends = [value["end_time"] for value in entry["values"]]

    assert ends[0] == "2026-11-02T08:00:00+0000"
    assert ends[-1] == "2026-11-08T08:00:00+0000"
    assert len(ends) == 7
    summer = await insights(merchant, "{page}", "page_follows", since="2026-10-01", until="2026-10-03")
    assert [v["end_time"][11:16] for v in summer.json()["data"][0]["values"]] == ["07:00", "07:00"]
    now = await insights(merchant, "{page}", "page_follows", period="day")
    assert [v["end_time"] for v in now.json()["data"][0]["values"]] == [
        "2026-11-24T08:00:00+0000",
        "2026-11-25T08:00:00+0000",
    ]


async def test_the_pages_figures_come_of_its_posts(sandbox: Sandbox, merchant: Merchant) -> None:
    """Those of closed days; or they are set."""
    post_id = await merchant.posted(message="New mugs")
    await set_figures(sandbox, platform_post_id=post_id, metrics={"views": 1000})
    sandbox.pass_time(days=20)
    params = {"period": "day", "since": "2026-11-20", "until": "2026-12-12"}
    (entry,) = (await insights(merchant, "{page}", "page_media_view", **params)).json()["data"]
    values = [value["value"] for value in entry["values"]]
    assert values[0] == values[1] == 0
    assert 990 <= sum(values) <= 1000

    numbers = {"views": 71, "reach": 60, "followers": 1900}
    await set_figures(sandbox, account_id=merchant.user_id, metrics=numbers)
    metric = '["page_media_view","page_total_media_view_unique","page_follows"]'
    found = figures(await insights(merchant, "{page}", metric, period="day"))
    assert found == {"page_media_view": 71, "page_total_media_view_unique": 60, "page_follows": 1900}


async def test_every_living_metric_answers(sandbox: Sandbox, merchant: Merchant) -> None:
    """In its periods; a period that one of them lacks fails."""
    sandbox.pass_time(days=1)
    answer = await insights(merchant, "{page}", ",".join(PAGE_METRICS), period="day")

    assert set(figures(answer)) == set(PAGE_METRICS)
    reach = await insights(merchant, "{page}", "page_total_media_view_unique")
    assert [entry["period"] for entry in reach.json()["data"]] == ["day", "week", "days_28"]
    assert error_of(await insights(merchant, "{page}", "page_media_view,page_follows", period="week")) == (100, None)
    assert error_of(await insights(merchant, "{page}", "page_media_view", period="month")) == (100, None)
    post_id = await merchant.posted(message="New mugs")
    assert error_of(await insights(merchant, post_id, "post_clicks", period="day")) == (100, None)


async def test_a_query_spans_ninety_days_of_two_years(sandbox: Sandbox, merchant: Merchant) -> None:
    """More is an error; older days are not kept."""
    long = {"since": "2026-01-01", "until": "2026-04-02"}
    assert error_of(await insights(merchant, "{page}", "page_follows", **long)) == (100, None)
    assert (
        error_of(await insights(merchant, "{page}", "page_follows", since="2026-02-01", until="2026-01-01"))[0] == 100
    )
    old = await insights(merchant, "{page}", "page_follows", since="2024-01-01", until="2024-01-08")
    assert old.json()["data"][0]["values"] == []


async def test_figures_can_be_followed_through_time(sandbox: Sandbox, merchant: Merchant) -> None:
    """The addresses before and after stand under the sandbox's own base."""
    answer = await insights(merchant, "{page}", "page_follows", since="2026-11-10", until="2026-11-12", period="day")
    paging = answer.json()["paging"]

    before = await sandbox.client.get(paging["previous"], headers={"authorization": f"Bearer {merchant.token}"})

    assert paging["next"].startswith("http://localhost:8110/facebook/graph.facebook.com/v26.0/")
    ends = [value["end_time"][:10] for value in before.json()["data"][0]["values"]]
    assert ends == ["2026-11-09", "2026-11-10"]


async def test_videos_have_no_such_edge(sandbox: Sandbox, merchant: Merchant) -> None:
    """Their posts have, by two names, and there is an edge of another name."""
    video = (await merchant.call("POST", "/{page}/videos", data={"file_url": merchant.movie()})).json()["id"]
    sandbox.pass_time(hours=5)
    post_id = (await merchant.read(video, "post_id")).json()["post_id"]

    refused = await insights(merchant, video, "post_video_views")
    assert error_of(refused) == (100, None)
    assert "nonexisting field (insights) on node type (Video)" in refused.json()["error"]["message"]
    joined = await insights(merchant, f"{merchant.page_id}_{video}", "post_video_views")
    by_post = await insights(merchant, post_id, "post_video_views")
    other = await merchant.call("GET", f"/{video}/video_insights", params={"metric": "post_video_views"})
    assert figures(joined) == figures(by_post) == figures(other)
    assert figures(joined)["post_video_views"] > 0


async def test_figures_need_permissions_and_the_task(sandbox: Sandbox, media: MediaServer, merchant: Merchant) -> None:
    """Two of them, and ANALYZE."""
    for missing in ("read_insights", "pages_read_engagement"):
        kept = [scope for scope in SCOPES.split(",") if scope != missing]
        reader = await a_merchant(sandbox, media, account="ben.many", scope=kept)
        assert error_of(await insights(reader, "{page}", "page_follows")) == (10, None)
    await merchant.change_page(tasks=["CREATE_CONTENT"])
    assert error_of(await insights(merchant, "{page}", "page_follows")) == (200, None)
    assert len(await pages_of(sandbox, merchant.long)) == 1
