"""Uploads playlists, search and thumbnails of the simulated YouTube."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Response, Sandbox, a_movie, a_picture
from tests.unit.sandbox.youtube.visitors import Merchant, a_body, a_merchant, an_account, reason_of


async def uploads(merchant: Merchant, playlist: str, **params: Any) -> dict[str, Any]:
    """A page of a playlist."""
    asked = {"part": "contentDetails,snippet,status", "playlistId": playlist} | params
    found: dict[str, Any] = (await merchant.get("playlistItems", **asked)).json()
    return found


async def playlist_of(merchant: Merchant) -> str:
    """The id of the uploads playlist."""
    return str((await merchant.channel())["contentDetails"]["relatedPlaylists"]["uploads"])


def ids_of(page: dict[str, Any]) -> list[str]:
    """The videos on a page."""
    return [item["contentDetails"]["videoId"] for item in page["items"]]


async def titled(merchant: Merchant, title: str, **status: Any) -> str:
    """Upload a video with this title; returns its id."""
    body = a_body(**status)
    body["snippet"]["title"] = title
    return str((await merchant.uploaded(body=body))["id"])


async def test_the_uploads_newest_first_in_pages(sandbox: Sandbox, merchant: Merchant) -> None:
    """Five at once unless asked otherwise; private ones are there for their owner."""
    ids = [(await merchant.uploaded())["id"] for _ in range(7)]
    sandbox.pass_time(seconds=1)
    playlist = await playlist_of(merchant)

    first = await uploads(merchant, playlist)
    second = await uploads(merchant, playlist, pageToken=first["nextPageToken"])
    whole = await uploads(merchant, playlist, maxResults=50)

    assert ids_of(first) + ids_of(second) == ids_of(whole) == ids[::-1]
    assert first["pageInfo"] == {"totalResults": 7, "resultsPerPage": 5}
    assert "prevPageToken" not in first
    assert "nextPageToken" not in second
    item = whole["items"][0]
    assert item["status"] == {"privacyStatus": "private"}
    assert item["snippet"]["resourceId"] == {"kind": "youtube#video", "videoId": ids[-1]}
    assert "videoPublishedAt" not in item["contentDetails"]


async def test_a_new_upload_shows_in_the_playlist_after_a_while(sandbox: Sandbox, merchant: Merchant) -> None:
    """videos.list has it at once."""
    sandbox.switch("youtube", playlist_lag_s=60)
    video = await merchant.uploaded()
    playlist = await playlist_of(merchant)

    assert (await merchant.video(video["id"]))["id"] == video["id"]
    sandbox.pass_time(seconds=59)
    assert ids_of(await uploads(merchant, playlist)) == []
    sandbox.pass_time(seconds=1)
    assert ids_of(await uploads(merchant, playlist)) == [video["id"]]


async def test_others_see_only_public_uploads(sandbox: Sandbox, merchant: Merchant) -> None:
    """Unlisted ones are not listed, either."""
    ids = [(await merchant.uploaded(privacyStatus=p))["id"] for p in ("public", "unlisted", "private")]
    sandbox.pass_time(seconds=1)
    other = await a_merchant(sandbox, account="claystudio")

    assert ids_of(await uploads(other, await playlist_of(merchant))) == ids[:1]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"part": "id"}, (400, "missingRequiredParameter")),
        ({"part": "id", "playlistId": "UUunknown"}, (404, "playlistNotFound")),
        ({"part": "id", "playlistId": "PL1"}, (404, "playlistNotFound")),
        ({"part": "id", "playlistId": "UUx", "maxResults": "51"}, (400, "invalidParameter")),
        ({"part": "id", "playlistId": "UUx", "maxResults": "-1"}, (400, "invalidParameter")),
        ({"part": "words", "playlistId": "UUx"}, (400, "unknownPart")),
        ({"playlistId": "UUx"}, (400, "required")),
    ],
)
async def test_a_wrong_playlist_call_is_refused(
    merchant: Merchant, params: dict[str, str], expected: tuple[int, str]
) -> None:
    """A playlist that exists, known parts, fifty at most."""
    assert reason_of(await merchant.get("playlistItems", **params)) == expected


@pytest.mark.parametrize("token", ["?", "QUJD", "Q1Mtx", "Q1M5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
async def test_a_page_token_must_be_one(merchant: Merchant, token: str) -> None:
    """Whatever else is refused."""
    playlist = await playlist_of(merchant)
    answer = await merchant.get("playlistItems", part="id", playlistId=playlist, pageToken=token)

    assert reason_of(answer) == (400, "invalidPageToken")


async def test_search_lags_behind(sandbox: Sandbox, merchant: Merchant) -> None:
    """One's own videos show after a minute, the newest first, private ones included."""
    ids = [await titled(merchant, f"Bowl {n}") for n in range(2)]
    asked = {"part": "snippet", "forMine": "true", "type": "video", "order": "date"}

    early = (await merchant.get("search", **asked)).json()
    sandbox.pass_time(minutes=1)
    late = (await merchant.get("search", **asked)).json()

    assert early["items"] == []
    assert sorted(item["id"]["videoId"] for item in late["items"]) == sorted(ids)
    assert late["items"][0]["id"]["kind"] == "youtube#video"


async def test_searching_what_is_public(sandbox: Sandbox, merchant: Merchant) -> None:
    """By words and by channel, in the wished order; what failed or is not public is not found."""
    bowl = await titled(merchant, "Bowl", privacyStatus="public")
    vase = await titled(merchant, "A vase", privacyStatus="public")
    await titled(merchant, "Unlisted bowl", privacyStatus="unlisted")
    await merchant.uploaded(b"no video", privacyStatus="public")
    sandbox.pass_time(minutes=1)
    other = await a_merchant(sandbox, account="claystudio")
    channel = (await merchant.channel("id"))["id"]

    async def search(**params: str) -> list[str]:
        items = (await other.get("search", part="id", **params)).json()["items"]
        return [item["id"]["videoId"] for item in items]

    assert await search(q="bowl") == [bowl]
    assert await search(order="title") == [vase, bowl]
    assert sorted(await search(channelId=channel)) == sorted([bowl, vase])
    assert await search(channelId=(await other.channel("id"))["id"]) == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"part": "id", "forMine": "true"}, (400, "invalidSearchFilter")),
        ({"part": "id", "type": "channel"}, (400, "invalidSearchFilter")),
        ({"part": "id", "order": "best"}, (400, "invalidParameter")),
        ({"part": "id", "videoDuration": "short"}, (400, "badRequest")),
        ({"forMine": "true", "type": "video"}, (400, "required")),
    ],
)
async def test_a_wrong_search_is_refused(merchant: Merchant, params: dict[str, str], expected: tuple[int, str]) -> None:
    """Also a filter that this sandbox does not have: it would be wrong to ignore it."""
    assert reason_of(await merchant.get("search", **params)) == expected


async def set_thumbnail(
    merchant: Merchant, video_id: str, content: bytes, media_type: str = "image/jpeg", **params: str
) -> Response:
    """Set a preview picture."""
    return await merchant.call(
        "POST",
        "/upload/youtube/v3/thumbnails/set",
        params={"videoId": video_id, "uploadType": "media", **params},
        content=content,
        headers={"content-type": media_type},
    )


@pytest.mark.parametrize(
    ("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("PNG", "application/octet-stream")]
)
async def test_a_thumbnail(sandbox: Sandbox, merchant: Merchant, form: str, media_type: str) -> None:
    """The answer names the pictures, the video shows them, and the price is fifty units."""
    video = await merchant.uploaded(a_movie(4, width=320, height=180))

    answer = await set_thumbnail(merchant, video["id"], a_picture(1280, 720, form=form), media_type)

    assert answer.status_code == 200
    body = answer.json()
    assert body["kind"] == "youtube#thumbnailSetResponse"
    assert body["items"][0]["default"]["url"].startswith("https://i.ytimg.com/")
    found = await merchant.video(video["id"], "snippet,contentDetails")
    assert found["snippet"]["thumbnails"] == body["items"][0] != video["snippet"]["thumbnails"]
    assert found["contentDetails"]["hasCustomThumbnail"] is True
    (books,) = sandbox.simulation.store.buckets["youtube"]["quota"].values()
    assert books["units"] == 51


@pytest.mark.parametrize(
    ("content", "media_type", "params", "expected"),
    [
        (b"no picture", "image/jpeg", {}, (400, "invalidImage")),
        (a_picture(form="GIF"), "image/jpeg", {}, (400, "invalidImage")),
        (a_picture(form="WEBP"), "image/png", {}, (400, "invalidImage")),
        (a_picture(), "image/webp", {}, (400, "badContent")),
        (b"", "image/jpeg", {}, (400, "mediaBodyRequired")),
        (a_picture(), "image/jpeg", {"uploadType": "multipart"}, (400, "mediaBodyRequired")),
        (b"\xff\xd8\xff" + bytes(50 * 1024 * 1024), "image/jpeg", {}, (413, "uploadTooLarge")),
        (a_picture(), "image/jpeg", {"videoId": "unknown"}, (404, "videoNotFound")),
        (a_picture(), "image/jpeg", {"videoId": ""}, (400, "required")),
    ],
)
async def test_a_wrong_thumbnail_is_refused_and_harms_nothing(
    sandbox: Sandbox,
    merchant: Merchant,
    content: bytes,
    media_type: str,
    params: dict[str, str],
    expected: tuple[int, str],
) -> None:
    """The video stays as it was."""
    video = await merchant.uploaded(a_movie(4, width=320, height=180))

    answer = await set_thumbnail(merchant, video["id"], content, media_type, **params)

    assert reason_of(answer) == expected
    assert (await merchant.video(video["id"]))["snippet"]["thumbnails"] == video["snippet"]["thumbnails"]


async def test_a_thumbnail_of_fifty_megabytes_is_taken(merchant: Merchant) -> None:
    """The limit since September 2026."""
    video = await merchant.uploaded(a_movie(4, width=320, height=180))
    content = a_picture()
    content += bytes(50 * 1024 * 1024 - len(content))

    assert (await set_thumbnail(merchant, video["id"], content)).status_code == 200


async def test_a_channel_without_a_phone_sets_no_thumbnails(sandbox: Sandbox) -> None:
    """Neither does one channel for another."""
    await an_account(sandbox, "fresh", {"options": {"phone_verified": False}})
    fresh = await a_merchant(sandbox, account="fresh")
    video = await fresh.uploaded(a_movie(4, width=320, height=180), privacyStatus="public")
    other = await a_merchant(sandbox)

    assert reason_of(await set_thumbnail(fresh, video["id"], a_picture())) == (403, "forbidden")
    assert reason_of(await set_thumbnail(other, video["id"], a_picture())) == (403, "forbidden")


async def test_a_short_takes_a_thumbnail_once_it_is_processed(sandbox: Sandbox, merchant: Merchant) -> None:
    """Upright or square and three minutes at most; anything else takes it at once."""
    short = await merchant.uploaded(a_movie(180, width=320, height=320))
    long = await merchant.uploaded(a_movie(181, width=320, height=320))

    early = await set_thumbnail(merchant, short["id"], a_picture())
    at_once = await set_thumbnail(merchant, long["id"], a_picture())
    sandbox.pass_time(seconds=2)
    late = await set_thumbnail(merchant, short["id"], a_picture())

    assert reason_of(early) == (403, "forbidden")
    assert (at_once.status_code, late.status_code) == (200, 200)


async def test_too_many_thumbnails(sandbox: Sandbox, merchant: Merchant) -> None:
    """429 uploadRateLimitExceeded, without "per day", until the first is a day old."""
    sandbox.switch("youtube", thumbnail_limit=1)
    video = await merchant.uploaded(a_movie(4, width=320, height=180))
    await set_thumbnail(merchant, video["id"], a_picture())

    answer = await set_thumbnail(merchant, video["id"], a_picture())

    assert reason_of(answer) == (429, "uploadRateLimitExceeded")
    assert "per day" not in answer.text
    sandbox.pass_time(hours=24)
    await merchant.renew()
    assert (await set_thumbnail(merchant, video["id"], a_picture())).status_code == 200
