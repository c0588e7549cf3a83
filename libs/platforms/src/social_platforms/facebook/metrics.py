"""Facebook for analytics. One name that Facebook no longer knows fails a whole call, so groups are small and split."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    AppConfig,
    ErrorCode,
    JsonObject,
    Platform,
    PlatformError,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.answers import at, count, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.facebook.api import Bearer, FacebookApi, is_refused
from social_platforms.facebook.errors import error_of, is_dead_metric

_VIEWS, _VIEWERS = "page_media_view", "page_total_media_view_unique"
_POST_VIEWS, _POST_VIEWERS = "post_media_view", "post_total_media_view_unique"
_CLICKS, _ACTIONS = "post_clicks", "post_activity_by_action_type"
_ACCOUNT: Final = ((_VIEWS, _VIEWERS),)
_POST: Final = ((_POST_VIEWS, _POST_VIEWERS), (_CLICKS, _ACTIONS))


class FacebookMetrics:
    """Numbers of a Page, and of a few posts a call: each takes requests of its own."""

    platform = Platform.FACEBOOK
    posts_per_call = 5

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = FacebookApi(app, http, clock=clock)

    async def read_account(self, access: Access) -> AccountReading:
        """Followers from the Page; reach and views of the last day from the insights. A Page follows nobody."""
        page = await self._api.call(
            "GET",
            f"/{access.platform_id}",
            bearer=Bearer.of(access),
            params={"fields": "followers_count,fan_count"},
        )
        raw = [RawAnswer("page", page.body)]
        values: dict[str, Any] = {}
        try:
            for group in _ACCOUNT:
                values |= await self._group(access, access.platform_id, group, raw=raw, period="day")
        except PlatformError as error:
            # Without the permission for insights the Page's own numbers stand by themselves.
            if error.code not in {ErrorCode.PERMISSION_MISSING, ErrorCode.NOT_FOUND}:
                raise
        metrics = AccountMetrics(
            followers=count(page.body, "followers_count"),
            reach=count(values, _VIEWERS),
            impressions=count(values, _VIEWS),
        )
        return AccountReading(metrics, tuple(raw))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Insights of each post. Empty data means none yet, not zero."""
        metrics: dict[str, PostMetrics] = {}
        gone: set[str] = set()
        raw: list[RawAnswer] = []
        for post in posts[: self.posts_per_call]:
            # A video's own id has no insights; behind its Page's it names the post.
            node = post.platform_post_id
            node = node if "_" in node else f"{access.platform_id}_{node}"
            values: dict[str, Any] = {}
            try:
                for group in _POST:
                    values |= await self._group(access, node, group, raw=raw)
            except PlatformError as error:
                if error.code is not ErrorCode.NOT_FOUND:
                    raise
                gone.add(post.platform_post_id)
                continue
            metrics[post.platform_post_id] = _post_metrics(values)
        return PostsReading(metrics, frozenset(gone), tuple(raw))

    async def _group(
        self, access: Access, node: str, names: Sequence[str], *, raw: list[RawAnswer], period: str | None = None
    ) -> dict[str, Any]:
        """The values of those metrics by name. Where one of them is dead, each is asked by itself."""
        params = {"metric": ",".join(names)} | ({"period": period} if period else {})
        answer = await self._api.answer("GET", f"/{node}/insights", bearer=Bearer.of(access), params=params)
        if not is_refused(answer):
            if not isinstance(at(answer.body, "data"), list):
                raise self._api.calls.garbled(answer)
            # The addresses of further pages may hold the token.
            body: JsonObject = {name: value for name, value in answer.body.items() if name != "paging"}
            raw.append(RawAnswer(f"insights {node}", body))
            return _values(body)
        if not is_dead_metric(answer):
            raise error_of(answer, now=self._api.clock())
        values: dict[str, Any] = {}
        for name in names if len(names) > 1 else ():
            values |= await self._group(access, node, (name,), raw=raw, period=period)
        return values


def _values(body: Mapping[str, Any]) -> dict[str, Any]:
    """The newest value of each metric by its name."""
    return {
        name: at(metric, "values", -1, "value")
        for metric in objects(body, "data")
        if (name := text(metric, "name")) is not None
    }


def _post_metrics(values: Mapping[str, Any]) -> PostMetrics:
    actions = values.get(_ACTIONS)

    def done(action: str) -> int | None:
        """An action that nobody took is left out of an answer that was given."""
        if not isinstance(actions, dict):
            return None
        return count(actions, action) if action in actions else 0

    return PostMetrics(
        likes=done("like"),
        comments=done("comment"),
        shares=done("share"),
        clicks=count(values, _CLICKS),
        views=count(values, _POST_VIEWS),
        reach=count(values, _POST_VIEWERS),
    )
