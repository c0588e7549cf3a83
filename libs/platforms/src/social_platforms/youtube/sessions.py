"""The resumable upload protocol: a session is opened, fed in order, and asked how far it came.

The session's address works without a token: it is a secret, kept in the handle only. A 308 is no redirect here.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from social_platforms._core import Access, JsonObject, OutcomeUnknown, PlatformError, PreparationGone
from social_platforms.answers import Answer, ident
from social_platforms.youtube.api import DATA, YouTubeApi
from social_platforms.youtube.limits import API_VERSION, UPLOADS_BUCKET

_RESUME: Final = 308
_GONE: Final = frozenset({404, 410})
_CANCELLED: Final = 499
_RANGE: Final = re.compile(r"bytes=0-(\d{1,15})")
_PARAMS: Final = {"uploadType": "resumable", "part": "snippet,status"}
_PART_LIMIT: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Held:
    """What the server holds: so many bytes, the finished video, or nothing because the session is gone."""

    offset: int = 0
    video: dict[str, Any] | None = field(default=None, repr=False)
    is_gone: bool = False
    moved_to: str | None = field(default=None, repr=False)


class Sessions:
    """Opens upload sessions and talks to them."""

    def __init__(self, api: YouTubeApi) -> None:
        self._api = api

    async def open(self, access: Access, body: JsonObject, *, size: int, mime: str) -> str:
        """The new session's address. Nothing exists at YouTube before its last byte has arrived."""
        answer = await self._api.answer(
            "POST",
            DATA,
            f"/upload/youtube/{API_VERSION}/videos",
            bearer=access.token,
            params=_PARAMS,
            headers={"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": mime},
            json=body,
        )
        if not answer.is_success:
            raise self._refusal(answer, access)
        location = answer.headers.get("location")
        if location is None:
            raise self._api.calls.garbled(answer)
        self._api.hosts.followed(location)
        return location

    async def ask(self, access: Access, session: str, *, size: int) -> Held:
        """How far the session came; this also answers whether its last byte ever arrived."""
        answer = await self._put(access, session, b"", content_range=f"bytes */{size}")
        return self._understood(answer, access)

    async def send(self, access: Access, session: str, part: bytes, *, first: int, size: int, mime: str) -> Held:
        """A part that is not the last one; what the server kept of it is its own word."""
        answer = await self._put(access, session, part, content_range=_range(part, first, size), mime=mime)
        return self._understood(answer, access)

    async def finish(
        self, access: Access, session: str, part: bytes, *, first: int, size: int, mime: str, time_limit: timedelta
    ) -> Held:
        """The last part, which makes the video. What does not say for certain how it ended is a doubt."""
        answer = await self._put(
            access,
            session,
            part,
            content_range=_range(part, first, size),
            mime=mime,
            time_limit=time_limit,
            creates=True,
        )
        held = self._state(answer)
        if held is not None:
            return held
        if answer.is_success:
            raise self._api.calls.garbled(answer, creates=True)
        raise self._api.calls.doubt(answer) or self._refusal(answer, access)

    async def cancel(self, access: Access, session: str) -> None:
        """Has YouTube forget what was sent; an unfinished session would end by itself."""
        answer = await self._api.calls.send("DELETE", self._api.hosts.followed(session), bearer=access.token)
        if answer.is_success or answer.status in {*_GONE, _CANCELLED}:
            return
        raise self._refusal(answer, access)

    async def _put(
        self,
        access: Access,
        session: str,
        part: bytes,
        *,
        content_range: str,
        mime: str | None = None,
        time_limit: timedelta | None = None,
        creates: bool = False,
    ) -> Answer:
        headers = {"Content-Range": content_range}
        if mime is not None:
            headers["Content-Type"] = mime
        return await self._api.calls.send(
            "PUT",
            self._api.hosts.followed(session),
            creates=creates,
            headers=headers,
            content=part,
            bearer=access.token,
            time_limit=time_limit or _PART_LIMIT,
        )

    def _understood(self, answer: Answer, access: Access) -> Held:
        held = self._state(answer)
        if held is not None:
            return held
        raise self._api.calls.garbled(answer) if answer.is_success else self._refusal(answer, access)

    def _state(self, answer: Answer) -> Held | None:
        """What an answer says of the session, None where it speaks of something else."""
        if answer.status in _GONE:
            return Held(is_gone=True)
        if answer.is_success and isinstance(answer.body, dict) and ident(answer.body, "id") is not None:
            return Held(video=answer.body)
        if answer.status != _RESUME:
            return None
        location = answer.headers.get("location")
        if location is not None:
            self._api.hosts.followed(location)
        found = _RANGE.fullmatch(answer.headers.get("range", "").strip())
        # Without a range nothing is stored at all.
        return Held(offset=int(found[1]) + 1 if found else 0, moved_to=location)

    def _refusal(self, answer: Answer, access: Access) -> PlatformError:
        return self._api.refusal(answer, rates=access.rates, bucket=UPLOADS_BUCKET, creating=True)


def _range(part: bytes, first: int, size: int) -> str:
    return f"bytes {first}-{first + len(part) - 1}/{size}"


def session_lost(*, is_certain: bool) -> PlatformError:
    """The session is gone; `is_certain` where its last piece was never sent before, so that it made no video."""
    if is_certain:
        return PreparationGone("YouTube no longer has the upload that was prepared.", http_status=404)
    return OutcomeUnknown("YouTube no longer knows the upload, which may mean that it was finished.", http_status=404)
