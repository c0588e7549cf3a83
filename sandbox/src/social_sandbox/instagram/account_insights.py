"""The figures of an account over a stretch of days: totals for most metrics, a series for a few."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import followers, grown
from social_sandbox.instagram.access import INSIGHTS, Visit
from social_sandbox.instagram.errors import invalid_parameter
from social_sandbox.instagram.insights import described, figure_of, read_metrics
from social_sandbox.instagram.media import graph_time, newest_first
from social_sandbox.meta.params import moment_of, text_of
from social_sandbox.model import Post
from social_sandbox.platform import World

# The names of the account's metrics; those of a media differ in one letter here and there.
_TOTALS = {
    "views": "views",
    "total_interactions": "total_interactions",
    "likes": "likes",
    "comments": "comments",
    "saves": "saved",
    "shares": "shares",
    "replies": "replies",
    "reposts": "reposts",
    "accounts_engaged": "total_interactions",
    "profile_links_taps": "profile_activity",
    "follows_and_unfollows": "follows",
}
_SERIES = frozenset({"follower_count", "online_followers"})
_DEMOGRAPHICS = frozenset({"follower_demographics", "engaged_audience_demographics"})
_ALL = frozenset(_TOTALS) | _SERIES | _DEMOGRAPHICS | {"reach"}
_FEWEST_FOLLOWERS = 100
_LONGEST = timedelta(days=30)
_DAY = timedelta(days=1)
_WHOLE = 1_000_000
_TIMEFRAMES = frozenset({"this_week", "this_month"})


class AccountInsights:
    """`GET /{account}/insights`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def read(self, visit: Visit) -> Answer:
        """Return the asked figures; metrics that want another form of answer fail the call."""
        visit.need(INSIGHTS)
        metrics = read_metrics(visit, _ALL)
        if set(metrics) & _DEMOGRAPHICS:
            return self._demographics(visit, metrics)
        period = text_of(visit.params, "period")
        if period != "day":
            raise invalid_parameter("Param period must be one of {day}.")
        kind = _kind(visit, metrics)
        start, end = _range(visit)
        owner = visit.ig_id
        if kind == "total_value":
            totals = ((name, self._total(visit, name, start, end)) for name in metrics)
            data = [described(name, "day", owner, {"total_value": {"value": value}}) for name, value in totals]
            return json_answer({"data": data})
        has_enough = followers(self._world, visit.account) >= _FEWEST_FOLLOWERS
        shown = [name for name in metrics if name == "reach" or has_enough]
        data = [described(name, "day", owner, {"values": self._series(visit, name, start, end)}) for name in shown]
        return json_answer({"data": data})

    def _demographics(self, visit: Visit, metrics: list[str]) -> Answer:
        if not set(metrics) <= _DEMOGRAPHICS or text_of(visit.params, "period") != "lifetime":
            raise invalid_parameter("Demographic metrics go together and need period=lifetime.")
        breakdown = text_of(visit.params, "breakdown")
        if breakdown not in {"age", "city", "country", "gender"}:
            raise invalid_parameter("Param breakdown must be one of {age, city, country, gender}.")
        if text_of(visit.params, "timeframe") not in _TIMEFRAMES:
            raise invalid_parameter("Param timeframe must be one of {this_week, this_month}.")
        if followers(self._world, visit.account) < _FEWEST_FOLLOWERS:
            return json_answer({"data": []})
        results = [{"dimension_values": ["other"], "value": followers(self._world, visit.account)}]
        value = {"total_value": {"breakdowns": [{"dimension_keys": [breakdown], "results": results}]}}
        return json_answer({"data": [described(name, "lifetime", visit.ig_id, value) for name in metrics]})

    def _series(self, visit: Visit, metric: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
        return [
            {"value": self._total(visit, metric, since, until), "end_time": graph_time(until)}
            for since, until in _days(start, end)
        ]

    def _total(self, visit: Visit, metric: str, start: datetime, end: datetime) -> int:
        account = visit.account
        override = self._world.store.account_metrics.get((account.platform, account.account_id), {}).get(metric)
        if override is not None:
            return override
        if metric == "follower_count":
            return followers(self._world, account) // 300
        if metric == "online_followers":
            return followers(self._world, account) // 10
        name = "reach" if metric == "reach" else _TOTALS[metric]
        posts = newest_first(self._world.store, visit.ig_id)
        return sum(self._by(end, post, name) - self._by(start, post, name) for post in posts)

    def _by(self, when: datetime, post: Post, metric: str) -> int:
        """How much of a media's present figure had come by then."""
        now = self._world.clock.now()
        whole = grown(_WHOLE, now - post.created_at)
        total = figure_of(self._world, post, metric)
        return total * grown(_WHOLE, min(when, now) - post.created_at) // whole if whole else 0


def _kind(visit: Visit, metrics: list[str]) -> str:
    kind = text_of(visit.params, "metric_type", "time_series")
    if kind not in {"time_series", "total_value"}:
        raise invalid_parameter("Param metric_type must be one of {time_series, total_value}.")
    unfit = [name for name in metrics if name in (_TOTALS if kind == "time_series" else _SERIES)]
    if unfit:
        other = "total_value" if kind == "time_series" else "time_series"
        listing = ",".join(unfit)
        raise invalid_parameter(
            f"The following metrics ({listing}) should be specified with parameter metric_type={other}"
        )
    if text_of(visit.params, "breakdown") and kind != "total_value":
        raise invalid_parameter("Param breakdown needs metric_type=total_value.")
    return kind


def _range(visit: Visit) -> tuple[datetime, datetime]:
    end = moment_of(visit.params, "until") or visit.now
    start = moment_of(visit.params, "since") or end - _DAY
    if start >= end:
        raise invalid_parameter("Param since must be before until.")
    if end - start > _LONGEST:
        raise invalid_parameter("There cannot be more than 30 days (2592000 s) between since and until")
    return start, end


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + _DAY, end)
        start += _DAY
