"""LinkedIn's uploads resume where they stood, and their addresses get no token."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.platforms.fakes import Reply, Scripted, a_picture, an_access, an_app

from social_common.secrets import Secret
from social_platforms._core import (
    Access,
    ErrorCode,
    MediaItem,
    MediaKind,
    PlaceKind,
    Platform,
    PlatformError,
    PostContent,
    PostRef,
    Prepared,
)
from social_platforms.linkedin.posts import LinkedInPosts

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
PART = 4 * 1024 * 1024
REF = PostRef("8f1c2d")
UPLOAD = "https://www.linkedin.com/dms-uploads/p"
AUTHOR = "urn:li:organization:5555"
_EIGHT_SECONDS = timedelta(seconds=8)


class Film:
    """A reader that finds a video of that many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    async def describe(self, item: MediaItem) -> MediaItem:
        """The item, looked at."""
        return replace(item, mime="video/mp4", size_bytes=self.size, duration=_EIGHT_SECONDS)

    async def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The bytes."""
        del item
        for first in range(0, self.size, chunk_size):
            yield b"v" * min(chunk_size, self.size - first)


def a_video(size: int) -> MediaItem:
    """A video of that size."""
    return MediaItem(
        "https://shop.example/k.mp4", MediaKind.VIDEO, mime="video/mp4", size_bytes=size, duration=_EIGHT_SECONDS
    )


def begun(size: int, *, parts: int, expires_ms: int = NOW_MS + 3_600_000) -> Reply:
    """The answer to the beginning of a video."""
    told = [
        {
            "uploadUrl": f"{UPLOAD}{position}?sig=planted",
            "firstByte": position * PART,
            "lastByte": min((position + 1) * PART, size) - 1,
        }
        for position in range(parts)
    ]
    video = {"video": "urn:li:video:C5v", "uploadToken": "tok", "uploadUrlsExpireAt": expires_ms}
    return Reply(200, {"value": {**video, "uploadInstructions": told}})


def part(number: int) -> Reply:
    """The answer to a part."""
    return Reply(200, b"", {"ETag": f'"etag{number}"'})


def posts(server: Scripted) -> LinkedInPosts:
    """The adapter against that server."""
    return LinkedInPosts(an_app(base_url=None), server.http(), clock=lambda: NOW)


async def prepared(server: Scripted, content: PostContent, media: Any, *, steps: int, access: Access) -> Prepared:
    """The state after that many steps."""
    adapter, handle = posts(server), None
    for _ in range(steps):
        found = await adapter.prepare(access, content, REF, handle=handle, media=media)
        handle = found.handle
    return found


def a_member() -> Access:
    """A token of the self-serve app."""
    return Access(Secret("planted-access-token"), "urn:li:person:q7", PlaceKind.MEMBER, {})


async def test_a_video_goes_up_in_parts_whose_marks_come_back_in_order() -> None:
    """Every part to its own address without a token, then the marks, then the wait until it is ready."""
    size = 2 * PART + 10
    server = Scripted(
        begun(size, parts=3),
        *(part(number) for number in range(3)),
        Reply(200, b""),
        Reply(200, {"status": "PROCESSING"}),
        Reply(200, {"status": "AVAILABLE"}),
        Reply(200, {"elements": []}),
    )
    access = an_access(Platform.LINKEDIN)

    ready = await prepared(server, PostContent("Hi", (a_video(size),)), Film(size), steps=5, access=access)

    assert ready.ready
    begin, *puts, finish, look, _, _ = server.asked
    assert begin.json()["initializeUploadRequest"] == {
        "owner": AUTHOR,
        "fileSizeBytes": size,
        "uploadCaptions": False,
        "uploadThumbnail": False,
    }
    assert [(put.method, put.path, len(put.body)) for put in puts] == [
        ("PUT", "/dms-uploads/p0", PART),
        ("PUT", "/dms-uploads/p1", PART),
        ("PUT", "/dms-uploads/p2", 10),
    ]
    assert all("authorization" not in put.headers for put in puts)
    assert finish.json()["finalizeUploadRequest"] == {
        "video": "urn:li:video:C5v",
        "uploadToken": "tok",
        "uploadedPartIds": ["etag0", "etag1", "etag2"],
    }
    assert look.path.startswith("/rest/videos/")


async def test_an_upload_resumes_after_the_last_part_that_arrived() -> None:
    """A part that failed is sent again, those before it are not; a failure with nothing gained is told."""
    size = 3 * PART
    server = Scripted(begun(size, parts=3), part(0), Reply(503, {}), Reply(503, {}), part(1), part(2), Reply(200, b""))
    adapter, access, content = posts(server), an_access(Platform.LINKEDIN), PostContent("Hi", (a_video(size),))
    first = await adapter.prepare(access, content, REF, handle=None, media=Film(size))
    kept = await adapter.prepare(access, content, REF, handle=first.handle, media=Film(size))

    with pytest.raises(PlatformError) as failed:
        await adapter.prepare(access, content, REF, handle=kept.handle, media=Film(size))
    await adapter.prepare(access, content, REF, handle=kept.handle, media=Film(size))

    assert failed.value.retryable
    assert first.handle["media"][0]["etags"] == []
    puts = [asked.path[-2:] for asked in server.asked if asked.method == "PUT"]
    assert puts == ["p0", "p1", "p1", "p1", "p2"]
    assert server.asked[-1].json()["finalizeUploadRequest"]["uploadedPartIds"] == ["etag0", "etag1", "etag2"]


async def test_sixteen_parts_a_step_and_each_only_once() -> None:
    """A long video is sent over several steps, its state kept between them."""
    size = 17 * PART
    replies = [part(number) for number in range(17)]
    server = Scripted(begun(size, parts=17), *replies, Reply(200, b""))

    await prepared(
        server, PostContent("Hi", (a_video(size),)), Film(size), steps=3, access=an_access(Platform.LINKEDIN)
    )

    puts = [asked.path for asked in server.asked if asked.method == "PUT"]
    assert puts == [f"/dms-uploads/p{number}" for number in range(17)]
    assert server.asked[-1].query == {"action": "finalizeUpload"}


@pytest.mark.parametrize("broken", ["gap", "short", "foreign"])
async def test_instructions_that_do_not_cover_the_file_are_no_instructions(broken: str) -> None:
    """Nothing is sent to a foreign address, and no video is put together with a hole."""
    size = 2 * PART
    reply = begun(size, parts=1 if broken == "short" else 2)
    told = reply.body["value"]["uploadInstructions"]
    if broken == "gap":
        told[1]["firstByte"] += 1
    if broken == "foreign":
        told[0]["uploadUrl"] = "https://evil.example/p0"
    server = Scripted(reply, part(0))
    content = PostContent("Hi", (a_video(size),))

    with pytest.raises(PlatformError) as failed:
        await prepared(server, content, Film(size), steps=2, access=an_access(Platform.LINKEDIN))

    assert failed.value.code is ErrorCode.PLATFORM_DOWN
    assert [asked.method for asked in server.asked] == ["POST"]


async def test_a_file_that_changed_is_not_put_together() -> None:
    """Its parts would be of two videos."""
    size = 2 * PART
    server = Scripted(begun(size, parts=2), part(0))
    content = PostContent("Hi", (a_video(size),))

    with pytest.raises(PlatformError) as refused:
        await prepared(server, content, Film(PART + 5), steps=2, access=an_access(Platform.LINKEDIN))

    assert refused.value.code is ErrorCode.MEDIA_REJECTED


async def test_addresses_that_have_run_out_are_asked_for_anew() -> None:
    """By the time that was told, or by a refusal; after three tries it is the file's fault."""
    size = 80_000
    content, access = PostContent("Hi", (a_video(size),)), an_access(Platform.LINKEDIN)
    late = Scripted(begun(size, parts=1, expires_ms=NOW_MS - 1))
    refused = Scripted(begun(size, parts=1), Reply(403, b"expired"), begun(size, parts=1), part(0), Reply(200, b""))

    await prepared(refused, content, Film(size), steps=4, access=access)
    with pytest.raises(PlatformError) as over:
        await prepared(late, content, Film(size), steps=7, access=access)

    assert refused.asked[-1].query == {"action": "finalizeUpload"}
    assert over.value.code is ErrorCode.MEDIA_REJECTED
    assert [asked.method for asked in late.asked] == ["POST"] * 3


async def test_a_picture_that_failed_is_told_while_preparing() -> None:
    """LinkedIn's verdict on the file is the file's, not the post's."""
    value = {"uploadUrl": f"{UPLOAD}0", "image": "urn:li:image:C5", "uploadUrlExpiresAt": NOW_MS}
    server = Scripted(Reply(200, {"value": value}), Reply(201, b""), Reply(200, {"status": "PROCESSING_FAILED"}))
    content = PostContent("Hi", (a_picture(),))

    with pytest.raises(PlatformError) as refused:
        await prepared(server, content, Pictures(), steps=2, access=an_access(Platform.LINKEDIN))

    assert refused.value.code is ErrorCode.MEDIA_REJECTED
    assert "PROCESSING_FAILED" in refused.value.evidence


class Pictures:
    """A reader of small pictures."""

    async def describe(self, item: MediaItem) -> MediaItem:
        """The item, as it is."""
        return item

    async def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The bytes."""
        del item, chunk_size
        yield b"\xff\xd8\xff"


async def test_all_pictures_are_sent_before_one_is_looked_at() -> None:
    """They are worked on side by side; a member who may not look is not kept waiting."""
    value = {"uploadUrl": f"{UPLOAD}0", "image": "urn:li:image:C5"}
    one = (Reply(200, {"value": value}), Reply(201, b""))
    denied = Reply(403, {"status": 403, "code": "ACCESS_DENIED", "serviceErrorCode": 100})
    server = Scripted(*one, *one, denied)
    content = PostContent("Hi", (a_picture(), a_picture()))

    ready = await prepared(server, content, Pictures(), steps=5, access=a_member())

    assert ready.ready
    assert [asked.method for asked in server.asked] == ["POST", "PUT", "POST", "PUT", "GET", "GET"]


async def test_a_members_video_is_given_a_while_where_nobody_may_look() -> None:
    """The wait is LinkedIn's own, so a post that is due does not shorten it."""
    denied = Reply(403, {"status": 403, "code": "ACCESS_DENIED", "serviceErrorCode": 100})
    size = 80_000
    server = Scripted(begun(size, parts=1), part(0), Reply(200, b""), denied)
    content = PostContent("Hi", (a_video(size),))
    waiting = await prepared(server, content, Film(size), steps=3, access=a_member())
    asked = len(server.asked)

    after = await posts(server).prepare(a_member(), content, REF, handle=waiting.handle, media=Film(size))
    ready = await posts(server).prepare(a_member(), content, REF, handle=after.handle, media=Film(size))

    assert (waiting.is_asked, waiting.check_after) == (True, timedelta(seconds=30))
    assert ready.ready
    assert len(server.asked) == asked


async def test_a_handle_of_another_author_is_begun_anew() -> None:
    """An asset must belong to the later author."""
    content = PostContent("Hi")
    server = Scripted(Reply(200, {"elements": []}))
    kept = await posts(server).prepare(a_member(), content, REF, handle=None, media=Pictures())

    other = await posts(server).prepare(
        an_access(Platform.LINKEDIN), content, REF, handle=kept.handle, media=Pictures()
    )

    assert kept.handle["about"]["author"] == "urn:li:person:q7"
    assert other.handle["about"]["author"] == AUTHOR


@pytest.mark.parametrize(
    ("media", "calls"),
    [
        ((), 1),
        ((a_picture(),), 4),
        ((a_picture(),) * 20, 61),
        ((a_video(10 * 1024 * 1024),), 7),
        ((a_video(1),), 5),
    ],
)
def test_every_call_of_a_post_is_counted(media: tuple[MediaItem, ...], calls: int) -> None:
    """LinkedIn counts calls a day: for a picture to begin, to send and to look, for a video each part, too."""
    assert posts(Scripted(Reply())).costs(PostContent("Hi", media), PlaceKind.MEMBER) == {"Share on LinkedIn": calls}
    assert posts(Scripted(Reply())).costs(PostContent("Hi", media), PlaceKind.ORGANIZATION) == {
        "Community Management": calls
    }
