"""Parts of a process side by side: drained at the stop, cut off when late, ended together when one fails."""

import asyncio
from datetime import timedelta

import pytest

from social_common.loops import unless_stopped
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


async def test_a_stop_cuts_off_what_holds_nothing() -> None:
    """Work that would wait for a server ends with the stop, also where it does not let go of it."""
    stop, let_go = StopEvent(), asyncio.Event()

    async def clinging() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await let_go.wait()

    running = asyncio.create_task(unless_stopped(stop, clinging()))
    await asyncio.sleep(0)
    stop.set()

    assert await asyncio.wait_for(running, 5) is False
    let_go.set()


async def test_what_is_nearly_done_at_the_stop_is_not_cut_off() -> None:
    """A client in the middle of connecting may finish, and can then be closed; the stop is told all the same."""
    stop, answered, ended = StopEvent(), asyncio.Event(), []

    async def connecting() -> None:
        await stop.wait()
        await answered.wait()
        ended.append("connected")

    running = asyncio.create_task(unless_stopped(stop, connecting()))
    await asyncio.sleep(0)
    stop.set()
    asyncio.get_running_loop().call_later(0.01, answered.set)

    assert await asyncio.wait_for(running, 5) is False
    assert ended == ["connected"]


async def test_without_a_stop_work_is_done_and_its_failure_told() -> None:
    """The stop changes nothing of work that ends before it."""
    done = []

    async def work() -> None:
        done.append("work")

    async def failing() -> None:
        raise OSError("no server")

    assert await unless_stopped(StopEvent(), work()) is True
    with pytest.raises(OSError, match="no server"):
        await unless_stopped(StopEvent(), failing())
    assert done == ["work"]
