"""publisher's facet: bring up to the point before publishing, publish, read back."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from social_platforms._core.access import Access
from social_platforms._core.errors import PlatformError
from social_platforms._core.kinds import JsonObject, MediaKind, PlaceKind, Platform, PostKind


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One picture or video of a post. Sizes are None until the file was looked at."""

    url: str
    kind: MediaKind
    alt_text: str = ""
    mime: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration: timedelta | None = None
    frames: int | None = None  # of a picture; more than one where it moves


@dataclass(frozen=True, slots=True)
class PostContent:
    """What is to be published at one place."""

    text: str
    media: tuple[MediaItem, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostRef:
    """Which post and attempt a call is for; markers and tags on the platform are derived from `post_id`."""

    post_id: str
    attempt_number: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem (it would be refused) or a warning, naming the field as the API spells it."""

    severity: Literal["problem", "warning"]
    code: str
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class TextLength:
    """How long a text is as its platform counts it, with what we add to it, and how long it may be there."""

    length: int
    limit: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """How far preparing came. `handle` is JSON to be kept (it may hold secrets); not ready: ask again after a while.

    A post that is due is asked for sooner, unless the wait `is_asked` by the platform itself.
    """

    handle: JsonObject
    ready: bool
    check_after: timedelta = timedelta(0)
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """It is public. The id or link is None where the platform did not tell it."""

    platform_post_id: str | None
    permalink: str | None
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took it and works on it: `settle` with this handle tells the end."""

    handle: JsonObject
    check_after: timedelta


class SightingKind(StrEnum):
    """What reading the account back showed."""

    LIVE = "live"  # exactly one match, or the handle says so
    ABSENT = "absent"  # not there now; proves nothing
    PROCESSING = "processing"  # the platform still works on it
    FAILED = "failed"  # the handle's final status: certainly not out
    RESEND_SAFE = "resend_safe"  # a second send with this handle cannot make a second post
    AMBIGUOUS = "ambiguous"  # several matches: which one is ours nobody can tell


class Evidence(StrEnum):
    """What `LIVE` rests on. Two equal posts of one account can be told apart by the first kind only."""

    SURE = "sure"  # an id, a handle, a mark, or something else that only this post has
    OUT = "out"  # that it is out is certain; which one it is, was told by how it looks
    ALIKE = "alike"  # it looks the same, and was made at the time


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at the account after a doubt."""

    kind: SightingKind
    live: Live | None = None
    error: PlatformError | None = None
    check_after: timedelta | None = None
    evidence: Evidence = Evidence.SURE


class MediaReader(Protocol):
    """The caller's guarded way to bytes at a URL (size, time and address limits are its business)."""

    async def describe(self, item: MediaItem) -> MediaItem:
        """The same item with its true kind, type and sizes; raises PlatformError(MEDIA_REJECTED)."""

    def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks of exactly that size, the last one shorter."""


class PostsAdapter(Protocol):
    """publisher's facet. `publish` is the only call that may make something public."""

    platform: Platform

    def kind_of(self, content: PostContent) -> PostKind:
        """The form these contents take."""

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """What the platform would refuse or bend, counted its way; pure, no call. `facts` of the connection."""

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """How much of the platform's limit the text takes; pure, no call. `facts` of the connection."""

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """Units that bringing this post out at such a place draws from the budgets of `limits`, by their endpoint."""

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Brings everything up to the point before `publish` (uploads, containers, a baseline for reading back).

        Nothing becomes public. Called again with the last handle until ready; safe to repeat and to abandon.
        """

    async def publish(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject
    ) -> Live | Accepted:
        """The one creating call. Raises NothingSent, OutcomeUnknown, or PlatformError for a certain refusal."""

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
        """Reads the account back to tell what became of a `publish` sent at that real time.

        Only what was made before `until` counts where given (the start of the next equal attempt).
        `claimed` ids are the caller's business: it refuses an id another post holds.
        """

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Removes what `prepare` left on the platform, where it can be removed."""
