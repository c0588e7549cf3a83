"""What workers do to grants unasked, among all merchants: refresh those that are due, look at the places of others."""

import asyncio
from datetime import timedelta
from uuid import UUID

from auth_linker.grants import service as grants
from auth_linker.tokens.looking import Looker
from auth_linker.tokens.metrics import LOOKS, OVERDUE
from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.results import Outcome
from social_common.db import Database
from social_common.logging import get_logger

_log = get_logger()


class RefreshLoop:
    """One look for due grants; safe to run in any number of workers, for each grant has a lease."""

    def __init__(self, database: Database, *, refresher: Refresher, batch: int, concurrency: int) -> None:
        self._database = database
        self._refresher = refresher
        self._batch = batch
        self._concurrency = concurrency

    async def run_once(self) -> timedelta | None:
        """Refreshes a batch; returns at once for the next one when it was full."""
        async with self._database.system() as session:
            rows = await session.all(
                "SELECT grant_id, user_id, overdue FROM retail_b2c.auth_linker_refresh_scan(:limit)",
                {"limit": self._batch},
            )
        OVERDUE.set(max((row["overdue"].total_seconds() for row in rows), default=0.0))
        turns = asyncio.Semaphore(self._concurrency)

        async def take(user_id: UUID, grant_id: UUID) -> None:
            async with turns:
                try:
                    await self._refresher.refresh(user_id, grant_id)
                except Exception:  # noqa: BLE001 - logged; the others still need their refresh
                    _log.exception("refresh_crashed", grant_id=str(grant_id))

        async with asyncio.TaskGroup() as group:
            for row in rows:
                group.create_task(take(row["user_id"], row["grant_id"]))
        return timedelta(0) if len(rows) == self._batch else None


class PlacesLoop:
    """One look for grants whose places nobody has looked at for an interval; each is claimed by one worker alone."""

    def __init__(
        self, database: Database, *, looker: Looker, interval: timedelta, retry: timedelta, batch: int, concurrency: int
    ) -> None:
        self._database = database
        self._looker = looker
        self._interval = interval
        self._retry = retry
        self._batch = batch
        self._concurrency = concurrency

    async def run_once(self) -> timedelta | None:
        """Looks at a batch; returns at once for the next one when it was full."""
        async with self._database.system() as session:
            rows = await session.all(
                "SELECT grant_id, user_id FROM retail_b2c.auth_linker_claim_places(:limit, :interval)",
                {"limit": self._batch, "interval": self._interval},
            )
        turns = asyncio.Semaphore(self._concurrency)

        async def take(user_id: UUID, grant_id: UUID) -> None:
            async with turns:
                try:
                    await self._look(user_id, grant_id)
                except Exception:  # noqa: BLE001 - logged; the others are still to be looked at
                    _log.exception("look_crashed", grant_id=str(grant_id))

        async with asyncio.TaskGroup() as group:
            for row in rows:
                group.create_task(take(row["user_id"], row["grant_id"]))
        return timedelta(0) if len(rows) == self._batch else None

    async def _look(self, user_id: UUID, grant_id: UUID) -> None:
        result = await self._looker.look(user_id, grant_id)
        LOOKS.labels(result.outcome).inc()
        if result.outcome is not Outcome.FAILED:
            return
        wait = max(self._retry, result.wait or timedelta(0))
        async with self._database.write(user_id) as session:
            await grants.see_places_in(session, grants.GrantId(grant_id), wait=wait, interval=self._interval)
