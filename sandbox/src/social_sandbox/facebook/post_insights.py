"""The figures of one post: for its whole life, one value each."""

from collections.abc import Callable, Mapping
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import post_metric
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import invalid_parameter, no_such_field
from social_sandbox.facebook.insights import described, has_insights, is_too_young, need_insights, read_metrics
from social_sandbox.facebook.reading import ReadingEndpoints
from social_sandbox.facebook.wall import PUBLISHED
from social_sandbox.meta.params import text_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World

Figure = Callable[[World, Post], Any]
_OTHER_REACTIONS = ("love", "wow", "haha", "sorry", "anger")


def _plain(name: str) -> Figure:
    return lambda world, post: post_metric(world, post, name)


def _reactions(world: World, post: Post) -> dict[str, int]:
    """Every reaction counts as a like here; what nobody gave is missing."""
    return _without_zeros({"like": post_metric(world, post, "likes")})


def _activity(world: World, post: Post) -> dict[str, int]:
    names = {"like": "likes", "comment": "comments", "share": "shares"}
    return _without_zeros({word: post_metric(world, post, name) for word, name in names.items()})


def _clicks(world: World, post: Post) -> dict[str, int]:
    return _without_zeros(
        {"link clicks" if post.kind == "link" else "other clicks": post_metric(world, post, "clicks")}
    )


def _video_views(world: World, post: Post) -> int:
    return post_metric(world, post, "views") if post.kind in {"video", "reel"} else 0


def _nobody(world: World, post: Post) -> int:
    del world, post
    return 0


METRICS: Mapping[str, Figure] = {
    "post_media_view": _plain("views"),
    "post_total_media_view_unique": _plain("reach"),
    "post_clicks": _plain("clicks"),
    "post_clicks_by_type": _clicks,
    "post_reactions_by_type_total": _reactions,
    "post_reactions_like_total": _plain("likes"),
    **{f"post_reactions_{name}_total": _nobody for name in _OTHER_REACTIONS},
    "post_activity_by_action_type": _activity,
    "post_video_views": _video_views,
}


class PostInsights:
    """`GET /{post}/insights`, and of videos by their post's name or by another edge."""

    def __init__(self, world: World, reading: ReadingEndpoints) -> None:
        self._world = world
        self._reading = reading

    async def of_post(self, visit: Visit) -> Answer:
        """Return the figures of a post; a Page's id before a video's names its post, too."""
        owner, _, number = visit.node.partition("_")
        video = self._video(visit, number) if owner == visit.page_id else None
        post, page = (video, visit.page) if video is not None else self._reading.own_post(visit, visit.node)
        return self._answer(visit, post, page, node=visit.node)

    async def of_video(self, visit: Visit, *, edge: str) -> Answer:
        """Return the figures of a video, which has no edge called `insights`."""
        if edge == "insights":
            raise no_such_field(edge, "Video")
        post, page = self._reading.own_post(visit, visit.node)
        return self._answer(visit, post, page, node=visit.node)

    def _video(self, visit: Visit, number: str) -> Post | None:
        post = self._world.store.post("facebook", number)
        return post if post is not None and post.platform_id == visit.page_id else None

    def _answer(self, visit: Visit, post: Post, page: Place, *, node: str) -> Answer:
        need_insights(visit, page)
        metrics = read_metrics(visit, METRICS)
        if text_of(visit.params, "period", "lifetime") != "lifetime":
            raise invalid_parameter("Param period must be lifetime.")
        if not has_insights(page) or post.details["state"] != PUBLISHED:
            return json_answer({"data": []})
        if is_too_young(visit, visit.now - post.created_at):
            return json_answer({"data": []})
        data = [
            described(metric, "lifetime", node, [{"value": METRICS[metric](self._world, post)}]) for metric in metrics
        ]
        return json_answer({"data": data})


def _without_zeros(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
