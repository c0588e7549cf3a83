"""Videos as this platform keeps them: a post each, whose details are what YouTube knows of it beyond a post."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.probe import Probe, probe
from social_sandbox.store import Store, Window
from social_sandbox.youtube.channel import PLATFORM, Channel, find_channel
from social_sandbox.youtube.errors import upload_limit_exceeded
from social_sandbox.youtube.ids import new_video_id
from social_sandbox.youtube.metadata import Snippet, Status, as_details
from social_sandbox.youtube.switches import YouTubeSwitches

_DAY_S = 86_400.0
_SHOWN_OF_FILE = ("size", "sha256", "duration_s", "width", "height")
_LONGEST_SHORT = timedelta(minutes=3)


class VideoPost(Post):
    """A video; the control interface shows its title and tags, too."""

    __slots__ = ()

    def as_control_json(self) -> Mapping[str, Any]:
        """The shape of every post, with what only a video has."""
        shown = {name: self.details[name] for name in ("title", "tags")}
        return {**Post.as_control_json(self), "details": shown}


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything about a video but its bytes, checked."""

    snippet: Snippet
    status: Status
    client_id: str
    notify: bool


class Videos:
    """Adds videos and finds them."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def store(self) -> Store:
        """Where they are kept."""
        return self._world.store

    def check_room(self, channel: Channel, switches: YouTubeSwitches, now: datetime) -> None:
        """Raise what YouTube says to a channel that has uploaded its share of 24 hours."""
        limit = channel.option("upload_limit", switches.channel_upload_limit)
        if self._window(channel).count(now.timestamp()) >= limit:
            raise upload_limit_exceeded()

    def add(self, channel: Channel, draft: Draft, content: bytes, *, switches: YouTubeSwitches, now: datetime) -> Post:
        """Put a complete upload on the channel; what is wrong with its bytes shows while it is processed."""
        self.check_room(channel, switches, now)
        found = probe(content)
        movie = found if found is not None and found.mime.startswith("video/") else None
        digest = hashlib.sha256(content).hexdigest()
        end, reason = self._end(channel, movie, content, digest=digest, switches=switches)
        self._window(channel).add(now.timestamp())
        details = as_details(draft.snippet, draft.status) | {
            "size": len(content),
            "sha256": digest,
            "duration_s": movie.duration.total_seconds() if movie and movie.duration else 0.0,
            "width": movie.width if movie else 0,
            "height": movie.height if movie else 0,
            "short": movie is not None and is_short(movie),
            "processed_at": now + timedelta(seconds=switches.processing_s),
            "end": end,
            "reason": reason,
            "published_at": now,
            "thumbnail": None,
            "client_id": draft.client_id,
            "notified": draft.notify,
        }
        entry = {"kind": "video", **{name: details[name] for name in _SHOWN_OF_FILE}}
        post = VideoPost(
            platform=PLATFORM,
            account_id=channel.account.account_id,
            platform_id=channel.channel_id,
            platform_post_id=new_video_id(self.store),
            text=draft.snippet.description,
            created_at=now,
            kind="video",
            media=[entry],
            visibility=draft.status.privacy,
            details=details,
        )
        self.schedule(post)
        return self.store.add_post(post)

    def find(self, video_id: str) -> Post | None:
        """A video that exists."""
        return self.store.post(PLATFORM, video_id)

    def channel_of(self, post: Post) -> Channel:
        """Whose it is."""
        found = find_channel(self.store, post.platform_id)
        if found is None:
            raise LookupError(post.platform_id)
        return found

    def of(self, channel_id: str) -> Sequence[Post]:
        """A channel's videos, newest first."""
        return self.store.posts_at(PLATFORM, channel_id)[::-1]

    def schedule(self, post: Post) -> None:
        """Remember a video that is to become public by itself."""
        if post.details["publish_at"] is not None:
            self._scheduled[post.platform_post_id] = post.details["publish_at"]

    def publish_due(self, now: datetime) -> None:
        """Make public what was to be so by now; the publishing time vanishes with it."""
        for video_id, moment in list(self._scheduled.items()):
            if moment > now:
                continue
            del self._scheduled[video_id]
            post = self.find(video_id)
            is_still_wished = post is not None and post.details["publish_at"] == moment
            if post is not None and is_still_wished and post.details["end"] == "processed":
                post.visibility = "public"
                post.details |= {"publish_at": None, "published_at": max(moment, post.created_at)}

    @property
    def _scheduled(self) -> dict[str, datetime]:
        found: dict[str, datetime] = self.store.bucket(PLATFORM).setdefault("scheduled", {})
        return found

    def _window(self, channel: Channel) -> Window:
        windows: dict[str, Window] = self.store.bucket(PLATFORM).setdefault("upload_windows", {})
        return windows.setdefault(channel.channel_id, Window(_DAY_S))

    def _end(
        self, channel: Channel, movie: Probe | None, content: bytes, *, digest: str, switches: YouTubeSwitches
    ) -> tuple[str, str]:
        """What will become of a video, and why."""
        if not content:
            return "failed", "emptyFile"
        if movie is None:
            return "failed", "invalidFile"
        if not movie.width or not movie.height or not movie.duration:
            return "failed", "conversion"
        is_long = movie.duration.total_seconds() > switches.longest_unverified_s
        if is_long and channel.option("long_uploads", "allowed") != "allowed":
            return "rejected", "length"
        if switches.rejects_duplicates and any(p.details["sha256"] == digest for p in self.of(channel.channel_id)):
            return "rejected", "duplicate"
        reasons = {"failed": switches.failure_reason, "rejected": switches.rejection_reason}
        return switches.processing_ends, reasons.get(switches.processing_ends, "")


def upload_status(post: Post, now: datetime) -> str:
    """How far YouTube has come with a video."""
    return str(post.details["end"]) if now >= post.details["processed_at"] else "uploaded"


def is_short(movie: Probe) -> bool:
    """Whether a video becomes a Short: upright or square, three minutes at most."""
    length = movie.duration or timedelta(0)
    return 0 < movie.width <= movie.height and length <= _LONGEST_SHORT
