"""X counts text by weight and finds links where people see them."""

import pytest

from social_sandbox.x.rewriting import render, render_note
from social_sandbox.x.text import has_forbidden_characters, length_limit, weighted_length
from social_sandbox.x.urls import find_links


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("kettle", 6),
        ("Kessel für Käse", 15),
        ("cafe\u0301", 4),
        ("line\r\nend", 8),
        ("やかん", 6),
        ("한국어", 6),
        ("\uff46\uff55\uff4c\uff4c", 8),
        ("“quoted” \u2013 dash", 15),
        ("€", 2),
        ("☕", 2),
        ("☕️", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇩🇪🇫🇷", 4),
        ("1️⃣", 2),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2),
        ("©", 1),
        ("©️", 2),
        ("https://shop.example/k1", 23),
        ("see https://shop.com/a/very/long/path?with=a&query=too#and-more now", 31),
        ("shop.com", 23),
        ("shop.com/a shop.co.uk", 47),
        ("shop.notatld", 12),
        ("mail me@shop.com", 16),
        ("http://localhost:8110/abc", 25),
        ("a.b", 3),
        ("end of sentence.Then", 20),
    ],
)
def test_the_weight_of_a_text(text: str, weight: int) -> None:
    """Latin weighs 1, the rest 2, an emoji sequence 2, a link 23."""
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("(https://shop.com/a_(b))", ["https://shop.com/a_(b)"]),
        ("Look: shop.com/path.", ["shop.com/path"]),
        ("https://shop.com?", ["https://shop.com"]),
        ("https://shop.com:8080/x", ["https://shop.com:8080/x"]),
        ("日本語shop.com中国語", ["shop.com"]),
        ("https://t.co/abcDEF's", ["https://t.co/abcDEF"]),
        ("www.shop.com-that", ["www.shop"]),
        ("shop.com-that", []),
        ("shop.com?x=1 shop.com:8080", ["shop.com", "shop.com"]),
        ("shop.com:8080/a", ["shop.com:8080/a"]),
        ("日本語-shop.com", ["-shop.com"]),
        ("_日本語shop.com 日_shop.com", []),
        ("shop.com_", ["shop.com"]),
        ("http://no-tld and -shop.com", []),
        (f"{'a' * 64}.com", []),
        ("http://xn--は.com", []),
        ("shop.example but https://shop.example", ["https://shop.example"]),
    ],
)
def test_what_is_a_link(text: str, links: list[str]) -> None:
    """A link ends where its sentence goes on, and needs a real domain."""
    assert [link.url for link in find_links(text)] == links


@pytest.mark.parametrize("character", ["\ufffe", "\ufeff", "\uffff"])
def test_some_characters_are_forbidden(character: str) -> None:
    """Three code points make any text invalid."""
    assert has_forbidden_characters(f"a{character}b")
    assert not has_forbidden_characters("ab")


def test_premium_may_write_more() -> None:
    """280 for everyone, 25,000 for Premium; Basic is no Premium."""
    assert [length_limit(kind) for kind in ("None", "Basic", "Premium", "PremiumPlus")] == [280, 280, 25_000, 25_000]


def test_a_text_comes_back_rewritten() -> None:
    """Links go through t.co, three characters are escaped, the media's link stands last."""
    shown = render(
        "A & B <c> shop.com #new @you $ABC", post_id="19", permalink="https://x.com/k/status/19", media=("3_7",)
    )

    urls = shown.entities["urls"]
    assert shown.text == f"A &amp; B &lt;c&gt; {urls[0]['url']} #new @you $ABC {urls[1]['url']}"
    assert urls[0]["expanded_url"] == "http://shop.com"
    assert urls[1]["expanded_url"] == "https://x.com/k/status/19/photo/1"
    assert urls[1]["media_key"] == "3_7"
    for name, sign in (("hashtags", "#"), ("mentions", "@"), ("cashtags", "$")):
        (found,) = shown.entities[name]
        assert shown.text[found["start"] : found["end"]] == f"{sign}{found.get('tag', found.get('username'))}"
    for url in urls:
        assert shown.text[url["start"] : url["end"]] == url["url"]


def test_a_long_text_is_cut_and_stands_whole_in_its_note() -> None:
    """A long post shows its beginning and a link; the note has everything."""
    text = "copper " * 60

    shown = render(text, post_id="19", permalink="https://x.com/k/status/19", media=("3_7",))

    assert len(shown.text) < 280
    assert "… https://t.co/" in shown.text
    assert render_note(text, post_id="19").text == text
