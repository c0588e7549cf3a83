"""Claims work and does it side by side, never more at once than allowed, and finishes it before the process ends."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, Generic, TypeVar

from social_common.logging import get_logger
from social_common.loops import DueLoop, NotifyListener
from social_common.metrics import counter

_WORK = TypeVar("_WORK")
_FULL: Final = timedelta(milliseconds=250)
_CROWDED: Final = timedelta(milliseconds=100)
_CLAIMS_PER_FILL: Final = 8  # a claim behind a long backlog costs milliseconds: it is not made for each freed place

_log = get_logger()
_broken = counter("publisher_work_broken_total", "Pieces of claimed work that raised", ("pool",))


class WorkPool(DueLoop, Generic[_WORK]):
    """A due-work loop whose turns only claim; the work itself runs in tasks of its own.

    It sleeps until the next piece is due (`next_in`, in seconds), until it is woken, or until `idle`. Freed places wake
    it only when there was more to claim than places, and an eighth of them is free.
    """

    def __init__(
        self,
        name: str,
        *,
        claim: Callable[[int], Awaitable[Sequence[_WORK]]],
        handle: Callable[[_WORK], Awaitable[None]],
        next_in: Callable[[], Awaitable[float | None]],
        concurrency: int,
        wake: NotifyListener,
        early: timedelta = timedelta(0),
        idle: timedelta = timedelta(seconds=5),
    ) -> None:
        super().__init__(name, self._turn, wake=wake, idle=idle)
        self._claim = claim
        self._handle = handle
        self._next_in = next_in
        self._places = concurrency
        self._worth_claiming = max(1, concurrency // _CLAIMS_PER_FILL)
        self._early = early
        self._longest = idle
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_more = False

    async def run(self, stop: asyncio.Event) -> None:
        """Works until told to stop; then what was begun is finished."""
        await super().run(stop)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _turn(self) -> timedelta | None:
        free = self._places - len(self._tasks)
        self._has_more = free <= 0
        if self._has_more:
            return _FULL
        claimed = await self._claim(free)
        for work in claimed:
            task = asyncio.create_task(self._do(work))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if len(claimed) == free:
            self._has_more = True
            return _FULL
        seconds = await self._next_in()
        if seconds is None:
            return self._longest
        delay = timedelta(seconds=seconds) - self._early
        if delay <= timedelta(0):
            # Due, but not to be had: its connection has its share in work, or another replica is claiming it.
            return _CROWDED
        return min(delay, self._longest)

    async def _do(self, work: _WORK) -> None:
        try:
            await self._handle(work)
        except Exception:  # noqa: BLE001 - whatever broke, the pool goes on
            # The claim runs out, and another worker takes it up.
            _broken.labels(self.name).inc()
            _log.exception("work_broke", pool=self.name)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._has_more and self._places - len(self._tasks) >= self._worth_claiming:
            self._has_more = False
            self._woken.set()
