"""The due loop's work: claim connections that are due, collect them side by side, and come back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from analytics.collecting import repository
from analytics.collecting.repository import Claim
from analytics.collecting.rounds import Round, Sources
from social_common.db import Database
from social_common.logging import get_logger

_log = get_logger()


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects what is due, at most `at_once` connections of a platform at a time."""

    database: Database
    sources: Sources
    at_once: int
    lease_for: timedelta
    new_id: Callable[[], UUID] = uuid4

    async def collect_due(self) -> timedelta | None:
        """One turn over everything due now; zero where more may be due, None where nothing was."""
        async with self.database.system() as session:
            claims = await repository.claim_due(
                session,
                sorted(self.sources.adapters),
                at_most=self.at_once,
                lease_id=self.new_id(),
                lease_for=self.lease_for,
            )
        if not claims:
            return None
        async with asyncio.TaskGroup() as group:
            for claim in claims:
                group.create_task(self._collect(claim))
        return timedelta(0)

    async def _collect(self, claim: Claim) -> None:
        try:
            await Round(self.database, self.sources, claim, self.lease_for).run()
        except Exception:  # noqa: BLE001
            # The lease ends by itself and the connection comes back; its neighbours' rounds must go on meanwhile.
            _log.exception("round_failed", connection_id=str(claim.connection_id), platform=claim.platform)
