"""Bringing a video to YouTube up to its last piece, a step at a time.

The last piece is the one that makes the video, so it is not sent here: it is kept in the handle, and going live then
depends on nobody's server but YouTube's. Every step begins by asking how far the session came, because a part that was
sent may have been kept whole, in part or not at all.
"""

import base64
from datetime import timedelta
from typing import Final

from social_platforms._core import (
    Access,
    ErrorCode,
    JsonObject,
    MediaItem,
    MediaReader,
    PlatformError,
    PostContent,
    PostRef,
)
from social_platforms.calls import Clock
from social_platforms.checks import looked_at, refuse_problems
from social_platforms.youtube.sessions import Held, Sessions
from social_platforms.youtube.texts import body_of, findings_of

_UNIT: Final = 256 * 1024  # a part that is not the last is a multiple of this
_PART: Final = 16 * _UNIT
_PARTS_PER_STEP: Final = 16
_FRESH: Final = timedelta(hours=20)
_IDLE_STEPS: Final = 5


def tail_start(offset: int, size: int) -> int:
    """Where the last piece begins when the server holds `offset` bytes: whole units before it, at most one after."""
    return offset + max(size - offset - 1, 0) // _UNIT * _UNIT


def new_upload() -> JsonObject:
    """The state of a video that was not begun."""
    return dict.fromkeys(("session", "opened_at", "attempt", "size", "mime", "first", "tail")) | {"idle": 0}


class Uploads:
    """Steps of one upload; `state` is changed to how far it came."""

    def __init__(self, sessions: Sessions, *, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def is_ready(self, state: JsonObject) -> bool:
        """True once only the last piece is missing; a session about to end is begun anew."""
        opened_at = state.get("opened_at")
        if isinstance(opened_at, int | float) and opened_at < (self._clock() - _FRESH).timestamp():
            state |= new_upload()
        return state.get("tail") is not None

    async def advance(
        self, access: Access, content: PostContent, ref: PostRef, state: JsonObject, *, media: MediaReader
    ) -> None:
        """One step: the session with the final words and visibility, then some of the bytes."""
        video = content.media[0] if content.media else None
        if state.get("session") is None or video is None:
            await self._begin(access, content, ref, state, media=media)
            return
        try:
            held = await self._sessions.ask(access, str(state["session"]), size=int(state["size"]))
        except PlatformError as error:
            if error.code is not ErrorCode.AUTH_EXPIRED:
                raise
            # A session ends with the consent it was opened by. Where it is the access itself that ended, this says so.
            await self._begin(access, content, ref, state, media=media)
            return
        if held.is_gone:
            state |= new_upload()
            return
        if held.video is not None:
            raise _not_ours()
        _follow(state, held)
        end = await self._send(access, video, state, offset=held.offset, media=media)
        state["idle"] = 0 if end > held.offset or state["tail"] is not None else int(state.get("idle") or 0) + 1
        if state["idle"] > _IDLE_STEPS:
            raise PlatformError(
                ErrorCode.PLATFORM_DOWN, "YouTube does not keep what is sent to it at the moment.", retryable=True
            )

    async def _begin(
        self, access: Access, content: PostContent, ref: PostRef, state: JsonObject, *, media: MediaReader
    ) -> None:
        seen = tuple([await looked_at(item, media) for item in content.media])
        refuse_problems(findings_of(PostContent(content.text, seen, content.options), access.facts))
        video = seen[0]
        if not video.size_bytes:
            raise PlatformError(ErrorCode.MEDIA_REJECTED, "The video file is empty.", action="Use another file.")
        mime = video.mime or "application/octet-stream"
        session = await self._sessions.open(access, body_of(content, ref), size=video.size_bytes, mime=mime)
        state |= new_upload() | {
            "session": session,
            "opened_at": self._clock().timestamp(),
            # Another attempt than this one cannot know whether the session's last piece was sent already.
            "attempt": ref.attempt_number,
            "size": video.size_bytes,
            "mime": mime,
        }

    async def _send(
        self, access: Access, video: MediaItem, state: JsonObject, *, offset: int, media: MediaReader
    ) -> int:
        """Sends from `offset` on and returns how far the server came; the last piece ends up in `state`."""
        size, mime = int(state["size"]), str(state["mime"])
        waiting, position, parts = bytearray(), 0, 0
        async for chunk in media.read(video, chunk_size=_PART):
            begin, position = position, position + len(chunk)
            waiting += chunk[max(offset + len(waiting) - begin, 0) :]
            while ready := min(len(waiting), tail_start(offset, size) - offset) // _UNIT * _UNIT:
                if parts == _PARTS_PER_STEP:
                    return offset
                part = bytes(waiting[:ready])
                held = await self._sessions.send(
                    access, str(state["session"]), part, first=offset, size=size, mime=mime
                )
                parts += 1
                if held.is_gone:
                    state |= new_upload()
                    return 0
                if held.video is not None:
                    raise _not_ours()
                _follow(state, held)
                if not offset < held.offset <= offset + ready:
                    # Nothing of the part was kept, or less than before: the next step reads from where that is.
                    return held.offset
                del waiting[: held.offset - offset]
                offset = held.offset
        if position != size or len(waiting) != size - offset:
            raise PlatformError(
                ErrorCode.MEDIA_REJECTED,
                "The video file changed while it was uploaded.",
                action="Use a file that stays as it is.",
            )
        state |= {"first": offset, "tail": base64.b64encode(waiting).decode()}
        return offset


def _follow(state: JsonObject, held: Held) -> None:
    if held.moved_to is not None:
        state["session"] = held.moved_to


def _not_ours() -> PlatformError:
    """A session that is finished although its last piece was never sent."""
    return PlatformError(ErrorCode.PLATFORM_DOWN, "YouTube answered in a form that cannot be read.", retryable=True)
