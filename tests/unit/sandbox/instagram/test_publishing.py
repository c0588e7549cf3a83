"""Containers, and what may become of them, on the simulated Instagram."""

import json
import pickle
from typing import Any

import pytest
from tests.unit.sandbox.harness import MediaServer, Sandbox, a_movie, a_picture
from tests.unit.sandbox.instagram.visitors import GRAPH, Merchant, a_merchant, error_of

TOO_LARGE = b"\xff\xd8\xff" + bytes(8 * 1024 * 1024)


async def test_a_photo_in_three_steps(sandbox: Sandbox, merchant: Merchant) -> None:
    """In progress, finished, published; then it stands in the ground truth, once."""
    container_id = await merchant.container(caption="Blue mug & more", alt_text="A mug")

    assert await merchant.status_code(container_id) == "IN_PROGRESS"
    assert await merchant.status_code(container_id) == "IN_PROGRESS"
    sandbox.pass_time(seconds=1)
    assert await merchant.status_code(container_id) == "FINISHED"
    answer = await merchant.publish(container_id)
    assert set(answer.json()) == {"id"}
    assert await merchant.status_code(container_id) == "PUBLISHED"
    (post,) = await sandbox.published("instagram")
    assert post["platform_post_id"] == answer.json()["id"]
    assert post["platform_id"] == merchant.ig_id
    assert post["text"] == "Blue mug & more"
    assert [item["kind"] for item in post["media"]] == ["image"]


async def test_a_container_never_names_its_media(merchant: Merchant) -> None:
    """Its fields are its id and its status; without `fields` only the id."""
    container_id = await merchant.ready()
    await merchant.publish(container_id)

    plain = await merchant.call("GET", f"/{container_id}")
    full = await merchant.call("GET", f"/{container_id}/", params={"fields": "id,status_code,status"})

    assert plain.json() == {"id": container_id}
    assert set(full.json()) == {"id", "status_code", "status"}
    assert error_of(await merchant.call("GET", f"/{container_id}?fields=media_id"))[0] == 100


async def test_time_alone_does_not_finish_a_container_without_reads(sandbox: Sandbox, merchant: Merchant) -> None:
    """Reads and age must both be reached; publishing too early is 9007."""
    container_id = await merchant.container()

    assert error_of(await merchant.publish(container_id)) == (9007, 2207027)
    sandbox.pass_time(minutes=1)
    assert error_of(await merchant.publish(container_id)) == (9007, 2207027)
    assert await merchant.wait(container_id) == "FINISHED"
    assert (await merchant.publish(container_id)).status_code == 200


async def test_a_second_publish_never_makes_a_second_media(sandbox: Sandbox, merchant: Merchant) -> None:
    """It is refused, also while the container still says FINISHED."""
    sandbox.switch("instagram", published_flip_s=5)
    container_id = await merchant.ready()
    await merchant.publish(container_id)

    assert await merchant.status_code(container_id) == "FINISHED"
    assert error_of(await merchant.publish(container_id)) == (24, 2207008)
    sandbox.pass_time(seconds=5)
    assert await merchant.status_code(container_id) == "PUBLISHED"
    assert error_of(await merchant.publish(container_id)) == (24, 2207008)
    assert len(await sandbox.published("instagram")) == 1


async def test_a_container_expires_after_a_day(sandbox: Sandbox, merchant: Merchant) -> None:
    """Unpublished it is EXPIRED and cannot be published any more."""
    container_id = await merchant.ready()

    sandbox.pass_time(hours=24)

    assert await merchant.status_code(container_id) == "EXPIRED"
    assert error_of(await merchant.publish(container_id)) == (-2, 2207020)
    assert await sandbox.published("instagram") == []


async def test_containers_and_media_belong_to_their_account(
    sandbox: Sandbox, media: MediaServer, merchant: Merchant
) -> None:
    """Another account sees neither."""
    container_id = await merchant.ready()
    media_id = await merchant.published()
    other = await a_merchant(sandbox, media, account="potterbynature")

    assert error_of(await other.call("GET", f"/{container_id}")) == (100, 33)
    assert error_of(await other.publish(container_id)) == (24, 2207008)
    assert error_of(await other.call("GET", f"/{media_id}")) == (100, 33)
    assert error_of(await other.call("POST", f"/{merchant.ig_id}/media", data={})) == (100, 33)


@pytest.mark.parametrize(
    ("content", "content_type", "status", "expected"),
    [
        (a_picture(), "image/jpeg", 404, (9004, 2207052)),
        (b"<html>", "text/html", 200, (9004, 2207052)),
        (b"no picture", "image/jpeg", 200, (9004, 2207052)),
        (a_picture(form="PNG"), "image/png", 200, (36001, 2207005)),
        (a_picture(form="WEBP"), "image/webp", 200, (36001, 2207005)),
        (TOO_LARGE, "image/jpeg", 200, (36000, 2207004)),
        (a_picture(900, 1600), "image/jpeg", 200, (36003, 2207009)),
        (a_picture(2000, 1000), "image/jpeg", 200, (36003, 2207009)),
    ],
)
async def test_pictures_are_really_fetched_and_looked_at(
    merchant: Merchant, content: bytes, content_type: str, status: int, expected: tuple[int, int]
) -> None:
    """Each fault has its code and subcode, at creation."""
    url = merchant.media.serve("bad", content, content_type, status=status)

    assert error_of(await merchant.create(image_url=url)) == expected


async def test_a_fault_may_show_later(sandbox: Sandbox, merchant: Merchant) -> None:
    """With the switch, creation succeeds and the container ends in ERROR with the subcode in its status."""
    sandbox.switch("instagram", media_faults_at="container")
    container_id = await merchant.container(image_url=merchant.media.serve("a", b"x", "text/html"))

    assert await merchant.wait(container_id) == "ERROR"
    answer = await merchant.call("GET", f"/{container_id}", params={"fields": "status"})
    assert answer.json()["status"] == "Error: Media upload has failed with error code 2207052"
    assert error_of(await merchant.publish(container_id)) == (9007, 2207027)


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/a.jpg", "http://shop.example/a.jpg", "https://shop.example/ä.jpg", "nonsense"]
)
async def test_only_public_https_addresses_are_fetched(merchant: Merchant, url: str) -> None:
    """Plain http is taken on loopback only."""
    assert error_of(await merchant.create(image_url=url)) == (9004, 2207052)


async def test_a_silent_address_times_out(sandbox: Sandbox, merchant: Merchant) -> None:
    """The download has its limit."""
    sandbox.switch("instagram", fetch_time_limit_s=0.05)

    assert error_of(await merchant.create(image_url=merchant.media.keep_silent("slow"))) == (-2, 2207003)


async def test_an_unreachable_address_is_told_as_such(merchant: Merchant) -> None:
    """Nobody listens there."""
    assert error_of(await merchant.create(image_url="http://127.0.0.1:9/a.jpg")) == (9004, 2207052)


async def test_a_single_video_is_a_reel(sandbox: Sandbox, merchant: Merchant) -> None:
    """REELS takes a video and is published as such; VIDEO alone is gone."""
    url = merchant.media.serve("a.mp4", a_movie(), "video/mp4")
    media_id = await merchant.published(media_type="REELS", video_url=url, caption="Moving")

    fields = {"fields": "media_type,media_product_type,permalink"}
    shown = (await merchant.call("GET", f"/{media_id}", params=fields)).json()
    assert (shown["media_type"], shown["media_product_type"]) == ("VIDEO", "REELS")
    assert shown["permalink"].startswith("https://www.instagram.com/reel/")
    assert error_of(await merchant.create(media_type="VIDEO", video_url=url)) == (100, 2207023)
    assert (await sandbox.published("instagram"))[0]["kind"] == "reel"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (a_movie(2), "video/mp4"),
        (a_movie(16 * 60), "video/mp4"),
        (b"x", "video/mp4"),
        (a_movie(width=3840), "video/mp4"),
    ],
)
async def test_a_bad_video_makes_an_error_container(merchant: Merchant, content: bytes, content_type: str) -> None:
    """Videos are looked at later."""
    url = merchant.media.serve("a.mp4", content, content_type)
    container_id = await merchant.container(media_type="REELS", video_url=url)

    assert await merchant.wait(container_id) == "ERROR"
    answer = await merchant.call("GET", f"/{container_id}", params={"fields": "status"})
    assert answer.json()["status"].endswith("2207026")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, (100, None)),
        ({"media_type": "REELS"}, (100, None)),
        ({"media_type": "STORIES"}, (100, None)),
        ({"media_type": "POSTER"}, (100, 2207023)),
        ({"caption": "x" * 2201}, (36004, 2207010)),
        ({"caption": "#a " * 31}, (36004, 2207010)),
        ({"caption": "@a " * 21}, (100, 2207040)),
        ({"alt_text": "x" * 1001}, (100, None)),
        ({"collaborators": "a,b,c,d"}, (100, None)),
        ({"upload_type": "resumable"}, (100, None)),
        ({"is_carousel_item": "true", "is_ai_generated": "true"}, (100, None)),
    ],
)
async def test_wrong_container_parameters(
    merchant: Merchant, params: dict[str, str], expected: tuple[int, int | None]
) -> None:
    """What a container cannot be is refused at creation."""
    if params and params.get("media_type") is None:
        params = {**params, "image_url": merchant.picture()}

    assert error_of(await merchant.create(**params)) == expected


async def test_a_carousel(sandbox: Sandbox, merchant: Merchant) -> None:
    """Children first, each finished; the caption is the parent's; it is one post."""
    video = merchant.media.serve("a.mp4", a_movie(), "video/mp4")
    children = [
        await merchant.ready(is_carousel_item="true", caption="not mine"),
        await merchant.ready(is_carousel_item="true", media_type="VIDEO", video_url=video),
    ]

    media_id = await merchant.published(media_type="CAROUSEL", children=",".join(children), caption="Both")

    fields = {"fields": "caption,media_type,children{id,media_type}"}
    shown = (await merchant.call("GET", f"/{media_id}", params=fields)).json()
    assert shown["caption"] == "Both"
    assert shown["media_type"] == "CAROUSEL_ALBUM"
    assert [child["media_type"] for child in shown["children"]["data"]] == ["IMAGE", "VIDEO"]
    (post,) = await sandbox.published("instagram")
    assert [item["kind"] for item in post["media"]] == ["image", "video"]


async def test_children_may_come_as_json(merchant: Merchant) -> None:
    """Meta's own client sends lists as JSON, and JSON bodies are read, too."""
    children = [await merchant.ready(is_carousel_item="true") for _ in range(2)]

    first = await merchant.create(media_type="CAROUSEL", children=json.dumps(children))
    body: dict[str, Any] = {"media_type": "CAROUSEL", "children": children}
    second = await merchant.call("POST", "/{id}/media", json=body)

    assert (first.status_code, second.status_code) == (200, 200)


async def test_what_a_carousel_refuses(merchant: Merchant) -> None:
    """Too few, too many, unfinished, foreign and ordinary containers."""
    child = await merchant.ready(is_carousel_item="true")
    early = await merchant.container(is_carousel_item="true")
    ordinary = await merchant.ready()
    video = merchant.media.serve("a.mp4", a_movie(), "video/mp4")

    async def refused(*children: str) -> tuple[int, int | None]:
        return error_of(await merchant.create(media_type="CAROUSEL", children=",".join(children)))

    assert await refused(child) == (100, 2207028)
    assert await refused(*[child] * 11) == (100, 2207028)
    assert await refused(child, early) == (9007, 2207027)
    assert await refused(child, ordinary) == (100, None)
    assert await refused(child, "17") == (100, None)
    assert error_of(await merchant.publish(child)) == (100, None)
    without_type = await merchant.create(is_carousel_item="true", video_url=video)
    assert without_type.json()["error"]["message"].endswith("The parameter image_url is required.")
    assert error_of(await merchant.create(is_carousel_item="true", media_type="REELS", video_url=video)) == (
        100,
        2207023,
    )


async def test_the_publishing_quota(sandbox: Sandbox, merchant: Merchant) -> None:
    """It is told, it is kept at publishing, and it frees itself within a rolling day."""
    sandbox.switch("instagram", quota_total=1)
    await merchant.published()
    sandbox.pass_time(seconds=10)
    container_id = await merchant.ready()

    told = await merchant.call("GET", "/{id}/content_publishing_limit", params={"fields": "quota_usage,config"})
    assert told.json()["data"] == [{"quota_usage": 1, "config": {"quota_total": 1, "quota_duration": 86400}}]
    assert error_of(await merchant.publish(container_id)) == (9, 2207042)
    sandbox.pass_time(hours=23, minutes=59, seconds=50)
    assert (await merchant.publish(container_id)).status_code == 200


async def test_the_container_quota(sandbox: Sandbox, merchant: Merchant) -> None:
    """400 containers fit into a rolling day, published or not."""
    sandbox.switch("instagram", container_quota=2)
    await merchant.container()
    await merchant.container()

    assert (await merchant.create(image_url=merchant.picture())).status_code == 400
    sandbox.pass_time(hours=24)
    assert (await merchant.create(image_url=merchant.picture())).status_code == 200


@pytest.mark.parametrize(("answer", "live"), [("spam_but_live", 1), ("spam", 0)])
async def test_a_refusal_as_spam_may_have_published(
    sandbox: Sandbox, merchant: Merchant, answer: str, live: int
) -> None:
    """Only the container tells."""
    sandbox.switch("instagram", publish_answer=answer)
    container_id = await merchant.ready()

    assert error_of(await merchant.publish(container_id)) == (4, 2207051)
    assert await merchant.status_code(container_id) == ("PUBLISHED" if live else "FINISHED")
    assert len(await sandbox.published("instagram")) == live


@pytest.mark.parametrize(("kind", "live"), [("commit_then_500", 1), ("error_500", 0)])
async def test_a_server_error_may_have_published(sandbox: Sandbox, merchant: Merchant, kind: str, live: int) -> None:
    """The same answer, and the container knows."""
    container_id = await merchant.ready()
    await sandbox.fault("instagram", "publish", kind)

    answer = await merchant.publish(container_id)

    assert answer.status_code == 500
    assert answer.json()["error"]["is_transient"] is True
    assert await merchant.status_code(container_id) == ("PUBLISHED" if live else "FINISHED")
    assert len(await sandbox.published("instagram")) == live


async def test_a_restricted_account_is_told_so(sandbox: Sandbox, merchant: Merchant) -> None:
    """The person has to act in the app."""
    body = {"platform": "instagram", "platform_id": merchant.ig_id, "options": {"restricted": True}}
    await sandbox.control("POST", "/places", json=body)

    assert error_of(await merchant.create(image_url=merchant.picture())) == (25, 2207050)


async def test_me_is_no_address_for_writing(sandbox: Sandbox, merchant: Merchant) -> None:
    """POST needs the number."""
    for path in ("/me/media", "/me/media_publish", "/me"):
        answer = await merchant.call("POST", path, data={"image_url": merchant.picture()})
        assert answer.json()["error"]["message"] == "Unsupported request - method type: post"


async def test_nothing_can_be_deleted(sandbox: Sandbox, merchant: Merchant) -> None:
    """With Instagram Login a delete is 100/33, and the media stays."""
    media_id = await merchant.published()

    assert error_of(await merchant.call("DELETE", f"/{media_id}")) == (100, 33)
    assert len(await sandbox.published("instagram")) == 1


@pytest.mark.parametrize("path", ["/v27.0/me", "/v26/me", "/me", "/latest/me"])
async def test_unknown_versions_are_refused(sandbox: Sandbox, merchant: Merchant, path: str) -> None:
    """The version is the first part of a path; older ones are served."""
    answer = await sandbox.client.get(GRAPH + path, params={"access_token": merchant.token})

    assert error_of(answer) == (2500, None)
    old = await sandbox.client.get(f"{GRAPH}/v21.0/me", params={"access_token": merchant.token})
    assert old.status_code == 200


async def test_what_instagram_knows_can_be_kept_in_a_file(sandbox: Sandbox, merchant: Merchant) -> None:
    """Containers, windows and media are plain data that survives a restart."""
    await merchant.published()
    await merchant.container()

    store = sandbox.simulation.store

    assert pickle.loads(pickle.dumps(store)) == store
