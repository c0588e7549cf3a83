"""Bringing pictures and videos to Facebook ahead, unpublished, a step at a time.

Each step may be repeated: what a lost answer leaves behind is seen by nobody.
"""

from datetime import timedelta
from typing import Final

from social_common.http import FilePart
from social_platforms._core import Access, ErrorCode, JsonObject, MediaItem, MediaKind, MediaReader, PlatformError
from social_platforms.answers import ident
from social_platforms.checks import looked_at, media_findings, refuse_problems
from social_platforms.facebook.api import Bearer, FacebookApi
from social_platforms.facebook.limits import FACTS, IMAGE_BYTES
from social_platforms.facebook.rules import is_reel
from social_platforms.facebook.videos import Videos

PICTURE, VIDEO, REEL = "picture", "video", "reel"
_NEW, _UPLOADING, _PROCESSING, _READY = "new", "uploading", "processing", "ready"

_CHUNK: Final = 4 * 1024 * 1024
_PICTURE_LIMIT: Final = timedelta(seconds=60)
_TRIES: Final = 3
_POLLS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 3, 5, 10, 20, 30))
_PATIENT_POLLS: Final = 20  # Facebook publishes what it still works on as well: waiting only saves time later
_LOST: Final = frozenset({ErrorCode.NOT_FOUND, ErrorCode.DESTINATION_GONE})


def new_entry(item: MediaItem) -> JsonObject:
    """The state of an item that was not begun."""
    return {"url": item.url, "alt_text": item.alt_text, "state": _NEW, "form": None, "id": None, "tries": 0, "polls": 0}


def is_ready(entry: JsonObject) -> bool:
    """True for an upload that can be published."""
    return entry.get("state") == _READY


class Uploads:
    """Steps of an upload; each returns how long to wait before the next."""

    def __init__(self, api: FacebookApi, *, app_id: str) -> None:
        self._api = api
        self._app_id = app_id
        self._videos = Videos(api)

    async def advance(self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        """One step; `entry` is changed to the state after it."""
        bearer = Bearer.of(access)
        try:
            match entry.get("state"):
                case "uploading" if entry.get("form") == REEL:
                    return await self._send_reel(bearer, item, entry, media=media)
                case "uploading":
                    return await self._send_video(bearer, item, entry, media=media)
                case "processing":
                    return await self._look(bearer, entry)
                case _:
                    return await self._begin(bearer, access.platform_id, item, entry, media=media)
        except PlatformError as error:
            if error.code in _LOST and entry.get("state") != _NEW:
                entry |= {"state": _NEW, "id": None}
                return _POLLS[0]
            if error.code is ErrorCode.CONTENT_REJECTED:
                raise _rejected(error) from None
            raise

    async def _begin(
        self, bearer: Bearer, page_id: str, item: MediaItem, entry: JsonObject, *, media: MediaReader
    ) -> timedelta:
        entry["tries"] = int(entry.get("tries") or 0) + 1
        if entry["tries"] > _TRIES:
            raise _rejected(None)
        seen = await _seen(item, media)
        # What Facebook would refuse is told in better words than its own, and costs no upload.
        refuse_problems(media_findings((seen,), FACTS.media, name=FACTS.name))
        if seen.kind is not MediaKind.VIDEO:
            entry["form"] = PICTURE
            return await self._send_picture(bearer, page_id, seen, entry, media=media)
        entry |= {"size": seen.size_bytes, "polls": 0}
        if is_reel(seen):
            entry |= await self._videos.begin_reel(bearer, page_id) | {"form": REEL}
        else:
            entry |= {"id": await self._videos.begin_session(bearer, self._app_id, seen), "form": VIDEO}
        entry["state"] = _UPLOADING
        return timedelta(0)

    async def _send_picture(
        self, bearer: Bearer, page_id: str, item: MediaItem, entry: JsonObject, *, media: MediaReader
    ) -> timedelta:
        content = bytearray()
        async for chunk in media.read(item, chunk_size=_CHUNK):
            content += chunk
            if len(content) > IMAGE_BYTES:
                raise PlatformError(
                    ErrorCode.MEDIA_REJECTED, "The picture is larger than 10 MB.", action="Use a smaller file."
                )
        parts: dict[str, FilePart | str] = {
            "source": FilePart(bytes(content), "picture", item.mime or "application/octet-stream"),
            "published": "false",
        }
        if item.alt_text:
            parts["alt_text_custom"] = item.alt_text
        answer = await self._api.call(
            "POST", f"/{page_id}/photos", bearer=bearer, multipart=parts, time_limit=_PICTURE_LIMIT
        )
        photo_id = ident(answer.body, "id")
        if photo_id is None:
            raise self._api.calls.garbled(answer)
        entry |= {"id": photo_id, "state": _READY}
        return timedelta(0)

    async def _send_reel(self, bearer: Bearer, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        look = await self._videos.look(bearer, str(entry["id"]))
        if look is not None and look.error is not None:
            raise look.error
        if look is None or not look.has_all_bytes:
            offset = look.received if look is not None else 0
            await self._videos.send_reel(bearer, entry, item, offset=offset, media=media)
        entry["state"] = _PROCESSING
        return _POLLS[0]

    async def _send_video(self, bearer: Bearer, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        session, size = str(entry["id"]), int(entry["size"])
        offset = await self._videos.session_offset(bearer, session)
        if offset >= size:
            # All bytes are there, and the handle that they were answered with is lost.
            entry |= {"state": _NEW, "id": None}
            return timedelta(0)
        handle = await self._videos.send_session(bearer, session, item, offset=offset, size=size, media=media)
        entry |= {"handle": handle, "state": _READY}
        return timedelta(0)

    async def _look(self, bearer: Bearer, entry: JsonObject) -> timedelta:
        look = await self._videos.look(bearer, str(entry["id"]))
        if look is not None and look.error is not None:
            raise look.error
        polls = int(entry.get("polls") or 0)
        entry["polls"] = polls + 1
        is_behind = look is None or not look.has_all_bytes
        if is_behind and polls >= _PATIENT_POLLS:
            entry |= {"state": _NEW, "id": None}
        elif look is not None and look.has_all_bytes and (not look.is_processing or polls >= _PATIENT_POLLS):
            entry["state"] = _READY
            return timedelta(0)
        elif look is not None and is_behind:
            entry["state"] = _UPLOADING
        return _POLLS[min(polls, len(_POLLS) - 1)]


async def _seen(item: MediaItem, media: MediaReader) -> MediaItem:
    """The item with all that decides on its form."""
    if item.kind is MediaKind.VIDEO and (item.duration is None or not item.width or not item.height):
        return await media.describe(item)
    return await looked_at(item, media)


def _rejected(cause: PlatformError | None) -> PlatformError:
    return PlatformError(
        ErrorCode.MEDIA_REJECTED,
        "Facebook does not accept the picture or video.",
        action="Use another file.",
        http_status=cause.http_status if cause is not None else None,
        evidence=cause.evidence if cause is not None else "",
    )
