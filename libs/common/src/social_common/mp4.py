"""Length and frame size of MP4 and QuickTime files, read from their boxes without decoding anything."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Final

_MOST_BOXES: Final = 4096
_LARGEST_MOOV: Final = 64 * 1024 * 1024
_UNKNOWN_32: Final = 0xFFFFFFFF


class BrokenMp4(Exception):
    """The file's boxes make no sense."""


@dataclass(frozen=True, slots=True)
class Movie:
    """What a movie's header says; None where it says nothing (a fragmented file may not know its length)."""

    duration: timedelta | None
    width: int | None
    height: int | None


def read_movie(file: IO[bytes], *, size: int) -> Movie:
    """The facts of a seekable file of that size; raises BrokenMp4."""
    moov = _find_moov(file, size=size)
    try:
        duration, width, height = None, None, None
        for kind, body in _boxes(moov):
            if kind == b"mvhd":
                duration = _duration(body)
            elif kind == b"trak" and width is None:
                width, height = _frame_size(body)
        return Movie(duration, width, height)
    except struct.error:
        raise BrokenMp4("a box is too short") from None


def _find_moov(file: IO[bytes], *, size: int) -> bytes:
    """The body of the movie box, wherever it stands; other boxes are skipped by their size, not read."""
    position = 0
    for _ in range(_MOST_BOXES):
        if position + 8 > size:
            break
        file.seek(position)
        header = file.read(16)
        length, kind, start = _box_header(header, rest=size - position)
        if kind == b"moov":
            if length > _LARGEST_MOOV:
                raise BrokenMp4("the movie box is absurdly large")
            file.seek(position + start)
            return file.read(length - start)
        position += length
    raise BrokenMp4("there is no movie box")


def _box_header(header: bytes, *, rest: int) -> tuple[int, bytes, int]:
    """Length of the whole box, its kind, and where its body starts."""
    length, kind = struct.unpack_from(">I4s", header)
    start = 8
    if length == 1:
        if len(header) < 16:  # noqa: PLR2004
            raise BrokenMp4("a box is cut off")
        (length,) = struct.unpack_from(">Q", header, 8)
        start = 16
    elif length == 0:
        length = rest
    if length < start or length > rest:
        raise BrokenMp4("a box has an impossible length")
    return length, kind, start


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + 8 <= len(data):
        length, kind, start = _box_header(data[position : position + 16], rest=len(data) - position)
        yield kind, data[position + start : position + length]
        position += length


def _duration(mvhd: bytes) -> timedelta | None:
    if mvhd[:1] == b"\x01":
        timescale, units = struct.unpack_from(">IQ", mvhd, 20)
    else:
        timescale, units = struct.unpack_from(">II", mvhd, 12)
        units = 0 if units == _UNKNOWN_32 else units
    if timescale == 0:
        raise BrokenMp4("the time scale is zero")
    seconds = units / timescale
    if seconds > timedelta(days=365).total_seconds():
        raise BrokenMp4("the length is absurd")
    return timedelta(seconds=seconds) if units else None


def _frame_size(trak: bytes) -> tuple[int | None, int | None]:
    """A track's size in pixels; sound has none."""
    for kind, body in _boxes(trak):
        if kind != b"tkhd":
            continue
        offset = 88 if body[:1] == b"\x01" else 76
        matrix = struct.unpack_from(">9i", body, offset - 36)
        width, height = (value >> 16 for value in struct.unpack_from(">II", body, offset))
        if not width or not height:
            return None, None
        turned = matrix[0] == 0 and matrix[4] == 0  # by a quarter: phones record that way
        return (height, width) if turned else (width, height)
    return None, None
