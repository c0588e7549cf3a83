"""Publisher's shares of the platforms' budgets, counted in PostgreSQL."""

import math
import time as time_of_day
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.integration.publisher.kit import World

from publisher.budgets import Allowance, Budgets, allowances
from social_platforms.registry import all_facts

DAY = timedelta(days=1)
PACIFIC = "America/Los_Angeles"


def _units(units: int, *, most: int = 10) -> Allowance:
    return Allowance("units", "app", most, DAY, PACIFIC, units)


async def test_a_post_draws_as_many_units_as_it_costs(world: World) -> None:
    """Four and four of ten units go, another four wait until the day ends where the platform counts it."""
    budgets = Budgets(world.database)

    first = await budgets.draw("youtube", uuid4(), [_units(4)])
    second = await budgets.draw("youtube", uuid4(), [_units(4)])
    wait = await budgets.draw("youtube", uuid4(), [_units(4)])
    small = await budgets.draw("youtube", uuid4(), [_units(2)])

    now = datetime.now(UTC).astimezone(ZoneInfo(PACIFIC))
    midnight = datetime.combine(now.date() + DAY, time(), tzinfo=ZoneInfo(PACIFIC))
    assert (first, second, small) == (None, None, None)
    assert wait is not None
    assert abs(now.astimezone(UTC) + wait.wait - midnight.astimezone(UTC)) < timedelta(minutes=1)


async def test_a_refused_draw_takes_nothing_from_the_other_windows(world: World) -> None:
    """What the narrow window refuses is not counted on the wide one either."""
    budgets, connection = Budgets(world.database), uuid4()
    narrow = Allowance("posts", "connection", 1, timedelta(minutes=15))
    wide = Allowance("posts", "app", 2, DAY, "UTC")

    first = await budgets.draw("linkedin", connection, [narrow, wide])
    refused = await budgets.draw("linkedin", connection, [narrow, wide])
    other = await budgets.draw("linkedin", uuid4(), [narrow, wide])

    assert first is None
    assert refused is not None
    assert other is None


async def test_a_day_ago_counts_no_more(world: World) -> None:
    """A new day in the zone begins at nothing."""
    await world.sql(
        "INSERT INTO retail_b2c.publisher_budgets SELECT 'youtube', '', 'units', 86400, "
        "date_trunc('day', now() - interval '1 day', 'America/Los_Angeles'), 10"
    )

    assert await Budgets(world.database).draw("youtube", uuid4(), [_units(10)]) is None
    assert await Budgets(world.database).draw("youtube", uuid4(), [_units(1)]) is not None


async def test_late_posts_leave_half_of_what_is_to_come_to_those_on_time(world: World) -> None:
    """A backlog stops at its share of the app's window and is told when there is more; posts on time go on."""
    window = timedelta(days=24_855)
    passed = time_of_day.time() / window.total_seconds()
    budgets, units = Budgets(world.database), Allowance("units", "app", 100, window)

    late = [await budgets.draw("youtube", uuid4(), [units], is_late=True) for _ in range(100)]
    on_time = [await budgets.draw("youtube", uuid4(), [units]) for _ in range(10)]

    share = math.ceil(100 * (1 + passed) / 2)
    refused = [one for one in late if one is not None]
    assert [one is None for one in late] == [True] * share + [False] * (100 - share)
    assert [one is None for one in on_time] == [number < 100 - share for number in range(10)]
    more = (2 * (share + 1) / 100 - 1) * window.total_seconds()
    assert all(one.is_of_app for one in refused)
    assert {one.until for one in refused} == {refused[0].until}
    assert abs(refused[0].until.timestamp() - more) < 1


async def test_a_connections_own_window_is_its_merchants_to_use(world: World) -> None:
    """Late posts use all of a connection's window, whose end is then the same moment for all that wait."""
    budgets, connection = Budgets(world.database), uuid4()
    own = Allowance("posts", "connection", 4, timedelta(minutes=15))

    drawn = [await budgets.draw("x", connection, [own], is_late=True) for _ in range(6)]

    refused = [one for one in drawn if one is not None]
    assert [one is None for one in drawn] == [True] * 4 + [False] * 2
    assert {(one.is_of_app, one.until.timestamp() % 900) for one in refused} == {(False, 0.0)}


async def test_a_late_post_that_costs_more_than_its_share_still_goes_first(world: World) -> None:
    """One draw of a fresh window always passes, whatever it costs, as long as the window holds it."""
    dear = Allowance("units", "app", 10, timedelta(days=24_855), "", 10)

    assert await Budgets(world.database).draw("youtube", uuid4(), [dear], is_late=True) is None


def test_what_costs_more_than_the_share_never_goes_unnoticed() -> None:
    """Every platform's publishing draws on a budget with a share for publisher."""
    for platform, facts in all_facts().items():
        shared = [budget for budget in facts.budgets if budget.shares.get("publisher")]
        drawn = allowances(facts, {budget.endpoint: 1 for budget in shared})
        assert drawn, platform
        assert all(window.most >= window.units for window in drawn), platform
