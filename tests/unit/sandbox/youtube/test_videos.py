"""Videos of the simulated YouTube after their upload: processing, publishing, reading, changing, deleting."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox, a_movie
from tests.unit.sandbox.youtube.visitors import (
    READ_SCOPE,
    UPLOAD_SCOPE,
    Merchant,
    a_merchant,
    an_account,
    reason_of,
)


async def status_of(merchant: Merchant, video_id: str) -> dict[str, Any]:
    """The status of a video."""
    found: dict[str, Any] = (await merchant.video(video_id))["status"]
    return found


async def test_a_video_is_processed_over_time(sandbox: Sandbox, merchant: Merchant) -> None:
    """Uploaded and processing, then processed and succeeded, with its length."""
    video = await merchant.uploaded(a_movie(253, width=1920, height=1080))
    parts = "status,processingDetails,contentDetails"

    sandbox.pass_time(seconds=1)
    early = await merchant.video(video["id"], parts)
    sandbox.pass_time(seconds=1)
    late = await merchant.video(video["id"], parts)

    assert early["status"]["uploadStatus"] == "uploaded"
    assert early["processingDetails"]["processingStatus"] == "processing"
    assert early["processingDetails"]["processingProgress"] == {
        "partsTotal": "1000",
        "partsProcessed": "500",
        "timeLeftMs": "1000",
    }
    assert early["contentDetails"]["duration"] == "P0D"
    assert late["status"]["uploadStatus"] == "processed"
    assert late["processingDetails"]["processingStatus"] == "succeeded"
    assert (late["contentDetails"]["duration"], late["contentDetails"]["definition"]) == ("PT4M13S", "hd")


@pytest.mark.parametrize(
    ("switches", "status", "processing"),
    [
        (
            {"processing_ends": "failed", "failure_reason": "codec"},
            {"uploadStatus": "failed", "failureReason": "codec"},
            "failed",
        ),
        (
            {"processing_ends": "rejected", "rejection_reason": "copyright"},
            {"uploadStatus": "rejected", "rejectionReason": "copyright"},
            "terminated",
        ),
    ],
)
async def test_processing_may_end_badly(
    sandbox: Sandbox, merchant: Merchant, switches: dict[str, Any], status: dict[str, str], processing: str
) -> None:
    """After an upload that went well, and only for videos uploaded from then on."""
    fine = await merchant.uploaded()
    sandbox.switch("youtube", **switches)
    video = await merchant.uploaded()

    assert video["status"]["uploadStatus"] == "uploaded"
    sandbox.pass_time(seconds=2)
    found = await merchant.video(video["id"], "status,processingDetails")
    assert status.items() <= found["status"].items()
    assert found["processingDetails"]["processingStatus"] == processing
    assert (await status_of(merchant, fine["id"]))["uploadStatus"] == "processed"


async def test_long_videos_need_a_channel_that_may(sandbox: Sandbox, merchant: Merchant) -> None:
    """Others have them rejected for their length."""
    await an_account(sandbox, "fresh", {"options": {"long_uploads": "eligible"}})
    fresh = await a_merchant(sandbox, account="fresh")
    content = a_movie(16 * 60)

    allowed, refused = await merchant.uploaded(content), await fresh.uploaded(content)
    sandbox.pass_time(seconds=2)

    assert (await status_of(merchant, allowed["id"]))["uploadStatus"] == "processed"
    found = await status_of(fresh, refused["id"])
    assert (found["uploadStatus"], found["rejectionReason"]) == ("rejected", "length")
    assert (await fresh.channel("status"))["status"]["longUploadsStatus"] == "eligible"


async def test_the_same_bytes_may_be_a_duplicate(sandbox: Sandbox, merchant: Merchant) -> None:
    """With the switch the second is rejected; both exist."""
    sandbox.switch("youtube", rejects_duplicates=True)
    await merchant.uploaded()
    second = await merchant.uploaded()
    sandbox.pass_time(seconds=2)

    assert (await status_of(merchant, second["id"]))["rejectionReason"] == "duplicate"
    assert len(await sandbox.published("youtube")) == 2


async def test_a_scheduled_video_flips_at_its_time(sandbox: Sandbox, merchant: Merchant) -> None:
    """Private until then; afterwards public, without the field, also for the ground truth that nobody asked before."""
    video = await merchant.uploaded(publishAt="2026-11-22T12:15:30+01:00")
    assert video["status"]["publishAt"] == "2026-11-22T11:15:30Z"

    sandbox.pass_time(minutes=59, seconds=59)
    assert (await sandbox.published("youtube"))[0]["visibility"] == "private"
    sandbox.pass_time(seconds=1)
    (post,) = await sandbox.published("youtube")

    assert post["visibility"] == "public"
    await merchant.renew()
    found = await merchant.video(video["id"])
    assert found["status"]["privacyStatus"] == "public"
    assert "publishAt" not in found["status"]
    assert found["snippet"]["publishedAt"] == "2026-11-22T11:15:30Z"


async def test_a_scheduled_video_flips_for_those_who_read_it(sandbox: Sandbox, merchant: Merchant) -> None:
    """Also where nobody has looked at the ground truth."""
    video = await merchant.uploaded(publishAt="2026-11-22T10:20:00Z")
    sandbox.pass_time(minutes=5)
    other = await a_merchant(sandbox, account="claystudio")

    found = await other.video(video["id"], "status")

    assert found["status"]["privacyStatus"] == "public"


async def test_a_past_time_publishes_at_once(sandbox: Sandbox, merchant: Merchant) -> None:
    """Also one that has passed while the bytes were on their way."""
    past = await merchant.uploaded(publishAt="2026-11-22T10:00:00Z")
    content = a_movie()
    body = {
        "snippet": {"title": "Slow"},
        "status": {"privacyStatus": "private", "publishAt": "2026-11-22T10:20:00Z"},
    }
    location = await merchant.session(len(content), body)
    sandbox.pass_time(minutes=10)
    slow = (await merchant.put(location, content)).json()

    for status in (past["status"], slow["status"]):
        assert status["privacyStatus"] == "public"
        assert "publishAt" not in status


async def test_a_schedule_can_be_moved_and_dropped(sandbox: Sandbox, merchant: Merchant) -> None:
    """By writing the status again; the old time then does nothing."""
    moved = await merchant.uploaded(publishAt="2026-11-22T11:00:00Z")
    dropped = await merchant.uploaded(publishAt="2026-11-22T11:00:00Z")
    later = {"privacyStatus": "private", "publishAt": "2026-11-22T13:00:00Z"}
    await merchant.update({"id": moved["id"], "status": later})
    await merchant.update({"id": dropped["id"], "status": {"privacyStatus": "private"}})

    sandbox.pass_time(hours=2)
    assert [post["visibility"] for post in await sandbox.published("youtube")] == ["private", "private"]
    sandbox.pass_time(hours=1)
    assert [post["visibility"] for post in await sandbox.published("youtube")] == ["public", "private"]


async def test_a_video_that_failed_is_not_published(sandbox: Sandbox, merchant: Merchant) -> None:
    """Its time passes and it stays private."""
    await merchant.uploaded(b"no video", publishAt="2026-11-22T11:00:00Z")
    sandbox.pass_time(hours=2)

    assert (await sandbox.published("youtube"))[0]["visibility"] == "private"


async def test_an_update_wipes_what_it_leaves_out(sandbox: Sandbox, merchant: Merchant) -> None:
    """A status without its privacy publishes; a snippet without tags has none; other parts stay."""
    video = await merchant.uploaded(containsSyntheticMedia=True, license="creativeCommon")

    written = await merchant.update({"id": video["id"], "status": {"selfDeclaredMadeForKids": True}})
    assert written.json()["status"]["privacyStatus"] == "public"
    assert "containsSyntheticMedia" not in written.json()["status"]
    assert written.json()["status"]["license"] == "youtube"
    assert "snippet" not in written.json()
    await merchant.update({"id": video["id"], "snippet": {"title": "New", "categoryId": "26"}}, "snippet")

    found = await merchant.video(video["id"])
    assert (found["snippet"]["title"], found["snippet"]["description"]) == ("New", "")
    assert "tags" not in found["snippet"]
    assert found["status"]["privacyStatus"] == "public"
    (post,) = await sandbox.published("youtube")
    assert (post["visibility"], post["text"], post["details"]) == ("public", "", {"title": "New", "tags": []})


@pytest.mark.parametrize(
    ("body", "part", "expected"),
    [
        ({"status": {"privacyStatus": "public"}}, "status", (404, "videoNotFound")),
        ({"id": "unknown", "status": {"privacyStatus": "public"}}, "status", (404, "videoNotFound")),
        ({"id": "own", "snippet": {"title": ""}}, "snippet", (400, "invalidTitle")),
        ({"id": "own"}, "snippet", (400, "invalidTitle")),
        (
            {"id": "own", "status": {"privacyStatus": "public", "publishAt": "2027-01-01T00:00:00Z"}},
            "status",
            (400, "invalidPublishAt"),
        ),
        ({"id": "own", "status": {}}, "statistics", (400, "unexpectedPart")),
        ({"id": "own", "status": {}}, "snippet", (400, "unexpectedPart")),
        ({"id": "own"}, "", (400, "required")),
    ],
)
async def test_a_wrong_update_changes_nothing(
    sandbox: Sandbox, merchant: Merchant, body: dict[str, Any], part: str, expected: tuple[int, str]
) -> None:
    """It is held to the rules of an upload."""
    video = await merchant.uploaded()
    before = await sandbox.published("youtube")
    if body.get("id") == "own":
        body = body | {"id": video["id"]}

    assert reason_of(await merchant.update(body, part)) == expected
    assert await sandbox.published("youtube") == before


async def test_deleting(sandbox: Sandbox, merchant: Merchant) -> None:
    """204 and empty; a second time the video is not found."""
    video = await merchant.uploaded()

    answer = await merchant.call("DELETE", "/youtube/v3/videos", params={"id": video["id"]})
    again = await merchant.call("DELETE", "/youtube/v3/videos", params={"id": video["id"]})

    assert (answer.status_code, answer.content) == (204, b"")
    assert reason_of(again) == (404, "videoNotFound")
    assert await sandbox.published("youtube") == []
    assert (await merchant.get("videos", part="id", id=video["id"])).json()["items"] == []


async def test_a_session_whose_video_was_deleted_is_gone(merchant: Merchant) -> None:
    """There is nothing left that it could answer with."""
    content = a_movie()
    location = await merchant.session(len(content))
    video = (await merchant.put(location, content)).json()
    await merchant.call("DELETE", "/youtube/v3/videos", params={"id": video["id"]})

    assert (await merchant.put(location, b"", f"bytes */{len(content)}")).status_code == 404


async def test_others_see_what_is_not_private(sandbox: Sandbox, merchant: Merchant) -> None:
    """Unknown and foreign private ids are simply absent; nobody changes what is another's."""
    ids = [(await merchant.uploaded(privacyStatus=p))["id"] for p in ("public", "unlisted", "private")]
    other = await a_merchant(sandbox, account="claystudio")

    answer = await other.get("videos", part="snippet,status", id=",".join([*ids, "unknown"]))

    assert answer.status_code == 200
    assert [item["id"] for item in answer.json()["items"]] == ids[:2]
    for video_id, expected in ((ids[0], (403, "forbidden")), (ids[2], (404, "videoNotFound"))):
        deleted = await other.call("DELETE", "/youtube/v3/videos", params={"id": video_id})
        assert reason_of(deleted) == expected
        assert reason_of(await other.update({"id": video_id, "status": {}})) == expected
    assert reason_of(await other.get("videos", part="fileDetails", id=ids[0])) == (403, "forbidden")


async def test_the_file_is_its_owners_to_read(merchant: Merchant) -> None:
    """Size as a string, as everything that counts 64 bits."""
    content = a_movie(4, width=320, height=180)
    video = await merchant.uploaded(content)

    details = (await merchant.video(video["id"], "fileDetails"))["fileDetails"]

    assert details["fileSize"] == str(len(content))
    assert details["durationMs"] == "4000"
    assert details["videoStreams"][0]["widthPixels"] == 320
    assert details["fileName"] == "unknown"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"part": "snippet"}, (400, "missingRequiredParameter")),
        ({"id": "a"}, (400, "required")),
        ({"part": "snippet,words", "id": "a"}, (400, "unknownPart")),
        ({"part": "snippet", "id": ",".join(f"v{n}" for n in range(51))}, (400, "invalidParameter")),
        ({"part": "snippet", "id": "a", "ids": "b"}, (400, "badRequest")),
        ({"part": "snippet", "id": "a", "maxResults": "51"}, (400, "invalidParameter")),
    ],
)
async def test_a_wrong_list_call_is_refused(
    merchant: Merchant, params: dict[str, str], expected: tuple[int, str]
) -> None:
    """A filter and a part are needed, names have to be known, fifty ids are the most."""
    assert reason_of(await merchant.get("videos", **params)) == expected


async def test_parts_and_ids_may_repeat(merchant: Merchant) -> None:
    """Both spellings of a list are read, mixed, too."""
    ids = [(await merchant.uploaded())["id"] for _ in range(3)]
    params = [("part", "snippet"), ("part", "status,id"), ("id", f"{ids[0]},{ids[1]}"), ("id", ids[2])]

    answer = await merchant.call("GET", "/youtube/v3/videos", params=params)

    assert [item["id"] for item in answer.json()["items"]] == ids
    assert set(answer.json()["items"][0]) == {"kind", "etag", "id", "snippet", "status"}


async def test_many_videos_counters_at_once(sandbox: Sandbox, merchant: Merchant) -> None:
    """One that is not there takes nothing from the others; counters are strings."""
    video = await merchant.uploaded(privacyStatus="public")
    metrics = {"views": 10, "likes": 1, "comments": 0}
    engagement = {"platform": "youtube", "platform_post_id": video["id"], "metrics": metrics}
    await sandbox.control("POST", "/engagement", json=engagement)

    answer = (await merchant.get("videos:batchGetStats", part="id,statistics", id=f"{video['id']},unknown")).json()

    assert answer["kind"] == "youtube#batchGetStatsResponse"
    (item,) = answer["items"]
    assert item["id"] == video["id"]
    assert item["statistics"] == {"viewCount": "10", "likeCount": "1", "commentCount": "0"}
    assert reason_of(await merchant.get("videos:batchGetStats", part="status", id="a")) == (400, "unknownPart")


async def test_counters_are_strings_and_grow(sandbox: Sandbox, merchant: Merchant) -> None:
    """A public video is watched; a private one is not."""
    public, private = await merchant.uploaded(privacyStatus="public"), await merchant.uploaded()
    sandbox.pass_time(days=1)
    await merchant.renew()

    found = (await merchant.video(public["id"], "statistics"))["statistics"]
    hidden = (await merchant.video(private["id"], "statistics"))["statistics"]

    assert set(found) == {"viewCount", "likeCount", "commentCount", "favoriteCount"}
    assert all(isinstance(value, str) for value in found.values())
    assert int(found["viewCount"]) > 100
    assert hidden["viewCount"] == "0"


async def test_counters_switched_off_are_absent(sandbox: Sandbox) -> None:
    """Not zero: not there."""
    await an_account(sandbox, "shy", {"options": {"hides_likes": True, "comments_off": True}})
    shy = await a_merchant(sandbox, account="shy")
    video = await shy.uploaded(privacyStatus="public")

    found = (await shy.video(video["id"], "statistics"))["statistics"]
    batch = await shy.get("videos:batchGetStats", part="statistics", id=video["id"])

    assert set(found) == {"viewCount", "favoriteCount"}
    assert set(batch.json()["items"][0]["statistics"]) == {"viewCount"}


async def test_each_method_needs_its_scope(sandbox: Sandbox) -> None:
    """A token for uploads reads, changes and deletes nothing; one for reading changes nothing."""
    uploader = await a_merchant(sandbox, scope=UPLOAD_SCOPE)
    reader = await a_merchant(sandbox, scope=READ_SCOPE)
    video = await uploader.uploaded()
    refused = (403, "insufficientPermissions")

    for path in ("channels", "videos", "videos:batchGetStats", "playlistItems", "search"):
        assert reason_of(await uploader.get(path, part="id", id="x")) == refused
    for merchant in (uploader, reader):
        assert reason_of(await merchant.update({"id": video["id"], "status": {}})) == refused
        deleted = await merchant.call("DELETE", "/youtube/v3/videos", params={"id": video["id"]})
        assert reason_of(deleted) == refused
    assert deleted.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert reason_of(await uploader.report()) == refused
    assert (await reader.get("videos", part="id", id=video["id"])).status_code == 200
    assert (await reader.report()).status_code == 200


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer ya29.unknown"}, {"authorization": "Basic eDp5"}])
async def test_a_call_needs_a_living_token(sandbox: Sandbox, header: dict[str, str]) -> None:
    """Missing, unknown, or of another scheme."""
    answer = await sandbox.client.get("/youtube/www.googleapis.com/youtube/v3/videos?part=id&id=a", headers=header)

    assert reason_of(answer) == (401, "authError")
    assert "Bearer" in answer.headers["www-authenticate"]
