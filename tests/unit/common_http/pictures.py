"""Files for the tests of media: small pictures by Pillow, and MP4s built box by box."""

import io
import struct

from PIL import Image


def a_picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 30), frames: int = 1, turned: bool = False) -> bytes:
    """A picture of that kind; `turned` marks it as taken with the camera held sideways."""
    images = [Image.new("RGB", size, (number * 40 % 256, 10, 10)) for number in range(frames)]
    options: dict[str, object] = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    if turned:
        exif = Image.Exif()
        exif[0x0112] = 6
        options["exif"] = exif
    file = io.BytesIO()
    images[0].save(file, kind, **options)
    return file.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    """One MP4 box."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mvhd(*, timescale: int = 1000, units: int = 2500, version: int = 0) -> bytes:
    """A movie header."""
    if version == 1:
        return box(b"mvhd", struct.pack(">IQQIQ", 1 << 24, 0, 0, timescale, units), bytes(80))
    return box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, timescale, units), bytes(80))


def trak(width: int, height: int, *, turned: bool = False) -> bytes:
    """A track with its frame size; 0 by 0 is sound."""
    one = 0x10000
    matrix = (0, one, 0, -one, 0, 0, 0, 0, 1 << 30) if turned else (one, 0, 0, 0, one, 0, 0, 0, 1 << 30)
    head = struct.pack(">IIIII", 7, 0, 0, 1, 0) + struct.pack(">I", 2500) + bytes(16)
    return box(b"trak", box(b"tkhd", head, struct.pack(">9i", *matrix), struct.pack(">II", width << 16, height << 16)))


def a_video(
    *, brand: bytes = b"isom", front: bool = True, moov: bytes | None = None, data: int = 100, large: bool = False
) -> bytes:
    """An MP4 with its header before or after the data; `large` writes the data's length in 64 bits."""
    ftyp = box(b"ftyp", brand, struct.pack(">I", 512), b"isommp41")
    header = moov if moov is not None else box(b"moov", mvhd(), trak(0, 0), trak(640, 360))
    body = bytes(data)
    mdat = struct.pack(">I4sQ", 1, b"mdat", len(body) + 16) + body if large else box(b"mdat", body)
    return ftyp + (header + mdat if front else mdat + header)
