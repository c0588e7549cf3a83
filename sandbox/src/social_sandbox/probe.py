"""What a file really is, read from its first bytes and boxes: kind, size in pixels, length of a video.

Read by hand instead of with an imaging library: a simulator only needs to refuse what the originals refuse, and a
second implementation catches what the product's own library lets through.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

_MARK = 0xFF
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file turned out to be; zero pixels where the file does not tell."""

    mime: str
    width: int = 0
    height: int = 0
    duration: timedelta | None = None

    @property
    def ratio(self) -> float:
        """Width over height; 0 where unknown."""
        return self.width / self.height if self.height else 0.0


def probe(content: bytes) -> Probe | None:
    """Recognise JPEG, PNG, GIF, WebP and MP4 or QuickTime; nothing for anything else or for a broken file."""
    try:
        return _recognise(content)
    except (struct.error, IndexError):
        return None


def _recognise(content: bytes) -> Probe | None:
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = struct.unpack_from(">II", content, 16)
        return Probe("image/png", width, height)
    if content[:6] in {b"GIF87a", b"GIF89a"}:
        width, height = struct.unpack_from("<HH", content, 6)
        return Probe("image/gif", width, height)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    if content[4:8] == b"ftyp":
        return _movie(content)
    return None


def _jpeg(content: bytes) -> Probe | None:
    position = 2
    while position + 9 < len(content):
        if content[position] != _MARK:
            return None
        marker = content[position + 1]
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return Probe("image/jpeg", width, height)
        if marker == _MARK:
            position += 1
            continue
        (length,) = struct.unpack_from(">H", content, position + 2)
        position += 2 + length
    return None


def _webp(content: bytes) -> Probe:
    if content[12:16] == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
        return Probe("image/webp", width, height)
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return Probe("image/webp", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", content, 26)
    return Probe("image/webp", width & 0x3FFF, height & 0x3FFF)


def _movie(content: bytes) -> Probe | None:
    mime = "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"
    width = height = 0
    duration: timedelta | None = None
    for kind, body in _boxes(content):
        if kind == b"mvhd":
            duration = _length_of(body)
        elif kind == b"tkhd":
            wide, high = struct.unpack_from(">II", body, len(body) - 8)
            width, height = max(width, wide >> 16), max(height, high >> 16)
    return Probe(mime, width, height, duration) if duration is not None else None


def _length_of(header: bytes) -> timedelta:
    layout, offset = (">IQ", 20) if header[0] == 1 else (">II", 12)
    scale, length = struct.unpack_from(layout, header, offset)
    return timedelta(seconds=length / scale) if scale else timedelta(0)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk the boxes of a movie file, stepping into those that hold the tracks."""
    position = 0
    while position + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, position)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, position + 8)
            head = 16
        end = len(content) if size == 0 else position + size
        if end <= position + head - 1:
            return
        body = content[position + head : end]
        if kind in _CONTAINERS:
            yield from _boxes(body)
        else:
            yield kind, body
        position = end
