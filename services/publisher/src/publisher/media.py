"""The guarded way to media bytes, as adapters ask for it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

from social_common.media_fetch import MediaFetcher, MediaRefused, MediaUnreachable
from social_common.media_kinds import FetchedMedia
from social_platforms._core import ErrorCode, MediaItem, MediaKind, PlatformError


class Fetcher(Protocol):
    """The part of MediaFetcher that is used here."""

    async def describe(self, url: str) -> FetchedMedia:
        """What the file at that URL truly is."""

    def read(self, url: str, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks."""


class GuardedMedia:
    """A `MediaReader` over the fetcher that refuses private addresses."""

    def __init__(self, fetcher: Fetcher | MediaFetcher) -> None:
        self._fetcher = fetcher

    async def describe(self, item: MediaItem) -> MediaItem:
        """The item with its true kind, type and sizes; raises PlatformError(MEDIA_REJECTED)."""
        try:
            found = await self._fetcher.describe(item.url)
        except MediaRefused as error:
            raise PlatformError(ErrorCode.MEDIA_REJECTED, error.reason) from error
        except MediaUnreachable as error:
            raise PlatformError(ErrorCode.MEDIA_REJECTED, error.reason, retryable=True) from error
        return replace(
            item,
            kind=MediaKind(found.kind_hint),
            mime=found.mime,
            size_bytes=found.size,
            width=found.width,
            height=found.height,
            duration=found.duration,
            frames=found.frames,
        )

    async def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks of that size; raises PlatformError(MEDIA_REJECTED)."""
        try:
            async for chunk in self._fetcher.read(item.url, chunk_size):
                yield chunk
        except MediaRefused as error:
            raise PlatformError(ErrorCode.MEDIA_REJECTED, error.reason) from error
        except MediaUnreachable as error:
            raise PlatformError(ErrorCode.MEDIA_REJECTED, error.reason, retryable=True) from error
