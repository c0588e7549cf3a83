"""Which repositories a grant reaches, and which of them can be published to."""

from typing import Any, Final

from social_common.secrets import Secret
from social_platforms._core import Place, PlaceKind, PlatformUser
from social_platforms.answers import at, flag, ident, link, objects, text
from social_platforms.github.api import GitHubApi

_PER_PAGE: Final = {"per_page": "100"}
_WRITERS: Final = ("push", "maintain", "admin")


async def installed_repositories(api: GitHubApi, *, bearer: Secret, user: PlatformUser) -> tuple[Place, ...]:
    """The repositories that a GitHub App is installed on and the user can reach; none where it is installed nowhere."""
    places: dict[str, Place] = {}
    async for page in api.pages("/user/installations", bearer=bearer, rates=[], params=_PER_PAGE):
        for installation in objects(page.body, "installations"):
            number = ident(installation, "id")
            if number is None or at(installation, "suspended_at") is not None:
                continue
            path = f"/user/installations/{number}/repositories"
            async for inner in api.pages(path, bearer=bearer, rates=[], params=_PER_PAGE):
                for repository in objects(inner.body, "repositories"):
                    place = _place(repository, user=user, permissions=at(installation, "permissions"))
                    if place is not None:
                        places[place.platform_id] = place
    return tuple(places.values())


async def own_repositories(api: GitHubApi, *, bearer: Secret, user: PlatformUser) -> tuple[Place, ...]:
    """The repositories that an OAuth app's token reaches."""
    params = _PER_PAGE | {"affiliation": "owner,organization_member"}
    places: dict[str, Place] = {}
    async for page in api.pages("/user/repos", bearer=bearer, rates=[], params=params):
        for repository in objects(page.body):
            place = _place(repository, user=user, permissions=None)
            if place is not None:
                places[place.platform_id] = place
    return tuple(places.values())


def _place(repository: dict[str, Any], *, user: PlatformUser, permissions: Any) -> Place | None:
    number, full_name, node_id = ident(repository, "id"), text(repository, "full_name"), ident(repository, "node_id")
    if number is None or full_name is None or full_name.count("/") != 1:
        return None
    reason = _obstacle(repository)
    facts: dict[str, Any] = {
        "full_name": full_name,
        "node_id": node_id,
        "login": user.username,
        "private": flag(repository, "private") or False,
        "has_discussions": flag(repository, "has_discussions"),
    }
    if isinstance(permissions, dict):
        facts["permissions"] = {name: level for name, level in permissions.items() if isinstance(level, str)}
    return Place(
        platform_id=number,
        kind=PlaceKind.REPOSITORY,
        name=full_name,
        username=user.username,
        avatar_url=link(repository, "owner", "avatar_url") or user.avatar_url,
        usable=reason is None,
        reason=reason,
        facts=facts,
    )


def _obstacle(repository: dict[str, Any]) -> str | None:
    """Why nothing can be published there. Without Discussions releases still can, so that is no obstacle."""
    if flag(repository, "archived"):
        return "The repository is archived."
    if flag(repository, "disabled"):
        return "GitHub has disabled the repository."
    rights = at(repository, "permissions")
    if isinstance(rights, dict) and rights and not any(rights.get(name) is True for name in _WRITERS):
        return "The account may only read this repository."
    return None
