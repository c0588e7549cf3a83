"""What is sent to Facebook: proofs, tokens in headers only, nothing empty, nothing to anybody else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.platforms.fakes import BASE, TOKEN, Asked, Bytes, Reply, Scripted, a_picture, an_access, an_app

from social_common.secrets import Secret
from social_platforms._core import (
    Access,
    AuthorizationRequest,
    Capability,
    ErrorCode,
    MediaItem,
    MediaKind,
    PlaceKind,
    Platform,
    PlatformError,
    PlatformUser,
    PostContent,
    PostRef,
    Revocation,
    SightingKind,
    TokenSet,
)
from social_platforms.facebook.oauth import FacebookOAuth
from social_platforms.facebook.posts import FacebookPosts

REF = PostRef("8f1c2d")
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LENGTH = timedelta(seconds=5)
PAGE = "104555000111222"
LIVE = Reply(200, {"id": f"{PAGE}_9001"})
INSPECTED: dict[str, Any] = {"type": "USER", "user_id": "10150001", "expires_at": 0, "scopes": []}


def proved() -> Access:
    """Access to a Page with the proof that came with it."""
    return Access(Secret(TOKEN), PAGE, PlaceKind.PAGE, proof=Secret("planted-proof"))


def test_the_proof_is_the_one_of_the_document() -> None:
    """The document's vector: secret, token and what they make."""
    oauth = FacebookOAuth(an_app(client_secret=Secret("shop-test-app-secret")), Scripted(Reply()).http())

    proof = oauth.proof(Secret("EAAtest-page-token"))

    assert proof.reveal() == "3b38be4a4aaf59feda5f5da79b9e6bbea51a9d1215c9e202de552bd5e7356bd7"


def test_scopes_are_asked_by_capability() -> None:
    """Measuring asks for nothing that publishes, and publishing for no insights."""
    oauth = FacebookOAuth(an_app(), Scripted(Reply()).http())

    measuring = set(oauth.scopes_for(frozenset({Capability.ANALYTICS})))
    publishing = set(oauth.scopes_for(frozenset({Capability.PUBLISH})))

    assert "pages_manage_posts" in publishing - measuring
    assert "read_insights" in measuring - publishing


def test_every_page_of_the_browser_is_the_pinned_version() -> None:
    """An unversioned dialog would follow the dashboard's setting."""
    oauth = FacebookOAuth(an_app(base_url=None), Scripted(Reply()).http())

    url = oauth.authorization_url(AuthorizationRequest("https://a.example/cb", "st", "v", ("pages_show_list",)))

    assert url.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
    assert "auth_type" not in url


async def publish(server: Scripted, content: PostContent, handle: dict[str, Any]) -> list[Asked]:
    """What was asked to publish that."""
    async with server.http() as http:
        await FacebookPosts(an_app(), http).publish(proved(), content, REF, handle=handle)
    return server.asked


async def test_an_empty_text_is_left_out() -> None:
    """Facebook refuses an empty message as an empty post."""
    handle = {"media": [{"form": "picture", "id": "77002"}, {"form": "picture", "id": "77003"}]}

    first, *_ = await publish(Scripted(LIVE), PostContent("  ", (a_picture(), a_picture())), handle)

    assert first.path.endswith(f"/v26.0/{PAGE}/feed")
    assert first.form() == {
        "attached_media[0]": json.dumps({"media_fbid": "77002"}),
        "attached_media[1]": json.dumps({"media_fbid": "77003"}),
        "appsecret_proof": "planted-proof",
    }


@pytest.mark.parametrize(
    ("form", "path", "names"),
    [
        ("reel", "video_reels", {"upload_phase", "video_id", "video_state", "description"}),
        ("video", "videos", {"fbuploader_video_file_chunk", "description"}),
    ],
)
async def test_a_video_goes_out_under_its_own_edge(form: str, path: str, names: set[str]) -> None:
    """With the token in the header and the proof beside the other parameters."""
    handle = {"media": [{"form": form, "id": "55002", "handle": "2:c2Ft"}]}
    item = MediaItem("https://shop.example/f.mp4", MediaKind.VIDEO)
    reply = Reply(200, {"success": True, "id": "55002"})

    [asked] = await publish(Scripted(reply), PostContent("Look", (item,)), handle)

    assert asked.path.endswith(f"/{PAGE}/{path}")
    assert set(asked.form()) == names | {"appsecret_proof"}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert "planted" not in f"{asked.path}{asked.query}"


async def test_a_picture_goes_up_unpublished_with_its_description() -> None:
    """The bytes are ours: Facebook need not reach the file."""
    server = Scripted(Reply(200, {"id": "77002"}))
    content = PostContent("Hello", (a_picture(alt_text="A copper kettle"),))

    async with server.http() as http:
        prepared = await FacebookPosts(an_app(), http).prepare(proved(), content, REF, handle=None, media=Bytes())

    [asked] = server.asked
    assert asked.path.endswith(f"/{PAGE}/photos")
    body = asked.body.decode("latin-1")
    for part in ('name="published"\r\n\r\nfalse', 'name="alt_text_custom"\r\n\r\nA copper kettle', "planted-proof"):
        assert part in body
    assert prepared.handle["media"][0]["id"] == "77002"


async def test_a_picture_that_changed_is_uploaded_anew() -> None:
    """What was prepared for another file or description is not published."""
    server = Scripted(Reply(200, {"id": "77002"}), Reply(200, {"id": "77003"}))

    async with server.http() as http:
        posts = FacebookPosts(an_app(), http)
        before = await posts.prepare(proved(), PostContent("Hello", (a_picture(),)), REF, handle=None, media=Bytes())
        changed = PostContent("Hello", (a_picture(alt_text="Other words"),))
        after = await posts.prepare(proved(), changed, REF, handle=before.handle, media=Bytes())

    assert after.handle["media"][0]["id"] == "77003"


@pytest.mark.parametrize(
    "url", ["https://evil.example/v", "https://rupload.facebook.com.evil.example/v", f"{BASE}/x/v"]
)
async def test_bytes_go_to_facebook_only(url: str) -> None:
    """An upload address that leads anywhere else gets no token."""
    entry = {
        "url": "https://shop.example/f.mp4",
        "alt_text": "",
        "state": "uploading",
        "form": "reel",
        "id": "55002",
        "upload_url": url,
        "size": 3,
    }
    status = {"video_status": "uploading", "uploading_phase": {"status": "in_progress", "bytes_transferred": 0}}
    server = Scripted(Reply(200, {"id": "55002", "status": status}))
    content = PostContent("Look", (MediaItem("https://shop.example/f.mp4", MediaKind.VIDEO),))

    async with server.http() as http:
        with pytest.raises(PlatformError) as refused:
            await FacebookPosts(an_app(), http).prepare(
                proved(), content, REF, handle={"media": [entry]}, media=Bytes()
            )

    assert refused.value.code is ErrorCode.PLATFORM_DOWN
    assert [asked.method for asked in server.asked] == ["GET"]


async def test_an_upload_that_facebook_forgot_is_begun_anew_a_few_times() -> None:
    """It ends with the file being refused, not in a circle."""
    missing = {"error": {"message": "x", "code": 100, "error_subcode": 33}}
    session, content = (
        Reply(200, {"id": "upload:MTph"}),
        (a_picture(kind=MediaKind.VIDEO, mime="video/mp4", duration=LENGTH),),
    )
    server = Scripted(*[session, Reply(400, missing)] * 4)

    async with server.http() as http:
        posts = FacebookPosts(an_app(), http)

        async def prepare() -> None:
            handle = None
            for _ in range(8):
                step = await posts.prepare(proved(), PostContent("Look", content), REF, handle=handle, media=Bytes())
                handle = step.handle

        with pytest.raises(PlatformError) as refused:
            await prepare()

    assert refused.value.code is ErrorCode.MEDIA_REJECTED
    assert sum(asked.method == "POST" for asked in server.asked) == 3


async def test_a_session_whose_address_has_a_query_keeps_it() -> None:
    """Its signature stands there."""
    entry = {
        "url": "https://shop.example/f.mp4",
        "alt_text": "",
        "state": "uploading",
        "form": "video",
        "id": "upload:MTph?sig=ARZq",
        "size": 3,
    }
    server = Scripted(
        Reply(200, {"id": "upload:MTph?sig=ARZq", "file_offset": 0}),
        Reply(200, {"h": "2:c2Ft"}),
        Reply(200, {"data": []}),
    )
    content = PostContent("Look", (MediaItem("https://shop.example/f.mp4", MediaKind.VIDEO),))

    async with server.http() as http:
        step = await FacebookPosts(an_app(), http).prepare(
            proved(), content, REF, handle={"media": [entry]}, media=Bytes()
        )

    assert [asked.query for asked in server.asked] == [{"sig": "ARZq", "appsecret_proof": "planted-proof"}] * 2
    assert [asked.headers["authorization"] for asked in server.asked] == [f"OAuth {TOKEN}"] * 2
    assert step.handle["media"][0]["handle"] == "2:c2Ft"


async def test_a_video_without_a_told_end_is_still_worked_on() -> None:
    """A doubtful reel that Facebook is publishing is not sent again."""
    status = {"video_status": "processing", "publishing_phase": {"status": "in_progress"}}
    async with Scripted(Reply(200, {"id": "55002", "status": status})).http() as http:
        sighting = await FacebookPosts(an_app(), http).settle(
            an_access(Platform.FACEBOOK),
            PostContent("Look"),
            REF,
            handle={"media": [{"form": "reel", "id": "55002"}]},
            sent_at=NOW,
        )

    assert sighting.kind is SightingKind.PROCESSING
    assert sighting.check_after is not None


@pytest.mark.parametrize(
    ("inspected", "ended", "bearer"),
    [
        ({"is_valid": True}, Revocation.REVOKED, TOKEN),
        ({"is_valid": False, "error": {"code": 190, "subcode": 463}}, Revocation.REVOKED, "cid|planted-client-secret"),
        ({"is_valid": False, "error": {"code": 190, "subcode": 458}}, Revocation.ALREADY_INVALID, None),
    ],
)
async def test_a_token_that_ended_is_revoked_by_the_app_itself(
    inspected: dict[str, Any], ended: Revocation, bearer: str | None
) -> None:
    """Tokens of Pages may live on; only where the person removed the app is nothing left to end."""
    server = Scripted(Reply(200, {"data": INSPECTED | inspected}), Reply(200, {"success": True}))

    async with server.http() as http:
        found = await FacebookOAuth(an_app(), http).revoke(TokenSet(Secret(TOKEN), None, None))

    assert found is ended
    asked = [one for one in server.asked if one.method == "DELETE"]
    assert [one.headers["authorization"] for one in asked] == ([f"Bearer {bearer}"] if bearer else [])
    assert all(one.path.endswith("/10150001/permissions") for one in asked)


async def test_a_refused_app_is_never_the_merchants_loss() -> None:
    """With a wrong secret nothing is told about a token, and nothing is taken for revoked."""
    server = Scripted(Reply(400, {"error": {"message": "x", "code": 190}}))

    async with server.http() as http:
        with pytest.raises(PlatformError) as refused:
            await FacebookOAuth(an_app(), http).revoke(TokenSet(Secret(TOKEN), None, None))

    assert refused.value.code is ErrorCode.APP_MISCONFIGURED
    assert refused.value.scope == "app"
    assert len(server.asked) == 1


async def test_portfolios_are_searched_when_nothing_else_shows_a_page() -> None:
    """With the permission granted, Pages owned and Pages of clients are found, each once."""
    page = {"id": PAGE, "name": "Blue Mug Shop", "access_token": "EAABpage"}
    server = Scripted(
        Reply(200, {"data": INSPECTED | {"is_valid": True, "scopes": ["business_management"]}}),
        Reply(200, {"data": []}),
        Reply(200, {"data": [{"id": "2088"}]}),
        Reply(200, {"data": [page]}),
        Reply(200, {"data": [page]}),
    )

    async with server.http() as http:
        places = await FacebookOAuth(an_app(), http).places(
            TokenSet(Secret(TOKEN), None, None), PlatformUser("10150001", None)
        )

    assert [asked.path.rsplit("v26.0", 1)[1] for asked in server.asked[1:]] == [
        "/me/accounts",
        "/me/businesses",
        "/2088/owned_pages",
        "/2088/client_pages",
    ]
    assert [(place.platform_id, place.name, place.usable) for place in places] == [(PAGE, "Blue Mug Shop", True)]


async def test_a_spent_code_is_not_asked_for_twice_when_the_long_token_is_late() -> None:
    """The short token is exchanged again at once; what was granted is asked for again, too."""
    trouble = Reply(500, {"error": {"code": 2}})
    server = Scripted(
        Reply(200, {"access_token": "EAABshort", "expires_in": 5102}),
        trouble,
        Reply(200, {"access_token": "EAABlong", "expires_in": 5183944}),
        trouble,
        Reply(200, {"data": [{"permission": "read_insights", "status": "declined"}]}),
    )

    async with server.http() as http:
        tokens = await FacebookOAuth(an_app(), http).exchange(
            code=Secret("planted-code"), redirect_uri="https://a.example/cb", code_verifier=Secret("v")
        )

    assert tokens.access_token.reveal() == "EAABlong"
    assert tokens.scopes == frozenset()
    assert sum("code" in asked.form() for asked in server.asked if asked.method == "POST") == 1
    assert not [asked for asked in server.asked if "planted" in str(asked.query)]
