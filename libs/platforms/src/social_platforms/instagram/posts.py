"""Instagram for publisher: a container is made and made ready ahead, and one call publishes it.

The container is what makes a doubt decidable: its status says whether the publish happened, and publishing it a second
time makes no second post.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
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
from social_platforms.answers import ident, link, moment
from social_platforms.calls import Clock, utc_now
from social_platforms.checks import looked_at, refuse_problems
from social_platforms.instagram.api import InstagramApi
from social_platforms.instagram.containers import (
    Containers,
    Look,
    Status,
    child_parameters,
    new_entry,
    parameters_of,
    parent_parameters,
)
from social_platforms.instagram.errors import Cause, error_of
from social_platforms.instagram.limits import (
    CALLS,
    CALLS_PER_CONTAINER,
    CALLS_PER_POST,
    CONTAINERS,
    PUBLICATIONS,
)
from social_platforms.instagram.readback import find_media
from social_platforms.instagram.rules import findings_of, kind_of, text_length
from social_platforms.statuses import evidence_of

PUBLISH_LIMIT: Final = timedelta(seconds=15)
_LINK_LIMIT: Final = timedelta(seconds=3)
_LINK_READS: Final = 2
_SPAM: Final = 2207051
# A publish shows in the container's status a little late; FINISHED is believed when it stays.
_REPEATED_LOOKS: Final = (timedelta(seconds=1), timedelta(seconds=2))
# What says for certain that media_publish did nothing. Everything else it answers is a doubt.
_CERTAIN_CODES: Final = frozenset(
    {3, 4, 9, 10, 17, 25, 32, 190, 200, 352, 613, 9007, 36000, 36001, 36003, 36004, 80002}
)

Sleep = Callable[[float], Awaitable[None]]


class InstagramPosts:
    """Pictures, carousels, reels and stories of a professional account."""

    platform = Platform.INSTAGRAM

    def __init__(
        self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._api = InstagramApi(app, http, clock=clock)
        self._containers = Containers(self._api)
        self._sleep = sleep

    def kind_of(self, content: PostContent) -> PostKind:
        """The form by option and media."""
        return kind_of(content)

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Caption, tags, number and form of media."""
        del facts
        return findings_of(content)

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Characters of the caption."""
        del facts
        return text_length(content)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """One publication, a container per file with one more around several, and all calls that these take."""
        del kind
        files = len(content.media)
        containers = files + (files > 1)
        return {PUBLICATIONS: 1, CONTAINERS: containers, CALLS: CALLS_PER_POST + CALLS_PER_CONTAINER * containers}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """One step per call: look at the files, make each container, wait until each is ready."""
        del ref
        state = _state(content, handle)
        if not state["checked"]:
            await self._refuse_unfit(content, media=media)
            state["checked"] = True
        kind = kind_of(content)
        if kind is not PostKind.CAROUSEL:
            return await self._advance(access, state, parameters_of(content, kind))
        if state["container"]["id"] is None:
            for item, entry in zip(content.media, state["children"], strict=True):
                if entry["finished"]:
                    continue
                wait = await self._containers.advance(access, entry, child_parameters(item))
                return Prepared(state, ready=False, check_after=wait or timedelta(0))
        children = [str(entry["id"]) for entry in state["children"]]
        prepared = await self._advance(access, state, parent_parameters(content, children))
        if state["container"]["id"] is None:
            # The parent expired or failed, and its children are as old as it is.
            state["children"] = [new_entry() for _ in content.media]
        return prepared

    async def _advance(self, access: Access, state: JsonObject, parameters: Mapping[str, str]) -> Prepared:
        wait = await self._containers.advance(access, state["container"], parameters)
        return Prepared(state, ready=wait is None, check_after=wait or timedelta(0))

    async def _refuse_unfit(self, content: PostContent, *, media: MediaReader) -> None:
        """Files that Instagram would refuse cost no container."""
        seen = tuple([await looked_at(item, media) for item in content.media])
        refuse_problems(findings_of(PostContent(content.text, seen, content.options)))

    async def publish(self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject) -> Live:
        """Publishes the container. Only a few answers say for certain that it did not happen."""
        del content, ref
        answer = await self._api.answer(
            "POST",
            f"/{access.platform_id}/media_publish",
            bearer=access.token,
            rates=access.rates,
            creates=True,
            form={"creation_id": str(handle["container"]["id"])},
            time_limit=PUBLISH_LIMIT,
        )
        if not answer.is_success:
            cause = Cause.of(answer.body)
            is_certain = cause.code in _CERTAIN_CODES and cause.subcode != _SPAM and not cause.is_transient
            if is_certain or (answer.status == 429 and cause.subcode != _SPAM):  # noqa: PLR2004 - too many requests
                raise error_of(answer, now=self._api.clock(), creating=True)
            raise OutcomeUnknown(
                "Instagram's answer does not tell whether the post went out.",
                http_status=answer.status,
                evidence=evidence_of(answer),
            )
        media_id = ident(answer.body, "id")
        if media_id is None:
            raise self._api.calls.garbled(answer, creates=True)
        return await self._with_link(access, media_id)

    async def _with_link(self, access: Access, media_id: str) -> Live:
        """The link is nice to have: right after publishing it often cannot be read yet."""
        for _ in range(_LINK_READS):
            try:
                answer = await self._api.call(
                    "GET",
                    f"/{media_id}",
                    bearer=access.token,
                    rates=access.rates,
                    params={"fields": "permalink,timestamp"},
                    time_limit=_LINK_LIMIT,
                )
            except PlatformError:
                continue
            return Live(media_id, link(answer.body, "permalink"), moment(answer.body, "timestamp"))
        return Live(media_id, None)

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
        """Reads the same container; its final status decides, and the account's media give the id.

        Without a handle only the account's media tell.
        """
        del ref
        container = handle.get("container")
        look = await self._repeated_look(access, str(container["id"])) if container else None
        if look is not None and look.status is Status.FINISHED:
            return Sighting(SightingKind.RESEND_SAFE)
        if look is not None and look.status is Status.IN_PROGRESS:
            return Sighting(SightingKind.PROCESSING, check_after=timedelta(seconds=10))
        matches = await find_media(
            self._api, access, caption=content.text, kind=kind_of(content), sent_at=sent_at, until=until
        )
        if look is not None and look.status is Status.PUBLISHED:
            # The container does not tell the media's id; two posts with one caption would be a guess.
            live = matches[0] if len(matches) == 1 else Live(None, None)
            return Sighting(SightingKind.LIVE, live=live, evidence=Evidence.OUT)
        if len(matches) > 1:
            return Sighting(SightingKind.AMBIGUOUS)
        if matches:
            return Sighting(SightingKind.LIVE, live=matches[0], evidence=Evidence.ALIKE)
        if look is None:
            return Sighting(SightingKind.ABSENT)
        return Sighting(SightingKind.FAILED, error=look.error or _expired())

    async def _repeated_look(self, access: Access, container_id: str) -> Look | None:
        """The container's status, FINISHED only when it stays; None where Instagram no longer knows it."""
        try:
            look = await self._containers.look(access, container_id)
            for wait in _REPEATED_LOOKS:
                if look.status is not Status.FINISHED:
                    break
                await self._sleep(wait.total_seconds())
                look = await self._containers.look(access, container_id)
        except PlatformError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            return None
        return look

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Nothing to do: containers are invisible and expire after a day."""


def _expired() -> PlatformError:
    """A container that was not published within a day: its own word that nothing came of it."""
    return PreparationGone("The post that Instagram had prepared has expired.")


def _state(content: PostContent, handle: JsonObject | None) -> JsonObject:
    """A copy of the handle's state, begun anew where it belongs to another text or other media."""
    about = {
        "caption": content.text,
        "kind": kind_of(content).value,
        "media": [[item.url, item.alt_text] for item in content.media],
    }
    if handle and handle.get("about") == about:
        return {
            "about": about,
            "checked": handle["checked"],
            "container": dict(handle["container"]),
            "children": [dict(entry) for entry in handle["children"]],
        }
    is_carousel = kind_of(content) is PostKind.CAROUSEL
    children = [new_entry() for _ in content.media] if is_carousel else []
    return {"about": about, "checked": False, "container": new_entry(), "children": children}
