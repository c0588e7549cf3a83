"""Meta's own client library works against the simulator, over a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession
from tests.unit.sandbox.facebook.visitors import CLIENT_ID, CLIENT_SECRET, Merchant
from tests.unit.sandbox.harness import Sandbox, a_picture

from social_sandbox.server import build_server


@pytest.fixture
async def address(sandbox: Sandbox) -> AsyncIterator[str]:
    """Where the sandbox listens."""
    # A socket that listens already lets clients connect before the server has begun to accept.
    listening = socket.create_server(("127.0.0.1", 0))
    server = build_server(sandbox.app, host="127.0.0.1", port=0)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running


def an_api(address: str, token: str) -> FacebookAdsApi:
    """The library with its proofs, pointed at the sandbox."""
    session = FacebookSession(CLIENT_ID, CLIENT_SECRET, token)
    session.GRAPH = f"{address}/facebook/graph.facebook.com"
    return FacebookAdsApi(session)


async def test_the_sdk_posts_reads_and_deletes(
    sandbox: Sandbox, merchant: Merchant, address: str, tmp_path: Path
) -> None:
    """Token and proof in the query, lists as JSON, trailing slashes: text, photo, photos together, lists."""
    sandbox.switch("facebook", require_appsecret_proof=True, ranked=False)
    api = an_api(address, merchant.token)
    page = Page(merchant.page_id, api=api)
    file = tmp_path / "a.jpg"
    file.write_bytes(a_picture())

    text = await asyncio.to_thread(page.create_feed, params={"message": "From the SDK"})
    photo = await asyncio.to_thread(page.create_photo, params={"filename": str(file), "caption": "A mug"})
    kept = [
        await asyncio.to_thread(page.create_photo, params={"url": merchant.picture(), "published": False})
        for _ in range(2)
    ]
    album = await asyncio.to_thread(
        page.create_feed,
        params={"message": "Two mugs", "attached_media": [{"media_fbid": one["id"]} for one in kept]},
    )
    sandbox.pass_time(seconds=5)
    listed = await asyncio.to_thread(page.get_published_posts, fields=["id", "message"])
    read = await asyncio.to_thread(page.api_get, fields=["name", "fan_count"])

    assert [post["id"] for post in listed] == [album["id"], photo["post_id"], text["id"]]
    assert read["name"] == "Blue Mug Shop"
    assert [post["kind"] for post in await sandbox.published("facebook")] == ["text", "image", "album"]
    await asyncio.to_thread(PagePost(text["id"], api=api).api_delete)
    assert len(await sandbox.published("facebook")) == 2


# The library says that metrics are objects, and takes their names.
@pytest.mark.filterwarnings("ignore:value of metric might not be compatible")
async def test_the_sdk_lists_pages_and_reads_figures(sandbox: Sandbox, merchant: Merchant, address: str) -> None:
    """Cursors are followed; insights of Page and post; refusals become the library's own errors."""
    sandbox.switch("facebook", accounts_page_most=2)
    mine = await asyncio.to_thread(User("me", api=an_api(address, merchant.long)).get_accounts, fields=["id"])
    page = Page(merchant.page_id, api=an_api(address, merchant.token))
    post = await asyncio.to_thread(page.create_feed, params={"message": "From the SDK"})
    sandbox.pass_time(days=2)

    figures = await asyncio.to_thread(page.get_insights, params={"metric": ["page_media_view"], "period": "day"})
    of_post = await asyncio.to_thread(
        PagePost(post["id"], api=page.get_api()).get_insights, params={"metric": ["post_clicks"]}
    )

    assert [entry["id"] for entry in mine] == [merchant.page_id]
    assert figures[0]["name"] == "page_media_view"
    assert of_post[0]["values"][0]["value"] > 0
    with pytest.raises(FacebookRequestError) as refused:
        await asyncio.to_thread(page.get_insights, params={"metric": ["page_impressions"]})
    assert refused.value.api_error_code() == 100


async def test_the_sdk_makes_a_reel(sandbox: Sandbox, merchant: Merchant, address: str) -> None:
    """Begin, finish and read; the bytes go to the address that the first phase gives."""
    page = Page(merchant.page_id, api=an_api(address, merchant.token))
    begun = await asyncio.to_thread(page.create_video_reel, params={"upload_phase": "start"})
    headers = {"authorization": f"OAuth {merchant.token}", "file_url": merchant.movie()}
    await sandbox.client.post(begun["upload_url"], headers=headers)

    params = {"upload_phase": "finish", "video_id": begun["video_id"], "video_state": "PUBLISHED"}
    await asyncio.to_thread(page.create_video_reel, params=params)
    sandbox.pass_time(seconds=5)

    assert [post["platform_post_id"] for post in await sandbox.published("facebook")] == [begun["video_id"]]
