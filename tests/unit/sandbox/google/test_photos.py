"""Google fetches a post's photo itself, and refuses the post when it cannot use what it finds."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.sandbox.google.test_posts import field_error
from tests.unit.sandbox.google.visitors import POSTS, Merchant, a_photo
from tests.unit.sandbox.harness import MediaServer, Sandbox, a_movie, a_picture

FAILED = {"code": 1000, "field": "media", "message": "Fetching image failed."}


def photo_at(url: str) -> dict[str, Any]:
    """A body's part with one photo."""
    return {"media": [{"mediaFormat": "PHOTO", "sourceUrl": url}]}


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
async def test_a_photo_is_fetched_and_gets_a_name(
    sandbox: Sandbox, merchant: Merchant, media: MediaServer, form: str
) -> None:
    """The answer names Google's copy, the ground truth where it came from."""
    url = media.serve("1.img", a_photo(250, 250, form=form), "image/any")

    post = await merchant.posted(**photo_at(url))

    [item] = post["media"]
    assert item["name"].startswith(f"{merchant.parent}/media/localPosts/AF1")
    assert item["googleUrl"].startswith("https://lh3.googleusercontent.com/p/AF1")
    assert set(item) == {"name", "mediaFormat", "googleUrl"}
    [truth] = (await sandbox.published("google"))[0]["media"]
    assert (truth["kind"], truth["url"], truth["width"]) == ("image", url, 250)


@pytest.mark.parametrize(
    "content",
    [
        lambda: a_photo(249, 400),
        lambda: a_photo(400, 249),
        lambda: a_picture(400, 400),
        lambda: a_photo(300, 300, form="GIF"),
        lambda: a_photo(300, 300, form="WEBP"),
        lambda: a_movie() + bytes(20_000),
        lambda: b"<svg/>" + bytes(20_000),
        lambda: a_photo() + bytes(5 * 1024 * 1024),
        lambda: b"",
    ],
    ids=["narrow", "low", "light", "gif", "webp", "video", "svg", "heavy", "empty"],
)
async def test_a_file_that_is_no_fit_photo_fails(
    sandbox: Sandbox, merchant: Merchant, media: MediaServer, content: Callable[[], bytes]
) -> None:
    """JPG or PNG, 10 KB to 5 MB, 250 pixels each way; whatever the server calls it."""
    url = media.serve("1.jpg", content(), "image/jpeg")

    assert field_error(await merchant.post(**photo_at(url))) == FAILED
    assert await sandbox.published("google") == []


async def test_an_address_that_gives_nothing_fails(sandbox: Sandbox, merchant: Merchant, media: MediaServer) -> None:
    """Missing, locked, silent, unreachable, or no address at all."""
    sandbox.switch("google", photo_time_limit_s=0.05)
    locked = media.serve("locked.jpg", a_photo(), "image/jpeg", status=403)
    with_login = media.serve("1.jpg", a_photo(), "image/jpeg").replace("http://", "http://ada:pw@")
    addresses = (
        f"{media.base}/missing.jpg",
        locked,
        media.keep_silent("slow.jpg"),
        "http://127.0.0.1:1/1.jpg",
        with_login,
        "ftp://shop.example/1.jpg",
        "http://[::1",
        "nothing",
    )

    for address in addresses:
        assert field_error(await merchant.post(**photo_at(address))) == FAILED


async def test_plain_http_elsewhere_is_not_even_tried(merchant: Merchant) -> None:
    """Only this machine may serve without TLS."""
    assert field_error(await merchant.post(**photo_at("http://192.0.2.1/1.jpg"))) == FAILED


async def test_a_photo_is_fetched_again_only_when_it_changes(
    sandbox: Sandbox, merchant: Merchant, media: MediaServer
) -> None:
    """An edit of the text keeps the photo although its address is gone; an edit of the media takes the new one."""
    post = await merchant.posted(**photo_at(media.serve("1.jpg", a_photo(), "image/jpeg")))
    media.pages.clear()
    path = f"{POSTS}/{post['name']}"

    text = await merchant.call("PATCH", path, params={"updateMask": "summary"}, json={"summary": "New"})
    assert text.json()["media"] == post["media"]
    failed = await merchant.call("PATCH", path, params={"updateMask": "media"}, json=photo_at(f"{media.base}/1.jpg"))
    assert field_error(failed) == FAILED
    newer = photo_at(media.serve("2.jpg", a_photo(), "image/jpeg"))
    changed = await merchant.call("PATCH", path, params={"updateMask": "media"}, json=newer)
    assert changed.json()["media"] != post["media"]


async def test_a_photo_alone_is_a_post(merchant: Merchant, media: MediaServer) -> None:
    """A summary is not needed then."""
    post = await merchant.posted(None, **photo_at(media.serve("1.jpg", a_photo(), "image/jpeg")))

    assert "summary" not in post
