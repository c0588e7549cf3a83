"""Texts are counted as X counts them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_platforms.x.counting import count_cashtags, has_invalid_characters, normalised, weighted_length
from social_platforms.x.links import find_links

CASES = {
    "": 0,
    "plain": 5,
    "ä": 1,
    "a\u0308": 1,  # one character once it is composed
    "日本語": 6,
    "\uff57\uff49\uff44\uff45": 8,
    "\u2019": 1,  # the typographer's apostrophe is light
    "…": 2,
    "👍": 2,
    "👍🏽": 2,
    "👨\u200d👩\u200d👧\u200d👦": 2,
    "🇦🇹": 2,
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": 2,
    "❤️": 2,
    "❤️\u200d🔥": 2,
    "1️⃣": 2,
    "©": 1,
    "©️": 2,
    "a\r\nb": 3,
    "https://shop.example.com/a/very/long/path?with=query#and-fragment": 23,
    "shop.example.com": 23,
    "see example.com.": 4 + 23 + 1,
    "(example.com)": 25,
    "me@example.com": 14,
    "example.com and https://example.com/x": 23 + 5 + 23,
    "file.notatld": 12,
    "version 1.2.3": 13,
    "日本example.com": 4 + 23,
    "http://t.co/abc!": 24,
    "example.com/a_(b)_c": 23,
    "example.com/(b": 23 + 2,
    "example.com?x=1": 23 + 4,  # without a scheme neither a query nor a port alone is a part of it
    "example.com:8080": 23 + 5,
    "example.com:8080/a?x=1": 23,
    "example.com?x=1-example.com": 23 + 16,
    "https://example.com?x=1": 23,
    "x.y한example.com": 3 + 2 + 23,
    "2.5-https://example.com/a": 4 + 23,
    "日本-example.com": 4 + 23,
}


@pytest.mark.parametrize("text", CASES)
def test_known_texts_weigh_what_x_says(text: str) -> None:
    """Scripts, emoji sequences and links have their documented weights."""
    assert weighted_length(text) == CASES[text]


def test_a_reserved_domain_is_no_link() -> None:
    """Even with a scheme a link needs a real top-level domain."""
    assert find_links("https://shop.example/k1") == ()
    assert weighted_length("https://shop.example/k1") == 23


@given(st.text(max_size=200))
def test_the_order_of_composition_does_not_matter(text: str) -> None:
    """A text and its decomposed form weigh the same."""
    assert weighted_length(unicodedata.normalize("NFD", text)) == weighted_length(unicodedata.normalize("NFC", text))


@given(
    st.text(
        st.characters(max_codepoint=4351, exclude_characters=".", exclude_categories=("Cs", "Mn", "Mc")), max_size=300
    )
)
def test_light_text_without_links_weighs_its_length(text: str) -> None:
    """Characters up to U+10FF weigh one, emoji sequences aside."""
    composed = normalised(text)
    if not any(character in composed for character in "©®#*0123456789"):
        assert weighted_length(text) == len(composed)


@given(st.lists(st.sampled_from(["example.com", "https://example.org/a?b=c", "www.shop.store/x"]), max_size=12))
def test_each_link_weighs_23_whatever_its_length(links: list[str]) -> None:
    """Links and the spaces between them add up."""
    assert weighted_length(" ".join(links)) == max(0, 24 * len(links) - 1)


@given(st.text(max_size=120), st.text(max_size=120))
def test_words_apart_add_up(first: str, second: str) -> None:
    """Two texts with a line between them weigh what they weigh apart."""
    total = weighted_length(f"{first}\n\n{second}")

    assert total == weighted_length(f"{first}\n") + 1 + weighted_length(second) or unicodedata.combining(
        (second or " ")[0]
    )


@given(st.text(max_size=300))
def test_links_lie_in_order_and_apart(text: str) -> None:
    """Found links never overlap and never leave the text."""
    position = 0
    for link in find_links(text):
        assert position <= link.start < link.end <= len(text)
        position = link.end


@given(st.text("a_-.日/:(@ http", max_size=4000))
def test_hostile_texts_are_counted(text: str) -> None:
    """Rows of punctuation that look like domains are counted like any text."""
    assert weighted_length(text) >= 0


@pytest.mark.parametrize("text", ["\ufffe", "a\uffff", "\ufeffb", "\ud800", "\x00"])
def test_forbidden_characters_are_seen(text: str) -> None:
    """What X refuses whatever the length is named."""
    assert has_invalid_characters(text)


@pytest.mark.parametrize(("text", "number"), [("$AAPL and $TSLA", 2), ("costs $5", 0), ("US$ABC", 0), ("$BRK.A", 1)])
def test_cashtags_are_counted(text: str, number: int) -> None:
    """Prices are none."""
    assert count_cashtags(text) == number
