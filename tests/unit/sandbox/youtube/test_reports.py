"""Analytics of the simulated YouTube: what came on which day, late and with holes."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox, a_movie
from tests.unit.sandbox.youtube.visitors import Merchant, a_merchant, reason_of

CHANNEL_METRICS = (
    "views,engagedViews,estimatedMinutesWatched,averageViewDuration,likes,comments,shares,"
    "subscribersGained,subscribersLost"
)
BEST_FIRST = {"dimensions": "video", "sort": "-views", "maxResults": "50"}


async def published(merchant: Merchant, *, views: int = 100) -> str:
    """A public video with so many views; returns its id."""
    video = await merchant.uploaded(a_movie(60, width=320, height=180), privacyStatus="public")
    metrics = {"views": views, "likes": 9, "comments": 3, "shares": 2}
    engagement = {"platform": "youtube", "platform_post_id": video["id"], "metrics": metrics}
    await merchant.sandbox.control("POST", "/engagement", json=engagement)
    return str(video["id"])


async def later(sandbox: Sandbox, merchant: Merchant, **step: float) -> None:
    """Let time pass, and get a token that lives."""
    sandbox.pass_time(**step)
    await merchant.renew()


async def test_a_channels_days(sandbox: Sandbox, merchant: Merchant) -> None:
    """Columns in the asked order with their types; numbers are numbers; days without anything have no row."""
    await published(merchant)
    await later(sandbox, merchant, days=8)

    body = (await merchant.report(metrics=CHANNEL_METRICS, dimensions="day", sort="day")).json()

    assert body["kind"] == "youtubeAnalytics#resultTable"
    assert body["columnHeaders"][0] == {"name": "day", "columnType": "DIMENSION", "dataType": "STRING"}
    assert body["columnHeaders"][1] == {"name": "views", "columnType": "METRIC", "dataType": "INTEGER"}
    assert [header["name"] for header in body["columnHeaders"]] == ["day", *CHANNEL_METRICS.split(",")]
    days = [row[0] for row in body["rows"]]
    assert days[0] == "2026-11-22"
    assert days == sorted(days)
    assert all(isinstance(value, int) for row in body["rows"] for value in row[1:])
    assert 90 <= sum(row[1] for row in body["rows"]) <= 100
    assert all(row[2] <= row[1] for row in body["rows"])


@pytest.mark.parametrize(
    ("hours", "last"), [(0, None), (48, None), (69.7, None), (69.8, "2026-11-22"), (94, "2026-11-23")]
)
async def test_the_last_days_are_missing(sandbox: Sandbox, merchant: Merchant, hours: float, last: str | None) -> None:
    """A day is there 48 hours after its end in California, though the video's own counter runs."""
    video_id = await published(merchant, views=1000)
    await later(sandbox, merchant, hours=hours)

    body = (await merchant.report(dimensions="day")).json()
    live = (await merchant.video(video_id, "statistics"))["statistics"]["viewCount"]

    assert (body["rows"][-1][0] if "rows" in body else None) == last
    assert live == "1000"


@pytest.mark.parametrize(("form", "expected"), [("missing", {}), ("empty", {"rows": []})])
async def test_a_report_without_data(
    sandbox: Sandbox, merchant: Merchant, form: str, expected: dict[str, list[Any]]
) -> None:
    """It may lack its rows altogether."""
    sandbox.switch("youtube", empty_rows=form)

    body = (await merchant.report()).json()

    assert {name: value for name, value in body.items() if name == "rows"} == expected
    assert body["columnHeaders"] == [{"name": "views", "columnType": "METRIC", "dataType": "INTEGER"}]


async def test_single_videos(sandbox: Sandbox, merchant: Merchant) -> None:
    """The best first; only those of the filter, only one's own, as many as asked for."""
    low, high, other = [await published(merchant, views=views) for views in (50, 500, 5000)]
    foreign = await published(await a_merchant(sandbox, account="claystudio"))
    await later(sandbox, merchant, days=8)

    some = (await merchant.report(**BEST_FIRST, filters=f"video=={low},{high},{foreign}")).json()
    best = (await merchant.report(**BEST_FIRST | {"maxResults": "1"})).json()
    second = (await merchant.report(**BEST_FIRST, startIndex="2")).json()

    assert [row[0] for row in some["rows"]] == [high, low]
    assert [row[0] for row in best["rows"]] == [other]
    assert [row[0] for row in second["rows"]] == [high, low]


async def test_one_total(sandbox: Sandbox, merchant: Merchant) -> None:
    """Without a dimension there is one row; the filter holds there, too."""
    one, two = [await published(merchant, views=views) for views in (100, 300)]
    await later(sandbox, merchant, days=30)

    both = (await merchant.report(endDate="2026-12-31", metrics="likes,views,averageViewPercentage")).json()
    single = (await merchant.report(endDate="2026-12-31", filters=f"video=={one}")).json()

    ((likes, views, share),) = both["rows"]
    assert 380 <= views <= 400
    assert 15 <= likes <= 18
    assert isinstance(share, float)
    assert 95 <= single["rows"][0][0] <= 100
    assert two not in str(single)


@pytest.mark.parametrize(
    "params",
    [
        {"dimensions": "day,video"},
        {"dimensions": "country"},
        {"dimensions": "video"},
        {"dimensions": "video", "sort": "-views"},
        {"dimensions": "video", "sort": "views", "maxResults": "50"},
        {"dimensions": "video", "sort": "-likes", "maxResults": "50"},
        {"dimensions": "video", "sort": "-views", "maxResults": "201"},
        {"dimensions": "day", "sort": "video"},
        {"filters": "country==IT"},
        {"filters": "video==a;video==b"},
        {"filters": "video=="},
        {"metrics": "views,views"},
    ],
)
async def test_mixes_that_there_are_not(merchant: Merchant, params: dict[str, str]) -> None:
    """400 badRequest, and the words of it."""
    answer = await merchant.report(**params)

    assert reason_of(answer) == (400, "badRequest")
    assert answer.json()["error"]["message"].startswith("The query is not supported.")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"metrics": ""}, (400, "badRequest")),
        ({"metrics": "impressions"}, (400, "badRequest")),
        ({"ids": ""}, (400, "badRequest")),
        ({"ids": "MINE"}, (400, "badRequest")),
        ({"ids": "channel==UCother"}, (403, "forbidden")),
        ({"ids": "contentOwner==me"}, (403, "forbidden")),
        ({"startDate": "yesterday"}, (400, "badRequest")),
        ({"startDate": "2026-13-01"}, (400, "badRequest")),
        ({"startDate": "2026-12-02"}, (400, "badRequest")),
        ({"endDate": "20261130"}, (400, "badRequest")),
        ({"maxResults": "0"}, (400, "badRequest")),
        ({"startIndex": "x"}, (400, "badRequest")),
        ({"metric": "views"}, (400, "badRequest")),
        ({"metrics": "views,estimatedRevenue"}, (403, "forbidden")),
    ],
)
async def test_a_wrong_query_is_refused(merchant: Merchant, params: dict[str, str], expected: tuple[int, str]) -> None:
    """Names, dates, numbers, other people's channels, money."""
    assert reason_of(await merchant.report(**params)) == expected


async def test_the_own_channel_may_be_named(sandbox: Sandbox, merchant: Merchant) -> None:
    """By its id instead of MINE; and reports draw on none of the four buckets."""
    channel_id = (await merchant.channel("id"))["id"]
    before = dict(sandbox.simulation.store.buckets["youtube"]["quota"])

    assert (await merchant.report(ids=f"channel=={channel_id}")).status_code == 200
    assert sandbox.simulation.store.buckets["youtube"]["quota"] == before


async def test_metrics_faults_hit_every_way_of_measuring(sandbox: Sandbox, merchant: Merchant) -> None:
    """Reports, batches, and lists that are read for their counters."""
    await sandbox.fault("youtube", "metrics", "error_500", count=4)

    answers = [
        await merchant.report(),
        await merchant.get("videos:batchGetStats", part="statistics", id="a"),
        await merchant.get("videos", part="statistics", id="a"),
        await merchant.get("channels", part="statistics", mine="true"),
    ]

    assert [reason_of(answer) for answer in answers] == [(500, "backendError")] * 4
    assert (await merchant.get("channels", part="snippet,statistics", mine="true")).status_code == 200
