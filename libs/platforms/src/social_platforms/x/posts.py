"""X for publisher. There is no idempotency key: what became of a doubtful post only the timeline tells."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AppConfig,
    ErrorCode,
    Evidence,
    Finding,
    JsonObject,
    Live,
    MediaItem,
    MediaKind,
    MediaReader,
    MediaRule,
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
from social_platforms.answers import ident, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.checks import media_findings, option_findings, problem, warning
from social_platforms.x.api import XApi
from social_platforms.x.counting import count_cashtags, has_invalid_characters, normalised, weighted_length
from social_platforms.x.limits import (
    ALT_TEXT_LIMIT,
    CASHTAG_LIMIT,
    FACTS,
    LONG_TEXT_LIMIT,
    PREMIUM,
    PREMIUM_VIDEO_BYTES,
    PREMIUM_VIDEO_LENGTH,
    TEXT_LIMIT,
)
from social_platforms.x.readback import comparable, is_match, live, permalink
from social_platforms.x.uploads import Uploads, new_entry

PUBLISH_LIMIT: Final = timedelta(seconds=15)
_CREATE: Final = "POST /2/tweets"
_UPLOAD: Final = "POST /2/media/upload"
_TIMELINE: Final = "GET /2/users/:id/tweets"
_FIELDS: Final = ("created_at", "text", "entities", "note_post", "attachments")
_PAGES: Final = 3


class XPosts:
    """Texts, up to four pictures, one GIF or one video on an account's timeline."""

    platform = Platform.X

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = XApi(app, http, clock=clock)
        self._uploads = Uploads(self._api)

    def kind_of(self, content: PostContent) -> PostKind:
        """The form by what is attached."""
        if not content.media:
            return PostKind.TEXT
        return PostKind.VIDEO if content.media[0].kind is MediaKind.VIDEO else PostKind.IMAGE

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Length as X weighs it for that account, mixes of media, cashtags, options."""
        return (
            *_text_findings(content, self.text_length(content, facts)),
            *media_findings(content.media, _rules_for(facts), name="X"),
            *_mix_findings(content.media),
            *option_findings(content.options, FACTS.options_schema),
        )

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Weighted characters, of as many as that account may write."""
        limit = LONG_TEXT_LIMIT if facts.get("subscription_type") in PREMIUM else TEXT_LIMIT
        return TextLength(weighted_length(content.text), limit)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """One creation, one upload per file, and a look at what stood there before."""
        del kind
        return {_CREATE: 1, _UPLOAD: len(content.media), _TIMELINE: 1}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Uploads, one step per call; then the newest post of the account, the baseline for reading back."""
        del ref
        entries = _entries(content, handle)
        for item, entry in zip(content.media, entries, strict=True):
            if not self._uploads.is_ready(entry):
                wait = await self._uploads.advance(access, item, entry, media=media)
                return Prepared({"media": entries, "since_id": None}, ready=False, check_after=wait, is_asked=True)
        return Prepared({"media": entries, "since_id": await self._newest_id(access)}, ready=True)

    async def publish(self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject) -> Live:
        """Creates the post. A 403 for duplicate content is a hint to look, and comes as a refusal."""
        del ref
        body: JsonObject = {}
        if content.text.strip():
            body["text"] = normalised(content.text)
        if handle.get("media"):
            body["media"] = {"media_ids": [entry["id"] for entry in handle["media"]]}
        if content.options.get("reply_settings"):
            body["reply_settings"] = content.options["reply_settings"]
        try:
            answer = await self._api.call(
                "POST",
                "/tweets",
                endpoint=_CREATE,
                bearer=access.token,
                rates=access.rates,
                creates=True,
                json=body,
                time_limit=PUBLISH_LIMIT,
            )
        except PlatformError as error:
            if error.code is ErrorCode.MEDIA_REJECTED and self._uploads.have_expired(handle.get("media") or []):
                # X has one answer for ids that it forgot and for files that it never liked.
                raise PreparationGone(
                    "X no longer has the picture or video that was uploaded.",
                    http_status=error.http_status,
                    evidence=error.evidence,
                ) from None
            raise
        post_id = ident(answer.body, "data", "id")
        if post_id is None:
            raise self._api.calls.garbled(answer, creates=True)
        return Live(post_id, permalink(post_id, username=access.facts.get("username")))

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
        """Looks for the text among the posts newer than the baseline. Absence proves nothing."""
        del ref
        wanted, media_count = comparable(content.text), len(content.media)
        matches: dict[str, Live] = {}
        cursor: str | None = None
        for _ in range(_PAGES):
            params = {"max_results": "100", "exclude": "replies,retweets"}
            if handle.get("since_id"):
                params["since_id"] = str(handle["since_id"])
            if cursor:
                params["pagination_token"] = cursor
            answer = await self._api.read_posts(
                f"/users/{access.platform_id}/tweets",
                endpoint=_TIMELINE,
                bearer=access.token,
                rates=access.rates,
                fields=_FIELDS,
                params=params,
            )
            if not isinstance(answer.body, dict):
                raise self._api.calls.garbled(answer)
            for post in objects(answer.body, "data"):
                if is_match(post, wanted=wanted, media_count=media_count, sent_at=sent_at, until=until):
                    found = live(post, username=access.facts.get("username"))
                    if found is not None and found.platform_post_id is not None:
                        matches[found.platform_post_id] = found
            cursor = text(answer.body, "meta", "next_token")
            if cursor is None:
                break
        return _sighting(list(matches.values()))

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Nothing to do: X forgets uploads that no post uses."""

    async def _newest_id(self, access: Access) -> str | None:
        answer = await self._api.call(
            "GET",
            f"/users/{access.platform_id}/tweets",
            endpoint=_TIMELINE,
            bearer=access.token,
            rates=access.rates,
            params={"max_results": "5", "exclude": "replies,retweets"},
        )
        if not isinstance(answer.body, dict):
            raise self._api.calls.garbled(answer)
        ids = [ident(post, "id") or "" for post in objects(answer.body, "data")]
        return max((found for found in ids if found.isdigit()), key=int, default=None)


def _sighting(matches: list[Live]) -> Sighting:
    match matches:
        case []:
            return Sighting(SightingKind.ABSENT)
        case [only]:
            return Sighting(SightingKind.LIVE, live=only, evidence=Evidence.ALIKE)
        case _:
            return Sighting(SightingKind.AMBIGUOUS)


def _entries(content: PostContent, handle: JsonObject | None) -> list[JsonObject]:
    """The uploads a handle tells of, begun anew where it belongs to other media."""
    kept = handle.get("media") if handle else None
    urls = [item.url for item in content.media]
    if isinstance(kept, list) and [entry.get("url") for entry in kept] == urls:
        return [dict(entry) for entry in kept]
    return [new_entry(item) for item in content.media]


def _text_findings(content: PostContent, counted: TextLength) -> list[Finding]:
    if not content.text.strip():
        if content.media:
            return []
        return [problem(ErrorCode.CONTENT_REJECTED, "content", "A post needs a text or media.")]
    findings = []
    if has_invalid_characters(content.text):
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "The text holds characters that X refuses."))
    if counted.length > counted.limit:
        words = f"The text counts {counted.length} of {counted.limit} as X counts: a link 23, an emoji 2."
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", words))
    if count_cashtags(content.text) > CASHTAG_LIMIT:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "X allows one cashtag per post."))
    return findings


def _rules_for(facts: Mapping[str, Any]) -> tuple[MediaRule, ...]:
    """The rules for that account's media: with a subscription videos may be longer."""
    if facts.get("subscription_type") not in PREMIUM:
        return FACTS.media
    return tuple(
        replace(rule, max_bytes=PREMIUM_VIDEO_BYTES, max_duration=PREMIUM_VIDEO_LENGTH)
        if rule.kind is MediaKind.VIDEO
        else rule
        for rule in FACTS.media
    )


def _mix_findings(media: tuple[MediaItem, ...]) -> list[Finding]:
    findings = []
    kinds = [item.kind for item in media]
    limits = {rule.kind: rule.max_count for rule in FACTS.media}
    if len(set(kinds)) > 1:
        findings.append(
            problem(ErrorCode.MEDIA_REJECTED, "media", "X takes up to four pictures, or one GIF, or one video.")
        )
    elif kinds and len(kinds) > limits[kinds[0]]:
        words = f"X takes at most {limits[kinds[0]]} of this kind in one post."
        findings.append(problem(ErrorCode.MEDIA_REJECTED, "media", words))
    for position, item in enumerate(media):
        field = f"media.{position}.alt_text"
        if len(item.alt_text) > ALT_TEXT_LIMIT:
            words = f"A description takes at most {ALT_TEXT_LIMIT} characters."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, field, words))
        elif item.alt_text and item.kind is MediaKind.VIDEO:
            findings.append(warning(ErrorCode.MEDIA_REJECTED, field, "X takes no description for a video."))
    return findings
