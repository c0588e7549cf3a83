"""LinkedIn for publisher. There is no idempotency key, and a member's posts cannot be read.

What became of a doubtful post on a Page its list tells. On a profile nothing does: the guard against duplicates names
an equal post, but neither its window nor its rule is known, so that it never decides by itself.
"""

from collections.abc import Mapping
from copy import deepcopy
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
    MediaReader,
    PlaceKind,
    Platform,
    PlatformError,
    PostContent,
    PostKind,
    PostRef,
    Prepared,
    Sighting,
    SightingKind,
    TextLength,
)
from social_platforms.answers import at, ident
from social_platforms.calls import Clock, utc_now
from social_platforms.checks import looked_at, refuse_problems
from social_platforms.linkedin.api import LinkedInApi
from social_platforms.linkedin.errors import error_of
from social_platforms.linkedin.limits import COMMUNITY, SHARE
from social_platforms.linkedin.littletext import escaped
from social_platforms.linkedin.readback import find_posts, newest, permalink
from social_platforms.linkedin.rules import findings_of, kind_of, text_length
from social_platforms.linkedin.uploads import PROCESSING, READY, Uploads, calls_of, media_ids, new_entry

PUBLISH_LIMIT: Final = timedelta(seconds=15)
_CREATED: Final = 201
_POST_KINDS: Final = ("urn:li:share:", "urn:li:ugcPost:")


class LinkedInPosts:
    """Texts, up to twenty pictures, or one video, by a member or an organisation."""

    platform = Platform.LINKEDIN

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = LinkedInApi(app, http, clock=clock)
        self._uploads = Uploads(self._api)

    def kind_of(self, content: PostContent) -> PostKind:
        """The form by what is attached."""
        return kind_of(content)

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Length, number, mix and form of media, options; `facts` tell a member from an organisation by `kind`."""
        return findings_of(content, facts)

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Characters as they are sent: an escaped one counts two."""
        del facts
        return text_length(content)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """Every call counts, uploads included: LinkedIn's limits are calls a day, for each of the two apps."""
        budget = COMMUNITY if kind is PlaceKind.ORGANIZATION else SHARE
        return {budget: 1 + sum(calls_of(item) for item in content.media)}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """One step per call: look at the files, upload each, then keep what stands at the Page already."""
        del ref
        state = _state(access, content, handle)
        if not state["checked"]:
            seen = tuple([await looked_at(item, media) for item in content.media])
            facts = {**access.facts, "kind": access.kind.value}
            refuse_problems(findings_of(PostContent(content.text, seen, content.options), facts))
            state["checked"] = True
        pending = [found for found in zip(content.media, state["media"], strict=True) if found[1]["state"] != READY]
        # Everything is sent before anything is looked at, so that the files are worked on side by side.
        unsent = [found for found in pending if found[1]["state"] != PROCESSING]
        if pending:
            item, entry = (unsent or pending)[0]
            wait = await self._uploads.advance(access, item, entry, media=media)
            if len(unsent) > 1:
                wait = timedelta(0)
            return Prepared(state, ready=False, check_after=wait, is_asked=bool(entry.get("is_blind")))
        if access.kind is PlaceKind.ORGANIZATION:
            state["baseline"] = await newest(self._api, author=access.platform_id, bearer=access.token)
        return Prepared(state, ready=True)

    async def publish(self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject) -> Live:
        """Creates the post. Its id comes in a header; a creation without one is public under an id nobody told."""
        del ref
        answer = await self._api.answer(
            "CREATE", "/posts", bearer=access.token, json=_body(access, content, handle), time_limit=PUBLISH_LIMIT
        )
        if not answer.is_success:
            raise self._api.doubt(answer) or error_of(answer, now=self._api.clock(), creating=True)
        urn = ident(answer.headers.get("x-restli-id"))
        is_named = urn is not None and urn.startswith(_POST_KINDS)
        # Its body is empty: what says something instead of naming the post may be an error.
        if answer.status != _CREATED or not answer.readable or (answer.body is not None and not is_named):
            raise self._api.calls.garbled(answer, creates=True)
        return Live(urn, permalink(urn)) if urn is not None and is_named else Live(None, None)

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
        """Looks for text and assets among the organisation's posts. Absence proves nothing; a member's are hidden."""
        del ref
        if access.kind is not PlaceKind.ORGANIZATION:
            raise PlatformError(
                ErrorCode.PERMISSION_MISSING,
                "LinkedIn lets no app read a member's posts, so what became of this one only the profile shows.",
                action="Look at the profile whether the post is there.",
            )
        media = media_ids(handle.get("media") or [])
        matches = await find_posts(
            self._api,
            author=access.platform_id,
            bearer=access.token,
            content=content.text,
            media=media,
            baseline=handle.get("baseline") or {},
            sent_at=sent_at,
            until=until,
        )
        match matches:
            case []:
                return Sighting(SightingKind.ABSENT)
            case [only]:
                # An asset of its own is in no other post.
                evidence = Evidence.SURE if media else Evidence.ALIKE
                return Sighting(SightingKind.LIVE, live=only, evidence=evidence)
            case _:
                return Sighting(SightingKind.AMBIGUOUS)

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Nothing to do: an asset that no post uses is shown nowhere."""


def _body(access: Access, content: PostContent, handle: JsonObject) -> JsonObject:
    """The same bytes for the same post, whenever it is built."""
    body: JsonObject = {
        "author": access.platform_id,
        "commentary": escaped(content.text) if content.text.strip() else "",
        "visibility": content.options.get("visibility", "PUBLIC"),
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    alt_texts = [item.alt_text for item in content.media]
    assets = [
        {"id": urn, **({"altText": alt} if alt else {})}
        for urn, alt in zip(media_ids(handle.get("media") or []), alt_texts, strict=True)
    ]
    if kind_of(content) is PostKind.VIDEO:
        body["content"] = {"media": {"id": assets[0]["id"]}}
    elif len(assets) == 1:
        body["content"] = {"media": assets[0]}
    elif assets:
        body["content"] = {"multiImage": {"images": assets}}
    return body


def _state(access: Access, content: PostContent, handle: JsonObject | None) -> JsonObject:
    """A copy of the handle's state, begun anew where it belongs to another author, text or other media."""
    about = {
        "author": access.platform_id,
        "text": content.text,
        "options": dict(content.options),
        "media": [[item.url, item.alt_text] for item in content.media],
    }
    if handle and at(handle, "about") == about:
        return deepcopy(handle)
    return {
        "about": about,
        "checked": False,
        "media": [new_entry(item) for item in content.media],
        "baseline": None,
    }
