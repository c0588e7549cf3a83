"""YouTube for auth-linker: Google's consent, and the one channel that was chosen in it.

A token is bound to its channel. Whoever connects again may choose another one: that is another grant of the same
person, and the first one lives on.
"""

from dataclasses import replace
from typing import Any, Final

from social_platforms._core import Place, PlaceKind, Platform, PlatformUser, TokenSet
from social_platforms.answers import at, count, ident, link, objects, text
from social_platforms.google_identity.oauth import GoogleGrants
from social_platforms.youtube.api import DATA, YouTubeApi
from social_platforms.youtube.limits import API_VERSION, FACTS, READ, UNITS_BUCKET

_PARTS: Final = "id,snippet,contentDetails,statistics,status"
_NOT_ALLOWED: Final = "Reading the channel was not allowed; connect again and leave that permission ticked."
_NO_CHANNEL: Final = "This Google account has no YouTube channel; create one at YouTube, then connect again."


class YouTubeOAuth(GoogleGrants):
    """Consent, tokens and identity at Google, and the channel that was chosen."""

    platform = Platform.YOUTUBE
    place_kinds = frozenset({PlaceKind.CHANNEL})
    facts = FACTS
    identity_scopes = ("openid",)
    api_class = YouTubeApi

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """The person with the channel that the tokens are bound to; the person alone where there is none to be read."""
        person = await super().identity(tokens)
        channels = await self._channels(tokens, part="id")
        channel_id = ident(channels, 0, "id")
        if channel_id is None:
            return person
        return replace(
            person, platform_user_id=f"{person.platform_user_id}/{channel_id}", person_id=person.platform_user_id
        )

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """The channel; without one, an unusable place that says so."""
        if not _may_read(tokens):
            return (_nowhere(user, _NOT_ALLOWED),)
        found = await self._channels(tokens, part=_PARTS)
        channels = [place for item in found if (place := _place(item, user)) is not None]
        return tuple(channels) or (_nowhere(user, _NO_CHANNEL),)

    async def _channels(self, tokens: TokenSet, *, part: str) -> list[dict[str, Any]]:
        if not _may_read(tokens):
            return []
        body = await self._api.call(
            "GET",
            DATA,
            f"/youtube/{API_VERSION}/channels",
            bearer=tokens.access_token,
            rates=[],
            bucket=UNITS_BUCKET,
            params={"part": part, "mine": "true"},
        )
        return objects(body, "items")


def _may_read(tokens: TokenSet) -> bool:
    return tokens.scopes is None or READ in tokens.scopes


def _place(channel: dict[str, Any], user: PlatformUser) -> Place | None:
    channel_id, title = ident(channel, "id"), text(channel, "snippet", "title")
    if channel_id is None:
        return None
    handle = text(channel, "snippet", "customUrl")
    return Place(
        platform_id=channel_id,
        kind=PlaceKind.CHANNEL,
        name=title or handle or channel_id,
        username=handle or title,
        avatar_url=_largest(at(channel, "snippet", "thumbnails")) or user.avatar_url,
        facts={
            "uploads": ident(channel, "contentDetails", "relatedPlaylists", "uploads"),
            "longUploadsStatus": text(channel, "status", "longUploadsStatus"),
            "sub": user.person,
        },
    )


def _largest(thumbnails: Any) -> str | None:
    pictures = thumbnails.values() if isinstance(thumbnails, dict) else ()
    found = [(count(picture, "width") or 0, link(picture, "url")) for picture in pictures]
    return max(((width, url) for width, url in found if url is not None), default=(0, None))[1]


def _nowhere(user: PlatformUser, reason: str) -> Place:
    """Nowhere to publish, said in words where the merchant chooses."""
    return Place(
        platform_id=user.platform_user_id,
        kind=PlaceKind.CHANNEL,
        name=user.display_name or user.username or user.platform_user_id,
        username=user.username,
        avatar_url=user.avatar_url,
        usable=False,
        reason=reason,
    )
