"""Pictures and video that every platform takes."""

import io

import av
import pytest
from PIL import Image
from tests.unit.sandbox.harness import Sandbox

from social_sandbox.assets.video import video


@pytest.mark.parametrize("name", ["picture.jpg", "picture-portrait.jpg", "picture-landscape.jpg"])
async def test_pictures_are_srgb_jpegs_within_instagrams_rules(sandbox: Sandbox, name: str) -> None:
    """Ratio 4:5 to 1.91:1, 320 to 1440 wide, far below 5 MB."""
    answer = await sandbox.client.get(f"/assets/{name}")

    image = Image.open(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == "image/jpeg"
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert 0.8 <= image.width / image.height <= 1.91
    assert 320 <= image.width <= 1440
    assert "icc_profile" in image.info
    assert len(answer.content) < 1_000_000


async def test_the_video_is_short_h264_and_aac_with_its_index_first(sandbox: Sandbox) -> None:
    """Four seconds, no edit list, readable to the end."""
    answer = await sandbox.client.get("/assets/video.mp4")

    assert answer.headers["content-type"] == "video/mp4"
    assert 0 < answer.content.find(b"moov") < answer.content.find(b"mdat")
    assert b"elst" not in answer.content
    with av.open(io.BytesIO(answer.content), "r") as container:
        assert {stream.codec_context.name for stream in container.streams} == {"h264", "aac"}
        assert 3.9 < (container.duration or 0) / av.time_base < 4.2
        assert sum(1 for _ in container.decode(video=0)) == 120


async def test_the_list_names_them_and_unknown_ones_are_404(sandbox: Sandbox) -> None:
    """URLs in the list work as they stand."""
    listed = (await sandbox.client.get("/assets/")).json()

    assert [entry["kind"] for entry in listed] == ["image", "image", "image", "video"]
    assert (await sandbox.client.get(listed[0]["url"])).status_code == 200
    assert (await sandbox.client.get("/assets/other.jpg")).status_code == 404
    assert video() is video()
