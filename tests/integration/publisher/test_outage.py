"""After an outage: what is late goes out in the order of its times and within the budgets, what is too late is told."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from tests.integration.publisher.kit import World

from publisher.engine import Engine
from publisher.projections.repository import Connection

HOUR = 3600
LATE_SHARE = (
    "INSERT INTO retail_b2c.publisher_budgets SELECT 'x', '', 'POST /2/tweets', 86400, start, "
    "ceil(10000 * (1 + extract(epoch FROM now() - start) / 86400) / 2)::int - $1::int "
    "FROM (SELECT to_timestamp(floor(extract(epoch FROM now()) / 86400) * 86400) AS start) s "
    "ON CONFLICT (platform, subject, endpoint, window_s) DO UPDATE SET used = excluded.used"
)


async def left_for_late_posts(world: World, posts: int) -> None:
    """The app's day is used up to so many posts below what late ones may use of it."""
    await world.sql(LATE_SHARE, posts)


async def late_posts(world: World, connections: list[Connection], *, each: int) -> dict[UUID, list[UUID]]:
    """So many posts of each connection, from five hours late to one, ten seconds apart; ids by connection in order."""
    made: dict[UUID, list[UUID]] = {}
    for position, connection in enumerate(connections):
        made[connection.connection_id] = [
            await world.a_post(connection, due_in=number * 10 + position - 5 * HOUR, content=f"{position}/{number}")
            for number in range(each)
        ]
    return made


async def work_until_rest(engines: list[Engine], *, most: int = 200) -> int:
    """The engines claim and handle in turn until neither finds anything; how many posts they claimed in all."""
    claimed, empty, turn = 0, 0, 0
    while empty < len(engines):
        engine = engines[turn % len(engines)]
        claims = await engine.claim_due(32)
        for claim in claims:
            await engine.due.handle(claim)
        claimed, empty, turn = claimed + len(claims), 0 if claims else empty + 1, turn + 1
        assert turn < most
    return claimed


async def test_within_the_limit_it_goes_out_and_beyond_it_is_missed(world: World) -> None:
    """Down for a night: posts up to six hours late go out oldest first, older ones are missed, each with its event."""
    connection = await world.a_connection(await world.a_user())
    too_late = [await world.a_post(connection, due_in=-hours * HOUR) for hours in (9, 8, 7)]
    late = [await world.a_post(connection, due_in=-hours * HOUR) for hours in (5, 4, 3, 2, 1)]

    await work_until_rest([world.engine(name="one"), world.engine(name="two")])

    assert [(await world.post(one))["status"] for one in too_late + late] == ["missed"] * 3 + ["published"] * 5
    assert [text for _, text in world.platform.public] == [(await world.post(one))["content"] for one in late]
    for one in too_late:
        [(topic, told)] = await world.events(one)
        assert (topic, told["status"], told["attempts"]) == ("post.failed", "missed", 0)
    assert [[topic for topic, _ in await world.events(one)] for one in late] == [["post.published"]] * 5


async def test_each_merchants_own_limit_decides_after_the_same_outage(world: World) -> None:
    """Three hours late: missed for the merchant who set two, published for the one who set twelve, and by default."""
    merchants = [await world.a_user() for _ in range(3)]
    for user_id, hours in zip(merchants, (2, 12), strict=False):
        await world.sql(
            "INSERT INTO retail_b2c.publisher_settings (user_id, catch_up_hours) VALUES ($1, $2)", user_id, hours
        )
    made = [await world.a_post(await world.a_connection(one), due_in=-3 * HOUR) for one in merchants]

    await work_until_rest([world.engine()])

    assert [(await world.post(one))["status"] for one in made] == ["missed", "published", "published"]


async def test_a_backlog_leaves_the_apps_limit_to_posts_on_time(world: World) -> None:
    """Ten merchants' late posts share one app budget: their share goes out, the rest waits in line, and a post that is
    on time still goes at once.
    """
    connections = [await world.a_connection(await world.a_user()) for _ in range(10)]
    late = await late_posts(world, connections, each=12)
    await left_for_late_posts(world, 25)
    engines = [world.engine(name="one"), world.engine(name="two")]

    claimed = await work_until_rest(engines)
    on_time = await world.a_post(await world.a_connection(await world.a_user()), due_in=0)
    await world.work_due(engines[1])

    rows = {row["id"]: row for row in await world.sql("SELECT * FROM retail_b2c.social_posts")}
    out = [row for row in rows.values() if row["status"] == "published" and row["id"] != on_time]
    waiting = sorted((row for row in rows.values() if row["status"] != "published"), key=lambda row: row["due_at"])
    assert rows[on_time]["status"] == "published"
    assert 25 <= len(out) <= 28
    assert len(out) + len(waiting) == claimed == 120
    assert {row["status"] for row in waiting} <= {"held", "scheduled"}
    for one, following in pairwise(waiting):
        assert following["scheduled_at"] - one["scheduled_at"] > timedelta(seconds=-1)
    # Nobody else had to prepare anything to learn it: one per post that went, and one for the first that did not.
    assert world.platform.calls.count("prepare") <= len(out) + 2
    for ids in late.values():
        states = [rows[one]["status"] == "published" for one in ids]
        assert states == sorted(states, reverse=True)
        assert sum(states) in {2, 3}


async def test_the_line_moves_on_in_its_order_as_the_window_gives_more(world: World) -> None:
    """Each time there is more for late posts, the next ones of every merchant go, until nothing is left of it."""
    connections = [await world.a_connection(await world.a_user()) for _ in range(3)]
    late = await late_posts(world, connections, each=10)
    engines = [world.engine(name="one"), world.engine(name="two")]

    for _ in range(6):
        await left_for_late_posts(world, 6)
        await world.sql("UPDATE retail_b2c.publisher_holds SET until = now()")
        await work_until_rest(engines)
        await world.advance(timedelta(minutes=20))

    assert [row["status"] for row in await world.sql("SELECT status FROM retail_b2c.social_posts")] == [
        "published"
    ] * 30
    for position, ids in enumerate(late.values()):
        place = connections[position].platform_id
        assert [text for where, text in world.platform.public if where == place] == [
            (await world.post(one))["content"] for one in ids
        ]


async def test_posts_held_for_one_limit_come_back_in_the_order_of_their_times(world: World) -> None:
    """An account was limited while posts were due: they go on oldest first, not in the order of their holds."""
    connection = await world.a_connection(await world.a_user())
    made = [await world.a_post(connection, due_in=-number) for number in range(20)]
    await world.sql(
        "INSERT INTO retail_b2c.publisher_holds VALUES ('x', $1, 'publish', '', 'rate_limited', now() + '10 min')",
        str(connection.grant_id),
    )
    engine = world.engine()

    await work_until_rest([engine])
    held = await world.sql("SELECT id FROM retail_b2c.social_posts WHERE status = 'held' ORDER BY due_at")
    await world.sql("DELETE FROM retail_b2c.publisher_holds")
    await world.advance(timedelta(minutes=11))
    await work_until_rest([engine])

    assert [row["id"] for row in held] == made[::-1]
    assert [text for _, text in world.platform.public] == [(await world.post(one))["content"] for one in made[::-1]]
