"""Numbers that grow: how a post or an account does as (sandbox) time passes.

Deterministic: a figure depends on what it is of, its name and its age, so two readings agree and a later one is never
smaller. Numbers set through `POST /_control/engagement` stand as they were set.
"""

import hashlib
import math
from datetime import timedelta

from social_sandbox.model import Account, Post
from social_sandbox.platform import World

FIRST_RUSH = timedelta(minutes=2)
LONG_TAIL = timedelta(hours=18)
RUSH_SHARE = 0.15

# What a post of an account with a thousand followers reaches in the end, before chance.
POST_CEILINGS = {
    "impressions": 1400,
    "views": 1200,
    "reach": 900,
    "likes": 110,
    "comments": 24,
    "shares": 18,
    "saves": 12,
    "clicks": 45,
}


def chance(*parts: str) -> float:
    """A fixed number from 0 to 1 for these words."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def grown(ceiling: float, age: timedelta) -> int:
    """How far towards `ceiling` something of this age has come: a rush in the first minutes, then a long tail."""
    if age <= timedelta(0):
        return 0
    rush = RUSH_SHARE * (1 - math.exp(-(age / FIRST_RUSH)))
    tail = (1 - RUSH_SHARE) * (1 - math.exp(-(age / LONG_TAIL)))
    return int(ceiling * (rush + tail))


def post_metric(world: World, post: Post, name: str, *, ceiling: float | None = None) -> int:
    """A post's figure: as set by the control interface, else grown with the post's age and its account's followers."""
    override = world.store.post_metrics.get((post.platform, post.platform_post_id), {}).get(name)
    if override is not None:
        return override
    owner = world.store.account(post.platform, post.account_id)
    size = max(0.3, min(40.0, (owner.followers if owner else 1000) / 1000))
    top = (POST_CEILINGS.get(name, 20) if ceiling is None else ceiling) * size
    luck = 0.5 + chance(post.platform, post.platform_post_id, name)
    return grown(top * luck, world.clock.now() - post.created_at)


def is_set(world: World, post: Post, name: str) -> bool:
    """Whether the control interface has set a post's figure."""
    return name in world.store.post_metrics.get((post.platform, post.platform_post_id), {})


def account_metric(world: World, account: Account, name: str, *, start: int, per_day: float = 0) -> int:
    """An account's figure: as set by the control interface, else `start` and so many more each day."""
    override = world.store.account_metrics.get((account.platform, account.account_id), {}).get(name)
    if override is not None:
        return override
    days = max(0.0, (world.clock.now() - account.created_at) / timedelta(days=1))
    return start + int(days * per_day * (0.5 + chance(account.platform, account.account_id, name)))


def followers(world: World, account: Account) -> int:
    """How many follow the account by now."""
    return account_metric(world, account, "followers", start=account.followers, per_day=account.followers / 300)
