"""What publisher may spend at a platform: fixed windows counted in one table, on which all replicas draw.

The figures are the platform's facts times publisher's share; what a post draws from which of them its adapter says. An
endpoint may have several windows, and the app one beside each connection's; a zone's day begins at its midnight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping

from social_common.db import Database
from social_platforms._core import PlatformFacts

SHARE_OF: Final = "publisher"

# `may` is what a draw may bring the count to. Late posts leave half of what the rest of an app's window gives to those
# that are on time, so that the backlog of an outage neither goes out as one burst nor burns the limit for everyone.
_GIVEN: Final = """
WITH told AS (
    SELECT w.*, CASE WHEN w.zone = '' THEN to_timestamp(floor(extract(epoch FROM clock_timestamp()) / w.seconds)
        * w.seconds) ELSE date_trunc('day', clock_timestamp(), w.zone) END AS start
    FROM unnest(cast(:subjects AS text[]), cast(:endpoints AS text[]), cast(:windows AS integer[]),
        cast(:zones AS text[]), cast(:units AS integer[]), cast(:most AS integer[]))
        AS w (subject, endpoint, seconds, zone, units, most)
), given AS (
    SELECT t.*, CASE WHEN cast(:is_late AS boolean) AND t.subject = '' THEN least(t.most, greatest(t.units,
        ceil(t.most * (1 + extract(epoch FROM clock_timestamp() - t.start) / t.seconds) / 2)::integer))
        ELSE t.most END AS may
    FROM told t
)
"""
# Rows in one order, so that two replicas never wait for each other in a circle.
_DRAW: Final = f"""{_GIVEN}
INSERT INTO retail_b2c.publisher_budgets AS budget (platform, subject, endpoint, window_s, window_start, used)
SELECT cast(:platform AS text), g.subject, g.endpoint, g.seconds, g.start, g.units
FROM given g WHERE g.units <= g.most ORDER BY g.subject, g.endpoint, g.seconds
ON CONFLICT (platform, subject, endpoint, window_s) DO UPDATE
SET used = excluded.used + CASE WHEN budget.window_start = excluded.window_start THEN budget.used ELSE 0 END,
    window_start = excluded.window_start
WHERE budget.window_start <> excluded.window_start OR budget.used + excluded.used <= (
    SELECT g.may FROM given g
    WHERE g.subject = excluded.subject AND g.endpoint = excluded.endpoint AND g.seconds = excluded.window_s)
RETURNING subject, endpoint, window_s
"""
# Until the window ends; for a late post, where something is left, until some of it is for late posts. That is a
# two-hundredth of the window and not the next unit alone: a backlog is not asked about for every single post.
_WAIT: Final = f"""{_GIVEN}
SELECT g.subject, g.endpoint, g.seconds AS window_s, extract(epoch FROM again.at - clock_timestamp())::float8 AS wait,
    again.at + (retail_b2c.social_now() - now()) AS until
FROM given g
CROSS JOIN LATERAL (SELECT CASE WHEN g.zone = '' THEN g.start + make_interval(secs => g.seconds)
    ELSE (date_trunc('day', clock_timestamp() AT TIME ZONE g.zone) + interval '1 day') AT TIME ZONE g.zone
    END AS at) window_end
CROSS JOIN LATERAL (SELECT coalesce(max(b.used), 0) AS units FROM retail_b2c.publisher_budgets b
    WHERE b.platform = :platform AND b.subject = g.subject AND b.endpoint = g.endpoint AND b.window_s = g.seconds
    AND b.window_start = g.start) used
CROSS JOIN LATERAL (SELECT greatest(clock_timestamp() + interval '1 second', least(window_end.at,
    CASE WHEN g.may < g.most AND used.units + g.units <= g.most THEN g.start + make_interval(
        secs => g.seconds * (2.0 * (used.units + greatest(g.units, g.most / 200)) / g.most - 1))
    ELSE window_end.at END)) AS at) again
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One window of publisher's own share, and what a post draws from it."""

    endpoint: str
    per: str
    most: int
    window: timedelta
    zone: str = ""
    units: int = 1

    @property
    def window_s(self) -> int:
        """The window in whole seconds, as it is stored."""
        return int(self.window.total_seconds())


def allowances(facts: PlatformFacts | None, costs: Mapping[str, int]) -> tuple[Allowance, ...]:
    """The windows from which a post of these costs draws, narrowest subject first."""
    found = [
        Allowance(
            budget.endpoint,
            budget.per,
            int(budget.count * budget.shares.get(SHARE_OF, 0.0)),
            budget.window,
            budget.zone or "",
            costs[budget.endpoint],
        )
        for budget in (facts.budgets if facts is not None else ())
        if costs.get(budget.endpoint, 0) > 0
    ]
    return tuple(sorted(found, key=lambda allowance: (allowance.per == "app", allowance.window)))


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A draw that was refused: for how long, until when (product time), and whether the app's window said so."""

    wait: timedelta
    until: datetime
    is_of_app: bool


class Budgets:
    """Draws on the counts; each draw commits by itself and at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draw(
        self, platform: str, connection_id: UUID, windows: Sequence[Allowance], *, is_late: bool = False
    ) -> Exhausted | None:
        """None when the post may go out now, else how long until there is something for it."""
        if not windows:
            return None
        values = {
            "platform": platform,
            "subjects": [_subject(window, connection_id) for window in windows],
            "endpoints": [window.endpoint for window in windows],
            "windows": [window.window_s for window in windows],
            "zones": [window.zone for window in windows],
            "units": [window.units for window in windows],
            "most": [window.most for window in windows],
            "is_late": is_late,
        }
        try:
            async with self._database.system() as session:
                # Losing the last counts in a crash of the database is harmless, and waiting for the disk is not.
                await session.execute("SET LOCAL synchronous_commit = off")
                drawn = {_key(row) for row in await session.all(_DRAW, values)}
                if len(drawn) < len(windows):
                    # Raising undoes what was drawn on the other windows.
                    _refuse([row for row in await session.all(_WAIT, values) if _key(row) not in drawn])
        except _RefusedError as refused:
            return refused.by
        return None


class _RefusedError(Exception):
    """A window has nothing left for this draw."""

    def __init__(self, by: Exhausted) -> None:
        super().__init__(f"nothing is left for {by.wait}")
        self.by = by


def _refuse(missing: Sequence[RowMapping]) -> None:
    longest = max(missing, key=lambda row: float(row["wait"]))
    wait, until = timedelta(seconds=longest["wait"]), longest["until"].astimezone(UTC)
    raise _RefusedError(Exhausted(wait, until, is_of_app=longest["subject"] == ""))


def _key(row: RowMapping) -> tuple[str, str, int]:
    return row["subject"], row["endpoint"], row["window_s"]


def _subject(window: Allowance, connection_id: UUID) -> str:
    return "" if window.per == "app" else str(connection_id)
