"""Releases. The tag makes a second send safe: GitHub refuses it, and the mark in the body tells whose the first was."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from social_platforms._core import (
    Access,
    ErrorCode,
    JsonObject,
    Live,
    OutcomeUnknown,
    PlatformError,
    PostContent,
    PostRef,
    Sighting,
    SightingKind,
)
from social_platforms.answers import ident, link, moment, text
from social_platforms.github.api import GitHubApi, repository_path
from social_platforms.github.errors import error_of, names_existing_tag
from social_platforms.github.texts import body_of, mark_of, tag_of, title_of


class Releases:
    """Creates releases and finds them again."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api

    async def create(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject, time_limit: timedelta
    ) -> Live:
        """The one creating call."""
        is_prerelease = content.options.get("prerelease") is True
        # A tag made for a piece of news must not take the place of the latest real release.
        is_latest = bool(content.options.get("tag")) and not is_prerelease
        answer = await self._api.answer(
            "POST",
            f"{repository_path(access.facts)}/releases",
            bearer=access.token,
            rates=access.rates,
            creates=True,
            json={
                "tag_name": handle["tag"],
                "name": title_of(content),
                "body": body_of(content, ref),
                "draft": False,
                "prerelease": is_prerelease,
                "make_latest": "true" if is_latest else "false",
            },
            time_limit=time_limit,
        )
        if answer.is_success:
            found = _live(answer.body)
            if found is None:
                raise self._api.calls.garbled(answer, creates=True)
            return found
        if names_existing_tag(answer.body):
            return await self._existing(access, ref, tag=handle["tag"])
        raise self._api.calls.doubt(answer) or error_of(answer, now=self._api.clock(), creating=True)

    async def _existing(self, access: Access, ref: PostRef, *, tag: str) -> Live:
        """The release that has the tag, if it is ours."""
        unseen = OutcomeUnknown("GitHub says that the tag exists and does not show its release.", http_status=422)
        try:
            release = await self._by_tag(access, tag)
        except PlatformError:
            raise unseen from None
        if release is None:
            raise unseen
        found = _live(release)
        if found is not None and mark_of(ref) in (text(release, "body") or ""):
            return found
        raise _tag_taken()

    async def find(self, access: Access, content: PostContent, ref: PostRef) -> Sighting:
        """Reads the release by its tag; without one a second send is safe."""
        release = await self._by_tag(access, tag_of(content, ref))
        if release is None:
            return Sighting(SightingKind.RESEND_SAFE)
        found = _live(release)
        if found is not None and mark_of(ref) in (text(release, "body") or ""):
            return Sighting(SightingKind.LIVE, live=found)
        return Sighting(SightingKind.FAILED, error=_tag_taken())

    async def _by_tag(self, access: Access, tag: str) -> Any:
        try:
            answer = await self._api.call(
                "GET",
                f"{repository_path(access.facts)}/releases/tags/{quote(tag, safe='')}",
                bearer=access.token,
                rates=access.rates,
            )
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return None
            raise
        if _live(answer.body) is None:
            raise self._api.calls.garbled(answer)
        return answer.body


def _live(release: Any) -> Live | None:
    number = ident(release, "id")
    if number is None:
        return None
    return Live(number, link(release, "html_url"), moment(release, "published_at"))


def _tag_taken() -> PlatformError:
    return PlatformError(
        ErrorCode.CONTENT_REJECTED,
        "The repository has another release with this tag.",
        action="Change options.tag.",
        http_status=422,
    )
