"""One merchant's backlog, or one account that is held back, delays nobody else's post beyond one claim."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.integration.publisher.kit import World
from tests.integration.publisher.test_plans import buffers_of, plan_and_scans

from publisher.engine import Engine
from publisher.projections.repository import Connection
from social_common.db import Database
from social_platforms._core import ErrorCode, Live, PlatformError, PostRef

BACKLOG = 10_000
BATCH = 32


async def backlog_of(world: World, connections: list[Connection], *, posts: int = BACKLOG, from_s: int = 3600) -> None:
    """So many due posts, spread over the connections in turn, the oldest an hour late and one each 10 ms."""
    first = [await world.a_post(one, due_in=-from_s) for one in connections]
    await world.sql(
        "INSERT INTO retail_b2c.social_posts (user_id, platform, platform_id, content, status, campaign_id, "
        "connection_id, grant_id, kind, revision, scheduled_at, due_at) "
        "SELECT p.user_id, p.platform, p.platform_id, p.content || n, p.status, p.campaign_id, p.connection_id, "
        "p.grant_id, p.kind, 1, p.scheduled_at + n * interval '10 ms', p.due_at + n * interval '10 ms' "
        "FROM generate_series(1, $2::int) n JOIN retail_b2c.social_posts p ON p.id = ($1::uuid[])[1 + n % $3::int]",
        first,
        posts - len(first),
        len(first),
    )
    await world.sql("ANALYZE retail_b2c.social_posts")


async def claimed_by_turns(engines: list[Engine], wanted: UUID, *, most: int) -> list[int]:
    """Each engine claims in turn until the wanted post is claimed; the sizes of the claims until then."""
    sizes: list[int] = []
    for turn in range(most):
        claims = await engines[turn % len(engines)].claim_due(BATCH)
        sizes.append(len(claims))
        if wanted in {claim.post_id for claim in claims}:
            return sizes
    raise AssertionError(f"not claimed in {most} claims of {sizes}")


@pytest.mark.parametrize("places", [1, 40, 100])
async def test_ten_thousand_due_posts_of_one_merchant_delay_another_by_no_claim(world: World, places: int) -> None:
    """However many connections the backlog is spread over, the other merchant's newer post is in the next claim."""
    busy = await world.a_user()
    await backlog_of(world, [await world.a_connection(busy) for _ in range(places)])
    engines = [world.engine(name="one"), world.engine(name="two")]
    for engine in engines:
        await engine.claim_due(BATCH)
    quiet = await world.a_post(await world.a_connection(await world.a_user()), due_in=-1)

    before = await claimed_by_turns(engines, quiet, most=4)
    another = await world.a_post(await world.a_connection(await world.a_user()), due_in=-0.5)
    after = await claimed_by_turns(list(reversed(engines)), another, most=4)

    assert (len(before), len(after)) == (1, 1)


async def test_several_backlogs_take_turns_with_everyone(world: World) -> None:
    """Five merchants with two thousand due posts each, and a sixth with one newer: each claim has all six."""
    busy = [await world.a_user() for _ in range(5)]
    for position, user_id in enumerate(busy):
        places = [await world.a_connection(user_id) for _ in range(3)]
        await backlog_of(world, places, posts=2_000, from_s=7200 - position * 600)
    quiet = await world.a_connection(await world.a_user())
    quiet_post = await world.a_post(quiet, due_in=-1)

    claims = await world.engine().claim_due(12)

    counts = {user_id: sum(claim.user_id == user_id for claim in claims) for user_id in [*busy, quiet.user_id]}
    assert quiet_post in {claim.post_id for claim in claims}
    assert counts == dict.fromkeys(busy, 2) | {quiet.user_id: 1} | {busy[0]: 3}


async def test_each_connection_goes_in_the_order_of_its_times(world: World) -> None:
    """A backlog is worked off oldest first, whoever claims."""
    connection = await world.a_connection(await world.a_user())
    await backlog_of(world, [connection], posts=600)
    engines = [world.engine(name="one"), world.engine(name="two")]
    order: list[UUID] = []

    for turn in range(10):
        for claim in await engines[turn % 2].claim_due(BATCH):
            order.append(claim.post_id)
            await engines[turn % 2].due.handle(claim)

    rows = await world.sql("SELECT id FROM retail_b2c.social_posts ORDER BY scheduled_at LIMIT $1", len(order))
    assert len(order) == 10 * world.settings.publish_per_connection
    assert order == [row["id"] for row in rows]


async def test_replicas_that_claim_at_once_keep_a_connections_share(world: World) -> None:
    """Eight claims at the same moment, over connections of their own: together never more than the share in work."""
    connection = await world.a_connection(await world.a_user())
    await backlog_of(world, [connection], posts=400)
    engines = [world.engine(name=f"replica-{number}") for number in range(8)]

    for _ in range(5):
        claims = [claim for many in await asyncio.gather(*(one.claim_due(BATCH) for one in engines)) for claim in many]
        assert 0 < len(claims) <= world.settings.publish_per_connection
        assert len({claim.post_id for claim in claims}) == len(claims)
        await world.sql("UPDATE retail_b2c.social_posts SET lease_until = NULL, claimed_by = NULL WHERE NOT hidden")


async def test_an_account_that_is_limited_delays_no_other(world: World) -> None:
    """Two thousand posts of a limited account are due: another merchant's goes out with the first claim it is in."""
    limited = await world.a_connection(await world.a_user())
    await backlog_of(world, [limited], posts=2_000, from_s=600)

    async def too_often(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.RATE_LIMITED, "Too often.", retry_after=timedelta(minutes=15), http_status=429)

    world.platform.next_publish.append(too_often)
    engines = [world.engine(name="one"), world.engine(name="two")]
    await world.work_due(engines[0])
    quiet = await world.a_post(await world.a_connection(await world.a_user()), due_in=-1)
    await world.work_due(engines[1])

    assert (await world.post(quiet))["status"] == "published"
    assert world.platform.calls.count("publish") == 2


async def test_a_claim_that_hangs_holds_up_only_what_it_has_seen(world: World) -> None:
    """A replica stops between its claim and the commit: the others go on with other merchants' posts."""
    await backlog_of(world, [await world.a_connection(await world.a_user())], posts=500)
    stopped = Database(world.urls.secret("worker"), service="publisher", pool_size=1)
    try:
        async with stopped.system() as session:
            rows = await session.all(
                "SELECT post_id FROM retail_b2c.publisher_claim_posts('stopped', 32, 4, '30 s', '2 s')"
            )
            later = await world.a_post(await world.a_connection(await world.a_user()), due_in=-1)

            assert rows != []
            assert later in {claim.post_id for claim in await world.engine().claim_due(BATCH)}
    finally:
        await stopped.close()


async def test_a_claim_behind_a_backlog_reads_each_due_row_at_most_once_by_the_index(world: World) -> None:
    """Ten thousand older posts of one merchant: no scan of the table, and pages in the order of the due rows."""
    await backlog_of(world, [await world.a_connection(await world.a_user()) for _ in range(5)])
    quiet = await world.a_post(await world.a_connection(await world.a_user()), due_in=-1)

    plan, scans = await plan_and_scans(
        world, "SELECT * FROM retail_b2c.publisher_claim_posts('w', 32, 4, '30 s', '2 s')", table="social_posts"
    )

    assert (await world.post(quiet))["claimed_by"] == "w"
    assert scans == 0
    assert buffers_of(plan) < 2 * BACKLOG


async def doubts_of(world: World, connections: list[Connection], *, looks: int, from_s: int = 3600) -> None:
    """So many looks that are due, spread over the connections in turn, the oldest an hour ago and one each 10 ms."""
    for position, one in enumerate(connections):
        await world.sql(
            "INSERT INTO retail_b2c.publisher_attempts (id, user_id, post_id, connection_id, platform, platform_id, "
            "number, step, fingerprint, snapshot, started_at, deadline, bytes_sent, outcome, next_look_at) "
            "SELECT gen_random_uuid(), $1, gen_random_uuid(), $2, 'x', 'p', 1, 'settling', 'f' || n, '{}', at, at, "
            "true, 'doubtful', at FROM generate_series(0, $3::int - 1) n, "
            "LATERAL (SELECT now() + make_interval(secs => ($4::int + n * $5::int) * 0.01 - $6::int)) t(at)",
            one.user_id,
            one.connection_id,
            looks // len(connections),
            position,
            len(connections),
            from_s,
        )
    await world.sql("ANALYZE retail_b2c.publisher_attempts")


@pytest.mark.parametrize("places", [1, 20])
async def test_ten_thousand_doubts_of_one_merchant_delay_anothers_look_by_no_claim(world: World, places: int) -> None:
    """The other merchant's newer look is in the next claim, whichever replica makes it."""
    busy = await world.a_user()
    await doubts_of(world, [await world.a_connection(busy) for _ in range(places)], looks=BACKLOG)
    engines = [world.engine(name="one"), world.engine(name="two")]
    for engine in engines:
        await engine.claim_looks(8)
    quiet, another = [await world.a_connection(await world.a_user()) for _ in range(2)]

    await doubts_of(world, [quiet], looks=1, from_s=1)
    before = await engines[0].claim_looks(8)
    await doubts_of(world, [another], looks=1, from_s=1)
    after = await engines[1].claim_looks(8)

    assert quiet.user_id in {claim.user_id for claim in before}
    assert another.user_id in {claim.user_id for claim in after}
    assert (len(before), len(after)) == (8, 8)


async def test_looks_of_several_merchants_take_turns_and_go_in_their_order(world: World) -> None:
    """Three merchants with a hundred doubts each: each claim has as many of each, the oldest of each first."""
    merchants = [await world.a_user() for _ in range(3)]
    for position, user_id in enumerate(merchants):
        await doubts_of(world, [await world.a_connection(user_id)], looks=100, from_s=3600 - position * 600)

    claims = await world.engine().claim_looks(6)

    assert sorted(claim.user_id for claim in claims) == sorted(merchants * 2)
    for user_id in merchants:
        oldest = await world.sql(
            "SELECT id FROM retail_b2c.publisher_attempts WHERE user_id = $1 ORDER BY started_at LIMIT 2", user_id
        )
        assert {claim.attempt_id for claim in claims if claim.user_id == user_id} == {row["id"] for row in oldest}


@pytest.mark.parametrize("places", [1, 20])
async def test_ten_thousand_uploads_of_one_merchant_delay_anothers_by_no_claim(world: World, places: int) -> None:
    """A sale with ten thousand videos at noon: the other merchant's one video goes up with the next claim."""
    busy = await world.a_user()
    await backlog_of(world, [await world.a_connection(busy) for _ in range(places)], from_s=-300)
    preparing = "UPDATE retail_b2c.social_posts SET prepare_at = due_at - interval '10 min' WHERE prepare_at IS NULL"
    await world.sql(preparing)
    engines = [world.engine(name="one"), world.engine(name="two")]
    for engine in engines:
        await engine.claim_ahead(4)
    quiet = await world.a_post(await world.a_connection(await world.a_user()), due_in=500)
    await world.sql(preparing)

    claims = await engines[1].claim_ahead(4)

    assert quiet in {claim.post_id for claim in claims}
    assert len(claims) == 4


async def reads_of(world: World, claim: str, *, table: str) -> tuple[int, int]:
    """How often one claim scans the whole table, and how many rows it fetches by indexes."""
    connection = await asyncpg.connect(world.urls.superuser)
    try:
        async with connection.transaction():
            await connection.fetch(f"SELECT * FROM retail_b2c.{claim}")
            row = await connection.fetchrow(
                "SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = $1", table
            )
            assert row is not None
            return row["seq_scan"], row["idx_tup_fetch"]
    finally:
        await connection.close()


@pytest.mark.parametrize("what", ["looks", "uploads"])
async def test_claims_of_looks_and_uploads_read_what_is_due_by_the_index(world: World, what: str) -> None:
    """Behind ten thousand of one merchant among as many more: no scan of the table, and each due row at most once."""
    place = await world.a_connection(await world.a_user())
    if what == "looks":
        table, claim = "publisher_attempts", "publisher_claim_looks('w', 8, '90 s')"
        for _ in range(3):
            await doubts_of(world, [place], looks=BACKLOG)
            await world.sql("UPDATE retail_b2c.publisher_attempts SET next_look_at = NULL, finished_at = now()")
        await doubts_of(world, [place], looks=BACKLOG)
    else:
        table, claim = "social_posts", "publisher_claim_preparing('w', 4, '30 s', '4 s')"
        for _ in range(3):
            await backlog_of(world, [place], from_s=-300)
        await world.sql(
            "UPDATE retail_b2c.social_posts SET prepare_at = due_at - interval '10 min' WHERE id IN "
            "(SELECT id FROM retail_b2c.social_posts ORDER BY due_at LIMIT $1)",
            BACKLOG,
        )
    await world.sql(f"VACUUM ANALYZE retail_b2c.{table}")

    scans, rows = await reads_of(world, claim, table=table)

    assert scans == 0
    assert rows < BACKLOG * 1.2


async def test_a_claim_of_looks_reads_nothing_of_what_is_due_later(world: World) -> None:
    """Ten thousand late looks wait for their hour: a claim that finds one due look reads little else."""
    await doubts_of(world, [await world.a_connection(await world.a_user())], looks=BACKLOG, from_s=-3600)
    await doubts_of(world, [await world.a_connection(await world.a_user())], looks=1, from_s=1)

    scans, rows = await reads_of(world, "publisher_claim_looks('w', 8, '90 s')", table="publisher_attempts")

    assert scans == 0
    assert rows < 20
