"""What publisher may spend at a platform: fixed windows counted in one table, on which all replicas draw.

The figures are the platform's facts times publisher's share; only the endpoint that publishes is counted, because it is
the scarce one. An endpoint may have several windows, and the app one beside each connection's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from social_common.db import Database, ReadSession
from social_platforms._core import Budget, Platform, PlatformFacts

SHARE_OF: Final = "publisher"
PUBLISHING_ENDPOINT: Final[dict[Platform, str]] = {
    Platform.X: "POST /2/tweets",
    Platform.INSTAGRAM: "POST /{ig-id}/media_publish",
    Platform.GITHUB: "create content",
}

# Rows in one order, so that two replicas never wait for each other in a circle.
_DRAW: Final = """
INSERT INTO retail_b2c.publisher_budgets AS budget (platform, subject, endpoint, window_s, window_start, used)
SELECT cast(:platform AS text), w.subject, w.endpoint, w.seconds,
    to_timestamp(floor(extract(epoch FROM clock_timestamp()) / w.seconds) * w.seconds), 1
FROM unnest(cast(:subjects AS text[]), cast(:endpoints AS text[]), cast(:windows AS integer[]),
    cast(:most AS integer[])) AS w (subject, endpoint, seconds, most)
WHERE w.most > 0 ORDER BY w.subject, w.endpoint, w.seconds
ON CONFLICT (platform, subject, endpoint, window_s) DO UPDATE
SET used = CASE WHEN budget.window_start = excluded.window_start THEN budget.used + 1 ELSE 1 END,
    window_start = excluded.window_start
WHERE budget.window_start <> excluded.window_start OR budget.used < (
    SELECT l.most FROM unnest(cast(:subjects AS text[]), cast(:endpoints AS text[]), cast(:windows AS integer[]),
        cast(:most AS integer[])) AS l (subject, endpoint, seconds, most)
    WHERE l.subject = excluded.subject AND l.endpoint = excluded.endpoint AND l.seconds = excluded.window_s)
RETURNING subject, endpoint, window_s
"""
_REST_OF_WINDOW: Final = """
SELECT cast(given.seconds - mod(extract(epoch FROM clock_timestamp()), given.seconds) AS double precision)
FROM (SELECT cast(:window_s AS integer) AS seconds) given
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One window of publisher's own share."""

    endpoint: str
    per: str
    most: int
    window: timedelta

    @property
    def window_s(self) -> int:
        """The window in whole seconds, as it is stored."""
        return int(self.window.total_seconds())


def allowances(facts: PlatformFacts) -> tuple[Allowance, ...]:
    """The windows that limit publishing on a platform, narrowest subject first."""
    endpoint = PUBLISHING_ENDPOINT.get(facts.platform)
    found = [_allowance(budget) for budget in facts.budgets if budget.endpoint == endpoint]
    return tuple(sorted(found, key=lambda allowance: (allowance.per == "app", allowance.window)))


def _allowance(budget: Budget) -> Allowance:
    most = int(budget.count * budget.shares.get(SHARE_OF, 0.0))
    return Allowance(budget.endpoint, budget.per, most, budget.window)


class Budgets:
    """Draws on the counts; each draw commits by itself and at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draw(self, platform: str, connection_id: UUID, windows: Sequence[Allowance]) -> timedelta | None:
        """None when one publishing call may be made now, else how long until the exhausted window ends."""
        if not windows:
            return None
        values = {
            "platform": platform,
            "subjects": [_subject(window, connection_id) for window in windows],
            "endpoints": [window.endpoint for window in windows],
            "windows": [window.window_s for window in windows],
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
    seconds = await session.scalar(_REST_OF_WINDOW, {"window_s": window.window_s})
    return timedelta(seconds=float(seconds))


def _subject(window: Allowance, connection_id: UUID) -> str:
    return "" if window.per == "app" else str(connection_id)
