"""The sandbox's time: real time plus an offset that `POST /_control/clock` moves.

Everything a simulator does with time (codes, tokens, lags, windows, growth of metrics) reads this clock, never the
system's, so that one call moves a whole platform by a month.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """The system's time, aware and in UTC."""
    return datetime.now(UTC)


class SandboxClock:
    """Real time plus `offset`."""

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self._source = source
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The present moment of the simulated world, aware and in UTC."""
        return self._source() + self.offset

    def timestamp(self) -> float:
        """The same moment as seconds since the epoch."""
        return self.now().timestamp()

    def advance(self, step: timedelta) -> datetime:
        """Move time forward (or back) by `step`; answers with the new present."""
        self.offset += step
        return self.now()
