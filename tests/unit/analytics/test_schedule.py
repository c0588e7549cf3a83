"""When posts and accounts are due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analytics.collecting.domain import (
    LONGEST_WAIT,
    Operation,
    Remedy,
    Schedule,
    Scope,
    Step,
    batch_size,
    react_to,
    wait_after,
)
from analytics.collecting.schedules import ScheduleSetting, build_schedules
from social_platforms.registry import all_facts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCHEDULE = Schedule(
    timedelta(hours=6),
    (Step(HOUR, timedelta(minutes=10)), Step(DAY, HOUR), Step(timedelta(days=30), DAY)),
    kinds={"story": (Step(DAY, HOUR),)},
)
ages = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400))
kinds = st.sampled_from([None, "text", "story", "hologram"])


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), timedelta(minutes=10)),
        (timedelta(minutes=59), timedelta(minutes=10)),
        (HOUR, HOUR),
        (timedelta(hours=23, minutes=59), HOUR),
        (DAY, DAY),
        (timedelta(days=28), DAY),
        (timedelta(days=29), None),
        (timedelta(days=300), None),
        (timedelta(days=-3), timedelta(minutes=10)),
    ],
)
def test_fresh_posts_more_often(age: timedelta, wait: timedelta | None) -> None:
    """The younger a post, the sooner its next read; past its schedule there is none."""
    due = SCHEDULE.next_post_due(kind="text", posted_at=NOW - age, now=NOW)

    assert due == (None if wait is None else NOW + wait)


def test_story_ends_after_a_day() -> None:
    """A kind with a schedule of its own keeps to that."""
    assert SCHEDULE.next_post_due(kind="story", posted_at=NOW - timedelta(hours=22), now=NOW) == NOW + HOUR
    assert SCHEDULE.next_post_due(kind="story", posted_at=NOW - timedelta(hours=23), now=NOW) is None


def test_first_read() -> None:
    """A new post is read one interval after it went live; one that became known late, at once."""
    assert SCHEDULE.first_post_due(kind=None, posted_at=NOW, now=NOW) == NOW + timedelta(minutes=10)
    assert SCHEDULE.first_post_due(kind=None, posted_at=NOW - 400 * DAY, now=NOW) == NOW
    assert SCHEDULE.first_post_due(kind=None, posted_at=NOW + 400 * DAY, now=NOW) == NOW + timedelta(minutes=10)


@given(ages, kinds)
def test_due_lies_ahead(age: timedelta, kind: str | None) -> None:
    """However late a read comes, the next one lies ahead: nothing is read in a burst to catch up."""
    due = SCHEDULE.next_post_due(kind=kind, posted_at=NOW - age, now=NOW)

    assert due is None or due > NOW
    assert SCHEDULE.first_post_due(kind=kind, posted_at=NOW - age, now=NOW) >= NOW


@given(ages, ages, kinds)
def test_older_is_never_sooner(one: timedelta, other: timedelta, kind: str | None) -> None:
    """Of two posts of a kind the older one is never read sooner."""
    younger, older = sorted((one, other))
    first = SCHEDULE.next_post_due(kind=kind, posted_at=NOW - younger, now=NOW)
    second = SCHEDULE.next_post_due(kind=kind, posted_at=NOW - older, now=NOW)

    assert second is None or (first is not None and first <= second)


def test_reads_of_a_post_are_bounded() -> None:
    """A post's life costs a known number of reads."""
    now, reads = NOW, 0
    due: datetime | None = SCHEDULE.first_post_due(kind=None, posted_at=NOW, now=NOW)
    while due is not None:
        now, reads = due, reads + 1
        due = SCHEDULE.next_post_due(kind=None, posted_at=NOW, now=now)

    assert reads == 6 + 23 + 28


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step(HOUR, timedelta(0)),),
        (Step(DAY, HOUR), Step(HOUR, HOUR)),
        (Step(HOUR, HOUR), Step(DAY, timedelta(minutes=1))),
    ],
)
def test_schedules_make_sense(steps: tuple[Step, ...]) -> None:
    """Steps that are missing, stand still, go back in age, or read older posts more often are refused."""
    with pytest.raises(ValueError, match="step"):
        Schedule(DAY, steps)


def test_settings_over_defaults() -> None:
    """A setting names what differs; `*` holds for platforms without one of their own."""
    schedules = build_schedules(
        all_facts().values(),
        {
            "x": ScheduleSetting.model_validate({"account": 60}),
            "*": ScheduleSetting.model_validate({"posts": [{"until": 3600, "every": 2}]}),
        },
    )

    assert schedules.of("x").account_every == timedelta(minutes=1)
    assert schedules.of("x").steps[-1].until == timedelta(days=30)
    assert schedules.of("instagram").steps_for("story") == (Step(HOUR, timedelta(seconds=2)),)
    assert schedules.of("instagram").one_limit
    assert schedules.of("myspace").steps == (Step(HOUR, timedelta(seconds=2)),)


@pytest.mark.parametrize("setting", [{"account": 0}, {"posts": []}, {"post": []}, {"posts": [{"until": 1}]}])
def test_bad_settings_are_refused(setting: dict[str, object]) -> None:
    """A schedule in a setting that cannot be meant is refused when it is read."""
    with pytest.raises(ValidationError):
        ScheduleSetting.model_validate(setting)


@given(st.integers(min_value=1, max_value=10_000), st.floats(min_value=0, max_value=1))
def test_waits_are_bounded(failures: int, jitter: float) -> None:
    """A failing target waits longer each time, up to a bound; jitter never makes it shorter."""
    wait = wait_after(failures, jitter=jitter)

    assert wait_after(failures, jitter=0) <= wait <= LONGEST_WAIT * 1.2
    assert wait_after(failures, jitter=0) <= wait_after(failures + 1, jitter=0)
    assert wait_after(failures, jitter=jitter, at_least=DAY) == DAY


@given(st.integers(min_value=1, max_value=100), st.integers(min_value=0, max_value=100))
def test_batches_shrink_to_one(posts_per_call: int, failures: int) -> None:
    """Posts that keep failing share a call with ever fewer, in the end with none."""
    assert 1 <= batch_size(posts_per_call, failures) <= posts_per_call
    assert batch_size(posts_per_call, 7) == 1


def test_reactions() -> None:
    """A limit holds those it concerns, an app's trouble everyone, a refused token asks for another one."""
    limited = react_to("rate_limited", retry_after=timedelta(minutes=2))
    app = react_to("rate_limited", scope="app")
    ours = react_to("app_misconfigured")

    assert (limited.remedy, limited.wait, limited.scope) == (Remedy.HOLD, timedelta(minutes=2), Scope.GRANT)
    assert (app.remedy, app.scope, app.wait > timedelta(0)) == (Remedy.HOLD, Scope.APP, True)
    assert (ours.scope, ours.whole_app) == (Scope.APP, True)
    assert react_to("auth_revoked").remedy is Remedy.NEW_TOKEN
    assert react_to("not_found").remedy is Remedy.GONE
    assert react_to("not_found", targets=2).remedy is Remedy.BACK_OFF
    assert react_to("never_heard_of").remedy is Remedy.BACK_OFF


def test_operations_have_words_of_their_own() -> None:
    """A hold on everything is told apart from one on either call."""
    assert len({*Operation}) == 3
