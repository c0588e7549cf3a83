"""Figures of pages and members on the simulated LinkedIn, with their oddities."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox, a_movie
from tests.unit.sandbox.linkedin.visitors import (
    COMMUNITY_APP,
    PAGE,
    Merchant,
    a_member,
    a_merchant,
    a_page_manager,
    encoded,
    error_of,
)

SHARES = f"/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={encoded(PAGE)}"
FOLLOWERS = f"/organizationalEntityFollowerStatistics?q=organizationalEntity&organizationalEntity={encoded(PAGE)}"
SIZE = f"/networkSizes/{encoded(PAGE)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
NUMBERS = {"impressions": 240, "reach": 150, "clicks": 6, "likes": 4, "comments": 1, "shares": 1}
TOLD = {
    "impressionCount": 240,
    "uniqueImpressionsCount": 150,
    "clickCount": 6,
    "likeCount": 4,
    "commentCount": 1,
    "shareCount": 1,
    "engagement": 0.05,
}
DAY = timedelta(days=1)


def ms(moment: datetime) -> int:
    """A moment as LinkedIn writes it."""
    return int(moment.timestamp() * 1000)


def intervals(start: datetime, end: datetime, granularity: str = "DAY") -> str:
    """The parameter for a stretch of time."""
    return f"&timeIntervals=(timeRange:(start:{ms(start)},end:{ms(end)}),timeGranularityType:{granularity})"


async def set_numbers(sandbox: Sandbox, urn: str, **numbers: int) -> None:
    """Set a post's figures."""
    body = {"platform": "linkedin", "platform_post_id": urn, "metrics": numbers}
    await sandbox.control("POST", "/engagement", json=body)


async def elements(merchant: Merchant, path: str, **headers: str) -> list[dict[str, Any]]:
    """The elements of an answer that must succeed."""
    answer = await merchant.call("GET", path, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["elements"]
    return found


async def test_a_page_tells_all_its_posts_together(sandbox: Sandbox, manager: Merchant) -> None:
    """Engagement is a ratio."""
    await set_numbers(sandbox, await manager.posted("One", author=PAGE), **NUMBERS)

    (told,) = await elements(manager, SHARES)

    assert told == {"organizationalEntity": PAGE, "totalShareStatistics": TOLD}


async def test_posts_without_activity_are_left_out(sandbox: Sandbox, manager: Merchant) -> None:
    """A list of each kind of URN; zeros and strangers are missing from the answer."""
    busy, quiet = await manager.posted("One", author=PAGE), await manager.posted("Two", author=PAGE)
    content = a_movie() + bytes(100_000)
    video = await manager.posted("Three", author=PAGE, content={"media": {"id": await manager.video(content, PAGE)}})
    for urn in (busy, video):
        await set_numbers(sandbox, urn, **NUMBERS)
    await set_numbers(sandbox, quiet, **dict.fromkeys(NUMBERS, 0))

    shares = await elements(manager, f"{SHARES}&shares=List({encoded(busy)},{encoded(quiet)},urn%3Ali%3Ashare%3A7)")
    posts = await elements(manager, f"{SHARES}&ugcPosts=List({encoded(video)})")

    assert shares == [{"organizationalEntity": PAGE, "share": busy, "totalShareStatistics": TOLD}]
    assert posts == [{"organizationalEntity": PAGE, "ugcPost": video, "totalShareStatistics": TOLD}]


async def test_lists_of_posts_are_lifetime_and_of_one_kind(sandbox: Sandbox, manager: Merchant) -> None:
    """Not with intervals, not both lists, not the other kind of URN."""
    share, now = "List(urn%3Ali%3Ashare%3A7)", sandbox.clock.now()

    for path in (
        f"{SHARES}&shares={share}{intervals(now - DAY, now)}",
        f"{SHARES}&shares={share}&ugcPosts=List(urn%3Ali%3AugcPost%3A7)",
        f"{SHARES}&ugcPosts={share}",
        f"{SHARES}&shares=urn%3Ali%3Ashare%3A7",
    ):
        assert (await manager.call("GET", path)).status_code == 400


async def test_likes_and_shares_can_be_negative(sandbox: Sandbox, manager: Merchant) -> None:
    """Those that were taken back."""
    await set_numbers(sandbox, await manager.posted("One", author=PAGE), **NUMBERS)
    sandbox.switch("linkedin", withdrawn=6)

    (told,) = await elements(manager, SHARES)

    assert told["totalShareStatistics"]["likeCount"] == -2
    assert told["totalShareStatistics"]["shareCount"] == -5


async def test_views_are_impressions(sandbox: Sandbox, manager: Merchant) -> None:
    """Either word sets them; impressions win."""
    urn = await manager.posted("One", author=PAGE)
    await set_numbers(sandbox, urn, views=77)
    first = (await elements(manager, SHARES))[0]["totalShareStatistics"]["impressionCount"]
    await set_numbers(sandbox, urn, impressions=88)

    second = (await elements(manager, SHARES))[0]["totalShareStatistics"]["impressionCount"]

    assert (first, second) == (77, 88)


async def test_intervals_are_utc_days_in_milliseconds_that_add_up(sandbox: Sandbox, manager: Merchant) -> None:
    """A day's figures are what came on that day; nothing before the post."""
    began = sandbox.clock.now()
    urn = await manager.posted("One", author=PAGE)
    sandbox.pass_time(days=3)
    manager = await a_page_manager(sandbox)
    await set_numbers(sandbox, urn, **NUMBERS)

    days = await elements(manager, SHARES + intervals(began - DAY, sandbox.clock.now()))

    midnight = began.replace(hour=0, minute=0, second=0)
    assert [day["timeRange"] for day in days] == [
        {"start": ms(midnight + (step - 1) * DAY), "end": ms(midnight + step * DAY)} for step in range(5)
    ]
    counts = [day["totalShareStatistics"]["impressionCount"] for day in days]
    assert counts[0] == 0
    assert sum(counts) == 240
    assert counts[1] > counts[3]


async def test_nothing_reaches_back_over_twelve_months(sandbox: Sandbox, manager: Merchant) -> None:
    """Neither intervals nor the figures of an old post."""
    urn = await manager.posted("One", author=PAGE)
    await set_numbers(sandbox, urn, **NUMBERS)
    sandbox.switch("linkedin", extra_versions=["202609"])
    sandbox.pass_time(days=500)
    manager = await a_page_manager(sandbox)
    now = sandbox.clock.now()

    days = await elements(manager, SHARES + intervals(now - 700 * DAY, now))
    (together,) = await elements(manager, SHARES)

    wall = now.replace(hour=0, minute=0, second=0) - 365 * DAY
    assert days[0]["timeRange"]["start"] == ms(wall)
    assert len(days) == 366
    assert together["totalShareStatistics"]["impressionCount"] == 0
    months = await elements(manager, SHARES + intervals(now - 700 * DAY, now, "MONTH"))
    assert [len(months), months[0]["timeRange"]["start"]] == [12, ms(wall)]


@pytest.mark.parametrize(
    "value",
    [
        "(timeRange:(start:2,end:1),timeGranularityType:DAY)",
        "(timeRange:(start:1,end:2),timeGranularityType:HOUR)",
        "(timeRange:(start:1,end:2))",
        "(timeRange:(start:1),timeGranularityType:DAY)",
        "(timeRange:(start:a,end:2),timeGranularityType:DAY)",
        "(timeRange:(start:1,end:999999999999999999),timeGranularityType:DAY)",
        "List(1,2)",
        "DAY",
    ],
)
async def test_wrong_intervals(manager: Merchant, value: str) -> None:
    """A 400 each; weeks are for followers only."""
    for path in (SHARES, FOLLOWERS):
        assert error_of(await manager.call("GET", f"{path}&timeIntervals={value}"))[0] == 400
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert (await manager.call("GET", SHARES + intervals(now, now + DAY, "WEEK"))).status_code == 400


async def test_the_size_of_a_page(sandbox: Sandbox, manager: Merchant) -> None:
    """As set for the page or for its account; the old edge is not served any more."""
    assert (await manager.call("GET", SIZE)).json() == {"firstDegreeSize": 961}
    change = {"platform": "linkedin", "platform_id": PAGE, "options": {"followers": 800}}
    await sandbox.control("POST", "/places", json=change)
    assert (await manager.call("GET", SIZE)).json() == {"firstDegreeSize": 800}
    account = (await sandbox.control("GET", "/accounts?platform=linkedin"))["accounts"][0]["account_id"]
    body = {"platform": "linkedin", "account_id": account, "metrics": {"followers": 1234}}
    await sandbox.control("POST", "/engagement", json=body)

    assert (await manager.call("GET", SIZE)).json() == {"firstDegreeSize": 1234}
    old = SIZE.replace("COMPANY_FOLLOWED_BY_MEMBER", "CompanyFollowedByMember")
    assert error_of(await manager.call("GET", old)) == (400, "INVALID_VALUE_FOR_FIELD")


async def test_follower_gains_end_two_days_ago(sandbox: Sandbox, manager: Merchant) -> None:
    """Days, weeks and months; the total grows by what they say."""
    before = (await manager.call("GET", SIZE)).json()["firstDegreeSize"]
    began = sandbox.clock.now()
    sandbox.pass_time(days=20)
    now = sandbox.clock.now()

    days = await elements(manager, FOLLOWERS + intervals(now - 10 * DAY, now))

    assert days[-1]["timeRange"]["end"] == ms(now.replace(hour=0, minute=0, second=0) - DAY)
    assert len(days) == 9
    sandbox.switch("linkedin", follower_lag_days=0)
    weeks = await elements(manager, FOLLOWERS + intervals(now - 14 * DAY, now - DAY, "WEEK"))
    assert len(weeks) == 2
    assert all(set(week["followerGains"]) == {"organicFollowerGain", "paidFollowerGain"} for week in weeks)
    after = (await manager.call("GET", SIZE)).json()["firstDegreeSize"]
    gains = await elements(manager, FOLLOWERS + intervals(began, now))
    gained = sum(day["followerGains"]["organicFollowerGain"] for day in gains)
    assert abs(gained - (after - before)) <= 5
    assert gained > 20


async def test_without_time_followers_are_facets(manager: Merchant) -> None:
    """Organic and paid in one; no total."""
    (told,) = await elements(manager, FOLLOWERS)

    (seniority,) = told["followerCountsBySeniority"]
    assert seniority["followerCounts"] == {"organicFollowerCount": 961, "paidFollowerCount": 0}
    assert "firstDegreeSize" not in told


@pytest.mark.parametrize("path", [SHARES, FOLLOWERS, SIZE])
async def test_statistics_are_for_administrators(sandbox: Sandbox, manager: Merchant, path: str) -> None:
    """A role that may post may not count; nor does another scope help."""
    without_scope = await a_merchant(sandbox, COMMUNITY_APP, "r_organization_admin", account="noorbakker")
    assert error_of(await without_scope.call("GET", path)) == (403, "ACCESS_DENIED")
    change = {"platform": "linkedin", "platform_id": PAGE, "options": {"role": "CONTENT_ADMIN"}}
    await sandbox.control("POST", "/places", json=change)

    assert error_of(await manager.call("GET", path)) == (403, "ACCESS_DENIED")
    assert (await manager.post("Hello", author=PAGE)).status_code == 201


async def test_live_counts_of_a_pages_post(sandbox: Sandbox, manager: Merchant) -> None:
    """Reactions by their type; a type without any is missing."""
    urn = await manager.posted("One", author=PAGE)
    path = f"/socialMetadata/{encoded(urn)}"
    await set_numbers(sandbox, urn, likes=0, comments=0)
    none = (await manager.call("GET", path)).json()
    await set_numbers(sandbox, urn, likes=4, comments=2)

    some = (await manager.call("GET", path)).json()

    assert none["reactionSummaries"] == {}
    assert some["reactionSummaries"]["LIKE"]["count"] == 4
    assert some["commentSummary"]["count"] == 2
    assert error_of(await manager.call("GET", "/socialMetadata/urn%3Ali%3Ashare%3A7")) == (404, "NOT_FOUND")
    own = await manager.posted("Mine")
    assert error_of(await manager.call("GET", f"/socialMetadata/{encoded(own)}")) == (403, "ACCESS_DENIED")


def analytics(urn: str, query_type: str = "IMPRESSION", key: str = "share", more: str = "") -> str:
    """The address of one metric of a member's post."""
    return f"/memberCreatorPostAnalytics?q=entity&entity=({key}:{encoded(urn)})&queryType={query_type}{more}"


@pytest.mark.parametrize(
    ("query_type", "count"),
    [
        ("IMPRESSION", 240),
        ("MEMBERS_REACHED", 150),
        ("RESHARE", 1),
        ("REACTION", 4),
        ("COMMENT", 1),
        ("LINK_CLICKS", 6),
    ],
)
async def test_a_members_post_tells_one_metric_a_call(
    sandbox: Sandbox, manager: Merchant, query_type: str, count: int
) -> None:
    """Also of a post made through the other app."""
    member = await a_member(sandbox)
    urn = await member.posted("Hello")
    await set_numbers(sandbox, urn, **NUMBERS)

    told = await elements(manager, analytics(urn, query_type, more="&aggregation=TOTAL"))

    assert told == [{"count": count, "metricType": query_type, "targetEntity": {"share": urn}}]


async def test_older_versions_know_fewer_metrics_in_another_form(sandbox: Sandbox, manager: Merchant) -> None:
    """An object with one long key before 202605; link clicks since 202604."""
    urn = await manager.posted("Hello")
    await set_numbers(sandbox, urn, **NUMBERS)

    ((key, value),) = (await elements(manager, analytics(urn), **{"linkedin-version": "202604"}))[0][
        "metricType"
    ].items()
    refused = await manager.call("GET", analytics(urn, "LINK_CLICKS"), headers={"linkedin-version": "202603"})

    assert key.startswith("com.linkedin.")
    assert value == "IMPRESSION"
    assert refused.status_code == 400
    assert (await manager.call("GET", analytics(urn, "LINK_CLICKS"))).status_code == 200
    assert (await manager.call("GET", analytics(urn, "SAVES"))).status_code == 400


async def test_no_elements_are_no_data_and_not_zero(sandbox: Sandbox, manager: Merchant) -> None:
    """A zero that was set is a zero."""
    urn = await manager.posted("Hello")
    nothing = await elements(manager, analytics(urn))
    await set_numbers(sandbox, urn, impressions=0)

    zero = await elements(manager, analytics(urn))

    assert nothing == []
    assert [told["count"] for told in zero] == [0]


async def test_a_post_that_is_no_share_has_another_key(sandbox: Sandbox, manager: Merchant) -> None:
    """Which one, is a switch; the key must fit the URN."""
    content = a_movie() + bytes(100_000)
    urn = await manager.posted("Film", content={"media": {"id": await manager.video(content)}})
    await set_numbers(sandbox, urn, **NUMBERS)

    (told,) = await elements(manager, analytics(urn, key="ugc"))
    assert told["targetEntity"] == {"ugc": urn}
    for key in ("share", "ugcPost", "post"):
        assert (await manager.call("GET", analytics(urn, key=key))).status_code == 400
    sandbox.switch("linkedin", ugc_key="ugcPost")
    assert len(await elements(manager, analytics(urn, key="ugcPost"))) == 1


async def test_days_of_a_members_posts(sandbox: Sandbox, manager: Merchant) -> None:
    """Each day of a range, or of the post's life; all posts together need the range."""
    urn = await manager.posted("Hello")
    sandbox.pass_time(days=2)
    await set_numbers(sandbox, urn, **NUMBERS)
    span = "&dateRange=(start:(year:2026,month:11,day:20),end:(year:2026,month:11,day:24))"
    own = "/memberCreatorPostAnalytics?q=me&queryType=IMPRESSION"

    life = await elements(manager, analytics(urn, more="&aggregation=DAILY"))
    daily = await elements(manager, f"{own}&aggregation=DAILY{span}")
    (total,) = await elements(manager, f"{own}{span}")

    assert len(life) == 3
    assert sum(day["count"] for day in life) == 240
    assert daily[0]["dateRange"] == {
        "start": {"year": 2026, "month": 11, "day": 20},
        "end": {"year": 2026, "month": 11, "day": 21},
    }
    assert [day["count"] for day in daily[:2]] == [0, 0]
    assert sum(day["count"] for day in daily) == total["count"] > 0
    assert "targetEntity" not in total
    assert (await manager.call("GET", own)).status_code == 400


async def test_a_members_followers(sandbox: Sandbox, manager: Merchant) -> None:
    """By now, and one element per day of a range."""
    span = "(start:(year:2026,month:11,day:1),end:(year:2026,month:11,day:8))"

    now = await elements(manager, "/memberFollowersCount?q=me")
    days = await elements(manager, f"/memberFollowersCount?q=dateRange&dateRange={span}")

    assert now == [{"memberFollowersCount": 961}]
    assert [day["dateRange"]["start"]["day"] for day in days] == list(range(1, 8))


@pytest.mark.parametrize(
    "span",
    [
        "",
        "(start:(year:2026,month:11,day:8),end:(year:2026,month:11,day:1))",
        "(start:(year:2026,month:13,day:1),end:(year:2027,month:1,day:1))",
        "(start:(year:2026,month:11),end:(year:2027,month:1,day:1))",
        "(start:2026-11-01,end:2026-11-08)",
        "(start:(year:99999999999999999,month:1,day:1),end:(year:2027,month:1,day:1))",
    ],
)
async def test_wrong_ranges_of_dates(manager: Merchant, span: str) -> None:
    """A 400 each."""
    answer = await manager.call("GET", f"/memberFollowersCount?q=dateRange&dateRange={span}")

    assert answer.status_code == 400


async def test_analytics_are_of_ones_own_posts(sandbox: Sandbox, manager: Merchant) -> None:
    """Not a page's, not another member's, not one that never was."""
    page, theirs = await manager.posted("Hello", author=PAGE), ""
    other = await a_page_manager(sandbox, account="noorbakker")
    theirs = await other.posted("Hello")

    assert error_of(await manager.call("GET", analytics(page))) == (403, "ACCESS_DENIED")
    assert error_of(await manager.call("GET", analytics(theirs))) == (403, "ACCESS_DENIED")
    assert error_of(await manager.call("GET", analytics("urn:li:share:7"))) == (404, "NOT_FOUND")
