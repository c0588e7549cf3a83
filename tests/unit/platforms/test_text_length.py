"""The length of a text as each platform counts it, with what we add: `check` refuses by it, and screens show it."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.platforms.fakes import an_app

from social_common.http import HttpClient
from social_platforms import registry
from social_platforms._core import MediaItem, MediaKind, Platform, PostContent, PostsAdapter, TextLength

PICTURE = MediaItem("https://shop.example/k.jpg", MediaKind.IMAGE)
FAMILY = "👨\u200d👩\u200d👧"
MIXED = f"Tee für @alle: {FAMILY} https://shop.com/a/rather/long/path"
MARK = len("\n\n<!-- ref:00000000-0000-0000-0000-000000000000 -->")
# Plain: as many characters as there are. X: a link is 23, a family 2. LinkedIn: @ is escaped. YouTube: bytes.
COUNTED = {
    Platform.FACEBOOK: TextLength(len(MIXED), 63_206),
    Platform.INSTAGRAM: TextLength(len(MIXED), 2_200),
    Platform.GOOGLE: TextLength(len(MIXED), 1_500),
    Platform.X: TextLength(len("Tee für @alle: ") + 2 + 1 + 23, 280),
    Platform.LINKEDIN: TextLength(len(MIXED) + 1, 3_000),
    Platform.YOUTUBE: TextLength(len(MIXED.encode()), 5_000),
    Platform.GITHUB: TextLength(len(MIXED) + MARK, registry.all_facts()[Platform.GITHUB].text_limit),
}


@pytest.fixture(params=list(Platform))
async def publishing(request: pytest.FixtureRequest) -> AsyncIterator[PostsAdapter]:
    """Each platform's facet of publishing."""
    async with HttpClient() as http:
        yield registry.posts_adapters({request.param: an_app()}, http)[request.param]


async def test_each_platform_counts_its_own_way(publishing: PostsAdapter) -> None:
    """One text with an umlaut, an emoji of several parts, a mention and a link is of another length everywhere."""
    assert publishing.text_length(PostContent(MIXED), {}) == COUNTED[publishing.platform]


async def test_the_count_is_what_check_refuses_by(publishing: PostsAdapter) -> None:
    """A text that fills the limit is no problem, one character more is."""
    empty = publishing.text_length(PostContent("a", (PICTURE,)), {})
    full = "a" * (1 + empty.limit - empty.length)

    for text, is_refused in ((full, False), (full + "a", True)):
        content = PostContent(text, (PICTURE,))
        problems = [one for one in publishing.check(content, {}) if one.severity == "problem"]
        assert publishing.text_length(content, {}).length == empty.limit + is_refused
        assert ("content" in {one.field for one in problems}) is is_refused


async def test_what_we_add_counts() -> None:
    """GitHub's posts link their media in the text, which takes room."""
    async with HttpClient() as http:
        adapter = registry.posts_adapters({Platform.GITHUB: an_app()}, http)[Platform.GITHUB]

    bare, linked = (adapter.text_length(PostContent("Tea", media), {}).length for media in ((), (PICTURE,)))

    assert linked == bare + len(f"\n\n![]({PICTURE.url})")


async def test_a_subscription_at_x_gives_room() -> None:
    """Who pays X may write more; the count says of how much."""
    async with HttpClient() as http:
        adapter = registry.posts_adapters({Platform.X: an_app()}, http)[Platform.X]

    assert adapter.text_length(PostContent("Tea"), {"subscription_type": "Premium"}) == TextLength(3, 25_000)
