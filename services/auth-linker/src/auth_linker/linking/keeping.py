"""What a consent brought, packed into its attempt's row and taken out again: tokens sealed, the rest as plain data."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from auth_linker.connections.service import Consent, capabilities_at, find_limitations, needed_scopes
from auth_linker.grants.service import LINK_ATTEMPTS, Vault, to_pair
from auth_linker.linking.domain import ChosenPlace
from auth_linker.linking.repository import Attempt, Authorized, Found
from social_common.secrets import Secret
from social_platforms._core import OAuthAdapter, Place, PlaceKind, PlatformUser, TokenSet

_PLACE_TOKENS: Final = "place_tokens"


def pack(
    vault: Vault,
    attempt: Attempt,
    *,
    tokens: TokenSet,
    user: PlatformUser,
    places: tuple[Place, ...],
    obtained_at: datetime,
) -> Found:
    """Everything for the row, with the tokens sealed for it."""
    own = {place.platform_id: place.token.reveal() for place in places if place.token is not None}
    return Found(
        sealed=vault.seal(to_pair(tokens), table=LINK_ATTEMPTS, row_id=attempt.id),
        obtained_at=obtained_at,
        token_expires_at=_after(obtained_at, tokens.expires_in),
        refresh_expires_at=_after(obtained_at, tokens.refresh_expires_in),
        granted_scopes=tokens.scopes,
        user=user,
        places=[_to_plain(place) for place in places],
        place_tokens=(
            vault.seal_text(Secret(json.dumps(own)), table=LINK_ATTEMPTS, column=_PLACE_TOKENS, row_id=attempt.id)
            if own
            else None
        ),
    )


def unpack(vault: Vault, found: Authorized) -> Consent:
    """The consent again, tokens opened; raises DecryptionFailed."""
    pair = vault.open(found.sealed)
    own: dict[str, str] = {}
    if found.place_tokens is not None:
        text = vault.open_text(found.place_tokens, table=LINK_ATTEMPTS, column=_PLACE_TOKENS, row_id=found.attempt.id)
        own = json.loads(text.reveal())
    return Consent(
        platform=found.attempt.platform,
        app=found.attempt.app,
        user=found.user,
        tokens=TokenSet(
            access_token=pair.access,
            refresh_token=pair.refresh,
            expires_in=found.token_expires_at - found.obtained_at if found.token_expires_at else None,
            refresh_expires_in=found.refresh_expires_at - found.obtained_at if found.refresh_expires_at else None,
            scopes=found.granted_scopes,
        ),
        obtained_at=found.obtained_at,
        asked_scopes=frozenset(found.attempt.scopes),
        asked_capabilities=frozenset(found.attempt.capabilities),
        places=tuple(_to_place(plain, own) for plain in found.places),
    )


def to_choices(
    adapter: OAuthAdapter,
    places: Iterable[Place],
    *,
    kinds: tuple[str, ...] = (),
    wanted: frozenset[str],
    asked: frozenset[str],
    granted: frozenset[str] | None,
) -> tuple[ChosenPlace, ...]:
    """The places as the merchant may choose among them, of the asked kinds only, with what will not work there."""
    missing = frozenset() if granted is None else asked - granted
    return tuple(
        ChosenPlace(
            platform_id=place.platform_id,
            kind=place.kind,
            name=place.name,
            username=place.username,
            avatar_url=place.avatar_url,
            usable=place.usable,
            reason=place.reason,
            limitations=find_limitations(
                wanted=wanted,
                allowed=frozenset(capabilities_at(adapter, place, granted)),
                missing_scopes=missing,
                needs=needed_scopes(adapter.platform, place.kind),
                reason=place.reason,
            ),
        )
        for place in places
        if not kinds or place.kind in kinds
    )


def _after(moment: datetime, life: timedelta | None) -> datetime | None:
    return moment + life if life is not None else None


def _to_plain(place: Place) -> dict[str, Any]:
    return {
        "platform_id": place.platform_id,
        "kind": place.kind,
        "name": place.name,
        "username": place.username,
        "avatar_url": place.avatar_url,
        "usable": place.usable,
        "reason": place.reason,
        "facts": dict(place.facts),
    }


def _to_place(plain: Mapping[str, Any], own: Mapping[str, str]) -> Place:
    return Place(
        platform_id=plain["platform_id"],
        kind=PlaceKind(plain["kind"]),
        name=plain["name"],
        username=plain["username"],
        avatar_url=plain["avatar_url"],
        usable=plain["usable"],
        reason=plain["reason"],
        token=Secret.maybe(own.get(plain["platform_id"])),
        facts=plain["facts"],
    )
