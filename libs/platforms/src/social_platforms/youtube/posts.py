"""YouTube for publisher: everything but the last piece of a video goes ahead, and the last piece publishes it.

Nothing exists at YouTube before that piece, and sending it twice into one session makes one video: the session is what
makes a doubt decidable.
"""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Accepted,
    Access,
    AppConfig,
    ErrorCode,
    Finding,
    JsonObject,
    Live,
    MediaReader,
    OutcomeUnknown,
    PlaceKind,
    Platform,
    PlatformError,
    PostContent,
    PostKind,
    PostRef,
    PreparationGone,
    Prepared,
    Sighting,
    SightingKind,
    TextLength,
)
from social_platforms.answers import ident
from social_platforms.calls import Clock, utc_now
from social_platforms.youtube.api import YouTubeApi
from social_platforms.youtube.limits import UNITS_BUCKET, UNITS_PER_POST, UPLOADS_BUCKET
from social_platforms.youtube.sessions import Held, Sessions, session_lost
from social_platforms.youtube.texts import body_of, findings_of, privacy_of, text_length
from social_platforms.youtube.uploads import Uploads, new_upload
from social_platforms.youtube.videos import Videos, sighting_of, wait_at

PUBLISH_LIMIT: Final = timedelta(seconds=15)
_ROUNDS: Final = 4
_SOME_POST: Final = PostRef("")


class YouTubePosts:
    """Videos of one channel."""

    platform = Platform.YOUTUBE

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = YouTubeApi(app, http, clock=clock)
        self._sessions = Sessions(self._api)
        self._uploads = Uploads(self._sessions, clock=clock)
        self._videos = Videos(self._api)

    def kind_of(self, content: PostContent) -> PostKind:
        """A video; nothing else can be published this way."""
        del content
        return PostKind.VIDEO

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Title, description in bytes, tags, exactly one video."""
        return findings_of(content, facts)

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Bytes of the description."""
        del facts
        return text_length(content)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """One upload of the day's, and a few units for looking at the video while YouTube works on it."""
        del content, kind
        return {UPLOADS_BUCKET: 1, UNITS_BUCKET: UNITS_PER_POST}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """One step per call: open the session, then send up to the last piece, which stays in the handle."""
        state = _state(content, handle)
        if not self._uploads.is_ready(state):
            await self._uploads.advance(access, content, ref, state, media=media)
        return Prepared(state, ready=state["tail"] is not None)

    async def publish(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject
    ) -> Live | Accepted:
        """Sends the last piece. The video is public when YouTube has worked on it, which `settle` tells."""
        first, size = int(handle["first"]), int(handle["size"])
        session, tail = str(handle["session"]), base64.b64decode(handle["tail"])
        for _ in range(_ROUNDS):
            try:
                held = await self._sessions.finish(
                    access,
                    session,
                    tail,
                    first=first,
                    size=size,
                    mime=str(handle["mime"]),
                    time_limit=PUBLISH_LIMIT,
                )
            except PlatformError as refusal:
                if refusal.code is ErrorCode.AUTH_EXPIRED:
                    raise await self._turned_away(access, handle, ref, refusal) from None
                raise
            if held.is_gone:
                raise session_lost(is_certain=handle.get("attempt") == ref.attempt_number)
            if held.video is not None:
                return self._accepted(held.video, content, handle)
            if held.offset < first:
                # The last piece alone cannot complete it any more, whatever happens.
                raise PreparationGone("YouTube lost a part of the video while it was uploaded.", http_status=308)
            if held.offset >= size:
                raise OutcomeUnknown("YouTube has the whole video, but does not say that it took it.", http_status=308)
            # The server kept a part of it: the rest follows from its own count.
            session, tail, first = held.moved_to or session, tail[held.offset - first :], held.offset
        raise PlatformError(
            ErrorCode.PLATFORM_DOWN,
            "YouTube does not keep what is sent to it at the moment.",
            retryable=True,
            http_status=308,
        )

    async def _turned_away(
        self, access: Access, handle: JsonObject, ref: PostRef, refusal: PlatformError
    ) -> PlatformError:
        """What a refused access means for the session, which ends with the consent that it was opened by."""
        if handle.get("attempt") == ref.attempt_number:
            # Its last piece was never sent before: another session, opened by a good access, makes no second video.
            return PreparationGone(
                refusal.detail, code=refusal.code, action=refusal.action or "", http_status=refusal.http_status
            )
        return session_lost(is_certain=False) if await self._videos.lets_in(access) else refusal

    def _accepted(self, video: dict[str, Any], content: PostContent, handle: JsonObject) -> Live | Accepted:
        sighting = sighting_of(video, wanted=privacy_of(content), age=timedelta(0))
        if sighting.kind is SightingKind.LIVE and sighting.live is not None:
            return sighting.live
        # A refusal here is told by the look that follows: the video exists, and its state is YouTube's to say.
        kept = {name: handle[name] for name in ("about", "session", "size")}
        return Accepted(kept | {"video_id": ident(video, "id")}, check_after=wait_at(timedelta(0)))

    async def settle(
        self,
        access: Access,
        content: PostContent,
        ref: PostRef,
        *,
        handle: JsonObject,
        sent_at: datetime,
        until: datetime | None = None,
    ) -> Sighting:
        """Looks at the video; where its id is not known the session tells it, and the uploads where that is gone."""
        age, wanted = self._api.clock() - sent_at, privacy_of(content)
        video_id = ident(handle.get("video_id"))
        size = int(handle.get("size") or 0)
        session = handle.get("session")
        if video_id is None:
            held = await self._held(access, session, size=size)
            if held.is_gone:
                return await self._videos.find(access, content, ref, size=size, sent_at=sent_at, until=until)
            if held.video is None:
                return Sighting(SightingKind.RESEND_SAFE)
            video_id = str(ident(held.video, "id"))
        return await self._videos.look(access, video_id, wanted=wanted, age=age)

    async def _held(self, access: Access, session: str | None, *, size: int) -> Held:
        """What the session holds; one that ended with its consent is as gone as one that ended with time."""
        if not session:
            return Held(is_gone=True)
        try:
            return await self._sessions.ask(access, str(session), size=size)
        except PlatformError as refusal:
            if refusal.code is not ErrorCode.AUTH_EXPIRED:
                raise
            # Where it is the access itself that ended, the uploads say so.
            return Held(is_gone=True)

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Cancels the session, so that YouTube forgets what was sent."""
        session = handle.get("session")
        if isinstance(session, str) and handle.get("video_id") is None:
            await self._sessions.cancel(access, session)


def _state(content: PostContent, handle: JsonObject | None) -> JsonObject:
    """A copy of the handle's state, begun anew where it belongs to other words or another file."""
    about = {"metadata": body_of(content, _SOME_POST), "media": [item.url for item in content.media]}
    if handle and handle.get("about") == about:
        return dict(handle)
    return {"about": about, **new_upload()}
