"""Resumable upload sessions: how much of which file has arrived. Their address is all that is needed to go on.

Plain data in the store's bucket; the bytes are forgotten as soon as the video is there.
"""

from datetime import datetime
from typing import TypedDict

from social_sandbox.platform import World
from social_sandbox.youtube.channel import PLATFORM
from social_sandbox.youtube.ids import new_upload_id
from social_sandbox.youtube.switches import YouTubeSwitches
from social_sandbox.youtube.video import Draft

GRAIN = 262_144


class Session(TypedDict):
    """One upload; `total` is None until somebody tells it, `video_id` until the last byte is there."""

    upload_id: str
    grant_id: str
    channel_id: str
    draft: Draft
    parts: list[str]
    total: int | None
    chunks: list[bytes]
    received: int
    shortened: int
    expires_at: float
    video_id: str | None


class Sessions:
    """Keeps sessions until they expire."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open(
        self,
        *,
        grant_id: str,
        channel_id: str,
        draft: Draft,
        parts: list[str],
        total: int | None,
        now: datetime,
        switches: YouTubeSwitches,
    ) -> Session:
        """Begin one, and forget those that have expired."""
        for old in [key for key, kept in self._records.items() if kept["expires_at"] <= now.timestamp()]:
            del self._records[old]
        session = Session(
            upload_id=new_upload_id(),
            grant_id=grant_id,
            channel_id=channel_id,
            draft=draft,
            parts=parts,
            total=total,
            chunks=[],
            received=0,
            shortened=0,
            expires_at=now.timestamp() + switches.session_life_s,
            video_id=None,
        )
        self._records[session["upload_id"]] = session
        return session

    def find(self, upload_id: str) -> Session | None:
        """A session that has not expired."""
        session = self._records.get(upload_id)
        return session if session and session["expires_at"] > self._world.clock.timestamp() else None

    def forget(self, session: Session) -> None:
        """End a session and drop its bytes."""
        self._records.pop(session["upload_id"], None)

    def move(self, session: Session) -> None:
        """Give a session a new address; the old one is gone."""
        self.forget(session)
        session["upload_id"] = new_upload_id()
        self._records[session["upload_id"]] = session

    def keep(self, session: Session, content: bytes, switches: YouTubeSwitches) -> None:
        """Keep the next bytes, or less of them where the switches say so."""
        kept = content
        if switches.chunk_kept != "all" and session["shortened"] < switches.short_chunks:
            session["shortened"] += 1
            kept = content[: _half(len(content))] if switches.chunk_kept == "some" else b""
        session["chunks"].append(kept)
        session["received"] += len(kept)

    def content(self, session: Session) -> bytes:
        """All that has arrived."""
        return b"".join(session["chunks"])

    def finish(self, session: Session, video_id: str) -> None:
        """Note what became of a session; its address goes on answering with the video."""
        session["video_id"] = video_id
        session["chunks"] = []

    @property
    def _records(self) -> dict[str, Session]:
        records: dict[str, Session] = self._world.store.bucket(PLATFORM).setdefault("sessions", {})
        return records


def _half(length: int) -> int:
    half = length // 2
    return half - half % GRAIN if half >= GRAIN else half
