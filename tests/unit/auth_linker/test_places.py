"""What a look at a grant's places comes to, and how it is said what does not work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auth_linker.connections.domain import Limitation, Problem, ProblemCode, UnlinkReason, find_limitations
from auth_linker.connections.rights import needed_scopes
from auth_linker.platforms.sunsets import DAYS_LEFT, days_left, expose_sunsets
from auth_linker.tokens.findings import Step, find_end, find_problem, is_stand_in, judge
from social_common.metrics import REGISTRY
from social_platforms._core import ErrorCode, Place, PlaceKind, Platform, PlatformUser
from social_platforms.registry import all_facts

PAGE = Place(platform_id="104", kind=PlaceKind.PAGE, name="Kettles")
UNUSABLE = replace(PAGE, usable=False, reason="The account may not create content on this Page.")
BOTH = frozenset({"publish", "analytics"})


@pytest.mark.parametrize(
    ("place", "names_places", "has_own_token", "refusal", "step"),
    [
        (PAGE, True, False, None, Step.REWRITE),
        (UNUSABLE, True, False, None, Step.REWRITE),
        (None, True, False, None, Step.END),
        (None, False, False, None, Step.KEEP),
        (None, True, True, None, Step.KEEP),
        (None, False, True, ErrorCode.AUTH_REVOKED, Step.END),
        (PAGE, True, True, ErrorCode.AUTH_REVOKED, Step.END),
        (PAGE, True, True, None, Step.REWRITE),
    ],
)
def test_silence_ends_nothing(
    place: Place | None, refusal: ErrorCode | None, step: Step, *, names_places: bool, has_own_token: bool
) -> None:
    """Only an answer that names other places, or the refusal of a place's own token, ends a connection."""
    found = judge(
        place,
        is_connected=True,
        is_waiting=False,
        names_places=names_places,
        has_own_token=has_own_token,
        refusal=refusal,
    )

    assert found is step


@pytest.mark.parametrize(
    ("place", "is_waiting", "refusal", "step"),
    [
        (PAGE, True, None, Step.RESTORE),
        (PAGE, False, None, Step.KEEP),
        (UNUSABLE, True, None, Step.KEEP),
        (None, True, None, Step.KEEP),
        (PAGE, True, ErrorCode.AUTH_EXPIRED, Step.KEEP),
    ],
)
def test_what_was_lost_comes_back_and_what_was_given_up_does_not(
    place: Place | None, refusal: ErrorCode | None, step: Step, *, is_waiting: bool
) -> None:
    """A place listed as usable again, unless its token is refused or the merchant disconnected it."""
    found = judge(
        place, is_connected=False, is_waiting=is_waiting, names_places=True, has_own_token=True, refusal=refusal
    )

    assert found is step


@pytest.mark.parametrize(
    ("refusal", "place", "names_places", "reason", "code"),
    [
        (None, None, True, UnlinkReason.RECONNECT_REQUIRED, ProblemCode.DESTINATION_GONE),
        (ErrorCode.DESTINATION_GONE, PAGE, True, UnlinkReason.RECONNECT_REQUIRED, ProblemCode.DESTINATION_GONE),
        (ErrorCode.AUTH_REVOKED, None, True, UnlinkReason.RECONNECT_REQUIRED, ProblemCode.DESTINATION_GONE),
        (ErrorCode.AUTH_REVOKED, UNUSABLE, True, UnlinkReason.RECONNECT_REQUIRED, ProblemCode.PERMISSION_MISSING),
        (ErrorCode.PERMISSION_MISSING, None, True, UnlinkReason.RECONNECT_REQUIRED, ProblemCode.PERMISSION_MISSING),
        (ErrorCode.AUTH_REVOKED, None, False, UnlinkReason.REVOKED, ProblemCode.AUTH_REVOKED),
        (ErrorCode.AUTH_EXPIRED, None, False, UnlinkReason.RECONNECT_REQUIRED, ProblemCode.AUTH_EXPIRED),
    ],
)
def test_an_end_has_its_reason_and_its_cause(
    refusal: ErrorCode | None, place: Place | None, reason: UnlinkReason, code: ProblemCode, *, names_places: bool
) -> None:
    """What the list said of the place counts before what its token's refusal was called."""
    found, problem = find_end(refusal, place=place, names_places=names_places)

    assert (found, problem.code) == (reason, code)
    assert problem.detail
    assert problem.action


def test_a_problem_stays_until_something_came_back() -> None:
    """A lost capability is noted, noted again at the next look, and forgotten once one is gained."""
    lost = find_problem(PAGE, noted=None, before=BOTH, now=frozenset({"publish"}))
    kept = find_problem(PAGE, noted=lost, before=frozenset({"publish"}), now=frozenset({"publish"}))
    healed = find_problem(PAGE, noted=kept, before=frozenset({"publish"}), now=BOTH)

    assert lost is not None
    assert lost.code is ProblemCode.PERMISSION_MISSING
    assert kept == lost
    assert healed is None
    assert find_problem(UNUSABLE, noted=None, before=BOTH, now=BOTH) == Problem(
        ProblemCode.PERMISSION_MISSING, "The account may not create content on this Page."
    )


@pytest.mark.parametrize(
    ("place", "stands_in"),
    [
        (Place("sub-1", PlaceKind.LOCATION, "Ada", usable=False), True),
        (Place("sub-1", PlaceKind.ACCOUNT, "Ada", usable=False), False),
        (Place("sub-1", PlaceKind.LOCATION, "Ada"), False),
        (Place("locations/1", PlaceKind.LOCATION, "High Street", usable=False), False),
    ],
)
def test_a_stand_in_is_no_place(place: Place, *, stands_in: bool) -> None:
    """A platform's word that there is nothing, which looks like a place, proves nothing about the others."""
    assert is_stand_in(place, PlatformUser("sub-1", "ada")) is stands_in


def test_a_limitation_says_in_plain_words_what_will_not_work() -> None:
    """The refused scopes by name and the way out; where a role is missing, that; nothing about what nobody wanted."""
    needs = {"publish": frozenset({"write"}), "analytics": frozenset({"read", "count"})}

    refused = find_limitations(
        wanted=BOTH, allowed=frozenset({"publish"}), missing_scopes=frozenset({"count"}), needs=needs
    )
    by_role = find_limitations(wanted=BOTH, allowed=frozenset({"analytics"}), missing_scopes=frozenset(), needs=needs)
    unwanted = find_limitations(
        wanted=frozenset({"publish"}), allowed=frozenset({"publish"}), missing_scopes=frozenset(), needs=needs
    )

    assert refused == (Limitation("analytics", ("count",)),)
    assert refused[0].detail == "Numbers cannot be read: count was not allowed. Reconnect and allow it."
    assert by_role == (Limitation("publish", ()),)
    assert by_role[0].detail.startswith("Posts cannot be published: the account's role at this place")
    assert unwanted == ()


def test_scopes_are_known_by_the_kind_of_place() -> None:
    """A LinkedIn member needs others than an organization; an unknown platform needs nothing."""
    assert needed_scopes("linkedin", "member") != needed_scopes("linkedin", "organization")
    assert needed_scopes("x", "account")["publish"]
    assert needed_scopes("nowhere", "page") == {}


def test_days_left_are_whole_and_go_below_zero() -> None:
    """The day of the sunset itself is the last with none left."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert days_left(now + timedelta(days=60, hours=3), now=now) == 60
    assert days_left(now, now=now) == 0
    assert days_left(now - timedelta(hours=1), now=now) == -1


def test_the_metric_is_absent_where_no_sunset_is_known() -> None:
    """Every platform with an announced end has its days on the metrics port, and no other."""
    facts = all_facts()
    DAYS_LEFT.clear()

    expose_sunsets(facts.values())

    for platform in Platform:
        known = facts.get(platform)
        shown = REGISTRY.get_sample_value("social_platform_api_version_days_left", {"platform": platform.value})
        assert (shown is None) is (known is None or known.api_sunset is None), platform


def test_the_platforms_own_reason_is_what_is_said() -> None:
    """An unverified location is no matter of roles: reason and way out are the platform's."""
    problem = Problem.of(ProblemCode.PERMISSION_MISSING, "The location is not verified.")
    (limitation,) = find_limitations(
        wanted=frozenset({"publish"}),
        allowed=frozenset(),
        missing_scopes=frozenset(),
        needs={"publish": frozenset({"manage"})},
        reason=problem.reason,
    )

    assert limitation.detail == "Posts cannot be published: The location is not verified."
    assert "role" not in problem.action
    assert "role" in Problem.of(ProblemCode.PERMISSION_MISSING).action
    assert Problem.of(ProblemCode.PERMISSION_MISSING).reason is None
