"""YouTube for analytics: counters as they stand, and shares from the reports, which lag by some days."""

from collections.abc import Sequence
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
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.answers import at, count, flag, ident, items, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.youtube.api import ANALYTICS, YouTubeApi, digits
from social_platforms.youtube.limits import ANALYTICS_VERSION, STATS_BUCKET

# A public view counts as soon as playback starts; before late August 2026 it took a minimum of watch time.
_VIEWS: Final = "views from the start of playback"
_REPORTS_BUCKET: Final = "reports"
_COLUMNS: Final = ("views", "shares")
_DAY: Final = timedelta(days=1)


class YouTubeMetrics:
    """Numbers of a channel and of up to fifty videos a call."""

    platform = Platform.YOUTUBE
    posts_per_call = 50

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = YouTubeApi(app, http, clock=clock)

    async def read_account(self, access: Access) -> AccountReading:
        """Subscribers, unless the channel hides them, and the number of videos."""
        body = await self._api.read(access, "/channels", {"part": "id,statistics", "mine": "true"})
        channel = next((item for item in objects(body, "items") if ident(item, "id") == access.platform_id), None)
        if channel is None:
            raise PlatformError(
                ErrorCode.DESTINATION_GONE, "YouTube no longer has this channel.", action="Connect the channel again."
            )
        numbers = at(channel, "statistics")
        is_hidden = flag(numbers, "hiddenSubscriberCount") or False
        metrics = AccountMetrics(
            followers=None if is_hidden else digits(numbers, "subscriberCount"),
            posts=digits(numbers, "videoCount"),
        )
        return AccountReading(metrics, (RawAnswer("channels", body),))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """The counters of all, and the shares where the reports have them. A counter that is switched off is None."""
        wanted = posts[: self.posts_per_call]
        ids = [post.platform_post_id for post in wanted if ident(post.platform_post_id) is not None]
        if not ids:
            return PostsReading({}, frozenset(), ())
        body = await self._api.read(
            access, "/videos:batchGetStats", {"part": "id,statistics", "id": ",".join(ids)}, bucket=STATS_BUCKET
        )
        raw = [RawAnswer(f"videos:batchGetStats, {_VIEWS}", body)]
        found = {video_id: item for item in objects(body, "items") if (video_id := ident(item, "id")) in ids}
        report = await self._report(access, wanted, ids=list(found)) if found else None
        if report is not None:
            raw.append(RawAnswer("reports", report))
        shares = _shares(report)
        metrics = {
            video_id: PostMetrics(
                likes=digits(item, "statistics", "likeCount"),
                comments=digits(item, "statistics", "commentCount"),
                views=digits(item, "statistics", "viewCount"),
                shares=shares.get(video_id),
            )
            for video_id, item in found.items()
            if video_id is not None
        }
        return PostsReading(metrics, frozenset(ids) - set(metrics), tuple(raw))

    async def _report(
        self, access: Access, posts: Sequence[PublishedPost], *, ids: Sequence[str | None]
    ) -> dict[str, Any] | None:
        """The videos' rows since the oldest went out. The counters stand by themselves where there is no report."""
        params = {
            "ids": "channel==MINE",
            "startDate": min(post.posted_at for post in posts).date().isoformat(),
            "endDate": (self._api.clock() - _DAY).date().isoformat(),
            "metrics": ",".join(_COLUMNS),
            "dimensions": "video",
            "filters": f"video=={','.join(str(video_id) for video_id in ids)}",
            "sort": "-views",
            "maxResults": str(self.posts_per_call),
        }
        if params["startDate"] > params["endDate"]:
            return None
        try:
            return await self._api.call(
                "GET",
                ANALYTICS,
                f"/{ANALYTICS_VERSION}/reports",
                bearer=access.token,
                rates=access.rates,
                bucket=_REPORTS_BUCKET,
                params=params,
            )
        except PlatformError as error:
            if error.code is ErrorCode.AUTH_EXPIRED:
                raise
            return None


def _shares(report: dict[str, Any] | None) -> dict[str, int]:
    """Shares by video, read by the columns' names; a video without a row has no report yet."""
    names = [text(header, "name") for header in objects(report, "columnHeaders")]
    if "video" not in names or "shares" not in names:
        return {}
    video, shares = names.index("video"), names.index("shares")
    found = {}
    for row in items(report, "rows"):
        video_id, number = ident(row, video), count(row, shares)
        if video_id is not None and number is not None:
            found[video_id] = number
    return found
