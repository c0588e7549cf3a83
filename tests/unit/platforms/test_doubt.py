"""What is certain and what is not about a publishing call, for each platform alike."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.unit.platforms.fakes import Asked, Reply, Scripted, an_access, an_app

from social_platforms import registry
from social_platforms._core import ErrorCode, Live, OutcomeUnknown, Platform, PlatformError, PostContent, PostRef

REF = PostRef("8f1c2d")
HANDLES: dict[str, dict[str, Any]] = {
    "x": {"media": [], "since_id": None},
    "instagram": {"container": {"id": "17"}},
    "facebook": {"media": []},
    "google": {"before": []},
    "youtube": {
        "session": "https://www.googleapis.com/upload/youtube/v3/videos?upload_id=u1",
        "first": 0,
        "size": 3,
        "mime": "video/mp4",
        "tail": "/9j/",
    },
    "linkedin": {"media": []},
    "discussion": {"kind": "discussion", "repository_id": "R_1", "category_id": "DIC_1"},
    "release": {"kind": "release", "tag": "news-8f1c2d"},
}
PLATFORMS = {
    "x": Platform.X,
    "instagram": Platform.INSTAGRAM,
    "facebook": Platform.FACEBOOK,
    "google": Platform.GOOGLE,
    "youtube": Platform.YOUTUBE,
    "linkedin": Platform.LINKEDIN,
    "discussion": Platform.GITHUB,
    "release": Platform.GITHUB,
}


Publish = Callable[[str, Scripted], Awaitable[Live]]


async def publish(name: str, server: Scripted) -> Live:
    """Publishes a text with that handle."""
    platform = PLATFORMS[name]
    options = {"kind": name} if platform is Platform.GITHUB else {}
    async with server.http() as http:
        adapter = registry.posts_adapters({platform: an_app()}, http)[platform]
        live = await adapter.publish(
            an_access(platform), PostContent("Hello", options=options), REF, handle=HANDLES[name]
        )
    assert isinstance(live, Live)
    return live


def test_every_platform_has_its_handle_here() -> None:
    """What the tests below ask, they ask of every platform there is."""
    assert set(PLATFORMS.values()) == set(Platform)


@pytest.mark.parametrize("name", HANDLES)
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {}),
        Reply(502, b"<html>"),
        Reply(504, b""),
        Reply(408, {}),
        Reply(200, b""),
        Reply(201, b'{"data":{"id":"19'),
        Reply(201, b"<html>"),
        Reply(200, {}),
        Reply(200, []),
        Reply(200, {"data": {"id": None}, "id": True}),
        Reply(302, b"", {"location": "https://evil.example/"}),
        Reply(400, b"<html>Bad Request</html>"),
        Reply(403, b"<html>Blocked</html>"),
    ],
)
async def test_whatever_does_not_say_for_certain_is_a_doubt(name: str, reply: Reply) -> None:
    """Server errors, unreadable bodies and answers without an id leave the outcome open."""
    if name == "release" and reply.status == 302:
        return  # a redirect elsewhere is refused before anything is done; see the tests of hosts

    with pytest.raises(OutcomeUnknown) as doubt:
        await publish(name, Scripted(reply))

    told = reply.content().decode()
    assert doubt.value.evidence.split(" x-li-uuid")[0] == told, "an operator has to see what the platform said"


@pytest.mark.parametrize("name", HANDLES)
@pytest.mark.parametrize("status", [401, 429])
async def test_an_unreadable_refusal_is_certain_where_its_status_is(name: str, status: int) -> None:
    """Nobody carries out what is unauthorized or too much, whatever the body; Instagram tells tokens by code 190."""
    if name == "instagram" and status == 401:
        return

    with pytest.raises(PlatformError) as refused:
        await publish(name, Scripted(Reply(status, b"<html>")))

    assert refused.value.code in {ErrorCode.AUTH_EXPIRED, ErrorCode.RATE_LIMITED}


async def test_x_sends_only_known_keys() -> None:
    """X refuses unknown keys; a plain text is one key."""
    server = Scripted(Reply(201, {"data": {"id": "1900000000000001234", "text": "Hello"}}))

    live = await publish("x", server)

    assert server.asked[0].json() == {"text": "Hello"}
    assert live.permalink == "https://x.com/kettleco/status/1900000000000001234"


async def test_a_mutation_with_its_payload_has_happened_in_spite_of_errors() -> None:
    """GraphQL may answer with both."""
    discussion = {"id": "D_1", "url": "https://github.com/a/b/discussions/1", "createdAt": "2026-11-20T10:00:00Z"}
    body = {"data": {"createDiscussion": {"discussion": discussion}}, "errors": [{"type": "FORBIDDEN"}]}

    live = await publish("discussion", Scripted(Reply(200, body)))

    assert live.platform_post_id == "D_1"


EXISTS = Reply(422, {"errors": [{"resource": "Release", "code": "already_exists", "field": "tag_name"}]})


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (Reply(200, {"id": 77, "body": "Hello <!-- ref:8f1c2d -->"}), "77"),
        (Reply(200, {"id": 77, "body": "Somebody else's"}), ErrorCode.CONTENT_REJECTED),
        (Reply(404, {}), ErrorCode.OUTCOME_UNKNOWN),
        (Reply(502, {}), ErrorCode.OUTCOME_UNKNOWN),
    ],
)
async def test_an_existing_tag_is_ours_only_with_our_mark(second: Reply, outcome: str | ErrorCode) -> None:
    """422 already_exists is read back before it is believed."""
    server = Scripted(EXISTS, second)
    if not isinstance(outcome, ErrorCode):
        assert (await publish("release", server)).platform_post_id == outcome
        return

    with pytest.raises(PlatformError) as refused:
        await publish("release", server)

    assert refused.value.code is outcome


async def test_instagram_doubts_every_unclear_error() -> None:
    """Suspected spam was seen on live posts; a missing container may have been published."""
    for code, subcode in ((4, 2207051), (24, 2207008), (100, 33), (1, 2207001), (-1, None), (100, None)):
        reply = Reply(400, {"error": {"code": code, "error_subcode": subcode}})
        with pytest.raises(OutcomeUnknown):
            await publish("instagram", Scripted(reply))


@pytest.mark.parametrize("name", HANDLES)
async def test_the_token_travels_in_the_header_only(name: str) -> None:
    """No token stands in a URL or a body of a publishing call."""
    server = Scripted(Reply(500, {}))
    with pytest.raises(OutcomeUnknown):
        await publish(name, server)

    asked: Asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer planted-access-token"
    assert "planted" not in f"{asked.path}{asked.query}{asked.body!r}"
