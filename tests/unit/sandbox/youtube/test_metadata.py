"""What the simulated YouTube takes as metadata of a video, and what it makes of what is missing."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.youtube.visitors import Merchant, a_body, reason_of


async def start(merchant: Merchant, snippet: dict[str, Any] | None = None, **status: Any) -> tuple[int, str]:
    """Open a session with changed metadata; returns the status and the reason of a refusal."""
    body = a_body(**status)
    body["snippet"] |= snippet or {}
    answer = await merchant.start(100, body)
    return (200, "") if answer.status_code == 200 else reason_of(answer)


@pytest.mark.parametrize(
    ("snippet", "reason"),
    [
        ({"title": "x" * 101}, "invalidTitle"),
        ({"title": ""}, "invalidTitle"),
        ({"title": "   "}, "invalidTitle"),
        ({"title": None}, "invalidTitle"),
        ({"title": "a < b"}, "invalidTitle"),
        ({"title": "a > b"}, "invalidTitle"),
        ({"description": "x" * 5001}, "invalidDescription"),
        ({"description": "é" * 2501}, "invalidDescription"),
        ({"description": "<b>"}, "invalidDescription"),
        ({"tags": ["x" * 501]}, "invalidTags"),
        ({"tags": ["x" * 250, "y" * 250]}, "invalidTags"),
        ({"tags": ["x x" + "y" * 496]}, "invalidTags"),
        ({"tags": [""]}, "invalidTags"),
        ({"categoryId": "999"}, "invalidCategoryId"),
        ({"categoryId": "film"}, "invalidCategoryId"),
    ],
)
async def test_metadata_beyond_the_rules_are_refused(merchant: Merchant, snippet: dict[str, Any], reason: str) -> None:
    """Each field by its own reason, at the start of the upload."""
    assert await start(merchant, snippet) == (400, reason)


@pytest.mark.parametrize(
    "snippet",
    [
        {"title": "é" * 100},
        {"description": "é" * 2500},
        {"description": ""},
        {"tags": ["x" * 500]},
        {"tags": ["x" * 250, "y" * 249]},
        {"tags": ["x x" + "y" * 495]},
        {"tags": []},
        {"categoryId": "28"},
    ],
)
async def test_metadata_at_the_edge_are_taken(merchant: Merchant, snippet: dict[str, Any]) -> None:
    """A title counts characters, a description bytes, tags their commas and quotes, too."""
    assert await start(merchant, snippet) == (200, "")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"privacyStatus": "public", "publishAt": "2026-12-01T09:00:00Z"}, (400, "invalidPublishAt")),
        ({"privacyStatus": "unlisted", "publishAt": "2026-12-01T09:00:00Z"}, (400, "invalidPublishAt")),
        ({"privacyStatus": None, "publishAt": "2026-12-01T09:00:00Z"}, (400, "invalidPublishAt")),
        ({"publishAt": "tomorrow"}, (400, "invalidPublishAt")),
        ({"publishAt": "2026-12-01"}, (400, "invalidPublishAt")),
        ({"publishAt": "2026-12-01T09:00:00"}, (400, "invalidPublishAt")),
        ({"publishAt": "2026-12-01T09:00:00+01:00"}, (200, "")),
        ({"privacyStatus": "secret"}, (400, "invalidVideoMetadata")),
        ({"license": "mine"}, (400, "invalidVideoMetadata")),
        ({"selfDeclaredMadeForKids": "yes"}, (400, "badRequest")),
        ({"madeForChildren": True}, (400, "badRequest")),
    ],
)
async def test_the_status_has_rules_too(merchant: Merchant, status: dict[str, Any], expected: tuple[int, str]) -> None:
    """A publishing time goes with private only and is a whole RFC 3339 time; closed sets; types."""
    assert await start(merchant, None, **status) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"snippet": {"title": 5}},
        {"snippet": {"title": "x", "tags": "ceramics"}},
        {"snippet": {"title": "x", "name": "y"}},
        {"snippet": {"title": "x"}, "state": {}},
        {"snippet": {"title": "x", "category_id": "22"}},
        ["snippet"],
    ],
)
async def test_a_body_unlike_the_description_is_refused(merchant: Merchant, body: Any) -> None:
    """Unknown names and wrong types, as any Google API refuses them."""
    assert reason_of(await merchant.start(100, body)) == (400, "badRequest")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("", (400, "required")),
        ("snippet,state", (400, "unknownPart")),
        ("snippet", (400, "unexpectedPart")),
        ("status", (400, "unexpectedPart")),
    ],
)
async def test_part_names_what_is_written(merchant: Merchant, part: str, expected: tuple[int, str]) -> None:
    """It is required, knows its names, and has to cover the body."""
    assert reason_of(await merchant.start(100, part=part)) == expected


async def test_a_missing_privacy_is_public(sandbox: Sandbox, merchant: Merchant) -> None:
    """Whether the field is missing or the whole part."""
    content = b"x"
    for body, part in (
        ({"snippet": {"title": "No privacy"}, "status": {}}, "snippet,status"),
        ({"snippet": {"title": "No status"}}, "snippet,status"),
        ({"snippet": {"title": "No part"}}, "snippet"),
    ):
        await merchant.put(await merchant.session(1, body, part=part), content)

    assert [post["visibility"] for post in await sandbox.published("youtube")] == ["public"] * 3


async def test_everything_can_be_forced_to_private(sandbox: Sandbox, merchant: Merchant) -> None:
    """The answer tells, and an update does not get around it."""
    sandbox.switch("youtube", forced_private=True)

    video = await merchant.uploaded(privacyStatus="public")
    updated = await merchant.update({"id": video["id"], "status": {"privacyStatus": "public"}})

    assert video["status"]["privacyStatus"] == "private"
    assert updated.json()["status"]["privacyStatus"] == "private"
    (post,) = await sandbox.published("youtube")
    assert post["visibility"] == "private"


async def test_a_video_shows_what_was_declared(merchant: Merchant) -> None:
    """And the defaults of what was not."""
    declared = await merchant.uploaded(selfDeclaredMadeForKids=True, containsSyntheticMedia=False)
    silent = await merchant.uploaded(body={"snippet": {"title": "Bare"}})

    assert declared["status"] == {
        "uploadStatus": "uploaded",
        "privacyStatus": "private",
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": True,
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": False,
    }
    assert silent["status"]["madeForKids"] is False
    assert "selfDeclaredMadeForKids" not in silent["status"]
    assert silent["snippet"]["categoryId"] == "22"
    assert silent["snippet"]["description"] == ""
    assert "tags" not in silent["snippet"]


async def test_a_category_may_be_required(sandbox: Sandbox, merchant: Merchant) -> None:
    """What the contract calls unclear is a switch."""
    sandbox.switch("youtube", category_required=True)

    assert await start(merchant, {"categoryId": None}) == (400, "invalidCategoryId")


async def test_fields_that_youtube_writes_are_taken_and_not_looked_at(merchant: Merchant) -> None:
    """A client may send back what it has read."""
    video = await merchant.uploaded()

    answer = await merchant.update(video, "snippet,status")

    assert answer.status_code == 200
    assert answer.json()["snippet"] == video["snippet"]
