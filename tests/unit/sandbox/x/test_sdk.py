"""X's own client library works against the simulator, over a real socket; its generated models read every answer."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox, a_movie, a_picture, params_of
from tests.unit.sandbox.x.visitors import CLIENT, REDIRECT, SCOPES
from xdk import Client, schemas

from social_sandbox.server import build_server

FIELDS = ["created_at", "entities", "public_metrics", "non_public_metrics", "attachments"]


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


async def a_client(sandbox: Sandbox, address: str) -> Client:
    """A linked client of X's own making."""
    client = Client(
        base_url=f"{address}/x/api.x.com",
        client_id=CLIENT[0],
        client_secret=CLIENT[1],
        redirect_uri=REDIRECT,
        scope=SCOPES,
    )
    page = client.get_authorization_url(state="st_1")
    answer = await sandbox.client.post(
        page.replace("https://x.com", "/x/x.com"), data={"account": "kettleco", "decision": "approve"}
    )
    tokens = await asyncio.to_thread(client.exchange_code, params_of(answer)["code"])
    client.access_token = tokens["access_token"]
    return client


async def test_the_sdk_links_uploads_posts_reads_and_deletes(sandbox: Sandbox, address: str) -> None:
    """Basic without client_id, base64 in JSON, append answered in JSON: all of the SDK's habits are served."""
    sandbox.switch("x", vocabulary="new", timeline_lag_s=0, processing_polls=1, check_after_s=0)
    client = await a_client(sandbox, address)
    me = await asyncio.to_thread(client.users.get_me, user_fields=["public_metrics", "subscription_type"])

    picture = base64.b64encode(a_picture()).decode()
    uploaded = await asyncio.to_thread(
        client.media.upload, schemas.MediaUploadRequest(media=picture, media_category="tweet_image")
    )
    text = "From the SDK https://shop.example/k1"
    body = schemas.CreatePostsRequest(text=text, media=schemas.CreatePostsMedia(media_ids=[uploaded.data.id]))
    created = await asyncio.to_thread(client.posts.create, body)
    read = await asyncio.to_thread(
        client.posts.get_by_ids, [created.data.id], post_fields=FIELDS, expansions=["attachments.media_keys"]
    )
    pages = client.users.get_posts(me.data.id, max_results=5)
    page = await asyncio.to_thread(next, iter(pages))

    assert me.data.username == "kettleco"
    assert read.data[0].public_metrics.repost_count == 0
    assert read.includes.media[0].media_key == uploaded.data.media_key
    assert [post.id for post in page.data] == [created.data.id]
    assert [post["text"] for post in await sandbox.published("x")] == [text]
    deleted = await asyncio.to_thread(client.posts.delete, created.data.id)
    assert deleted.data.deleted is True


async def test_the_sdk_uploads_in_segments(sandbox: Sandbox, address: str) -> None:
    """Initialize, append, finalize and status as the SDK sends them."""
    sandbox.switch("x", processing_polls=1, check_after_s=0)
    client = await a_client(sandbox, address)
    content = a_movie()
    opened = await asyncio.to_thread(
        client.media.initialize_upload,
        schemas.InitializeMediaUploadRequest(
            media_category="tweet_video", media_type="video/mp4", total_bytes=len(content)
        ),
    )
    segment = schemas.AppendMediaUploadRequest(media=base64.b64encode(content).decode(), segment_index=0)

    appended = await asyncio.to_thread(client.media.append_upload, opened.data.id, segment)
    finalized = await asyncio.to_thread(client.media.finalize_upload, opened.data.id)
    status = await asyncio.to_thread(client.media.get_upload_status, opened.data.id, "STATUS")

    assert appended.data.expires_at > 0
    assert finalized.data.processing_info.state == "pending"
    assert status.data.processing_info.state == "succeeded"


async def test_partial_errors_are_problems_of_the_specification(sandbox: Sandbox, address: str) -> None:
    """The SDK's closed union of problems reads what the simulator says about missing posts and private figures."""
    client = await a_client(sandbox, address)
    created = await asyncio.to_thread(client.posts.create, schemas.CreatePostsRequest(text="Old news"))
    sandbox.simulation.store.posts["x"][created.data.id].account_id = "19"

    def get() -> Any:
        return client.posts.get_by_ids([created.data.id, "19"], post_fields=["non_public_metrics"])

    answer = await asyncio.to_thread(get)

    kinds = {type(error) for error in answer.errors}
    assert kinds == {schemas.NotAuthorizedForFieldProblem, schemas.ResourceNotFoundProblem}
