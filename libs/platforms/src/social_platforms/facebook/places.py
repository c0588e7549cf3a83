"""The Pages that a grant reaches, each with a token of its own.

The list of a person's Pages comes in pages, and leaves out those that a business portfolio holds unless one more
permission was granted. Those are found by their ids in the consent, or through the portfolios.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from social_platforms._core import ErrorCode, Place, PlaceKind, PlatformError, PlatformUser
from social_platforms.answers import at, ident, items, link, objects, text, token
from social_platforms.facebook.api import Bearer, FacebookApi
from social_platforms.facebook.inspection import Inspection

_FIELDS: Final = "id,name,username,access_token,picture{url}"
_LISTED: Final = f"{_FIELDS},tasks"  # what the person may do on a Page is told in the list of Pages only
_PER_PAGE: Final = "100"
_PAGES: Final = 10
_PORTFOLIOS: Final = "business_management"
_NOT_FOR_US: Final = frozenset(
    {ErrorCode.NOT_FOUND, ErrorCode.PERMISSION_MISSING, ErrorCode.VERSION_RETIRED, ErrorCode.DESTINATION_GONE}
)


async def find_places(
    api: FacebookApi, bearer: Bearer, *, user: PlatformUser, inspected: Inspection
) -> tuple[Place, ...]:
    """Every Page once, from the list, from the ids that the consent names, and else from the portfolios."""
    pages = [page async for page in _walked(api, bearer, "/me/accounts", _LISTED)]
    listed = {ident(page, "id") for page in pages}
    for page_id in inspected.page_ids:
        if page_id not in listed:
            pages += await _named(api, bearer, page_id)
    if not pages and _PORTFOLIOS in inspected.scopes:
        for business in await _all(api, bearer, "/me/businesses", "id,name"):
            business_id = ident(business, "id")
            for edge in ("owned_pages", "client_pages") if business_id else ():
                pages += await _all(api, bearer, f"/{business_id}/{edge}", _FIELDS)
    found: dict[str, Place] = {}
    for page in pages:
        place = _place(page, user=user)
        if place is not None:
            found.setdefault(place.platform_id, place)
    return tuple(found.values())


async def _all(api: FacebookApi, bearer: Bearer, path: str, fields: str) -> list[dict[str, Any]]:
    """The entries of a list, none where this grant may not see it."""
    try:
        return [entry async for entry in _walked(api, bearer, path, fields)]
    except PlatformError as error:
        if error.code not in _NOT_FOR_US:
            raise
        return []


async def _walked(api: FacebookApi, bearer: Bearer, path: str, fields: str) -> AsyncIterator[dict[str, Any]]:
    """The entries of a list. Its next page is asked for by cursor: the address in the answer may hold the token."""
    params = {"fields": fields, "limit": _PER_PAGE}
    for _ in range(_PAGES):
        answer = await api.call("GET", path, bearer=bearer, params=params)
        if not isinstance(at(answer.body, "data"), list):
            raise api.calls.garbled(answer)
        for entry in objects(answer.body, "data"):
            yield entry
        cursor = text(answer.body, "paging", "cursors", "after")
        if cursor is None or text(answer.body, "paging", "next") is None:
            return
        params = params | {"after": cursor}


async def _named(api: FacebookApi, bearer: Bearer, page_id: str) -> list[dict[str, Any]]:
    """The Page of that id, none where this grant does not reach it after all."""
    try:
        answer = await api.call("GET", f"/{page_id}", bearer=bearer, params={"fields": _FIELDS})
    except PlatformError as error:
        if error.code not in _NOT_FOR_US:
            raise
        return []
    return [answer.body]


def _place(page: dict[str, Any], *, user: PlatformUser) -> Place | None:
    page_id = ident(page, "id")
    if page_id is None:
        return None
    tasks = [task for task in items(page, "tasks") if isinstance(task, str)] if "tasks" in page else None
    own = token(page, "access_token")
    reason = None
    if tasks is not None and "CREATE_CONTENT" not in tasks:
        reason = "The account may not create content on this Page."
    elif own is None:
        reason = "Facebook gave no access to this Page."
    username = text(page, "username")
    return Place(
        platform_id=page_id,
        kind=PlaceKind.PAGE,
        name=text(page, "name") or username or page_id,
        # Many Pages have no username; their name is what people know them by.
        username=username or text(page, "name"),
        avatar_url=link(page, "picture", "data", "url"),
        usable=reason is None,
        reason=reason,
        token=own,
        facts={"tasks": tasks, "username": username, "user_id": user.platform_user_id},
    )
