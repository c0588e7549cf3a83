"""What can go wrong, and a plan of it made from a seed alone."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from tests.chaos.wiring import KAFKA, POSTGRES, PROCESSES, link_names

from social_stack.environment import PLATFORMS
from social_stack.secrets import SERVICES

Json = dict[str, Any]
T = TypeVar("T")
_STRIKE_EVERY_S = 4.0
_SERVER_EVERY_S = 65.0
_SINGLY = 0.4  # of the run, at most
_REST_S = 2.0  # between two that come one at a time
_LONG_PAUSE_S = 50.0  # beyond every lease
_LONG_RUN_S = 300.0
_BEYOND_CATCH_UP_S = 6.2 * 3600
# What is struck more often is where a loss or a double would come from.
_PROCESS_WEIGHTS = {"publisher worker": 5, "publisher api": 3, "auth-linker worker": 2, "auth-linker api": 2}
_LINK_WEIGHTS = {"publisher worker": 4, "publisher api": 2, "auth-linker worker": 2, "auth-linker api": 1}
_FAULT_KINDS = {
    "commit_then_drop": 5,
    "commit_then_500": 4,
    "drop": 4,
    "error_500": 3,
    "slow": 4,
    "rate_limit": 2,
    "garbage": 3,
    "html": 2,
    "trickle": 1,
    "revoke": 1,
}
_OPERATIONS = {
    "publish": 8,
    "read": 4,
    "media": 4,
    "refresh": 3,
    "token": 1,
    "identity": 1,
    "metrics": 1,
    "authorize": 1,
    "revoke": 1,
    "any": 1,
}
_WITH_A_GRANT = ("publish", "read", "media", "refresh", "metrics")  # only there is something to revoke


class Strike(StrEnum):
    """What is done, and how the table counts it."""

    KILL = "kill -9"
    PAUSE = "SIGSTOP"
    LONG_PAUSE = "SIGSTOP beyond the lease"
    TERM = "SIGTERM"
    BROKER = "kill -9 of Kafka"
    POSTGRES = "kill -9 of PostgreSQL"
    CUT = "cut"
    HANG = "hang"
    DELAY = "delay"
    FAULT = "fault"
    CLOCK = "clock jump"
    LONG_CLOCK = "clock jump beyond the catch-up limit"
    OUTBOX = "outbox full"


_ON_PROCESSES = {Strike.KILL: 5, Strike.PAUSE: 3, Strike.TERM: 2, Strike.LONG_PAUSE: 1}
_ON_LINKS = {Strike.CUT: 3, Strike.HANG: 2, Strike.DELAY: 2}
_MIXED = {Strike.FAULT: 45, Strike.KILL: 12, Strike.PAUSE: 6, Strike.TERM: 6, Strike.LONG_PAUSE: 2} | {
    Strike.CUT: 9,
    Strike.HANG: 6,
    Strike.DELAY: 5,
    Strike.CLOCK: 4,
    Strike.OUTBOX: 5,
}


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One strike at `target`, `at` seconds after the beginning, lasting `lasts` seconds."""

    at: float
    strike: Strike
    target: str
    lasts: float = 0.0
    amount: float = 0.0  # seconds of a delay or of a clock jump
    fault: Json = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How the table counts it: replicas of one kind together."""
        if self.strike is Strike.FAULT:
            return f"fault {self.fault['kind']} on {self.fault['operation']}"
        if self.strike in _ON_LINKS:
            return f"{self.strike.value} {self.target.replace(' 2 ->', ' ->')}"
        if self.strike in _ON_PROCESSES or self.strike is Strike.OUTBOX:
            return f"{self.strike.value} {self.target.removesuffix(' 2')}"
        return self.strike.value


def plan_disturbances(seed: int, *, seconds: float, has_kafka_links: bool) -> list[Disturbance]:
    """The same seed and length make the same plan; nothing in it lasts beyond the end.

    They come one at a time at first, each kind once where there is time, and then they overlap.
    """
    dealer = _Dealer(random.Random(f"nemesis {seed}"), has_kafka_links=has_kafka_links)
    planned, alone_until = _one_at_a_time(dealer, seconds)
    planned += _together(dealer, alone_until, seconds)
    if seconds >= _LONG_RUN_S:
        at = seconds * dealer.rng.uniform(0.6, 0.75)
        planned.append(Disturbance(at, Strike.LONG_CLOCK, "clock", amount=_BEYOND_CATCH_UP_S))
    ended = [replace(one, lasts=min(one.lasts, seconds - one.at)) for one in planned]
    return sorted(ended, key=lambda disturbance: disturbance.at)


def _one_at_a_time(dealer: "_Dealer", seconds: float) -> tuple[list[Disturbance], float]:
    kinds = [*_MIXED, Strike.POSTGRES, *([Strike.BROKER] if dealer.has_kafka_links else [])]
    makers: list[Callable[[], Disturbance]] = [
        *(lambda kind=kind: dealer.strike(kind) for kind in kinds if kind is not Strike.FAULT),
        *(lambda kind=kind: dealer.fault(kind) for kind in _FAULT_KINDS),
    ]
    dealer.rng.shuffle(makers)
    found: list[Disturbance] = []
    at = 1.0
    for make in makers:
        one = make()
        if at + one.lasts + _REST_S > seconds * _SINGLY:
            continue  # a shorter one may still fit
        found.append(replace(one, at=at))
        at += one.lasts + _REST_S
    return found, at


def _together(dealer: "_Dealer", begin: float, seconds: float) -> Iterator[Disturbance]:
    rng = dealer.rng
    for at in _moments(rng, begin, seconds, every=_STRIKE_EVERY_S):
        yield replace(dealer.strike(dealer.draw("mixed", _MIXED)), at=at)
    servers = [Strike.POSTGRES, *([Strike.BROKER] if dealer.has_kafka_links else [])]
    for server in servers:
        for at in _moments(rng, begin, seconds, every=_SERVER_EVERY_S):
            yield replace(dealer.strike(server), at=at)


def _moments(rng: random.Random, begin: float, end: float, *, every: float) -> Iterator[float]:
    at = begin
    while (at := at + rng.expovariate(1 / every)) < end:
        yield at


class _Dealer:
    """Deals from shuffled packs instead of throwing dice: whatever has a weight comes up, also in a short run."""

    def __init__(self, rng: random.Random, *, has_kafka_links: bool) -> None:
        self.rng = rng
        self.has_kafka_links = has_kafka_links
        self._packs: dict[str, list[Any]] = {}
        names = [name for name in link_names() if has_kafka_links or not name.endswith(KAFKA)]
        self._links = {name: _weight(name.partition(" -> ")[0], _LINK_WEIGHTS) for name in names}
        self._processes = {name: _weight(name, _PROCESS_WEIGHTS) for name in PROCESSES}
        self._workers = {name: weight for name, weight in self._processes.items() if " worker" in name}

    def draw(self, pack: str, weights: dict[T, int]) -> T:
        """The next of that pack; a new one is shuffled when it is empty."""
        left = self._packs.setdefault(pack, [])
        if not left:
            left.extend(one for one, weight in weights.items() for _ in range(weight))
            self.rng.shuffle(left)
        drawn: T = left.pop()
        return drawn

    def strike(self, kind: Strike) -> Disturbance:
        """One of that kind; when it comes is not said yet."""
        rng = self.rng
        match kind:
            case Strike.FAULT:
                return self.fault(self.draw("fault kinds", _FAULT_KINDS))
            case Strike.KILL | Strike.TERM:
                return Disturbance(0, kind, self.draw("processes", self._processes), rng.uniform(0.0, 2.0))
            case Strike.PAUSE:
                lasts = self._either(rng.uniform(0.3, 4.0), rng.uniform(6.0, 20.0))
                return Disturbance(0, kind, self.draw("processes", self._processes), lasts)
            case Strike.LONG_PAUSE:
                return Disturbance(0, kind, self.draw("long pauses", self._workers), _LONG_PAUSE_S)
            case Strike.BROKER | Strike.POSTGRES:
                target = KAFKA if kind is Strike.BROKER else POSTGRES
                return Disturbance(0, kind, target, self._either(rng.uniform(0.0, 1.0), rng.uniform(3.0, 8.0)))
            case Strike.CUT:
                lasts = self._either(0.0, rng.uniform(1.0, 8.0))
                return Disturbance(0, kind, self.draw("links", self._links), lasts)
            case Strike.HANG:
                lasts = self._either(rng.uniform(1.0, 6.0), rng.uniform(10.0, 25.0))
                return Disturbance(0, kind, self.draw("links", self._links), lasts)
            case Strike.DELAY:
                target = self.draw("links", self._links)
                # A transaction is many round trips, a call of a platform is one.
                amount = rng.uniform(0.02, 0.2) if target.endswith(POSTGRES) else rng.uniform(0.1, 3.0)
                return Disturbance(0, kind, target, rng.uniform(3.0, 12.0), amount)
            case Strike.OUTBOX:
                target = self.draw("outboxes", dict.fromkeys(SERVICES, 1) | {"publisher": 2})
                return Disturbance(0, kind, target, rng.uniform(1.0, 6.0))
            case _:
                return Disturbance(0, kind, "clock", amount=rng.uniform(5.0, 60.0))

    def fault(self, kind: str) -> Disturbance:
        """A fault of that kind at any platform, in any operation that it can hit."""
        rng = self.rng
        operations = dict.fromkeys(_WITH_A_GRANT, 1) if kind == "revoke" else _OPERATIONS
        platform = self.draw("platforms", dict.fromkeys(PLATFORMS, 1))
        operation = self.draw("revoked operations" if kind == "revoke" else "operations", operations)
        fault: Json = {"platform": platform, "operation": operation, "kind": kind, "count": rng.choice((1, 1, 2, 3))}
        match kind:
            case "slow":
                fault["delay_ms"] = rng.choice((800, 3000, 12_000, 18_000))
            case "trickle":
                fault["delay_ms"] = 50
            case "rate_limit":
                fault["retry_after_s"] = rng.randint(1, 6)
            case "revoke":
                fault["count"] = 1
        return Disturbance(0, Strike.FAULT, platform, fault=fault)

    def _either(self, often: float, seldom: float) -> float:
        return self.rng.choices((often, seldom), (3, 1))[0]


def _weight(name: str, weights: dict[str, int]) -> int:
    return weights.get(name.removesuffix(" 2"), 1)


def kinds_in(plan: Sequence[Disturbance]) -> set[str]:
    """Every strike and every kind of fault that a plan holds."""
    return {f"fault {one.fault['kind']}" if one.strike is Strike.FAULT else one.strike.value for one in plan}
