"""What operators watch: what is overdue and unsettled, posts by state, and what is left of the platforms' limits."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from prometheus_client import Gauge

from publisher.budgets import SHARE_OF
from publisher.domain import Status
from social_common.db import Database
from social_common.metrics import gauge
from social_platforms._core import PlatformFacts

_overdue = gauge("publisher_overdue_posts", "Posts past their time that are not in an attempt (up to 10000)")
_oldest = gauge("publisher_oldest_due_seconds", "How long the oldest waiting post is due; negative when none is")
_unsettled = gauge("publisher_unsettled_attempts", "Attempts whose outcome is open (up to 10000)")
_posts = gauge("publisher_posts", "Posts by state; an estimate where there are very many", ("platform", "status"))
_unknown = gauge("publisher_unknown_oldest_seconds", "How long the oldest unknown post has been unknown", ("platform",))
_left = gauge(
    "publisher_rate_left_ratio",
    "Least share that is left of a limit on the whole app, as we count it or as the platform told us",
    ("platform", "counted_by"),
)
_limited = gauge("publisher_limited", "Limits that keep posts from being published now", ("platform", "scope"))

# Windows of the whole app only: that a merchant has used up an account's own limit concerns nobody else.
_USED: Final = """
SELECT platform, endpoint, window_s, used FROM retail_b2c.publisher_budgets
WHERE subject = '' AND window_start + make_interval(secs => window_s) > clock_timestamp()"""
_TOLD: Final = """
SELECT platform, min(remaining::float8 / most)::float8 AS share FROM retail_b2c.publisher_rates
WHERE subject = '' AND most > 0 AND until > clock_timestamp() GROUP BY platform"""
_HOLDS: Final = """
SELECT platform, CASE WHEN subject = '' THEN 'app' ELSE 'account' END AS scope, count(*) AS holds
FROM retail_b2c.publisher_holds WHERE operation = 'publish' AND until > clock_timestamp() GROUP BY 1, 2"""


def _forget(*gauges: Gauge) -> None:
    """Nobody knows: before the first look, in a process that never looks, and while the database is away."""
    for one in gauges:
        one.set(math.nan)


_forget(_overdue, _oldest, _unsettled)


class Gauges:
    """Reads the gauges now and then; a number that nobody knows any more is gone or NaN, never the last one."""

    def __init__(self, database: Database, facts: Mapping[str, PlatformFacts]) -> None:
        self._database = database
        self._facts = facts

    async def read(self) -> timedelta | None:
        """Sets what is due once; raises what the database raises, and then they say NaN."""
        try:
            async with self._database.system() as session:
                row = await session.one("SELECT overdue, oldest_s, unsettled FROM retail_b2c.publisher_gauges()")
        except BaseException:
            _forget(_overdue, _oldest, _unsettled)
            raise
        _overdue.set(row["overdue"])
        _oldest.set(row["oldest_s"] if row["oldest_s"] is not None else 0)
        _unsettled.set(row["unsettled"])
        return None

    async def read_states(self) -> timedelta | None:
        """Sets posts by state and the age of unknown ones: a look at a part of the table, so it is done rarely."""
        try:
            async with self._database.system() as session:
                rows = await session.all(
                    "SELECT platform, status, posts, oldest_s FROM retail_b2c.publisher_posts_by_state()"
                )
        except BaseException:
            _posts.clear()
            _unknown.clear()
            raise
        found = {(row["platform"], row["status"]): row for row in rows}
        for platform in self._facts:
            for status in Status:
                row = found.get((platform, status.value))
                _posts.labels(platform, status.value).set(row["posts"] if row else 0)
                if status is Status.UNKNOWN:
                    _unknown.labels(platform).set(max(0.0, row["oldest_s"]) if row else 0)
        return None

    async def read_limits(self) -> timedelta | None:
        """Sets what is left of limits on the whole app, and how many limits hold posts back."""
        try:
            async with self._database.system() as session:
                used = await session.all(_USED)
                told = await session.all(_TOLD)
                holds = await session.all(_HOLDS)
        finally:
            for one in (_left, _limited):
                one.clear()
        spent = {(row["platform"], row["endpoint"], row["window_s"]): row["used"] for row in used}
        for platform, facts in self._facts.items():
            if (share := _share_left(platform, facts, spent)) is not None:
                _left.labels(platform, "us").set(share)
            for scope in ("app", "account"):
                _limited.labels(platform, scope).set(0)
        for row in told:
            _left.labels(row["platform"], "platform").set(row["share"])
        for row in holds:
            _limited.labels(row["platform"], row["scope"]).set(row["holds"])
        return None


def _share_left(platform: str, facts: PlatformFacts, spent: Mapping[tuple[Any, ...], int]) -> float | None:
    """Of publisher's own windows on the app the one with the least left; None where there is no such window."""
    shares = []
    for budget in facts.budgets:
        most = int(budget.count * budget.shares.get(SHARE_OF, 0.0))
        if budget.per == "app" and most > 0:
            used = spent.get((platform, budget.endpoint, int(budget.window.total_seconds())), 0)
            shares.append(max(0.0, 1 - used / most))
    return min(shares, default=None)
