"""The plan of disturbances: what a seed decides."""

from itertools import pairwise

import pytest
from tests.chaos.strikes import _FAULT_KINDS, Strike, kinds_in, plan_disturbances

from social_stack.environment import PLATFORMS

TEN_MINUTES = 600.0


def test_a_seed_makes_one_plan() -> None:
    """The same seed and length plan the same strikes; another seed plans others."""
    plans = [plan_disturbances(seed, seconds=120, has_kafka_links=True) for seed in (1, 1, 2)]

    assert plans[0] == plans[1]
    assert plans[0] != plans[2]


@pytest.mark.parametrize("seed", range(5))
def test_ten_minutes_hold_every_kind(seed: int) -> None:
    """Every strike, every kind of fault and every platform comes up."""
    plan = plan_disturbances(seed, seconds=TEN_MINUTES, has_kafka_links=True)

    faults = {one.target for one in plan if one.strike is Strike.FAULT}
    assert kinds_in(plan) == {
        *(s.value for s in Strike if s is not Strike.FAULT),
        *(f"fault {k}" for k in _FAULT_KINDS),
    }
    assert faults == set(PLATFORMS)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_lasts_beyond_the_end(seed: int) -> None:
    """Whatever is done is over when the run is."""
    plan = plan_disturbances(seed, seconds=60, has_kafka_links=True)

    assert all(one.at + one.lasts <= 60 for one in plan)


def test_the_first_come_one_at_a_time() -> None:
    """Each of the first ten is over before the next begins; later ones overlap."""
    plan = plan_disturbances(3, seconds=TEN_MINUTES, has_kafka_links=True)

    overlaps = [one.at + one.lasts > other.at for one, other in pairwise(plan)]
    assert not any(overlaps[:10])
    assert any(overlaps)


def test_a_broker_that_is_not_ours_is_left_alone() -> None:
    """Without links to Kafka nothing strikes it, nor the ways to it."""
    plan = plan_disturbances(1, seconds=TEN_MINUTES, has_kafka_links=False)

    assert not any("Kafka" in one.target for one in plan)


def test_only_a_long_run_jumps_beyond_the_catch_up_limit() -> None:
    """Five minutes hold one such jump, four none."""
    jumps = [
        sum(one.strike is Strike.LONG_CLOCK for one in plan_disturbances(1, seconds=s, has_kafka_links=True))
        for s in (240, 300)
    ]

    assert jumps == [0, 1]
