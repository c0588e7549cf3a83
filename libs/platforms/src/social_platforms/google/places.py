"""Which locations a grant reaches, and whether what is posted there can appear."""

from typing import Any, Final

from social_common.secrets import Secret
from social_platforms._core import ErrorCode, Place, PlaceKind, PlatformError, PlatformUser
from social_platforms.answers import at, flag, ident, link, objects, text
from social_platforms.google.api import ACCOUNTS, LOCATIONS, STANDING, GoogleBusinessApi, account_name, location_name
from social_platforms.google.limits import (
    ACCOUNTS_BUCKET,
    LOCATIONS_BUCKET,
    SERVICE_VERSION,
    STANDING_BUCKET,
)

_ACCOUNTS_PER_PAGE: Final = "20"
_LOCATIONS_PER_PAGE: Final = "100"
_PAGES: Final = 20
_READ_MASK: Final = "name,title,languageCode,storefrontAddress,metadata"
_OBSTACLES: Final = {
    "verify": "Google wants this location to be verified first.",
    "waitForVoiceOfMerchant": "Google is still reviewing this location.",
    "resolveOwnershipConflict": "Another account claims this location; resolve that at Google first.",
    "complyWithGuidelines": "Google has suspended this location; follow its guidelines first.",
}
_UNSEEN: Final = "Google does not show what is posted for this location yet."


async def reachable_locations(api: GoogleBusinessApi, *, bearer: Secret, user: PlatformUser) -> tuple[Place, ...]:
    """Every location of every account. The accounts are walked, because posting needs to know the account."""
    places: dict[str, Place] = {}
    for account in await _list(
        api, ACCOUNTS, f"/{SERVICE_VERSION}/accounts", "accounts", bearer=bearer, bucket=ACCOUNTS_BUCKET
    ):
        name = account_name(at(account, "name"))
        if name is None:
            continue
        path = f"/{SERVICE_VERSION}/{name}/locations"
        for location in await _list(api, LOCATIONS, path, "locations", bearer=bearer, bucket=LOCATIONS_BUCKET):
            location_id = location_name(at(location, "name"))
            # A location that several accounts reach is posted to by the first, which is the person's own.
            if location_id is not None and location_id not in places:
                obstacle = None
                if not flag(location, "metadata", "hasVoiceOfMerchant"):
                    obstacle = await _told_obstacle(api, location_id, bearer=bearer)
                places[location_id] = _place(location, account=name, user=user, obstacle=obstacle)
    return tuple(places.values())


async def _list(
    api: GoogleBusinessApi, host: str, path: str, key: str, *, bearer: Secret, bucket: str
) -> list[dict[str, Any]]:
    """A whole list, page by page."""
    params = {"pageSize": _ACCOUNTS_PER_PAGE}
    if host == LOCATIONS:
        params = {"readMask": _READ_MASK, "pageSize": _LOCATIONS_PER_PAGE}
    found: list[dict[str, Any]] = []
    for _ in range(_PAGES):
        body = await api.call("GET", host, path, bearer=bearer, rates=[], bucket=bucket, params=params)
        found += objects(body, key)
        cursor = text(body, "nextPageToken")
        if cursor is None:
            break
        params = params | {"pageToken": cursor}
    return found


async def _told_obstacle(api: GoogleBusinessApi, location_id: str, *, bearer: Secret) -> str | None:
    try:
        return await obstacle_at(api, location_id, bearer=bearer)
    except PlatformError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return _UNSEEN


async def obstacle_at(api: GoogleBusinessApi, location_id: str, *, bearer: Secret) -> str | None:
    """Why posts of a location would not appear; PlatformError NOT_FOUND where there is no such location."""
    path = f"/{SERVICE_VERSION}/{location_id}/VoiceOfMerchantState"
    body = await api.call("GET", STANDING, path, bearer=bearer, rates=[], bucket=STANDING_BUCKET)
    has_voice = flag(body, "hasVoiceOfMerchant")
    if has_voice is None and "hasVoiceOfMerchant" in body:
        raise PlatformError(
            ErrorCode.PLATFORM_DOWN, f"{api.name} answered in a form that cannot be read.", retryable=True
        )
    if has_voice:
        return None
    return next((words for name, words in _OBSTACLES.items() if name in body), _UNSEEN)


def _place(location: dict[str, Any], *, account: str, user: PlatformUser, obstacle: str | None) -> Place:
    location_id = str(location["name"])
    title = text(location, "title") or location_id
    return Place(
        platform_id=location_id,
        kind=PlaceKind.LOCATION,
        name=title,
        username=user.username,
        avatar_url=user.avatar_url,
        usable=obstacle is None,
        reason=obstacle,
        facts={
            "account": account,
            "location": location_id,
            "title": title,
            "languageCode": text(location, "languageCode"),
            "mapsUri": link(location, "metadata", "mapsUri"),
            "placeId": ident(location, "metadata", "placeId"),
            "sub": user.platform_user_id,
        },
    )


def nowhere(user: PlatformUser, reason: str) -> tuple[Place, ...]:
    """Nowhere to publish, said in words where the merchant chooses."""
    return (
        Place(
            platform_id=user.platform_user_id,
            kind=PlaceKind.LOCATION,
            name=user.display_name or user.username or user.platform_user_id,
            username=user.username,
            avatar_url=user.avatar_url,
            usable=False,
            reason=reason,
        ),
    )
