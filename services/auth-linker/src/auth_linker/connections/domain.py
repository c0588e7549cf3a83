"""A connection: one place to publish, its health, and what may become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType
from uuid import UUID

from auth_linker.grants.domain import GrantId, Health

ConnectionId = NewType("ConnectionId", UUID)


class UnlinkReason(StrEnum):
    """Why a connection is no longer usable."""

    USER = "user"
    REVOKED = "revoked"
    RECONNECT_REQUIRED = "reconnect_required"
    ERASED = "erased"


class UpdateCause(StrEnum):
    """What changed on a connection that stayed usable."""

    HEALTH = "health"
    SCOPES = "scopes"
    PROFILE = "profile"
    EXPIRY = "expiry"


class ProblemCode(StrEnum):
    """What can be wrong with one place, in the closed set of errors."""

    DESTINATION_GONE = "destination_gone"
    PERMISSION_MISSING = "permission_missing"
    AUTH_REVOKED = "auth_revoked"
    AUTH_EXPIRED = "auth_expired"


_DETAILS: Final = {
    ProblemCode.DESTINATION_GONE: "This place is no longer there, or the account that linked it no longer reaches it.",
    ProblemCode.PERMISSION_MISSING: "The account that linked this place may no longer do there all it was linked for.",
    ProblemCode.AUTH_REVOKED: "The access was taken back at the platform.",
    ProblemCode.AUTH_EXPIRED: "The access has ended at the platform.",
}
_ACTIONS: Final = {
    ProblemCode.DESTINATION_GONE: "Look at the platform whether the place still exists, then reconnect it.",
    ProblemCode.PERMISSION_MISSING: "Have the role at this place given back, then press refresh; or reconnect it.",
    ProblemCode.AUTH_REVOKED: "Reconnect the account.",
    ProblemCode.AUTH_EXPIRED: "Reconnect the account.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a place; `detail` in the platform's own reason where it gave one."""

    code: ProblemCode
    detail: str

    @property
    def reason(self) -> str | None:
        """What the platform gave as its reason, if anything."""
        return self.detail if self.detail != _DETAILS[self.code] else None

    @classmethod
    def of(cls, code: ProblemCode, reason: str | None = None) -> "Problem":
        """The problem with the reason that was told, else in our own words."""
        return cls(code, reason or _DETAILS[code])

    @property
    def action(self) -> str:
        """What the merchant can do about it."""
        if self.code is ProblemCode.PERMISSION_MISSING and self.reason is not None:
            return "Put that right at the platform, then press refresh; or reconnect it."
        return _ACTIONS[self.code]


@dataclass(frozen=True, slots=True)
class Limitation:
    """Something that a place was linked for and that does not work there; no scope where it is not for want of one.

    `reason` is the platform's own word on why the place cannot be used, where it gave one.
    """

    capability: str
    scopes: tuple[str, ...]
    reason: str | None = None

    @property
    def detail(self) -> str:
        """The same in a plain sentence, with the way out."""
        what = {"publish": "Posts cannot be published", "analytics": "Numbers cannot be read"}.get(
            self.capability, f"This place cannot be used for {self.capability}"
        )
        if not self.scopes and self.reason:
            return f"{what}: {self.reason}"
        if not self.scopes:
            return f"{what}: the account's role at this place does not allow it. Have the role widened there."
        named = " and ".join(self.scopes)
        was = "was" if len(self.scopes) == 1 else "were"
        return f"{what}: {named} {was} not allowed. Reconnect and allow it."


def find_limitations(
    *,
    wanted: frozenset[str],
    allowed: frozenset[str],
    missing_scopes: frozenset[str],
    needs: Mapping[str, frozenset[str]],
    reason: str | None = None,
) -> tuple[Limitation, ...]:
    """What of the wanted does not work at a place, and which refused scopes are the cause. `needs`: scopes of each."""
    found = []
    for capability in sorted(needs):
        refused = needs[capability] & missing_scopes
        if capability not in allowed and (capability in wanted or refused):
            found.append(Limitation(capability, tuple(sorted(refused)), reason=None if refused else reason))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as its merchant may see it: everything but the tokens."""

    id: ConnectionId
    grant_id: GrantId
    user_id: UUID
    platform: str
    app: str
    platform_id: str
    kind: str
    platform_username: str | None
    display_name: str | None
    avatar_url: str | None
    is_connected: bool
    health: Health
    unlinked_reason: UnlinkReason | None
    noted_problem: Problem | None
    asked_capabilities: frozenset[str]
    capabilities: tuple[str, ...]
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    act_by: datetime | None
    renewable: bool
    last_refreshed_at: datetime | None
    linked_at: datetime
    created_at: datetime
    updated_at: datetime
    revision: int
    facts: Mapping[str, Any]

    @property
    def waits_for_reconnect(self) -> bool:
        """Whether it was lost, not given up: a new consent or a late good token brings it back."""
        return not self.is_connected and self.unlinked_reason in {
            UnlinkReason.REVOKED,
            UnlinkReason.RECONNECT_REQUIRED,
        }

    @property
    def problem(self) -> Problem | None:
        """What is wrong with it: as it was noted, else as the way it was lost tells."""
        if self.noted_problem is not None or not self.waits_for_reconnect:
            return self.noted_problem
        revoked = self.unlinked_reason is UnlinkReason.REVOKED
        return Problem.of(ProblemCode.AUTH_REVOKED if revoked else ProblemCode.AUTH_EXPIRED)


def find_missing_scopes(asked: frozenset[str], granted: frozenset[str] | None) -> tuple[str, ...]:
    """The asked scopes that were not granted, sorted; none where the platform does not tell what it granted."""
    return () if granted is None else tuple(sorted(asked - granted))
