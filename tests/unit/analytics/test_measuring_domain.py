"""Rates and ranges."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from analytics.measuring.domain import (
    BIGINT_MAX,
    INTEGER_MAX,
    RATE_MAX,
    Engagement,
    Standing,
    clamp_count,
    clamp_rate,
    count_or_none,
    engagement_rate,
    engagement_rate_together,
)

counts = st.none() | st.integers(min_value=0, max_value=BIGINT_MAX)
engagements = st.builds(
    Engagement,
    likes=counts,
    comments=counts,
    shares=counts,
    saves=counts,
    clicks=counts,
    reach=counts,
    impressions=counts,
)


def test_rate_is_over_reach() -> None:
    """The rate is all four interactions per hundred people reached, impressions or not."""
    engagement = Engagement(likes=5, comments=2, shares=2, saves=1, clicks=90, reach=200, impressions=1000)

    assert engagement_rate(engagement) == Decimal(5)


def test_rate_falls_back_to_impressions() -> None:
    """Where reach is not reported the rate is over impressions."""
    assert engagement_rate(Engagement(likes=3, impressions=100)) == Decimal(3)


def test_rate_of_nothing_reported() -> None:
    """Without interactions, without an audience or with an audience of nobody there is no rate."""
    assert engagement_rate(Engagement(reach=100)) is None
    assert engagement_rate(Engagement(likes=3)) is None
    assert engagement_rate(Engagement(likes=3, reach=0, impressions=50)) is None


def test_rate_of_nobody_interacting() -> None:
    """Reported zeros are numbers: nobody interacted, and the rate is 0."""
    assert engagement_rate(Engagement(likes=0, reach=100)) == Decimal(0)


def test_rate_together_weighs_by_audience() -> None:
    """Several posts together are their sums, and a post without an audience is in neither sum."""
    posts = [Engagement(likes=10, reach=100), Engagement(likes=0, impressions=300), Engagement(likes=1000)]

    assert engagement_rate_together(posts) == Decimal("2.5")


@given(st.lists(engagements, max_size=5))
def test_rate_together_lies_between(posts: list[Engagement]) -> None:
    """The rate of several posts lies between the least and the greatest of theirs."""
    rates = [rate for post in posts if (rate := engagement_rate(post)) is not None]
    together = engagement_rate_together(post for post in posts if engagement_rate(post) is not None)

    if rates:
        assert together is not None
        assert min(rates) - Decimal("0.000001") <= together <= max(rates) + Decimal("0.000001")
    else:
        assert together is None


@given(engagements)
def test_rate_fits_its_column(engagement: Engagement) -> None:
    """Whatever was reported, the clamped rate fits DECIMAL(5,2)."""
    rate = clamp_rate(engagement_rate(engagement))

    assert rate is None or (0 <= rate <= RATE_MAX and rate == rate.quantize(Decimal("0.01")))


@given(st.none() | st.integers(min_value=-(2**80), max_value=2**80))
def test_counts_fit_their_columns(value: int | None) -> None:
    """Any number a platform sends fits BIGINT and, clamped, INTEGER; None stays None and is never 0."""
    true = count_or_none(value)
    fixed = clamp_count(true)

    assert (true is None) == (value is None or value < 0)
    assert true is None or 0 <= true <= BIGINT_MAX
    assert fixed is None or fixed == min(true or 0, INTEGER_MAX)


def test_empty_is_no_measurement() -> None:
    """Numbers are empty only when not one was reported; a zero is one."""
    assert Engagement().is_empty()
    assert Standing().is_empty()
    assert not Engagement(views=0).is_empty()
    assert not Standing(posts=0).is_empty()
