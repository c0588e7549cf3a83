"""The figures of a post, under the names X gives them. X knows no unique viewers."""

from social_sandbox.engagement import post_metric
from social_sandbox.model import Post
from social_sandbox.platform import World

PRIVATE_METRICS = frozenset({"non_public_metrics", "organic_metrics", "promoted_metrics"})
_QUOTES_CEILING = 5
_PROFILE_CLICKS_CEILING = 20
_QUARTILES = {"playback_0_count": 1.0, "playback_25_count": 0.7, "playback_50_count": 0.5}
_LATER_QUARTILES = {"playback_75_count": 0.35, "playback_100_count": 0.2}


def public(world: World, post: Post) -> dict[str, int]:
    """Return what everybody may see."""
    return {
        "repost_count": post_metric(world, post, "shares"),
        "reply_count": post_metric(world, post, "comments"),
        "like_count": post_metric(world, post, "likes"),
        "quote_count": post_metric(world, post, "quotes", ceiling=_QUOTES_CEILING),
        "bookmark_count": post_metric(world, post, "saves"),
        "impression_count": post_metric(world, post, "impressions"),
    }


def private(world: World, post: Post) -> dict[str, int]:
    """Return what the author may see for thirty days."""
    figures = public(world, post)
    clicks = post_metric(world, post, "clicks")
    profile_clicks = post_metric(world, post, "profile_clicks", ceiling=_PROFILE_CLICKS_CEILING)
    counted = ("repost_count", "reply_count", "like_count", "quote_count", "bookmark_count")
    return {
        "impression_count": figures["impression_count"],
        "url_link_clicks": clicks,
        "user_profile_clicks": profile_clicks,
        "engagements": clicks + profile_clicks + sum(figures[name] for name in counted),
    }


def organic(world: World, post: Post) -> dict[str, int]:
    """Return the same without advertising; nothing here is ever advertised."""
    figures = public(world, post)
    hidden = private(world, post)
    names = ("repost_count", "reply_count", "like_count", "impression_count")
    return {name: figures[name] for name in names} | {
        name: hidden[name] for name in ("url_link_clicks", "user_profile_clicks")
    }


def video_public(world: World, post: Post) -> dict[str, int]:
    """Return how often a post's video was watched."""
    return {"view_count": post_metric(world, post, "views")}


def video_private(world: World, post: Post) -> dict[str, int]:
    """Return how far its viewers came."""
    views = post_metric(world, post, "views")
    return {name: int(views * part) for name, part in (_QUARTILES | _LATER_QUARTILES).items()}
