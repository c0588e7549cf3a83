"""What `check` says of a text, its platform says, too: X, Instagram, GitHub; the others have files of their own."""

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.platforms.stage import Linked, Publication, Stage, a_picture

from social_platforms._core import Platform, PlatformError, PostContent
from social_platforms.instagram.limits import CAPTION_LIMIT, HASHTAG_LIMIT, MENTION_LIMIT
from social_platforms.x.counting import weighted_length
from social_platforms.x.limits import LONG_TEXT_LIMIT, TEXT_LIMIT

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
AROUND = st.integers(-2, 2)
WORDS = st.sampled_from(
    [
        *(
            "kettle",
            "für",
            "e\u0301t\u00e9",
            "日本語",
            "한국어",
            "привет",
            "مرحبا",
            "\uff21\uff22",
            "\r\n",
            "…",
            "“tea”",
        ),
        *(
            "👍🏽",
            "👨\u200d👩\u200d👧",
            "🇩🇪",
            "❤️",
            "1️⃣",
            "©",
            "©️",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        *("shop.com", "(see shop.com)", "shop.com?x=1", "shop.com:8080", "www.shop.co.uk/k_1", "münchen.de!"),
        *("https://shop.com/a/very/long/path?with=query#x", "http://例え.jp/a", "a.notatld", "me@shop.com", "2.5"),
        *("#tea", "@shop", "https://t.co/abc", "shop.com…", "日本語-shop.com", "shop.com_", "foo.co.uk-"),
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def is_fit(stage: Stage, linked: Linked, content: PostContent) -> bool:
    """True where `check` finds no problem."""
    findings = stage.publishing().check(content, linked.place.facts)
    return not [finding for finding in findings if finding.severity == "problem"]


async def comes_out(stage: Stage, linked: Linked, content: PostContent) -> bool:
    """True where the platform takes the post; nothing of ours is asked whether it would."""
    publication = Publication(stage, linked, content, stage.publishing())
    before = len(await stage.posts())
    try:
        await publication.prepare()
        await publication.publish()
    except PlatformError:
        assert len(await stage.posts()) == before
        return False
    assert len(await stage.posts()) == before + 1
    return True


class TestXTexts:
    platform = Platform.X

    @given(text=TEXTS, beyond=AROUND)
    @QUICK
    async def test_weighted_lengths(self, stage: Stage, text: str, beyond: int) -> None:
        """Any mix of scripts, emoji and links, filled up to the limit and a little beyond."""
        linked = await stage.link()
        room = max(TEXT_LIMIT + beyond - weighted_length(text) - 1, 0)
        content = PostContent(f"{text} {'a' * room}")

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)

    @pytest.mark.parametrize(
        "text", ["", " ", "\n", "a\ufffeb", "\ufeffHi", "$ABC $DEF", "$ABC rises", "日" * 140 + "a"]
    )
    async def test_texts_at_an_edge(self, stage: Stage, text: str) -> None:
        """Nothing, forbidden characters, two cashtags."""
        linked = await stage.link()
        content = PostContent(text)

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)

    @pytest.mark.parametrize("subscription", ["None", "Basic", "Premium", "PremiumPlus"])
    @pytest.mark.parametrize("length", [TEXT_LIMIT, TEXT_LIMIT + 1, LONG_TEXT_LIMIT, LONG_TEXT_LIMIT + 1])
    async def test_long_texts(self, stage: Stage, subscription: str, length: int) -> None:
        """Who pays for it may write more."""
        linked = await stage.link(details={"subscription_type": subscription})
        content = PostContent("a" * length)

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)


class TestInstagramTexts:
    platform = Platform.INSTAGRAM

    @given(
        text=TEXTS,
        extra=st.sampled_from(["", "#tea ", "@shop ", "&#39;", ".@a ", "@@b ", "a#b "]),
        count=st.sampled_from([0, MENTION_LIMIT, MENTION_LIMIT + 1, HASHTAG_LIMIT, HASHTAG_LIMIT + 1]),
        beyond=st.none() | AROUND,
    )
    @QUICK
    async def test_captions(self, stage: Stage, text: str, extra: str, count: int, beyond: int | None) -> None:
        """Hashtags, mentions and what looks like them, up to the limits and beyond."""
        linked = await stage.link()
        caption = f"{text} {extra * count}"
        if beyond is not None:
            caption = caption.ljust(CAPTION_LIMIT + beyond, "☕")
        content = PostContent(caption, (await a_picture(stage),))

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)

    async def test_a_picture_is_needed(self, stage: Stage) -> None:
        """A text alone is no post."""
        linked = await stage.link()

        assert not is_fit(stage, linked, PostContent("Hello"))
        assert not await comes_out(stage, linked, PostContent("Hello"))


class TestGitHubTexts:
    platform = Platform.GITHUB

    person: ClassVar = {"places": [{"kind": "repository", "name": "kettles", "options": {"discussions": True}}]}

    @given(
        text=TEXTS,
        length=st.none() | st.sampled_from([65_400, 65_480, 65_536, 65_537]),
        kind=st.sampled_from(["discussion", "release"]),
    )
    @QUICK
    async def test_bodies(self, stage: Stage, text: str, length: int | None, kind: str) -> None:
        """Any text as a discussion or a release, up to the limit of its body."""
        linked = await stage.link()
        content = PostContent(text if length is None else text.ljust(length, "☕"), options={"kind": kind})

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)

    @pytest.mark.parametrize("title", ["K", "☕" * 256, "☕" * 257, "a\nb", "  x  "])
    async def test_titles(self, stage: Stage, title: str) -> None:
        """One line of at most 256 characters."""
        linked = await stage.link()
        content = PostContent("Hello", options={"kind": "discussion", "title": title})

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)

    @pytest.mark.parametrize(
        "tag",
        ["v1", "a/b", "a..b", "-a", ".a", "a.lock", "a b", "a~1", "a^", "a:b", "@", "a@{b", "é", "a/", "a//b", "a?"],
    )
    async def test_tags(self, stage: Stage, tag: str) -> None:
        """A tag is a name that Git takes."""
        linked = await stage.link()
        content = PostContent("Hello", options={"kind": "release", "tag": tag})

        assert await comes_out(stage, linked, content) == is_fit(stage, linked, content)
