"""Google Business Profile for publisher. An answer is not yet a publication: Google reviews every post first.

There is no idempotency key. A post with a link is known again by the mark in it; one without is known by its words, and
by not having stood there before.
"""

from collections.abc import Mapping
from dataclasses import replace
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
from social_platforms.answers import at, link, moment, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.checks import looked_at, refuse_problems
from social_platforms.google.api import (
    POSTS,
    GoogleBusinessApi,
    location_of,
    post_name,
    posts_path,
)
from social_platforms.google.content import body_of, findings_of, is_marked, text_length
from social_platforms.google.errors import content_refused, place_gone
from social_platforms.google.limits import EDITS_BUCKET, POSTS_BUCKET, POSTS_VERSION, STANDING_BUCKET
from social_platforms.google.places import obstacle_at
from social_platforms.likeness import comparable

PUBLISH_LIMIT: Final = timedelta(seconds=15)
_LIVE: Final = frozenset({"LIVE", "RECURRING"})
_NO_ANSWER: Final = frozenset({ErrorCode.PLATFORM_DOWN, ErrorCode.RATE_LIMITED, ErrorCode.APP_MISCONFIGURED})
_LOOKS: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600))
_LATER: Final = timedelta(hours=1)
_SLACK: Final = timedelta(minutes=5)
_FETCHES: Final = 1
_PER_PAGE: Final = "100"
_PAGES: Final = 10


class GooglePosts:
    """Updates, events and offers of one location."""

    platform = Platform.GOOGLE

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = GoogleBusinessApi(app, http, clock=clock)

    def kind_of(self, content: PostContent) -> PostKind:
        """An update, whatever its topic."""
        del content
        return PostKind.UPDATE

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Length, one picture, and whether topic, event, offer and call to action fit together."""
        del facts
        return findings_of(content)

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Characters."""
        del facts
        return text_length(content)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """One edit of the profile; the creation, a look at what stood there and two at the review."""
        del content, kind
        return {EDITS_BUCKET: 1, POSTS_BUCKET: 4, STANDING_BUCKET: 1}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Looks at the picture and at the location's standing; notes equal posts that cannot be told by a mark."""
        del handle
        seen = tuple([await looked_at(item, media) for item in content.media])
        refuse_problems(findings_of(PostContent(content.text, seen, content.options)))
        await self._refuse_hidden(access)
        body = self._body(access, content, ref)
        before = (
            [] if is_marked(body, ref) else [name for post in await self._equal(access, body) if (name := _id(post))]
        )
        return Prepared({"before": before}, ready=True)

    async def _refuse_hidden(self, access: Access) -> None:
        """Posts of a location that Google does not show would be accepted and never appear."""
        try:
            obstacle = await obstacle_at(self._api, location_of(access), bearer=access.token)
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise place_gone() from None
            # Trouble with this question alone holds no post back; if it lasts, the post itself will show it.
            if error.code not in _NO_ANSWER:
                raise
            return
        if obstacle is not None:
            raise PlatformError(
                ErrorCode.ACCOUNT_RESTRICTED, obstacle, action="Open the Business Profile and follow what Google asks."
            )

    async def publish(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject
    ) -> Live | Accepted:
        """Creates the post. Unless it is live at once, `settle` tells what Google's review came to."""
        answer = await self._api.answer(
            "POST",
            POSTS,
            posts_path(access),
            bearer=access.token,
            creates=True,
            json=self._body(access, content, ref),
            time_limit=PUBLISH_LIMIT,
        )
        if not answer.is_success:
            refusal = self._api.refusal(answer, rates=access.rates, bucket=POSTS_BUCKET, creating=True)
            if refusal.code is ErrorCode.MEDIA_REJECTED and ref.attempt_number > _FETCHES:
                # An address that Google could not reach once may be a chance; twice, it is the address.
                refusal.retryable = False
            raise self._api.calls.doubt(answer) or refusal
        name = post_name(at(answer.body, "name"))
        if name is None:
            raise self._api.calls.garbled(answer, creates=True)
        state = text(answer.body, "state")
        if state in _LIVE:
            return _live(answer.body, access)
        if state == "REJECTED":
            raise content_refused()
        return Accepted({**handle, "name": name}, check_after=_LOOKS[0])

    def _body(self, access: Access, content: PostContent, ref: PostRef) -> JsonObject:
        return body_of(content, ref, language=access.facts.get("languageCode"))

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
        """Reads the post by its name; without one, looks for the mark, else for an equal post that is new."""
        age = self._api.clock() - sent_at
        name = post_name(handle.get("name"))
        if name is not None:
            return await self._look(access, name, age=age)
        body = self._body(access, content, ref)
        has_mark = is_marked(body, ref)
        if has_mark:
            found = [post for post in await self._all(access) if is_marked(post, ref)]
        else:
            before = handle.get("before") or ()
            found = [post for post in await self._equal(access, body) if _id(post) not in before]
        made = [post for post in found if _is_between(post, sent_at - _SLACK, until)]
        match made:
            case []:
                return Sighting(SightingKind.ABSENT)
            case [only]:
                sighting = _sighting(only, access, age=age)
                return sighting if has_mark else replace(sighting, evidence=Evidence.ALIKE)
            case _:
                return Sighting(SightingKind.AMBIGUOUS)

    async def _look(self, access: Access, name: str, *, age: timedelta) -> Sighting:
        try:
            post = await self._api.call(
                "GET",
                POSTS,
                f"/{POSTS_VERSION}/{name}",
                bearer=access.token,
                rates=access.rates,
                bucket=POSTS_BUCKET,
            )
        except PlatformError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            return Sighting(SightingKind.ABSENT)
        return _sighting(post, access, age=age)

    async def _equal(self, access: Access, body: JsonObject) -> list[dict[str, Any]]:
        """The location's posts of the same words and topic."""
        wanted = (comparable(body.get("summary") or ""), body["topicType"])
        return [
            post
            for post in await self._all(access)
            if (comparable(text(post, "summary") or ""), text(post, "topicType")) == wanted
        ]

    async def _all(self, access: Access) -> list[dict[str, Any]]:
        """The location's posts. They come in no promised order, so every page is read; an empty list is no key."""
        params = {"pageSize": _PER_PAGE}
        found: list[dict[str, Any]] = []
        for _ in range(_PAGES):
            body = await self._api.call(
                "GET",
                POSTS,
                posts_path(access),
                bearer=access.token,
                rates=access.rates,
                bucket=POSTS_BUCKET,
                params=params,
            )
            found += objects(body, "localPosts")
            cursor = text(body, "nextPageToken")
            if cursor is None:
                break
            params = params | {"pageToken": cursor}
        return found

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Nothing to do: preparing leaves nothing at Google."""


def _id(post: dict[str, Any]) -> str | None:
    return post_name(at(post, "name"))


def _is_between(post: dict[str, Any], since: datetime, until: datetime | None) -> bool:
    made = moment(post, "createTime")
    return made is not None and made >= since and (until is None or made < until)


def _live(post: Any, access: Access) -> Live:
    """The post as it stands; its own link may come late, and the location's stands in for it."""
    permalink = link(post, "searchUrl") or link(access.facts.get("mapsUri"))
    return Live(post_name(at(post, "name")), permalink, moment(post, "createTime"))


def _sighting(post: dict[str, Any], access: Access, *, age: timedelta) -> Sighting:
    """What a post's state says; states that nobody documented are still pending."""
    state = text(post, "state")
    if state in _LIVE:
        return Sighting(SightingKind.LIVE, live=_live(post, access))
    if state == "REJECTED":
        return Sighting(SightingKind.FAILED, error=content_refused())
    return Sighting(SightingKind.PROCESSING, check_after=_wait_at(age))


def _wait_at(age: timedelta) -> timedelta:
    """When to look again at a post of that age: 10 s, 30 s, 2 min, 10 min, then every hour."""
    passed = timedelta(0)
    for wait in _LOOKS:
        passed += wait
        if age < passed:
            return wait
    return _LATER
