"""Reading what an account has published: the list, the stories of the day, and one media."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import post_metric
from social_sandbox.evening import evened
from social_sandbox.instagram.access import Visit
from social_sandbox.instagram.errors import invalid_parameter, no_such_object
from social_sandbox.meta.fields import Fields, fields_of, select
from social_sandbox.meta.paging import a_page, size_of
from social_sandbox.meta.params import text_of, unix_of
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.store import Store

_FIELDS = frozenset(
    {
        "id",
        "ig_id",
        "caption",
        "alt_text",
        "media_type",
        "media_product_type",
        "media_url",
        "thumbnail_url",
        "permalink",
        "shortcode",
        "timestamp",
        "username",
        "owner",
        "like_count",
        "comments_count",
        "children",
        "is_comment_enabled",
        "is_shared_to_feed",
    }
)
_CHILD_FIELDS = frozenset({"id", "media_type", "media_url", "permalink", "timestamp", "username", "alt_text"})
_STORY_LIFE = timedelta(hours=24)


def add_media(store: Store, post: Post) -> Post:
    """Put a media on Instagram and remember whose it is."""
    authored: dict[str, list[str]] = store.bucket("instagram").setdefault("authored", {})
    authored.setdefault(post.platform_id, []).append(post.platform_post_id)
    return store.add_post(post)


def newest_first(store: Store, ig_id: str) -> Iterator[Post]:
    """An account's media, the newest first."""
    authored: dict[str, list[str]] = store.bucket("instagram").setdefault("authored", {})
    for media_id in reversed(authored.get(ig_id, [])):
        post = store.post("instagram", media_id)
        if post is not None:
            yield post


def own_media(store: Store, visit: Visit, media_id: str) -> Post:
    """Return a media of the calling account; raises 100/33 for anybody else's."""
    post = store.post("instagram", media_id)
    if post is None or post.platform_id != visit.ig_id:
        raise no_such_object(media_id, visit.call.method)
    return post


class MediaEndpoints:
    """Reading media."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list(self, visit: Visit) -> Answer:
        """Return a page of the account's media. It lags, and stories are not in it."""
        since, until = unix_of(visit.params, "since"), unix_of(visit.params, "until")
        shown_until = visit.now - visit.switches.media_lag

        def is_listed(post: Post) -> bool:
            return (
                post.kind != "story"
                and post.created_at <= shown_until
                and (since is None or post.created_at >= since)
                and (until is None or post.created_at <= until)
            )

        return self._page(visit, filter(is_listed, newest_first(self._world.store, visit.ig_id)))

    async def stories(self, visit: Visit) -> Answer:
        """Return the stories of the last day."""
        begin = visit.now - _STORY_LIFE
        stories = (
            post
            for post in newest_first(self._world.store, visit.ig_id)
            if post.kind == "story" and post.created_at > begin
        )
        return self._page(visit, stories)

    def one(self, visit: Visit, post: Post) -> Answer:
        """Return one media; the first readings of its link may fail."""
        fields = fields_of(visit.params)
        if "permalink" in fields and post.details.get("permalink_failures", 0) > 0:
            post.details["permalink_failures"] -= 1
            raise no_such_object(post.platform_post_id)
        return json_answer(self._shown(visit, post, fields))

    async def change(self, visit: Visit) -> Answer:
        """Open or close a media for comments; nothing else can be changed."""
        post = own_media(self._world.store, visit, visit.call.params["node"])
        enabled = text_of(visit.params, "comment_enabled")
        if enabled not in {"true", "false"}:
            raise invalid_parameter("The parameter comment_enabled is required.")
        post.details["is_comment_enabled"] = enabled == "true"
        return json_answer({"success": True})

    def _page(self, visit: Visit, posts: Iterator[Post]) -> Answer:
        fields = fields_of(visit.params)
        size, after = size_of(text_of(visit.params, "limit")), text_of(visit.params, "after")
        return json_answer(
            a_page(visit.call, posts, lambda post: self._shown(visit, post, fields), size=size, after=after)
        )

    def _shown(self, visit: Visit, post: Post, fields: Fields) -> dict[str, Any]:
        values = self._values(visit, post)
        children = fields.get("children")
        if children is not None and post.kind == "carousel":
            values["children"] = {
                "data": [
                    select(_child(item), children.inner, known=_CHILD_FIELDS, node="IGMedia") for item in post.media
                ]
            }
        return select(values, fields, known=_FIELDS, node="IGMedia")

    def _values(self, visit: Visit, post: Post) -> dict[str, Any]:
        details = post.details
        path = "reel" if post.kind == "reel" else "p"
        values: dict[str, Any] = {
            "id": post.platform_post_id,
            "ig_id": post.platform_post_id[::-1],
            "media_type": details["media_type"],
            "media_product_type": details["media_product_type"],
            "media_url": f"https://scontent.example/{post.platform_post_id}",
            "permalink": f"https://www.instagram.com/{path}/{details['shortcode']}/",
            "shortcode": details["shortcode"],
            "timestamp": graph_time(post.created_at),
            "username": visit.account.username,
            "owner": {"id": visit.ig_id},
            "comments_count": post_metric(self._world, post, "comments"),
            "is_comment_enabled": details.get("is_comment_enabled", True),
        }
        caption = evened(post.text)
        if caption and visit.switches.captions_readable:
            values["caption"] = caption.replace("@", "") if visit.switches.captions_lose_at else caption
        if not visit.account.details.get("hides_likes"):
            values["like_count"] = post_metric(self._world, post, "likes")
        if post.kind == "image" and post.media[0]["alt_text"]:
            values["alt_text"] = post.media[0]["alt_text"]
        if post.kind == "reel":
            values["thumbnail_url"] = f"https://scontent.example/{post.platform_post_id}/thumbnail"
            values["is_shared_to_feed"] = True
        return values


def graph_time(moment: datetime) -> str:
    """A time as the Graph API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _child(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["media_id"],
        "media_type": "VIDEO" if item["kind"] == "video" else "IMAGE",
        "media_url": f"https://scontent.example/{item['media_id']}",
    }
