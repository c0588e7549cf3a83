"""When a grant is refreshed, when its merchant must act, and what a doubt comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_linker.backoff import back_off
from auth_linker.erasures.domain import Resting, Step, decide
from auth_linker.grants.domain import (
    Life,
    Model,
    Policy,
    act_by,
    as_of,
    is_expiring,
    is_renewable,
    may_refresh_at,
    plan_next_look,
    plan_refresh,
)
from auth_linker.grants.service import life_of
from auth_linker.tokens.domain import TakeoverStep, settle_takeover
from social_common.secrets import Secret
from social_platforms._core import TokenSet

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROTATING = Policy(
    model=Model.ROTATING,
    before_expiry=timedelta(minutes=15),
    min_age=timedelta(0),
    warn_before=timedelta(minutes=5),
    hard_limit=timedelta(seconds=10),
    lost_answer_is_fatal=True,
)
EXCHANGED = replace(
    ROTATING, model=Model.EXCHANGED, before_expiry=20 * 24 * HOUR, min_age=24 * HOUR, lost_answer_is_fatal=False
)
STATIC = replace(ROTATING, model=Model.STATIC)
DAY = 24 * HOUR
KEPT = replace(ROTATING, model=Model.KEPT, before_expiry=20 * DAY, warn_before=10 * DAY, lost_answer_is_fatal=False)
DERIVED = replace(KEPT, model=Model.DERIVED, before_expiry=timedelta(0))


def a_life(
    *, expires: timedelta | None = 2 * HOUR, refresh: timedelta | None = None, has_refresh_token: bool = True
) -> Life:
    """Tokens obtained now."""
    return Life(
        obtained_at=NOW,
        expires_at=NOW + expires if expires is not None else None,
        refresh_expires_at=NOW + refresh if refresh is not None else None,
        has_refresh_token=has_refresh_token,
    )


@pytest.mark.parametrize(
    ("policy", "life", "renewable"),
    [
        (ROTATING, a_life(), True),
        (ROTATING, a_life(has_refresh_token=False), False),
        (ROTATING, a_life(expires=None), False),
        (EXCHANGED, a_life(has_refresh_token=False), True),
        (STATIC, a_life(expires=None), False),
        (STATIC, a_life(), False),
        (KEPT, a_life(), True),
        (KEPT, a_life(has_refresh_token=False), False),
        (DERIVED, a_life(), False),
    ],
)
def test_what_renews_without_the_merchant(policy: Policy, life: Life, *, renewable: bool) -> None:
    """A rotating or kept grant needs its refresh token, an exchanged one only itself; what never ends needs nothing."""
    assert is_renewable(policy, life) is renewable


def test_a_refresh_is_due_before_the_end() -> None:
    """By the platform's margin, unless a post needs the token sooner."""
    life = a_life()
    end = NOW + 2 * HOUR

    assert plan_refresh(ROTATING, life) == end - timedelta(minutes=15)
    assert plan_refresh(ROTATING, life, needed_at=end - timedelta(minutes=5), lead=timedelta(minutes=30)) == (
        end - timedelta(minutes=35)
    )
    assert plan_refresh(ROTATING, life, needed_at=NOW + HOUR, lead=timedelta(minutes=30)) == end - timedelta(minutes=15)


def test_a_token_too_young_for_its_platform_is_not_due() -> None:
    """Instagram refuses to renew a token in its first day."""
    life = a_life(expires=10 * 24 * HOUR)

    assert plan_refresh(EXCHANGED, life) == NOW + 24 * HOUR
    assert may_refresh_at(EXCHANGED, life, NOW + 23 * HOUR) is False
    assert may_refresh_at(EXCHANGED, life, NOW + 24 * HOUR) is True


@given(
    expires=st.timedeltas(timedelta(minutes=1), timedelta(days=90)),
    needed=st.none() | st.timedeltas(timedelta(0), timedelta(days=90)),
)
def test_a_renewable_grant_is_always_due_before_its_end(expires: timedelta, needed: timedelta | None) -> None:
    """Whatever posts wait for it, a grant without a minimum age is due while its token lives, or at once."""
    life = a_life(expires=expires)
    needed_at = NOW + needed if needed is not None else None

    due = plan_refresh(ROTATING, life, needed_at=needed_at, lead=timedelta(minutes=10))

    assert due is not None
    assert due <= max(NOW, NOW + expires - ROTATING.before_expiry)


def test_a_grant_that_nothing_renews_is_looked_at_to_warn_and_to_end() -> None:
    """First shortly before its end, then at its end; one that never ends is never looked at."""
    life = a_life(has_refresh_token=False)
    end = NOW + 2 * HOUR

    assert plan_next_look(ROTATING, life, now=NOW) == end - timedelta(minutes=5)
    assert plan_next_look(ROTATING, life, now=end - timedelta(minutes=4)) == end
    assert plan_next_look(STATIC, a_life(expires=None), now=NOW) is None


def test_when_the_merchant_must_act() -> None:
    """Never while it renews by itself; at the token's end where nothing does; at the last means' end when it fails."""
    life = a_life(refresh=180 * 24 * HOUR)

    assert act_by(ROTATING, life, failing=False) is None
    assert act_by(ROTATING, life, failing=True) == life.refresh_expires_at
    assert act_by(EXCHANGED, life, failing=True) == life.expires_at
    assert act_by(ROTATING, a_life(has_refresh_token=False), failing=False) == NOW + 2 * HOUR
    assert act_by(STATIC, a_life(expires=None), failing=True) is None


def test_a_warning_needs_a_reason() -> None:
    """Little life left alone is no reason while refreshing works."""
    late = NOW + 2 * HOUR - timedelta(minutes=4)

    assert is_expiring(ROTATING, a_life(), failing=False, now=late) is False
    assert is_expiring(ROTATING, a_life(), failing=True, now=late) is True
    assert is_expiring(ROTATING, a_life(), failing=True, now=NOW) is False
    assert is_expiring(ROTATING, a_life(has_refresh_token=False), failing=False, now=late) is True


def test_a_kept_refresh_tokens_end_is_the_merchants_deadline() -> None:
    """From the first day and whether or not refreshing works; where it has no end there is no deadline."""
    life = a_life(expires=60 * DAY, refresh=365 * DAY)

    assert act_by(KEPT, life, failing=False) == act_by(KEPT, life, failing=True) == NOW + 365 * DAY
    assert act_by(KEPT, a_life(expires=HOUR), failing=False) is None
    assert act_by(KEPT, a_life(expires=60 * DAY, has_refresh_token=False), failing=False) == NOW + 60 * DAY
    assert is_expiring(KEPT, life, failing=False, now=NOW + 354 * DAY) is False
    assert is_expiring(KEPT, life, failing=False, now=NOW + 355 * DAY) is True


def test_a_kept_grant_is_looked_at_to_refresh_to_warn_and_at_its_end() -> None:
    """Whichever comes first; past the refresh token's end only the access token's own end is left."""
    late = replace(a_life(expires=60 * DAY), obtained_at=NOW + 340 * DAY, refresh_expires_at=NOW + 365 * DAY)
    late = replace(late, expires_at=NOW + 400 * DAY)

    assert plan_next_look(KEPT, a_life(expires=60 * DAY, refresh=365 * DAY), now=NOW) == NOW + 40 * DAY
    assert plan_next_look(KEPT, late, now=NOW + 340 * DAY) == NOW + 355 * DAY
    assert plan_next_look(KEPT, late, now=NOW + 355 * DAY) == NOW + 365 * DAY
    assert plan_next_look(KEPT, late, now=NOW + 365 * DAY) == NOW + 390 * DAY
    assert may_refresh_at(KEPT, late, NOW + 364 * DAY) is True
    assert may_refresh_at(KEPT, late, NOW + 365 * DAY) is False
    assert act_by(KEPT, as_of(KEPT, late, NOW + 365 * DAY), failing=False) == NOW + 400 * DAY


def test_the_persons_token_ends_without_a_deadline_for_its_places() -> None:
    """It is looked at once, when it ends; nobody is warned, and nobody must act for the places' sake."""
    life = a_life(expires=60 * DAY, has_refresh_token=False)

    assert plan_next_look(DERIVED, life, now=NOW) == NOW + 60 * DAY
    assert act_by(DERIVED, life, failing=True) is None
    assert is_expiring(DERIVED, life, failing=True, now=NOW + 60 * DAY) is False


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        (None, NOW + 365 * DAY),
        (365 * DAY - HOUR - timedelta(seconds=1), NOW + 365 * DAY),
        (30 * DAY, NOW + HOUR + 30 * DAY),
    ],
)
@pytest.mark.parametrize("brings_one", [True, False])
def test_only_another_word_moves_a_kept_refresh_tokens_end(
    told: timedelta | None, ends: datetime, *, brings_one: bool
) -> None:
    """Silence keeps it, whether or not the same token comes again; so does the same end in whole seconds."""
    fresh = TokenSet(
        access_token=Secret("fake-access"),
        refresh_token=Secret("fake-refresh") if brings_one else None,
        expires_in=60 * DAY,
        refresh_expires_in=told,
    )

    life = life_of(fresh, model=Model.KEPT, obtained_at=NOW + HOUR, before=a_life(expires=60 * DAY, refresh=365 * DAY))

    assert (life.has_refresh_token, life.refresh_expires_at) == (True, ends)


def test_a_rotated_refresh_token_has_the_life_it_came_with() -> None:
    """None where the platform told none, whatever the spent one had."""
    fresh = TokenSet(access_token=Secret("fake-access"), refresh_token=Secret("fake-refresh"), expires_in=2 * HOUR)

    life = life_of(fresh, model=Model.ROTATING, obtained_at=NOW, before=a_life(refresh=30 * DAY))

    assert life.refresh_expires_at is None


@pytest.mark.parametrize(
    ("works", "expired", "step"),
    [
        (True, False, TakeoverStep.REFRESH),
        (False, True, TakeoverStep.REFRESH),
        (False, False, TakeoverStep.GIVE_UP),
    ],
)
def test_a_takeover_gives_up_only_what_was_rotated_away(*, works: bool, expired: bool, step: TakeoverStep) -> None:
    """A token that should live but is dead was spent by the one who vanished; else a refresh is worth a try."""
    assert settle_takeover(ROTATING, token_works=works, token_expired=expired) is step
    assert settle_takeover(EXCHANGED, token_works=works, token_expired=expired) is TakeoverStep.REFRESH


@given(failures=st.integers(1, 10_000), asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=1)))
def test_waits_grow_to_a_limit_and_honour_what_was_asked(failures: int, asked: timedelta | None) -> None:
    """Never longer than the longest, unless the platform asked for more; never shorter than it asked."""
    wait = back_off(failures, first=timedelta(seconds=15), longest=timedelta(minutes=30), asked=asked)

    assert timedelta(seconds=15) <= wait <= max(timedelta(minutes=30), asked or timedelta(0))
    assert asked is None or wait >= asked


@pytest.mark.parametrize(
    ("resting", "ends_all", "step"),
    [
        (Resting.NOBODY, True, Step.REVOKE),
        (Resting.LIVE, True, Step.SHRED),
        (Resting.PENDING, True, Step.WAIT),
        (Resting.LIVE, False, Step.REVOKE),
    ],
)
def test_a_revocation_spares_whoever_rests_on_the_same_person(resting: Resting, step: Step, *, ends_all: bool) -> None:
    """Only where it would end everything that the person granted."""
    assert decide(resting, ends_all=ends_all) is step
