"""A post is recognised by its text in spite of what X does to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_platforms.x.readback import comparable, created_at, is_match, shown_text

SENT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def a_post(text: str, **changes: Any) -> dict[str, Any]:
    """A post as the timeline shows it."""
    return {"id": "1900000000000001234", "text": text, "created_at": "2026-11-20T10:00:01Z", **changes}


def matches(post: dict[str, Any], wanted: str, *, media: int = 0, until: datetime | None = None) -> bool:
    """Whether the post is what was sent."""
    return is_match(post, wanted=comparable(wanted), media_count=media, sent_at=SENT, until=until)


def linked(short: str, expanded: str, **more: Any) -> dict[str, Any]:
    """Entities with one link."""
    return {"urls": [{"url": short, "expanded_url": expanded, **more}]}


def test_links_and_escapes_are_undone() -> None:
    """The text is rewritten to t.co and escaped, and is still ours."""
    post = a_post(
        "Tea &amp; cake &lt;3 https://t.co/Ab", entities=linked("https://t.co/Ab", "https://shop.example.com/k1")
    )

    assert matches(post, "Tea & cake <3 https://shop.example.com/k1")
    assert not matches(post, "Tea & cake <3 https://shop.example.com/k2")


def test_a_domain_without_scheme_is_the_same_link() -> None:
    """X expands example.com to http://example.com."""
    post = a_post("See https://t.co/Ab", entities=linked("https://t.co/Ab", "http://Example.com/"))

    assert matches(post, "See example.com")


@pytest.mark.parametrize(
    "entities",
    [
        linked("https://t.co/Zz", "https://x.com/kettleco/status/1900000000000001234/photo/1"),
        linked("https://t.co/Zz", "https://pic.x.com/1", media_key="3_1"),
        {},
    ],
)
def test_the_link_to_media_is_dropped(entities: dict[str, Any]) -> None:
    """The trailing link to the picture is X's, named in the entities or not."""
    post = a_post("Look https://t.co/Zz", entities=entities, attachments={"media_keys": ["3_1"]})

    assert matches(post, "Look", media=1)
    assert not matches(post, "Look", media=2)
    assert not matches(post, "Look", media=0)


@pytest.mark.parametrize("name", ["note_post", "note_tweet"])
def test_long_texts_are_read_from_the_note(name: str) -> None:
    """Both spellings of the long form are read."""
    whole = "word " * 80
    post = a_post(whole[:270] + "…", **{name: {"text": whole}})

    assert matches(post, whole)


@pytest.mark.parametrize(
    ("made", "until", "expected"),
    [
        ("2026-11-20T09:59:00Z", None, True),
        ("2026-11-20T09:50:00Z", None, False),
        ("2026-11-20T10:05:00Z", SENT + timedelta(minutes=5), False),
        ("2026-11-20T10:04:59Z", SENT + timedelta(minutes=5), True),
    ],
)
def test_only_what_was_made_in_its_time_counts(made: str, until: datetime | None, expected: bool) -> None:
    """Posts from before the sending and after the next equal attempt are not ours."""
    assert matches(a_post("Hello", created_at=made), "Hello", until=until) is expected


def test_the_id_tells_the_time_where_the_field_is_absent() -> None:
    """Snowflakes carry their time."""
    post = {"id": str(((int(SENT.timestamp() * 1000) - 1288834974657) << 22) + 7)}

    assert created_at(post) == SENT
    assert created_at({"id": "9" * 19}) is not None
    assert created_at({}) is None


@given(st.text(max_size=200))
def test_a_text_matches_what_x_makes_of_it(text: str) -> None:
    """Escaping and composing never hide a post from its own text."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert comparable(shown_text({"text": shown}, has_media=False)) == comparable(text)
