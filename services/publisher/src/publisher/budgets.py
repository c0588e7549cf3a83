"""What publisher may spend at a platform: fixed windows counted in one table, on which all replicas draw.

The figures are the platform's facts times publisher's share; what a post draws from which of them its adapter says. An
endpoint may have several windows, and the app one beside each connection's; a zone's day begins at its midnight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from social_common.db import Database, ReadSession
from social_platforms._core import PlatformFacts

SHARE_OF: Final = "publisher"

# Rows in one order, so that two replicas never wait for each other in a circle.
_DRAW: Final = """
INSERT INTO retail_b2c.publisher_budgets AS budget (platform, subject, endpoint, window_s, window_start, used)
SELECT cast(:platform AS text), w.subject, w.endpoint, w.seconds,
    CASE WHEN w.zone = '' THEN to_timestamp(floor(extract(epoch FROM clock_timestamp()) / w.seconds) * w.seconds)
        ELSE date_trunc('day', clock_timestamp(), w.zone) END, w.units
FROM unnest(cast(:subjects AS text[]), cast(:endpoints AS text[]), cast(:windows AS integer[]),
    cast(:zones AS text[]), cast(:units AS integer[]), cast(:most AS integer[]))
    AS w (subject, endpoint, seconds, zone, units, most)
WHERE w.units <= w.most ORDER BY w.subject, w.endpoint, w.seconds
ON CONFLICT (platform, subject, endpoint, window_s) DO UPDATE
SET used = excluded.used + CASE WHEN budget.window_start = excluded.window_start THEN budget.used ELSE 0 END,
    window_start = excluded.window_start
WHERE budget.window_start <> excluded.window_start OR budget.used + excluded.used <= (
    SELECT l.most FROM unnest(cast(:subjects AS text[]), cast(:endpoints AS text[]), cast(:windows AS integer[]),
        cast(:most AS integer[])) AS l (subject, endpoint, seconds, most)
    WHERE l.subject = excluded.subject AND l.endpoint = excluded.endpoint AND l.seconds = excluded.window_s)
RETURNING subject, endpoint, window_s
"""
_REST_OF_WINDOW: Final = """
SELECT cast(CASE WHEN given.zone = '' THEN given.seconds - mod(extract(epoch FROM clock_timestamp()), given.seconds)
    ELSE extract(epoch FROM (date_trunc('day', clock_timestamp() AT TIME ZONE given.zone) + interval '1 day')
        AT TIME ZONE given.zone - clock_timestamp()) END AS double precision)
FROM (SELECT cast(:window_s AS integer) AS seconds, cast(:zone AS text) AS zone) given
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


class Budgets:
    """Draws on the counts; each draw commits by itself and at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draw(self, platform: str, connection_id: UUID, windows: Sequence[Allowance]) -> timedelta | None:
        """None when the post may go out now, else how long until the exhausted window ends."""
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
        }
        try:
            async with self._database.system() as session:
                # Losing the last counts in a crash of the database is harmless, and waiting for the disk is not.
                await session.execute("SET LOCAL synchronous_commit = off")
                rows = await session.all(_DRAW, values)
                drawn = {(row["subject"], row["endpoint"], row["window_s"]) for row in rows}
                missing = [
                    window
                    for window in windows
                    if (_subject(window, connection_id), window.endpoint, window.window_s) not in drawn
                ]
                # Raising undoes what was drawn on the other windows.
                await _refuse_exhausted(session, missing)
        except _ExhaustedError as exhausted:
            return exhausted.wait
        return None


class _ExhaustedError(Exception):
    """A window has nothing left; `wait` until it ends."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"nothing is left for {wait}")
        self.wait = wait


async def _refuse_exhausted(session: ReadSession, missing: Sequence[Allowance]) -> None:
    if missing:
        raise _ExhaustedError(max([await _rest(session, window) for window in missing]))


async def _rest(session: ReadSession, window: Allowance) -> timedelta:
    seconds = await session.scalar(_REST_OF_WINDOW, {"window_s": window.window_s, "zone": window.zone})
    return timedelta(seconds=float(seconds))


def _subject(window: Allowance, connection_id: UUID) -> str:
    return "" if window.per == "app" else str(connection_id)
