"""Google Business Profile for analytics: how often a location was shown. Of single posts Google reports nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    AppConfig,
    Platform,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.answers import at, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.google.api import PERFORMANCE, GoogleBusinessApi, location_of
from social_platforms.google.limits import PERFORMANCE_BUCKET, SERVICE_VERSION

IMPRESSIONS: Final = (
    "BUSINESS_IMPRESSIONS_DESKTOP_MAPS",
    "BUSINESS_IMPRESSIONS_DESKTOP_SEARCH",
    "BUSINESS_IMPRESSIONS_MOBILE_MAPS",
    "BUSINESS_IMPRESSIONS_MOBILE_SEARCH",
)
_KEPT: Final = ("WEBSITE_CLICKS", "CALL_CLICKS", "BUSINESS_DIRECTION_REQUESTS")
# Numbers arrive some days late, so every reading takes the last days anew.
_DAYS: Final = 7
_DIGITS: Final = 18


class GoogleMetrics:
    """Numbers of a location."""

    platform = Platform.GOOGLE
    posts_per_call = 100

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = GoogleBusinessApi(app, http, clock=clock)

    async def read_account(self, access: Access) -> AccountReading:
        """Impressions of the last seven days, on maps and in search; Google counts a person once a day."""
        today = self._api.clock().date()
        params = [("dailyMetrics", name) for name in (*IMPRESSIONS, *_KEPT)]
        params += _range("startDate", today - timedelta(days=_DAYS))
        params += _range("endDate", today - timedelta(days=1))
        body = await self._api.call(
            "GET",
            PERFORMANCE,
            f"/{SERVICE_VERSION}/{location_of(access)}:fetchMultiDailyMetricsTimeSeries",
            bearer=access.token,
            rates=access.rates,
            bucket=PERFORMANCE_BUCKET,
            params=params,
        )
        metrics = AccountMetrics(impressions=_impressions(body))
        return AccountReading(metrics, (RawAnswer("performance", body),))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Nothing, without a call: Google ended the numbers of single posts in 2023."""
        del access
        nothing = PostMetrics()
        return PostsReading({post.platform_post_id: nothing for post in posts}, frozenset(), ())


def _range(name: str, day: date) -> list[tuple[str, str]]:
    parts = {"year": day.year, "month": day.month, "day": day.day}
    return [(f"dailyRange.{name}.{part}", str(value)) for part, value in parts.items()]


def _impressions(body: dict[str, Any]) -> int | None:
    """The sum of what was reported; None where no day was. A day without a value is a day of zero."""
    values = [
        _value(day)
        for group in objects(body, "multiDailyMetricTimeSeries")
        for series in objects(group, "dailyMetricTimeSeries")
        if text(series, "dailyMetric") in IMPRESSIONS
        for day in objects(series, "timeSeries", "datedValues")
    ]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _value(day: dict[str, Any]) -> int | None:
    """A day's number, written as text; left out where it is zero."""
    if at(day, "value") is None:
        return 0 if isinstance(at(day, "date"), dict) else None
    found = at(day, "value")
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= _DIGITS:
        return int(found)
    return None
