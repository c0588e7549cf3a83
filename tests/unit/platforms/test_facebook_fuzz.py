"""Whatever Facebook answers about a video on its way, an adapter raises PlatformError or nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.platforms.fakes import PLANTED, Bytes, Reply, Scripted, an_access, an_app
from tests.unit.platforms.test_fuzz import replies

from social_platforms._core import MediaItem, MediaKind, Platform, PlatformError, PostContent, PostRef
from social_platforms.facebook.posts import FacebookPosts

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
REF = PostRef("8f1c2d")
FILM = MediaItem("https://shop.example/f.mp4", MediaKind.VIDEO, "", "video/mp4", 3, 1080, 1920, timedelta(seconds=5))
ENTRY: dict[str, Any] = {"url": FILM.url, "alt_text": "", "id": "55002", "size": 3, "tries": 1, "polls": 0}
UPLOAD_URL = "https://rupload.facebook.com/video-upload/v26.0/55002"
STATES: dict[str, dict[str, Any]] = {
    "new": ENTRY | {"state": "new"},
    "reel uploading": ENTRY | {"state": "uploading", "form": "reel", "upload_url": UPLOAD_URL},
    "reel processing": ENTRY | {"state": "processing", "form": "reel"},
    "video uploading": ENTRY | {"state": "uploading", "form": "video", "id": "upload:MTph"},
    "reel ready": ENTRY | {"state": "ready", "form": "reel"},
    "video ready": ENTRY | {"state": "ready", "form": "video", "id": "upload:MTph", "handle": "2:c2Ft"},
}


async def run(posts: FacebookPosts, state: str) -> None:
    """All that can be done with a video in that state."""
    access, content = an_access(Platform.FACEBOOK), PostContent("Look", (FILM,))
    handle: dict[str, Any] = {"media": [STATES[state]]}
    for _ in range(4):
        prepared = await posts.prepare(access, content, REF, handle=handle, media=Bytes())
        handle = json.loads(json.dumps(prepared.handle))
    if prepared.ready:
        await posts.publish(access, content, REF, handle=handle)
    for extra in ({}, {"accepted": True}, {"video_id": "55001"}):
        await posts.settle(access, content, REF, handle=handle | extra, sent_at=NOW)
    await posts.discard(access, handle=handle)


@pytest.mark.parametrize("state", STATES)
@given(script=st.lists(replies(), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_any_answer_about_a_video_is_a_result_or_a_platform_error(state: str, script: list[Reply]) -> None:
    """Garbage of every kind never comes out as anything but PlatformError, and no secret is in its words."""
    raised: PlatformError | None = None
    async with Scripted(*script).http() as http:
        try:
            await run(FacebookPosts(an_app(), http), state)
        except PlatformError as error:
            raised = error

    if raised is not None:
        assert not any(secret in f"{raised} {raised.action}" for secret in (*PLANTED, "http"))
        assert raised.retry_after is None or raised.retry_after >= timedelta(0)
