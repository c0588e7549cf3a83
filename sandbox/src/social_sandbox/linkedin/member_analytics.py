"""The figures of members, one metric a call, and the live counts below a page's post.

No elements mean that there is no data, which is another thing than a zero.
"""

from collections.abc import Iterator
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.faults import Operation
from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.errors import invalid_parameter, not_found
from social_sandbox.linkedin.figures import figure, figure_by, gained, is_known, member_followers
from social_sandbox.linkedin.intervals import DAY, Interval, date_range, dates_of, midnight
from social_sandbox.linkedin.people import PLATFORM, organizations_of
from social_sandbox.linkedin.posts import SHARE, UGC_POST
from social_sandbox.linkedin.reading import READING_ROLES
from social_sandbox.linkedin.resources import Resource
from social_sandbox.linkedin.restli import urn_of
from social_sandbox.model import Post
from social_sandbox.platform import World

_FIRST = {
    "IMPRESSION": "impressions",
    "MEMBERS_REACHED": "reach",
    "RESHARE": "shares",
    "REACTION": "likes",
    "COMMENT": "comments",
}
_SINCE_202604 = {
    "POST_SAVE": "saves",
    "POST_SEND": "sends",
    "LINK_CLICKS": "clicks",
    "PREMIUM_CTA_CLICKS": "cta_clicks",
    "FOLLOWER_GAINED_FROM_CONTENT": "follows",
    "PROFILE_VIEW_FROM_CONTENT": "profile_views",
}
_MORE_METRICS, _PLAIN_METRIC_TYPE = "202604", "202605"
_LONG_KEY = "com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1"


class MemberAnalytics:
    """Followers and posts of a member, and social metadata."""

    def __init__(self, world: World) -> None:
        self._world = world

    def resources(self) -> list[Resource]:
        """The three resources."""
        metrics = Operation.METRICS
        counts, posts = "memberFollowersCount", "memberCreatorPostAnalytics"
        return [
            Resource(counts, counts, {"FINDER-me": (metrics, self.count), "FINDER-dateRange": (metrics, self.gains)}),
            Resource(posts, posts, {"FINDER-entity": (metrics, self.one), "FINDER-me": (metrics, self.all)}),
            Resource("socialMetadata", "socialMetadata", {"GET": (metrics, self.metadata)}),
        ]

    async def count(self, visit: Visit) -> Answer:
        """How many follow the member."""
        visit.only("q")
        visit.need("r_member_profileAnalytics")
        return json_answer({"elements": [{"memberFollowersCount": member_followers(self._world, visit.account)}]})

    async def gains(self, visit: Visit) -> Answer:
        """How many more did on each day."""
        visit.only("q", "dateRange")
        visit.need("r_member_profileAnalytics")
        account = visit.account
        elements = [
            {
                "memberFollowersCount": gained(
                    account.account_id, account.followers, *interval, since=account.created_at
                ),
                "dateRange": date_range(interval),
            }
            for interval in _days(visit)
        ]
        return json_answer({"elements": elements})

    async def one(self, visit: Visit) -> Answer:
        """A metric of one post of the member's."""
        visit.only("q", "entity", "queryType", "aggregation", "dateRange")
        visit.need("r_member_postAnalytics")
        key, urn = _entity(visit)
        post = self._world.store.post(PLATFORM, urn)
        if post is None:
            raise not_found(urn)
        if post.account_id != visit.account.account_id or not _is_own(post):
            raise visit.denied()
        return json_answer({"elements": self._elements(visit, [post], {key: urn})})

    async def all(self, visit: Visit) -> Answer:
        """A metric of all posts of the member's."""
        visit.only("q", "queryType", "aggregation", "dateRange")
        visit.need("r_member_postAnalytics")
        _days(visit)
        posts = [post for post in self._world.store.posts_of(PLATFORM, visit.account.account_id) if _is_own(post)]
        return json_answer({"elements": self._elements(visit, posts, None)})

    async def metadata(self, visit: Visit) -> Answer:
        """The live counts of reactions and comments on an organization's post."""
        visit.only()
        visit.need("r_organization_social_feed")
        urn_of(visit.key, "/key", SHARE, UGC_POST)
        post = self._world.store.post(PLATFORM, visit.key)
        if post is None:
            raise not_found(visit.key)
        if post.platform_id not in {place.platform_id for place in organizations_of(visit.account)}:
            raise visit.denied()
        visit.organization(post.platform_id, READING_ROLES)
        likes, comments = (figure(self._world, post, name) for name in ("likes", "comments"))
        reactions = {"LIKE": {"reactionType": "LIKE", "count": likes}} if likes else {}
        summary = {"count": comments, "topLevelCount": comments}
        return json_answer({"entity": visit.key, "reactionSummaries": reactions, "commentSummary": summary})

    def _elements(self, visit: Visit, posts: list[Post], target: dict[str, str] | None) -> list[dict[str, Any]]:
        query_type, metric = _metric(visit)
        daily = visit.choice("aggregation", "TOTAL", "DAILY", default="TOTAL") == "DAILY"
        days = dates_of(visit)
        if not any(is_known(self._world, post, metric) for post in posts):
            return []
        told: dict[str, Any] = {
            "metricType": query_type if visit.version >= _PLAIN_METRIC_TYPE else {_LONG_KEY: query_type}
        }
        if target is not None:
            told["targetEntity"] = target
        if daily:
            return [
                {"count": self._within(posts, metric, day), **told, "dateRange": date_range(day)}
                for day in days or _lifetime(visit, posts)
            ]
        if days is None:
            return [{"count": sum(figure(self._world, post, metric) for post in posts), **told}]
        return [{"count": sum(self._within(posts, metric, day) for day in days), **told}]

    def _within(self, posts: list[Post], metric: str, interval: Interval) -> int:
        start, end = interval
        world = self._world
        return sum(figure_by(world, post, metric, end) - figure_by(world, post, metric, start) for post in posts)


def _days(visit: Visit) -> list[Interval]:
    days = dates_of(visit)
    if days is None:
        raise invalid_parameter("dateRange", "is required")
    return days


def _lifetime(visit: Visit, posts: list[Post]) -> Iterator[Interval]:
    """The days since the first of the posts."""
    day = midnight(min(post.created_at for post in posts))
    while day <= visit.now:
        yield day, day + DAY
        day += DAY


def _metric(visit: Visit) -> tuple[str, str]:
    known = _FIRST | (_SINCE_202604 if visit.version >= _MORE_METRICS else {})
    query_type = visit.choice("queryType", *known)
    return query_type, known[query_type]


def _entity(visit: Visit) -> tuple[str, str]:
    value = visit.params.get("entity")
    kinds = {SHARE: SHARE, visit.switches.ugc_key: UGC_POST}
    key = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(value, dict) or key not in kinds or key is None:
        raise invalid_parameter("entity", f"must be ({SHARE}:…) or ({visit.switches.ugc_key}:…)")
    return key, str(urn_of(value[key], "/entity", kinds[key]))


def _is_own(post: Post) -> bool:
    return post.platform_id.startswith("urn:li:person:")
