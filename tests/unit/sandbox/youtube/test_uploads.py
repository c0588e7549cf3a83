"""The resumable protocol of the simulated YouTube, step by step."""

import hashlib
import pickle
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.unit.sandbox.harness import BASE, Sandbox, a_movie, a_picture
from tests.unit.sandbox.youtube.visitors import GRAIN, Merchant, a_body, a_large_movie, a_merchant, path_of, reason_of

SIZE = GRAIN * 2 + 1000
MOVIE = a_large_movie(SIZE)


def part(start: int, end: int, total: int | str = SIZE) -> str:
    """A Content-Range."""
    return f"bytes {start}-{end}/{total}"


async def test_a_session_is_an_address_in_a_header_and_nothing_else(merchant: Merchant) -> None:
    """The answer is 200 with an empty body; the address stays under the sandbox's own base."""
    answer = await merchant.start(SIZE)

    assert answer.status_code == 200
    assert answer.content == b""
    location = answer.headers["location"]
    assert path_of(location) == "/youtube/www.googleapis.com/upload/youtube/v3/videos"
    assert location.startswith(BASE)
    query = parse_qs(urlsplit(location).query)
    assert query["uploadType"] == ["resumable"]
    assert query["part"] == ["snippet,status"]
    assert len(query["upload_id"][0]) > 60


async def test_the_bytes_in_one_put_make_a_video(sandbox: Sandbox, merchant: Merchant) -> None:
    """The answer is the video; the ground truth has it once, with what its file is."""
    content = a_movie(4, width=320, height=180)
    video = await merchant.uploaded(content)

    assert video["kind"] == "youtube#video"
    assert video["status"]["uploadStatus"] == "uploaded"
    (post,) = await sandbox.published("youtube")
    assert post["platform_post_id"] == video["id"]
    assert post["platform_id"] == (await merchant.channel("id"))["id"]
    assert (post["kind"], post["visibility"], post["text"]) == ("video", "private", "How we do it.")
    assert post["details"] == {"title": "Glazing a bowl", "tags": ["ceramics"]}
    assert post["media"] == [
        {
            "kind": "video",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "duration_s": 4.0,
            "width": 320,
            "height": 180,
        }
    ]


async def test_an_unfinished_session_is_no_post(sandbox: Sandbox, merchant: Merchant) -> None:
    """Neither opened nor half filled does it show up anywhere."""
    location = await merchant.session(SIZE)
    await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))
    sandbox.pass_time(minutes=5)

    playlist = (await merchant.channel())["contentDetails"]["relatedPlaylists"]["uploads"]
    listed = await merchant.get("playlistItems", part="contentDetails", playlistId=playlist)
    assert listed.json()["items"] == []
    assert await sandbox.published("youtube") == []


async def test_chunks_are_answered_with_how_much_is_there(sandbox: Sandbox, merchant: Merchant) -> None:
    """308 with Range after each but the last; the bytes come together again."""
    location = await merchant.session(SIZE)

    first = await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))
    second = await merchant.put(location, MOVIE[GRAIN : 2 * GRAIN], part(GRAIN, 2 * GRAIN - 1))
    last = await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1))

    assert (first.status_code, first.content) == (308, b"")
    assert first.headers["range"] == f"bytes=0-{GRAIN - 1}"
    assert "location" not in first.headers
    assert second.headers["range"] == f"bytes=0-{2 * GRAIN - 1}"
    assert last.status_code == 200
    (post,) = await sandbox.published("youtube")
    assert post["media"][0]["sha256"] == hashlib.sha256(MOVIE).hexdigest()


@pytest.mark.parametrize(("total", "query"), [(SIZE, f"bytes */{SIZE}"), (SIZE, "bytes */*"), (None, "bytes */*")])
async def test_a_session_tells_how_far_it_is(merchant: Merchant, total: int | None, query: str) -> None:
    """No Range while nothing is stored, then the stored bytes."""
    location = await merchant.session(total)
    before = await merchant.put(location, b"", query)
    await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))
    after = await merchant.put(location, b"", query)

    assert before.status_code == after.status_code == 308
    assert "range" not in before.headers
    assert after.headers["range"] == f"bytes=0-{GRAIN - 1}"


async def test_a_finished_session_goes_on_answering_with_its_video(sandbox: Sandbox, merchant: Merchant) -> None:
    """The question and the last bytes once more both give the same video, and no second one."""
    location = await merchant.session(SIZE)
    video = (await merchant.put(location, MOVIE)).json()

    asked = await merchant.put(location, b"", f"bytes */{SIZE}")
    again = await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1))

    assert (asked.status_code, asked.json()["id"]) == (200, video["id"])
    assert (again.status_code, again.json()["id"]) == (200, video["id"])
    assert len(await sandbox.published("youtube")) == 1


async def test_the_last_put_may_be_stored_and_its_answer_lost(sandbox: Sandbox, merchant: Merchant) -> None:
    """The fault `publish` hits the bytes that complete the file; the state then is 200 and the video."""
    location = await merchant.session(SIZE)
    await sandbox.fault("youtube", "publish", "commit_then_drop")

    first = await merchant.put(location, MOVIE[: 2 * GRAIN], part(0, 2 * GRAIN - 1))
    with pytest.raises(ConnectionResetError):
        await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1))
    asked = await merchant.put(location, b"", f"bytes */{SIZE}")

    assert first.status_code == 308
    assert asked.status_code == 200
    (post,) = await sandbox.published("youtube")
    assert post["platform_post_id"] == asked.json()["id"]


@pytest.mark.parametrize("with_range", [True, False])
async def test_a_whole_file_in_one_put_is_publishing(sandbox: Sandbox, merchant: Merchant, with_range: bool) -> None:
    """With and without Content-Range."""
    location = await merchant.session(SIZE)
    await sandbox.fault("youtube", "publish", "error_500")

    answer = await merchant.put(location, MOVIE, part(0, SIZE - 1) if with_range else None)

    assert reason_of(answer) == (500, "backendError")
    assert await sandbox.published("youtube") == []


async def test_media_faults_hit_the_start_and_the_earlier_chunks(sandbox: Sandbox, merchant: Merchant) -> None:
    """Not the last one, and not the question."""
    await sandbox.fault("youtube", "media", "error_500")
    assert (await merchant.start(SIZE)).status_code == 500
    location = await merchant.session(SIZE)

    await sandbox.fault("youtube", "media", "error_500")
    asked = await merchant.put(location, b"", f"bytes */{SIZE}")
    chunk = await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))
    await sandbox.fault("youtube", "media", "error_500")
    whole = await merchant.put(location, MOVIE)

    assert (asked.status_code, chunk.status_code, whole.status_code) == (308, 500, 200)


async def test_read_faults_hit_the_question_and_the_lists(sandbox: Sandbox, merchant: Merchant) -> None:
    """Both are ways to find out what became of an upload."""
    video = await merchant.uploaded()
    location = await merchant.session(SIZE)
    playlist = (await merchant.channel())["contentDetails"]["relatedPlaylists"]["uploads"]
    await sandbox.fault("youtube", "read", "error_500", count=3)

    answers = [
        await merchant.put(location, b"", f"bytes */{SIZE}"),
        await merchant.get("playlistItems", part="id", playlistId=playlist),
        await merchant.get("videos", part="snippet,fileDetails", id=video["id"]),
    ]

    assert [answer.status_code for answer in answers] == [500, 500, 500]


@pytest.mark.parametrize("size", [1, GRAIN - 1, GRAIN + 1])
async def test_a_chunk_that_is_no_multiple_is_refused(merchant: Merchant, size: int) -> None:
    """Every chunk but the last has to be a multiple of 256 KiB; nothing of it is kept."""
    location = await merchant.session(SIZE)

    answer = await merchant.put(location, MOVIE[:size], part(0, size - 1))

    assert reason_of(answer) == (400, "badRequest")
    assert "range" not in (await merchant.put(location, b"", f"bytes */{SIZE}")).headers


async def test_a_chunk_at_a_wrong_offset_learns_the_true_one(sandbox: Sandbox, merchant: Merchant) -> None:
    """Before and after it; with the switch it is an error. Nothing is kept."""
    location = await merchant.session(SIZE)
    await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))

    too_late = await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1))
    too_early = await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))
    sandbox.switch("youtube", wrong_offset="error")
    refused = await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1))

    for answer in (too_late, too_early):
        assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{GRAIN - 1}")
    assert refused.status_code == 400
    assert await sandbox.published("youtube") == []


@pytest.mark.parametrize(
    ("kept", "stored"), [("some", f"bytes=0-{GRAIN - 1}"), ("none", None), ("all", f"bytes=0-{2 * GRAIN - 1}")]
)
async def test_less_than_was_sent_may_be_stored(
    sandbox: Sandbox, merchant: Merchant, kept: str, stored: str | None
) -> None:
    """The client has to go on at the server's offset; then the file is whole."""
    sandbox.switch("youtube", chunk_kept=kept)
    location = await merchant.session(SIZE)

    answer = await merchant.put(location, MOVIE[: 2 * GRAIN], part(0, 2 * GRAIN - 1))
    assert answer.status_code == 308
    assert answer.headers.get("range") == stored
    offset = int(stored.partition("-")[2]) + 1 if stored else 0
    final = await merchant.put(location, MOVIE[offset:], part(offset, SIZE - 1))

    assert final.status_code == 200
    (post,) = await sandbox.published("youtube")
    assert post["media"][0]["sha256"] == hashlib.sha256(MOVIE).hexdigest()


async def test_what_is_stored_in_part_are_whole_units(sandbox: Sandbox, merchant: Merchant) -> None:
    """Half of three times 256 KiB is one of them."""
    sandbox.switch("youtube", chunk_kept="some")
    location = await merchant.session(4 * GRAIN)

    answer = await merchant.put(location, bytes(3 * GRAIN), part(0, 3 * GRAIN - 1, 4 * GRAIN))

    assert answer.headers["range"] == f"bytes=0-{GRAIN - 1}"


async def test_even_a_whole_file_may_be_stored_in_part(sandbox: Sandbox, merchant: Merchant) -> None:
    """What was to complete the file is answered with 308, and there is no video yet."""
    sandbox.switch("youtube", chunk_kept="some", short_chunks=2)
    content = a_movie()
    location = await merchant.session(len(content))

    first = await merchant.put(location, content)
    offset = int(first.headers["range"].partition("-")[2]) + 1
    second = await merchant.put(location, content[offset:], part(offset, len(content) - 1, len(content)))

    assert (first.status_code, second.status_code) == (308, 308)
    assert offset == len(content) // 2
    assert await sandbox.published("youtube") == []


async def test_a_308_may_name_a_new_address(sandbox: Sandbox, merchant: Merchant) -> None:
    """Then the old one is gone."""
    sandbox.switch("youtube", moves_session=True)
    location = await merchant.session(SIZE)

    moved = (await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))).headers["location"]
    stale = await merchant.put(location, b"", f"bytes */{SIZE}")
    final = await merchant.put(moved, MOVIE[GRAIN:], part(GRAIN, SIZE - 1))

    assert moved != location
    assert stale.status_code == 404
    assert final.status_code == 200


async def test_the_end_may_be_a_201(sandbox: Sandbox, merchant: Merchant) -> None:
    """As the guide prints it."""
    sandbox.switch("youtube", final_status=201)
    location = await merchant.session(SIZE)

    assert (await merchant.put(location, MOVIE)).status_code == 201


@pytest.mark.parametrize("status", [404, 410])
async def test_a_session_expires(sandbox: Sandbox, merchant: Merchant, status: int) -> None:
    """After a day its address is gone, for bytes and for questions."""
    sandbox.switch("youtube", session_gone_status=status)
    location = await merchant.session(SIZE)
    await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))

    sandbox.pass_time(hours=23)
    assert (await merchant.put(location, b"", f"bytes */{SIZE}")).status_code == 308
    sandbox.pass_time(hours=1)

    assert (await merchant.put(location, b"", f"bytes */{SIZE}")).status_code == status
    assert (await merchant.put(location, MOVIE[GRAIN:], part(GRAIN, SIZE - 1))).status_code == status
    assert (await merchant.put(location.replace("upload_id=", "upload_id=x"))).status_code == status
    assert await sandbox.published("youtube") == []


async def test_a_session_can_be_canceled(sandbox: Sandbox, merchant: Merchant) -> None:
    """Then it is gone; one that has become a video cannot be, and the video stays."""
    location = await merchant.session(SIZE)
    done = await merchant.session(SIZE)
    await merchant.put(done, MOVIE)

    answer = await sandbox.client.delete(location.removeprefix(BASE))
    too_late = await sandbox.client.delete(done.removeprefix(BASE))

    assert answer.status_code == 204
    assert (await merchant.put(location, MOVIE)).status_code == 404
    assert too_late.status_code == 400
    assert len(await sandbox.published("youtube")) == 1


@pytest.mark.parametrize(
    ("content", "content_range"),
    [
        (MOVIE[:GRAIN], "bytes 0-10/100"),
        (MOVIE[:GRAIN], part(0, GRAIN - 1, SIZE + 1)),
        (MOVIE[:GRAIN], part(0, GRAIN)),
        (MOVIE[:GRAIN], part(GRAIN - 1, 0)),
        (MOVIE[:GRAIN], "bytes=0-262143/525288"),
        (MOVIE[:GRAIN], f"bytes */{SIZE}"),
        (b"", "bytes 0--1/0"),
        (b"", f"bytes */{SIZE - 1}"),
        (MOVIE[:GRAIN], None),
        (b"", None),
    ],
)
async def test_what_does_not_fit_is_refused(merchant: Merchant, content: bytes, content_range: str | None) -> None:
    """Ranges that are none, other sizes than announced, a whole file that is not whole."""
    location = await merchant.session(SIZE)

    assert reason_of(await merchant.put(location, content, content_range)) == (400, "badRequest")


async def test_a_size_that_was_not_announced_comes_with_the_bytes(merchant: Merchant) -> None:
    """The first chunk that names the total binds the rest."""
    location = await merchant.session(None)

    await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1, "*"))
    named = await merchant.put(location, MOVIE[GRAIN : 2 * GRAIN], part(GRAIN, 2 * GRAIN - 1))
    other = await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1, SIZE + 5))
    final = await merchant.put(location, MOVIE[2 * GRAIN :], part(2 * GRAIN, SIZE - 1))

    assert (named.status_code, other.status_code, final.status_code) == (308, 400, 200)


async def test_the_address_works_without_a_token_but_not_with_a_dead_one(sandbox: Sandbox, merchant: Merchant) -> None:
    """A token that is sent along has to be alive, unless the switch says otherwise."""
    location = (await merchant.session(SIZE)).removeprefix(BASE)
    dead = {"authorization": "Bearer ya29.dead", "content-range": f"bytes */{SIZE}"}

    refused = await sandbox.client.put(location, headers=dead)
    served = await sandbox.client.put(location, headers=merchant.bearer | {"content-range": f"bytes */{SIZE}"})
    sandbox.switch("youtube", session_bearer="ignored")
    ignored = await sandbox.client.put(location, headers=dead)

    assert reason_of(refused) == (401, "authError")
    assert (served.status_code, ignored.status_code) == (308, 308)


async def test_a_withdrawn_consent_ends_its_sessions(sandbox: Sandbox, merchant: Merchant) -> None:
    """The fault `revoke` finds the person by the session's address alone."""
    location = await merchant.session(SIZE)
    await sandbox.fault("youtube", "publish", "revoke")

    assert reason_of(await merchant.put(location, MOVIE)) == (401, "authError")
    assert reason_of(await merchant.get("channels", part="id", mine="true")) == (401, "authError")
    assert await sandbox.published("youtube") == []


async def test_a_token_that_ran_out_meanwhile_does_not_matter(sandbox: Sandbox, merchant: Merchant) -> None:
    """The address goes on working after the hour of the token it was made with."""
    location = await merchant.session(SIZE)
    sandbox.pass_time(hours=2)

    assert (await merchant.put(location, MOVIE)).status_code == 200


async def test_both_hosts_and_both_paths_take_uploads(sandbox: Sandbox, merchant: Merchant) -> None:
    """The path of the API description is resumable without saying so."""
    content = a_movie()
    for base, params in (
        ("youtube.googleapis.com/upload", {"uploadType": "resumable"}),
        ("youtube.googleapis.com/resumable/upload", {}),
        ("www.googleapis.com/resumable/upload", {"uploadType": "resumable"}),
    ):
        address = f"/youtube/{base}/youtube/v3/videos"
        query = {"part": "snippet,status", **params}
        opened = await sandbox.client.post(address, params=query, json=a_body(), headers=merchant.bearer)
        assert path_of(opened.headers["location"]) == address
        assert (await merchant.put(opened.headers["location"], content)).status_code == 200


def related(metadata: bytes, content: bytes, *, line: bytes = b"\r\n", kind: bytes = b"video/mp4") -> bytes:
    """A body of multipart/related."""
    head = b"--b0" + line + b"Content-Type: application/json; charset=UTF-8" + line * 2 + metadata
    return head + line + b"--b0" + line + b"Content-Type: " + kind + line * 2 + content + line + b"--b0--" + line


@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
async def test_metadata_and_bytes_in_one_request(sandbox: Sandbox, merchant: Merchant, line: bytes) -> None:
    """multipart/related, with either line end; line ends inside the bytes stay as they are."""
    content = a_movie() + (16).to_bytes(4) + b"free\r\n\r\n--b\n\n"
    metadata = b'{"snippet":{"title":"In one go"},"status":{"privacyStatus":"unlisted"}}'

    answer = await merchant.call(
        "POST",
        "/upload/youtube/v3/videos",
        params={"uploadType": "multipart", "part": "snippet,status"},
        content=related(metadata, content, line=line),
        headers={"content-type": 'multipart/related; boundary="b0"'},
    )

    assert answer.status_code == 200
    assert answer.json()["snippet"]["title"] == "In one go"
    (post,) = await sandbox.published("youtube")
    assert post["media"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert post["visibility"] == "unlisted"


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (related(b"{", b"x"), 'multipart/related; boundary="b0"', "badRequest"),
        (related(b"{}", b"x", kind=b"image/png"), 'multipart/related; boundary="b0"', "badContent"),
        (b"--b0\r\n", "multipart/related; boundary=b0", "badRequest"),
        (related(b"{}", b"x"), "application/json", "badRequest"),
        (b"--b0\r\n\r\n{}\r\n--b0--", "multipart/related; boundary=b0", "badRequest"),
    ],
)
async def test_a_broken_multipart_body_is_refused(
    merchant: Merchant, body: bytes, content_type: str, reason: str
) -> None:
    """No boundary, no end, one part only, a part of another type."""
    answer = await merchant.call(
        "POST",
        "/upload/youtube/v3/videos",
        params={"uploadType": "multipart", "part": "snippet,status"},
        content=body,
        headers={"content-type": content_type},
    )

    assert reason_of(answer) == (400, reason)


async def test_bytes_alone_have_no_title(merchant: Merchant) -> None:
    """uploadType=media carries no metadata, and a video needs a title."""
    answer = await merchant.call(
        "POST",
        "/upload/youtube/v3/videos",
        params={"uploadType": "media", "part": "snippet"},
        content=a_movie(),
        headers={"content-type": "video/mp4"},
    )

    assert reason_of(answer) == (400, "invalidTitle")


@pytest.mark.parametrize("path", ["/youtube/v3/videos", "/upload/youtube/v3/videos"])
async def test_an_insert_without_a_way_for_bytes_is_refused(merchant: Merchant, path: str) -> None:
    """The plain address, and the upload's without its type."""
    answer = await merchant.call("POST", path, params={"part": "snippet,status"}, json=a_body())

    assert reason_of(answer) == (400, "mediaBodyRequired")


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("x-upload-content-type", "image/png", (400, "badContent")),
        ("x-upload-content-length", "many", (400, "badRequest")),
        ("x-upload-content-length", str(256 * 1024**3 + 1), (413, "uploadTooLarge")),
        ("content-type", "text/plain", (400, "badContent")),
    ],
)
async def test_a_wrong_announcement_is_refused(
    merchant: Merchant, header: str, value: str, expected: tuple[int, str]
) -> None:
    """Types and sizes are looked at before a byte is sent."""
    answer = await merchant.call(
        "POST",
        "/upload/youtube/v3/videos",
        params={"uploadType": "resumable", "part": "snippet,status"},
        json=a_body(),
        headers={header: value},
    )

    assert reason_of(answer) == expected


@pytest.mark.parametrize("media_type", ["video/quicktime", "application/octet-stream", "video/mp4; codecs=avc1"])
async def test_any_video_type_may_be_announced(merchant: Merchant, media_type: str) -> None:
    """What the file is, its bytes tell."""
    answer = await merchant.call(
        "POST",
        "/upload/youtube/v3/videos",
        params={"uploadType": "resumable", "part": "snippet,status"},
        json=a_body(),
        headers={"x-upload-content-type": media_type},
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "emptyFile"), (b"no video", "invalidFile"), (a_picture(), "invalidFile"), (a_movie(0), "conversion")],
)
async def test_what_is_no_video_uploads_and_then_fails(
    sandbox: Sandbox, merchant: Merchant, content: bytes, reason: str
) -> None:
    """The upload succeeds, for only the processing looks at the bytes."""
    video = await merchant.uploaded(content)
    sandbox.pass_time(seconds=2)

    status = (await merchant.video(video["id"]))["status"]

    assert (video["status"]["uploadStatus"], status["uploadStatus"]) == ("uploaded", "failed")
    assert status["failureReason"] == reason


@pytest.mark.parametrize(
    "reason",
    [
        ("forbiddenPrivacySetting", 403),
        ("forbiddenLicenseSetting", 403),
        ("forbidden", 403),
        ("dailyLimitExceeded", 403),
        ("userRateLimitExceeded", 403),
        ("uploadRateLimitExceeded", 429),
        ("invalidFilename", 400),
        ("invalidVideoMetadata", 400),
    ],
)
async def test_uploads_can_be_refused_with_any_documented_reason(
    sandbox: Sandbox, merchant: Merchant, reason: tuple[str, int]
) -> None:
    """A switch, for those that nothing else here brings about."""
    sandbox.switch("youtube", insert_refusal=reason[0])

    assert reason_of(await merchant.start(SIZE)) == (reason[1], reason[0])


async def test_sessions_and_videos_survive_a_restart(sandbox: Sandbox, merchant: Merchant) -> None:
    """Everything is plain enough to be kept in a file, in the middle of an upload."""
    await merchant.uploaded()
    location = await merchant.session(SIZE)
    await merchant.put(location, MOVIE[:GRAIN], part(0, GRAIN - 1))
    store = sandbox.simulation.store

    kept: Any = pickle.loads(pickle.dumps(store))

    assert kept.buckets["youtube"]["sessions"] == store.buckets["youtube"]["sessions"]
    assert [p.as_control_json() for p in kept.posts_of("youtube")] == await sandbox.published("youtube")


async def test_uploading_needs_its_scope(sandbox: Sandbox) -> None:
    """Reading scopes do not open a session."""
    reader = await a_merchant(sandbox, scope="https://www.googleapis.com/auth/youtube.readonly")

    assert reason_of(await reader.start(SIZE)) == (403, "insufficientPermissions")
