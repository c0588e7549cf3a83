"""Return addresses, secrets and choices."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_linker.linking.domain import (
    ChosenPlace,
    ReturnStatus,
    ReturnToRefused,
    UnknownPlace,
    WrongAccount,
    build_return_url,
    check_return_to,
    hash_secret,
    new_secret,
    origin_of,
    select_places,
)

ALLOWED = frozenset({"https://shop.example", "http://localhost:8100"})


def a_place(platform_id: str = "1", *, usable: bool = True, reason: str | None = None) -> ChosenPlace:
    """A place with plain defaults."""
    return ChosenPlace(platform_id, "account", f"place {platform_id}", None, None, usable, reason)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/console?tab=1#x",
        "https://SHOP.example:443/",
        "http://localhost:8100/a",
    ],
)
def test_pages_of_allowed_origins_pass(url: str) -> None:
    """Scheme, host and port decide; their spelling and the path do not."""
    assert check_return_to(url, ALLOWED) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "/console", "//shop.example/", "shop.example", "http://shop.example/", "https://shop.example:444/",
        "https://shop.example.evil.example/", "https://evil.example/https://shop.example",
        "https://shop.example@evil.example/", "https://user@shop.example/", "https://evil.example\\@shop.example/",
        "https://shop.example\\.evil.example/", "https://shop.example\t.evil.example/", " https://shop.example/",
        "javascript:alert(1)", "ftp://shop.example/", "https://[::1/", "https://shop.example:port/",
        "https://shop.example/" + "a" * 3000,
    ],
)  # fmt: skip
def test_any_other_page_is_refused(url: str) -> None:
    """Whatever a browser might read differently, or that merely looks alike, is refused."""
    with pytest.raises(ReturnToRefused):
        check_return_to(url, ALLOWED)


@given(st.text(max_size=60))
def test_no_text_passes_that_does_not_begin_with_an_allowed_origin(text: str) -> None:
    """Only what spells out an allowed origin ever gets through."""
    try:
        passed = check_return_to(text, ALLOWED)
    except ReturnToRefused:
        return
    assert passed.lower().startswith(("https://shop.example", "http://localhost:8100"))


def test_origins_are_spelled_one_way() -> None:
    """Default ports are left out, brackets stay around IPv6 addresses."""
    assert origin_of("https://Shop.Example:443/x") == "https://shop.example"
    assert origin_of("http://[::1]:8100/") == "http://[::1]:8100"


def test_the_answer_joins_the_pages_own_parameters() -> None:
    """Parameters and fragment stay; ours replace older ones of the same name."""
    url = build_return_url(
        "https://shop.example/c?tab=1&status=old&link_code=old#here", ReturnStatus.AUTHORIZED, link_code="a b"
    )

    parts = urlsplit(url)
    assert parse_qs(parts.query) == {"tab": ["1"], "status": ["authorized"], "link_code": ["a b"]}
    assert parts.fragment == "here"


def test_secrets_have_the_length_that_pkce_asks_for() -> None:
    """32 random bytes make 43 URL-safe characters; what is stored of them is a hash."""
    secret = new_secret(bytes(range(32)))

    assert len(secret) == 43
    assert not set(secret) & set("+/=")
    assert secret not in hash_secret(secret)
    assert len(hash_secret(secret)) == 64


def test_a_single_usable_place_needs_no_question() -> None:
    """One place is taken; several, or one that cannot be used, are shown."""
    assert select_places((a_place(),), named=None, reconnects=None) == (a_place(),)
    assert select_places((a_place("1"), a_place("2")), named=None, reconnects=None) is None
    assert select_places((a_place(usable=False),), named=None, reconnects=None) is None


def test_named_places_are_taken_once_each() -> None:
    """A name that comes twice is one place."""
    places = (a_place("1"), a_place("2"), a_place("3"))

    assert select_places(places, named=("3", "1", "3"), reconnects=None) == (a_place("3"), a_place("1"))


def test_a_place_out_of_reach_or_unusable_is_named_by_its_index() -> None:
    """The caller can point at the very entry."""
    places = (a_place("1"), a_place("2", usable=False, reason="archived"))

    for named, detail in ((("1", "9"), "does not reach"), (("1", "2"), "archived")):
        with pytest.raises(UnknownPlace, match=detail) as refusal:
            select_places(places, named=named, reconnects=None)
        assert refusal.value.index == 1


def test_a_reconnect_takes_its_own_place_only() -> None:
    """The place to bring back is taken without a question; a consent that does not reach it is another account's."""
    places = (a_place("1"), a_place("2"))

    assert select_places(places, named=None, reconnects="2") == (a_place("2"),)
    with pytest.raises(WrongAccount):
        select_places(places, named=None, reconnects="9")
