"""What operators watch: how much is overdue, how late the oldest is, how much is unsettled."""

import math
from datetime import timedelta

from social_common.db import Database
from social_common.metrics import gauge

_overdue = gauge("publisher_overdue_posts", "Posts past their time that are not in an attempt (up to 10000)")
_oldest = gauge("publisher_oldest_due_seconds", "How long the oldest waiting post is due; negative when none is")
_unsettled = gauge("publisher_unsettled_attempts", "Attempts whose outcome is open (up to 10000)")


def _forget() -> None:
    """Nobody knows: before the first look, in a process that never looks, and while the database is away."""
    for one in (_overdue, _oldest, _unsettled):
        one.set(math.nan)


_forget()


class Gauges:
    """Reads the gauges now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> timedelta | None:
        """Sets them once; raises what the database raises, and then they say NaN."""
        try:
            async with self._database.system() as session:
                row = await session.one("SELECT overdue, oldest_s, unsettled FROM retail_b2c.publisher_gauges()")
        except BaseException:
            _forget()
            raise
        _overdue.set(row["overdue"])
        _oldest.set(row["oldest_s"] if row["oldest_s"] is not None else 0)
        _unsettled.set(row["unsettled"])
        return None
