"""What browsers are told with every answer."""

from starlette.requests import Request
from starlette.responses import Response

from social_common.secrets import Secret
from social_console.headers import content_policy, secure_headers
from social_console.sessions import SessionCookie
from social_console.settings import ConsoleSettings

PRODUCTION = ConsoleSettings(public_url="https://console.shop.example")
LOCAL = ConsoleSettings(console_image_sources="https:,http://localhost:*")


def test_pictures_come_from_where_the_settings_say() -> None:
    """And videos with them; everything else stays with this origin."""
    policy = dict(part.split(" ", 1) for part in content_policy(LOCAL).split("; "))

    assert policy["img-src"] == policy["media-src"] == "'self' data: https: http://localhost:*"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    own = ("script-src", "style-src", "connect-src", "font-src", "manifest-src", "form-action")
    assert {policy[name] for name in own} == {"'self'"}


def test_https_is_remembered_where_there_is_https() -> None:
    """A local stack must not teach a browser that localhost has it."""
    assert "Strict-Transport-Security" in secure_headers(PRODUCTION)
    assert "Strict-Transport-Security" not in secure_headers(LOCAL)


def test_the_cookie_is_secure_behind_https() -> None:
    """Its name has the prefix by which browsers insist on that."""
    cookie, response = SessionCookie(PRODUCTION), Response()

    cookie.set(response, Secret("made-up-refresh-token"))

    header = response.headers["set-cookie"]
    name, *attributes = [part.strip() for part in header.split(";")]
    assert name == "__Secure-seftec_session=made-up-refresh-token"
    assert {"HttpOnly", "Secure", "Path=/session", "SameSite=strict", "Max-Age=2592000"} <= set(attributes)
    assert "domain" not in header.lower()


def test_a_cookie_of_the_local_stack_is_not_taken_for_one_of_production() -> None:
    """A name without the prefix could have been set over plain http by anybody on the way."""
    request = Request({"type": "http", "headers": [(b"cookie", b"seftec_session=planted")]})

    assert SessionCookie(PRODUCTION).read(request) is None
    assert SessionCookie(LOCAL).read(request) == Secret("planted")
