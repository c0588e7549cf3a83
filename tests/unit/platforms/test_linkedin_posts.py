"""What LinkedIn's answer to a post means, and how a doubt is settled on a Page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.platforms.fakes import Reply, Scripted, an_access, an_app

from social_platforms._core import (
    Live,
    OutcomeUnknown,
    Platform,
    PostContent,
    PostRef,
    SightingKind,
)
from social_platforms.linkedin.posts import LinkedInPosts

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
REF = PostRef("8f1c2d")
AUTHOR = "urn:li:organization:5555"


def posts(server: Scripted) -> LinkedInPosts:
    """The adapter against that server."""
    return LinkedInPosts(an_app(base_url=None), server.http(), clock=lambda: NOW)


async def publish(reply: Reply) -> Live:
    """Publishes a text."""
    adapter = posts(Scripted(reply))
    return await adapter.publish(an_access(Platform.LINKEDIN), PostContent("Hi"), REF, handle={"media": []})


async def test_the_id_comes_in_a_header() -> None:
    """Of either kind of post, in any letter case."""
    for urn in ("urn:li:share:7400000000000000001", "urn:li:ugcPost:7400000000000000002"):
        live = await publish(Reply(201, b"", {"X-RestLi-Id": urn}))

        assert live == Live(urn, f"https://www.linkedin.com/feed/update/{urn}/")


@pytest.mark.parametrize(
    "headers", [{}, {"x-restli-id": ""}, {"x-restli-id": "urn:li:person:q7"}, {"x-restli-id": "a b"}]
)
async def test_a_creation_whose_id_is_not_told_is_live_all_the_same(headers: dict[str, str]) -> None:
    """201 with an empty body is LinkedIn's word that it is public."""
    assert await publish(Reply(201, b"", headers)) == Live(None, None)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b""),
        Reply(204, b""),
        Reply(201, b"<html>"),
        Reply(426, b"<html>"),
        Reply(201, {"status": 500, "message": "Internal Server Error"}),
        Reply(201, {"status": 403, "serviceErrorCode": 100}, {"x-restli-id": "urn:li:person:q7"}),
    ],
)
async def test_other_answers_leave_it_open(reply: Reply) -> None:
    """No other success is documented, and a proxy's page or an error inside a success is nobody's word."""
    with pytest.raises(OutcomeUnknown):
        await publish(reply)


def listed(
    number: int, *, made: datetime = NOW, text: str = r"Hi \(1\) {hashtag|\#|tea}", **more: Any
) -> dict[str, Any]:
    """A post in the organisation's list."""
    made_ms = int(made.timestamp() * 1000)
    return {
        "id": f"urn:li:share:{number}",
        "author": AUTHOR,
        "commentary": text,
        "lifecycleState": "PUBLISHED",
        "createdAt": made_ms,
        "publishedAt": made_ms + 1,
        **more,
    }


def image(urn: str) -> dict[str, Any]:
    """The content of a post with one picture."""
    return {"media": {"id": urn}}


SECOND = timedelta(seconds=1)
MANY = {"multiImage": {"images": [{"id": "urn:li:image:A"}, {"id": "urn:li:image:B"}]}}


@pytest.mark.parametrize(
    ("found", "media", "kind"),
    [
        ([], [], SightingKind.ABSENT),
        ([listed(1)], [], SightingKind.LIVE),
        ([listed(1), listed(2)], [], SightingKind.AMBIGUOUS),
        ([listed(1), listed(1)], [], SightingKind.LIVE),
        ([listed(1, text="Hi there")], [], SightingKind.ABSENT),
        ([listed(9)], [], SightingKind.ABSENT),
        ([listed(1, made=NOW - timedelta(minutes=3))], [], SightingKind.ABSENT),
        ([listed(1, made=NOW + timedelta(minutes=10))], [], SightingKind.ABSENT),
        ([listed(1, lifecycleState="DRAFT")], [], SightingKind.ABSENT),
        ([listed(1, content=image("urn:li:image:A"))], [], SightingKind.ABSENT),
        ([listed(1, content=image("urn:li:image:A"))], ["A"], SightingKind.LIVE),
        ([listed(1, content=image("urn:li:image:B"))], ["A"], SightingKind.ABSENT),
        ([listed(1)], ["A"], SightingKind.ABSENT),
        ([listed(1, content=MANY)], ["A", "B"], SightingKind.LIVE),
        ([listed(1, content=MANY)], ["B", "A"], SightingKind.ABSENT),
        ([listed(1), listed(2, content=image("urn:li:image:A"))], ["A"], SightingKind.LIVE),
    ],
)
async def test_a_doubt_is_settled_by_text_assets_and_time(
    found: list[dict[str, Any]], media: list[str], kind: SightingKind
) -> None:
    """What stood there before, what came too late and what looks different is not ours."""
    server = Scripted(Reply(200, {"elements": found}))
    handle = {
        "media": [{"urn": f"urn:li:image:{name}"} for name in media],
        "baseline": {"ids": ["urn:li:share:9"], "made_ms": NOW_MS - 1000},
    }

    sighting = await posts(server).settle(
        an_access(Platform.LINKEDIN),
        PostContent("Hi (1)  #tea"),
        REF,
        handle=handle,
        sent_at=NOW,
        until=NOW + timedelta(minutes=10),
    )

    assert sighting.kind is kind
    [asked] = server.asked
    assert asked.query == {"q": "author", "author": AUTHOR, "count": "50", "start": "0", "sortBy": "CREATED"}
    if sighting.live is not None:
        assert sighting.live.posted_at == NOW + timedelta(milliseconds=1)


async def test_the_list_is_read_on_while_it_is_young() -> None:
    """A full page of younger posts hides nothing behind it."""
    busy = [listed(100 + number, made=NOW + SECOND, text="Other") for number in range(50)]
    server = Scripted(Reply(200, {"elements": busy}), Reply(200, {"elements": [listed(1)]}))

    sighting = await posts(server).settle(
        an_access(Platform.LINKEDIN), PostContent("Hi (1) #tea"), REF, handle={"media": []}, sent_at=NOW
    )

    assert sighting.kind is SightingKind.LIVE
    assert [asked.query["start"] for asked in server.asked] == ["0", "50"]
