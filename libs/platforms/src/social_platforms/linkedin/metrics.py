"""LinkedIn for analytics: organisations only. With the self-serve app nothing of a member can be read, so nothing is
called and nothing is reported.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    AppConfig,
    ErrorCode,
    PlaceKind,
    Platform,
    PlatformError,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.answers import Answer, at, count, ident, objects
from social_platforms.calls import Clock, utc_now
from social_platforms.linkedin.api import LinkedInApi
from social_platforms.linkedin.restli import Value, encoded

_STATISTICS: Final = "/organizationalEntityShareStatistics"
# Posts are asked by the kind of their URN: the parameter, and the key of an answer's element.
_BY_KIND: Final = (("urn:li:share:", "shares", "share"), ("urn:li:ugcPost:", "ugcPosts", "ugcPost"))
_NOT_FOUND: Final = 404
_NO_ACTIVITY: Final[Mapping[str, Any]] = {
    "impressionCount": 0,
    "uniqueImpressionsCount": 0,
    "clickCount": 0,
    "likeCount": 0,
    "commentCount": 0,
    "shareCount": 0,
}


class LinkedInMetrics:
    """Numbers of an organisation, and of up to fifty of its posts a call (a query stays below 4,000 characters)."""

    platform = Platform.LINKEDIN
    posts_per_call = 50

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = LinkedInApi(app, http, clock=clock)

    async def read_account(self, access: Access) -> AccountReading:
        """Followers now; reach and impressions of the last twelve months. Posts and following are not offered."""
        if access.kind is not PlaceKind.ORGANIZATION:
            return AccountReading(AccountMetrics(), ())
        network = await self._api.call(
            "GET",
            f"/networkSizes/{encoded(access.platform_id)}",
            bearer=access.token,
            params={"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"},
        )
        followers = count(network.body, "firstDegreeSize")
        if followers is None:
            raise self._api.calls.garbled(network)
        statistics = await self._statistics(access)
        totals = at(statistics.body, "elements", 0, "totalShareStatistics")
        numbers = _metrics(totals if isinstance(totals, dict) else _NO_ACTIVITY)
        metrics = AccountMetrics(followers=followers, reach=numbers.reach, impressions=numbers.impressions)
        return AccountReading(metrics, (RawAnswer("network size", network.body), RawAnswer("totals", statistics.body)))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Lifetime numbers. A post that is left out had no activity, or is gone: only looking tells which."""
        metrics: dict[str, PostMetrics] = {}
        raw: list[RawAnswer] = []
        wanted = [post.platform_post_id for post in posts[: self.posts_per_call]]
        if access.kind is not PlaceKind.ORGANIZATION:
            return PostsReading({}, frozenset(), ())
        left_out: list[str] = []
        for prefix, parameter, key in _BY_KIND:
            urns = [urn for urn in wanted if urn.startswith(prefix)]
            if not urns:
                continue
            answer = await self._statistics(access, **{parameter: urns})
            raw.append(RawAnswer(parameter, answer.body))
            for element in objects(answer.body, "elements"):
                urn = ident(element, key)
                if urn in urns:
                    metrics[str(urn)] = _metrics(at(element, "totalShareStatistics"))
            left_out += [urn for urn in urns if urn not in metrics]
        gone = await self._gone(access, left_out) if left_out else frozenset()
        metrics |= {urn: _metrics(_NO_ACTIVITY) for urn in left_out if urn not in gone}
        return PostsReading(metrics, gone, tuple(raw))

    async def _statistics(self, access: Access, **posts: Value) -> Answer:
        params = {"q": "organizationalEntity", "organizationalEntity": access.platform_id, **posts}
        answer = await self._api.call("FINDER", _STATISTICS, bearer=access.token, params=params)
        if not isinstance(at(answer.body, "elements"), list):
            raise self._api.calls.garbled(answer)
        return answer

    async def _gone(self, access: Access, urns: list[str]) -> frozenset[str]:
        """Those that LinkedIn no longer has."""
        try:
            answer = await self._api.call("BATCH_GET", "/posts", bearer=access.token, params={"ids": urns})
        except PlatformError as error:
            if error.code is ErrorCode.PERMISSION_MISSING:
                # Without the right to read posts what is left out counts as without activity, as documented.
                return frozenset()
            raise
        return frozenset(
            urn
            for urn in urns
            if _NOT_FOUND in {count(answer.body, "errors", urn, "status"), count(answer.body, "statuses", urn)}
        )


def _metrics(numbers: Any) -> PostMetrics:
    return PostMetrics(
        likes=_clamped(numbers, "likeCount"),
        comments=_clamped(numbers, "commentCount"),
        shares=_clamped(numbers, "shareCount"),
        clicks=_clamped(numbers, "clickCount"),
        reach=_clamped(numbers, "uniqueImpressionsCount"),
        impressions=_clamped(numbers, "impressionCount"),
    )


def _clamped(numbers: Any, key: str) -> int | None:
    """A count; LinkedIn tells negative ones of likes and shares that were taken back, which stay in the raw answer."""
    found = at(numbers, key)
    if isinstance(found, int) and not isinstance(found, bool) and found < 0:
        return 0
    return count(numbers, key)
