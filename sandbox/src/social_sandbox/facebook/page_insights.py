"""The figures of a Page: by closed days, for a day, a week or four of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import grown, post_metric
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import invalid_parameter
from social_sandbox.facebook.insights import described, has_insights, need_insights, read_metrics
from social_sandbox.facebook.pacific import DAY, day_ends, midnight
from social_sandbox.facebook.pages import followers_of
from social_sandbox.facebook.shapes import graph_time
from social_sandbox.facebook.wall import Wall
from social_sandbox.meta.paging import address
from social_sandbox.meta.params import moment_of, text_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World

_PERIODS = {"day": 1, "week": 7, "days_28": 28}
_ROLLING = ("day", "week", "days_28")
_LONGEST = timedelta(days=90)
_KEPT = timedelta(days=730)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Metric:
    """Where a figure comes from: posts' figures, the followers, or nothing that the sandbox simulates."""

    override: str
    of_posts: tuple[str, ...] = ()
    followers: str = ""
    periods: tuple[str, ...] = _ROLLING


METRICS: Mapping[str, Metric] = {
    "page_media_view": Metric("views", of_posts=("views",)),
    "page_total_media_view_unique": Metric("reach", of_posts=("reach",)),
    "page_post_engagements": Metric("engagements", of_posts=("likes", "comments", "shares", "clicks")),
    "page_follows": Metric("followers", followers="total", periods=("day",)),
    "page_daily_follows": Metric("follows", followers="gained", periods=("day",)),
    "page_daily_follows_unique": Metric("follows", followers="gained", periods=_ROLLING),
    "page_daily_unfollows_unique": Metric("unfollows", periods=_ROLLING),
    "page_views_total": Metric("profile_views", of_posts=("clicks",)),
    "page_total_actions": Metric("actions"),
}


class PageInsights:
    """`GET /{page}/insights`."""

    def __init__(self, world: World, wall: Wall) -> None:
        self._world = world
        self._wall = wall

    async def read(self, visit: Visit) -> Answer:
        """Return the asked figures for each day that has closed; nothing at all for a small Page."""
        page = visit.own_page()
        need_insights(visit, page)
        metrics = read_metrics(visit, METRICS)
        periods = _periods(visit, metrics)
        start, end = _range(visit)
        paging = _paging(visit, start, end)
        if not has_insights(page):
            return json_answer({"data": [], "paging": paging})
        closed = [moment for moment in day_ends(start, min(end, visit.now)) if moment > visit.now - _KEPT]
        data = [
            described(metric, period, page.platform_id, self._values(visit, page, metric, period, closed))
            for metric in metrics
            for period in periods
            if period in METRICS[metric].periods
        ]
        return json_answer({"data": data, "paging": paging})

    def _values(
        self, visit: Visit, page: Place, metric: str, period: str, closed: list[datetime]
    ) -> list[dict[str, Any]]:
        span = DAY * _PERIODS[period]
        return [
            {"value": self._value(visit, page, METRICS[metric], end - span, end), "end_time": graph_time(end)}
            for end in closed
        ]

    def _value(self, visit: Visit, page: Place, metric: Metric, start: datetime, end: datetime) -> int:
        account = visit.account
        override = self._world.store.account_metrics.get((account.platform, account.account_id), {})
        if metric.override in override:
            return override[metric.override]
        followers = followers_of(self._world, account, page)
        if metric.followers:
            return followers if metric.followers == "total" else followers // 300
        posts = self._wall.newest_first(page.platform_id)
        return sum(self._grown_within(post, metric.of_posts, start, end) for post in posts)

    def _grown_within(self, post: Post, names: tuple[str, ...], start: datetime, end: datetime) -> int:
        """How much of a post's present figures came in a stretch of time."""
        now = self._world.clock.now()
        whole = grown(_WHOLE, now - post.created_at)
        if not whole or post.created_at >= end:
            return 0
        total = sum(post_metric(self._world, post, name) for name in names)
        until = total * grown(_WHOLE, min(end, now) - post.created_at) // whole
        return until - total * grown(_WHOLE, min(start, now) - post.created_at) // whole


def _periods(visit: Visit, metrics: list[str]) -> tuple[str, ...]:
    """The asked period, which every metric must have; all of them where none is asked for."""
    period = text_of(visit.params, "period")
    if not period:
        return _ROLLING
    if period not in _PERIODS or any(period not in METRICS[metric].periods for metric in metrics):
        raise invalid_parameter(f"Param period={period} is not available for these metrics.")
    return (period,)


def _range(visit: Visit) -> tuple[datetime, datetime]:
    end = _moment(visit, "until") or visit.now
    start = _moment(visit, "since") or end - 2 * DAY
    if start >= end:
        raise invalid_parameter("Param since must be before until.")
    if end - start > _LONGEST:
        raise invalid_parameter("There cannot be more than 90 days (7776000 s) between since and until")
    return start, end


def _moment(visit: Visit, name: str) -> datetime | None:
    """A date means its midnight in California."""
    moment = moment_of(visit.params, name)
    is_date = moment is not None and _DATE.fullmatch(text_of(visit.params, name)) is not None
    return midnight(moment) if moment is not None and is_date else moment


def _paging(visit: Visit, start: datetime, end: datetime) -> dict[str, str]:
    step = end - start

    def stretch(since: datetime, until: datetime) -> str:
        return address(visit.call, since=str(int(since.timestamp())), until=str(int(until.timestamp())))

    return {"previous": stretch(start - step, start), "next": stretch(end, end + step)}
