"""Whatever a server keeps of what it is sent, the file arrives whole, and its last piece only with the publication."""

import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.platforms.fakes import Bytes, Reply, Scripted, an_access, an_app

from social_common.http import HttpClient
from social_platforms._core import (
    Accepted,
    ErrorCode,
    MediaItem,
    MediaKind,
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostContent,
    PostRef,
    PreparationGone,
)
from social_platforms.youtube.posts import YouTubePosts
from social_platforms.youtube.uploads import tail_start

UNIT = 256 * 1024
REF = PostRef("8f1c2d")
SESSION = "https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable&upload_id=u1"
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class Server:
    """The resumable protocol over a buffer; `keeps` says how many units of each part are kept, None for all."""

    def __init__(self, size: int, *, keeps: list[int | None]) -> None:
        self.size = size
        self.keeps = keeps
        self.held = bytearray()
        self.sessions = 0
        self.misplaced = 0

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        """One request and its answer."""
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        status, extra, content = self.answer(scope["method"], headers, bytes(body))
        names = [(name.encode(), value.encode()) for name, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": names})
        await send({"type": "http.response.body", "body": content})

    def answer(self, method: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the protocol says to that."""
        if method == "POST":
            self.sessions += 1
            return 200, {"location": SESSION}, b""
        if body:
            found = _RANGE.fullmatch(headers["content-range"])
            assert found is not None
            first, last, total = (int(number) for number in found.groups())
            assert (last - first + 1, total) == (len(body), self.size)
            assert last + 1 == self.size or len(body) % UNIT == 0
            kept = self.keeps.pop(0) if self.keeps else None
            if first != len(self.held):
                self.misplaced += 1
            else:
                self.held += body if kept is None else body[: kept * UNIT]
        if len(self.held) == self.size:
            return 200, {}, b'{"id": "v1", "status": {"uploadStatus": "uploaded"}}'
        return 308, {"range": f"bytes=0-{len(self.held) - 1}"} if self.held else {}, b""


def film_of(size: int) -> bytes:
    """Bytes whose rhythm is not that of the pieces, so that a piece in a wrong place shows."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


class Chunks(Bytes):
    """The file in chunks of the asked size."""

    async def read(self, item: MediaItem, *, chunk_size: int) -> Any:
        """The chunks."""
        del item
        content = b"".join(self._chunks)
        for start in range(0, len(content), chunk_size):
            yield content[start : start + chunk_size]


def content_of(size: int) -> PostContent:
    """A video of that size."""
    return PostContent("Hello", (MediaItem("https://a.example/v.mp4", MediaKind.VIDEO, "", "video/mp4", size),))


@given(
    size=st.sampled_from([1, UNIT - 1, UNIT, UNIT + 1, 16 * UNIT, 16 * UNIT + 1, 37 * UNIT + 11, 60 * UNIT]),
    keeps=st.lists(st.none() | st.integers(0, 20), max_size=6),
)
@settings(max_examples=25, deadline=None)
async def test_the_file_arrives_whole_whatever_is_kept(size: int, keeps: list[int | None]) -> None:
    """Parts begin where the server is, are whole units, and the last byte is sent by nothing but the publication."""
    film, server = film_of(size), Server(size, keeps=list(keeps))
    async with HttpClient(asgi_app=server) as http:
        posts, access = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE)
        handle: dict[str, Any] | None = None
        for _ in range(20):
            prepared = await posts.prepare(access, content_of(size), REF, handle=handle, media=Chunks([film]))
            handle = prepared.handle
            if prepared.ready:
                break
        assert prepared.ready
        assert len(server.held) < size

        server.keeps = []
        answer = await posts.publish(access, content_of(size), REF, handle=prepared.handle)

    assert isinstance(answer, Accepted)
    assert bytes(server.held) == film
    assert (server.sessions, server.misplaced) == (1, 0)


@pytest.mark.parametrize("offset", [0, UNIT, 5, UNIT + 7])
@pytest.mark.parametrize("size", [UNIT + 8, 2 * UNIT, 9 * UNIT + 100])
def test_the_last_piece_is_never_empty_and_at_most_a_unit(offset: int, size: int) -> None:
    """Wherever the server is, whole units come before it."""
    start = tail_start(offset, size)

    assert 0 < size - start <= UNIT
    assert (start - offset) % UNIT == 0


async def test_a_server_that_keeps_nothing_is_told_as_trouble() -> None:
    """Sending the same part for ever helps nobody."""
    server = Server(3 * UNIT, keeps=[0] * 50)
    async with HttpClient(asgi_app=server) as http:
        posts, access = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE)

        async def step(handle: dict[str, Any] | None) -> dict[str, Any]:
            media = Chunks([film_of(3 * UNIT)])
            return (await posts.prepare(access, content_of(3 * UNIT), REF, handle=handle, media=media)).handle

        handle = await step(None)
        for _ in range(5):
            handle = await step(handle)
        with pytest.raises(PlatformError) as refused:
            await step(handle)

    assert (refused.value.code, refused.value.retryable) == (ErrorCode.PLATFORM_DOWN, True)


@pytest.mark.parametrize("length", [2 * UNIT, 4 * UNIT])
async def test_a_file_that_changed_is_not_published(length: int) -> None:
    """A file that is shorter or longer than it was makes no video of both."""
    server = Server(3 * UNIT, keeps=[])
    async with HttpClient(asgi_app=server) as http:
        posts, access = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE)
        opened = await posts.prepare(access, content_of(3 * UNIT), REF, handle=None, media=Chunks([]))
        with pytest.raises(PlatformError) as refused:
            await posts.prepare(
                access, content_of(3 * UNIT), REF, handle=opened.handle, media=Chunks([film_of(length)])
            )

    assert refused.value.code is ErrorCode.MEDIA_REJECTED


async def test_a_session_of_yesterday_is_begun_anew() -> None:
    """It would end before it is used; another text or file begins anew, too."""
    server = Server(3 * UNIT, keeps=[])
    now = [NOW]
    async with HttpClient(asgi_app=server) as http:
        posts = YouTubePosts(an_app(), http, clock=lambda: now[0])
        access, media = an_access(Platform.YOUTUBE), Chunks([film_of(3 * UNIT)])
        content = content_of(3 * UNIT)
        opened = await posts.prepare(access, content, REF, handle=None, media=media)
        ready = await posts.prepare(access, content, REF, handle=opened.handle, media=media)
        kept = await posts.prepare(access, content, REF, handle=ready.handle, media=media)
        assert (ready.ready, kept.ready, server.sessions) == (True, True, 1)

        other = PostContent("Another text", content.media)
        assert not (await posts.prepare(access, other, REF, handle=ready.handle, media=media)).ready
        now[0] += timedelta(hours=21)
        assert not (await posts.prepare(access, content, REF, handle=ready.handle, media=media)).ready

    assert server.sessions == 3


@pytest.mark.parametrize("keeps", [[0], [0, 0], [1]])
async def test_the_last_piece_goes_on_where_the_server_is(keeps: list[int | None]) -> None:
    """A last piece that was not kept at once is sent again in the same call."""
    size = 2 * UNIT
    server = Server(size, keeps=[])
    async with HttpClient(asgi_app=server) as http:
        posts, access, media = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE), Chunks([film_of(size)])
        opened = await posts.prepare(access, content_of(size), REF, handle=None, media=media)
        ready = await posts.prepare(access, content_of(size), REF, handle=opened.handle, media=media)
        server.keeps = keeps

        await posts.publish(access, content_of(size), REF, handle=ready.handle)

    assert bytes(server.held) == film_of(size)


async def test_a_server_that_lost_what_it_had_published_nothing() -> None:
    """Less than before the last piece cannot be mended by it: the video is brought there anew."""
    size = 3 * UNIT
    server = Server(size, keeps=[])
    async with HttpClient(asgi_app=server) as http:
        posts, access, media = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE), Chunks([film_of(size)])
        opened = await posts.prepare(access, content_of(size), REF, handle=None, media=media)
        ready = await posts.prepare(access, content_of(size), REF, handle=opened.handle, media=media)
        assert len(base64.b64decode(ready.handle["tail"])) == UNIT
        server.held = bytearray()

        with pytest.raises(PreparationGone):
            await posts.publish(access, content_of(size), REF, handle=ready.handle)


async def test_a_server_that_keeps_no_last_piece_is_tried_again_with_the_same_session() -> None:
    """It says each time that it is not whole, so nothing is public and nothing is lost."""
    size = 2 * UNIT
    server = Server(size, keeps=[])
    async with HttpClient(asgi_app=server) as http:
        posts, access, media = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE), Chunks([film_of(size)])
        opened = await posts.prepare(access, content_of(size), REF, handle=None, media=media)
        ready = await posts.prepare(access, content_of(size), REF, handle=opened.handle, media=media)
        server.keeps = [0] * 4
        with pytest.raises(PlatformError) as refused:
            await posts.publish(access, content_of(size), REF, handle=ready.handle)
        assert (refused.value.code, refused.value.retryable) == (ErrorCode.PLATFORM_DOWN, True)

        await posts.publish(access, content_of(size), PostRef(REF.post_id, 2), handle=ready.handle)

    assert bytes(server.held) == film_of(size)


async def test_a_server_that_has_it_all_and_does_not_take_it_is_a_doubt() -> None:
    """It may make the video at any moment, so nobody may say that nothing was published."""
    size = 2 * UNIT
    whole = Reply(308, b"", {"range": f"bytes=0-{size - 1}"})
    handle = {"session": SESSION, "size": size, "mime": "video/mp4", "first": UNIT, "tail": "AA==", "attempt": 1}
    async with Scripted(whole).http() as http:
        with pytest.raises(OutcomeUnknown):
            await YouTubePosts(an_app(), http).publish(
                an_access(Platform.YOUTUBE), content_of(size), REF, handle=handle
            )


async def test_a_long_film_goes_in_several_steps() -> None:
    """A step sends a bounded part of the file, so that what was reached is kept on the way."""
    size = 300 * UNIT
    server = Server(size, keeps=[])
    async with HttpClient(asgi_app=server) as http:
        posts, access, media = YouTubePosts(an_app(), http), an_access(Platform.YOUTUBE), Chunks([film_of(size)])
        opened = await posts.prepare(access, content_of(size), REF, handle=None, media=media)
        first = await posts.prepare(access, content_of(size), REF, handle=opened.handle, media=media)
        reached = len(server.held)
        second = await posts.prepare(access, content_of(size), REF, handle=first.handle, media=media)

    assert (first.ready, second.ready) == (False, True)
    assert 0 < reached < len(server.held) == size - UNIT
    assert bytes(server.held) == film_of(size)[:-UNIT]
