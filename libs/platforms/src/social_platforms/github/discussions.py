"""Discussions, which exist in GraphQL only. Creating one has no idempotency key: its mark is looked for instead."""

from datetime import datetime, timedelta
from typing import Any, Final

from social_platforms._core import (
    Access,
    ErrorCode,
    JsonObject,
    Live,
    OutcomeUnknown,
    PlatformError,
    PostContent,
    PostRef,
    Sighting,
    SightingKind,
)
from social_platforms.answers import at, flag, ident, link, moment, objects, text
from social_platforms.github.api import GitHubApi
from social_platforms.github.texts import body_of, mark_of, title_of

_TARGET: Final = """\
query($o:String!,$n:String!){repository(owner:$o,name:$n){id nameWithOwner isArchived hasDiscussionsEnabled \
viewerPermission discussionCategories(first:25){nodes{id name slug isAnswerable}}}}"""
_CREATE: Final = """\
mutation($r:ID!,$c:ID!,$t:String!,$b:String!,$m:String){createDiscussion(input:{repositoryId:$r,categoryId:$c,title:$t,\
body:$b,clientMutationId:$m}){clientMutationId discussion{id number url createdAt}}}"""
_NEWEST: Final = """\
query($o:String!,$n:String!,$c:ID,$a:String){repository(owner:$o,name:$n){discussions(first:50,after:$a,categoryId:$c,\
orderBy:{field:CREATED_AT,direction:DESC}){pageInfo{hasNextPage endCursor} \
nodes{id number url title body createdAt viewerDidAuthor}}}}"""
_PREFERRED: Final = ("announcements", "general")
_SLACK: Final = timedelta(minutes=2)
_PAGES: Final = 5


class Discussions:
    """Creates discussions and finds them again."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api

    async def target(self, access: Access, content: PostContent) -> JsonObject:
        """Where the discussion goes: the ids of repository and category, read anew because both may change."""
        try:
            body = await self._api.query(_TARGET, _names(access), bearer=access.token, rates=access.rates)
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND:
                error.code = ErrorCode.DESTINATION_GONE
            raise
        repository = at(body, "data", "repository")
        repository_id = ident(repository, "id")
        if flag(repository, "isArchived"):
            raise PlatformError(ErrorCode.DESTINATION_GONE, "The repository is archived.", action="Unarchive it.")
        if flag(repository, "hasDiscussionsEnabled") is False:
            raise PlatformError(
                ErrorCode.DESTINATION_GONE,
                "Discussions are switched off in this repository.",
                action="Switch Discussions on in the repository's settings.",
            )
        if repository_id is None:
            raise PlatformError(ErrorCode.PLATFORM_DOWN, "GitHub did not describe the repository.", retryable=True)
        categories = objects(repository, "discussionCategories", "nodes")
        return {"repository_id": repository_id, "category_id": _category(categories, content.options.get("category"))}

    async def create(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject, time_limit: timedelta
    ) -> Live:
        """The one creating call."""
        payload = await self._api.mutate(
            "createDiscussion",
            _CREATE,
            {
                "r": handle["repository_id"],
                "c": handle["category_id"],
                "t": title_of(content),
                "b": body_of(content, ref),
                "m": ref.post_id,
            },
            bearer=access.token,
            rates=access.rates,
            time_limit=time_limit,
        )
        found = _live(at(payload, "discussion"))
        if found is None:
            raise OutcomeUnknown("GitHub's answer does not name the discussion.", http_status=200)
        return found

    async def find(
        self, access: Access, ref: PostRef, *, handle: JsonObject, sent_at: datetime, until: datetime | None
    ) -> Sighting:
        """Looks for the mark among the user's newest discussions. Absence proves nothing."""
        matches: dict[str, Live] = {}
        cursor: str | None = None
        for _ in range(_PAGES):
            variables = _names(access) | {"c": handle.get("category_id"), "a": cursor}
            body = await self._api.query(_NEWEST, variables, bearer=access.token, rates=access.rates)
            listing = at(body, "data", "repository", "discussions")
            nodes = objects(listing, "nodes")
            for node in nodes:
                made, found = moment(node, "createdAt"), _live(node)
                is_ours = flag(node, "viewerDidAuthor") is not False and mark_of(ref) in (text(node, "body") or "")
                if found is None or found.platform_post_id is None or not is_ours:
                    continue
                if made is None or until is None or made < until:
                    matches[found.platform_post_id] = found
            oldest = moment(nodes[-1], "createdAt") if nodes else None
            cursor = text(listing, "pageInfo", "endCursor")
            if not flag(listing, "pageInfo", "hasNextPage") or cursor is None:
                break
            if oldest is not None and oldest < sent_at - _SLACK:
                break
        match list(matches.values()):
            case []:
                return Sighting(SightingKind.ABSENT)
            case [only]:
                return Sighting(SightingKind.LIVE, live=only)
            case _:
                return Sighting(SightingKind.AMBIGUOUS)


def _names(access: Access) -> dict[str, Any]:
    owner, _, name = str(access.facts.get("full_name") or "").partition("/")
    return {"o": owner, "n": name}


def _live(node: Any) -> Live | None:
    node_id = ident(node, "id")
    return Live(node_id, link(node, "url"), moment(node, "createdAt")) if node_id else None


def _category(categories: list[dict[str, Any]], wanted: Any) -> str:
    """The category asked for by slug or name, else announcements, else general, else one without answers to mark."""
    by_slug = {text(category, "slug") or "": category for category in categories}
    if wanted:
        by_name = {(text(category, "name") or "").lower(): category for category in categories}
        chosen = by_slug.get(str(wanted).lower()) or by_name.get(str(wanted).lower())
        if chosen is None:
            raise PlatformError(
                ErrorCode.CONTENT_REJECTED,
                "The repository has no such category of discussions.",
                action="Change options.category.",
            )
    else:
        open_ones = [category for category in categories if not flag(category, "isAnswerable")]
        preferred = [by_slug[slug] for slug in _PREFERRED if slug in by_slug]
        chosen = next(iter([*preferred, *open_ones, *categories]), None)
    category_id = ident(chosen, "id")
    if category_id is None:
        raise PlatformError(
            ErrorCode.DESTINATION_GONE,
            "The repository has no category for discussions.",
            action="Add a category to the repository's discussions.",
        )
    return category_id
