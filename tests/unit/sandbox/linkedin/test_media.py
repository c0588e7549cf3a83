"""Pictures and videos on the simulated LinkedIn: opened, uploaded, finished, looked at, posted."""

import io
from typing import Any

import pytest
from PIL import Image
from tests.unit.sandbox.harness import BASE, Sandbox, a_movie, a_picture
from tests.unit.sandbox.linkedin.visitors import OTHER_PAGE, PAGE, Merchant, a_page_manager, encoded, error_of

from social_sandbox.linkedin.gif import count_frames

MIB = 1024 * 1024
OCTETS = {"content-type": "application/octet-stream"}


def a_video(size: int = 100_000, seconds: float = 4) -> bytes:
    """A movie of this many bytes."""
    movie = a_movie(seconds)
    return movie + bytes(size - len(movie))


def an_animation(frames: int) -> bytes:
    """A GIF of so many frames."""
    content = io.BytesIO()
    pictures = [Image.new("RGB", (4, 4), (index % 256, index // 256, 0)) for index in range(frames)]
    pictures[0].save(content, "GIF", save_all=True, append_images=pictures[1:])
    return content.getvalue()


def png_header(width: int, height: int) -> bytes:
    """What a PNG of this size begins with."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + width.to_bytes(4) + height.to_bytes(4) + bytes(20)


async def post_of(merchant: Merchant, urn: str, author: str | None = None) -> tuple[int, Any]:
    """Post a picture or video; answers with status and code."""
    answer = await merchant.post("Look", author=author, content={"media": {"id": urn}})
    return (201, None) if answer.status_code == 201 else error_of(answer)


async def test_a_picture_goes_the_three_steps(sandbox: Sandbox, manager: Merchant) -> None:
    """An address below the sandbox's own base that ends at its time, 201 without a body, AVAILABLE, a post."""
    opened = await manager.open_image(PAGE)
    now = int(sandbox.clock.now().timestamp() * 1000)
    assert opened["uploadUrl"].startswith(f"{BASE}/linkedin/www.linkedin.com/dms-uploads/")
    assert opened["uploadUrlExpiresAt"] == now + 3_600_000
    path = f"/images/{encoded(opened['image'])}"
    assert (await manager.call("GET", path)).json()["status"] == "WAITING_UPLOAD"

    uploaded = await sandbox.client.put(opened["uploadUrl"], content=a_picture(300, 200))

    assert (uploaded.status_code, uploaded.content) == (201, b"")
    assert (await manager.call("GET", path)).json() == {
        "id": opened["image"],
        "owner": PAGE,
        "status": "AVAILABLE",
    }
    await manager.posted("Look", author=PAGE, content={"media": {"id": opened["image"], "altText": "A kettle"}})
    (post,) = await sandbox.published("linkedin")
    (entry,) = post["media"]
    assert post["kind"] == entry["kind"] == "image"
    assert (entry["alt_text"], entry["width"], entry["height"]) == ("A kettle", 300, 200)


async def test_the_owner_must_be_the_author(manager: Merchant) -> None:
    """Neither another page's picture nor the person's own."""
    others, own = await manager.image(OTHER_PAGE), await manager.image()

    assert await post_of(manager, others, PAGE) == (400, "INVALID_VALUE_FOR_FIELD")
    assert await post_of(manager, own, PAGE) == (400, "INVALID_VALUE_FOR_FIELD")
    assert await post_of(manager, own) == (201, None)


@pytest.mark.parametrize("owner", [PAGE, "urn:li:person:somebody"])
async def test_opening_needs_the_right_to_write(member: Merchant, owner: str) -> None:
    """As the owner."""
    body = {"initializeUploadRequest": {"owner": owner}}

    assert error_of(await member.call("POST", "/images?action=initializeUpload", json=body)) == (403, "ACCESS_DENIED")


async def test_an_upload_address_expires(sandbox: Sandbox, member: Merchant) -> None:
    """Unused, the picture is lost; an unknown address is none."""
    opened = await member.open_image()
    assert await post_of(member, opened["image"]) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    sandbox.pass_time(hours=1)

    late = await sandbox.client.put(opened["uploadUrl"], content=a_picture())

    assert error_of(late) == (400, "EXPIRED_UPLOAD_URL")
    assert await post_of(member, opened["image"]) == (400, "EXPIRED_UPLOAD_URL")
    unknown = await sandbox.client.put(f"{opened['uploadUrl']}x", content=a_picture())
    assert error_of(unknown) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (a_picture(form="PNG"), None),
        (an_animation(250), None),
        (png_header(6016, 6009), None),
        (an_animation(251), "MEDIA_ASSET_PROCESSING_FAILED"),
        (png_header(6016, 6010), "MEDIA_ASSET_PROCESSING_FAILED"),
        (a_picture(form="WEBP"), "MEDIA_ASSET_PROCESSING_FAILED"),
        (a_movie(), "MEDIA_ASSET_PROCESSING_FAILED"),
        (b"<svg/>", "MEDIA_ASSET_PROCESSING_FAILED"),
    ],
)
async def test_what_a_picture_may_be(member: Merchant, content: bytes, code: str | None) -> None:
    """JPEG, PNG or GIF below the pixel limit; what it is not, the post is told, not the upload."""
    picture = await member.image(content=content)

    assert await post_of(member, picture) == ((201, None) if code is None else (400, code))


def test_frames_are_counted_as_far_as_a_gif_goes() -> None:
    """Broken ones included."""
    content = an_animation(5)

    assert count_frames(content) == 5
    assert all(count_frames(content[:length]) <= 5 for length in range(len(content)))


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 400), (2, 201), (20, 201), (21, 400)])
async def test_two_to_twenty_pictures(sandbox: Sandbox, member: Merchant, count: int, status: int) -> None:
    """One is an error here, and so are twenty-one."""
    pictures = [{"id": await member.image(), "altText": f"Number {index}"} for index in range(count)]

    answer = await member.post("Look", content={"multiImage": {"images": pictures}})

    assert answer.status_code == status
    if status == 201:
        (post,) = await sandbox.published("linkedin")
        assert [entry["alt_text"] for entry in post["media"]] == [f"Number {index}" for index in range(count)]


async def test_pictures_and_video_do_not_mix(sandbox: Sandbox, member: Merchant) -> None:
    """Not in one list, nor side by side."""
    picture, video = await member.image(), await member.video(a_video())
    mixed: list[dict[str, Any]] = [{"multiImage": {"images": [{"id": picture}, {"id": video}]}}]
    mixed.append({"media": {"id": video}, "multiImage": {"images": [{"id": picture}, {"id": picture}]}})

    for content in mixed:
        assert (await member.post("Look", content=content)).status_code == 400
    assert await sandbox.published("linkedin") == []


async def test_alternative_texts_have_a_limit(member: Merchant) -> None:
    """4,086 characters, and only pictures have one."""
    picture, video = await member.image(), await member.video(a_video())

    too_long = await member.post("Look", content={"media": {"id": picture, "altText": "a" * 4087}})
    of_video = await member.post("Look", content={"media": {"id": video, "altText": "a"}})

    assert error_of(too_long) == (400, "FIELD_LENGTH_TOO_LONG")
    assert of_video.status_code == 400
    assert (await member.post("Look", content={"media": {"id": picture, "altText": "a" * 4086}})).status_code == 201


async def test_a_video_goes_in_parts_of_four_mebibytes(sandbox: Sandbox, manager: Merchant) -> None:
    """Inclusive ranges, a receipt for each, processing, and then a post of another kind of URN."""
    sandbox.switch("linkedin", video_processing_s=30)
    content = a_video(9 * MIB)
    opened = await manager.open_video(len(content), PAGE)
    ranges = [(part["firstByte"], part["lastByte"]) for part in opened["uploadInstructions"]]
    assert ranges == [(0, 4 * MIB - 1), (4 * MIB, 8 * MIB - 1), (8 * MIB, 9 * MIB - 1)]
    path = f"/videos/{encoded(opened['video'])}"
    receipts = await manager.put_parts(opened, content)
    assert len(set(receipts)) == 3
    assert (await manager.call("GET", path)).json()["status"] == "WAITING_UPLOAD"

    finished = await manager.finalize(opened, receipts)

    assert (finished.status_code, finished.content) == (200, b"")
    assert (await manager.call("GET", path)).json()["status"] == "PROCESSING"
    assert await post_of(manager, opened["video"], PAGE) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    sandbox.pass_time(seconds=30)
    assert (await manager.call("GET", path)).json()["status"] == "AVAILABLE"
    content_of = {"media": {"id": opened["video"], "title": "How it works"}}
    assert (await manager.posted("Look", author=PAGE, content=content_of)).startswith("urn:li:ugcPost:")
    (post,) = await sandbox.published("linkedin")
    assert (post["kind"], post["media"][0]["title"]) == ("video", "How it works")


async def test_finishing_checks_receipts_token_and_completeness(sandbox: Sandbox, member: Merchant) -> None:
    """Order and number of the receipts, without quotes; a repeated finish is a finish."""
    sandbox.switch("linkedin", upload_token="token-1")
    content = a_video(5 * MIB)
    opened = await member.open_video(len(content))
    assert opened["uploadToken"] == "token-1"
    assert error_of(await member.finalize(opened, [])) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    one, two = await member.put_parts(opened, content)

    for receipts in ([two, one], [one], [one, two, two], [f'"{one}"', f'"{two}"'], []):
        assert error_of(await member.finalize(opened, receipts)) == (400, "INVALID_VALUE_FOR_FIELD")
    assert (await member.finalize(opened, [one, two], uploadToken="")).status_code == 400
    assert (await member.finalize(opened, [one, two], video="urn:li:video:C5no")).status_code == 400
    assert (await member.finalize(opened, [one, two], video="urn:li:image:C5")).status_code == 400

    assert (await member.finalize(opened, [one, two])).status_code == 200
    assert (await member.finalize(opened, [one, two])).status_code == 200
    assert await post_of(member, opened["video"]) == (201, None)


async def test_a_part_must_be_its_part(sandbox: Sandbox, member: Merchant) -> None:
    """Its length and its content type; the receipt comes in quotes; a part may be sent again until the address ends."""
    opened = await member.open_video(100_000)
    (part,) = opened["uploadInstructions"]
    put = sandbox.client.put

    assert (await put(part["uploadUrl"], content=bytes(99_999), headers=OCTETS)).status_code == 400
    assert (
        await put(part["uploadUrl"], content=bytes(100_000), headers={"content-type": "video/mp4"})
    ).status_code == 400
    first = await put(part["uploadUrl"], content=bytes(100_000), headers=OCTETS)
    assert first.headers["etag"].startswith('"')
    second = await put(part["uploadUrl"], content=a_video(), headers=OCTETS)
    assert second.headers["etag"] != first.headers["etag"]
    assert (await member.finalize(opened, [second.headers["etag"].strip('"')])).status_code == 200
    assert await post_of(member, opened["video"]) == (201, None)


@pytest.mark.parametrize("size", [75 * 1024 - 1, 500 * MIB + 1])
async def test_the_size_of_a_video_is_limited(member: Merchant, size: int) -> None:
    """75 KB to 500 MB, said when it is opened."""
    body = {"initializeUploadRequest": {"owner": member.person, "fileSizeBytes": size}}

    answer = await member.call("POST", "/videos?action=initializeUpload", json=body)

    assert error_of(answer) == (400, "INVALID_VALUE_FOR_FIELD")


@pytest.mark.parametrize(
    ("content", "is_good"),
    [
        (a_video(seconds=3), True),
        (a_video(seconds=1800), True),
        (a_video(seconds=2.9), False),
        (a_video(seconds=1801), False),
        (bytes(100_000), False),
        (a_picture() + bytes(100_000), False),
    ],
)
async def test_what_a_video_may_be(member: Merchant, content: bytes, is_good: bool) -> None:
    """An MP4 of three seconds to thirty minutes; otherwise its processing fails."""
    video = await member.video(content)

    expected = (201, None) if is_good else (400, "MEDIA_ASSET_PROCESSING_FAILED")
    assert await post_of(member, video) == expected


async def test_processing_takes_time_fails_or_is_not_waited_for(sandbox: Sandbox, member: Merchant) -> None:
    """As the switches say."""
    sandbox.switch("linkedin", image_processing_s=5, video_processing_s=5, processing_video_accepted=True)
    picture, video = await member.image(), await member.video(a_video())
    assert await post_of(member, picture) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    assert await post_of(member, video) == (201, None)
    sandbox.pass_time(seconds=5)
    assert await post_of(member, picture) == (201, None)
    sandbox.switch("linkedin", image_processing_s=0, processing_fails=True)

    assert await post_of(member, await member.image()) == (400, "MEDIA_ASSET_PROCESSING_FAILED")


async def test_a_self_serve_token_may_not_read_media(sandbox: Sandbox, member: Merchant, manager: Merchant) -> None:
    """403, so a client has to rely on what creating says; reports differ, hence the switch."""
    picture = await member.image()
    path = f"/images/{encoded(picture)}"

    assert error_of(await member.call("GET", path)) == (403, "ACCESS_DENIED")
    sandbox.switch("linkedin", member_reads_media=True)
    assert (await member.call("GET", path)).json()["status"] == "AVAILABLE"
    assert error_of(await manager.call("GET", path)) == (403, "ACCESS_DENIED")


async def test_media_of_others_and_unknown_ones(sandbox: Sandbox, manager: Merchant) -> None:
    """Not for other members; not found; not of another kind."""
    picture = await manager.image(PAGE)
    other = await a_page_manager(sandbox, account="noorbakker")

    assert error_of(await other.call("GET", f"/images/{encoded(picture)}")) == (403, "ACCESS_DENIED")
    assert error_of(await manager.call("GET", "/images/urn%3Ali%3Aimage%3AC5no")) == (404, "NOT_FOUND")
    assert error_of(await manager.call("GET", f"/videos/{encoded(picture)}")) == (400, "INVALID_URN_TYPE")
