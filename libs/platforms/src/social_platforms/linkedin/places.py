"""Which organisations a member may act for, by the roles that LinkedIn lists."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from social_common.secrets import Secret
from social_platforms._core import ErrorCode, Place, PlaceKind, PlatformError
from social_platforms.answers import ident, items, objects, text
from social_platforms.linkedin.api import LinkedInApi
from social_platforms.linkedin.limits import MEASURING_ROLE, POSTING_ROLES
from social_platforms.linkedin.restli import encoded

_PER_PAGE: Final = 100
_PAGES: Final = 10
_APPROVED: Final = "APPROVED"
_ORGANIZATION: Final = "urn:li:organization:"
# Scopes without which a Page cannot be read back or measured.
_TELLING: Final = frozenset({"r_organization_social", "rw_organization_admin"})
_HIDDEN: Final = frozenset({ErrorCode.NOT_FOUND, ErrorCode.PERMISSION_MISSING})


async def find_member(api: LinkedInApi, *, bearer: Secret) -> str:
    """The member's id, where nothing but a role at a Page tells it."""
    async for entry in _approved(api, bearer=bearer):
        member = ident(entry, "roleAssignee")
        if member is not None and member.startswith("urn:li:person:"):
            return member
    raise PlatformError(
        ErrorCode.PERMISSION_MISSING,
        "This member has no role at any LinkedIn Page.",
        action="Ask a Page's administrator for a role, then connect again.",
    )


async def find_organizations(api: LinkedInApi, *, bearer: Secret, scopes: frozenset[str] | None) -> tuple[Place, ...]:
    """Every organisation with a role of the member's, those whose role allows no posting as unusable."""
    known = sorted(scopes & _TELLING) if scopes is not None else None
    roles: dict[str, list[str]] = {}
    members: dict[str, str] = {}
    async for entry in _approved(api, bearer=bearer):
        # The key was seen under both names.
        urn = ident(entry, "organization") or ident(entry, "organizationTarget")
        role = text(entry, "role")
        if urn is None or role is None or not urn.startswith(_ORGANIZATION):
            continue
        roles.setdefault(urn, []).append(role)
        members[urn] = ident(entry, "roleAssignee") or members.get(urn, "")
    found = []
    for urn, held in roles.items():
        about = {"role": min(held, key=_rank), "member": members[urn] or None, "scopes": known}
        found.append(await _place(api, urn, about, bearer=bearer))
    return tuple(found)


async def _approved(api: LinkedInApi, *, bearer: Secret) -> AsyncIterator[dict[str, Any]]:
    """The list's own numbers are unreliable: a page that is not full is the last."""
    for page in range(_PAGES):
        answer = await api.call(
            "FINDER",
            "/organizationAcls",
            bearer=bearer,
            params={"q": "roleAssignee", "state": _APPROVED, "start": page * _PER_PAGE, "count": _PER_PAGE},
        )
        for entry in objects(answer.body, "elements"):
            if text(entry, "state") == _APPROVED:
                yield entry
        if len(items(answer.body, "elements")) < _PER_PAGE:
            return


def _rank(role: str) -> int:
    """Of several roles the one that allows most counts."""
    known = (MEASURING_ROLE, *POSTING_ROLES)
    return known.index(role) if role in known else len(known)


async def _place(api: LinkedInApi, urn: str, about: Mapping[str, Any], *, bearer: Secret) -> Place:
    number = urn.removeprefix(_ORGANIZATION)
    reason = None if about["role"] in POSTING_ROLES else "Your role at this Page does not allow posting."
    found: Mapping[str, Any] = {}
    try:
        answer = await api.call("GET", f"/organizations/{encoded(number)}", bearer=bearer)
        found = answer.body
    except PlatformError as error:
        if error.code not in _HIDDEN:
            raise
        reason = reason or "LinkedIn does not show this Page to the store's app."
    vanity = text(found, "vanityName")
    return Place(
        platform_id=urn,
        kind=PlaceKind.ORGANIZATION,
        name=text(found, "localizedName") or vanity or number,
        username=vanity,
        usable=reason is None,
        reason=reason,
        facts={"kind": PlaceKind.ORGANIZATION.value, "vanityName": vanity, **about},
    )
