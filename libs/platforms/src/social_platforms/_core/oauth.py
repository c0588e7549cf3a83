"""auth-linker's facet: consent, tokens, identity, places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from social_common.secrets import Secret
from social_platforms._core.kinds import Capability, PlaceKind, Platform


class TokenModel(StrEnum):
    """How a platform keeps a grant alive."""

    ROTATING = "rotating"  # a refresh token that is spent by its use
    KEPT = "kept"  # a refresh token that stays as it is, if there is one; its own end, where it has one, never moves
    EXCHANGED = "exchanged"  # the access token itself is exchanged for a younger one
    STATIC = "static"  # never expires
    DERIVED = "derived"  # the places' own tokens never expire; the user's, which finds places, ends by itself


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """When a grant of a token model is refreshed, and what a lost answer costs."""

    model: TokenModel
    before_expiry: timedelta  # refresh when less than this is left
    min_age: timedelta = timedelta(0)  # the platform refuses to refresh a token younger than this
    warn_before: timedelta = timedelta(0)  # health `expiring` when less than this is left and refreshing has failed
    hard_limit: timedelta = timedelta(seconds=10)  # of one refresh call; leases are longer than twice this
    lost_answer_is_fatal: bool = False  # True where the spent token cannot be used again


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What a token endpoint gave. Lives are as the platform counted them from its answer; None means no expiry."""

    access_token: Secret
    refresh_token: Secret | None
    expires_in: timedelta | None
    refresh_expires_in: timedelta | None = None
    scopes: frozenset[str] | None = None  # None: the platform did not say


@dataclass(frozen=True, slots=True)
class PlatformUser:
    """Who consented at the platform; `platform_user_id` never changes, and consents with the same one are one grant.

    Where a person's consents are several grants (one per YouTube channel), `person_id` is whom they all belong to:
    what a revocation there would hit.
    """

    platform_user_id: str
    username: str | None
    display_name: str | None = None
    avatar_url: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    person_id: str | None = None  # None: the platform user is the person

    @property
    def person(self) -> str:
        """Whose consent it is, alike in all platforms of the family."""
        return self.person_id or self.platform_user_id


@dataclass(frozen=True, slots=True)
class Place:
    """One place to publish that a grant reaches. `token` only where the place has one of its own (Facebook Pages)."""

    platform_id: str
    kind: PlaceKind
    name: str
    username: str | None = None
    avatar_url: str | None = None
    usable: bool = True
    reason: str | None = None
    token: Secret | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What the authorization page is asked; `state` and `code_verifier` are made and kept by the caller."""

    redirect_uri: str
    state: str
    code_verifier: str
    scopes: tuple[str, ...]
    login_hint: str | None = None
    asks_again: bool = False  # the merchant comes back to allow what was refused before, or to reconnect


class Revocation(StrEnum):
    """How taking a grant back ended."""

    REVOKED = "revoked"
    ALREADY_INVALID = "already_invalid"
    NOT_SUPPORTED = "not_supported"


class OAuthAdapter(Protocol):
    """auth-linker's facet: consent, tokens, identity, places. Every method raises PlatformError only."""

    platform: Platform
    family: str  # grants of one family share their revocation (google with youtube)
    refresh_policy: RefreshPolicy
    revocation_ends_all: bool  # True where a revocation ends everything the user ever granted this app
    place_kinds: frozenset[PlaceKind]  # what a grant of this app can reach

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The least scopes those capabilities need."""

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the granted scopes (None: not told by the platform) allow at that place."""

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """Where the merchant's browser is sent."""

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code for tokens, long-lived ones where the platform has two kinds."""

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """Who consented."""

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """Everywhere this grant could publish, unusable places included with their reason."""

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Younger tokens. `final` tells a dead grant from a passing failure, OutcomeUnknown a lost answer."""

    async def probe(self, access_token: Secret) -> None:
        """Returns if the token still works; raises PlatformError with AUTH_REVOKED or AUTH_EXPIRED if not.

        A place's own token may also tell that the place is gone (DESTINATION_GONE).
        """

    def proof(self, access_token: Secret) -> Secret | None:
        """What the platform wants beside that token to know that the app itself calls; None where it wants nothing."""

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Takes the grant back at the platform."""
