"""The steps of a restore in auth-linker: places first, and once all services know them, the tokens."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from auth_linker.erasures.sweeps import Sweeper
from auth_linker.restoring.places import Found, Place, Places, bring
from auth_linker.tokens.service import Refresher
from social_common.db import Database, UserGone
from social_common.events import CloudEvent
from social_platforms.registry import OAuthApps

_SLACK: Final = timedelta(minutes=1)
_BATCH: Final = 500


class PlacesRestorer:
    """Brings auth-linker's tables together with what Kafka and the platforms know. Workers and APIs stand still."""

    def __init__(
        self,
        database: Database,
        *,
        apps: OAuthApps,
        refresher: Refresher,
        stopped_at: datetime,
        concurrency: int,
    ) -> None:
        self._database = database
        self._apps = apps
        self._refresher = refresher
        self._until = stopped_at + _SLACK
        self._turns = asyncio.Semaphore(concurrency)
        self._places = Places()
        self._counts: Counter[str] = Counter()

    @property
    def departed(self) -> frozenset[UUID]:
        """The merchants who left since the backup."""
        return frozenset(self._places.departed)

    def hear(self, event: CloudEvent) -> None:
        """One of auth-linker's own events since the backup."""
        self._places.hear(event)

    async def before_consumers(self, advance: Callable[[int], None]) -> None:
        """Merchants who left leave again; every other place takes its told state."""
        sweeper = Sweeper(self._database)
        for user_id in self.departed:
            self._counts["departed"] += await sweeper.erase(user_id)
        for place in self._places.all():
            if place.newest.user_id not in self.departed:
                self._counts[f"places_{await self._bring(place)}"] += 1
            advance(1)

    async def after_consumers(self, advance: Callable[[int], None], *, departed: frozenset[UUID]) -> None:
        """Every grant that was due while nobody remembers is renewed now; what was spent meanwhile is told as lost."""
        del departed
        async with self._database.system() as session:
            await session.scalar("SELECT retail_b2c.auth_linker_restore_grants(:until)", {"until": self._until})
        seen: set[UUID] = set()
        while rows := await self._due(seen):
            async with asyncio.TaskGroup() as group:
                for grant_id, user_id in rows:
                    group.create_task(self._renew(user_id, grant_id, advance))
            seen |= {grant_id for grant_id, _ in rows}

    def outcome(self) -> Mapping[str, int]:
        """What it came to, in numbers."""
        return {"places_told": len(self._places.all()), "unreadable": self._places.unreadable, **self._counts}

    async def _bring(self, place: Place) -> Found:
        try:
            async with self._database.write(place.newest.user_id) as session:
                return await bring(session, place, self._apps)
        except UserGone:
            return Found.UNKNOWN

    async def _due(self, seen: set[UUID]) -> list[tuple[UUID, UUID]]:
        async with self._database.system() as session:
            rows = await session.all(
                "SELECT grant_id, user_id FROM retail_b2c.auth_linker_refresh_scan(:limit)",
                {"limit": _BATCH + len(seen)},
            )
        return [(row["grant_id"], row["user_id"]) for row in rows if row["grant_id"] not in seen][:_BATCH]

    async def _renew(self, user_id: UUID, grant_id: UUID, advance: Callable[[int], None]) -> None:
        async with self._turns:
            result = await self._refresher.refresh(user_id, grant_id)
        self._counts[f"grants_{result.outcome}"] += 1
        advance(1)
