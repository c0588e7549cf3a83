"""Bringing a video to Facebook's side, and how far it is there.

A reel is begun as a node of its own, which is also the handle that tells what became of it. Any other video goes into
an upload session, whose end is a handle for the publishing call. In both, a broken upload goes on where it stopped.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from social_platforms._core import ErrorCode, JsonObject, Live, MediaItem, MediaReader, PlatformError
from social_platforms.answers import at, count, flag, ident, items, link, text
from social_platforms.facebook.api import GRAPH, Bearer, FacebookApi
from social_platforms.facebook.errors import phase_error
from social_platforms.facebook.limits import API_VERSION
from social_platforms.statuses import with_evidence

_CHUNK: Final = 4 * 1024 * 1024
_SEND_LIMIT: Final = timedelta(minutes=9)  # of one stretch; the next one goes on where this one stopped
_SESSION: Final = re.compile(r"upload:[A-Za-z0-9_=+:.-]{1,2000}(?:\?[A-Za-z0-9_=+&%.:-]{1,2000})?")
_HANDLE_LENGTH: Final = 16_384
_FAILED: Final = frozenset({"error", "expired"})


@dataclass(frozen=True, slots=True)
class VideoLook:
    """How far Facebook is with a video."""

    has_all_bytes: bool
    received: int
    is_processing: bool
    is_publishing: bool
    live: Live | None
    error: PlatformError | None


class Videos:
    """Uploads and looks of one app."""

    def __init__(self, api: FacebookApi) -> None:
        self._api = api

    async def begin_reel(self, bearer: Bearer, page_id: str) -> JsonObject:
        """A new reel without its bytes: an id, and where the bytes go."""
        answer = await self._api.call("POST", f"/{page_id}/video_reels", bearer=bearer, form={"upload_phase": "start"})
        video_id, upload_url = ident(answer.body, "video_id"), link(answer.body, "upload_url")
        if video_id is None or upload_url is None:
            raise self._api.calls.garbled(answer)
        return {"id": video_id, "upload_url": upload_url}

    async def send_reel(
        self, bearer: Bearer, entry: JsonObject, item: MediaItem, *, offset: int, media: MediaReader
    ) -> None:
        """The bytes of a reel from that offset on."""
        size = int(entry["size"])
        answer = await self._api.send_bytes(
            self._api.hosts.followed(str(entry["upload_url"])),
            bearer=bearer,
            headers={**_headers(size - offset), "offset": str(offset), "file_size": str(size)},
            content=_rest(item, offset=offset, media=media),
            time_limit=_SEND_LIMIT,
        )
        if flag(answer.body, "success") is not True:
            raise self._api.calls.garbled(answer)

    async def begin_session(self, bearer: Bearer, app_id: str, item: MediaItem) -> str:
        """A session that waits for the bytes of one file."""
        answer = await self._api.call(
            "POST",
            f"/{app_id}/uploads",
            bearer=bearer,
            form={"file_name": "video", "file_length": str(item.size_bytes), "file_type": str(item.mime)},
        )
        session = text(answer.body, "id")
        if session is None or _SESSION.fullmatch(session) is None:
            raise self._api.calls.garbled(answer)
        return session

    async def session_offset(self, bearer: Bearer, session: str) -> int:
        """How many bytes a session has."""
        path, params = _parts(session)
        answer = await self._api.read_upload(path, bearer=bearer, params=params)
        offset = count(answer.body, "file_offset")
        if offset is None:
            raise self._api.calls.garbled(answer)
        return offset

    async def send_session(
        self, bearer: Bearer, session: str, item: MediaItem, *, offset: int, size: int, media: MediaReader
    ) -> str:
        """The bytes of a file from that offset on; the handle that stands for the whole."""
        path, params = _parts(session)
        answer = await self._api.send_bytes(
            self._api.hosts.url(GRAPH, f"/{API_VERSION}{path}"),
            bearer=bearer,
            params=params | bearer.proofs(),
            headers={**_headers(size - offset), "file_offset": str(offset)},
            content=_rest(item, offset=offset, media=media),
            time_limit=_SEND_LIMIT,
        )
        handle = text(answer.body, "h")
        if handle is None or len(handle) > _HANDLE_LENGTH:
            raise self._api.calls.garbled(answer)
        return handle

    async def look(self, bearer: Bearer, video_id: str) -> VideoLook | None:
        """How far it is, None where Facebook does not know the video, which right after its making proves nothing."""
        fields = "status,permalink_url,published"
        try:
            answer = await self._api.call("GET", f"/{video_id}", bearer=bearer, params={"fields": fields})
        except PlatformError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            return None
        status = at(answer.body, "status")
        if text(status, "video_status") is None:
            raise self._api.calls.garbled(answer)
        look = _look(answer.body, status, video_id=video_id)
        if look.error is not None:
            with_evidence(look.error, answer)
        return look


def _look(body: Any, status: Any, *, video_id: str) -> VideoLook:
    overall = text(status, "video_status")
    uploading, processing, publishing = (
        text(status, f"{phase}_phase", "status") for phase in ("uploading", "processing", "publishing")
    )
    is_out = publishing == "complete" and text(status, "publishing_phase", "publish_status") == "published"
    if publishing is None:
        is_out = overall == "ready" and flag(body, "published") is True
    failed = overall in _FAILED or "error" in {uploading, processing, publishing}
    return VideoLook(
        has_all_bytes=uploading == "complete" or (uploading is None and overall != "uploading"),
        received=count(status, "uploading_phase", "bytes_transferred") or 0,
        is_processing=processing == "in_progress",
        is_publishing=publishing == "in_progress" or text(status, "publishing_phase", "publish_status") == "published",
        # Its own id is known from the start; that of the post around it is told late, or never.
        live=Live(video_id, permalink_of(body)) if is_out else None,
        error=phase_error(_codes(status)) if failed else None,
    )


def permalink_of(body: Any) -> str | None:
    """A post's public address, which Facebook tells for reels and videos as a path only."""
    told = text(body, "permalink_url")
    if told is not None and told.startswith("/") and not told.startswith("//"):
        told = f"https://www.facebook.com{told}"
    return link(told)


def _codes(status: Any) -> list[int]:
    phases = ("uploading_phase", "processing_phase", "publishing_phase")
    found = (
        count(status, phase, "errors", position, "code")
        for phase in phases
        for position in range(len(items(status, phase, "errors")))
    )
    return [code for code in found if code is not None]


def _headers(length: int) -> dict[str, str]:
    return {"Content-Length": str(length), "Content-Type": "application/octet-stream"}


def _parts(session: str) -> tuple[str, dict[str, str]]:
    path, _, query = session.partition("?")
    return f"/{path}", dict(parse_qsl(query))


async def _rest(item: MediaItem, *, offset: int, media: MediaReader) -> AsyncIterator[bytes]:
    position = 0
    async for chunk in media.read(item, chunk_size=_CHUNK):
        if position + len(chunk) > offset:
            yield chunk[max(offset - position, 0) :]
        position += len(chunk)
