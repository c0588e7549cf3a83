"""Parts of a process side by side: drained at the stop, cut off when late, ended together when one fails."""

import asyncio
from datetime import timedelta

import pytest

from social_common.runner import StopEvent, run_parts


async def test_parts_finish_what_is_in_hand() -> None:
    """At the stop each part gets the time to end by itself."""
    stop, ended = StopEvent(), []

    async def part(event: StopEvent) -> None:
        await event.wait()
        await asyncio.sleep(0.01)
        ended.append("part")

    running = asyncio.create_task(run_parts(stop, [part, part]))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running, 5)

    assert ended == ["part", "part"]


async def test_a_late_part_is_cut_off() -> None:
    """After the drain time nothing keeps the process alive."""
    stop, cut = StopEvent(), asyncio.Event()

    async def deaf(_: StopEvent) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()

    stop.set()
    await asyncio.wait_for(run_parts(stop, [deaf], drain=timedelta(milliseconds=20)), 5)

    assert cut.is_set()


async def test_a_failing_part_ends_the_others_in_order() -> None:
    """The others are asked to stop, finish, and then the failure is told."""
    stop, finished = StopEvent(), asyncio.Event()

    async def failing(_: StopEvent) -> None:
        raise OSError("no port")

    async def good(event: StopEvent) -> None:
        await event.wait()
        finished.set()

    with pytest.raises(OSError, match="no port"):
        await asyncio.wait_for(run_parts(stop, [failing, good]), 5)

    assert finished.is_set()


async def test_a_part_that_ends_by_itself_is_fine() -> None:
    """The rest goes on until the stop."""
    stop, turns = StopEvent(), []

    async def short(_: StopEvent) -> None:
        turns.append("short")

    async def long(event: StopEvent) -> None:
        await event.wait()
        turns.append("long")

    running = asyncio.create_task(run_parts(stop, [short, long]))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 5)

    assert turns == ["short", "long"]


async def test_a_part_that_cannot_clean_up_is_let_go() -> None:
    """Cut off, a part that waits for an outside that hangs does not hold the process for that time."""
    stop = StopEvent()

    async def hanging(_: StopEvent) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(60)

    stop.set()
    drain = timedelta(milliseconds=20)

    await asyncio.wait_for(run_parts(stop, [hanging], drain=drain, cleaning=drain), 5)
