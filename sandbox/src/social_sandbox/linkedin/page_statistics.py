"""The figures of organizations, for their administrators.

Times are milliseconds, intervals whole UTC days. Posts without any activity are left out; likes and shares that were
taken back can make a figure negative; follower gains end two days ago; nothing reaches back over 12 months.
"""

from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.faults import Operation
from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.errors import invalid_parameter
from social_sandbox.linkedin.figures import POST_FIGURES, figure, figure_by, gained, page_followers
from social_sandbox.linkedin.intervals import DAY, WALL, Interval, intervals_of, midnight
from social_sandbox.linkedin.people import ADMINISTRATOR, PLATFORM
from social_sandbox.linkedin.posts import SHARE, UGC_POST
from social_sandbox.linkedin.reading import milliseconds, urns_of
from social_sandbox.linkedin.resources import Resource
from social_sandbox.linkedin.restli import urn_of
from social_sandbox.model import Place
from social_sandbox.platform import World

_EDGE = "COMPANY_FOLLOWED_BY_MEMBER"
_PARAMETERS = ("q", "organizationalEntity", "timeIntervals")
_FACETS = {
    "followerCountsByAssociationType": ("associationType", "EMPLOYEE"),
    "followerCountsByFunction": ("function", "urn:li:function:25"),
    "followerCountsByGeoCountry": ("geo", "urn:li:geo:100364837"),
    "followerCountsByIndustry": ("industry", "urn:li:industry:27"),
    "followerCountsBySeniority": ("seniority", "urn:li:seniority:4"),
    "followerCountsByStaffCountRange": ("staffCountRange", "SIZE_2_TO_10"),
}


class PageStatistics:
    """Sizes, share statistics and follower statistics."""

    def __init__(self, world: World) -> None:
        self._world = world

    def resources(self) -> list[Resource]:
        """The three resources."""
        metrics = Operation.METRICS
        finder = "FINDER-organizationalEntity"
        shares, followers = "organizationalEntityShareStatistics", "organizationalEntityFollowerStatistics"
        return [
            Resource("networkSizes", "networkSizes", {"GET": (metrics, self.size)}),
            Resource(shares, shares, {finder: (metrics, self.shares)}),
            Resource(followers, followers, {finder: (metrics, self.followers)}),
        ]

    async def size(self, visit: Visit) -> Answer:
        """How many follow an organization."""
        visit.only("edgeType")
        visit.need("rw_organization_admin")
        visit.choice("edgeType", _EDGE)
        urn_of(visit.key, "/key", "organization")
        place = visit.organization(visit.key, ADMINISTRATOR)
        return json_answer({"firstDegreeSize": page_followers(self._world, visit.account, place)})

    async def shares(self, visit: Visit) -> Answer:
        """What an organization's posts have come to: together, over time, or each."""
        visit.only(*_PARAMETERS, "shares", "ugcPosts")
        place = self._administered(visit)
        lists = [name for name in ("shares", "ugcPosts") if name in visit.params]
        if lists:
            if len(lists) > 1 or "timeIntervals" in visit.params:
                raise invalid_parameter(lists[0], "goes neither with the other list nor with timeIntervals")
            return _listed(self._each(visit, place, lists[0]))
        intervals = intervals_of(visit, "DAY", "MONTH")
        if intervals is None:
            whole = (visit.now - WALL, visit.now)
            return _listed([{"organizationalEntity": place.platform_id, **self._together(visit, place, whole)}])
        return _listed(
            [
                {
                    "timeRange": _time_range(interval),
                    "organizationalEntity": place.platform_id,
                    **self._together(visit, place, interval),
                }
                for interval in intervals
            ]
        )

    async def followers(self, visit: Visit) -> Answer:
        """Who follows an organization, or how many more did in each interval."""
        visit.only(*_PARAMETERS)
        place = self._administered(visit)
        intervals = intervals_of(visit, "DAY", "WEEK", "MONTH")
        if intervals is None:
            return _listed([{"organizationalEntity": place.platform_id, **self._facets(visit, place)}])
        last = midnight(visit.now) - (visit.switches.follower_lag_days - 1) * DAY
        return _listed(
            [
                {
                    "timeRange": _time_range((start, end)),
                    "organizationalEntity": place.platform_id,
                    "followerGains": {
                        "organicFollowerGain": gained(
                            place.platform_id,
                            place.options["followers"],
                            start,
                            end,
                            since=visit.account.created_at,
                        ),
                        "paidFollowerGain": 0,
                    },
                }
                for start, end in intervals
                if end <= last
            ]
        )

    def _administered(self, visit: Visit) -> Place:
        visit.need("rw_organization_admin")
        urn = urn_of(visit.text("organizationalEntity"), "/organizationalEntity", "organization")
        return visit.organization(str(urn), ADMINISTRATOR)

    def _each(self, visit: Visit, place: Place, name: str) -> list[dict[str, Any]]:
        kind = SHARE if name == "shares" else UGC_POST
        found = []
        for urn in urns_of(visit, name):
            urn_of(urn, f"/{name}", kind)
            post = self._world.store.post(PLATFORM, urn)
            if post is None or post.platform_id != place.platform_id:
                continue
            values = {figure_name: figure(self._world, post, figure_name) for figure_name in POST_FIGURES}
            if any(values.values()):
                told = _told(values, visit.switches.withdrawn)
                found.append({"organizationalEntity": place.platform_id, kind: urn, **told})
        return found

    def _together(self, visit: Visit, place: Place, interval: Interval) -> dict[str, Any]:
        start, end = interval
        posts = self._world.store.posts_at(PLATFORM, place.platform_id)
        values = {
            name: sum(figure_by(self._world, p, name, end) - figure_by(self._world, p, name, start) for p in posts)
            for name in POST_FIGURES
        }
        return _told(values, visit.switches.withdrawn)

    def _facets(self, visit: Visit, place: Place) -> dict[str, Any]:
        count = page_followers(self._world, visit.account, place)
        counts = {"organicFollowerCount": count, "paidFollowerCount": 0}
        return {facet: [{key: value, "followerCounts": counts}] for facet, (key, value) in _FACETS.items()}


def _told(values: dict[str, int], withdrawn: int) -> dict[str, Any]:
    acts = sum(values[name] for name in ("clicks", "likes", "comments", "shares"))
    return {
        "totalShareStatistics": {
            "impressionCount": values["impressions"],
            "uniqueImpressionsCount": values["reach"],
            "clickCount": values["clicks"],
            "likeCount": values["likes"] - withdrawn,
            "commentCount": values["comments"],
            "shareCount": values["shares"] - withdrawn,
            "engagement": acts / values["impressions"] if values["impressions"] else 0.0,
        }
    }


def _time_range(interval: Interval) -> dict[str, int]:
    return {"start": milliseconds(interval[0]), "end": milliseconds(interval[1])}


def _listed(elements: list[dict[str, Any]]) -> Answer:
    return json_answer({"paging": {"start": 0, "count": 10, "links": []}, "elements": elements})
