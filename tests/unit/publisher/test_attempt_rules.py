"""What makes attempts equal, and what a look decides."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.domain import OnDoubt, Outcome
from publisher.publishing.domain import Decision, Doubt, LookRules, Seen, Verdict, decide, fingerprint

RULES = LookRules(
    delays=(timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2)),
    late_delays=(timedelta(hours=1),),
    processing_limit=timedelta(hours=26),
    resend_limit=3,
)
DOUBT = Doubt(
    outcome=Outcome.DOUBTFUL,
    settled=False,
    looks_done=0,
    age=timedelta(seconds=20),
    number=1,
    may_be_duplicate=False,
    on_doubt=OnDoubt.ASK,
    within_catch_up=True,
)


def a_fingerprint(text: str = "Hello", *, place: str = "p", kinds: tuple[str, ...] = ()) -> str:
    """The fingerprint of a plain post."""
    return fingerprint(platform="x", platform_id=place, text=text, media=[{"kind": kind} for kind in kinds])


def test_equal_is_what_reading_back_cannot_tell_apart() -> None:
    """White space and composition do not matter; place, words and media do."""
    assert a_fingerprint("Cafe\u0301  au lait\n") == a_fingerprint("Caf\u00e9 au lait")
    others = [a_fingerprint("Hello!"), a_fingerprint(place="q"), a_fingerprint(kinds=("image",))]
    assert a_fingerprint() not in others


@pytest.mark.parametrize("seen", [Seen.ABSENT, Seen.HIDDEN])
def test_absence_is_looked_at_until_the_last_delay_and_then_unknown(seen: Seen) -> None:
    """It never fails a post and never sends it again; nor does a platform that will not show it."""
    verdicts = [decide(seen, replace(DOUBT, looks_done=done), RULES) for done in range(3)]
    assert verdicts == [
        Decision(Verdict.LOOK_AGAIN, timedelta(seconds=30)),
        Decision(Verdict.LOOK_AGAIN, timedelta(minutes=2)),
        Decision(Verdict.UNKNOWN, timedelta(hours=1)),
    ]


def test_several_matches_leave_it_unknown() -> None:
    """Nobody can tell which one is ours; later there may be a way to."""
    assert decide(Seen.AMBIGUOUS, DOUBT, RULES) == Decision(Verdict.UNKNOWN, timedelta(hours=1))


def test_a_safe_resend_waits_for_a_second_look_and_has_a_limit() -> None:
    """The first look may be from before the platform's commit; and it does not go on for ever."""
    assert decide(Seen.RESEND_SAFE, DOUBT, RULES).verdict is Verdict.LOOK_AGAIN
    assert decide(Seen.RESEND_SAFE, replace(DOUBT, looks_done=1), RULES).verdict is Verdict.RESEND
    worn_out = replace(DOUBT, looks_done=1, number=3)
    assert decide(Seen.RESEND_SAFE, worn_out, RULES).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("seen", [Seen.ABSENT, Seen.HIDDEN])
def test_the_merchants_risk_is_taken_once(seen: Seen) -> None:
    """on_doubt: resend sends once more, never a chain, and not past the catch-up limit."""
    willing = replace(DOUBT, looks_done=2, on_doubt=OnDoubt.RESEND)
    assert decide(seen, willing, RULES).verdict is Verdict.RESEND_DOUBTFUL
    assert decide(seen, replace(willing, may_be_duplicate=True), RULES).verdict is Verdict.UNKNOWN
    assert decide(seen, replace(willing, within_catch_up=False), RULES).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("seen", [Seen.PROCESSING, Seen.BLIND])
def test_what_cannot_be_seen_does_not_use_a_look_up(seen: Seen) -> None:
    """It is looked at again, until nobody can expect an end any more."""
    assert decide(seen, DOUBT, RULES, check_after=timedelta(0)) == Decision(
        Verdict.LOOK_AGAIN, timedelta(0), counts=False
    )
    assert decide(seen, replace(DOUBT, age=timedelta(hours=27)), RULES).verdict is Verdict.UNKNOWN


def test_an_account_that_stays_locked_ends_as_unknown_after_the_last_look() -> None:
    """A merchant who never reconnects does not keep the post in doubt, and nothing is sent again without access."""
    assert decide(Seen.LOCKED_OUT, DOUBT, RULES).verdict is Verdict.LOOK_AGAIN
    last = replace(DOUBT, looks_done=2, on_doubt=OnDoubt.RESEND)
    ended = decide(Seen.LOCKED_OUT, last, RULES)
    assert ended == Decision(Verdict.UNKNOWN, look_after=RULES.late_delays[0])


def test_a_late_find_or_failure_settles_an_unknown_post_and_late_absence_lets_go() -> None:
    """After `unknown` only a find counts, or the handle's word that nothing came of it."""
    late = replace(DOUBT, settled=True, outcome=Outcome.UNKNOWN)
    assert decide(Seen.LIVE, late, RULES).verdict is Verdict.PUBLISHED
    assert decide(Seen.FAILED, late, RULES).verdict is Verdict.FAILED
    assert decide(Seen.FAILED, replace(late, outcome=Outcome.LIVE), RULES).verdict is Verdict.LOOK_AGAIN
    for seen in (Seen.ABSENT, Seen.RESEND_SAFE, Seen.AMBIGUOUS):
        assert decide(seen, late, RULES).verdict is Verdict.LET_GO


@given(
    seen=st.sampled_from(list(Seen)),
    settled=st.booleans(),
    looks_done=st.integers(0, 9),
    hours=st.integers(0, 60),
    number=st.integers(1, 6),
    duplicate=st.booleans(),
    on_doubt=st.sampled_from(list(OnDoubt)),
    in_time=st.booleans(),
)
def test_nothing_is_sent_again_but_by_a_safe_handle_or_the_merchants_choice(
    *,
    seen: Seen,
    settled: bool,
    looks_done: int,
    hours: int,
    number: int,
    duplicate: bool,
    on_doubt: OnDoubt,
    in_time: bool,
) -> None:
    """Whatever is seen, whenever."""
    doubt = Doubt(None, settled, looks_done, timedelta(hours=hours), number, duplicate, on_doubt, in_time)
    decision = decide(seen, doubt, RULES)
    if decision.verdict is Verdict.RESEND:
        assert seen is Seen.RESEND_SAFE
        assert not settled
    if decision.verdict is Verdict.RESEND_DOUBTFUL:
        assert on_doubt is OnDoubt.RESEND
        assert not duplicate
        assert in_time
    if decision.verdict is Verdict.FAILED:
        assert seen is Seen.FAILED
    if decision.verdict is Verdict.LOOK_AGAIN:
        assert decision.look_after is not None
