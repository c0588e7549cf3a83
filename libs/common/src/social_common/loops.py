"""Loops that do due work: woken by NOTIFY or by the time their work named, never by fast polling."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

import asyncpg

from social_common.db import DRIVER_ERRORS, driver_url, is_down, sqlstate
from social_common.logging import get_logger
from social_common.metrics import counter
from social_common.secrets import Secret

CLOCK_CHANNEL: Final = "social_clock"
_LONGEST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_WAIT_FOR_DATABASE: Final = timedelta(seconds=3)
_LETTING_GO: Final = timedelta(seconds=2)
_FINISHING: Final = timedelta(seconds=1)
_CHECK_CONNECTION: Final = timedelta(seconds=15)

# A column, table or function that a statement names and the database does not have.
_NOT_THERE: Final = frozenset({"42703", "42P01", "42883"})

_log = get_logger()
_failures = counter("social_loop_failures_total", "Turns of a due-work loop that raised", ("loop",))


def backoff(failures: int, *, longest: timedelta = _LONGEST_PAUSE) -> float:
    """Seconds to wait after so many failures in a row: doubling from a quarter second, with full jitter on top."""
    ceiling: float = min(longest.total_seconds(), 0.25 * 2 ** min(failures, 16))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


async def wait_for(event: asyncio.Event, *, seconds: float) -> bool:
    """Whether the event was set within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Do it, unless the stop comes a second before its end: then it is cut off. Whether it was done before the stop.

    What does not let go within two seconds more (a client of a server that hangs) is left behind.
    """
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
            return True
        return False
    finally:
        stopped.cancel()
        # Kafka's client loses sight of its first connection when it is cut off while it asks who else is there.
        if not task.done() and not (await asyncio.wait({task}, timeout=_FINISHING.total_seconds()))[0]:
            task.cancel()
            await asyncio.wait({task}, timeout=_LETTING_GO.total_seconds())


async def first_of(*events: asyncio.Event, seconds: float) -> None:
    """Return when one of the events is set, at the latest after so many seconds."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


class NotifyListener:
    """One connection that listens, for all loops of a process that want to be woken.

    It listens for moves of the product clock too. After a lost connection everyone is woken once, because a
    notification may have been missed.
    """

    def __init__(self, url: Secret, *, channels: tuple[str, ...]) -> None:
        self._url = url
        self._channels = (*channels, CLOCK_CHANNEL)
        self._wakes: list[asyncio.Event] = []

    def subscribe(self) -> asyncio.Event:
        """An event that is set at each notification; its owner clears it."""
        wake = asyncio.Event()
        self._wakes.append(wake)
        return wake

    def wake_all(self) -> None:
        """Wake everyone who subscribed."""
        for wake in self._wakes:
            wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until told to stop, connecting again as often as it takes."""
        failures = 0
        while not stop.is_set():
            try:
                await self._listen(stop)
                failures = 0
            except (OSError, TimeoutError, *DRIVER_ERRORS) as exc:
                failures += 1
                _log.warning("listener_lost", error=type(exc).__name__, failures=failures)
                await wait_for(stop, seconds=backoff(failures))

    async def _listen(self, stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(driver_url(self._url), timeout=10)
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._notified)
            self.wake_all()
            while not await wait_for(stop, seconds=_CHECK_CONNECTION.total_seconds()):
                # A connection that died without a word is only found by using it.
                await connection.execute("SELECT 1", timeout=10)
        finally:
            connection.terminate()

    def _notified(self, *_: object) -> None:
        self.wake_all()


class DueLoop:
    """Calls its work again and again: at once, after the delay it returned, when woken, or when idle is over."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[timedelta | None]],
        *,
        wake: NotifyListener | None = None,
        idle: timedelta = timedelta(seconds=1),
        jitter: float = 0.1,
    ) -> None:
        self.name = name
        self.wake = wake
        self._work = work
        self._idle = idle
        self._jitter = jitter
        self._woken = wake.subscribe() if wake is not None else asyncio.Event()
        self._turn_began: float | None = None

    def busy_for(self) -> timedelta:
        """How long the present turn has been running; for liveness."""
        began = self._turn_began
        return timedelta(0) if began is None else timedelta(seconds=time.monotonic() - began)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; the turn in hand is finished. No exception of the work ends the loop."""
        failures = 0
        while not stop.is_set():
            self._woken.clear()
            self._turn_began = time.monotonic()
            try:
                delay = await self._work()
            except Exception as error:  # noqa: BLE001 - whatever the work raises, the loop goes on
                failures += 1
                # Wakes do not shorten this pause: a flood of them would turn a failure into a storm.
                self._turn_began = None
                await wait_for(stop, seconds=self._pause_after(error, failures))
                continue
            self._turn_began = None
            failures = 0
            await self._rest(stop, delay)

    def _pause_after(self, error: Exception, failures: int) -> float:
        _failures.labels(self.name).inc()
        if is_down(error):
            # Nothing is wrong with the work, and what is due when the database is back should not wait for long.
            _log.warning(
                "loop_waits_for_database",
                loop=self.name,
                failures=failures,
                reason=sqlstate(error) or type(error).__name__,
                # Not migrated yet, or a statement that is wrong: which of them, only its place tells.
                **({"exc_info": error} if failures == 1 and sqlstate(error) in _NOT_THERE else {}),
            )
            return backoff(failures, longest=_LONGEST_WAIT_FOR_DATABASE)
        _log.error("loop_failed", loop=self.name, failures=failures, exc_info=error)
        return backoff(failures)

    async def _rest(self, stop: asyncio.Event, delay: timedelta | None) -> None:
        seconds = (self._idle if delay is None else delay).total_seconds()
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        longest = self._idle.total_seconds() * (1 + random.uniform(0, self._jitter))  # noqa: S311 - spreads load
        await first_of(stop, self._woken, seconds=seconds if delay is not None else longest)
