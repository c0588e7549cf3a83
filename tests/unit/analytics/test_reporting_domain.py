"""Periods, sorting, comparisons and the contracts of events."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.collecting.budgets import spendings_for
from analytics.collecting.domain import Operation, Scope
from analytics.events import EVENT_MODELS
from analytics.reporting.domain import LONGEST, BadPeriod, Granularity, Period, Sort, differences, percent_change
from social_platforms.registry import all_facts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parents[3] / "contracts" / "golden"
moments = st.timedeltas(timedelta(days=-9000), timedelta(days=9000)).map(lambda distance: NOW + distance)


def test_default_period() -> None:
    """Nothing asked means the last 30 days; one end alone takes the other from it."""
    assert Period.asked(None, None, now=NOW) == Period(NOW - timedelta(days=30), NOW)
    assert Period.asked(NOW - timedelta(days=2), None, now=NOW) == Period(NOW - timedelta(days=2), NOW)
    assert Period.asked(None, NOW - timedelta(days=2), now=NOW).start == NOW - timedelta(days=32)


@given(moments, moments)
def test_periods_are_in_order(start: datetime, end: datetime) -> None:
    """Every period that is accepted begins before it ends and follows a period of the same length."""
    if start >= end or end - start > LONGEST:
        with pytest.raises(BadPeriod, match="period"):
            Period.asked(start, end, now=NOW)
        return

    period = Period.asked(start, end, now=NOW)

    assert (period.start, period.end) == (start, end)
    assert period.before().end == period.start
    assert period.before().end - period.before().start == period.end - period.start


def test_begin_in_the_future() -> None:
    """A period that would begin after now is refused, naming its begin."""
    with pytest.raises(BadPeriod) as caught:
        Period.asked(NOW + timedelta(days=1), None, now=NOW)

    assert caught.value.field == "from"


def test_hours_over_months() -> None:
    """Hours are answered for a month at most, days for two years."""
    assert Granularity.HOUR.longest < Granularity.DAY.longest


def test_sort() -> None:
    """A sort is a key with a direction, and nothing else."""
    assert str(Sort.parse("-likes")) == "-likes"
    assert not Sort.parse("likes").descending
    for text in ("", "-", "--likes", "+likes", "user_id"):
        with pytest.raises(ValueError, match="is not a valid"):
            Sort.parse(text)


def test_comparisons() -> None:
    """A change is said only where both numbers are there; from nothing there is no percentage."""
    assert differences({"a": 5, "b": None, "c": 1}, {"a": 3, "b": 2}) == {"a": 2, "b": None, "c": None}
    assert percent_change(15, 10) == Decimal(50)
    assert percent_change(0, 10) == Decimal(-100)
    assert percent_change(5, 0) is None
    assert percent_change(5, None) is None
    assert percent_change(None, 5) is None


@pytest.mark.parametrize("topic", sorted(EVENT_MODELS))
def test_events_match_the_golden_records(topic: str) -> None:
    """What is sent has exactly the fields of the contract's golden record, and reads back the same."""
    golden = json.loads((GOLDEN / f"{topic}.v1.json").read_text())["value"]
    model = EVENT_MODELS[topic]

    assert model.model_validate(golden).model_dump(mode="json") == golden
    assert list(model.model_fields) == list(golden)


def test_costs_name_real_budgets() -> None:
    """Every cost names an endpoint that the platform's facts budget, with a share for analytics."""
    for facts in all_facts().values():
        budgets = {budget.endpoint for budget in facts.budgets if budget.shares.get("analytics")}
        costs = {cost.endpoint for cost in (*facts.account_costs, *facts.posts_costs)}
        assert costs <= budgets


def test_spendings() -> None:
    """A read draws on our share of the app's budget and of the grant's."""
    spendings = list(spendings_for(all_facts()["x"], Operation.POSTS, posts=80))  # type: ignore[index]

    assert [(item.scope, item.count) for item in spendings] == [(Scope.APP, 3500), (Scope.GRANT, 5000)]
    assert list(spendings_for(None, Operation.POSTS, posts=1)) == []
