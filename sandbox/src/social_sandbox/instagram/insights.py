"""The figures of one media: one metric that does not fit its type fails the whole call."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import post_metric
from social_sandbox.instagram.access import INSIGHTS, Visit
from social_sandbox.instagram.errors import graph_error, invalid_parameter
from social_sandbox.instagram.media import own_media
from social_sandbox.meta.params import list_of, text_of
from social_sandbox.model import Post
from social_sandbox.platform import World

_EVERYWHERE = {"views", "reach", "shares", "total_interactions", "reposts"}
_LIKED = {"likes", "comments", "saved"}
_VISITED = {"follows", "profile_visits", "profile_activity"}
_ALLOWED: Mapping[str, frozenset[str]] = {
    "FEED": frozenset(_EVERYWHERE | _LIKED | _VISITED),
    "REELS": frozenset(
        _EVERYWHERE | _LIKED | {"ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate"}
    ),
    "STORY": frozenset(_EVERYWHERE | _VISITED | {"replies", "navigation", "link_clicks"}),
}
_COMMON = {
    "views": "views",
    "reach": "reach",
    "likes": "likes",
    "comments": "comments",
    "saved": "saves",
    "shares": "shares",
}
_CEILINGS = {
    "reposts": 4,
    "follows": 3,
    "profile_visits": 30,
    "profile_activity": 10,
    "replies": 6,
    "navigation": 200,
    "link_clicks": 15,
}
_AVERAGE_WATCH_MS = 6_400
_STORY_LIFE = timedelta(hours=24)
_FEWEST_VIEWERS = 5


def figure_of(world: World, post: Post, metric: str) -> int:
    """Return one figure of a media."""
    if metric == "total_interactions":
        return sum(figure_of(world, post, name) for name in ("likes", "comments", "saved", "shares"))
    if metric == "ig_reels_avg_watch_time":
        return _AVERAGE_WATCH_MS if figure_of(world, post, "views") else 0
    if metric == "ig_reels_video_view_total_time":
        return _AVERAGE_WATCH_MS * figure_of(world, post, "views")
    return post_metric(world, post, _COMMON.get(metric, metric), ceiling=_CEILINGS.get(metric))


def described(metric: str, period: str, owner: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return one entry of an answer."""
    return {
        "name": metric,
        "period": period,
        **values,
        "title": metric.replace("_", " ").capitalize(),
        "description": f"The number of {metric.replace('_', ' ')}.",
        "id": f"{owner}/insights/{metric}/{period}",
    }


class MediaInsights:
    """`GET /{media}/insights`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def read(self, visit: Visit) -> Answer:
        """Return the asked figures, or nothing at all while there is no data."""
        visit.need(INSIGHTS)
        post = own_media(self._world.store, visit, visit.call.params["node"])
        metrics = read_metrics(visit, _ALLOWED[post.details["media_product_type"]])
        if text_of(visit.params, "period", "lifetime") != "lifetime":
            raise invalid_parameter("Param period must be lifetime.")
        age = visit.now - post.created_at
        if age < timedelta(seconds=visit.switches.insights_delay_s):
            return json_answer({"data": []})
        if post.kind == "story":
            self._refuse_quiet_story(post, age)
        owner = post.platform_post_id
        return json_answer({"data": [described(name, "lifetime", owner, self._figure(post, name)) for name in metrics]})

    def _figure(self, post: Post, metric: str) -> dict[str, Any]:
        return {"values": [{"value": figure_of(self._world, post, metric)}]}

    def _refuse_quiet_story(self, post: Post, age: timedelta) -> None:
        if age > _STORY_LIFE or figure_of(self._world, post, "reach") < _FEWEST_VIEWERS:
            message = "(#10) Not enough viewers for the media to show insights"
            raise graph_error(10, message, kind="OAuthException")


def read_metrics(visit: Visit, allowed: frozenset[str]) -> list[str]:
    """Return the asked metrics; one wrong name fails them all."""
    metrics = list(dict.fromkeys(list_of(visit.params, "metric")))
    if not metrics:
        raise invalid_parameter("The parameter metric is required.")
    for index, metric in enumerate(metrics):
        if metric not in allowed:
            listing = ", ".join(sorted(allowed))
            raise invalid_parameter(f"metric[{index}] must be one of the following values: {listing}")
    return metrics
