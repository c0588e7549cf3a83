"""How videos and channels do: counters as they stand, and what came on which day."""

from datetime import datetime

from social_sandbox.engagement import account_metric, grown, is_set, post_metric
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.youtube.channel import Channel
from social_sandbox.youtube.video import Videos

_WHOLE = 1_000_000
_FIGURES = 3


def figure(world: World, post: Post, name: str) -> int:
    """One of `views`, `likes`, `comments`, `shares`; nobody sees a private video, unless the figure was set."""
    if post.visibility == "private" and not is_set(world, post, name):
        return 0
    return post_metric(world, post, name)


def figure_by(world: World, post: Post, name: str, when: datetime) -> int:
    """How much of a video's present figure had come by then."""
    now = world.clock.now()
    whole = grown(_WHOLE, now - post.created_at)
    return figure(world, post, name) * grown(_WHOLE, min(when, now) - post.created_at) // whole if whole else 0


def statistics(world: World, channel: Channel, post: Post) -> dict[str, str]:
    """A video's counters as strings; those its owner switched off are not there."""
    found = {"viewCount": str(figure(world, post, "views"))}
    if not channel.option("hides_likes"):
        found["likeCount"] = str(figure(world, post, "likes"))
    if not channel.option("comments_off"):
        found["commentCount"] = str(figure(world, post, "comments"))
    return found


def channel_statistics(world: World, videos: Videos, channel: Channel) -> dict[str, str | bool]:
    """A channel's counters; subscribers to three figures, and not at all where they are hidden."""
    hidden = bool(channel.option("hidden_subscribers"))
    public = [post for post in videos.of(channel.channel_id) if post.visibility == "public"]
    views = channel.option("views", 0) + sum(figure(world, post, "views") for post in public)
    found: dict[str, str | bool] = {
        "viewCount": str(account_metric(world, channel.account, "views", start=views)),
        "hiddenSubscriberCount": hidden,
        "videoCount": str(channel.option("videos", 0) + len(public)),
    }
    return found if hidden else found | {"subscriberCount": str(rounded(subscribers(world, channel)))}


def subscribers(world: World, channel: Channel) -> int:
    """How many follow a channel by now."""
    start = channel.option("subscribers", channel.account.followers)
    return account_metric(world, channel.account, "followers", start=start, per_day=start / 300)


def rounded(count: int) -> int:
    """A count cut to its first three figures, as YouTube shows it."""
    unit = 10 ** max(0, len(str(count)) - _FIGURES)
    return int(count // unit * unit)
