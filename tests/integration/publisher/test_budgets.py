"""Publisher's shares of the platforms' budgets, counted in PostgreSQL."""

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
    assert abs(now.astimezone(UTC) + wait - midnight.astimezone(UTC)) < timedelta(minutes=1)


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


def test_what_costs_more_than_the_share_never_goes_unnoticed() -> None:
    """Every platform's publishing draws on a budget with a share for publisher."""
    for platform, facts in all_facts().items():
        shared = [budget for budget in facts.budgets if budget.shares.get("publisher")]
        drawn = allowances(facts, {budget.endpoint: 1 for budget in shared})
        assert drawn, platform
        assert all(window.most >= window.units for window in drawn), platform
