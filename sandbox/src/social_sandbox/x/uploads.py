"""The uploads that X remembers, from their first segment until they expire.

Records are plain data in the store's bucket; the bytes are forgotten as soon as the upload is complete.
"""

import base64
from typing import Any, TypedDict

from social_sandbox.platform import World
from social_sandbox.probe import probe
from social_sandbox.x.access import Visit
from social_sandbox.x.ids import new_snowflake

_PREFIXES = {"tweet_video": "7", "amplify_video": "13", "dm_video": "7", "tweet_gif": "16", "dm_gif": "16"}
_PICTURE_PREFIX = "3"
_RECOGNISED_AS = {"image/pjpeg": "image/jpeg", "video/quicktime": "video/mp4"}
_ALL_DONE = 100


class Upload(TypedDict):
    """One upload; `state` is None while nothing is processed, `duration_s` None for pictures."""

    media_id: str
    media_key: str
    owner: str
    media_type: str
    category: str
    total: int
    segments: dict[str, str]
    finished: bool
    state: str | None
    polls: int
    looked_at: float
    width: int
    height: int
    duration_s: float | None
    alt_text: str | None
    expires_at: float


class Uploads:
    """Keeps uploads and moves them through their states."""

    def __init__(self, world: World) -> None:
        self._world = world

    def find(self, media_id: str) -> Upload | None:
        """Return an upload that has not expired."""
        upload: Upload | None = self._records.get(media_id)
        if upload is None or upload["expires_at"] <= self._world.clock.timestamp():
            return None
        return upload

    def find_by_key(self, media_key: str) -> Upload | None:
        """Return an upload by its media key, expired or not: what was posted stays readable."""
        return next((upload for upload in self._records.values() if upload["media_key"] == media_key), None)

    def open(self, visit: Visit, *, media_type: str, category: str, total: int) -> Upload:
        """Begin an upload."""
        media_id = new_snowflake(self._world.store, visit.now)
        upload = Upload(
            media_id=media_id,
            media_key=f"{_PREFIXES.get(category, _PICTURE_PREFIX)}_{media_id}",
            owner=visit.account.account_id,
            media_type=media_type,
            category=category,
            total=total,
            segments={},
            finished=False,
            state=None,
            polls=0,
            looked_at=visit.now.timestamp(),
            width=0,
            height=0,
            duration_s=None,
            alt_text=None,
            expires_at=visit.now.timestamp() + visit.switches.media_life_s,
        )
        self._records[media_id] = upload
        return upload

    def keep_segment(self, upload: Upload, index: int, content: bytes) -> None:
        """Keep a segment; the same index again replaces it."""
        upload["segments"][str(index)] = base64.b64encode(content).decode()

    def assemble(self, upload: Upload) -> bytes | None:
        """Put the segments together; nothing when one is missing or the size is not the promised one."""
        indexes = sorted(int(index) for index in upload["segments"])
        if indexes != list(range(len(indexes))):
            return None
        content = b"".join(base64.b64decode(upload["segments"][str(index)]) for index in indexes)
        return content if len(content) == upload["total"] else None

    def finish(self, upload: Upload, content: bytes, visit: Visit) -> bool:
        """Complete an upload and look what it is; a video waits for processing. False: not a picture at all."""
        found = probe(content)
        is_video = upload["media_type"].startswith("video/")
        recognised = found is not None and found.mime in {upload["media_type"], _real_type(upload["media_type"])}
        is_text = upload["media_type"].startswith("text/")
        if not is_video and not recognised and not is_text:
            return False
        if found is not None:
            upload["width"], upload["height"] = found.width, found.height
            upload["duration_s"] = found.duration.total_seconds() if found.duration is not None else None
        upload["finished"] = True
        upload["segments"] = {}
        upload["expires_at"] = visit.now.timestamp() + visit.switches.media_life_s
        upload["looked_at"] = visit.now.timestamp()
        if is_video or upload["category"] in {"tweet_gif", "dm_gif"}:
            upload["state"] = "pending"
            if visit.switches.processing_polls == 0:
                upload["state"] = _end_state(upload, visit)
        return True

    def look(self, upload: Upload, visit: Visit) -> None:
        """Count one status call; one that comes too early does not move the processing."""
        if upload["state"] not in {"pending", "in_progress"}:
            return
        if visit.now.timestamp() < upload["looked_at"] + visit.switches.check_after_s:
            return
        upload["looked_at"] = visit.now.timestamp()
        upload["polls"] += 1
        done = upload["polls"] >= visit.switches.processing_polls
        upload["state"] = _end_state(upload, visit) if done else "in_progress"

    def describe(self, upload: Upload, visit: Visit) -> dict[str, Any]:
        """Return the object that finalize, status and the one-shot upload answer with."""
        answer: dict[str, Any] = {
            "id": upload["media_id"],
            "media_key": upload["media_key"],
            "expires_after_secs": max(0, int(upload["expires_at"] - visit.now.timestamp())),
        }
        if upload["finished"]:
            answer["size"] = upload["total"]
        if upload["finished"] and upload["state"] is None and upload["media_type"].startswith("image/"):
            answer["image"] = {"image_type": upload["media_type"], "w": upload["width"], "h": upload["height"]}
        if upload["state"] is not None:
            answer["processing_info"] = _processing(upload, visit)
        if upload["state"] == "succeeded":
            answer["video"] = {"video_type": upload["media_type"]}
        return answer

    @property
    def _records(self) -> dict[str, Upload]:
        records: dict[str, Upload] = self._world.store.bucket("x").setdefault("uploads", {})
        return records


def _real_type(media_type: str) -> str:
    return _RECOGNISED_AS.get(media_type, media_type)


def _end_state(upload: Upload, visit: Visit) -> str:
    is_readable = upload["width"] > 0
    return "failed" if visit.switches.processing_fails or not is_readable else "succeeded"


def _processing(upload: Upload, visit: Visit) -> dict[str, Any]:
    state = upload["state"]
    if state == "failed":
        error = {"code": 1, "name": "InvalidMedia", "message": "The media could not be processed."}
        return {"state": state} | ({"error": error} if visit.switches.processing_error_object else {})
    if state == "succeeded":
        return {"state": state, "progress_percent": _ALL_DONE}
    done = _ALL_DONE * upload["polls"] // max(1, visit.switches.processing_polls)
    return {"state": state, "check_after_secs": visit.switches.check_after_s, "progress_percent": done}
