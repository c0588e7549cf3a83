"""What goes wrong, and when: a plan made from a seed alone, then carried out."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.chaos.fleet import TARGETS, Fleet
from tests.support.stack import World

Json = dict[str, Any]
PLATFORMS = ("x", "instagram", "github")
_STRIKE_EVERY_S = 5.0
_FAULT_EVERY_S = 2.5
# What is struck more often is where a loss or a double would come from.
_TARGET_WEIGHTS = {"publisher worker": 5, "publisher worker 2": 5, "publisher api": 3, "auth-linker worker": 2}
_FAULT_WEIGHTS = {
    "commit_then_drop": 5,
    "commit_then_500": 4,
    "drop": 4,
    "error_500": 3,
    "slow": 4,
    "trickle": 1,
    "rate_limit": 2,
    "garbage": 3,
    "html": 2,
}
_OPERATION_WEIGHTS = {"publish": 8, "read": 4, "media": 3, "refresh": 2, "token": 1, "identity": 1}
_LONGEST_PAUSE_S = 50.0  # beyond every lease of publisher


class Strike(StrEnum):
    """What is done to a process or a platform."""

    KILL = "kill -9"
    PAUSE = "SIGSTOP"
    LONG_PAUSE = "SIGSTOP beyond the lease"
    TERM = "SIGTERM"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One strike at `target`, `at` seconds after the beginning, lasting `lasts` seconds."""

    at: float
    strike: Strike
    target: str
    lasts: float = 0.0
    fault: Json = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How the table counts it."""
        if self.strike is Strike.FAULT:
            return f"fault {self.fault['kind']} on {self.fault['operation']}"
        return f"{self.strike.value} {self.target.removesuffix(' 2')}"


def plan_disturbances(seed: int, *, seconds: float) -> list[Disturbance]:
    """The same seed and length make the same plan; nothing in it lasts beyond the end."""
    rng = random.Random(f"nemesis {seed}")
    planned = [*_strikes(rng, seconds), *_faults(rng, seconds)]
    return sorted(planned, key=lambda disturbance: disturbance.at)


def _strikes(rng: random.Random, seconds: float) -> list[Disturbance]:
    found, at = [], 0.0
    weights = [_TARGET_WEIGHTS.get(target, 1) for target in TARGETS]
    while (at := at + rng.expovariate(1 / _STRIKE_EVERY_S)) < seconds:
        target = rng.choices(TARGETS, weights)[0]
        strike = rng.choices((Strike.KILL, Strike.PAUSE, Strike.LONG_PAUSE, Strike.TERM), (5, 3, 1, 2))[0]
        lasts = rng.uniform(0.0, 2.0)
        if strike is Strike.LONG_PAUSE and target.startswith("publisher worker"):
            lasts = _LONGEST_PAUSE_S
        elif strike in {Strike.PAUSE, Strike.LONG_PAUSE}:
            strike, lasts = Strike.PAUSE, rng.choices((rng.uniform(0.3, 4.0), rng.uniform(6.0, 20.0)), (3, 1))[0]
        found.append(Disturbance(at, strike, target, min(lasts, seconds - at)))
    return found


def _faults(rng: random.Random, seconds: float) -> list[Disturbance]:
    found, at = [], 0.0
    while (at := at + rng.expovariate(1 / _FAULT_EVERY_S)) < seconds:
        kind = rng.choices(list(_FAULT_WEIGHTS), list(_FAULT_WEIGHTS.values()))[0]
        operation = rng.choices(list(_OPERATION_WEIGHTS), list(_OPERATION_WEIGHTS.values()))[0]
        fault: Json = {
            "platform": rng.choice(PLATFORMS),
            "operation": operation,
            "kind": kind,
            "count": rng.choice((1, 1, 2, 3)),
        }
        if kind == "slow":
            fault["delay_ms"] = rng.choice((800, 3000, 12_000, 18_000))
        if kind == "trickle":
            fault["delay_ms"] = 50
        if kind == "rate_limit":
            fault["retry_after_s"] = rng.randint(1, 6)
        found.append(Disturbance(at, Strike.FAULT, fault["platform"], fault=fault))
    return found


class Nemesis:
    """Carries a plan out."""

    def __init__(self, world: World, fleet: Fleet) -> None:
        self._world = world
        self._fleet = fleet
        self._busy = {target: asyncio.Lock() for target in TARGETS}
        self.done: Counter[str] = Counter()

    async def run(self, plan: list[Disturbance]) -> None:
        """Strikes at the planned times; returns when the last is over and whatever was struck runs again."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.TaskGroup() as group:
            for disturbance in plan:
                await asyncio.sleep(max(0.0, begun + disturbance.at - loop.time()))
                self._fleet.note_deaths()
                group.create_task(self._strike(disturbance))
        self._fleet.note_deaths()

    async def _strike(self, disturbance: Disturbance) -> None:
        if disturbance.strike is Strike.FAULT:
            await self._world.control("POST", "faults", disturbance.fault)
            self.done[disturbance.label] += 1
            return
        target = disturbance.target
        if self._busy[target].locked():
            self.done["left out: already struck"] += 1
            return
        async with self._busy[target]:
            self.done[disturbance.label] += 1
            match disturbance.strike:
                case Strike.KILL:
                    await self._fleet.kill(target)
                    await asyncio.sleep(disturbance.lasts)
                    self._fleet.start(target)
                case Strike.TERM:
                    await self._fleet.drain(target)
                    await asyncio.sleep(disturbance.lasts)
                    self._fleet.start(target)
                case _:
                    self._fleet.pause(target)
                    await asyncio.sleep(disturbance.lasts)
                    self._fleet.resume(target)
