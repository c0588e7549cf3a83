"""Which grants' places a worker looks at: each once in an interval, by one worker, found by an index."""

import asyncio
import re
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import asyncpg
import pytest
from tests.integration.auth_linker.refreshers import linked
from tests.integration.auth_linker.world import World

from auth_linker.tokens.loop import PlacesLoop

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def _others_are_never_due(world: World) -> None:
    """Grants of earlier tests are not looked at any more."""
    await world.admin.execute("UPDATE retail_b2c.grants SET places_seen_at = 'infinity'")


async def _looks(world: World) -> int:
    return len(await world.requests("x", "/2/users/me"))


async def test_a_grant_is_looked_at_once_in_an_interval(world: World) -> None:
    """Not right after its link, once when the interval is over, and not again right away."""
    await linked(world)
    looks = [await _looks(world)]
    for step in (timedelta(0), HOUR + timedelta(seconds=1), timedelta(0), timedelta(minutes=40)):
        await world.advance(step)
        await world.places_loop().run_once()
        looks.append(await _looks(world))

    assert [after - before for before, after in pairwise(looks)] == [0, 1, 0, 0]


async def test_two_workers_share_the_grants(world: World) -> None:
    """Claimed by one, a grant is nobody else's: five grants and two workers make five looks."""
    for _ in range(5):
        await linked(world)
    await world.advance(HOUR + timedelta(seconds=1))
    before = await _looks(world)

    await asyncio.gather(world.places_loop().run_once(), world.places_loop().run_once())

    assert await _looks(world) - before == 5


async def test_a_full_batch_asks_for_the_next_at_once(world: World) -> None:
    """Two due grants in batches of one take three turns, the last of which finds nothing."""
    for _ in range(2):
        await linked(world)
    await world.advance(HOUR + timedelta(seconds=1))
    small = PlacesLoop(
        world.worker, looker=world.shared.looker, interval=HOUR, retry=timedelta(minutes=5), batch=1, concurrency=1
    )

    turns = [await small.run_once() for _ in range(3)]

    assert turns == [timedelta(0), timedelta(0), None]


async def test_a_crash_of_one_look_costs_the_others_nothing(world: World) -> None:
    """A grant whose row cannot be understood is logged and left; the next one is looked at."""
    _, broken = await linked(world)
    _, whole = await linked(world)
    await world.admin.execute(
        "UPDATE retail_b2c.social_connections SET problem_code = 'nonsense' WHERE id = $1", UUID(broken["id"])
    )
    await world.advance(HOUR + timedelta(seconds=1))
    before = await _looks(world)

    await world.places_loop().run_once()

    seen = await world.admin.fetchval(
        "SELECT places_seen_at > retail_b2c.social_now() - $2::interval FROM retail_b2c.grants WHERE id = $1",
        UUID(whole["grant_id"]),
        HOUR,
    )
    assert seen is True
    assert await _looks(world) - before == 2
    await world.admin.execute(
        "UPDATE retail_b2c.social_connections SET problem_code = NULL WHERE id = $1", UUID(broken["id"])
    )


async def test_the_claim_walks_its_index(world: World) -> None:
    """The function's own query, at many grants that are not due."""
    body = await world.admin.fetchval(
        "SELECT prosrc FROM pg_proc WHERE oid = 'retail_b2c.auth_linker_claim_places(integer, interval)'::regprocedure"
    )
    query = re.sub(r"\bp_interval\b", "interval '1 day'", re.sub(r"\bp_limit\b", "100", body))
    user = await world.admin.fetchval("INSERT INTO auth.users (id) VALUES (gen_random_uuid()) RETURNING id")
    plan = await _plan(world.admin, user, query)

    assert "grants_places_seen_at_idx" in plan
    assert "Seq Scan on grants" not in plan


async def _plan(admin: asyncpg.Connection, user: UUID, query: str) -> str:
    """The plan with twenty thousand grants more, which do not stay."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute(
            "INSERT INTO retail_b2c.grants (user_id, platform, app, family, platform_user_id, obtained_at)"
            " SELECT $1, 'x', 'app', 'x', n::text, now() FROM generate_series(1, 20000) n",
            user,
        )
        await admin.execute("ANALYZE retail_b2c.grants")
        await admin.execute("SET LOCAL ROLE auth_linker_fn_places_scan")
        rows = await admin.fetch(f"EXPLAIN {query}")
    finally:
        await transaction.rollback()
    return "\n".join(row[0] for row in rows)
