"""Keeping the tables of time: partitions ahead, raw answers gone when their terms say so, and the backlog in sight."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from social_common.db import Database
from social_common.logging import get_logger
from social_common.metrics import gauge

# Raw answers lie in the month they must go in, so there are months ahead for the longest retention of any platform.
MONTHS_AHEAD: Final = 7
# Longer than topics keep events and the outbox together: an event that can still come back finds the end noted.
KEEP_ERASURES: Final = timedelta(days=90)

_log = get_logger()
_due = gauge("social_analytics_due_connections", "Connections waiting to be collected", ("platform",))
_lag = gauge("social_analytics_due_lag_seconds", "How long the oldest of them waits", ("platform",))


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The housekeeping of a worker, safe on any number of replicas."""

    database: Database
    platforms: tuple[str, ...]

    async def keep_tables(self) -> timedelta | None:
        """Makes the months ahead, drops those of raw answers that ended, and deletes what has aged."""
        async with self.database.system() as session:
            await session.execute("SELECT retail_b2c.analytics_make_months(:ahead)", {"ahead": MONTHS_AHEAD})
        async with self.database.system() as session:
            dropped = await session.scalar("SELECT retail_b2c.analytics_drop_raw_months()")
        async with self.database.system() as session:
            purged = await session.scalar("SELECT retail_b2c.analytics_purge(:keep)", {"keep": KEEP_ERASURES})
        _log.info("tables_kept", months_dropped=dropped, rows_purged=purged)
        return None

    async def show_backlog(self) -> timedelta | None:
        """Sets the gauges of what is due."""
        async with self.database.system() as session:
            rows = await session.all(
                "SELECT platform, connections, oldest, retail_b2c.social_now() AS now "
                "FROM retail_b2c.analytics_backlog()"
            )
        waiting = {row["platform"]: row for row in rows}
        for platform in self.platforms:
            row = waiting.get(platform)
            _due.labels(platform).set(row["connections"] if row else 0)
            _lag.labels(platform).set(_seconds(row["now"], row["oldest"]) if row else 0)
        return None


def _seconds(now: datetime, oldest: datetime) -> float:
    return max(0.0, (now.astimezone(UTC) - oldest.astimezone(UTC)).total_seconds())
