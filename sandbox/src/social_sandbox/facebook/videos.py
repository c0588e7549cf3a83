"""Videos and reels: one record from the first byte to the last state, and what Facebook tells about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.facebook.ids import new_id
from social_sandbox.facebook.switches import FacebookSwitches
from social_sandbox.facebook.wall import DRAFT, PUBLISHED, SCHEDULED
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.store import Store, Window

_DAY_S = 86_400.0
FAILURE_CODE = 1363026


@dataclass(slots=True)
class Video:
    """A video or reel. `size` is what will come of bytes, `fault` the phase in which it fails, `problem` why."""

    video_id: str
    page_id: str
    client_id: str
    account_id: str
    is_reel: bool
    created_at: datetime
    title: str = ""
    description: str = ""
    content: bytes = b""
    received: int = 0
    size: int | None = None
    length_s: float = 0.0
    uploaded_at: datetime | None = None
    finished_at: datetime | None = None
    processing_s: float = 0.0
    fault: str = "none"
    problem: str = "The video could not be processed."


class Videos:
    """All videos, and how many reels each Page has published within a day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def new(self, page_id: str, client_id: str, account_id: str, *, is_reel: bool, now: datetime) -> Video:
        """Begin a video."""
        video = Video(new_id(self._store, "video"), page_id, client_id, account_id, is_reel, now)
        self._all()[video.video_id] = video
        return video

    def find(self, video_id: str, page_id: str) -> Video | None:
        """A Page's own video."""
        video = self._all().get(video_id)
        return video if video is not None and video.page_id == page_id else None

    def remove(self, video: Video) -> None:
        """Delete a video."""
        self._all().pop(video.video_id, None)

    def reels(self, page_id: str) -> Window:
        """What a Page has published in the last 24 hours."""
        windows: dict[str, Window] = self._store.bucket("facebook").setdefault("reels", {})
        return windows.setdefault(page_id, Window(_DAY_S))

    def _all(self) -> dict[str, Video]:
        records: dict[str, Video] = self._store.bucket("facebook").setdefault("videos", {})
        return records


def ready_at(video: Video) -> datetime | None:
    """When the processing of a finished video ends."""
    return None if video.finished_at is None else video.finished_at + timedelta(seconds=video.processing_s)


def a_post_of(world: World, video: Video, *, now: datetime) -> Post:
    """The post that shows a video; the video's id is what a client learns first, the post's own id comes later."""
    return Post(
        platform="facebook",
        account_id=video.account_id,
        platform_id=video.page_id,
        platform_post_id=video.video_id,
        text=video.description,
        created_at=now,
        kind="reel" if video.is_reel else "video",
        media=[{"kind": "video", "media_id": video.video_id, "alt_text": None, "bytes": video.received}],
        details={
            "client_id": video.client_id,
            "link": "",
            "title": video.title,
            "accepted_at": now.timestamp(),
            "post_id": f"{video.page_id}_{new_id(world.store, 'post')}",
        },
    )


def status_of(video: Video, post: Post | None, switches: FacebookSwitches, now: datetime) -> dict[str, Any]:
    """How far a video is, phase by phase."""
    ready = ready_at(video)
    is_ready = ready is not None and now >= ready
    uploading: dict[str, Any] = {"status": "in_progress", "bytes_transferred": video.received}
    processing: dict[str, Any] = {"status": "not_started"}
    publishing: dict[str, Any] = {"status": "not_started", "publish_status": "draft"}
    name = "uploading"
    if video.uploaded_at is not None:
        uploading["status"] = "complete"
        name = "upload_complete"
    if video.finished_at is not None:
        processing["status"] = "complete" if is_ready else "in_progress"
        name = "ready" if is_ready else "processing"
        publishing |= _publishing(post)
    elif now - video.created_at >= timedelta(seconds=switches.upload_life_s):
        name = "expired"
    phases = {"uploading": uploading, "processing": processing, "publishing": publishing}
    has_failed = video.fault in phases and (is_ready or (video.fault == "uploading" and video.uploaded_at is not None))
    if has_failed:
        name = "error"
        phases[video.fault]["status"] = "error"
        phases[video.fault]["errors"] = [{"code": FAILURE_CODE, "message": video.problem}]
    return {"video_status": name, **{f"{phase}_phase": told for phase, told in phases.items()}}


def _publishing(post: Post | None) -> dict[str, Any]:
    state = post.details["state"] if post is not None else DRAFT
    if state == PUBLISHED and post is not None:
        return {"status": "complete", "publish_status": "published", "publish_time": int(post.created_at.timestamp())}
    if state == SCHEDULED and post is not None:
        return {"publish_status": "scheduled", "publish_time": int(post.details["live_at"])}
    return {}
