"""What a look at a grant's places comes to, place by place; pure."""

from enum import StrEnum
from typing import Final

from auth_linker.connections.service import Problem, ProblemCode, UnlinkReason
from social_platforms._core import ErrorCode, Place, PlaceKind, PlatformUser

_PERSONAL: Final = frozenset({PlaceKind.ACCOUNT, PlaceKind.MEMBER})
REFUSALS: Final = frozenset(
    {
        ErrorCode.AUTH_REVOKED,
        ErrorCode.AUTH_EXPIRED,
        ErrorCode.DESTINATION_GONE,
        ErrorCode.PERMISSION_MISSING,
    }
)
"""What a platform says of one place's own token that ends this place's connection, and no other."""


class Step(StrEnum):
    """What becomes of one connection."""

    KEEP = "keep"
    REWRITE = "rewrite"
    RESTORE = "restore"
    END = "end"


def judge(
    place: Place | None,
    *,
    is_connected: bool,
    is_waiting: bool,
    names_places: bool,
    has_own_token: bool,
    refusal: ErrorCode | None,
) -> Step:
    """What becomes of a connection whose place the platform's answer told of, or did not.

    The rule: silence ends nothing. A connection ends only by a word about its place. A failing or empty answer says
    nothing (Meta answers with an empty list where a business portfolio holds the Pages). A place that is missing while
    the answer names others is gone, unless it has a token of its own: then that token's word counts, since lists leave
    out what the person may still publish to. A refusal of the place's own token ends it, whatever the list says. A
    place that is listed but cannot be used stays connected, with less that it may be used for. A place that was lost
    and is listed as usable again comes back by itself, unless its token is refused.
    """
    if not is_connected:
        is_back = is_waiting and place is not None and place.usable and refusal is None
        return Step.RESTORE if is_back else Step.KEEP
    if refusal is not None:
        return Step.END
    if place is not None:
        return Step.REWRITE
    return Step.END if names_places and not has_own_token else Step.KEEP


def is_stand_in(place: Place, user: PlatformUser) -> bool:
    """Whether it is no place but a platform's word that there is none: named as the person, and not to be used.

    Where the person's own account is the place, it is one even when it cannot be used.
    """
    return place.platform_id == user.platform_user_id and not place.usable and place.kind not in _PERSONAL


def find_end(refusal: ErrorCode | None, *, place: Place | None, names_places: bool) -> tuple[UnlinkReason, Problem]:
    """Reason and problem of a connection that ends by itself, its grant living on."""
    if place is not None and not place.usable:
        return UnlinkReason.RECONNECT_REQUIRED, Problem.of(ProblemCode.PERMISSION_MISSING, place.reason)
    if refusal is ErrorCode.PERMISSION_MISSING:
        return UnlinkReason.RECONNECT_REQUIRED, Problem.of(ProblemCode.PERMISSION_MISSING)
    if refusal in {None, ErrorCode.DESTINATION_GONE} or (names_places and place is None):
        return UnlinkReason.RECONNECT_REQUIRED, Problem.of(ProblemCode.DESTINATION_GONE)
    if refusal is ErrorCode.AUTH_REVOKED:
        return UnlinkReason.REVOKED, Problem.of(ProblemCode.AUTH_REVOKED)
    return UnlinkReason.RECONNECT_REQUIRED, Problem.of(ProblemCode.AUTH_EXPIRED)


def find_problem(
    place: Place,
    *,
    noted: Problem | None,
    before: frozenset[str],
    now: frozenset[str],
) -> Problem | None:
    """What is wrong with a listed place: unusable, or something was taken from it; healed once something came back."""
    if not place.usable:
        return Problem.of(ProblemCode.PERMISSION_MISSING, place.reason)
    if before - now:
        return Problem.of(ProblemCode.PERMISSION_MISSING)
    return None if now - before else noted
