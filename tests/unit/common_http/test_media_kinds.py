"""What a file is, by its bytes: pictures, moving ones, videos, and everything that only pretends."""

import io
import struct
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.unit.common_http.pictures import a_picture, a_video, box, mvhd, trak

from social_common import media_kinds
from social_common.media_kinds import FetchedMedia, UnreadableMedia, describe_file


def described(content: bytes) -> FetchedMedia:
    """What the file is said to be."""
    return describe_file(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")]
)
def test_picture(kind: str, mime: str) -> None:
    """A picture is told by its bytes, with its size in pixels."""
    content = a_picture(kind)

    assert described(content) == FetchedMedia(mime, len(content), 40, 30, None, "image", 1)


def test_moving_gif() -> None:
    """A GIF with several frames is a `gif`."""
    assert described(a_picture("GIF", frames=3)).kind_hint == "gif"


def test_picture_taken_sideways() -> None:
    """Width and height are as shown, after the camera's turn."""
    media = described(a_picture("JPEG", turned=True))

    assert (media.width, media.height) == (30, 40)


@pytest.mark.parametrize("front", [True, False])
@pytest.mark.parametrize("large", [True, False])
def test_video(front: bool, large: bool) -> None:
    """An MP4's length and frame size are found wherever its header stands."""
    content = a_video(front=front, large=large)

    expected = FetchedMedia("video/mp4", len(content), 640, 360, timedelta(seconds=2.5), "video")
    assert described(content) == expected


def test_video_of_a_phone() -> None:
    """A video turned by a quarter has its sizes exchanged; QuickTime is told by its brand."""
    media = described(a_video(brand=b"qt  ", moov=box(b"moov", mvhd(version=1), trak(1920, 1080, turned=True))))

    assert (media.mime, media.width, media.height) == ("video/quicktime", 1080, 1920)
    assert media.duration == timedelta(seconds=2.5)


def test_video_without_a_length() -> None:
    """A fragmented file that does not know its length has none, instead of zero."""
    assert described(a_video(moov=box(b"moov", mvhd(units=0), trak(64, 64)))).duration is None


@pytest.mark.parametrize(
    "moov",
    [
        b"",
        box(b"moov", box(b"mvhd", b"short")),
        box(b"moov", mvhd(timescale=0)),
        box(b"moov", mvhd(timescale=1, units=2**31)),
        struct.pack(">I4s", 4, b"moov"),
        struct.pack(">I4s", 2**31, b"moov"),
        box(b"moov", struct.pack(">I4s", 2**31, b"mvhd")),
        box(b"moov", mvhd(), box(b"trak", box(b"tkhd", b"short"))),
        struct.pack(">I4sQ", 1, b"moov", 2**63),
    ],
)
def test_damaged_video(moov: bytes) -> None:
    """A video whose boxes make no sense is refused."""
    with pytest.raises(UnreadableMedia):
        described(a_video(moov=moov))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<html><body>not a picture</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        b"%PDF-1.7",
        b"MZ" + bytes(200),
        a_picture()[:60],
        a_picture("JPEG", size=(200, 200))[:-200],
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
        a_picture("ICO"),
        a_picture("PCX"),
    ],
)
def test_no_media(content: bytes) -> None:
    """What is no picture or video that a platform takes, or only the beginning of one, is refused in plain words."""
    with pytest.raises(UnreadableMedia) as caught:
        described(content)

    assert str(caught.value).endswith(".")


def test_decompression_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of more pixels than the limit is refused before it is decoded."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)

    with pytest.raises(UnreadableMedia, match="pixels"):
        described(a_picture(size=(40, 30)))


def test_limit_is_set() -> None:
    """Pillow's own limit is ours."""
    assert media_kinds.MAX_PIXELS == Image.MAX_IMAGE_PIXELS


@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    """Any bytes end in a description or in the one refusal."""
    with suppress(UnreadableMedia):
        described(content)


@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    """A video or picture with bytes exchanged ends in a description or in the one refusal."""
    content = bytearray(data.draw(st.sampled_from([a_video(), a_picture(), a_picture("GIF", frames=2)])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    with suppress(UnreadableMedia):
        described(bytes(content))
