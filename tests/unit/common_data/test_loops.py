"""Loops: woken, timed, never ended by an exception and never polling fast."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from social_common.db import DatabaseUnreachable
from social_common.loops import DueLoop, NotifyListener, backoff, first_of, wait_for
from social_common.secrets import Secret


async def run_until(loop: DueLoop, done: asyncio.Event) -> None:
    """Run a loop until the test has what it wants."""
    stop = asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    try:
        await asyncio.wait_for(done.wait(), 10)
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


def counting(*answers: timedelta | Exception | None) -> tuple[Callable[[], Awaitable[timedelta | None]], asyncio.Event]:
    """Work that gives those answers in turn, and the event that is set after the last one."""
    left = list(answers)
    done = asyncio.Event()

    async def work() -> timedelta | None:
        if not left:
            done.set()
            return timedelta(hours=1)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return work, done


async def test_zero_means_again_at_once() -> None:
    """A full batch is followed by the next without a pause."""
    work, done = counting(*[timedelta(0)] * 50)

    await run_until(DueLoop("l", work, idle=timedelta(hours=1)), done)


async def test_a_delay_is_kept() -> None:
    """The loop sleeps as long as its work says, and not as long as its idle time."""
    work, done = counting(timedelta(milliseconds=20))

    await run_until(DueLoop("l", work, idle=timedelta(hours=1)), done)


async def test_nothing_to_do_means_idle() -> None:
    """Without an answer the idle time passes."""
    work, done = counting(None)

    await run_until(DueLoop("l", work, idle=timedelta(milliseconds=20)), done)


async def test_no_exception_ends_the_loop() -> None:
    """After failures of any kind the work is tried again."""
    work, done = counting(RuntimeError(), KeyError(), OSError())

    await run_until(DueLoop("l", work), done)


async def test_a_database_that_is_away_is_no_failure_of_the_work() -> None:
    """It is told in one line without a trace; whatever else the work raises has its trace."""
    work, done = counting(DatabaseUnreachable("no connection to the database (57P03)"), RuntimeError("broken"))

    with capture_logs() as told:
        await run_until(DueLoop("l", work), done)

    assert [(line["event"], "exc_info" in line) for line in told] == [
        ("loop_waits_for_database", False),
        ("loop_failed", True),
    ]


@pytest.mark.parametrize(
    "missing", [asyncpg.UndefinedColumnError("c"), asyncpg.UndefinedTableError("t"), asyncpg.UndefinedFunctionError()]
)
async def test_what_the_database_does_not_have_is_told_with_its_place_once(missing: Exception) -> None:
    """It may come with a migration, or never: the first failure shows the statement, the next ones are one line."""
    work, done = counting(missing, missing)

    with capture_logs() as told:
        await run_until(DueLoop("l", work), done)

    assert [(line["event"], "exc_info" in line) for line in told] == [
        ("loop_waits_for_database", True),
        ("loop_waits_for_database", False),
    ]


@pytest.mark.parametrize(
    "trouble", [ConnectionResetError(), asyncpg.AdminShutdownError(), asyncpg.InternalClientError("another operation")]
)
async def test_a_listener_outlives_every_loss_of_its_connection(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the driver says, it connects again, and the process goes on."""
    again = asyncio.Event()
    answers = iter([trouble])

    async def connect(*_: object, **__: object) -> None:
        error = next(answers, None)
        if error is None:
            again.set()
            raise ConnectionRefusedError
        raise error

    monkeypatch.setattr(asyncpg, "connect", connect)
    stop = asyncio.Event()
    task = asyncio.create_task(
        NotifyListener(Secret("postgresql://nobody@127.0.0.1:9/none"), channels=("x",)).run(stop)
    )
    await asyncio.wait_for(again.wait(), 10)
    stop.set()

    await asyncio.wait_for(task, 10)


async def test_a_wake_ends_the_rest() -> None:
    """A notification brings the next turn long before its time."""
    listener = NotifyListener(Secret("postgresql://nobody@127.0.0.1:9/none"), channels=("x",))
    turns = 0
    rested, done = asyncio.Event(), asyncio.Event()

    async def work() -> timedelta:
        nonlocal turns
        turns += 1
        (rested if turns == 1 else done).set()
        return timedelta(hours=1)

    stop = asyncio.Event()
    task = asyncio.create_task(DueLoop("l", work, wake=listener).run(stop))
    await asyncio.wait_for(rested.wait(), 10)
    listener.wake_all()
    await asyncio.wait_for(done.wait(), 10)
    stop.set()
    await asyncio.wait_for(task, 10)

    assert turns == 2


async def test_wakes_do_not_shorten_the_pause_after_a_failure() -> None:
    """A flood of notifications does not turn a failing loop into a storm."""
    listener = NotifyListener(Secret("postgresql://nobody@127.0.0.1:9/none"), channels=("x",))
    turns = 0

    async def work() -> None:
        nonlocal turns
        turns += 1
        raise RuntimeError

    stop = asyncio.Event()
    task = asyncio.create_task(DueLoop("l", work, wake=listener).run(stop))
    for _ in range(200):
        listener.wake_all()
        await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(task, 10)

    assert turns == 1


async def test_a_stop_lets_the_turn_finish() -> None:
    """Work in hand is not cut off."""
    began, may_end = asyncio.Event(), asyncio.Event()
    finished = False

    async def work() -> None:
        nonlocal finished
        began.set()
        await may_end.wait()
        finished = True

    loop, stop = DueLoop("l", work), asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    await began.wait()
    assert loop.busy_for() > timedelta(0)
    stop.set()
    may_end.set()
    await asyncio.wait_for(task, 10)

    assert finished
    assert loop.busy_for() == timedelta(0)


@pytest.mark.parametrize("failures", [1, 5, 50, 5000])
def test_backoff_grows_and_is_bounded(failures: int) -> None:
    """Never nothing, never more than the longest."""
    assert 0.2 <= backoff(failures, longest=timedelta(seconds=30)) <= 30


async def test_waiting_is_bounded() -> None:
    """Both ways of waiting return when the time is up, and tell what happened."""
    never, now = asyncio.Event(), asyncio.Event()
    now.set()

    assert not await wait_for(never, seconds=0.01)
    assert await wait_for(now, seconds=10)
    await first_of(never, never, seconds=0.01)
    await first_of(never, now, seconds=10)
