"""Checks contents the way each platform counts, with media looked at and the account's own limits where they matter.

Everything here happens before any transaction: media is fetched and auth-linker asked without a lock held.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from publisher.brokerage import Broker, NoAccessError
from publisher.planning.schemas import MediaIn
from publisher.projections.repository import PUBLISH, Connection
from social_platforms._core import (
    ErrorCode,
    Finding,
    MediaItem,
    MediaKind,
    MediaReader,
    PlaceKind,
    PlatformError,
    PlatformFacts,
    PostContent,
    PostsAdapter,
    TextLength,
)

_AT_ONCE: Final = 4
_VIDEO_ENDINGS: Final = (".mp4", ".mov", ".m4v", ".webm")
# While somebody types, the same files are asked for again and again.
_SEEN_LIFE: Final = timedelta(minutes=1)
_SEEN_MOST: Final = 1_000
_TOKEN_LIFE: Final = timedelta(minutes=1)
_SUNSET_NEAR: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Looked:
    """Media by address: what each file is, or why it cannot be used."""

    items: Mapping[str, MediaItem] = field(default_factory=dict)
    faults: Mapping[str, PlatformError] = field(default_factory=dict)

    @property
    def may_pass(self) -> bool:
        """Whether a file could not be had now, and perhaps can be later."""
        return any(fault.retryable for fault in self.faults.values())


@dataclass(frozen=True, slots=True)
class Checked:
    """One target's contents as they would be published, and what was found."""

    content: PostContent
    kind: str
    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    text: TextLength | None = None


class Checker:
    """Looks at media and asks adapters."""

    def __init__(
        self,
        *,
        adapters: Mapping[str, PostsAdapter],
        facts: Mapping[str, PlatformFacts],
        media: MediaReader,
        broker: Broker,
        look_limit: timedelta,
    ) -> None:
        self._adapters = adapters
        self._facts = facts
        self._media = media
        self._broker = broker
        self._look_limit = look_limit
        self._seen: dict[str, tuple[float, MediaItem]] = {}

    def facts_of(self, platform: str) -> PlatformFacts | None:
        """What is known of a platform."""
        return self._facts.get(platform)

    def is_set_up(self, platform: str) -> bool:
        """Whether this deployment can publish there."""
        return platform in self._adapters

    def kind_of(self, platform: str, content: PostContent) -> str:
        """The form these contents take; `text` where nobody can tell."""
        adapter = self._adapters.get(platform)
        return adapter.kind_of(content).value if adapter else "text"

    def costs(self, connection: Connection, content: PostContent) -> Mapping[str, int]:
        """What these contents draw from which budgets at that place."""
        adapter, facts = self._adapters.get(connection.platform), self._facts.get(connection.platform)
        if adapter is None or facts is None:
            return {}
        return adapter.costs(content, PlaceKind(connection.kind) if connection.kind else facts.place_kinds[0])

    async def look_at(self, media: Iterable[MediaIn], *, anew: bool = True) -> Looked:
        """Each distinct file once, a few at a time; without `anew` not what was seen within a minute."""
        wanted = {item.url: item for item in media}
        gate = asyncio.Semaphore(_AT_ONCE)
        items = {} if anew else self._seen_of(wanted)
        faults: dict[str, PlatformError] = {}

        async def look(item: MediaIn) -> None:
            try:
                async with gate, asyncio.timeout(self._look_limit.total_seconds()):
                    items[item.url] = await self._media.describe(plain_item(item))
                self._remember(items[item.url])
            except TimeoutError:
                faults[item.url] = PlatformError(
                    ErrorCode.MEDIA_REJECTED, "The file's server took too long.", retryable=True
                )
            except PlatformError as error:
                faults[item.url] = error

        async with asyncio.TaskGroup() as group:
            for item in wanted.values():
                if item.url not in items:
                    group.create_task(look(item))
        return Looked(items, faults)

    def _seen_of(self, wanted: Mapping[str, MediaIn]) -> dict[str, MediaItem]:
        oldest = time.monotonic() - _SEEN_LIFE.total_seconds()
        return {url: seen[1] for url in wanted if (seen := self._seen.get(url)) is not None and seen[0] > oldest}

    def _remember(self, item: MediaItem) -> None:
        self._seen.pop(item.url, None)
        self._seen[item.url] = (time.monotonic(), item)
        if len(self._seen) > _SEEN_MOST:
            del self._seen[next(iter(self._seen))]

    async def check(
        self,
        connection: Connection,
        *,
        text: str,
        media: Sequence[MediaIn],
        options: Mapping[str, Any],
        looked: Looked,
    ) -> Checked:
        """What the connection's platform would say of these contents."""
        content = PostContent(text, tuple(self._item(one, looked) for one in media), options)
        adapter = self._adapters.get(connection.platform)
        if adapter is None:
            missing = Finding(
                "problem", ErrorCode.APP_MISCONFIGURED.value, "connection_id", "This platform is not set up here."
            )
            return Checked(content, "text", (missing,), ())
        account: Mapping[str, Any] = _plain_facts(connection)
        findings = [*_media_faults(media, looked), *adapter.check(content, account)]
        # How much an account may write or show may depend on what it pays its platform for.
        if any(one.severity == "problem" and one.field.split(".", 1)[0] in {"content", "media"} for one in findings):
            account = await self._account_facts(connection)
            findings = [*_media_faults(media, looked), *adapter.check(content, account)]
        problems = tuple(one for one in findings if one.severity == "problem")
        warnings = tuple(one for one in findings if one.severity == "warning")
        counted = adapter.text_length(content, account)
        return Checked(content, adapter.kind_of(content).value, problems, warnings, counted)

    def check_text(self, connection: Connection, content: PostContent) -> bool:
        """Whether the platform takes this text, by what is known without a call."""
        adapter = self._adapters.get(connection.platform)
        if adapter is None:
            return True
        findings = adapter.check(content, _plain_facts(connection))
        return not any(one.severity == "problem" and one.field == "content" for one in findings)

    async def _account_facts(self, connection: Connection) -> Mapping[str, Any]:
        """What only the account's own record tells, such as whether X lets it write long posts."""
        try:
            brokered = await self._broker.access(connection.connection_id, connection.user_id, min_valid=_TOKEN_LIFE)
        except NoAccessError:
            return _plain_facts(connection)
        return brokered.access.facts

    @staticmethod
    def _item(one: MediaIn, looked: Looked) -> MediaItem:
        found = looked.items.get(one.url)
        if found is None:
            return plain_item(one)
        return MediaItem(
            url=one.url,
            kind=found.kind,
            alt_text=one.alt_text,
            mime=found.mime,
            size_bytes=found.size_bytes,
            width=found.width,
            height=found.height,
            duration=found.duration,
            frames=found.frames,
        )


def standing_findings(
    connection: Connection, facts: PlatformFacts | None, *, due: datetime
) -> tuple[list[Finding], list[Finding]]:
    """What speaks against publishing there at that time, apart from the contents: problems and warnings."""
    problems: list[Finding] = []
    warnings: list[Finding] = []
    if not connection.is_usable:
        problems.append(
            Finding("problem", "connection_not_usable", "connection_id", "The connection is down: connect it again.")
        )
    elif PUBLISH not in connection.capabilities:
        problems.append(
            Finding(
                "problem",
                ErrorCode.PERMISSION_MISSING.value,
                "connection_id",
                "Publishing was not allowed for this connection.",
            )
        )
    if connection.expires_at is not None and connection.expires_at <= due:
        words = "The connection ends before the post is due: connect it again before then."
        warnings.append(Finding("warning", ErrorCode.AUTH_EXPIRED.value, "scheduled_at", words))
    if facts is not None and facts.api_sunset is not None and facts.api_sunset - _SUNSET_NEAR <= due:
        when = f"{facts.api_sunset:%d %B %Y}"
        words = f"{facts.name} retires the version of its interface that is used today on {when}; an update is needed."
        warnings.append(Finding("warning", ErrorCode.VERSION_RETIRED.value, "scheduled_at", words))
    return problems, warnings


def plain_item(one: MediaIn) -> MediaItem:
    """A piece of media as the merchant named it, its kind guessed by the ending where none was given."""
    kind = one.kind or _kind_by_ending(one.url)
    return MediaItem(url=one.url, kind=MediaKind(kind), alt_text=one.alt_text)


def _kind_by_ending(url: str) -> str:
    path = url.split("?", 1)[0].split("#", 1)[0].lower()
    if path.endswith(_VIDEO_ENDINGS):
        return "video"
    return "gif" if path.endswith(".gif") else "image"


def _media_faults(media: Sequence[MediaIn], looked: Looked) -> list[Finding]:
    findings = []
    for position, item in enumerate(media):
        fault = looked.faults.get(item.url)
        found = looked.items.get(item.url)
        if fault is not None:
            findings.append(Finding("problem", fault.code.value, f"media.{position}.url", fault.detail))
        elif found is not None and item.kind is not None and item.kind != found.kind.value:
            words = f"This file is of the kind {found.kind.value}, not {item.kind}."
            findings.append(Finding("problem", ErrorCode.MEDIA_REJECTED.value, f"media.{position}.kind", words))
    return findings


def _plain_facts(connection: Connection) -> dict[str, Any]:
    return {"username": connection.platform_username, "kind": connection.kind}
