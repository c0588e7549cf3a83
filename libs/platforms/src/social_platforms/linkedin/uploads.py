"""Bringing one picture or video to LinkedIn, a step at a time, so that an upload resumes where its kept state says.

An asset that no post uses is invisible and stays so; every step may be repeated, and what failed for good is begun
anew. Its owner must be the later author.
"""

from datetime import timedelta
from typing import Any, Final

from social_platforms._core import Access, ErrorCode, JsonObject, MediaItem, MediaKind, MediaReader, PlatformError
from social_platforms.answers import Answer, at, count, ident, items, objects, text
from social_platforms.checks import looked_at
from social_platforms.linkedin.api import LinkedInApi
from social_platforms.linkedin.errors import error_of, names_of, with_trace
from social_platforms.linkedin.limits import IMAGE_BYTES
from social_platforms.linkedin.restli import encoded

PART: Final = 4 * 1024 * 1024
_PARTS_PER_STEP: Final = 16
_STEP_LIMIT: Final = timedelta(seconds=60)
_TRIES: Final = 3
_POLLS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 20, 30, 60))
_BLIND_WAIT: Final = timedelta(seconds=30)
_AGAIN: Final = timedelta(seconds=1)
_ETAG_LENGTH: Final = 500

NEW, UPLOADING, PROCESSING, READY = "new", "uploading", "processing", "ready"


def new_entry(item: MediaItem) -> JsonObject:
    """The state of an item that was not begun."""
    return {"url": item.url, "state": NEW, "urn": None, "tries": 0}


class Uploads:
    """Steps of an upload; each returns how long to wait before the next."""

    def __init__(self, api: LinkedInApi) -> None:
        self._api = api

    async def advance(self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        """One step; `entry` is changed to the state after it."""
        try:
            match entry.get("state"):
                case "uploading":
                    return await self._send_parts(access, item, entry, media=media)
                case "processing":
                    return await self._look(access, entry)
                case _:
                    return await self._begin(access, item, entry, media=media)
        except PlatformError as error:
            if error.code is ErrorCode.CONTENT_REJECTED:
                raise _rejected(error) from None
            raise

    async def _begin(self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        if int(entry.get("tries") or 0) >= _TRIES:
            raise _rejected(None)
        described = await looked_at(item, media)
        _restart(entry)
        entry["tries"] = int(entry.get("tries") or 0) + 1
        if described.kind is MediaKind.VIDEO:
            return await self._begin_video(access, described, entry)
        return await self._send_picture(access, described, entry, media=media)

    async def _send_picture(
        self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader
    ) -> timedelta:
        content = bytearray()
        async for chunk in media.read(item, chunk_size=PART):
            content += chunk
            if len(content) > IMAGE_BYTES:
                raise PlatformError(
                    ErrorCode.MEDIA_REJECTED, "The picture is larger than 20 MB.", action="Use a smaller file."
                )
        answer = await self._act(access, "images", "initializeUpload", {"owner": access.platform_id})
        urn, url = ident(answer.body, "value", "image"), text(answer.body, "value", "uploadUrl")
        if urn is None or url is None:
            raise self._api.calls.garbled(answer)
        if await self._put(url, bytes(content), mime=item.mime or "application/octet-stream") is None:
            return _AGAIN
        entry |= {"state": PROCESSING, "urn": urn, "family": "images", "polls": 0}
        return _POLLS[0]

    async def _begin_video(self, access: Access, item: MediaItem, entry: JsonObject) -> timedelta:
        size = item.size_bytes or 0
        wanted = {
            "owner": access.platform_id,
            "fileSizeBytes": size,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
        answer = await self._act(access, "videos", "initializeUpload", wanted)
        urn, parts = ident(answer.body, "value", "video"), _parts_of(answer, size=size)
        if urn is None or parts is None:
            raise self._api.calls.garbled(answer)
        told = at(answer.body, "value", "uploadToken")
        entry |= {
            "state": UPLOADING,
            "urn": urn,
            "family": "videos",
            "size": size,
            "parts": parts,
            "etags": [],
            "token": told if isinstance(told, str) else "",
            "expires_ms": count(answer.body, "value", "uploadUrlsExpireAt"),
        }
        return timedelta(0)

    async def _send_parts(self, access: Access, item: MediaItem, entry: JsonObject, *, media: MediaReader) -> timedelta:
        parts, etags, size = entry["parts"], entry["etags"], int(entry["size"])
        if self._is_over(entry.get("expires_ms")):
            return _restart(entry)
        begun, position = len(etags), 0
        async for chunk in media.read(item, chunk_size=PART):
            if position >= len(parts) or len(chunk) != min(PART, size - position * PART):
                raise _changed()
            if position >= begun:
                if position - begun == _PARTS_PER_STEP:
                    return timedelta(0)
                try:
                    etag = await self._send_part(parts[position], chunk)
                except PlatformError:
                    if position == begun:
                        raise
                    # What has arrived in this step is kept; the part that failed opens the next one.
                    return _AGAIN
                if etag is None:
                    return _restart(entry)
                etags.append(etag)
            position += 1
        if position != len(parts):
            raise _changed()
        return await self._finish(access, entry)

    def _is_over(self, expires_ms: object) -> bool:
        return isinstance(expires_ms, int) and expires_ms / 1000 <= self._api.clock().timestamp()

    async def _send_part(self, url: str, chunk: bytes) -> str | None:
        """The mark by which the part is named at the end; None where the address is good no longer."""
        answer = await self._put(url, chunk, mime="application/octet-stream")
        if answer is None:
            return None
        etag = answer.headers.get("etag", "").strip().removeprefix("W/").strip('"')
        if not etag.isprintable() or not 0 < len(etag) <= _ETAG_LENGTH:
            raise self._api.calls.garbled(answer)
        return etag

    async def _finish(self, access: Access, entry: JsonObject) -> timedelta:
        finished = {"video": entry["urn"], "uploadToken": entry["token"], "uploadedPartIds": entry["etags"]}
        try:
            await self._act(access, "videos", "finalizeUpload", finished)
        except PlatformError as error:
            if error.code in {ErrorCode.CONTENT_REJECTED, ErrorCode.DESTINATION_GONE}:
                # Said, too, where an earlier finalising went through and its answer was lost.
                return _restart(entry)
            raise
        entry |= {"state": PROCESSING, "polls": 0, "parts": [], "etags": []}
        return _POLLS[0]

    async def _look(self, access: Access, entry: JsonObject) -> timedelta:
        if entry.get("is_blind"):
            entry["state"] = READY
            return timedelta(0)
        try:
            answer = await self._api.call(
                "GET", f"/{entry['family']}/{encoded(str(entry['urn']))}", bearer=access.token
            )
        except PlatformError as error:
            if error.code is ErrorCode.PERMISSION_MISSING:
                # A member's token may not look; what is wrong with the file then shows when the post is created. A
                # video takes a while, and asking for the post meanwhile would only spend calls.
                if entry["family"] == "images":
                    entry["state"] = READY
                    return timedelta(0)
                entry["is_blind"] = True
                return _BLIND_WAIT
            if error.code is ErrorCode.NOT_FOUND:
                return _restart(entry)
            raise
        match (text(answer.body, "status") or "").upper():
            case "AVAILABLE":
                entry["state"] = READY
                return timedelta(0)
            case "PROCESSING_FAILED":
                raise with_trace(_rejected(None), answer)
            case _:
                polls = int(entry.get("polls") or 0) + 1
                entry["polls"] = polls
                return _POLLS[min(polls, len(_POLLS) - 1)]

    async def _put(self, url: str, content: bytes, *, mime: str) -> Answer | None:
        """The answer to one upload; None where the signed address is good no longer: a new one is to be asked for."""
        answer = await self._api.calls.send(
            "PUT",
            self._api.hosts.followed(url),
            headers={"Content-Type": mime},
            content=content,
            time_limit=_STEP_LIMIT,
        )
        if answer.is_success:
            return answer
        if answer.status in {400, 401, 403, 404, 410} or "EXPIRED_UPLOAD_URL" in names_of(answer.body):
            return None
        raise error_of(answer, now=self._api.clock(), creating=True)

    async def _act(self, access: Access, family: str, action: str, body: JsonObject) -> Answer:
        answer = await self._api.answer(
            "ACTION",
            f"/{family}",
            bearer=access.token,
            params={"action": action},
            json={f"{action}Request": body},
            time_limit=_STEP_LIMIT,
        )
        if not answer.is_success:
            raise error_of(answer, now=self._api.clock(), creating=True)
        return answer


def _parts_of(answer: Answer, *, size: int) -> list[str] | None:
    """The addresses of the parts in order, None where they do not cover the file in parts of 4 MiB."""
    told = objects(answer.body, "value", "uploadInstructions")
    urls: list[str] = []
    for position, part in enumerate(told):
        url, first, last = text(part, "uploadUrl"), count(part, "firstByte"), count(part, "lastByte")
        if url is None or first != position * PART or last != min(first + PART, size) - 1:
            return None
        urls.append(url)
    is_whole = len(told) == len(items(answer.body, "value", "uploadInstructions")) and len(told) * PART >= size > 0
    return urls if is_whole else None


def _restart(entry: JsonObject) -> timedelta:
    """Forgets what was begun, but not how often."""
    tries, url = entry.get("tries"), entry.get("url")
    entry.clear()
    entry |= {"url": url, "state": NEW, "urn": None, "tries": tries}
    return _AGAIN


def _changed() -> PlatformError:
    return PlatformError(
        ErrorCode.MEDIA_REJECTED,
        "The video changed while it was uploaded.",
        action="Leave the file as it is until the post is out.",
    )


def _rejected(error: PlatformError | None) -> PlatformError:
    return PlatformError(
        ErrorCode.MEDIA_REJECTED,
        "LinkedIn does not accept the picture or video.",
        action="Use another file.",
        http_status=error.http_status if error else None,
        evidence=error.evidence if error else "",
    )


def calls_of(item: MediaItem) -> int:
    """How many calls bringing that item there takes: to begin, to send, for a video to finish, and a look."""
    if item.kind is not MediaKind.VIDEO:
        return 3
    return 3 + max(-(-(item.size_bytes or 0) // PART), 1)


def media_ids(entries: list[Any]) -> list[str]:
    """The assets that kept states name, in the order of the post."""
    return [urn for entry in entries if (urn := ident(entry, "urn")) is not None]
