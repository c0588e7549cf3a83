"""Google's own descriptions of both APIs, against the simulator's answers, addresses, limits and closed sets."""

from typing import Any, get_args

import pytest
from jsonschema import ValidationError
from tests.unit.sandbox.harness import Sandbox, a_movie, a_picture
from tests.unit.sandbox.youtube.descriptions import check, description, method
from tests.unit.sandbox.youtube.visitors import DATA, Merchant

from social_sandbox.youtube.access import CHANGING, READING, REPORTING, UPLOADING
from social_sandbox.youtube.body import SnippetBody, StatusBody, VideoBody
from social_sandbox.youtube.channel import LONG_UPLOADS
from social_sandbox.youtube.showing import PARTS
from social_sandbox.youtube.simulator import ANALYTICS_HOST, DATA_HOSTS
from social_sandbox.youtube.switches import FailureReason, RejectionReason
from social_sandbox.youtube.thumbnails import LARGEST
from social_sandbox.youtube.uploads import LARGEST_FILE

YOUTUBE, ANALYTICS = "youtube.v3", "youtubeAnalytics.v2"
ALL_PARTS = ",".join(sorted(PARTS))


@pytest.mark.parametrize("state", ["uploaded", "processed", "failed", "rejected"])
async def test_a_video_of_every_state_has_googles_shape(sandbox: Sandbox, merchant: Merchant, state: str) -> None:
    """With every part there is."""
    sandbox.switch("youtube", processing_ends="processed" if state == "uploaded" else state)
    video = await merchant.uploaded(
        publishAt="2027-01-01T00:00:00Z", containsSyntheticMedia=True, license="creativeCommon"
    )
    check(YOUTUBE, "Video", video)
    sandbox.pass_time(seconds=0 if state == "uploaded" else 2)

    answer = (await merchant.get("videos", part=ALL_PARTS, id=video["id"])).json()

    check(YOUTUBE, "VideoListResponse", answer)
    assert answer["items"][0]["status"]["uploadStatus"] == state
    changed = {"id": video["id"], "snippet": {"title": "x", "defaultLanguage": "en"}, "status": {}}
    check(YOUTUBE, "Video", (await merchant.update(changed, "snippet,status")).json())


async def test_lists_have_googles_shape(sandbox: Sandbox, merchant: Merchant) -> None:
    """Channels, uploads, search, batches, thumbnails; full, in pages and empty."""
    videos = [await merchant.uploaded(a_movie(4, width=32, height=18), privacyStatus="public") for _ in range(3)]
    sandbox.pass_time(minutes=2)
    playlist = f"UU{(await merchant.channel('id'))['id'][2:]}"
    channel_parts = "id,snippet,contentDetails,statistics,status,brandingSettings"
    picture = await merchant.call(
        "POST",
        "/upload/youtube/v3/thumbnails/set",
        params={"videoId": videos[0]["id"], "uploadType": "media"},
        content=a_picture(),
        headers={"content-type": "image/jpeg"},
    )
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("channels", "ChannelListResponse", {"part": channel_parts, "mine": "true"}),
        ("channels", "ChannelListResponse", {"part": "id", "id": "UCunknown"}),
        (
            "playlistItems",
            "PlaylistItemListResponse",
            {"part": "id,snippet,contentDetails,status", "playlistId": playlist, "maxResults": 1},
        ),
        ("search", "SearchListResponse", {"part": "id,snippet", "forMine": "true", "type": "video", "maxResults": 2}),
        (
            "videos:batchGetStats",
            "BatchGetStatsResponse",
            {"part": "id,statistics,snippet,contentDetails", "id": videos[0]["id"]},
        ),
        ("videos", "VideoListResponse", {"part": "id", "id": "unknown"}),
    ]

    check(YOUTUBE, "ThumbnailSetResponse", picture.json())
    for path, schema, params in asked:
        answer = await merchant.get(path, **params)
        assert answer.status_code == 200, answer.text
        check(YOUTUBE, schema, answer.json())


async def test_reports_have_googles_shape(sandbox: Sandbox, merchant: Merchant) -> None:
    """With rows and without."""
    check(ANALYTICS, "QueryResponse", (await merchant.report(dimensions="day")).json())
    await merchant.uploaded(privacyStatus="public")
    sandbox.pass_time(days=6)
    await merchant.renew()

    body = (await merchant.report(dimensions="day")).json()

    assert body["rows"]
    check(ANALYTICS, "QueryResponse", body)


def test_the_check_itself_would_notice() -> None:
    """A number where a string belongs, an unknown name, a word outside a closed set."""
    for wrong in (
        {"statistics": {"viewCount": 5}},
        {"statistics": {"viewCount": "many"}},
        {"snippet": {"name": "x"}},
        {"status": {"uploadStatus": "done"}},
    ):
        with pytest.raises(ValidationError):
            check(YOUTUBE, "Video", wrong)


def test_every_route_is_one_of_googles(sandbox: Sandbox) -> None:
    """Verb and path stand in the descriptions; only the sessions' own addresses are the protocol's."""
    known = {
        (entry["httpMethod"], f"/{entry['path']}")
        for name in (YOUTUBE, ANALYTICS)
        for resource in description(name)["resources"].values()
        for entry in resource.get("methods", {}).values()
    }
    prefixes = ("/resumable/upload", "/upload")

    for route in sandbox.simulator("youtube").routes():
        if route.host not in (*DATA_HOSTS, ANALYTICS_HOST) or route.path.startswith("/oauth2/"):
            continue
        prefix = next((prefix for prefix in prefixes if route.path.startswith(prefix)), "")
        path = route.path.removeprefix(prefix)
        is_session = bool(prefix) and route.method in {"PUT", "DELETE"}
        assert ("POST" if is_session else route.method, path) in known, route


def test_scopes_are_those_of_the_descriptions() -> None:
    """A scope that is enough here is enough at Google."""
    for accepted, name, resource, verb in (
        (READING, YOUTUBE, "channels", "list"),
        (READING, YOUTUBE, "videos", "list"),
        (READING, YOUTUBE, "videos", "batchGetStats"),
        (READING, YOUTUBE, "playlistItems", "list"),
        (READING, YOUTUBE, "search", "list"),
        (UPLOADING, YOUTUBE, "videos", "insert"),
        (UPLOADING, YOUTUBE, "thumbnails", "set"),
        (CHANGING, YOUTUBE, "videos", "update"),
        (CHANGING, YOUTUBE, "videos", "delete"),
        (REPORTING, ANALYTICS, "reports", "query"),
    ):
        assert accepted <= set(method(name, resource, verb)["scopes"]), verb


def test_limits_and_closed_sets_are_those_of_the_description() -> None:
    """Sizes, reasons, states."""
    status = description(YOUTUBE)["schemas"]["VideoStatus"]["properties"]
    channel = description(YOUTUBE)["schemas"]["ChannelStatus"]["properties"]

    assert int(method(YOUTUBE, "videos", "insert")["mediaUpload"]["maxSize"]) == LARGEST_FILE
    assert int(method(YOUTUBE, "thumbnails", "set")["mediaUpload"]["maxSize"]) == LARGEST
    assert set(get_args(FailureReason)) == set(status["failureReason"]["enum"])
    assert set(get_args(RejectionReason)) == set(status["rejectionReason"]["enum"])
    assert set(LONG_UPLOADS) < set(channel["longUploadsStatus"]["enum"])


def test_bodies_know_the_fields_of_the_description() -> None:
    """No more and no fewer."""
    for model, schema in ((VideoBody, "Video"), (SnippetBody, "VideoSnippet"), (StatusBody, "VideoStatus")):
        names = {field.alias for field in model.model_fields.values()}
        assert names == set(description(YOUTUBE)["schemas"][schema]["properties"])


def test_parts_are_sections_of_a_video() -> None:
    """And `id`."""
    assert set(description(YOUTUBE)["schemas"]["Video"]["properties"]) >= PARTS


async def test_parameters_outside_the_description_are_refused(sandbox: Sandbox, merchant: Merchant) -> None:
    """Of those inside, the ones the product sends are taken."""
    names = {
        "channels": ("part", "mine", "id", "maxResults", "pageToken", "hl"),
        "videos": ("part", "id", "hl", "maxResults", "pageToken"),
        "playlistItems": ("part", "playlistId", "videoId", "maxResults", "pageToken"),
        "search": ("part", "forMine", "type", "order", "maxResults", "pageToken", "q", "channelId"),
    }
    for path, known in names.items():
        assert set(known) <= set(method(YOUTUBE, path, "list")["parameters"])
        unknown = await sandbox.client.get(f"{DATA}/youtube/v3/{path}?part=id&colour=red", headers=merchant.bearer)
        assert (unknown.status_code, "colour" in unknown.text) == (400, True)
