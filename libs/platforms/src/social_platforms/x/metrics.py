"""X for analytics: public numbers of any age, private ones for 30 days. X tells no reach."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    AppConfig,
    ErrorCode,
    Platform,
    PlatformError,
    PostKind,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.answers import Answer, at, count, ident, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.x.api import XApi
from social_platforms.x.errors import problem_type

_PRIVATE_FOR: Final = timedelta(days=29)
_LOOKUP: Final = "GET /2/tweets"
_MEDIA: Final = {"expansions": "attachments.media_keys", "media.fields": "public_metrics"}


class XMetrics:
    """Numbers of an account and of up to a hundred posts a call."""

    platform = Platform.X
    posts_per_call = 100

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = XApi(app, http, clock=clock)
        self._clock = clock

    async def read_account(self, access: Access) -> AccountReading:
        """Followers, following and posts; impressions exist per post only."""
        answer = await self._api.call(
            "GET",
            "/users/me",
            endpoint="GET /2/users/me",
            bearer=access.token,
            rates=access.rates,
            params={"user.fields": "public_metrics"},
        )
        numbers = at(answer.body, "data", "public_metrics")
        if not isinstance(numbers, dict):
            raise self._api.calls.garbled(answer)
        metrics = AccountMetrics(
            followers=count(numbers, "followers_count"),
            following=count(numbers, "following_count"),
            posts=_either(numbers, "post_count", "tweet_count"),
        )
        return AccountReading(metrics, (RawAnswer("users/me", answer.body),))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Public numbers of all, then private ones of the young; asked of an old post, those spoil the whole answer."""
        wanted = [post.platform_post_id for post in posts[: self.posts_per_call] if post.platform_post_id.isdigit()]
        if not wanted:
            return PostsReading({}, frozenset(), ())
        extra = _MEDIA if any(post.kind is PostKind.VIDEO for post in posts) else {}
        answer = await self._read(access, wanted, fields=("created_at", "public_metrics", "attachments"), extra=extra)
        raw = [RawAnswer("posts", answer.body)]
        found = _by_id(answer)
        oldest = self._clock() - _PRIVATE_FOR
        young = [post.platform_post_id for post in posts if post.posted_at > oldest and post.platform_post_id in found]
        private: Mapping[str, dict[str, Any]] = {}
        if young:
            try:
                more = await self._read(access, young, fields=("non_public_metrics",), extra={})
            except PlatformError as error:
                # The public numbers stand by themselves; a limit or an outage will show at the next call.
                if error.code is ErrorCode.AUTH_EXPIRED:
                    raise
            else:
                raw.append(RawAnswer("posts private", more.body))
                private = _by_id(more)
        views = _views(answer)
        metrics = {post_id: _metrics(post, private.get(post_id, {}), views=views) for post_id, post in found.items()}
        return PostsReading(metrics, _gone(answer, wanted) - set(found), tuple(raw))

    async def _read(
        self, access: Access, ids: Sequence[str], *, fields: Sequence[str], extra: Mapping[str, str]
    ) -> Answer:
        answer = await self._api.read_posts(
            "/tweets",
            endpoint=_LOOKUP,
            bearer=access.token,
            rates=access.rates,
            fields=fields,
            params={"ids": ",".join(ids), **extra},
        )
        if not isinstance(answer.body, dict):
            raise self._api.calls.garbled(answer)
        return answer


def _by_id(answer: Answer) -> dict[str, dict[str, Any]]:
    return {post_id: post for post in objects(answer.body, "data") if (post_id := ident(post, "id")) is not None}


def _gone(answer: Answer, wanted: Sequence[str]) -> frozenset[str]:
    """Ids that X names as not found; others that are missing may only be withheld."""
    named = set()
    for error in objects(answer.body, "errors"):
        if problem_type(error) == "resource-not-found":
            named |= {text(error, "value"), text(error, "resource_id")}
    return frozenset(post_id for post_id in wanted if post_id in named)


def _views(answer: Answer) -> dict[str, int]:
    found = {}
    for media in objects(answer.body, "includes", "media"):
        key, views = text(media, "media_key"), count(media, "public_metrics", "view_count")
        if key is not None and views is not None:
            found[key] = views
    return found


def _either(numbers: Any, new: str, old: str) -> int | None:
    value = count(numbers, new)
    return count(numbers, old) if value is None else value


def _metrics(post: dict[str, Any], private: Mapping[str, Any], *, views: Mapping[str, int]) -> PostMetrics:
    public = at(post, "public_metrics")
    reposts, quotes = _either(public, "repost_count", "retweet_count"), count(public, "quote_count")
    keys = at(post, "attachments", "media_keys")
    seen = [views[key] for key in keys if isinstance(key, str) and key in views] if isinstance(keys, list) else []
    return PostMetrics(
        likes=count(public, "like_count"),
        comments=count(public, "reply_count"),
        shares=None if reposts is None and quotes is None else (reposts or 0) + (quotes or 0),
        saves=count(public, "bookmark_count"),
        clicks=count(private, "non_public_metrics", "url_link_clicks"),
        views=sum(seen) if seen else None,
        impressions=count(public, "impression_count"),
    )
