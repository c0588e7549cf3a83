"""Carries out what was planned, and keeps what was done and when, for whoever judges the run."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import asyncpg
from tests.chaos.clock import Clock, Jump
from tests.chaos.fleet import Fleet
from tests.chaos.strikes import Disturbance, Strike
from tests.support.stack import World

from social_common.http import HttpError
from social_stack.secrets import SERVICES

T = TypeVar("T")
_AGAIN_S = 0.5
_NOWHERE = (Strike.FAULT, Strike.CLOCK, Strike.LONG_CLOCK)  # any number of them may be under way
_TROUBLE = (OSError, TimeoutError, HttpError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Struck:
    """One strike as it was carried out; a fault lies in wait from its beginning on and hits when a call comes."""

    begun: datetime
    ended: datetime
    label: str
    target: str


class Nemesis:
    """`history` is what was done, and `clock` tells the stack's own time."""

    def __init__(self, world: World, fleet: Fleet) -> None:
        self._world = world
        self._fleet = fleet
        self._busy: dict[str, asyncio.Lock] = {}
        self.done: Counter[str] = Counter()
        self.history: list[Struck] = []
        self.clock = Clock()
        self._one_jump = asyncio.Lock()

    async def run(self, plan: list[Disturbance]) -> None:
        """Strikes at the planned times; returns when all is healed, started and let go of."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.TaskGroup() as group:
                for disturbance in plan:
                    await asyncio.sleep(max(0.0, begun + disturbance.at - loop.time()))
                    self._fleet.note_deaths()
                    group.create_task(self._strike(disturbance))
        finally:
            self._fleet.heal()
            self._fleet.resume_all()
        for service in SERVICES:
            await _insist(partial(self._fleet.outbox_full, service, on=False))
        await _insist(partial(self._world.control, "DELETE", "faults"))
        self._fleet.note_deaths()

    async def _strike(self, disturbance: Disturbance) -> None:
        lock = self._busy.setdefault(disturbance.target, asyncio.Lock())
        if disturbance.strike in _NOWHERE:
            lock = asyncio.Lock()
        elif lock.locked():
            self.done["left out: already struck"] += 1
            return
        async with lock:
            self.done[disturbance.label] += 1
            begun = datetime.now(UTC)
            await self._carry_out(disturbance)
            self.history.append(Struck(begun, datetime.now(UTC), disturbance.label, disturbance.target))

    async def _carry_out(self, disturbance: Disturbance) -> None:
        fleet, target = self._fleet, disturbance.target
        match disturbance.strike:
            case Strike.FAULT:
                await _insist(partial(self._world.control, "POST", "faults", disturbance.fault))
            case Strike.CLOCK | Strike.LONG_CLOCK:
                await self._jump(disturbance.amount)
            case Strike.OUTBOX:
                await _insist(partial(fleet.outbox_full, target, on=True))
                await asyncio.sleep(disturbance.lasts)
                await _insist(partial(fleet.outbox_full, target, on=False))
            case Strike.CUT | Strike.HANG | Strike.DELAY:
                await self._disturb_link(disturbance)
            case Strike.BROKER:
                await fleet.kill_broker()
                await asyncio.sleep(disturbance.lasts)
                await fleet.start_broker()
            case Strike.POSTGRES:
                await fleet.kill_postgres()
                await asyncio.sleep(disturbance.lasts)
                await fleet.start_postgres()
            case _:
                await self._strike_process(disturbance)

    async def _jump(self, seconds: float) -> None:
        async with self._one_jump:
            begun = datetime.now(UTC)
            # A jump whose answer was lost counts together with the one that was sent after it.
            offset = timedelta(seconds=await _insist(partial(self._fleet.jump_clock, seconds)))
            before = sum((jump.by for jump in self.clock.jumps), timedelta(0))
            self.clock.jumps.append(Jump(begun, datetime.now(UTC), offset - before))

    async def _disturb_link(self, disturbance: Disturbance) -> None:
        link = self._fleet.links[disturbance.target]
        match disturbance.strike:
            case Strike.CUT:
                link.cut()
            case Strike.HANG:
                link.hang()
            case _:
                link.delay(disturbance.amount)
        await asyncio.sleep(disturbance.lasts)
        link.heal()

    async def _strike_process(self, disturbance: Disturbance) -> None:
        fleet, target = self._fleet, disturbance.target
        match disturbance.strike:
            case Strike.KILL:
                await fleet.kill(target)
                await asyncio.sleep(disturbance.lasts)
                fleet.start(target)
            case Strike.TERM:
                await fleet.drain(target)
                await asyncio.sleep(disturbance.lasts)
                fleet.start(target)
            case _:
                fleet.pause(target)
                await asyncio.sleep(disturbance.lasts)
                fleet.resume(target)


async def _insist(call: Callable[[], Awaitable[T]]) -> T:
    """The database may be away just now, by another strike."""
    while True:
        try:
            return await call()
        except _TROUBLE:
            await asyncio.sleep(_AGAIN_S)
