"""Containers: media on its way to be published. Invisible, for a day, and good for one publication.

A container is ready when it has been read often enough and is old enough; then it stays so until it is published or a
day has passed. Its status never names the media that came of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.instagram.errors import Fault
from social_sandbox.instagram.ids import new_container_id
from social_sandbox.instagram.switches import InstagramSwitches
from social_sandbox.store import Store, Window

IN_PROGRESS, FINISHED, ERROR, EXPIRED, PUBLISHED = "IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED"
_DAY_S = 86_400.0
_WORDS = {
    IN_PROGRESS: "In Progress: Media is still being processed.",
    FINISHED: "Finished: Media has been uploaded and it is ready to be published.",
    EXPIRED: "Expired: The media was not published within 24 hours.",
    PUBLISHED: "Published: Media has been successfully published.",
}


@dataclass(slots=True)
class Container:
    """Media waiting for its publication; `kind` is image, video, reel, story or carousel."""

    container_id: str
    ig_id: str
    kind: str
    caption: str
    media: list[dict[str, Any]]
    is_child: bool
    created_at: datetime
    children: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    reads: int = 0
    error_subcode: int | None = None
    published_at: datetime | None = None
    media_id: str | None = None


class Containers:
    """All containers, and how many each account has made within a day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        ig_id: str,
        kind: str,
        *,
        media: list[dict[str, Any]],
        now: datetime,
        caption: str = "",
        is_child: bool = False,
        children: list[str] | None = None,
        options: dict[str, Any] | None = None,
        fault: Fault | None = None,
    ) -> Container:
        """Make a container; with a fault it will end in ERROR."""
        container = Container(
            container_id=new_container_id(self._store),
            ig_id=ig_id,
            kind=kind,
            caption=caption,
            media=media,
            is_child=is_child,
            created_at=now,
            children=children or [],
            options=options or {},
            error_subcode=fault.subcode if fault else None,
        )
        self._records[container.container_id] = container
        self.window("made", ig_id).add(now.timestamp())
        return container

    def find(self, container_id: str, ig_id: str) -> Container | None:
        """Return an account's own container."""
        container = self._records.get(container_id)
        return container if container is not None and container.ig_id == ig_id else None

    def window(self, name: str, ig_id: str) -> Window:
        """What an account has `made` or `published` in the last 24 hours."""
        windows: dict[str, Window] = self._store.bucket("instagram").setdefault(name, {})
        return windows.setdefault(ig_id, Window(_DAY_S))

    @property
    def _records(self) -> dict[str, Container]:
        records: dict[str, Container] = self._store.bucket("instagram").setdefault("containers", {})
        return records


def status_of(container: Container, switches: InstagramSwitches, now: datetime) -> str:
    """Return the status code of a container at this moment."""
    if container.published_at is not None:
        is_flipped = now - container.published_at >= timedelta(seconds=switches.published_flip_s)
        return PUBLISHED if is_flipped else FINISHED
    age = now - container.created_at
    if age >= timedelta(seconds=switches.container_life_s):
        return EXPIRED
    is_video = any(item["kind"] == "video" for item in container.media)
    pause = switches.video_container_s if is_video else switches.container_s
    if container.reads < switches.container_polls or age < timedelta(seconds=pause):
        return IN_PROGRESS
    return ERROR if container.error_subcode is not None else FINISHED


def read_status(container: Container, switches: InstagramSwitches, now: datetime) -> dict[str, str]:
    """Return what a reader is told, and count the reading."""
    code = status_of(container, switches, now)
    if code == IN_PROGRESS:
        container.reads += 1
    if code == ERROR:
        words = f"Error: Media upload has failed with error code {container.error_subcode}"
        return {"id": container.container_id, "status_code": code, "status": words}
    return {"id": container.container_id, "status_code": code, "status": _WORDS[code]}
