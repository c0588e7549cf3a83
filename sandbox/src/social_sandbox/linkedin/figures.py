"""Numbers of posts, pages and members: as set by the control interface, else grown with time."""

import math
from datetime import datetime, timedelta

from social_sandbox.engagement import chance, followers, grown, is_set, post_metric
from social_sandbox.linkedin.people import PLATFORM
from social_sandbox.model import Account, Place, Post
from social_sandbox.platform import World

POST_FIGURES = ("impressions", "reach", "clicks", "likes", "comments", "shares")
_WHOLE = 1_000_000
_GROWTH_DAYS = 300


def figure(world: World, post: Post, name: str) -> int:
    """A post's figure by now; views and impressions are one thing here."""
    if name == "impressions" and not is_set(world, post, name) and is_set(world, post, "views"):
        return post_metric(world, post, "views")
    return post_metric(world, post, name)


def is_known(world: World, post: Post, name: str) -> bool:
    """Whether there is anything to tell, be it a zero that was set."""
    names = ("impressions", "views") if name == "impressions" else (name,)
    return figure(world, post, name) > 0 or any(is_set(world, post, other) for other in names)


def figure_by(world: World, post: Post, name: str, when: datetime) -> int:
    """How much of a post's present figure had come by then."""
    now = world.clock.now()
    total = figure(world, post, name)
    if when >= now:
        return total
    whole = grown(_WHOLE, now - post.created_at)
    return total * grown(_WHOLE, when - post.created_at) // whole if whole else 0


def page_followers(world: World, account: Account, place: Place) -> int:
    """How many follow an organization by now; what is set for the account holds for its pages, too."""
    override = world.store.account_metrics.get((PLATFORM, account.account_id), {}).get("followers")
    if override is not None:
        return override
    return int(place.options["followers"]) + gained(
        place.platform_id, place.options["followers"], account.created_at, world.clock.now(), since=account.created_at
    )


def member_followers(world: World, account: Account) -> int:
    """How many follow a member by now."""
    return followers(world, account)


def gained(who: str, size: int, start: datetime, end: datetime, *, since: datetime) -> int:
    """How many followers somebody of this size gains from `start` to `end`; neighbouring stretches add up."""
    per_day = size / _GROWTH_DAYS * (0.5 + chance(PLATFORM, who, "followers"))
    day = timedelta(days=1)
    return math.floor((end - since) / day * per_day) - math.floor((start - since) / day * per_day)
