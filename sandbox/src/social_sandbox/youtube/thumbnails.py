"""Setting the preview picture of a video. It can fail without the video failing."""

import hashlib

from social_sandbox.answers import Answer
from social_sandbox.model import Post
from social_sandbox.probe import probe
from social_sandbox.store import Window
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.channel import PLATFORM, Channel
from social_sandbox.youtube.errors import (
    forbidden,
    media_body_required,
    refusal,
    required,
    too_large,
    video_not_found,
    wrong_media_type,
)
from social_sandbox.youtube.paging import list_answer
from social_sandbox.youtube.showing import thumbnails
from social_sandbox.youtube.video import Videos, upload_status

LARGEST = 50 * 1024 * 1024
_ACCEPTED = ("image/jpeg", "image/png", "application/octet-stream")
_DOMAIN = "youtube.thumbnail"
_DAY_S = 86_400.0


class ThumbnailEndpoint:
    """`thumbnails.set`."""

    def __init__(self, videos: Videos) -> None:
        self._videos = videos

    async def set(self, visit: Visit) -> Answer:
        """Take a picture for an own video."""
        query = visit.query("videoId", "uploadType")
        if not query.get("videoId"):
            raise required("videoId")
        channel = visit.own_channel()
        post = self._post(visit, channel, query["videoId"])
        content = visit.call.body
        if query.get("uploadType") != "media" or not content:
            raise media_body_required()
        if visit.call.media_type not in _ACCEPTED:
            raise wrong_media_type(visit.call.media_type, _ACCEPTED)
        if len(content) > LARGEST:
            raise too_large(LARGEST)
        window = self._window(channel)
        if window.count(visit.now.timestamp()) >= visit.switches.thumbnail_limit:
            message = "The channel has uploaded too many thumbnails recently. Please try again later."
            raise refusal(429, "uploadRateLimitExceeded", message, domain=_DOMAIN)
        found = probe(content)
        if found is None or found.mime not in {"image/jpeg", "image/png"}:
            raise refusal(400, "invalidImage", "The provided image content is invalid.", domain=_DOMAIN)
        window.add(visit.now.timestamp())
        post.details["thumbnail"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        return list_answer("thumbnailSetResponse", [thumbnails(post)])

    def _post(self, visit: Visit, channel: Channel, video_id: str) -> Post:
        post = self._videos.find(video_id)
        if post is None or (post.visibility == "private" and not visit.owns(post.platform_id)):
            raise video_not_found()
        if not visit.owns(post.platform_id):
            raise forbidden("The thumbnail cannot be set for this video.", domain=_DOMAIN)
        if not channel.option("phone_verified", default=True):
            message = "The authenticated user doesn't have permissions to upload and set custom video thumbnails."
            raise forbidden(message, domain=_DOMAIN)
        if post.details["short"] and upload_status(post, visit.now) == "uploaded":
            raise forbidden("A Short takes a thumbnail once it has been processed.", domain=_DOMAIN)
        return post

    def _window(self, channel: Channel) -> Window:
        windows: dict[str, Window] = self._videos.store.bucket(PLATFORM).setdefault("thumbnail_windows", {})
        return windows.setdefault(channel.channel_id, Window(_DAY_S))
