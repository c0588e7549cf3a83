"""Reading the posts of organizations back. Members' posts no app can read any more."""

from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import read_number
from social_sandbox.evening import evened
from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.errors import Refusal, invalid_parameter, not_found
from social_sandbox.linkedin.people import NO_ROLE, PLATFORM, ROLES
from social_sandbox.linkedin.posts import SHARE, UGC_POST
from social_sandbox.linkedin.restli import urn_of
from social_sandbox.model import Post
from social_sandbox.store import Store

READING_ROLES = ROLES - {NO_ROLE}
LARGEST_PAGE = 100
DEFAULT_PAGE = 10
_VIEWS = ("AUTHOR", "READER")


class ReadingEndpoints:
    """Reading posts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def one(self, visit: Visit) -> Answer:
        """One post."""
        visit.only("viewContext")
        visit.need("r_organization_social")
        visit.choice("viewContext", *_VIEWS, default="READER")
        return json_answer(shown(self._readable(visit, visit.key)))

    async def many(self, visit: Visit) -> Answer:
        """Several posts; what cannot be read is among the errors."""
        visit.only("ids", "viewContext")
        visit.need("r_organization_social")
        visit.choice("viewContext", *_VIEWS, default="READER")
        results: dict[str, Any] = {}
        statuses: dict[str, int] = {}
        errors: dict[str, Any] = {}
        for urn in urns_of(visit, "ids"):
            try:
                results[urn] = shown(self._readable(visit, urn))
                statuses[urn] = 200
            except Refusal as refusal:
                errors[urn] = refusal.body
                statuses[urn] = refusal.status
        return json_answer({"results": results, "statuses": statuses, "errors": errors})

    async def by_author(self, visit: Visit) -> Answer:
        """An organization's posts, a page at a time."""
        visit.only("q", "author", "count", "start", "sortBy", "viewContext")
        visit.need("r_organization_social")
        author = urn_of(visit.text("author"), "/author", "organization", "person")
        if author.kind == "person":
            raise visit.denied()
        visit.organization(str(author), READING_ROLES)
        visit.choice("viewContext", *_VIEWS, default="READER")
        order = visit.choice("sortBy", "LAST_MODIFIED", "CREATED", default="LAST_MODIFIED")
        start, count = page_of(visit)
        found = [post for post in self._store.posts_at(PLATFORM, str(author)) if _is_settled(post, visit)]
        found.reverse()
        if order == "LAST_MODIFIED":
            found.sort(key=lambda post: post.details["modified_at"], reverse=True)
        elements = [shown(post) for post in found[start : start + count]]
        return json_answer({"paging": {"start": start, "count": count, "links": []}, "elements": elements})

    def _readable(self, visit: Visit, urn: str) -> Post:
        urn_of(urn, "/key", SHARE, UGC_POST)
        post = self._store.post(PLATFORM, urn)
        if post is None or not _is_settled(post, visit):
            raise not_found(urn)
        visit.organization(post.platform_id, READING_ROLES)
        return post


def urns_of(visit: Visit, name: str) -> list[str]:
    """A parameter that is a list of texts."""
    values = visit.params.get(name)
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise invalid_parameter(name, "must be a List(…) of percent-encoded values")
    return list(dict.fromkeys(map(str, values)))


def page_of(visit: Visit) -> tuple[int, int]:
    """Where a page begins and how long it is."""
    start, count = read_number(visit.text("start", "0")), read_number(visit.text("count", str(DEFAULT_PAGE)))
    if start is None:
        raise invalid_parameter("start", "must be a whole number")
    if count is None or not 1 <= count <= LARGEST_PAGE:
        raise invalid_parameter("count", f"must be between 1 and {LARGEST_PAGE}")
    return start, count


def milliseconds(moment: datetime) -> int:
    """A moment as LinkedIn writes it."""
    return int(moment.timestamp() * 1000)


def shown(post: Post) -> dict[str, Any]:
    """A post as it is read back."""
    created = milliseconds(post.created_at)
    answer: dict[str, Any] = {
        "id": post.platform_post_id,
        "author": post.platform_id,
        "commentary": evened(post.details["commentary"]),
        "visibility": post.visibility,
        "lifecycleState": "PUBLISHED",
        "createdAt": created,
        "publishedAt": created,
        "lastModifiedAt": milliseconds(post.details["modified_at"]),
        "isReshareDisabledByAuthor": post.details["no_reshares"],
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
    }
    if post.details["content"] is not None:
        answer["content"] = post.details["content"]
    for name in ("contentCallToActionLabel", "contentLandingPage"):
        if name in post.details:
            answer[name] = post.details[name]
    return answer


def _is_settled(post: Post, visit: Visit) -> bool:
    return visit.now >= post.created_at + timedelta(seconds=visit.switches.read_lag_s)
