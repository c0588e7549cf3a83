"""What operators are shown of the posts that are due."""

import math

import pytest
from tests.integration.publisher.kit import World

from publisher.gauges import Gauges
from social_common.db import Database, DatabaseUnreachable
from social_common.metrics import REGISTRY
from social_common.secrets import Secret

NAMES = ("publisher_overdue_posts", "publisher_oldest_due_seconds", "publisher_unsettled_attempts")


def shown() -> list[float]:
    """What stands in the gauges now."""
    return [REGISTRY.get_sample_value(name) or 0 for name in NAMES]


async def test_due_posts_are_told_until_the_database_is_away(world: World) -> None:
    """How many, and how late the oldest is; afterwards unknown, and not what it was before."""
    connection = await world.a_connection(await world.a_user())
    for due_in in (-60.0, -5.0, 3600.0):
        await world.a_post(connection, due_in=due_in)
    await Gauges(world.database, {}).read()
    known = shown()

    away = Database(Secret("postgresql://nobody:made-up@127.0.0.1:9/none"), service="publisher", pool_size=1)
    with pytest.raises(DatabaseUnreachable):
        await Gauges(away, {}).read()
    await away.close()

    assert (known[0], known[2]) == (2, 0)
    assert 60 <= known[1] < 120
    assert all(math.isnan(value) for value in shown())
