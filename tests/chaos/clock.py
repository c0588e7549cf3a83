"""The product's clock beside the real one: where the nemesis moved it, and how late a post is when it does."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Jump:
    """The product's clock moved by `by`, somewhere between the real times `begun` and `ended`."""

    begun: datetime
    ended: datetime
    by: timedelta


@dataclass(slots=True)
class Clock:
    """Real time plus all jumps so far."""

    jumps: list[Jump] = field(default_factory=list)

    def now(self) -> datetime:
        """The product's time."""
        return datetime.now(UTC) + sum((jump.by for jump in self.jumps), timedelta(0))

    def became_due(self, scheduled_at: datetime) -> datetime:
        """The real time at which the product's clock passed `scheduled_at`; the earliest, where a jump passed it."""
        offset = timedelta(0)
        for jump in self.jumps:
            if scheduled_at - offset <= jump.begun:
                break
            offset += jump.by
            if scheduled_at - offset <= jump.ended:
                return jump.begun
        return scheduled_at - offset
