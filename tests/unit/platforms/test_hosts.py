"""Hosts move below a base, and nothing but the platform's own hosts is followed."""

import pytest
from tests.unit.platforms.fakes import BASE, Reply, Scripted, an_app

from social_common.secrets import Secret
from social_platforms._core import AppConfig, PlatformError
from social_platforms.calls import utc_now
from social_platforms.github.api import GitHubApi
from social_platforms.hosts import Hosts, is_public_link

MACHINE = frozenset({"api.x.com"})


def hosts(base_url: str | None = None, browser_base_url: str | None = None) -> Hosts:
    """X's hosts, moved or not."""
    return Hosts.of(
        AppConfig("cid", Secret("s"), base_url, browser_base_url), machine=MACHINE, browser=frozenset({"x.com"})
    )


def test_a_base_moves_every_host_below_it() -> None:
    """Host and path follow the base, for services and browsers apart."""
    moved = hosts(base_url="http://sandbox:8110/x/", browser_base_url="http://localhost:8110/x")

    assert moved.url("api.x.com", "/2/tweets") == "http://sandbox:8110/x/api.x.com/2/tweets"
    assert moved.browser_url("x.com", "/i/oauth2/authorize", {"a": "b c"}) == (
        "http://localhost:8110/x/x.com/i/oauth2/authorize?a=b%20c"
    )
    assert hosts().url("api.x.com", "/2/tweets") == "https://api.x.com/2/tweets"


def test_a_host_of_somebody_else_is_a_programming_error() -> None:
    """No adapter can call a host that is not listed."""
    with pytest.raises(ValueError, match="not a host"):
        hosts().url("evil.example", "/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.x.com/2/a?b=c", "http://base/x/api.x.com/2/a?b=c"),
        ("http://base/x/api.x.com/2/a?b=c", "http://base/x/api.x.com/2/a?b=c"),
    ],
)
def test_own_addresses_are_followed(url: str, expected: str) -> None:
    """The platform's own hosts and those below the base are followed, below the base."""
    assert hosts(base_url="http://base/x").followed(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/2/a",
        "http://api.x.com/2/a",
        "https://api.x.com.evil.example/",
        "https://api.x.com:8443/",
        "https://user@api.x.com/",
        "https://api.x.com@evil.example/",
        "http://base/github/api.github.com/",
        "http://base/x/evil.example/",
        "http://base/x/api.x.com/../../github/",
        "http://base/x/api.x.com/%2e%2e/%2e%2e/",
        "http://base.evil.example/x/api.x.com/",
        "//api.x.com/",
        "/2/tweets",
        "file:///etc/passwd",
        "https://[broken/",
        "",
    ],
)
def test_other_addresses_are_not_followed(url: str) -> None:
    """Anything else is refused, so that a token goes nowhere else."""
    with pytest.raises(PlatformError):
        hosts(base_url="http://base/x").followed(url)


@pytest.mark.parametrize("header", ["location", "link"])
async def test_a_token_is_not_carried_to_a_foreign_host(header: str) -> None:
    """A redirect or a next page elsewhere ends the call; nothing is asked there."""
    target = "https://evil.example/steal"
    reply = (
        Reply(301, {}, {"location": target})
        if header == "location"
        else Reply(200, [], {"link": f'<{target}>; rel="next"'})
    )
    server = Scripted(reply)
    async with server.http() as http:
        api = GitHubApi(an_app(), http, clock=utc_now)
        with pytest.raises(PlatformError):
            async for _ in api.pages("/user/repos", bearer=Secret("t"), rates=[], params={}):
                pass

    assert len(server.asked) == 1


async def test_a_renamed_repository_is_followed_with_its_method() -> None:
    """A move within GitHub is followed, body and token included."""
    server = Scripted(
        Reply(301, {}, {"location": f"{BASE}/api.github.com/repositories/5/releases"}), Reply(201, {"id": 77})
    )
    async with server.http() as http:
        api = GitHubApi(an_app(), http, clock=utc_now)
        answer = await api.answer("POST", "/repos/a/b/releases", bearer=Secret("t"), rates=[], json={"tag_name": "x"})

    assert answer.status == 201
    assert server.asked[1].method == "POST"
    assert server.asked[1].path == "/api.github.com/repositories/5/releases"
    assert server.asked[1].json() == {"tag_name": "x"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example/a.jpg", True),
        ("http://localhost:8110/assets/a.jpg", True),
        ("http://sandbox.localhost:8110/assets/a.jpg", True),
        ("http://shop.example/a.jpg", False),
        ("http://localhost.shop.example/a.jpg", False),
        ("https://shop.example/ä.jpg", False),
        ("https://shop.example/a b.jpg", False),
        ("ftp://shop.example/a.jpg", False),
        ("https://", False),
    ],
)
def test_public_links_are_https_and_plain(url: str, expected: bool) -> None:
    """What a platform could fetch itself; http only on this machine."""
    assert is_public_link(url) is expected
