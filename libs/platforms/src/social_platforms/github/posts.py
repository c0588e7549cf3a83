"""GitHub for publisher: a discussion by default, a release where one is asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AppConfig,
    Finding,
    JsonObject,
    Live,
    MediaReader,
    PlaceKind,
    Platform,
    PostContent,
    PostKind,
    PostRef,
    Prepared,
    Sighting,
    TextLength,
)
from social_platforms.calls import Clock, utc_now
from social_platforms.checks import refuse_problems
from social_platforms.github.api import GitHubApi
from social_platforms.github.discussions import Discussions
from social_platforms.github.releases import Releases
from social_platforms.github.texts import findings_of, kind_of, tag_of, text_length

PUBLISH_LIMIT: Final = timedelta(seconds=15)


class GitHubPosts:
    """Discussions and releases of one repository; media are linked, GitHub stores none for an API."""

    platform = Platform.GITHUB

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        api = GitHubApi(app, http, clock=clock)
        self._discussions = Discussions(api)
        self._releases = Releases(api)

    def kind_of(self, content: PostContent) -> PostKind:
        """The form by the option."""
        return kind_of(content)

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Lengths, links, the tag's name, and whether the repository has discussions."""
        return findings_of(content, facts)

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Characters of the Markdown, with the links to the media and the mark."""
        del facts
        return text_length(content)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """One creation; a release and the looks at it are REST calls, a discussion and its looks GraphQL ones."""
        del kind
        return {"create content": 1, "REST" if kind_of(content) is PostKind.RELEASE else "GraphQL": 2}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Finds where it goes. The baseline for reading back is the mark or the tag, both made from the post's id."""
        del handle, media
        kind = kind_of(content)
        refuse_problems(findings_of(content, {}))
        if kind is PostKind.RELEASE:
            return Prepared({"kind": kind.value, "tag": tag_of(content, ref)}, ready=True)
        target = await self._discussions.target(access, content)
        return Prepared({"kind": kind.value, **target}, ready=True)

    async def publish(self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject) -> Live:
        """Creates the discussion or the release."""
        creator = self._releases if handle["kind"] == PostKind.RELEASE.value else self._discussions
        return await creator.create(access, content, ref, handle=handle, time_limit=PUBLISH_LIMIT)

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
        """Looks for the tag or the mark, both made from the post's id."""
        if kind_of(content) is PostKind.RELEASE:
            return await self._releases.find(access, content, ref)
        return await self._discussions.find(access, ref, handle=handle, sent_at=sent_at, until=until)

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Nothing to do: preparing leaves nothing at GitHub."""
