"""Instagram for analytics. Each kind of post has metrics of its own, and one wrong name fails the whole call."""

from collections.abc import Mapping, Sequence
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
from social_platforms.answers import count, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.instagram.api import InstagramApi
from social_platforms.instagram.errors import Cause, error_of

_FEED: Final = ("views", "reach", "shares", "total_interactions", "likes", "comments", "saved")
_STORY: Final = ("views", "reach", "shares", "total_interactions", "replies", "link_clicks")
_BY_KIND: Final[Mapping[PostKind, tuple[str, ...]]] = {
    PostKind.IMAGE: _FEED,
    PostKind.CAROUSEL: _FEED,
    PostKind.REEL: _FEED,
    PostKind.STORY: _STORY,
}
_TOO_FEW_VIEWERS: Final = 10


class InstagramMetrics:
    """Numbers of an account, and of a few posts a call: each takes a request of its own."""

    platform = Platform.INSTAGRAM
    posts_per_call = 5

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = InstagramApi(app, http, clock=clock)

    async def read_account(self, access: Access) -> AccountReading:
        """Followers and posts from the profile; reach and views of the last day from the insights."""
        profile = await self._api.call(
            "GET",
            "/me",
            bearer=access.token,
            rates=access.rates,
            params={"fields": "user_id,followers_count,follows_count,media_count"},
        )
        body = profile.body.get("data", profile.body)
        numbers = body[0] if isinstance(body, list) and body else body
        insights = await self._api.answer(
            "GET",
            f"/{access.platform_id}/insights",
            bearer=access.token,
            rates=access.rates,
            params={"metric": "reach,views", "period": "day", "metric_type": "total_value"},
        )
        raw = [RawAnswer("profile", profile.body)]
        values: Mapping[str, int] = {}
        if insights.is_success and isinstance(insights.body, dict):
            values = _values(insights.body)
            raw.append(RawAnswer("insights", insights.body))
        else:
            error = error_of(insights, now=self._api.clock())
            # Small accounts and missing permissions have no insights; the profile stands by itself.
            if error.code not in {ErrorCode.PERMISSION_MISSING, ErrorCode.VERSION_RETIRED, ErrorCode.NOT_FOUND}:
                raise error
        metrics = AccountMetrics(
            followers=count(numbers, "followers_count"),
            following=count(numbers, "follows_count"),
            posts=count(numbers, "media_count"),
            reach=values.get("reach"),
            impressions=values.get("views"),
        )
        return AccountReading(metrics, tuple(raw))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Insights of each post. Empty data means none yet, not zero."""
        metrics: dict[str, PostMetrics] = {}
        gone: set[str] = set()
        raw: list[RawAnswer] = []
        for post in posts[: self.posts_per_call]:
            answer = await self._api.answer(
                "GET",
                f"/{post.platform_post_id}/insights",
                bearer=access.token,
                rates=access.rates,
                params={"metric": ",".join(_BY_KIND.get(post.kind, _FEED))},
            )
            if answer.is_success and isinstance(answer.body, dict):
                raw.append(RawAnswer(f"insights {post.platform_post_id}", answer.body))
                metrics[post.platform_post_id] = _post_metrics(_values(answer.body))
                continue
            if answer.is_success:
                raise self._api.calls.garbled(answer)
            error = error_of(answer, now=self._api.clock())
            if error.code is ErrorCode.NOT_FOUND:
                gone.add(post.platform_post_id)
            elif not _has_no_numbers(Cause.of(answer.body), error, post):
                raise error
        return PostsReading(metrics, frozenset(gone), tuple(raw))


def _has_no_numbers(cause: Cause, error: PlatformError, post: PublishedPost) -> bool:
    """True where this one post has no insights (few viewers, older than the account's switch): the others may."""
    if post.kind is PostKind.STORY and cause.code == _TOO_FEW_VIEWERS:
        return True
    return error.code is ErrorCode.VERSION_RETIRED


def _values(body: Mapping[str, Any]) -> dict[str, int]:
    """The numbers by name, in either of the two shapes."""
    found = {}
    for metric in objects(body, "data"):
        name = text(metric, "name")
        value = count(metric, "total_value", "value")
        if value is None:
            value = count(metric, "values", -1, "value")
        if name is not None and value is not None:
            found[name] = value
    return found


def _post_metrics(values: Mapping[str, int]) -> PostMetrics:
    return PostMetrics(
        likes=values.get("likes"),
        comments=values.get("comments", values.get("replies")),
        shares=values.get("shares"),
        saves=values.get("saved"),
        clicks=values.get("link_clicks"),
        views=values.get("views"),
        reach=values.get("reach"),
    )
