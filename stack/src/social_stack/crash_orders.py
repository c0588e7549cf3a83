"""What a crashing process is told: at which moment of which write it ends, or stands still for a while.

Orders lie as files in a folder. Whoever passes the moment first moves the file away, which only one process can, and
obeys; so each order is carried out once, whatever number of replicas looks at the folder.
"""

import importlib
import importlib.util
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from social_common.checkpoints import Effect, Plumbing, Side

Obey = Callable[[float | None], None]
"""What carries an order out: stands still for so many seconds, or ends where there are none."""


class UnknownPoint(Exception):
    """There is no such moment in that service; the text names those that there are."""


def effects_of(service: str) -> tuple[Effect, ...]:
    """Every write of a service that others can see, as its code declares them."""
    module = f"{service.replace('-', '_')}.checkpoints"
    own: list[Effect] = []
    if importlib.util.find_spec(module) is not None:
        found = vars(importlib.import_module(module)).values()
        own = [e for kind in found if isinstance(kind, type) and issubclass(kind, Effect) for e in kind]
    return (*Plumbing, *own)


def points_of(service: str) -> tuple[str, ...]:
    """The names of the moments: each write's two."""
    return tuple(point_name(effect, side) for effect in effects_of(service) for side in Side)


def point_name(effect: Effect, side: Side) -> str:
    """How a moment is called: `post.publish.after`."""
    return f"{effect}.{side}"


@dataclass(frozen=True, slots=True)
class Order:
    """One order: the moment, whose (a platform's or topic's; empty for any), and at which passing of it."""

    point: str
    about: str = ""
    nth: int = 1
    pause: float | None = None

    @classmethod
    def parse(cls, text: str, *, service: str, pause: float | None = None) -> Self:
        """Reads `post.publish.after`, `post.publish.after@x`, `post.publish.after@x:2`; raises UnknownPoint."""
        name, _, nth = text.partition(":")
        point, _, about = name.partition("@")
        if point not in points_of(service) or (nth and not (nth.isdecimal() and int(nth))):
            known = ", ".join(points_of(service))
            raise UnknownPoint(f"{text!r} is no moment of {service}; there are {known} (each with @about and :n).")
        return cls(point, about, int(nth or 1), pause)

    @property
    def file(self) -> str:
        """Its file's name."""
        return f"{self.point}@{self.about}" if self.about else self.point


class OrderFolder:
    """The folder through which a harness orders."""

    def __init__(self, folder: Path) -> None:
        self._waiting = folder / "waiting"
        self._taken = folder / "taken"
        for made in (self._waiting, self._taken):
            made.mkdir(parents=True, exist_ok=True)

    def give(self, order: Order) -> None:
        """Orders; it counts from the next passing on."""
        (self._taken / order.file).unlink(missing_ok=True)
        (self._waiting / order.file).write_text("" if order.pause is None else str(order.pause))

    def withdraw(self, order: Order) -> None:
        """Takes an order back that nobody has obeyed."""
        (self._waiting / order.file).unlink(missing_ok=True)

    def is_taken(self, order: Order) -> bool:
        """Whether some process obeyed."""
        return (self._taken / order.file).exists()

    def take(self, point: str, about: str) -> Order | None:
        """The order for this moment, which from now on is the caller's."""
        for order in (Order(point, about), Order(point)):
            try:
                taken = (self._waiting / order.file).rename(self._taken / order.file)
            except FileNotFoundError:
                continue
            text = taken.read_text()
            return Order(point, order.about, pause=float(text) if text else None)
        return None


class Passing:
    """Takes the place of `social_common.checkpoints.passing` in one process."""

    def __init__(self, obey: Obey, *, at: Sequence[Order] = (), folder: OrderFolder | None = None) -> None:
        self._obey = obey
        self._at = tuple(at)
        self._folder = folder
        self._passed: Counter[Order] = Counter()

    def __call__(self, effect: Effect, side: Side, about: str = "") -> None:
        """Obeys, if there is an order for this moment."""
        point = point_name(effect, side)
        for order in self._at:
            if order.point == point and order.about in {"", about}:
                self._passed[order] += 1
                if self._passed[order] == order.nth:
                    self._obey(order.pause)
        if self._folder is not None and (found := self._folder.take(point, about)) is not None:
            self._obey(found.pause)
