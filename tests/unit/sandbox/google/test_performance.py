"""Figures of a location: shapes that bite, days that are not there yet, words with a bound."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.sandbox.google.visitors import FIGURES, TODAY, Merchant, between
from tests.unit.sandbox.harness import Response, Sandbox

IMPRESSIONS = [
    f"BUSINESS_IMPRESSIONS_{device}_{where}" for device in ("DESKTOP", "MOBILE") for where in ("MAPS", "SEARCH")
]


async def several(merchant: Merchant, metrics: list[str], start: date, end: date) -> Response:
    """Ask for several metrics."""
    path = f"{FIGURES}/{merchant.location}:fetchMultiDailyMetricsTimeSeries"
    return await merchant.call("GET", path, params={"dailyMetrics": metrics, **between(start, end)})


async def sums(merchant: Merchant, metrics: list[str], start: date, end: date) -> dict[str, int]:
    """What each metric comes to."""
    [outer] = (await several(merchant, metrics, start, end)).json()["multiDailyMetricTimeSeries"]
    return {
        series["dailyMetric"]: sum(int(v.get("value", "0")) for v in series["timeSeries"]["datedValues"])
        for series in outer["dailyMetricTimeSeries"]
    }


async def test_series_are_doubly_nested_texts_without_zeros(merchant: Merchant) -> None:
    """Each day has a date; a value is text, and missing where it is zero."""
    start, end = TODAY - timedelta(days=40), TODAY - timedelta(days=10)

    answer = await several(merchant, ["MESSAGING_CLICKS", "BUSINESS_FOOD_ORDERS"], start, end)

    [outer] = answer.json()["multiDailyMetricTimeSeries"]
    clicks, orders = outer["dailyMetricTimeSeries"]
    assert [clicks["dailyMetric"], orders["dailyMetric"]] == ["MESSAGING_CLICKS", "BUSINESS_FOOD_ORDERS"]
    values = clicks["timeSeries"]["datedValues"]
    assert len(values) == 31
    assert values[0]["date"] == {"year": start.year, "month": start.month, "day": start.day}
    assert {type(entry["value"]) for entry in values if "value" in entry} == {str}
    assert any("value" not in entry for entry in values)
    assert "0" not in [entry.get("value") for entry in values]
    assert all("value" not in entry for entry in orders["timeSeries"]["datedValues"])


async def test_the_last_days_are_missing_and_come_later(sandbox: Sandbox, merchant: Merchant) -> None:
    """What was read once stays as it was; newer days join."""
    start = TODAY - timedelta(days=7)

    async def days() -> list[Any]:
        [outer] = (await several(merchant, ["WEBSITE_CLICKS"], start, TODAY)).json()["multiDailyMetricTimeSeries"]
        found: list[Any] = outer["dailyMetricTimeSeries"][0]["timeSeries"].get("datedValues", [])
        return found

    early = await days()
    assert [entry["date"]["day"] for entry in early] == [15, 16, 17, 18, 19]
    sandbox.switch("google", performance_lag_days=0)
    late = await days()
    assert late[:5] == early
    assert len(late) == 8
    sandbox.switch("google", performance_lag_days=30)
    assert await days() == []


async def test_figures_go_back_eighteen_months(merchant: Merchant) -> None:
    """Older days are not there."""
    [outer] = (await several(merchant, ["CALL_CLICKS"], date(2024, 1, 1), date(2025, 6, 1))).json()[
        "multiDailyMetricTimeSeries"
    ]

    first = outer["dailyMetricTimeSeries"][0]["timeSeries"]["datedValues"][0]["date"]
    assert (first["year"], first["month"]) == (2025, 5)


async def test_one_metric_comes_alone(merchant: Merchant) -> None:
    """The same series without the nesting."""
    start, end = TODAY - timedelta(days=9), TODAY - timedelta(days=8)
    path = f"{FIGURES}/{merchant.location}:getDailyMetricsTimeSeries"

    answer = await merchant.call("GET", path, params={"dailyMetric": "WEBSITE_CLICKS", **between(start, end)})

    [outer] = (await several(merchant, ["WEBSITE_CLICKS"], start, end)).json()["multiDailyMetricTimeSeries"]
    assert answer.json() == {"timeSeries": outer["dailyMetricTimeSeries"][0]["timeSeries"]}


@pytest.mark.parametrize(
    "params",
    [
        {"dailyMetrics": []},
        {"dailyMetrics": "DAILY_METRIC_UNKNOWN"},
        {"dailyMetrics": "QUERIES_DIRECT"},
        {"dailyRange.startDate.day": 31},
        {"dailyRange.startDate.day": ""},
        {"dailyRange.startDate.year": "x"},
        {"dailyRange.endDate.month": 10},
        {"daily_range.end_date.month": 11},
    ],
)
async def test_a_wrong_question_is_refused(merchant: Merchant, params: dict[str, Any]) -> None:
    """Metrics and dates are required, known and in order."""
    path = f"{FIGURES}/{merchant.location}:fetchMultiDailyMetricsTimeSeries"
    right = {"dailyMetrics": "CALL_CLICKS", **between(date(2026, 11, 1), date(2026, 11, 2))}

    answer = await merchant.call("GET", path, params=right | params)

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("params", [{}, {"dailyMetric": "X"}, {"dailySubEntityType.dayOfWeek": "MONDAY"}])
async def test_a_single_metric_is_required_and_not_broken_down(merchant: Merchant, params: dict[str, Any]) -> None:
    """No metric supports a breakdown."""
    path = f"{FIGURES}/{merchant.location}:getDailyMetricsTimeSeries"
    default = {"dailyMetric": "CALL_CLICKS"} if "dailySubEntityType.dayOfWeek" in params else {}
    days = between(date(2026, 11, 1), date(2026, 11, 2))

    assert (await merchant.call("GET", path, params={**default, **days, **params})).status_code == 400


async def test_figures_set_from_outside_are_what_a_stretch_adds_up_to(sandbox: Sandbox, merchant: Merchant) -> None:
    """Our words and Google's names; profile views are the four impression metrics together."""
    metrics = {"impressions": 503, "clicks": 12, "BUSINESS_DIRECTION_REQUESTS": 7, "calls": 0}
    body = {"platform": "google", "account_id": merchant.sub, "metrics": metrics}
    await sandbox.control("POST", "/engagement", json=body)
    asked = [*IMPRESSIONS, "WEBSITE_CLICKS", "BUSINESS_DIRECTION_REQUESTS", "CALL_CLICKS"]

    for start in (TODAY - timedelta(days=7), TODAY - timedelta(days=60)):
        found = await sums(merchant, asked, start, TODAY)
        assert sum(found[name] for name in IMPRESSIONS) == 503
        assert [found[name] for name in asked[4:]] == [12, 7, 0]


async def test_search_words_have_a_value_or_a_bound(sandbox: Sandbox, merchant: Merchant) -> None:
    """Never both; the bound is fifteen."""
    path = f"{FIGURES}/{merchant.location}/searchkeywords/impressions/monthly"
    params = {
        "monthlyRange.startMonth.year": 2026,
        "monthlyRange.startMonth.month": 9,
        "monthlyRange.endMonth.year": 2026,
        "monthlyRange.endMonth.month": 10,
    }

    words = (await merchant.call("GET", path, params=params)).json()["searchKeywordsCounts"]

    kinds = [set(word["insightsValue"]) for word in words]
    assert {"value"} in kinds
    assert {"threshold"} in kinds
    assert all(len(kind) == 1 for kind in kinds)
    assert {word["insightsValue"]["threshold"] for word in words if "threshold" in word["insightsValue"]} == {"15"}
    assert all(int(word["insightsValue"].get("value", "15")) >= 15 for word in words)
    assert words[0]["searchKeyword"] == "ada ceramics"
    paged = (await merchant.call("GET", path, params=params | {"pageSize": 2})).json()
    assert paged["searchKeywordsCounts"] == words[:2]
    assert "nextPageToken" in paged
    future = params | {"monthlyRange.startMonth.year": 2027, "monthlyRange.endMonth.year": 2027}
    assert (await merchant.call("GET", path, params=future)).json() == {}
    for wrong in ({"monthlyRange.startMonth.year": 2028}, {"monthlyRange.endMonth.month": ""}, {"pageSize": 101}):
        assert (await merchant.call("GET", path, params=params | wrong)).status_code == 400


async def test_figures_follow_the_role(merchant: Merchant) -> None:
    """Without a role at the location there is nothing to see."""
    await merchant.change_location(role="NONE")

    assert (await several(merchant, ["CALL_CLICKS"], TODAY, TODAY)).status_code == 403
