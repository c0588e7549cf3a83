"""Numbers that grow."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from social_sandbox.engagement import chance, grown


@given(
    ceiling=st.floats(0, 1e6),
    age=st.timedeltas(timedelta(0), timedelta(days=400)),
    step=st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_a_later_reading_is_never_smaller_and_never_above_the_ceiling(
    ceiling: float, age: timedelta, step: timedelta
) -> None:
    """Growth is monotone and bounded."""
    early, late = grown(ceiling, age), grown(ceiling, age + step)

    assert 0 <= early <= late <= ceiling


def test_nothing_has_happened_before_the_beginning() -> None:
    """A post of the future has no numbers."""
    assert grown(1000, timedelta(seconds=-5)) == 0


def test_most_of_it_has_happened_after_some_days() -> None:
    """The tail is long, not endless."""
    assert grown(1000, timedelta(minutes=10)) > 100
    assert grown(1000, timedelta(days=5)) > 990


@given(st.text(), st.text())
def test_chance_is_the_same_for_the_same_words(one: str, other: str) -> None:
    """Two readings agree."""
    assert chance(one, other) == chance(one, other)
    assert 0 <= chance(one, other) < 1
