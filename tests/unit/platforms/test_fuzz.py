"""Whatever a platform answers, an adapter raises PlatformError or nothing, and shows no secret."""

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.platforms.fakes import (
    PLANTED,
    Bytes,
    Reply,
    Scripted,
    a_film,
    a_picture,
    a_user,
    an_access,
    an_app,
    some_tokens,
)

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms import registry
from social_platforms._core import (
    MediaKind,
    Platform,
    PlatformError,
    PostContent,
    PostKind,
    PostRef,
    PublishedPost,
)
from social_platforms.instagram.posts import InstagramPosts
from social_platforms.linkedin.oauth import LinkedInOAuth

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
REF = PostRef("8f1c2d")
Operation = Callable[[HttpClient, Platform], Awaitable[object]]

# Documented answers of all three platforms; the fuzzer bends them.
ANSWERS: tuple[Any, ...] = (
    {
        "token_type": "bearer",
        "expires_in": 7200,
        "access_token": "at_2",
        "scope": "tweet.read",
        "refresh_token": "rt_2",
    },
    {"data": [{"access_token": "IGAAshort", "user_id": 17841400000012345, "permissions": "a,b"}]},
    {"error": "invalid_request", "error_description": "Value passed for the token was invalid."},
    {"data": {"id": "19", "name": "K", "username": "k", "public_metrics": {"followers_count": 1, "tweet_count": 2}}},
    {
        "id": 583231,
        "login": "adashop",
        "avatar_url": "https://a.example/u",
        "followers": 20,
        "user_id": "17",
        "username": "b",
    },
    {"installations": [{"id": 5, "permissions": {"contents": "write"}, "suspended_at": None}]},
    {"repositories": [{"id": 6, "full_name": "a/b", "node_id": "R_1", "permissions": {"push": True}}]},
    {
        "data": [
            {
                "id": "1900000000000001234",
                "text": "Hello https://t.co/A &amp;",
                "created_at": "2026-11-20T10:00:00Z",
                "entities": {"urls": [{"url": "https://t.co/A", "expanded_url": "https://shop.example/k"}]},
                "attachments": {"media_keys": ["7_1"]},
                "public_metrics": {"like_count": 1, "retweet_count": 2, "quote_count": 3},
                "non_public_metrics": {"url_link_clicks": 1},
            }
        ],
        "includes": {"media": [{"media_key": "7_1", "public_metrics": {"view_count": 3}}]},
        "meta": {"next_token": "n", "result_count": 1},
        "errors": [{"type": "https://api.x.com/2/problems/resource-not-found", "value": "7"}],
    },
    {"data": {"id": "19", "expires_after_secs": 9, "processing_info": {"state": "pending", "check_after_secs": 1}}},
    {"id": "17889455560051444", "status_code": "IN_PROGRESS", "status": "Error: 2207026"},
    {"id": "17889455560051444", "status_code": "PUBLISHED", "permalink": "https://www.instagram.com/p/x/"},
    {
        "data": [
            {
                "id": "179",
                "caption": "Hello",
                "media_type": "IMAGE",
                "media_product_type": "FEED",
                "timestamp": "2026-11-20T10:00:00+0000",
                "name": "reach",
                "values": [{"value": 841}],
                "total_value": {"value": 1},
            }
        ]
    },
    {"data": [{"permission": "pages_manage_posts", "status": "granted"}]},
    {
        "data": {
            "is_valid": True,
            "type": "USER",
            "user_id": "10150001",
            "expires_at": 1790000000,
            "issued_at": 1780000000,
            "scopes": ["pages_show_list"],
            "granular_scopes": [{"scope": "pages_show_list", "target_ids": ["104555000111222"]}],
        }
    },
    {
        "data": [
            {
                "id": "104555000111222",
                "name": "Blue Mug Shop",
                "tasks": ["CREATE_CONTENT"],
                "access_token": "EAABpage",
                "message": "Hello",
                "created_time": "2026-11-20T10:00:00+0000",
                "permalink_url": "/reel/55002/",
                "attachments": {"data": [{"target": {"id": "19"}, "subattachments": {"data": [{"target": {}}]}}]},
            }
        ],
        "paging": {"cursors": {"after": "c"}, "next": "https://graph.facebook.com/x"},
    },
    {"video_id": "55002", "upload_url": "https://rupload.facebook.com/video-upload/v26.0/55002", "success": True},
    {"id": "upload:MTph", "h": "2:c2Ft", "file_offset": 1},
    {
        "id": "55002",
        "post_id": "9001",
        "published": True,
        "status": {
            "video_status": "processing",
            "uploading_phase": {"status": "complete", "bytes_transferred": 9},
            "processing_phase": {"status": "error", "errors": [{"code": 1363026}]},
            "publishing_phase": {"status": "complete", "publish_status": "published"},
        },
    },
    {"active": False, "status": "revoked", "expires_at": 1795184000, "scope": "openid,profile", "auth_type": "3L"},
    {
        "paging": {"start": 0, "count": 10, "links": []},
        "elements": [
            {
                "roleAssignee": "urn:li:person:q7",
                "state": "APPROVED",
                "role": "ADMINISTRATOR",
                "organization": "urn:li:organization:5555",
                "id": "urn:li:share:19",
                "commentary": "Hello https://shop.example/k",
                "createdAt": 1790000000123,
                "content": {"multiImage": {"images": [{"id": "urn:li:image:C5"}]}, "media": {"id": "urn:li:image:C5"}},
                "share": "urn:li:share:190",
                "totalShareStatistics": {"likeCount": -1, "impressionCount": 240, "engagement": 0.05},
            }
        ],
    },
    {
        "value": {
            "uploadUrlExpiresAt": 1790003600000,
            "uploadUrl": "https://www.linkedin.com/dms-uploads/p0",
            "image": "urn:li:image:C5",
        }
    },
    {"status": "AVAILABLE", "localizedName": "Copper", "vanityName": "copper", "firstDegreeSize": 800},
    {"results": {}, "statuses": {"urn:li:share:191": 404}, "errors": {"urn:li:share:191": {"status": 404}}},
    {"message": "Content is a duplicate of urn:li:share:19", "status": 422, "serviceErrorCode": 100, "code": "X"},
    {"error": {"message": "x", "code": 9007, "error_subcode": 2207027, "is_transient": False}},
    {
        "data": {
            "repository": {
                "id": "R_1",
                "isArchived": False,
                "hasDiscussionsEnabled": True,
                "discussionCategories": {"nodes": [{"id": "DIC_1", "name": "General", "slug": "general"}]},
                "discussions": {
                    "pageInfo": {"hasNextPage": True, "endCursor": "c"},
                    "nodes": [
                        {
                            "id": "D_1",
                            "url": "https://g",
                            "body": "<!-- ref:8f1c2d -->",
                            "createdAt": "2026-11-20T10:00:00Z",
                        }
                    ],
                },
            },
            "createDiscussion": {"discussion": {"id": "D_1", "url": "https://g", "createdAt": "2026-11-20T10:00:00Z"}},
            "nodes": [{"id": "D_1", "upvoteCount": 1, "comments": {"totalCount": 1}, "reactions": {"totalCount": 2}}],
        },
        "errors": [{"type": "NOT_FOUND", "path": ["nodes", 0], "message": "planted"}],
    },
    {
        "message": "Validation Failed",
        "errors": [{"resource": "Release", "code": "already_exists", "field": "tag_name"}],
    },
    {"sub": "1029384756", "email": "ada@shop.example", "name": "Ada", "refresh_token_expires_in": 604799},
    {"accounts": [{"name": "accounts/1029", "accountName": "Ada"}], "nextPageToken": "n"},
    {
        "locations": [{"name": "locations/7741", "title": "Ada", "metadata": {"mapsUri": "https://m.example/?cid=9"}}],
        "hasVoiceOfMerchant": False,
        "verify": {},
    },
    {
        "name": "accounts/1029/locations/7741/localPosts/5501",
        "state": "LIVE",
        "searchUrl": "https://g.example/p",
        "createTime": "2026-11-20T10:00:00.123Z",
    },
    {
        "localPosts": [
            {
                "name": "accounts/1029/locations/7741/localPosts/5501",
                "summary": "Hello https://shop.example/k",
                "topicType": "STANDARD",
                "state": "PROCESSING",
                "createTime": "2026-11-20T10:00:00.123Z",
                "callToAction": {"actionType": "SHOP", "url": "https://shop.example/k?utm_content=8f1c2d"},
            }
        ],
        "nextPageToken": "n",
    },
    {
        "multiDailyMetricTimeSeries": [
            {
                "dailyMetricTimeSeries": [
                    {
                        "dailyMetric": "BUSINESS_IMPRESSIONS_MOBILE_MAPS",
                        "timeSeries": {"datedValues": [{"date": {"year": 2026, "month": 11, "day": 1}, "value": "12"}]},
                    }
                ]
            }
        ]
    },
    {
        "error": {
            "code": 429,
            "message": "Quota exceeded for limit 'Video Uploads per day'.",
            "status": "RESOURCE_EXHAUSTED",
            "errors": [{"message": "planted", "domain": "global", "reason": "rateLimitExceeded"}],
            "details": [{"reason": "SERVICE_DISABLED", "metadata": {"quota_limit_value": "0"}, "retryDelay": "3s"}],
        }
    },
    {
        "items": [
            {
                "id": "190",
                "snippet": {
                    "title": "Hello https://shop.example/k",
                    "customUrl": "@ada",
                    "tags": ["ref-8f1c2d"],
                    "publishedAt": "2026-11-20T10:00:00Z",
                    "thumbnails": {"default": {"url": "https://y.example/a", "width": 88}},
                },
                "status": {"uploadStatus": "processed", "privacyStatus": "private", "failureReason": "codec"},
                "statistics": {"viewCount": "12", "likeCount": "3", "subscriberCount": "9", "videoCount": "1"},
                "contentDetails": {"videoId": "190", "relatedPlaylists": {"uploads": "UUx"}},
                "fileDetails": {"fileSize": "3"},
            }
        ],
        "nextPageToken": "n",
        "columnHeaders": [{"name": "video"}, {"name": "views"}, {"name": "shares"}],
        "rows": [["190", 3, 1]],
    },
    {"kind": "youtube#video", "id": "190", "status": {"uploadStatus": "processed", "privacyStatus": "public"}},
    {"id": 77, "html_url": "https://g/r", "body": "<!-- ref:8f1c2d -->", "reactions": {"total_count": 1}},
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
STATUSES = st.sampled_from(
    (200, 200, 200, 201, 204, 301, 302, 308, 400, 401, 402, 403, 404, 409, 410, 422, 429, 500, 502, 503)
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
        | st.sampled_from(
            ["0", "-1", "9" * 30, "1790000000", '{"a":[{"call_count":5}]}', "https://evil.example/x", "bytes=0-1"]
        )
        for name in (
            "retry-after",
            "x-rate-limit-remaining",
            "x-rate-limit-reset",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "x-app-usage",
            "x-business-use-case-usage",
            "location",
            "link",
            "range",
        )
    },
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in an answer."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from paths_of(value[key], (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from paths_of(item, (*path, position))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The answer with something else at that place."""
    if not path:
        return new
    copy = json.loads(json.dumps(value))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return copy


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """Documented answers, bent answers, any JSON, any bytes."""
    match draw(st.integers(0, 4)):
        case 0:
            body: Any = draw(
                st.binary(max_size=40) | st.sampled_from([b"", b'{"data":{"id":"19', b"<html>", b"[" * 90000])
            )
        case 1:
            body = draw(JSON)
        case 2:
            body = draw(st.sampled_from(ANSWERS))
        case _:
            answer = draw(st.sampled_from(ANSWERS))
            path = draw(st.sampled_from(list(paths_of(answer))))
            body = replaced(answer, path, draw(JSON))
    return Reply(draw(STATUSES), body, draw(HEADERS))


async def at_once(seconds: float) -> None:
    """A wait that is over."""
    del seconds


def _oauth(method: str) -> Operation:
    async def run(http: HttpClient, platform: Platform) -> object:
        (adapter,) = registry.oauth_apps({platform: an_app(flavour="github_app")}, http)
        if platform is Platform.LINKEDIN:
            adapter = LinkedInOAuth(an_app(flavour="community"), http, sleep=at_once)
        match method:
            case "exchange":
                return await adapter.exchange(
                    code=Secret("planted-code"),
                    redirect_uri="https://a.example/cb",
                    code_verifier=Secret("planted-verifier"),
                )
            case "places":
                return await adapter.places(some_tokens(), a_user())
            case "probe":
                await adapter.probe(Secret("planted-access-token"))
                return None
            case _:
                return await getattr(adapter, method)(some_tokens())

    return run


def _posts(method: str, *, kind: str = "discussion", with_media: bool = True) -> Operation:
    async def run(http: HttpClient, platform: Platform) -> object:
        options = {"kind": kind} if platform is Platform.GITHUB else {}
        media = (a_film(),) if platform is Platform.YOUTUBE else (a_picture(), a_picture()) if with_media else ()
        content = PostContent("Hello https://shop.example/k", media, options)
        adapter = registry.posts_adapters({platform: an_app()}, http)[platform]
        if platform is Platform.INSTAGRAM:
            adapter = InstagramPosts(an_app(), http, sleep=at_once)
        access = an_access(platform)
        handle: Any = {
            "media": [
                {"url": item.url, "id": "19", "urn": "urn:li:image:C5", "state": "ready"} for item in content.media
            ],
            "since_id": "18",
            "container": {"id": "17"},
            "kind": kind,
            "tag": "news-1",
            "repository_id": "R_1",
            "category_id": "DIC_1",
            "session": "https://www.googleapis.com/upload/youtube/v3/videos?upload_id=planted-code",
            "first": 0,
            "size": 3,
            "mime": "video/mp4",
            "tail": "/9j/",
            "about": {},
        }
        match method:
            case "prepare":
                handle = None
                for _ in range(6):
                    prepared = await adapter.prepare(access, content, REF, handle=handle, media=Bytes())
                    handle = prepared.handle
                    json.dumps(handle)
                return None
            case "publish":
                return await adapter.publish(access, content, REF, handle=handle)
            case _:
                return await adapter.settle(
                    access, content, REF, handle=handle, sent_at=NOW, until=NOW + timedelta(days=1)
                )

    return run


def _metrics(method: str) -> Operation:
    async def run(http: HttpClient, platform: Platform) -> object:
        adapter = registry.metrics_adapters({platform: an_app()}, http)[platform]
        if method == "account":
            return await adapter.read_account(an_access(platform))
        kinds = (PostKind.VIDEO, PostKind.IMAGE, PostKind.STORY, PostKind.RELEASE, PostKind.DISCUSSION)
        prefix = "urn:li:share:" if platform is Platform.LINKEDIN else ""
        wanted = [PublishedPost(f"{prefix}19{position}", kind, NOW) for position, kind in enumerate(kinds)]
        reading = await adapter.read_posts(an_access(platform), wanted)
        return json.dumps([answer.body for answer in reading.raw], ensure_ascii=False).encode()

    return run


OPERATIONS: dict[str, Operation] = {
    **{name: _oauth(name) for name in ("exchange", "identity", "places", "refresh", "probe", "revoke")},
    **{name: _posts(name) for name in ("prepare", "publish", "settle")},
    "publish release": _posts("publish", kind="release", with_media=False),
    "settle release": _posts("settle", kind="release", with_media=False),
    "account": _metrics("account"),
    "posts": _metrics("posts"),
}


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize("name", OPERATIONS)
@given(script=st.lists(replies(), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_any_answer_is_a_result_or_a_platform_error(name: str, platform: Platform, script: list[Reply]) -> None:
    """Garbage of every kind never comes out as anything but PlatformError, and no secret is in its words."""
    raised: PlatformError | None = None
    async with Scripted(*script).http() as http:
        try:
            await OPERATIONS[name](http, platform)
        except PlatformError as error:
            raised = error

    if raised is not None:
        words = f"{raised} {raised.detail} {raised.action}"
        assert not any(secret in words for secret in (*PLANTED, "http"))
        assert raised.__cause__ is None
        assert raised.retry_after is None or raised.retry_after >= timedelta(0)


@given(text=st.text(max_size=80), alt=st.text(max_size=20), media=st.sampled_from(list(MediaKind)))
@pytest.mark.parametrize("platform", list(Platform))
def test_any_content_can_be_checked(platform: Platform, text: str, alt: str, media: MediaKind) -> None:
    """A check is total: it finds fault or none, and never fails itself."""
    adapter = registry.posts_adapters({platform: an_app()}, Scripted(Reply()).http())[platform]
    content = PostContent(text, (a_picture(kind=media, alt_text=alt),), {"kind": text, "title": 5})

    findings = adapter.check(content, {})

    assert adapter.kind_of(content)
    assert all(finding.field and finding.detail for finding in findings)
