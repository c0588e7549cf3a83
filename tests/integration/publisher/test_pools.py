"""The worker's pools: woken by commits, bounded, and finished before they end."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from tests.integration.publisher.kit import World

from publisher.scheduling.pool import WorkPool
from social_common.loops import DueLoop, NotifyListener, wait_for
from social_platforms._core import Live, PostRef


async def test_a_commit_wakes_the_worker_and_a_stop_lets_it_finish(world: World) -> None:
    """Nothing is due, the pool sleeps; a post is committed with its notification, and goes out."""
    began, go_on = asyncio.Event(), asyncio.Event()
    post_of: list[PostRef] = []

    async def slow(ref: PostRef) -> Live:
        post_of.append(ref)
        began.set()
        await go_on.wait()
        return Live(f"p-{ref.post_id}", None)

    world.platform.next_publish.append(slow)
    publish: DueLoop = next(loop for loop in world.engine().loops() if loop.name == "publish")
    assert publish.wake is not None
    parts = [asyncio.create_task(publish.wake.run(world.stop)), asyncio.create_task(publish.run(world.stop))]
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)
    async with world.database.system() as session:
        await session.execute("SELECT pg_notify('publisher_due', '')")

    assert await wait_for(began, seconds=20)
    world.stop.set()
    go_on.set()
    await asyncio.gather(*parts)

    assert (await world.post(post_id))["status"] == "published"
    assert [ref.post_id for ref in post_of] == [str(post_id)]


async def test_a_pool_never_works_on_more_than_it_may(world: World) -> None:
    """Twenty pieces, three places: never a fourth at once, and one that breaks does not end the pool."""
    stop, waiting = asyncio.Event(), list(range(20))
    now, most, done = 0, 0, 0

    async def claim(limit: int) -> Sequence[int]:
        return [waiting.pop() for _ in range(min(limit, len(waiting)))]

    async def handle(piece: int) -> None:
        nonlocal now, most, done
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        done += 1
        if done == 20:
            stop.set()
        if piece == 7:
            raise RuntimeError("this one breaks")

    async def next_in() -> float | None:
        return None

    pool = WorkPool(
        "test",
        claim=claim,
        handle=handle,
        next_in=next_in,
        concurrency=3,
        wake=NotifyListener(world.database.url, channels=()),
        idle=timedelta(milliseconds=10),
    )
    async with asyncio.timeout(20):
        await pool.run(stop)

    assert (done, most) == (20, 3)
