"""Media against a platform's rules: each breach is told in figures, naming the field."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.platforms.fakes import Scripted, an_app

from social_platforms import registry
from social_platforms._core import MediaItem, MediaKind, MediaRule, Platform, PlatformFacts, PostContent
from social_platforms.checks import media_findings
from social_platforms.registry import all_facts

IMAGE = MediaItem(
    "https://shop.example/k", MediaKind.IMAGE, "", "image/png", size_bytes=200_000, width=1000, height=1000, frames=1
)
GIF = replace(IMAGE, kind=MediaKind.GIF, mime="image/gif", frames=10)
VIDEO = replace(IMAGE, kind=MediaKind.VIDEO, mime="video/mp4", frames=None, duration=timedelta(seconds=10))

PICTURES = MediaRule(
    MediaKind.IMAGE,
    ("image/png", "image/jpeg"),
    max_bytes=10_000_000,
    max_count=2,
    min_ratio=0.8,
    max_ratio=1.91,
    min_bytes=10 * 1024,
    min_width=250,
    min_height=250,
    max_pixels=36_000_000,
)
MOVING = MediaRule(
    MediaKind.GIF, ("image/gif",), max_bytes=2**20, max_count=1, max_frames=350, max_frame_pixels=300_000_000
)
FILMS = MediaRule(
    MediaKind.VIDEO,
    ("video/mp4",),
    max_bytes=8 * 1024**3,
    max_count=1,
    max_width=1280,
    max_height=1024,
    turnable=True,
    min_duration=timedelta(seconds=0.5),
    max_duration=timedelta(minutes=20),
)


def told(item: MediaItem) -> list[tuple[str, str]]:
    """Field and words of what is wrong with the second of two files."""
    findings = media_findings([IMAGE, item], [PICTURES, MOVING, FILMS], name="Kettles")
    assert all(finding.severity == "problem" for finding in findings)
    return [(finding.field, finding.detail) for finding in findings]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (replace(IMAGE, mime="image/webp"), "Kettles takes an image as PNG, JPEG only; this one is WEBP."),
        (replace(IMAGE, size_bytes=10_000_001), "The file has 9.537 MB; Kettles takes at most 9.537 MB."),
        (replace(IMAGE, size_bytes=9_000), "The file has 8.789 KB; Kettles wants at least 10 KB."),
        (replace(IMAGE, size_bytes=900), "The file has 900 bytes; Kettles wants at least 10 KB."),
        (
            replace(IMAGE, width=240, height=240),
            "The image has 240 by 240 pixels; Kettles wants at least 250 by 250.",
        ),
        (
            replace(IMAGE, width=8000, height=8000),
            "The image has 8000 by 8000 pixels; Kettles takes at most 36,000,000 in all.",
        ),
        (
            replace(IMAGE, width=500, height=1000),
            (
                "The image has 500 by 1000 pixels, 0.5 times as wide as high; "
                "Kettles takes what is between 0.8 and 1.91 times as wide as high."
            ),
        ),
        (replace(GIF, frames=351, width=10), "The gif has 351 frames; Kettles takes at most 350."),
        (
            replace(GIF, frames=301),
            "The gif has 1000 by 1000 pixels in each of 301 frames; Kettles takes at most 300,000,000 in all of them.",
        ),
        (
            replace(VIDEO, width=1281, height=500),
            "The video has 1281 by 500 pixels; Kettles takes at most 1280 by 1024, or turned.",
        ),
        (
            replace(VIDEO, width=1100, height=1100),
            "The video has 1100 by 1100 pixels; Kettles takes at most 1280 by 1024, or turned.",
        ),
        (
            replace(VIDEO, duration=timedelta(seconds=1200.5)),
            "The video lasts 1,200.5 seconds; Kettles takes at most 1,200 seconds.",
        ),
        (
            replace(VIDEO, duration=timedelta(seconds=0.4)),
            "The video lasts 0.4 seconds; Kettles wants at least 0.5 seconds.",
        ),
        (
            replace(VIDEO, duration=None),
            "How long the video is cannot be read from the file; Kettles takes none that does not say it.",
        ),
    ],
)
def test_each_breach(item: MediaItem, words: str) -> None:
    """What the file is, and what would be taken."""
    assert told(item) == [("media.1", words)]


@pytest.mark.parametrize(
    "item",
    [
        IMAGE,
        GIF,
        VIDEO,
        replace(IMAGE, width=800),
        replace(IMAGE, width=1910),
        replace(GIF, frames=300),
        replace(VIDEO, width=1024, height=1280),
        replace(VIDEO, size_bytes=8 * 1024**3),
        MediaItem("https://shop.example/k", MediaKind.VIDEO),
    ],
)
def test_what_fits(item: MediaItem) -> None:
    """Up to the limits themselves, turned where that is the same, and what nobody has looked at yet."""
    assert not told(item)


def test_a_kind_that_is_not_taken() -> None:
    """A platform without videos says so."""
    findings = media_findings([VIDEO], [PICTURES], name="Kettles")

    assert [(finding.field, finding.detail) for finding in findings] == [
        ("media.0", "Kettles does not take a video here.")
    ]


@pytest.mark.parametrize("facts", all_facts().values(), ids=lambda facts: facts.name)
def test_only_what_can_be_looked_at_is_offered(facts: PlatformFacts) -> None:
    """A file of a kind that nobody here can look at would be refused although its platform is said to take it."""
    readable = {"jpeg", "png", "webp", "gif", "bmp", "tiff", "mp4", "quicktime", "x-m4v"}

    assert {mime.partition("/")[2] for rule in facts.media for mime in rule.mimes} <= readable


@pytest.mark.parametrize("facts", all_facts().values(), ids=lambda facts: facts.name)
def test_a_gif_that_stands_still_is_a_picture(facts: PlatformFacts) -> None:
    """Where moving GIFs are taken, one of a single frame is taken too."""
    mimes = {rule.kind: rule.mimes for rule in facts.media}
    if MediaKind.GIF in mimes:
        assert "image/gif" in mimes[MediaKind.IMAGE]


@pytest.mark.parametrize("platform", [Platform.X, Platform.INSTAGRAM, Platform.FACEBOOK, Platform.LINKEDIN])
async def test_a_video_that_does_not_say_how_long_it_is_is_told_before_anything_is_sent(platform: Platform) -> None:
    """Where lengths are limited the platform would refuse it after the upload, or worse, at the due time."""
    film = replace(VIDEO, width=720, height=720, duration=None)
    async with Scripted().http() as http:
        adapter = registry.posts_adapters({platform: an_app()}, http)[platform]

        findings = adapter.check(PostContent("Look", (film,)), {})

    assert [(one.severity, one.field) for one in findings if one.severity == "problem"] == [("problem", "media.0")]
