"""The uploads playlist of a channel: newest first, what is private only for its owner."""

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.model import Post
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.channel import Channel, find_channel
from social_sandbox.youtube.errors import refusal
from social_sandbox.youtube.ids import etag
from social_sandbox.youtube.paging import list_answer, page_of
from social_sandbox.youtube.showing import moment, thumbnails
from social_sandbox.youtube.video import Videos

_PARTS = frozenset({"contentDetails", "id", "snippet", "status"})
_PARAMETERS = ("part", "playlistId", "videoId", "maxResults", "pageToken")
_DOMAIN = "youtube.playlistItem"


class PlaylistEndpoints:
    """`playlistItems.list`."""

    def __init__(self, videos: Videos) -> None:
        self._videos = videos

    async def list(self, visit: Visit) -> Answer:
        """Return a page of a channel's uploads; a new one shows after a while."""
        query = visit.query(*_PARAMETERS)
        parts = visit.parts(_PARTS)
        size = visit.results()
        channel = self._channel(visit, query.get("playlistId"))
        oldest_hidden = visit.now - timedelta(seconds=visit.switches.playlist_lag_s)
        posts = [
            post
            for post in self._videos.of(channel.channel_id)
            if post.created_at <= oldest_hidden
            and (visit.owns(channel.channel_id) or post.visibility == "public")
            and query.get("videoId") in {None, post.platform_post_id}
        ]
        found, frame = page_of(list(enumerate(posts)), size=size, token=query.get("pageToken"))
        items = [_item(channel, position, post, parts) for position, post in found]
        return list_answer("playlistItemListResponse", items, frame)

    def _channel(self, visit: Visit, playlist_id: str | None) -> Channel:
        if not playlist_id:
            message = "No filter selected. Expected one of: id, playlistId"
            raise refusal(400, "missingRequiredParameter", message, domain="youtube.parameter")
        channel = None
        if playlist_id.startswith("UU"):
            channel = find_channel(self._videos.store, f"UC{playlist_id[2:]}")
        if channel is None or (channel.standing != "active" and not visit.owns(channel.channel_id)):
            message = "The playlist identified with the request's playlistId parameter cannot be found."
            location = ("parameter", "playlistId")
            raise refusal(404, "playlistNotFound", message, domain=_DOMAIN, location=location)
        return channel


def _item(channel: Channel, position: int, post: Post, parts: Sequence[str]) -> dict[str, Any]:
    video_id = post.platform_post_id
    content: dict[str, Any] = {"videoId": video_id}
    if post.visibility != "private":
        content["videoPublishedAt"] = moment(post.details["published_at"])
    sections: dict[str, Any] = {
        "snippet": {
            "publishedAt": moment(post.created_at),
            "channelId": channel.channel_id,
            "title": post.details["title"],
            "description": post.text,
            "thumbnails": thumbnails(post),
            "channelTitle": channel.title,
            "playlistId": channel.uploads,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video_id},
            "videoOwnerChannelTitle": channel.title,
            "videoOwnerChannelId": channel.channel_id,
        },
        "contentDetails": content,
        "status": {"privacyStatus": post.visibility},
    }
    body = {name: section for name, section in sections.items() if name in parts}
    item_id = base64.urlsafe_b64encode(f"{channel.uploads}.{video_id}".encode()).decode().rstrip("=")
    return {"kind": "youtube#playlistItem", "etag": etag(item_id, body), "id": item_id, **body}
