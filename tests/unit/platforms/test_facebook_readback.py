"""A post of ours is recognised among a Page's, and nothing else is taken for it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_platforms.facebook.readback import Wanted, is_same_link, is_same_text

SHOP = "https://shop.example/k1"
QUOTED = "https%3A%2F%2Fshop.example%2Fk1"


def wanted(message: str = "", **more: Any) -> Wanted:
    """What a sending looks like, plain where nothing else is said."""
    return Wanted(**{"message": message, "link": None, "photo_ids": (), "is_video": False, **more})


def a_post(message: str | None = None, *attachments: dict[str, Any]) -> dict[str, Any]:
    """An entry of the list of published posts."""
    post: dict[str, Any] = {"id": "1_2"} | ({} if message is None else {"message": message})
    return post | ({"attachments": {"data": list(attachments)}} if attachments else {})


def target(number: str, media_type: str = "photo") -> dict[str, Any]:
    """Something that hangs on a post."""
    return {"media_type": media_type, "target": {"id": number}}


def album(*numbers: str) -> dict[str, Any]:
    """Several pictures, which hang below one attachment."""
    return target("9", "album") | {"subattachments": {"data": [target(number) for number in numbers]}}


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Two  lines\r\n\r\nof text ", "Two lines\nof text", True),
        ("caf\u00e9", "cafe\u0301", True),
        (f"See {SHOP}", f"See {SHOP}?fbclid=IwAR0", True),
        (f"See {SHOP}?a=1", f"See {SHOP}?a=1&utm_source=fb", True),
        (f"See {SHOP}", "See https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2Fk1%3Ffbclid%3DI&h=AT", True),
        (f"New ({SHOP}), now!", f"New ({SHOP}?fbclid=IwAR0), now!", True),
        (f"Neu:{SHOP}\u3002", f"Neu:https://l.facebook.com/l.php?u={QUOTED}&h=AT\u3002", True),
        (f"New ({SHOP}) now", "New (https://shop.example/k2?fbclid=IwAR0) now", False),
        (f"Was {SHOP}, now", f"Is {SHOP}?fbclid=IwAR0, now", False),
        (f"See {SHOP}?a=1", f"See {SHOP}?a=2", False),
        (f"See {SHOP}?a=1", f"See {SHOP}", False),
        (f"See {SHOP}", "See https://shop.example/k2", False),
        (f"See {SHOP}", "See https://evil.example/k1", False),
        ("Hello", "Hello!", False),
        ("Hello", "hello", False),
        ("", "", True),
    ],
)
def test_texts_agree_but_for_white_space_and_what_links_gain(ours: str, theirs: str, *, same: bool) -> None:
    """Links may gain parameters on the way; nothing else changes."""
    assert is_same_text(ours, theirs) is same


@given(text=st.text(max_size=60), other=st.text(max_size=60))
def test_any_text_is_itself_and_comparing_is_total(text: str, other: str) -> None:
    """No text breaks the comparison, and each is found again."""
    assert is_same_text(text, text)
    assert is_same_text(text, other) in {True, False}
    assert is_same_link(text, other) in {True, False}


@pytest.mark.parametrize(
    ("post", "found"),
    [
        (a_post("Hello"), True),
        (a_post("Hello", target("7", "link")), True),
        (a_post("Hello", target("7")), False),
        (a_post("Hello", album("7")), False),
        (a_post("Hello", target("7", "video")), False),
        (a_post("Bye"), False),
        (a_post(), False),
        ({"id": "1_2", "message": 5, "attachments": 7}, False),
    ],
)
def test_a_text_is_found_by_itself(post: dict[str, Any], *, found: bool) -> None:
    """An equal text under a picture or a video is another post."""
    assert wanted("Hello").is_shown_by(post) is found


@pytest.mark.parametrize(
    ("post", "found"),
    [
        (a_post("Changed", target("77001")), True),
        (a_post(None, album("1", "77002")), True),
        (a_post("Hello", target("1")), False),
        (a_post("Hello"), False),
    ],
)
def test_pictures_are_found_by_the_ids_of_their_upload(post: dict[str, Any], *, found: bool) -> None:
    """Whatever the text says, and although another post has the same."""
    assert wanted("Hello", photo_ids={"77001", "77002"}).is_shown_by(post) is found


def test_a_video_is_found_by_text_and_form_and_named_by_its_own_id() -> None:
    """The list names a post; everything else about a video names the video."""
    video, post = wanted("Hello", is_video=True), a_post("Hello", target("55001", "video"))

    assert video.is_shown_by(post)
    assert not video.is_shown_by(a_post("Hello"))
    assert video.name_of(post, "1_2") == "55001"
    assert wanted("Hello").name_of(a_post("Hello"), "1_2") == "1_2"


@pytest.mark.parametrize(
    ("attachments", "found"),
    [
        ([{"media_type": "link", "url": f"{SHOP}?fbclid=1"}], True),
        ([{"media_type": "link", "url": "https://shop.example/k2"}], False),
        ([], False),
    ],
)
def test_a_link_without_a_text_is_found_by_the_link(attachments: list[dict[str, Any]], *, found: bool) -> None:
    """Posts without a text are many; the link tells them apart."""
    assert wanted(link=SHOP).is_shown_by(a_post(None, *attachments)) is found
