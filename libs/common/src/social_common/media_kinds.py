"""What a file truly is, by its bytes: pictures by decoding them, videos by their container's header."""

import warnings
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Final, Literal

import puremagic
from PIL import Image

from social_common.mp4 import BrokenMp4, read_movie

MAX_PIXELS: Final = 64_000_000  # eight thousand squared; decoded it is some 200 MB
_HEAD: Final = 4096
_GIF: Final = "image/gif"
# No platform takes others, and some of Pillow's readers start programs of the machine.
_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_VIDEO_MIMES: Final = frozenset({"video/mp4", "video/quicktime", "video/x-m4v"})

# Pillow warns above its limit and raises above twice it; here the limit itself is final.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class UnreadableMedia(Exception):
    """The file is no picture or video we know, or a broken one; the text is fit for a merchant."""


@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """What a file is; `duration` for videos, `frames` for pictures only. Width and height as shown, after turning."""

    mime: str
    size: int
    width: int | None
    height: int | None
    duration: timedelta | None
    kind_hint: Literal["image", "gif", "video"]
    frames: int | None = None


def describe_file(file: IO[bytes]) -> FetchedMedia:
    """Looks at a seekable file; decodes pictures whole. Blocking: call it in a thread. Raises UnreadableMedia."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise UnreadableMedia("The file is empty.")
    mime = _mime_of(head)
    if mime in _VIDEO_MIMES:
        return _describe_video(file, mime=mime, size=size)
    if mime.startswith("image/"):
        return _describe_image(file, size=size)
    raise UnreadableMedia("The file is neither a picture nor a video that is known here.")


def _mime_of(head: bytes) -> str:
    # The brand in the file type box decides for MP4s: there are dozens, and a general table misses some.
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in {b"heic", b"heix", b"mif1", b"avif", b"avis"}:
            return "image/avif" if brand.startswith(b"avi") else "image/heic"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    try:
        return puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"


def _describe_image(file: IO[bytes], *, size: int) -> FetchedMedia:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            file.seek(0)
            with Image.open(file, formats=_FORMATS) as image:
                image.verify()
            file.seek(0)  # verify() leaves the image unusable
            with Image.open(file, formats=_FORMATS) as image:
                image.load()
                mime, (width, height) = image.get_format_mimetype(), image.size
                if image.getexif().get(0x0112) in {5, 6, 7, 8}:  # the camera was held sideways
                    width, height = height, width
                frames = getattr(image, "n_frames", 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableMedia(f"The picture has more than {MAX_PIXELS} pixels.") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, ArithmeticError, AttributeError):
        raise UnreadableMedia("The picture is damaged or of an unknown kind.") from None
    if mime is None:
        raise UnreadableMedia("The picture is of an unknown kind.")
    kind: Literal["image", "gif"] = "gif" if mime == _GIF and frames > 1 else "image"
    return FetchedMedia(mime, size, width, height, None, kind, frames)


def _describe_video(file: IO[bytes], *, mime: str, size: int) -> FetchedMedia:
    try:
        movie = read_movie(file, size=size)
    except BrokenMp4:
        raise UnreadableMedia("The video is damaged.") from None
    return FetchedMedia(mime, size, movie.width, movie.height, movie.duration, "video")
