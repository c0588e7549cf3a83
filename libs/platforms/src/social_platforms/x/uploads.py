"""Bringing one picture or video to X, a step at a time, so that an upload resumes where its kept state says.

Pictures go in one call; GIFs and videos in segments, and then X works on them. An unattached upload expires by itself,
so every step may be repeated.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from social_common.http import FilePart
from social_platforms._core import Access, ErrorCode, JsonObject, MediaItem, MediaKind, MediaReader, PlatformError
from social_platforms.answers import Answer, at, count, ident, lifetime, text
from social_platforms.checks import looked_at
from social_platforms.x.api import XApi
from social_platforms.x.limits import IMAGE_BYTES

_CATEGORIES: Final = {MediaKind.IMAGE: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.VIDEO: "tweet_video"}
_SEGMENT: Final = 4 * 1024 * 1024
_MAX_SEGMENTS: Final = 1000
_SEGMENTS_PER_STEP: Final = 16
_STEP_LIMIT: Final = timedelta(seconds=60)
_TRIES: Final = 3
_DAY: Final = timedelta(hours=24)
_FIRST_WAIT: Final = timedelta(seconds=1)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_MARGIN: Final = timedelta(minutes=10)

NEW, UPLOADING, PROCESSING, NEEDS_ALT, READY = "new", "uploading", "processing", "needs_alt", "ready"


def new_entry(item: MediaItem) -> JsonObject:
    """The state of an item that was not begun."""
    return {"url": item.url, "state": NEW, "id": None, "segment": 0, "tries": 0, "expires_at": None}


class Uploads:
    """Steps of an upload; each returns how long to wait before the next."""

    def __init__(self, api: XApi) -> None:
        self._api = api

    def is_ready(self, entry: JsonObject) -> bool:
        """True while X still keeps the finished upload; one about to expire is begun anew."""
        expires_at = entry.get("expires_at")
        if isinstance(expires_at, int | float) and expires_at < (self._api.clock() + _MARGIN).timestamp():
            entry |= {"state": NEW, "id": None, "segment": 0, "expires_at": None, "tries": 0}
        return entry.get("state") == READY

    def have_expired(self, entries: Sequence[JsonObject]) -> bool:
        """True where the time that X named for keeping an upload is over for one of them."""
        ends = [entry.get("expires_at") for entry in entries]
        now = self._api.clock().timestamp()
        return any(isinstance(end, int | float) and end <= now for end in ends)

    async def advance(self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        """One step; `entry` is changed to the state after it."""
        try:
            match entry.get("state"):
                case "uploading":
                    return await self._send_segments(access, item, entry, media=media)
                case "processing":
                    return await self._look(access, item, entry)
                case "needs_alt":
                    return await self._describe(access, item, entry)
                case _:
                    return await self._begin(access, item, entry, media=media)
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND and entry.get("id"):
                entry |= {"state": NEW, "id": None, "segment": 0}
                return timedelta(0)
            if error.code is ErrorCode.CONTENT_REJECTED:
                raise _rejected(error.http_status) from None
            raise

    async def _begin(self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        entry["tries"] = int(entry.get("tries") or 0) + 1
        if entry["tries"] > _TRIES:
            raise _rejected(None)
        described = await looked_at(item, media)
        entry |= {"mime": described.mime, "size": described.size_bytes, "kind": described.kind.value}
        if described.kind is MediaKind.IMAGE:
            return await self._send_picture(access, described, entry, media=media)
        answer = await self._call(
            access,
            "POST",
            "/media/upload/initialize",
            json={
                "media_type": described.mime,
                "media_category": _CATEGORIES[described.kind],
                "total_bytes": described.size_bytes,
            },
        )
        entry |= {"state": UPLOADING, "segment": 0, "id": self._media_id(answer)}
        self._note_expiry(answer, entry)
        return timedelta(0)

    async def _send_picture(
        self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader
    ) -> timedelta:
        content = bytearray()
        async for chunk in media.read(item, chunk_size=_SEGMENT):
            content += chunk
            if len(content) > IMAGE_BYTES:
                raise PlatformError(
                    ErrorCode.MEDIA_REJECTED, "The picture is larger than 5 MB.", action="Use a smaller file."
                )
        part = FilePart(bytes(content), "picture", item.mime or "application/octet-stream")
        answer = await self._call(
            access,
            "POST",
            "/media/upload",
            multipart={"media": part, "media_category": _CATEGORIES[MediaKind.IMAGE]},
        )
        entry["id"] = self._media_id(answer)
        self._note_expiry(answer, entry)
        return self._after_processing(answer, item, entry)

    async def _send_segments(
        self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader
    ) -> timedelta:
        size = int(entry.get("size") or 0)
        chunk_size = max(_SEGMENT, -(-size // _MAX_SEGMENTS))
        first, sent = int(entry.get("segment") or 0), 0
        position = 0
        async for chunk in media.read(item, chunk_size=chunk_size):
            if position >= first:
                await self._call(
                    access,
                    "POST",
                    f"/media/upload/{entry['id']}/append",
                    multipart={
                        "segment_index": str(position),
                        "media": FilePart(chunk, "segment", "application/octet-stream"),
                    },
                )
                entry["segment"] = position + 1
                sent += 1
                if sent == _SEGMENTS_PER_STEP:
                    return timedelta(0)
            position += 1
        answer = await self._call(access, "POST", f"/media/upload/{entry['id']}/finalize")
        self._note_expiry(answer, entry)
        return self._after_processing(answer, item, entry)

    async def _look(self, access: Access, item: MediaItem, entry: JsonObject) -> timedelta:
        params = {"command": "STATUS", "media_id": str(entry["id"])}
        answer = await self._call(access, "GET", "/media/upload", params=params)
        return self._after_processing(answer, item, entry)

    async def _describe(self, access: Access, item: MediaItem, entry: JsonObject) -> timedelta:
        body = {"id": entry["id"], "metadata": {"alt_text": {"text": item.alt_text}}}
        await self._call(access, "POST", "/media/metadata", json=body)
        entry["state"] = READY
        return timedelta(0)

    def _after_processing(self, answer: Answer, item: MediaItem, entry: JsonObject) -> timedelta:
        """No processing_info means ready."""
        info = at(answer.body, "data", "processing_info")
        match text(info, "state"):
            case "failed":
                raise _rejected(answer.status)
            case "pending" | "in_progress":
                entry["state"] = PROCESSING
                wait = lifetime(info, "check_after_secs") or _FIRST_WAIT
                return min(max(wait, _FIRST_WAIT), _LONGEST_WAIT)
            case _:
                takes_alt_text = item.alt_text and entry.get("kind") != MediaKind.VIDEO.value
                entry["state"] = NEEDS_ALT if takes_alt_text else READY
                return timedelta(0)

    def _media_id(self, answer: Answer) -> str:
        media_id = ident(answer.body, "data", "id")
        if media_id is None or not media_id.isdigit():
            raise self._api.calls.garbled(answer)
        return media_id

    def _note_expiry(self, answer: Answer, entry: JsonObject) -> None:
        seconds = count(answer.body, "data", "expires_after_secs")
        life = _DAY if seconds is None else timedelta(seconds=min(seconds, 10 * int(_DAY.total_seconds())))
        entry["expires_at"] = (self._api.clock() + life).timestamp()

    async def _call(self, access: Access, method: str, path: str, **request: Any) -> Answer:
        return await self._api.call(
            method,
            path,
            endpoint=f"{method} /2/media/upload",
            bearer=access.token,
            rates=access.rates,
            creating=True,
            time_limit=_STEP_LIMIT,
            **request,
        )


def _rejected(status: int | None) -> PlatformError:
    return PlatformError(
        ErrorCode.MEDIA_REJECTED,
        "X does not accept the picture or video.",
        action="Use another file.",
        http_status=status,
    )
