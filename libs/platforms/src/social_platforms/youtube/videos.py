"""Looking at a video while YouTube works on it, and finding one again among the channel's uploads."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from social_platforms._core import (
    Access,
    ErrorCode,
    Evidence,
    Live,
    PlatformError,
    PostContent,
    PostRef,
    Sighting,
    SightingKind,
)
from social_platforms.answers import at, ident, items, moment, objects, text
from social_platforms.likeness import comparable
from social_platforms.youtube.api import YouTubeApi, digits
from social_platforms.youtube.texts import mark_of, privacy_of, title_of

_LOOKS: Final = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120))
_LATER: Final = timedelta(minutes=10)
_SLACK: Final = timedelta(minutes=5)
_PER_PAGE: Final = "50"
_PAGES: Final = 4
_OPENNESS: Final[Mapping[str, int]] = {"private": 0, "unlisted": 1, "public": 2}
_MEDIA: Final[Mapping[str, str]] = {
    "conversion": "YouTube could not convert the video.",
    "invalidFile": "YouTube cannot read the video file.",
    "emptyFile": "The video file is empty.",
    "tooSmall": "The video file is too small.",
    "codec": "YouTube does not know the video's codec.",
    "uploadAborted": "The upload was broken off.",
    "length": "The video is longer than the channel may upload.",
}
_REFUSED: Final[Mapping[str, str]] = {
    "copyright": "YouTube refused the video over a claim of copyright.",
    "claim": "YouTube refused the video over a claim of copyright.",
    "trademark": "YouTube refused the video over a trademark.",
    "inappropriate": "YouTube refused the video as inappropriate.",
    "termsOfUse": "YouTube refused the video under its terms of use.",
    "legal": "YouTube refused the video for legal reasons.",
}
_ACCOUNT: Final = frozenset({"uploaderAccountSuspended", "uploaderAccountClosed"})


class Videos:
    """Reads the videos of one channel."""

    def __init__(self, api: YouTubeApi) -> None:
        self._api = api

    async def look(self, access: Access, video_id: str, *, wanted: str, age: timedelta) -> Sighting:
        """What became of an upload. Only a processed video with the wanted visibility is published."""
        body = await self._api.read(access, "/videos", {"part": "status,processingDetails,snippet", "id": video_id})
        video = next((item for item in objects(body, "items") if ident(item, "id") == video_id), None)
        if video is None:
            return Sighting(SightingKind.ABSENT)
        return sighting_of(video, wanted=wanted, age=age)

    async def lets_in(self, access: Access) -> bool:
        """Whether YouTube takes this access for its channel's."""
        try:
            await self._api.read(access, "/channels", {"part": "id", "mine": "true"})
        except PlatformError as refusal:
            if refusal.code is not ErrorCode.AUTH_EXPIRED:
                raise
            return False
        return True

    async def find(
        self,
        access: Access,
        content: PostContent,
        ref: PostRef,
        *,
        size: int,
        sent_at: datetime,
        until: datetime | None,
    ) -> Sighting:
        """Looks for our tag among the uploads; second choice is the same title and file, uploaded in the window."""
        uploads = ident(access.facts.get("uploads"))
        if uploads is None:
            return Sighting(SightingKind.ABSENT)
        videos = await self._uploaded_since(access, uploads, since=sent_at - _SLACK)
        videos = [video for video in videos if _is_before(video, until)]
        marked = [video for video in videos if mark_of(ref) in items(video, "snippet", "tags")]
        title = comparable(title_of(content))
        alike = [video for video in videos if _is_alike(video, title=title, size=size, since=sent_at)]
        match marked or alike:
            case []:
                return Sighting(SightingKind.ABSENT)
            case [only]:
                sighting = sighting_of(only, wanted=privacy_of(content), age=self._api.clock() - sent_at)
                return sighting if marked else replace(sighting, evidence=Evidence.ALIKE)
            case _:
                return Sighting(SightingKind.AMBIGUOUS)

    async def _uploaded_since(self, access: Access, playlist: str, *, since: datetime) -> list[dict[str, Any]]:
        """The newest uploads, newest first, back to that time."""
        params = {"part": "contentDetails,snippet", "playlistId": playlist, "maxResults": _PER_PAGE}
        found: list[dict[str, Any]] = []
        for _ in range(_PAGES):
            page = await self._api.read(access, "/playlistItems", params)
            entries = objects(page, "items")
            ids = [video_id for entry in entries if (video_id := ident(entry, "contentDetails", "videoId")) is not None]
            if ids:
                parts = {"part": "snippet,status,processingDetails,fileDetails", "id": ",".join(ids)}
                found += objects(await self._api.read(access, "/videos", parts), "items")
            cursor = text(page, "nextPageToken")
            added = [moment(entry, "snippet", "publishedAt") for entry in entries]
            if cursor is None or any(when is not None and when < since for when in added):
                break
            params = params | {"pageToken": cursor}
        return [video for video in found if (moment(video, "snippet", "publishedAt") or since) >= since]


def _is_before(video: dict[str, Any], until: datetime | None) -> bool:
    made = moment(video, "snippet", "publishedAt")
    return until is None or made is None or made < until


def _is_alike(video: dict[str, Any], *, title: str, size: int, since: datetime) -> bool:
    made = moment(video, "snippet", "publishedAt")
    if made is None or made < since - _SLACK:
        return False
    tags = items(video, "snippet", "tags")
    if any(isinstance(tag, str) and tag.startswith("ref-") for tag in tags):
        return False  # it carries another post's mark
    told = comparable(text(video, "snippet", "title") or "")
    return told == title and digits(video, "fileDetails", "fileSize") == size


def sighting_of(video: dict[str, Any], *, wanted: str, age: timedelta) -> Sighting:
    """What a video's status says of the post."""
    status = at(video, "status")
    match text(status, "uploadStatus"):
        case "failed":
            return Sighting(SightingKind.FAILED, error=_failure(text(status, "failureReason")))
        case "rejected":
            return Sighting(SightingKind.FAILED, error=_failure(text(status, "rejectionReason")))
        case "deleted":
            gone = PlatformError(ErrorCode.NOT_FOUND, "The video was deleted at YouTube.")
            return Sighting(SightingKind.FAILED, error=gone)
        case "processed":
            return _processed(video, wanted=wanted)
    if text(video, "processingDetails", "processingStatus") in {"failed", "terminated"}:
        return Sighting(SightingKind.FAILED, error=_failure("conversion"))
    return Sighting(SightingKind.PROCESSING, check_after=wait_at(age))


def _processed(video: dict[str, Any], *, wanted: str) -> Sighting:
    shown = text(video, "status", "privacyStatus")
    if shown is None or shown not in _OPENNESS:
        # Who can see it is not said in a known word, so it is neither out nor kept back for certain.
        return Sighting(SightingKind.PROCESSING, check_after=_LATER)
    if _OPENNESS[shown] < _OPENNESS.get(wanted, 0):
        forced = PlatformError(
            ErrorCode.ACCOUNT_RESTRICTED,
            f"The video is at YouTube, but YouTube made it {shown} instead of {wanted}.",
            action="Check the channel's settings at YouTube; the video can be opened to everybody there.",
        )
        return Sighting(SightingKind.FAILED, error=forced)
    return Sighting(SightingKind.LIVE, live=live_of(video))


def live_of(video: dict[str, Any]) -> Live:
    """The video as it stands."""
    video_id = ident(video, "id")
    link = f"https://www.youtube.com/watch?v={video_id}" if video_id else None
    return Live(video_id, link, moment(video, "snippet", "publishedAt"))


def _failure(reason: str | None) -> PlatformError:
    if reason in _ACCOUNT:
        return PlatformError(
            ErrorCode.ACCOUNT_RESTRICTED,
            "YouTube has suspended or closed this account.",
            action="Open YouTube and follow what it asks.",
        )
    if reason == "duplicate":
        return PlatformError(ErrorCode.DUPLICATE_POST, "The channel has this very video already.")
    refused = _REFUSED.get(reason or "")
    if refused is not None:
        return PlatformError(ErrorCode.CONTENT_REJECTED, refused, action="Use another video.")
    words = _MEDIA.get(reason or "", "YouTube could not use the video.")
    return PlatformError(ErrorCode.MEDIA_REJECTED, words, action="Use another file.")


def wait_at(age: timedelta) -> timedelta:
    """When to look again at a video of that age: 15 s, 30 s, 1 min, 2 min, then every 10 minutes."""
    passed = timedelta(0)
    for wait in _LOOKS:
        passed += wait
        if age < passed:
            return wait
    return _LATER
