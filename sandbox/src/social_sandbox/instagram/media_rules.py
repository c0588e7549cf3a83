"""What Instagram accepts as a picture, a reel and a story, and the fault it answers otherwise.

The rules work on bytes that were really fetched: the address alone proves nothing.
"""

import re
from datetime import timedelta

from social_sandbox.instagram.errors import (
    CAPTION_TOO_LONG,
    IMAGE_FORMAT,
    IMAGE_RATIO,
    IMAGE_TOO_LARGE,
    NOT_FETCHABLE,
    TOO_MANY_MENTIONS,
    VIDEO_FORMAT,
    Fault,
)
from social_sandbox.probe import probe

MEBIBYTE = 1024 * 1024
LARGEST_IMAGE = 8 * MEBIBYTE
LARGEST_REEL = 300 * MEBIBYTE
LARGEST_STORY_VIDEO = 100 * MEBIBYTE

_NARROWEST, _WIDEST = 0.8, 1.91
_NARROWEST_VIDEO, _WIDEST_VIDEO = 0.01, 10.0
_ROUNDING = 0.005
_WIDEST_PIXELS = 1920
_SHORTEST = timedelta(seconds=3)
_LONGEST_REEL = timedelta(minutes=15)
_LONGEST_STORY = timedelta(seconds=60)

_LONGEST_CAPTION = 2200
_MOST_HASHTAGS = 30
_MOST_MENTIONS = 20


def image_fault(content: bytes, content_type: str, *, is_story: bool) -> Fault | None:
    """Return why a fetched picture is refused, or nothing."""
    if not content_type.lower().startswith("image/"):
        return NOT_FETCHABLE
    if len(content) > LARGEST_IMAGE:
        return IMAGE_TOO_LARGE
    found = probe(content)
    if found is None or not found.mime.startswith("image/"):
        return NOT_FETCHABLE
    if found.mime != "image/jpeg":
        return IMAGE_FORMAT
    if not is_story and not _NARROWEST - _ROUNDING <= found.ratio <= _WIDEST + _ROUNDING:
        return IMAGE_RATIO
    return None


def video_fault(content: bytes, content_type: str, *, is_story: bool) -> Fault | None:
    """Return why a fetched video is refused, or nothing."""
    if not content_type.lower().startswith("video/"):
        return NOT_FETCHABLE
    found = probe(content)
    if found is None or not found.mime.startswith("video/") or found.duration is None:
        return VIDEO_FORMAT
    longest = _LONGEST_STORY if is_story else _LONGEST_REEL
    largest = LARGEST_STORY_VIDEO if is_story else LARGEST_REEL
    fits = (
        len(content) <= largest
        and _SHORTEST <= found.duration <= longest
        and found.width <= _WIDEST_PIXELS
        and _NARROWEST_VIDEO <= found.ratio <= _WIDEST_VIDEO
    )
    return None if fits else VIDEO_FORMAT


def caption_fault(caption: str) -> Fault | None:
    """Return why a caption is refused, or nothing."""
    if len(caption) > _LONGEST_CAPTION or len(re.findall(r"(?<!\w)#\w+", caption)) > _MOST_HASHTAGS:
        return CAPTION_TOO_LONG
    if len(re.findall(r"(?<!\w)@[\w.]+", caption)) > _MOST_MENTIONS:
        return TOO_MANY_MENTIONS
    return None
