"""Google's own client library works against the simulator, over a real socket."""

import asyncio
import copy
import hashlib
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload, MediaInMemoryUpload
from tests.unit.sandbox.harness import CALLBACK, Sandbox, a_movie, a_picture
from tests.unit.sandbox.youtube.descriptions import description
from tests.unit.sandbox.youtube.visitors import GRAIN, Merchant, a_body, a_large_movie

from social_sandbox.app import create_app
from social_sandbox.clock import SandboxClock
from social_sandbox.config import SandboxConfig
from social_sandbox.server import build_server

BEGAN = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
MOVIE = a_large_movie(3 * GRAIN + 1234)


class Dropped(Exception):
    """The connection was cut."""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket that listens already: clients may connect before the server has begun to accept."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


@pytest.fixture
async def sandbox(listening: socket.socket) -> AsyncIterator[Sandbox]:
    """A sandbox that serves on that socket, and whose answers name it."""
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    clock = SandboxClock(lambda: BEGAN)
    app = create_app(SandboxConfig(public_url=base, callback_bases=(CALLBACK,)), clock=clock)
    server = build_server(app, host="127.0.0.1", port=0)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base) as client:
        yield Sandbox(app, client, clock)
    server.should_exit = True
    await running


def a_service(merchant: Merchant, name: str, host: str) -> Any:
    """Google's client for one of its APIs; uploads follow the description's `rootUrl`."""
    document = copy.deepcopy(description(name))
    document["rootUrl"] = f"{merchant.sandbox.simulation.config.public_url}/youtube/{host}/"
    credentials = Credentials(token=merchant.tokens["access_token"])  # type: ignore[no-untyped-call]
    return build_from_document(document, credentials=credentials)


@pytest.fixture
def youtube(merchant: Merchant) -> Iterator[Any]:
    """Google's client for the data API."""
    service = a_service(merchant, "youtube.v3", "youtube.googleapis.com")
    yield service
    service.close()


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    """A file of three whole chunks and a rest."""
    path = tmp_path / "movie.mp4"
    path.write_bytes(MOVIE)
    return path


def an_upload(youtube: Any, movie: Path, **status: Any) -> Any:
    """An insert by chunks of 256 KiB."""
    media = MediaFileUpload(str(movie), mimetype="video/mp4", chunksize=GRAIN, resumable=True)
    return youtube.videos().insert(part="snippet,status", body=a_body(**status), media_body=media)


def finish(request: Any) -> tuple[list[int], dict[str, Any]]:
    """Send every chunk; returns the progress after each, and the video."""
    progress: list[int] = []
    response = None
    while response is None:
        state, response = request.next_chunk()
        if state is not None:
            progress.append(state.resumable_progress)
    return progress, response


async def test_the_client_uploads_by_chunks(sandbox: Sandbox, youtube: Any, movie: Path) -> None:
    """Session, three 308s with their Range, the last chunk, the video."""
    progress, video = await asyncio.to_thread(finish, an_upload(youtube, movie))

    assert progress == [GRAIN, 2 * GRAIN, 3 * GRAIN]
    (post,) = await sandbox.published("youtube")
    assert post["platform_post_id"] == video["id"]
    assert post["media"][0]["sha256"] == hashlib.sha256(MOVIE).hexdigest()
    requests = await sandbox.control("GET", "/requests", params={"platform": "youtube"})
    statuses = [entry["status"] for entry in requests["requests"] if "/upload/" in entry["raw_path"]]
    assert statuses == [200, 308, 308, 308, 200]


@pytest.mark.parametrize(("kept", "first"), [("none", 0), ("some", GRAIN // 2)])
async def test_the_client_goes_on_where_the_server_stands(
    sandbox: Sandbox, youtube: Any, movie: Path, kept: str, first: int
) -> None:
    """Whether nothing of a chunk was stored or less than was sent; addresses may move meanwhile."""
    sandbox.switch("youtube", chunk_kept=kept, short_chunks=1, moves_session=True)

    progress, _ = await asyncio.to_thread(finish, an_upload(youtube, movie))

    assert progress[0] == first
    (post,) = await sandbox.published("youtube")
    assert post["media"][0]["sha256"] == hashlib.sha256(MOVIE).hexdigest()


async def test_the_client_asks_after_a_cut_and_adopts_the_video(sandbox: Sandbox, youtube: Any, movie: Path) -> None:
    """The last chunk was stored and its answer lost: the question alone gives the video, and there is one."""
    await sandbox.fault("youtube", "publish", "commit_then_drop")
    request = an_upload(youtube, movie)

    def until_cut() -> None:
        try:
            finish(request)
        except OSError as error:
            raise Dropped from error

    with pytest.raises(Dropped):
        await asyncio.to_thread(until_cut)
    _, video = await asyncio.to_thread(finish, request)

    (post,) = await sandbox.published("youtube")
    assert post["platform_post_id"] == video["id"]


async def test_the_client_resumes_after_a_server_error(sandbox: Sandbox, youtube: Any, movie: Path) -> None:
    """A 500 in the middle; the same request goes on from the true offset."""
    request = an_upload(youtube, movie)
    await asyncio.to_thread(request.next_chunk)
    await sandbox.fault("youtube", "media", "commit_then_500")

    with pytest.raises(HttpError, match="500"):
        await asyncio.to_thread(request.next_chunk)
    progress, _ = await asyncio.to_thread(finish, request)

    assert progress == [3 * GRAIN]
    assert len(await sandbox.published("youtube")) == 1


async def test_the_client_uploads_at_once_and_empty_files(sandbox: Sandbox, youtube: Any) -> None:
    """multipart/related as the library writes it, with every byte in its place; and a file without any."""
    content = a_movie() + (262).to_bytes(4) + b"free" + bytes(range(256))[:254]
    simple = MediaInMemoryUpload(content, mimetype="video/mp4")
    empty = MediaInMemoryUpload(b"", mimetype="video/mp4", chunksize=GRAIN, resumable=True)
    videos = youtube.videos()

    await asyncio.to_thread(videos.insert(part="snippet,status", body=a_body(), media_body=simple).execute)
    await asyncio.to_thread(videos.insert(part="snippet,status", body=a_body(), media_body=empty).execute)

    digests = [post["media"][0]["sha256"] for post in await sandbox.published("youtube")]
    assert digests == [hashlib.sha256(content).hexdigest(), hashlib.sha256(b"").hexdigest()]


async def test_the_client_reads_changes_and_deletes(sandbox: Sandbox, youtube: Any, movie: Path) -> None:
    """Channel, playlist and its pages, batch, update, thumbnail, delete, and a refusal with its reason."""
    _, video = await asyncio.to_thread(finish, an_upload(youtube, movie))
    sandbox.pass_time(minutes=2)

    def work() -> dict[str, Any]:
        channel = youtube.channels().list(part="contentDetails", mine=True).execute()["items"][0]
        playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
        items = youtube.playlistItems()
        listing = items.list(part="contentDetails", playlistId=playlist, maxResults=1)
        page = listing.execute()
        changed = {"id": video["id"], "status": {"privacyStatus": "unlisted"}}
        picture = MediaInMemoryUpload(a_picture(), mimetype="image/jpeg")
        return {
            "page": page,
            "next": items.list_next(listing, page),
            "stats": youtube.videos().batchGetStats(part=["id", "statistics"], id=[video["id"]]).execute(),
            "found": youtube.search().list(part="id", forMine=True, type="video").execute(),
            "updated": youtube.videos().update(part="status", body=changed).execute(),
            "thumbnail": youtube.thumbnails().set(videoId=video["id"], media_body=picture).execute(),
            "deleted": youtube.videos().delete(id=video["id"]).execute(),
        }

    done = await asyncio.to_thread(work)

    assert done["page"]["items"][0]["contentDetails"]["videoId"] == video["id"]
    assert done["next"] is None
    assert done["stats"]["items"][0]["id"] == done["found"]["items"][0]["id"]["videoId"] == video["id"]
    assert done["updated"]["status"]["privacyStatus"] == "unlisted"
    assert done["thumbnail"]["kind"] == "youtube#thumbnailSetResponse"
    assert await sandbox.published("youtube") == []
    with pytest.raises(HttpError) as refused:
        await asyncio.to_thread(youtube.videos().delete(id=video["id"]).execute)
    assert refused.value.error_details[0]["reason"] == "videoNotFound"


async def test_the_client_asks_for_reports(sandbox: Sandbox, merchant: Merchant) -> None:
    """The second API, with the same token."""
    await merchant.uploaded(privacyStatus="public")
    sandbox.pass_time(days=6)
    await merchant.renew()
    analytics = a_service(merchant, "youtubeAnalytics.v2", "youtubeanalytics.googleapis.com")
    asked = {"startDate": "2026-11-01", "endDate": "2026-11-28", "metrics": "views", "dimensions": "day"}

    table = await asyncio.to_thread(analytics.reports().query(ids="channel==MINE", **asked).execute)
    analytics.close()

    assert table["rows"][0][0] == "2026-11-22"
