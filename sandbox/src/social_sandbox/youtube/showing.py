"""What videos look like in answers: a resource made of the parts that were asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from social_sandbox.evening import evened
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.youtube import figures
from social_sandbox.youtube.ids import etag
from social_sandbox.youtube.video import Videos, upload_status

OWNER_PARTS = frozenset({"fileDetails", "processingDetails", "suggestions"})
PARTS = frozenset(
    {
        "contentDetails",
        "id",
        "liveStreamingDetails",
        "localizations",
        "paidProductPlacementDetails",
        "player",
        "recordingDetails",
        "snippet",
        "statistics",
        "status",
        "topicDetails",
    }
    | OWNER_PARTS
)
_SIZES = {
    "default": (120, 90),
    "medium": (320, 180),
    "high": (480, 360),
    "standard": (640, 480),
    "maxres": (1280, 720),
}
_FILES = {"default": "default", "medium": "mqdefault", "high": "hqdefault", "standard": "sddefault"}
_HIGH_DEFINITION = 720
_PROCESSING = {"uploaded": "processing", "processed": "succeeded", "failed": "failed", "rejected": "terminated"}


class Showing:
    """Builds resources."""

    def __init__(self, world: World, videos: Videos) -> None:
        self._world = world
        self._videos = videos
        self._sections: Mapping[str, Callable[[Post], dict[str, Any]]] = {
            "snippet": self.snippet,
            "status": self._status,
            "statistics": self._statistics,
            "contentDetails": self._content,
            "fileDetails": _file,
            "processingDetails": self._processing,
            "player": _player,
            "suggestions": lambda _: {},
        }

    def video(self, post: Post, parts: Sequence[str]) -> dict[str, Any]:
        """A video with these parts; those that it has nothing for are not there."""
        body = {name: make(post) for name, make in self._sections.items() if name in parts}
        mark = etag(post.platform_post_id, body)
        return {"kind": "youtube#video", "etag": mark, "id": post.platform_post_id, **body}

    def snippet(self, post: Post) -> dict[str, Any]:
        """What a video says of itself."""
        details = post.details
        title, description = evened(details["title"]), evened(post.text)
        shown: dict[str, Any] = {
            "publishedAt": moment(details["published_at"]),
            "channelId": post.platform_id,
            "title": title,
            "description": description,
            "thumbnails": thumbnails(post),
            "channelTitle": self._videos.channel_of(post).title,
            "categoryId": details["category_id"],
            "liveBroadcastContent": "none",
            "localized": {"title": title, "description": description},
            **details["languages"],
        }
        return shown | ({"tags": list(details["tags"])} if details["tags"] else {})

    def made_for_kids(self, post: Post) -> bool:
        """What the owner declared for the video, else for the channel."""
        declared = post.details["for_kids"]
        channel = self._videos.channel_of(post)
        return bool(channel.option("made_for_kids", False) if declared is None else declared)

    def _status(self, post: Post) -> dict[str, Any]:
        details = post.details
        state = upload_status(post, self._world.clock.now())
        shown: dict[str, Any] = {"uploadStatus": state}
        if state in {"failed", "rejected"}:
            shown["failureReason" if state == "failed" else "rejectionReason"] = details["reason"]
        shown["privacyStatus"] = post.visibility
        if details["publish_at"] is not None:
            shown["publishAt"] = moment(details["publish_at"])
        shown |= {
            "license": details["license"],
            "embeddable": details["embeddable"],
            "publicStatsViewable": details["stats_viewable"],
            "madeForKids": self.made_for_kids(post),
        }
        declared = {"selfDeclaredMadeForKids": details["for_kids"], "containsSyntheticMedia": details["synthetic"]}
        return shown | {name: value for name, value in declared.items() if value is not None}

    def _statistics(self, post: Post) -> dict[str, Any]:
        return {**figures.statistics(self._world, self._videos.channel_of(post), post), "favoriteCount": "0"}

    def _content(self, post: Post) -> dict[str, Any]:
        is_known = upload_status(post, self._world.clock.now()) == "processed"
        high = is_known and min(post.details["width"], post.details["height"]) >= _HIGH_DEFINITION
        return {
            "duration": duration(post.details["duration_s"] if is_known else 0),
            "dimension": "2d",
            "definition": "hd" if high else "sd",
            "caption": "false",
            "licensedContent": False,
            "contentRating": {},
            "projection": "rectangular",
            "hasCustomThumbnail": post.details["thumbnail"] is not None,
        }

    def _processing(self, post: Post) -> dict[str, Any]:
        state = upload_status(post, self._world.clock.now())
        shown: dict[str, Any] = {
            "processingStatus": _PROCESSING[state],
            "fileDetailsAvailability": "available",
            "processingIssuesAvailability": "inProgress" if state == "uploaded" else "available",
            "tagSuggestionsAvailability": "inProgress" if state == "uploaded" else "available",
            "editorSuggestionsAvailability": "inProgress" if state == "uploaded" else "available",
            "thumbnailsAvailability": "inProgress" if state == "uploaded" else "available",
        }
        if state == "uploaded":
            left = post.details["processed_at"] - self._world.clock.now()
            whole = max(1, int((post.details["processed_at"] - post.created_at) / timedelta(milliseconds=1)))
            left_ms = int(left / timedelta(milliseconds=1))
            shown["processingProgress"] = {
                "partsTotal": "1000",
                "partsProcessed": str(1000 - 1000 * left_ms // whole),
                "timeLeftMs": str(left_ms),
            }
        if state == "failed":
            shown["processingFailureReason"] = "transcodeFailed"
        return shown


def thumbnails(post: Post) -> dict[str, Any]:
    """The preview pictures of a video, of every size."""
    base = f"https://i.ytimg.com/vi/{post.platform_post_id}"
    custom = f"?v={post.details['thumbnail']['sha256'][:8]}" if post.details["thumbnail"] else ""
    return {
        name: {"url": f"{base}/{_FILES.get(name, 'maxresdefault')}.jpg{custom}", "width": width, "height": height}
        for name, (width, height) in _SIZES.items()
    }


def moment(when: datetime) -> str:
    """A time as YouTube writes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float) -> str:
    """A length as YouTube writes it: `PT4M13S`, and `P0D` while it is not known."""
    whole = int(seconds)
    if whole <= 0:
        return "P0D"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    text = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if number)
    return f"PT{text}"


def _file(post: Post) -> dict[str, Any]:
    details = post.details
    is_video = details["duration_s"] > 0
    shown: dict[str, Any] = {
        "fileName": "unknown",
        "fileSize": str(details["size"]),
        "fileType": "video" if is_video else "other",
    }
    if is_video:
        ratio = details["width"] / details["height"] if details["height"] else 0.0
        stream = {"widthPixels": details["width"], "heightPixels": details["height"], "aspectRatio": ratio}
        shown |= {"durationMs": str(int(details["duration_s"] * 1000)), "videoStreams": [stream]}
    return shown


def _player(post: Post) -> dict[str, Any]:
    source = f"//www.youtube.com/embed/{post.platform_post_id}"
    return {"embedHtml": f'<iframe width="480" height="270" src="{source}" frameborder="0"></iframe>'}
