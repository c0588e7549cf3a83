"""Answers of Google and YouTube that say something else than was asked never read as "there is nothing"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.platforms.fakes import Reply, Scripted, a_user, an_access, an_app, some_tokens

from social_common.http import HttpClient
from social_platforms import registry
from social_platforms._core import (
    Accepted,
    ErrorCode,
    Platform,
    PlatformError,
    PostContent,
    PostKind,
    PostRef,
    PublishedPost,
    SightingKind,
)
from social_platforms.google.posts import GooglePosts
from social_platforms.youtube.videos import sighting_of

INSIDE = {"error": {"code": 401, "message": "planted", "status": "UNAUTHENTICATED"}}
BROKEN: dict[Platform, list[Any]] = {
    Platform.YOUTUBE: [
        INSIDE,
        {"error": "something"},
        {},
        {"items": []},
        {"kind": "youtube#channelListResponse", "items": "none"},
        {"kind": "youtube#channelListResponse", "items": {"id": "UC1"}},
        {"kind": "youtube#channelListResponse", "items": ["UC1"]},
        {"kind": 5, "items": []},
    ],
    Platform.GOOGLE: [
        INSIDE,
        {"error": "something"},
        {"accounts": "none", "localPosts": "none", "multiDailyMetricTimeSeries": "none"},
        {"accounts": ["accounts/1"], "localPosts": ["1"], "multiDailyMetricTimeSeries": ["1"]},
    ],
}
CASES = [(platform, body) for platform, bodies in BROKEN.items() for body in bodies]
HANDLES: dict[Platform, dict[str, Any]] = {Platform.YOUTUBE: {"video_id": "v1"}, Platform.GOOGLE: {"before": []}}
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


async def ask(what: str, platform: Platform, http: HttpClient) -> object:
    """One call of the facet of that name."""
    apps, access = {platform: an_app()}, an_access(platform)
    if what == "account":
        return await registry.metrics_adapters(apps, http)[platform].read_account(access)
    if what == "look":
        posts = registry.posts_adapters(apps, http)[platform]
        return await posts.settle(access, PostContent("Hello"), PostRef("p1"), handle=HANDLES[platform], sent_at=NOW)
    oauth = registry.oauth_apps(apps, http).of(platform, "cid")
    assert oauth is not None
    return await oauth.places(some_tokens(), a_user())


@pytest.mark.parametrize(("platform", "body"), CASES)
@pytest.mark.parametrize("what", ["account", "places", "look"])
async def test_a_success_that_is_none_is_passing_trouble(platform: Platform, body: Any, what: str) -> None:
    """No place is gone, no number is missing and no post is absent because of it."""
    async with Scripted(Reply(200, body)).http() as http:
        with pytest.raises(PlatformError) as refused:
            await ask(what, platform, http)

    assert (refused.value.code, refused.value.retryable) == (ErrorCode.PLATFORM_DOWN, True)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize("body", BROKEN[Platform.YOUTUBE])
async def test_no_video_is_given_up_for_a_broken_answer(body: Any) -> None:
    """A video that is gone is measured no more, so that has to be said in so many words."""
    async with Scripted(Reply(200, body)).http() as http:
        adapter = registry.metrics_adapters({Platform.YOUTUBE: an_app()}, http)[Platform.YOUTUBE]
        with pytest.raises(PlatformError):
            await adapter.read_posts(an_access(Platform.YOUTUBE), [PublishedPost("v1", PostKind.VIDEO, NOW)])


@pytest.mark.parametrize("told", ["true", 1, {"value": True}])
async def test_a_standing_that_cannot_be_read_refuses_no_post(told: Any) -> None:
    """Only Google's own word that posts of the location would not appear holds one back."""
    async with Scripted(Reply(200, {"hasVoiceOfMerchant": told}), Reply(200, {})).http() as http:
        posts = GooglePosts(an_app(), http)

        prepared = await posts.prepare(
            an_access(Platform.GOOGLE),
            PostContent("Hello"),
            PostRef("p1"),
            handle=None,
            media=None,  # type: ignore[arg-type]
        )

    assert prepared.ready


@pytest.mark.parametrize("shown", [None, "", "members_only", 5])
def test_an_unknown_visibility_is_no_end(shown: Any) -> None:
    """Neither is it published nor did it fail; it is looked at again."""
    video = {"id": "v1", "status": {"uploadStatus": "processed", "privacyStatus": shown}}

    sighting = sighting_of(video, wanted="public", age=timedelta(0))

    assert sighting.kind is SightingKind.PROCESSING
    assert sighting.check_after


@pytest.mark.parametrize("state", [None, "SOMETHING_NEW", "PROCESSING", "SCHEDULED", 7])
async def test_an_unknown_state_of_a_local_post_is_still_pending(state: Any) -> None:
    """What Google took is looked at until it says that it is live or refused."""
    name = "accounts/1029/locations/7741/localPosts/5501"
    async with Scripted(Reply(200, {"name": name, "state": state})).http() as http:
        answer = await GooglePosts(an_app(), http).publish(
            an_access(Platform.GOOGLE), PostContent("Hello"), PostRef("p1"), handle={"before": []}
        )

    assert isinstance(answer, Accepted)


@pytest.mark.parametrize(("attempt_number", "retryable"), [(1, True), (2, False), (9, False)])
async def test_a_picture_that_google_cannot_fetch_is_tried_once_more(attempt_number: int, *, retryable: bool) -> None:
    """Its address does not get better by asking Google for it all day."""
    detail = {"@type": "x", "errorDetails": [{"code": 1000, "field": "media", "message": "Fetching image failed."}]}
    body = {"error": {"code": 400, "message": "planted", "status": "INVALID_ARGUMENT", "details": [detail]}}
    async with Scripted(Reply(400, body)).http() as http:
        with pytest.raises(PlatformError) as refused:
            await GooglePosts(an_app(), http).publish(
                an_access(Platform.GOOGLE), PostContent("Hello"), PostRef("p1", attempt_number), handle={"before": []}
            )

    assert (refused.value.code, refused.value.retryable) == (ErrorCode.MEDIA_REJECTED, retryable)
