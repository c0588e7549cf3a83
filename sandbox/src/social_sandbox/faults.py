"""Faults that somebody planned: which calls they hit and what they do.

The kinds with `commit` in their name, `slow` and `trickle` do the work; all others answer (or cut) without doing it.
"""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Operation(StrEnum):
    """What a call is, whatever its platform."""

    AUTHORIZE = "authorize"
    TOKEN = "token"  # noqa: S105  (a name, not a secret)
    REFRESH = "refresh"
    REVOKE = "revoke"
    IDENTITY = "identity"
    MEDIA = "media"
    PUBLISH = "publish"
    READ = "read"
    METRICS = "metrics"
    ANY = "any"


class FaultKind(StrEnum):
    """What goes wrong."""

    COMMIT_THEN_DROP = "commit_then_drop"
    COMMIT_THEN_500 = "commit_then_500"
    DROP = "drop"
    ERROR_500 = "error_500"
    RATE_LIMIT = "rate_limit"
    SLOW = "slow"
    TRICKLE = "trickle"
    REVOKE = "revoke"
    GARBAGE = "garbage"
    HTML = "html"


DEFAULT_DELAYS = {FaultKind.SLOW: timedelta(seconds=5), FaultKind.TRICKLE: timedelta(milliseconds=200)}


@dataclass(slots=True)
class Fault:
    """`count` calls of `operation` at `platform` are still to be hit by `kind`."""

    fault_id: int
    platform: str
    operation: Operation
    kind: FaultKind
    count: int
    delay: timedelta | None = None
    retry_after: timedelta | None = None
    hits: int = 0

    @property
    def pause(self) -> timedelta:
        """How long `slow` waits, or `trickle` between two bytes; nothing for the others unless asked for."""
        return self.delay if self.delay is not None else DEFAULT_DELAYS.get(self.kind, timedelta(0))


@dataclass(slots=True)
class FaultPlan:
    """The faults waiting to happen, oldest first; a call is hit by the first that fits it."""

    waiting: list[Fault] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add(
        self,
        platform: str,
        operation: Operation,
        *,
        kind: FaultKind,
        count: int = 1,
        delay: timedelta | None = None,
        retry_after: timedelta | None = None,
    ) -> Fault:
        """Plan a fault."""
        fault = Fault(next(self._ids), platform, operation, kind, count, delay, retry_after)
        self.waiting.append(fault)
        return fault

    def take(self, platform: str, operation: Operation) -> Fault | None:
        """The fault that hits this call, used up by one."""
        for fault in self.waiting:
            if fault.platform == platform and fault.operation in {operation, Operation.ANY}:
                fault.count -= 1
                fault.hits += 1
                if fault.count <= 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def clear(self, platform: str | None = None) -> None:
        """Forget the faults of a platform, or all."""
        self.waiting = [fault for fault in self.waiting if platform is not None and fault.platform != platform]
