"""Locations as v1 knows them: without an account in their name, and only what a read mask asks for."""

import hashlib
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.google.access import NO_ROLE, own_location
from social_sandbox.google.accounts import BusinessAccounts
from social_sandbox.google.errors import invalid_argument
from social_sandbox.google.masks import read_mask, select
from social_sandbox.google.queries import read_query
from social_sandbox.google_identity.access import Visit
from social_sandbox.model import Place
from social_sandbox.platform import World

_PAGE, _MOST = 10, 100
_FIELDS = frozenset(
    {
        *("adWordsLocationExtensions", "categories", "labels", "languageCode", "latlng", "metadata", "moreHours"),
        *("name", "openInfo", "phoneNumbers", "profile", "regularHours", "relationshipData", "serviceArea"),
        *("serviceItems", "specialHours", "storeCode", "storefrontAddress", "title", "websiteUri"),
    }
)
_ORDERS = {"title": "title", "store_code": "storeCode"}
# What stands in the way of a voice, and whether the business is the merchant's nevertheless.
GAPS: dict[str, tuple[dict[str, str], bool]] = {
    "verify": ({}, False),
    "waitForVoiceOfMerchant": ({}, True),
    "resolveOwnershipConflict": ({}, False),
    "complyWithGuidelines": ({"recommendationReason": "BUSINESS_LOCATION_SUSPENDED"}, True),
}


class LocationEndpoints:
    """`mybusinessbusinessinformation` and `mybusinessverifications`: reading locations and their standing."""

    def __init__(self, world: World, accounts: BusinessAccounts) -> None:
        self._store = world.store
        self._accounts = accounts

    async def listing(self, visit: Visit) -> Answer:
        """The locations of an account; of `-`, of all the person's accounts."""
        query = read_query(visit.call, "readMask", "pageSize", "pageToken", "orderBy")
        mask = read_mask(query.text("readMask"), field="read_mask", known=_FIELDS)
        found = self._reachable(visit, visit.call.params["account"])
        if query.text("orderBy"):
            name, _, direction = query.text("orderBy").strip().partition(" ")
            if name not in _ORDERS or direction not in {"", "desc"}:
                raise invalid_argument("order_by", "Valid fields to order by are title and store_code.")
            found.sort(key=lambda place: str(location_json(place)[_ORDERS[name]]), reverse=direction == "desc")
        page, more = query.page(found, default=_PAGE, most=_MOST)
        shown = [select(location_json(place), mask) for place in page]
        return json_answer(({"locations": shown} if shown else {}) | more)

    async def get(self, visit: Visit) -> Answer:
        """One location."""
        query = read_query(visit.call, "readMask")
        place = own_location(self._store, visit, visit.call.params["location"])
        mask = read_mask(query.text("readMask"), field="read_mask", known=_FIELDS)
        return json_answer(select(location_json(place), mask))

    async def standing(self, visit: Visit) -> Answer:
        """Whether the merchant's word counts at a location, and what to do where it does not."""
        read_query(visit.call)
        place = own_location(self._store, visit, visit.call.params["location"])
        if place.options["hasVoiceOfMerchant"]:
            return json_answer({"hasVoiceOfMerchant": True, "hasBusinessAuthority": True})
        gap = place.options["voiceOfMerchantGap"]
        content, has_authority = GAPS[gap]
        return json_answer(({"hasBusinessAuthority": True} if has_authority else {}) | {gap: content})

    def _reachable(self, visit: Visit, account: str) -> list[Place]:
        places = [] if visit.account is None else visit.account.places
        present = [p for p in places if not p.options.get("deleted") and p.options["role"] != NO_ROLE]
        if account == "-":
            return present
        name = self._accounts.find(visit, account)["name"]
        return [place for place in present if place.options["account"] == name]


def location_json(place: Place) -> dict[str, Any]:
    """Everything the simulator knows of a location; what is false is left out."""
    digest = hashlib.sha256(place.platform_id.encode()).hexdigest()
    number = place.platform_id.removeprefix("locations/")
    metadata: dict[str, Any] = {"placeId": f"ChIJ{digest[:23]}", "mapsUri": maps_uri(place)}
    if place.options["hasVoiceOfMerchant"]:
        metadata["hasVoiceOfMerchant"] = True
    return {
        "name": place.platform_id,
        "languageCode": place.options["languageCode"],
        "storeCode": f"S{number[-6:]}",
        "title": place.name,
        "storefrontAddress": {
            "regionCode": "DE",
            "languageCode": "de",
            "postalCode": "20457",
            "locality": "Hamburg",
            "addressLines": [f"Am Sandtorkai {int(digest[:2], 16) + 1}"],
        },
        "websiteUri": "https://shop.example/",
        "metadata": metadata,
    }


def maps_uri(place: Place) -> str:
    """The address of a location on Google's map."""
    return f"https://maps.google.com/maps?cid={place.platform_id.removeprefix('locations/')}"
