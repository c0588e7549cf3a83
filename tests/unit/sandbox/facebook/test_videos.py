"""Videos, resumable uploads, and reels in their three phases."""

from typing import Any

import pytest
from tests.unit.sandbox.facebook.visitors import GRAPH, VIDEO_GRAPH, Merchant, error_of
from tests.unit.sandbox.harness import Response, Sandbox, a_movie, a_picture

UPRIGHT = a_movie(6, width=1080, height=1920)


async def begun(merchant: Merchant) -> tuple[str, str]:
    """A reel's id and where its bytes go."""
    answer = await merchant.call("POST", "/{page}/video_reels", data={"upload_phase": "start"})
    assert answer.status_code == 200, answer.text
    return answer.json()["video_id"], answer.json()["upload_url"]


async def send(merchant: Merchant, url: str, content: bytes = UPRIGHT, **headers: str) -> Response:
    """Send a reel's bytes."""
    usual = {"authorization": f"OAuth {merchant.token}"}
    if "file_url" not in headers:
        usual |= {"offset": "0", "file_size": str(len(content))}
    return await merchant.sandbox.client.post(url, headers=usual | headers, content=content)


async def finish(merchant: Merchant, video_id: str, **params: str) -> Response:
    """Finish a reel; published unless told otherwise."""
    data = {"upload_phase": "finish", "video_id": video_id, "video_state": "PUBLISHED"} | params
    return await merchant.call("POST", "/{page}/video_reels", data=data)


async def status(merchant: Merchant, video_id: str) -> dict[str, Any]:
    """How far a video is."""
    answer = await merchant.read(video_id, "status,permalink_url,post_id,published")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def a_reel(merchant: Merchant, content: bytes = UPRIGHT, **params: str) -> str:
    """All three phases."""
    video_id, url = await begun(merchant)
    assert (await send(merchant, url, content)).json() == {"success": True}
    answer = await finish(merchant, video_id, **params)
    assert answer.json() == {"success": True}
    return video_id


async def video(merchant: Merchant, host: str = VIDEO_GRAPH, **kwargs: Any) -> Response:
    """Upload a video at the host for videos."""
    headers = {"authorization": f"Bearer {merchant.token}"}
    address = f"{host}/v26.0/{merchant.page_id}/videos"
    return await merchant.sandbox.client.post(address, headers=headers, **kwargs)


async def test_a_video_answers_its_own_id(sandbox: Sandbox, merchant: Merchant) -> None:
    """Not its post's, which exists once it is processed, is listed, and has the video as its target."""
    answer = await video(merchant, data={"file_url": merchant.movie(), "title": "Mugs", "description": "See them"})
    assert set(answer.json()) == {"id"}
    video_id = answer.json()["id"]
    early = await status(merchant, video_id)
    assert early["status"]["video_status"] == "processing"
    assert early["published"] is False
    assert "post_id" not in early
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["processing"]

    sandbox.pass_time(seconds=5)

    late = await status(merchant, video_id)
    assert late["status"]["video_status"] == "ready"
    assert late["status"]["publishing_phase"]["publish_status"] == "published"
    assert late["published"] is True
    assert late["permalink_url"].startswith("/")
    (post,) = await sandbox.published("facebook")
    assert (post["platform_post_id"], post["visibility"], post["kind"]) == (video_id, "public", "video")
    assert post["text"] == "See them"
    assert await merchant.listed() == [late["post_id"]]
    shown = (await merchant.read(late["post_id"], "message,attachments{media_type,target{id}}")).json()
    assert shown["attachments"]["data"] == [{"media_type": "video", "target": {"id": video_id}}]


async def test_a_video_comes_in_three_ways(merchant: Merchant) -> None:
    """By address, as a file, or by the handle of an upload; one of them, on either host."""
    files = {"source": ("a.mp4", a_movie(), "video/mp4")}
    handle = (await uploaded(merchant)).json()["h"]

    for kwargs in ({"files": files}, {"data": {"fbuploader_video_file_chunk": handle}}):
        assert set((await video(merchant, **kwargs)).json()) == {"id"}
    assert set((await video(merchant, GRAPH, data={"file_url": merchant.movie()})).json()) == {"id"}
    assert error_of(await video(merchant, data={"description": "x"})) == (100, None)
    assert error_of(await video(merchant, data={"file_url": merchant.movie()}, files=files)) == (100, None)
    assert error_of(await video(merchant, data={"fbuploader_video_file_chunk": "2:unknown"})) == (100, None)


async def test_unusable_videos_are_refused(sandbox: Sandbox, merchant: Merchant) -> None:
    """A wrong kind, an address that gives nothing, one that is too slow, and an empty text each have their code."""
    sandbox.switch("facebook", fetch_time_limit_s=0.1)
    media = merchant.media
    picture = media.serve("a.jpg", a_picture(), "image/jpeg")

    assert error_of(await video(merchant, data={"file_url": picture})) == (352, None)
    assert error_of(await video(merchant, data={"file_url": f"{media.base}/missing.mp4"})) == (389, None)
    assert error_of(await video(merchant, data={"file_url": media.keep_silent("slow.mp4")})) == (6000, 1363030)
    assert error_of(await video(merchant, data={"file_url": merchant.movie(), "description": ""})) == (197, None)
    assert await sandbox.published("facebook") == []


async def test_videos_can_be_hidden_or_scheduled(sandbox: Sandbox, merchant: Merchant) -> None:
    """For up to six months ahead."""
    hidden = await video(merchant, data={"file_url": merchant.movie(), "published": "false"})
    when = str(int(sandbox.clock.timestamp() + 170 * 86_400))
    later = {"file_url": merchant.movie(), "published": "false", "scheduled_publish_time": when}
    waiting = (await video(merchant, data=later)).json()["id"]
    beyond = str(int(sandbox.clock.timestamp() + 190 * 86_400))

    assert hidden.status_code == 200
    assert error_of(await video(merchant, data=later | {"scheduled_publish_time": beyond})) == (100, None)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["unpublished", "scheduled"]
    assert (await status(merchant, waiting))["status"]["publishing_phase"]["publish_status"] == "scheduled"
    sandbox.pass_time(days=170)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["unpublished", "public"]


@pytest.mark.parametrize("phase", ["uploading", "processing", "publishing"])
async def test_a_video_may_fail_in_each_phase(sandbox: Sandbox, merchant: Merchant, phase: str) -> None:
    """The phase tells its errors, and nobody ever sees the video."""
    sandbox.switch("facebook", video_fault=phase)
    videos = [(await video(merchant, data={"file_url": merchant.movie()})).json()["id"], await a_reel(merchant)]
    sandbox.pass_time(seconds=60)

    for video_id in videos:
        told = await status(merchant, video_id)
        assert told["status"]["video_status"] == "error"
        assert told["status"][f"{phase}_phase"]["status"] == "error"
        assert told["status"][f"{phase}_phase"]["errors"][0]["code"] == 1363026
        assert told["published"] is False
    assert {post["visibility"] for post in await sandbox.published("facebook")} == {"failed"}
    assert await merchant.listed() == []


async def test_a_deleted_video_takes_its_post_with_it(sandbox: Sandbox, merchant: Merchant) -> None:
    """By either id, and once."""
    first = (await video(merchant, data={"file_url": merchant.movie()})).json()["id"]
    second = (await video(merchant, data={"file_url": merchant.movie()})).json()["id"]
    sandbox.pass_time(seconds=5)
    post_id = (await status(merchant, second))["post_id"]

    for node in (first, post_id):
        assert (await merchant.call("DELETE", f"/{node}")).json() == {"success": True}
        assert error_of(await merchant.call("DELETE", f"/{node}")) == (100, 33)
    assert error_of(await merchant.read(second)) == (100, 33)
    assert await sandbox.published("facebook") == []


async def session_of(merchant: Merchant, content: bytes, **changes: str) -> Response:
    """Open an upload."""
    query = {"file_name": "a.mp4", "file_length": str(len(content)), "file_type": "video/mp4"} | changes
    return await merchant.as_person("POST", "/sandbox-client/uploads", params=query)


async def transfer(merchant: Merchant, session: str, content: bytes, *, offset: int | None = 0) -> Response:
    """Send bytes of an upload."""
    headers = {"authorization": f"OAuth {merchant.long}"} | ({} if offset is None else {"file_offset": str(offset)})
    return await merchant.sandbox.client.post(f"{GRAPH}/v26.0/{session}", headers=headers, content=content)


async def uploaded(merchant: Merchant, content: bytes = UPRIGHT) -> Response:
    """Upload a file at once."""
    session = (await session_of(merchant, content)).json()["id"]
    return await transfer(merchant, session, content)


async def test_an_upload_can_be_resumed(sandbox: Sandbox, merchant: Merchant) -> None:
    """It breaks, tells how far it came, and goes on from there."""
    session = (await session_of(merchant, UPRIGHT)).json()["id"]
    assert session.startswith("upload:")
    sandbox.switch("facebook", upload_takes_bytes=100)
    assert error_of(await transfer(merchant, session, UPRIGHT)) == (2, None)

    progress = await sandbox.client.get(f"{GRAPH}/v26.0/{session}", headers={"authorization": f"OAuth {merchant.long}"})
    assert progress.json() == {"id": session, "file_offset": 100}
    sandbox.switch("facebook", upload_takes_bytes=None)
    assert error_of(await transfer(merchant, session, UPRIGHT)) == (100, None)
    assert error_of(await transfer(merchant, session, UPRIGHT[100:], offset=None)) == (100, None)
    done = await transfer(merchant, session, UPRIGHT[100:], offset=100)

    assert done.json()["h"].startswith("2:")
    assert (await video(merchant, data={"fbuploader_video_file_chunk": done.json()["h"]})).status_code == 200


async def test_uploads_have_their_rules(sandbox: Sandbox, merchant: Merchant) -> None:
    """The app's own id, a length, a known kind, the scheme OAuth, not a byte more, and a day."""
    session = (await session_of(merchant, UPRIGHT)).json()["id"]

    assert error_of(await merchant.as_person("POST", "/900100200/uploads")) == (100, 33)
    assert error_of(await session_of(merchant, UPRIGHT, file_length="0")) == (100, None)
    assert error_of(await session_of(merchant, UPRIGHT, file_type="video/webm")) == (100, None)
    assert error_of(await transfer(merchant, session, UPRIGHT + b"x")) == (100, None)
    assert error_of(await transfer(merchant, session, UPRIGHT[:10])) == (100, None)
    bearer = {"authorization": f"Bearer {merchant.long}", "file_offset": "10"}
    refused = await sandbox.client.post(f"{GRAPH}/v26.0/{session}", headers=bearer, content=UPRIGHT[10:])
    assert error_of(refused) == (2500, None)
    assert error_of(await transfer(merchant, "upload:unknown", UPRIGHT)) == (100, 33)
    sandbox.pass_time(days=1)
    assert error_of(await transfer(merchant, session, UPRIGHT[10:], offset=10)) == (100, 33)


async def test_a_reel_goes_through_its_phases(sandbox: Sandbox, merchant: Merchant) -> None:
    """Nothing is seen before the end; the bytes go to an address under the sandbox's own base."""
    video_id, url = await begun(merchant)
    assert url == f"http://localhost:8110/facebook/rupload.facebook.com/video-upload/v26.0/{video_id}"
    steps = [(await status(merchant, video_id))["status"]["video_status"]]
    assert error_of(await finish(merchant, video_id)) == (100, None)
    assert (await send(merchant, url)).json() == {"success": True}
    steps.append((await status(merchant, video_id))["status"]["video_status"])
    assert (await finish(merchant, video_id, description="New mugs", title="Mugs")).json() == {"success": True}
    told = (await status(merchant, video_id))["status"]
    steps.append(told["video_status"])
    assert told["uploading_phase"] == {"status": "complete", "bytes_transferred": len(UPRIGHT)}
    assert told["processing_phase"] == {"status": "in_progress"}
    assert told["publishing_phase"] == {"status": "not_started", "publish_status": "draft"}
    sandbox.pass_time(seconds=2)
    done = await status(merchant, video_id)
    steps.append(done["status"]["video_status"])

    assert steps == ["uploading", "upload_complete", "processing", "ready"]
    assert done["status"]["publishing_phase"]["status"] == "complete"
    assert done["permalink_url"] == f"/reel/{video_id}/"
    (post,) = await sandbox.published("facebook")
    assert (post["platform_post_id"], post["visibility"], post["kind"]) == (video_id, "public", "reel")


async def test_reels_have_a_list_of_their_own(sandbox: Sandbox, merchant: Merchant) -> None:
    """They are not among the posts; whether the other edge can be read is uncertain."""
    video_id = await a_reel(merchant)
    sandbox.pass_time(seconds=10)

    assert await merchant.listed() == []
    assert await merchant.listed("video_reels") == [video_id]
    assert await merchant.listed("video_reels", until="2026-11-22T10:00:00+0000") == []
    sandbox.switch("facebook", reels_listed=False)
    assert error_of(await merchant.call("GET", "/{page}/video_reels")) == (100, None)


async def test_finishing_again_makes_no_second_reel(sandbox: Sandbox, merchant: Merchant) -> None:
    """It is said to be a success, or an error."""
    video_id = await a_reel(merchant)

    assert (await finish(merchant, video_id)).json() == {"success": True}
    sandbox.pass_time(seconds=10)
    sandbox.switch("facebook", refinish="error")
    assert error_of(await finish(merchant, video_id)) == (100, None)
    assert len(await sandbox.published("facebook")) == 1


async def test_drafts_can_be_published_and_schedules_wait(sandbox: Sandbox, merchant: Merchant) -> None:
    """A scheduled reel stands within ten minutes and twenty-nine days."""
    draft = await a_reel(merchant, video_state="DRAFT")
    when = str(int(sandbox.clock.timestamp() + 28 * 86_400))
    await a_reel(merchant, video_state="SCHEDULED", scheduled_publish_time=when)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["draft", "scheduled"]

    video_id, url = await begun(merchant)
    await send(merchant, url)
    beyond = str(int(sandbox.clock.timestamp() + 30 * 86_400))
    for wrong in (
        {"video_state": "SCHEDULED"},
        {"video_state": "SCHEDULED", "scheduled_publish_time": beyond},
        {"video_state": "PUBLISHED", "scheduled_publish_time": when},
        {"video_state": "LIVE"},
        {"upload_phase": "transfer"},
    ):
        assert error_of(await finish(merchant, video_id, **wrong)) == (100, None)
    assert error_of(await finish(merchant, video_id, description="")) == (197, None)

    assert (await finish(merchant, draft)).json() == {"success": True}
    sandbox.pass_time(days=28)
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["public", "public"]


@pytest.mark.parametrize(
    "content",
    [
        a_movie(2.9, width=1080, height=1920),
        a_movie(91, width=1080, height=1920),
        a_movie(6, width=1080, height=1080),
        a_movie(6, width=360, height=640),
        a_picture(),
    ],
)
async def test_an_unfit_reel_fails_when_it_is_processed(sandbox: Sandbox, merchant: Merchant, content: bytes) -> None:
    """Length, shape, size and kind show only then."""
    video_id = await a_reel(merchant, content)
    sandbox.pass_time(seconds=10)

    assert (await status(merchant, video_id))["status"]["processing_phase"]["status"] == "error"
    assert [post["visibility"] for post in await sandbox.published("facebook")] == ["failed"]


async def test_the_bytes_of_a_reel_can_be_resumed_or_fetched(sandbox: Sandbox, merchant: Merchant) -> None:
    """From where they ended, which the status tells; or from an address, without a body."""
    video_id, url = await begun(merchant)
    sandbox.switch("facebook", upload_takes_bytes=50)
    assert error_of(await send(merchant, url)) == (2, None)
    sandbox.switch("facebook", upload_takes_bytes=None)
    assert (await status(merchant, video_id))["status"]["uploading_phase"]["bytes_transferred"] == 50
    assert error_of(await send(merchant, url)) == (100, None)
    rest = {"offset": "50", "file_size": str(len(UPRIGHT))}
    assert (await send(merchant, url, UPRIGHT[50:], **rest)).json() == {"success": True}

    _, other = await begun(merchant)
    gone = f"{merchant.media.base}/missing.mp4"
    assert error_of(await send(merchant, other, b"", file_url=gone)) == (389, None)
    assert error_of(await send(merchant, other, UPRIGHT, file_url=merchant.movie())) == (100, None)
    assert (await send(merchant, other, b"", file_url=merchant.movie())).json() == {"success": True}


async def test_the_upload_host_wants_the_scheme_oauth(sandbox: Sandbox, merchant: Merchant) -> None:
    """And the Page's own token."""
    _, url = await begun(merchant)

    assert error_of(await send(merchant, url, authorization=f"Bearer {merchant.token}")) == (2500, None)
    assert error_of(await send(merchant, url, authorization=f"OAuth {merchant.long}")) == (210, None)
    assert error_of(await send(merchant, url.rpartition("/")[0] + "/1")) == (100, 33)


async def test_thirty_reels_a_day(sandbox: Sandbox, merchant: Merchant) -> None:
    """613 from then on; drafts do not count, and a day later there is room again."""
    for _ in range(30):
        await a_reel(merchant)
    await a_reel(merchant, video_state="DRAFT")
    video_id, url = await begun(merchant)
    await send(merchant, url)

    assert error_of(await finish(merchant, video_id)) == (613, None)
    sandbox.pass_time(hours=23, minutes=59)
    assert error_of(await finish(merchant, video_id)) == (613, None)
    sandbox.pass_time(minutes=1)
    assert error_of(await finish(merchant, video_id)) == (100, None)
    assert (await a_reel(merchant)) != video_id


async def test_an_unfinished_reel_expires(sandbox: Sandbox, merchant: Merchant) -> None:
    """After a day."""
    video_id, url = await begun(merchant)
    sandbox.pass_time(days=1)

    assert (await status(merchant, video_id))["status"]["video_status"] == "expired"
    assert error_of(await send(merchant, url)) == (100, 33)


async def test_faults_tell_the_phases_apart(sandbox: Sandbox, merchant: Merchant) -> None:
    """Beginning and sending is media; finishing publishes, and its answer may be lost."""
    await sandbox.fault("facebook", "media", "error_500")
    refused = await merchant.call("POST", "/{page}/video_reels", data={"upload_phase": "start"})
    assert error_of(refused) == (2, None)
    video_id, url = await begun(merchant)
    await send(merchant, url)
    await sandbox.fault("facebook", "publish", "commit_then_500")

    assert error_of(await finish(merchant, video_id)) == (2, None)
    sandbox.pass_time(seconds=10)
    assert (await status(merchant, video_id))["published"] is True
