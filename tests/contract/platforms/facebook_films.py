"""Videos of any size and length without their pictures: what a platform reads of a file before it works on it."""

import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from social_platforms._core import MediaItem, MediaKind

_SCALE = 1000
_FIXED = 65_536


@dataclass(frozen=True)
class Film:
    """A file and a reader that finds nothing else."""

    content: bytes
    item: MediaItem

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.content)

    async def describe(self, item: MediaItem) -> MediaItem:
        """The item as it is: all is known."""
        del item
        return self.item

    async def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks."""
        del item
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]


def a_film(
    *, width: int, height: int, length: timedelta = timedelta(seconds=5), size: int = 9000, mime: str = "video/mp4"
) -> Film:
    """An MP4 whose head tells these figures, filled up to that size."""
    brand = b"qt  " if mime == "video/quicktime" else b"isom"
    head = _box(b"ftyp", brand + struct.pack(">I", 512) + brand) + _box(b"moov", _movie(length) + _track(width, height))
    content = head + _box(b"mdat", bytes(max(size - len(head) - 8, 0)))
    item = MediaItem(
        "https://shop.example/film.mp4",
        MediaKind.VIDEO,
        mime=mime,
        size_bytes=len(content),
        width=width,
        height=height,
        duration=length,
    )
    return Film(content, item)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _movie(length: timedelta) -> bytes:
    figures = struct.pack(">IIIII", 0, 0, 0, _SCALE, int(length.total_seconds() * _SCALE))
    return _box(b"mvhd", figures + bytes(80))


def _track(width: int, height: int) -> bytes:
    return _box(b"trak", _box(b"tkhd", bytes(76) + struct.pack(">II", width * _FIXED, height * _FIXED)))
