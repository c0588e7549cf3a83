"""Facebook for publisher. There is no idempotency key: media go up ahead, and their ids tell what became of a doubt."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Accepted,
    Access,
    AppConfig,
    ErrorCode,
    Evidence,
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
from social_platforms.answers import Answer, flag, ident, moment
from social_platforms.calls import Clock, utc_now
from social_platforms.facebook.api import GRAPH, Bearer, FacebookApi, is_refused
from social_platforms.facebook.api import VIDEO as VIDEO_HOST
from social_platforms.facebook.errors import error_of, is_certain
from social_platforms.facebook.limits import CALLS, CALLS_PER_POST, CALLS_PER_VIDEO, REELS
from social_platforms.facebook.readback import Wanted, find_equal_ids, find_posts, public_address
from social_platforms.facebook.rules import findings_of, kind_of, link_of, text_length
from social_platforms.facebook.uploads import REEL, VIDEO, Uploads, is_ready, new_entry
from social_platforms.facebook.videos import Videos, permalink_of
from social_platforms.statuses import evidence_of

PUBLISH_LIMIT: Final = timedelta(seconds=11)
_LINK_LIMIT: Final = timedelta(seconds=3)
_PROCESSING: Final = timedelta(seconds=10)
# What a post is refused with when something it names is missing, whatever that is.
_MAYBE_LOST: Final = frozenset({ErrorCode.CONTENT_REJECTED, ErrorCode.MEDIA_REJECTED, ErrorCode.DESTINATION_GONE})
_FIRST_LOOK: Final = timedelta(seconds=5)


class FacebookPosts:
    """Texts, links, up to ten pictures, a video or a reel on a Page."""

    platform = Platform.FACEBOOK

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = FacebookApi(app, http, clock=clock)
        self._uploads = Uploads(self._api, app_id=app.client_id)
        self._videos = Videos(self._api)

    def kind_of(self, content: PostContent) -> PostKind:
        """The form by what is attached."""
        return kind_of(content)

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Text, link, number and form of media."""
        del facts
        return findings_of(content)

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Characters."""
        del facts
        return text_length(content)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """Reels are counted by the day; every call, uploads and looks included, by the Page's whole use."""
        del kind
        is_video = kind_of(content) in {PostKind.VIDEO, PostKind.REEL}
        calls = CALLS_PER_VIDEO if is_video else CALLS_PER_POST + len(content.media)
        return {CALLS: calls} | ({REELS: 1} if kind_of(content) is PostKind.REEL else {})

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Uploads, one step per call; where no upload's id will tell the post, what looks like it already."""
        del ref
        entries = _entries(content, handle)
        for item, entry in zip(content.media, entries, strict=True):
            if not is_ready(entry):
                wait = await self._uploads.advance(access, item, entry, media=media)
                return Prepared({"media": entries}, ready=False, check_after=wait)
        before: list[str] = []
        if _form({"media": entries}) in {None, VIDEO}:
            before = await find_equal_ids(self._api, access, _wanted(content, entries))
        return Prepared({"media": entries, "before": before}, ready=True)

    async def publish(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject
    ) -> Live | Accepted:
        """Creates the post, or lets Facebook finish the video; only a refusal by a documented code is certain."""
        del ref
        page_id = access.platform_id
        match _form(handle):
            case "reel":
                answer = await self._create(access, f"/{page_id}/video_reels", _finish(content, handle), repeats=True)
                if flag(answer.body, "success") is not True:
                    raise self._api.calls.garbled(answer, creates=True)
                return Accepted({**handle, "accepted": True}, _FIRST_LOOK)
            case "video":
                form = {"fbuploader_video_file_chunk": str(handle["media"][0]["handle"])} | _text(
                    content, "description"
                )
                answer = await self._create(access, f"/{page_id}/videos", form, host=VIDEO_HOST)
                return Accepted({**handle, "video_id": self._id_of(answer)}, _FIRST_LOOK)
            case _:
                try:
                    answer = await self._create(access, f"/{page_id}/feed", _feed(content, handle))
                except PlatformError as error:
                    await self._refuse_lost_pictures(access, handle, error)
                    raise
                return await self._with_link(access, self._id_of(answer))

    async def _refuse_lost_pictures(self, access: Access, handle: JsonObject, refusal: PlatformError) -> None:
        """A certain refusal may be about pictures that Facebook no longer has; its words do not say so."""
        if refusal.code not in _MAYBE_LOST:
            return
        try:
            async with asyncio.timeout(_LINK_LIMIT.total_seconds()):
                for entry in handle.get("media") or []:
                    path = f"/{entry['id']}"
                    await self._api.call("GET", path, bearer=Bearer.of(access), params={"fields": "id"})
        except TimeoutError:
            return
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise PreparationGone(
                    "Facebook no longer has a picture that was uploaded.",
                    http_status=refusal.http_status,
                    evidence=refusal.evidence,
                ) from None

    async def _create(
        self, access: Access, path: str, form: Mapping[str, str], *, host: str = GRAPH, repeats: bool = False
    ) -> Answer:
        answer = await self._api.answer(
            "POST",
            path,
            bearer=Bearer.of(access),
            host=host,
            creates=True,
            form=form,
            time_limit=PUBLISH_LIMIT,
        )
        if is_refused(answer):
            doubt = self._api.calls.doubt(answer)
            if doubt is None and is_certain(answer, repeats=repeats):
                raise error_of(answer, now=self._api.clock(), creating=True)
            raise doubt or OutcomeUnknown(
                "Facebook's answer does not tell whether the post went out.",
                http_status=answer.status,
                evidence=evidence_of(answer),
            )
        return answer

    def _id_of(self, answer: Answer) -> str:
        found = ident(answer.body, "id")
        if found is None:
            raise self._api.calls.garbled(answer, creates=True)
        return found

    async def _with_link(self, access: Access, post_id: str) -> Live:
        """The address as Facebook shows it is nice to have: the id makes one, too."""
        try:
            answer = await self._api.answer(
                "GET",
                f"/{post_id}",
                bearer=Bearer.of(access),
                params={"fields": "permalink_url,created_time"},
                time_limit=_LINK_LIMIT,
            )
        except PlatformError:
            return Live(post_id, public_address(post_id))
        body = None if is_refused(answer) else answer.body
        return Live(post_id, permalink_of(body) or public_address(post_id), moment(body, "created_time"))

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
        """Reads the video by its id, else looks for the pictures or the text among the Page's posts."""
        del ref
        form, entries = _form(handle), handle.get("media") or []
        if form == REEL:
            return await self._video(access, str(entries[0]["id"]), accepted=bool(handle.get("accepted")), again=True)
        if handle.get("video_id"):
            return await self._video(access, str(handle["video_id"]), accepted=True, again=False)
        wanted = _wanted(content, entries)
        matches = await find_posts(
            self._api,
            access,
            wanted,
            known=frozenset(handle.get("before") or ()),
            sent_at=sent_at,
            until=until,
        )
        match matches:
            case []:
                return Sighting(SightingKind.ABSENT)
            case [only]:
                # A picture of its own is in no other post.
                evidence = Evidence.SURE if wanted.photo_ids else Evidence.ALIKE
                return Sighting(SightingKind.LIVE, live=only, evidence=evidence)
            case _:
                return Sighting(SightingKind.AMBIGUOUS)

    async def _video(self, access: Access, video_id: str, *, accepted: bool, again: bool) -> Sighting:
        """What a video's own status says; `again` where sending its end once more makes no second one."""
        look = await self._videos.look(Bearer.of(access), video_id)
        if look is None:
            kind = SightingKind.PROCESSING if accepted else SightingKind.ABSENT
            return Sighting(kind, check_after=_PROCESSING if accepted else None)
        if look.live is not None:
            return Sighting(SightingKind.LIVE, live=look.live)
        if look.error is not None:
            return Sighting(SightingKind.FAILED, error=look.error)
        if again and not accepted and not look.is_processing and not look.is_publishing:
            return Sighting(SightingKind.RESEND_SAFE)
        return Sighting(SightingKind.PROCESSING, check_after=_PROCESSING)

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Deletes what was uploaded unpublished; an upload session has nothing that could be deleted."""
        for entry in handle.get("media") or []:
            if entry.get("form") == VIDEO or not entry.get("id"):
                continue
            try:
                await self._api.call("DELETE", f"/{entry['id']}", bearer=Bearer.of(access))
            except PlatformError as error:
                if error.code is not ErrorCode.NOT_FOUND:
                    raise


def _form(handle: JsonObject) -> str | None:
    entries = handle.get("media")
    return entries[0].get("form") if isinstance(entries, list) and entries else None


def _wanted(content: PostContent, entries: list[JsonObject]) -> Wanted:
    is_video = any(entry.get("form") == VIDEO for entry in entries)
    return Wanted(
        message=content.text,
        link=link_of(content),
        photo_ids=frozenset() if is_video else frozenset(str(entry["id"]) for entry in entries),
        is_video=is_video,
    )


def _text(content: PostContent, name: str) -> dict[str, str]:
    """The text under that name, left out where there is none: Facebook refuses an empty one."""
    return {name: content.text} if content.text.strip() else {}


def _feed(content: PostContent, handle: JsonObject) -> dict[str, str]:
    link = link_of(content)
    attached = {
        f"attached_media[{position}]": json.dumps({"media_fbid": entry["id"]})
        for position, entry in enumerate(handle.get("media") or [])
    }
    return _text(content, "message") | ({"link": link} if link is not None else {}) | attached


def _finish(content: PostContent, handle: JsonObject) -> dict[str, str]:
    video_id = str(handle["media"][0]["id"])
    return {"upload_phase": "finish", "video_id": video_id, "video_state": "PUBLISHED"} | _text(content, "description")


def _entries(content: PostContent, handle: JsonObject | None) -> list[JsonObject]:
    """The uploads a handle tells of, begun anew where it belongs to other media."""
    kept = handle.get("media") if handle else None
    about = [(item.url, item.alt_text) for item in content.media]
    if isinstance(kept, list) and [(entry.get("url"), entry.get("alt_text")) for entry in kept] == about:
        return [dict(entry) for entry in kept]
    return [new_entry(item) for item in content.media]
