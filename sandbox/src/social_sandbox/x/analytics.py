"""The time series of own posts: what was gained in each stretch of time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import grown
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.x.access import Visit
from social_sandbox.x.errors import invalid_request, not_found
from social_sandbox.x.figures import private, public
from social_sandbox.x.lookup import read_ids, read_time
from social_sandbox.x.showing import moment

_STEPS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1), "total": None}
_FIELDS = {
    "impressions": "impression_count",
    "likes": "like_count",
    "replies": "reply_count",
    "retweets": "repost_count",
    "quote_tweets": "quote_count",
    "bookmarks": "bookmark_count",
    "engagements": "engagements",
    "url_clicks": "url_link_clicks",
    "user_profile_clicks": "user_profile_clicks",
}
_MOST_BUCKETS = 1000
_WHOLE = 1_000_000


class AnalyticsEndpoint:
    """`GET /2/tweets/analytics`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def series(self, visit: Visit) -> Answer:
        """Return the figures of own posts per stretch of time; others' posts are not found."""
        query = visit.query("ids", "start_time", "end_time", "granularity", "analytics.fields")
        ids = read_ids(query)
        for parameter in ("start_time", "end_time", "granularity"):
            if parameter not in query:
                raise invalid_request(parameter, "", f"The `{parameter}` query parameter can not be empty")
        start, end = (read_time(parameter, query[parameter]) for parameter in ("start_time", "end_time"))
        if query["granularity"] not in _STEPS or start >= end:
            raise invalid_request("granularity", query["granularity"], "The times or their granularity are not valid")
        fields = [name for name in query.get("analytics.fields", "").split(",") if name] or list(_FIELDS)
        for name in fields:
            if name not in _FIELDS:
                raise invalid_request("analytics.fields", name, f"The value [{name}] is not one of {list(_FIELDS)}")
        buckets = list(_buckets(start, end, _STEPS[query["granularity"]]))
        body: dict[str, Any] = {}
        for post_id in ids:
            post = self._world.store.post("x", post_id)
            if post is None or post.account_id != visit.account.account_id:
                body.setdefault("errors", []).append(not_found("tweet", "ids", post_id))
            else:
                body.setdefault("data", []).append(self._series_of(post, buckets, fields))
        return json_answer(body)

    def _series_of(self, post: Post, buckets: list[tuple[datetime, datetime]], fields: list[str]) -> dict[str, Any]:
        totals = public(self._world, post) | private(self._world, post)
        gained = [
            {
                "timestamp": moment(start),
                "metrics": {
                    name: self._by(end, post, totals[_FIELDS[name]]) - self._by(start, post, totals[_FIELDS[name]])
                    for name in fields
                },
            }
            for start, end in buckets
        ]
        return {"id": post.platform_post_id, "timestamped_metrics": gained}

    def _by(self, when: datetime, post: Post, total: int) -> int:
        """How much of today's total had come by then."""
        now = self._world.clock.now()
        whole = grown(_WHOLE, now - post.created_at)
        return total * grown(_WHOLE, min(when, now) - post.created_at) // whole if whole else 0


def _buckets(start: datetime, end: datetime, step: timedelta | None) -> Iterator[tuple[datetime, datetime]]:
    if step is None:
        yield start, end
        return
    for _ in range(_MOST_BUCKETS):
        if start >= end:
            return
        yield start, min(start + step, end)
        start += step
