"""Google Business Profile for auth-linker: Google's consent, and the locations it reaches."""

from typing import Final

from social_platforms._core import (
    Place,
    PlaceKind,
    Platform,
    PlatformUser,
    TokenSet,
)
from social_platforms.google.api import GoogleBusinessApi
from social_platforms.google.limits import FACTS, MANAGE
from social_platforms.google.places import nowhere, reachable_locations
from social_platforms.google_identity.oauth import GoogleGrants

_NOT_ALLOWED: Final = "Managing Business Profiles was not allowed; connect again and leave that permission ticked."
_NO_LOCATION: Final = "This Google account manages no location on Google Maps."


class GoogleOAuth(GoogleGrants):
    """Consent, tokens and identity at Google, and the locations of a person's accounts."""

    platform = Platform.GOOGLE
    place_kinds = frozenset({PlaceKind.LOCATION})
    facts = FACTS
    identity_scopes = ("openid", "email", "profile")
    api_class = GoogleBusinessApi
    _api: GoogleBusinessApi

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """Every location, those whose posts would not appear with the reason."""
        if tokens.scopes is not None and MANAGE not in tokens.scopes:
            return nowhere(user, _NOT_ALLOWED)
        found = await reachable_locations(self._api, bearer=tokens.access_token, user=user)
        return found or nowhere(user, _NO_LOCATION)
