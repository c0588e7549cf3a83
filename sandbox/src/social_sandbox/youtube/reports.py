"""Analytics: what came on which day, some days late. Days and videos without anything have no row."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import chance
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.figures import figure_by
from social_sandbox.youtube.quota import PACIFIC
from social_sandbox.youtube.report_query import METRICS, Query, read_query
from social_sandbox.youtube.video import Videos

Row = list[str | int | float]
_DAY = timedelta(days=1)
_COUNTED = ("views", "likes", "comments", "shares")
_ENGAGED_SHARE = 0.7
_WATCHED_SHARE = 0.4
_VIEWS_PER_SUBSCRIBER = 80
_VIEWS_PER_LOSS = 600


class ReportEndpoint:
    """`reports.query`."""

    def __init__(self, world: World, videos: Videos) -> None:
        self._world = world
        self._videos = videos

    async def query(self, visit: Visit) -> Answer:
        """Return the table that was asked for, up to the last day that is fully processed."""
        asked = read_query(visit)
        last = min(asked.last, _last_processed_day(visit.now, timedelta(hours=visit.switches.analytics_lag_h)))
        posts = [
            post
            for post in self._videos.of(asked.channel_id)
            if asked.videos is None or post.platform_post_id in asked.videos
        ]
        rows = _sorted(list(self._rows(asked, posts, last)), asked)[asked.start - 1 :][: asked.limit]
        names = [(asked.dimension, "DIMENSION", "STRING")] if asked.dimension else []
        names += [(name, "METRIC", METRICS[name]) for name in asked.metrics]
        headers = [{"name": name, "columnType": kind, "dataType": data} for name, kind, data in names]
        body: dict[str, Any] = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
        if rows or visit.switches.empty_rows == "empty":
            body["rows"] = rows
        return json_answer(body)

    def _rows(self, asked: Query, posts: Sequence[Post], last: date) -> Iterator[Row]:
        match asked.dimension:
            case "day":
                days = ((day, day, posts, day.isoformat()) for day in _days(asked.first, last))
            case "video":
                days = ((asked.first, last, [post], post.platform_post_id) for post in posts)
            case _:
                days = ((asked.first, last, posts, "") for _ in range(1))
        for first, final, counted, label in days:
            values = self._values(counted, _midnight(first), _midnight(final + _DAY)) if first <= final else {}
            if any(values.values()):
                yield [*([label] if asked.dimension else []), *(values[name] for name in asked.metrics)]

    def _values(self, posts: Sequence[Post], start: datetime, end: datetime) -> dict[str, int | float]:
        """Every metric of a stretch of time."""
        totals: dict[str, int | float] = dict.fromkeys(METRICS, 0)
        seconds = length = 0.0
        for post in posts:
            gained = {name: self._gained(post, name, start, end) for name in _COUNTED}
            for name, number in gained.items():
                totals[name] += number
            share = _WATCHED_SHARE * (0.5 + chance("youtube", post.platform_post_id, "watched"))
            length += gained["views"] * post.details["duration_s"]
            seconds += gained["views"] * post.details["duration_s"] * share
        views = int(totals["views"])
        totals |= {
            "engagedViews": int(views * _ENGAGED_SHARE),
            "estimatedMinutesWatched": int(seconds / 60),
            "averageViewDuration": int(seconds / views) if views else 0,
            "averageViewPercentage": round(100 * seconds / length, 2) if length else 0.0,
            "subscribersGained": views // _VIEWS_PER_SUBSCRIBER,
            "subscribersLost": views // _VIEWS_PER_LOSS,
        }
        return totals

    def _gained(self, post: Post, name: str, start: datetime, end: datetime) -> int:
        return figure_by(self._world, post, name, end) - figure_by(self._world, post, name, start)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PACIFIC)


def _last_processed_day(now: datetime, lag: timedelta) -> date:
    """The last day that had ended so long ago."""
    return (now - lag).astimezone(PACIFIC).date() - _DAY


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _DAY


def _sorted(rows: list[Row], asked: Query) -> list[Row]:
    """The rows in the wished order, by the last column first, as sorting keeps what is equal."""
    columns = [*([asked.dimension] if asked.dimension else []), *asked.metrics]
    for name in reversed(asked.sort):
        index = columns.index(name.removeprefix("-"))
        rows.sort(key=lambda row: row[index], reverse=name.startswith("-"))
    return rows
