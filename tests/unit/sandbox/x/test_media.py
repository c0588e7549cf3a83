"""Uploading to the simulated X, and being refused afterwards all the same."""

import base64
from typing import Any

import pytest
from tests.unit.sandbox.harness import Response, Sandbox, a_movie, a_picture
from tests.unit.sandbox.x.visitors import Merchant, a_merchant


async def initialize(merchant: Merchant, content: bytes, **changes: Any) -> Response:
    """Open an upload."""
    body = {"media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": len(content)} | changes
    return await merchant.call("POST", "/2/media/upload/initialize", json=body)


async def append(merchant: Merchant, media_id: str, index: int, content: bytes) -> Response:
    """Send a segment as tweepy does."""
    files = {"media": ("chunk", content, "application/octet-stream")}
    data = {"segment_index": str(index)}
    return await merchant.call("POST", f"/2/media/upload/{media_id}/append", data=data, files=files)


async def finalize(merchant: Merchant, media_id: str) -> Response:
    """Close an upload."""
    return await merchant.call("POST", f"/2/media/upload/{media_id}/finalize")


async def status(merchant: Merchant, media_id: str) -> dict[str, Any]:
    """Ask how far processing is."""
    answer = await merchant.call("GET", "/2/media/upload", params={"command": "STATUS", "media_id": media_id})
    return dict(answer.json()["data"])


async def upload(merchant: Merchant, content: bytes, **changes: Any) -> str:
    """All the steps, until processing is over."""
    media_id = str((await initialize(merchant, content, **changes)).json()["data"]["id"])
    await append(merchant, media_id, 0, content)
    assert (await finalize(merchant, media_id)).status_code == 200
    for _ in range(2):
        merchant.sandbox.pass_time(seconds=1)
        await status(merchant, media_id)
    return media_id


async def carry(merchant: Merchant, *media_ids: str, text: str = "Look") -> Response:
    """Create a post with media."""
    return await merchant.post(text, media={"media_ids": list(media_ids)})


async def test_a_picture_in_one_shot(sandbox: Sandbox, merchant: Merchant) -> None:
    """A picture is ready at once, as multipart and as JSON with base64."""
    files = {"media": ("a.jpg", a_picture(), "image/jpeg")}
    first = await merchant.call("POST", "/2/media/upload", data={"media_category": "tweet_image"}, files=files)
    body = {"media": base64.b64encode(a_picture(form="PNG")).decode(), "media_category": "tweet_image"}
    second = await merchant.call("POST", "/2/media/upload", json=body)

    for answer in (first, second):
        assert answer.status_code == 200
        data = answer.json()["data"]
        assert data["media_key"] == f"3_{data['id']}"
        assert "processing_info" not in data
    posted = await carry(merchant, first.json()["data"]["id"], second.json()["data"]["id"])
    assert posted.status_code == 201
    assert posted.json()["data"]["text"].startswith("Look https://t.co/")
    (post,) = await sandbox.published("x")
    assert [item["kind"] for item in post["media"]] == ["image", "image"]


async def test_a_video_by_segments_and_states(sandbox: Sandbox, merchant: Merchant) -> None:
    """Pending, in progress, succeeded; a segment may come twice and in any order."""
    content = a_movie()
    media_id = (await initialize(merchant, content)).json()["data"]["id"]
    for index, part in ((1, content[100:]), (0, b"wrong"), (0, content[:100])):
        answer = await append(merchant, media_id, index, part)
        assert answer.status_code == 200
        assert isinstance(answer.json()["data"]["expires_at"], int)

    finalized = (await finalize(merchant, media_id)).json()["data"]
    assert finalized["processing_info"] == {"state": "pending", "check_after_secs": 1, "progress_percent": 0}
    assert (await carry(merchant, media_id)).status_code == 400
    assert (await status(merchant, media_id))["processing_info"]["state"] == "pending"
    sandbox.pass_time(seconds=1)
    assert (await status(merchant, media_id))["processing_info"]["state"] == "in_progress"
    sandbox.pass_time(seconds=1)
    assert (await status(merchant, media_id))["processing_info"]["state"] == "succeeded"
    assert (await carry(merchant, media_id)).status_code == 201


@pytest.mark.parametrize("sent", [[0], [1], [0, 2], []])
async def test_missing_segments_fail_at_finalize(merchant: Merchant, sent: list[int]) -> None:
    """Every segment must be there and the bytes must add up."""
    content = a_movie()
    media_id = (await initialize(merchant, content)).json()["data"]["id"]
    for index in sent:
        await append(merchant, media_id, index, content[:50])

    assert (await finalize(merchant, media_id)).status_code == 400


async def test_appending_after_finalize_is_refused(merchant: Merchant) -> None:
    """A closed upload stays closed; closing it twice answers the same."""
    media_id = await upload(merchant, a_movie())

    assert (await append(merchant, media_id, 1, b"more")).status_code == 400
    assert (await finalize(merchant, media_id)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"media_type": "image/heic"},
        {"media_category": "banner"},
        {"total_bytes": 0},
        {"total_bytes": "5"},
        {"total_bytes": 9 * 1024**3},
        {"media_type": "image/jpeg", "total_bytes": 5 * 1024**2 + 1},
        {"duration": 4},
    ],
)
async def test_a_wrong_initialize_is_refused(merchant: Merchant, changes: dict[str, Any]) -> None:
    """Types, categories and sizes are closed sets."""
    assert (await initialize(merchant, a_movie(), **changes)).status_code == 400


@pytest.mark.parametrize("index", ["1000", "-1", "one", None])
async def test_a_segment_index_is_a_number_below_a_thousand(merchant: Merchant, index: str | None) -> None:
    """Anything else is refused."""
    media_id = (await initialize(merchant, a_movie())).json()["data"]["id"]
    data = {} if index is None else {"segment_index": index}
    answer = await merchant.call(
        "POST", f"/2/media/upload/{media_id}/append", data=data, files={"media": ("a", b"x", "text/plain")}
    )

    assert answer.status_code == 400


async def test_the_command_form_of_older_days_is_refused(merchant: Merchant) -> None:
    """command=INIT belongs to the previous protocol."""
    form = {"command": "INIT", "media_type": "video/mp4", "total_bytes": "10"}
    files = {"media": ("a.jpg", a_picture(), "image/jpeg")}

    assert (await merchant.call("POST", "/2/media/upload", data=form, files=files)).status_code == 400


@pytest.mark.parametrize("content", [b"not a picture", a_movie(), b""])
async def test_one_shot_takes_pictures_only(merchant: Merchant, content: bytes) -> None:
    """What is not a picture is unrecognised."""
    files = {"media": ("a.jpg", content, "image/jpeg")}
    answer = await merchant.call("POST", "/2/media/upload", data={"media_category": "tweet_image"}, files=files)

    assert answer.status_code == 400


async def test_a_picture_of_another_type_than_promised_fails_at_finalize(merchant: Merchant) -> None:
    """The bytes decide."""
    content = a_picture(form="PNG")
    opened = await initialize(merchant, content, media_type="image/jpeg", media_category="tweet_image")
    media_id = opened.json()["data"]["id"]
    await append(merchant, media_id, 0, content)

    assert (await finalize(merchant, media_id)).status_code == 400


@pytest.mark.parametrize("with_object", [False, True])
async def test_processing_may_fail(sandbox: Sandbox, merchant: Merchant, *, with_object: bool) -> None:
    """A failed video cannot be posted; the error object is there only with the switch."""
    sandbox.switch("x", processing_fails=True, processing_error_object=with_object)
    media_id = await upload(merchant, a_movie())

    info = (await status(merchant, media_id))["processing_info"]
    assert info["state"] == "failed"
    assert ("error" in info) is with_object
    assert (await carry(merchant, media_id)).status_code == 400


async def test_what_is_no_video_fails_in_processing(merchant: Merchant) -> None:
    """Broken videos upload fine and fail later."""
    media_id = await upload(merchant, b"\x00\x00\x00\x10ftypisomnothing")

    assert (await status(merchant, media_id))["processing_info"]["state"] == "failed"


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        (a_movie(), {"media_category": "tweet_image"}),
        (a_movie(), {"media_category": "dm_video"}),
        (a_picture(form="GIF"), {"media_type": "image/gif", "media_category": "tweet_video"}),
        (a_movie(width=1920, height=1080), {}),
        (a_movie(width=1000, height=100), {}),
        (a_movie(0.2), {}),
    ],
)
async def test_a_wrong_category_or_size_fails_at_create(
    merchant: Merchant, content: bytes, changes: dict[str, Any]
) -> None:
    """The upload succeeds; the post does not."""
    media_id = await upload(merchant, content, **changes)

    answer = await carry(merchant, media_id)

    assert answer.status_code == 400
    assert answer.json()["detail"] == "Your media IDs are invalid."


async def test_media_belongs_to_who_uploaded_it(sandbox: Sandbox, merchant: Merchant) -> None:
    """Another account's upload is neither readable nor postable."""
    media_id = await merchant.upload()
    other = await a_merchant(sandbox, account="copperworks")

    assert (await carry(other, media_id)).status_code == 400
    query = {"command": "STATUS", "media_id": media_id}
    assert (await other.call("GET", "/2/media/upload", params=query)).status_code == 400


async def test_media_expires_after_a_day(sandbox: Sandbox, merchant: Merchant) -> None:
    """Unattached media is gone after 24 hours; attached media stays readable."""
    kept, lost = await merchant.upload(), await merchant.upload()
    post_id = (await carry(merchant, kept)).json()["data"]["id"]

    sandbox.pass_time(hours=24)
    merchant.tokens = (await a_merchant(sandbox)).tokens

    assert (await carry(merchant, lost, text="Late")).status_code == 400
    query = {"expansions": "attachments.media_keys"}
    answer = await merchant.call("GET", f"/2/tweets/{post_id}", params=query)
    assert answer.json()["includes"]["media"] == [{"media_key": f"3_{kept}", "type": "photo"}]


async def test_media_does_not_mix(merchant: Merchant) -> None:
    """Four pictures, or one GIF, or one video; the same one not twice."""
    pictures = [await merchant.upload() for _ in range(4)]
    video = await upload(merchant, a_movie())
    gif = {"media_type": "image/gif", "media_category": "tweet_gif"}
    gifs = [await upload(merchant, a_picture(form="GIF"), **gif) for _ in range(2)]

    assert (await carry(merchant, pictures[0], video)).status_code == 400
    assert (await carry(merchant, *gifs)).status_code == 400
    assert (await carry(merchant, pictures[0], pictures[0])).status_code == 400
    assert (await carry(merchant, *pictures, text="Four")).status_code == 201
    assert (await carry(merchant, gifs[0], text="Moving")).status_code == 201


async def test_a_video_may_be_too_long_for_the_user(sandbox: Sandbox, merchant: Merchant) -> None:
    """The limit follows the posting user, and is looked at when posting."""
    content = a_movie(seconds=21 * 60)
    answer = await carry(merchant, await upload(merchant, content))

    assert answer.status_code == 403
    assert answer.json()["detail"] == "This user is not allowed to post a video longer than 20 minutes."
    premium = await a_merchant(sandbox, account="copperworks")
    assert (await carry(premium, await upload(premium, content))).status_code == 201


async def test_alternative_text(merchant: Merchant) -> None:
    """A picture's description is kept, up to a thousand characters."""
    media_id = await merchant.upload()
    body: dict[str, Any] = {"id": media_id, "metadata": {"alt_text": {"text": "A kettle"}}}
    answer = await merchant.call("POST", "/2/media/metadata", json=body)
    assert answer.json()["data"]["id"] == media_id

    body["metadata"]["alt_text"]["text"] = "x" * 1001
    assert (await merchant.call("POST", "/2/media/metadata", json=body)).status_code == 400
    post_id = (await carry(merchant, media_id)).json()["data"]["id"]
    query = {"expansions": "attachments.media_keys", "media.fields": "alt_text"}
    shown = await merchant.call("GET", f"/2/tweets/{post_id}", params=query)
    assert shown.json()["includes"]["media"][0]["alt_text"] == "A kettle"


async def test_append_may_answer_with_nothing(sandbox: Sandbox, merchant: Merchant) -> None:
    """Older servers answered 204."""
    sandbox.switch("x", append_answer="empty")
    media_id = (await initialize(merchant, a_movie())).json()["data"]["id"]

    assert (await append(merchant, media_id, 0, b"x")).status_code == 204


async def test_media_needs_its_scope(sandbox: Sandbox) -> None:
    """Without media.write no step is open."""
    reader = await a_merchant(sandbox, scope="tweet.read tweet.write users.read")

    assert (await initialize(reader, a_movie())).status_code == 403
