"""The simulated full hour."""

import pytest
from bench.peak import Hour, simulate, workers_for


def test_an_hour_keeps_its_posts_and_puts_the_most_of_them_at_its_beginning() -> None:
    """Half at :00, a tenth at each other quarter, the rest spread."""
    arrivals = dict(Hour(60_000, 0.5, 0.3).arrivals())

    assert sum(arrivals.values()) == pytest.approx(60_000, rel=0.01)
    assert arrivals[0] == 30_200
    assert arrivals[900] == 6_200
    assert arrivals[60] == 200


def test_the_last_post_of_a_burst_waits_for_the_whole_burst() -> None:
    """A worker of 100 a second is done with 6,000 posts after a minute, and not sooner."""
    found = simulate(Hour(6_000, 1.0, 0.0), workers=1, posts_per_s=100, late_after_s=30)

    assert found.last_s == pytest.approx(60, rel=0.1)
    assert found.late_share == pytest.approx(0.5, rel=0.1)


def test_the_fewest_workers_keep_the_objective_and_one_less_does_not() -> None:
    """What is planned is enough, and no more than that."""
    hour = Hour(60_000, 0.5, 0.3)

    workers = workers_for(hour, posts_per_s=100, late_after_s=30, late_share=0.005)

    assert simulate(hour, workers=workers, posts_per_s=100, late_after_s=30).late_share <= 0.005
    assert simulate(hour, workers=workers - 1, posts_per_s=100, late_after_s=30).late_share > 0.005


def test_spread_over_the_hour_the_same_posts_need_far_fewer_workers() -> None:
    """Why averages are no plan."""
    at_once = workers_for(Hour(60_000, 0.5, 0.3), posts_per_s=100, late_after_s=30, late_share=0.005)
    spread = workers_for(Hour(60_000, 0.0, 0.0), posts_per_s=100, late_after_s=30, late_share=0.005)

    assert at_once >= 5 * spread
