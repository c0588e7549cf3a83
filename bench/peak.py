"""The full hour: very many posts fall due at :00, and workers take them in claims until none waits.

Averages hide this: a fleet that is idle at :30 may still be a quarter of an hour late at :00.
"""

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CLAIM: Final = 32  # posts that a worker takes at once, the default of PUBLISH_CONCURRENCY
_HOUR_S: Final = 3600
_QUARTERS: Final = (900, 1800, 2700)
_UNEVEN: Final = 0.25  # how much one claim's time differs from another's


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of posts: how many, and which shares of them are due at :00 and at the other quarters."""

    posts: int
    at_full_hour: float
    at_quarters: float

    def arrivals(self) -> list[tuple[int, int]]:
        """(second, posts), in the order of time; what is at no quarter is spread over the minutes."""
        due = dict.fromkeys(range(0, _HOUR_S, 60), 0.0)
        spread = self.posts * (1 - self.at_full_hour - self.at_quarters) / len(due)
        due = dict.fromkeys(due, spread)
        due[0] += self.posts * self.at_full_hour
        for second in _QUARTERS:
            due[second] += self.posts * self.at_quarters / len(_QUARTERS)
        return [(second, round(count)) for second, count in sorted(due.items()) if round(count)]


@dataclass(frozen=True, slots=True)
class Lateness:
    """What came of an hour: seconds between due and begun."""

    late_share: float  # of all posts, later than was asked
    p99_s: float
    last_s: float


def simulate(hour: Hour, *, workers: int, posts_per_s: float, late_after_s: float, seed: int = 1) -> Lateness:
    """Workers of that rate, each of which takes a claim as soon as it is free; the oldest posts first."""
    draw = random.Random(seed)  # noqa: S311 - a simulation that gives the same figures each time
    free = [0.0] * workers
    waits: list[tuple[float, int]] = []
    for due, count in hour.arrivals():
        left = count
        while left:
            taken = min(CLAIM, left)
            begins = max(free[0], float(due))
            took = taken / posts_per_s * draw.uniform(1 - _UNEVEN, 1 + _UNEVEN)
            heapq.heapreplace(free, begins + took)
            # The posts of a claim go out side by side while it lasts: their mean stands for them.
            waits.append((begins - due + took / 2, taken))
            left -= taken
    return _judge(waits, late_after_s)


def _judge(waits: Sequence[tuple[float, int]], late_after_s: float) -> Lateness:
    total = sum(count for _, count in waits)
    late = sum(count for wait, count in waits if wait > late_after_s)
    seen, p99 = 0, 0.0
    for wait, count in sorted(waits):
        seen, p99 = seen + count, wait
        if seen >= 0.99 * total:
            break
    return Lateness(late / total, p99, max(wait for wait, _ in waits))


def workers_for(hour: Hour, *, posts_per_s: float, late_after_s: float, late_share: float) -> int:
    """The fewest workers that keep the objective in that hour."""

    def is_enough(workers: int) -> bool:
        found = simulate(hour, workers=workers, posts_per_s=posts_per_s, late_after_s=late_after_s)
        return found.late_share <= late_share

    low, high = 0, 1
    while not is_enough(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
