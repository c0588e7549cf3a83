"""Search: a bucket of its own, and always a little behind."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.youtube import figures
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.channel import PLATFORM
from social_sandbox.youtube.errors import invalid_parameter, refusal
from social_sandbox.youtube.ids import etag
from social_sandbox.youtube.paging import list_answer, page_of
from social_sandbox.youtube.showing import Showing
from social_sandbox.youtube.video import Videos, upload_status

_PARTS = frozenset({"id", "snippet"})
_PARAMETERS = ("part", "forMine", "channelId", "q", "type", "order", "maxResults", "pageToken")
_ORDERS = ("date", "relevance", "title", "viewCount")


class SearchEndpoint:
    """`search.list`, for videos."""

    def __init__(self, world: World, videos: Videos, showing: Showing) -> None:
        self._world = world
        self._videos = videos
        self._showing = showing

    async def list(self, visit: Visit) -> Answer:
        """Return a page of videos: the person's own with `forMine`, else public ones."""
        query = visit.query(*_PARAMETERS)
        parts = visit.parts(_PARTS)
        size = visit.results()
        order = query.get("order", "relevance")
        if order not in _ORDERS:
            raise invalid_parameter("order", f"The order must be one of {', '.join(_ORDERS)}.")
        is_mine = visit.flag("forMine")
        kind = query.get("type", "video")
        if kind != "video" or (is_mine and "type" not in query):
            message = "A search of one's own needs type=video; other types are not searched."
            raise refusal(400, "invalidSearchFilter", message, domain="youtube.search")
        candidates = self._videos.of(visit.own_channel().channel_id) if is_mine else self._public(query)
        indexed_until = visit.now - timedelta(seconds=visit.switches.search_lag_s)
        wished = query.get("q", "").lower()
        posts = [
            post
            for post in candidates
            if post.created_at <= indexed_until and wished in f"{post.details['title']} {post.text}".lower()
        ]
        found, frame = page_of(self._sorted(posts, order), size=size, token=query.get("pageToken"))
        items = [self._item(post, parts) for post in found]
        return list_answer("searchListResponse", items, {"regionCode": "US", **frame})

    def _public(self, query: dict[str, str]) -> Sequence[Post]:
        posts = [post for post in self._world.store.posts_of(PLATFORM) if post.visibility == "public"]
        wished = query.get("channelId")
        return [
            post
            for post in posts
            if wished in {None, post.platform_id}
            and upload_status(post, self._world.clock.now()) == "processed"
            and self._videos.channel_of(post).standing == "active"
        ]

    def _sorted(self, posts: Sequence[Post], order: str) -> Sequence[Post]:
        if order == "title":
            return sorted(posts, key=lambda post: str(post.details["title"]).lower())
        if order == "viewCount":
            return sorted(posts, key=lambda post: figures.figure(self._world, post, "views"), reverse=True)
        return sorted(posts, key=lambda post: post.created_at, reverse=True)

    def _item(self, post: Post, parts: Sequence[str]) -> dict[str, Any]:
        found = {"kind": "youtube#video", "videoId": post.platform_post_id}
        shown: dict[str, Any] = {"kind": "youtube#searchResult", "etag": etag(found, parts), "id": found}
        if "snippet" not in parts:
            return shown
        snippet = self._showing.snippet(post)
        kept = (
            "publishedAt",
            "channelId",
            "title",
            "description",
            "thumbnails",
            "channelTitle",
            "liveBroadcastContent",
        )
        return shown | {"snippet": {name: snippet[name] for name in kept}}
