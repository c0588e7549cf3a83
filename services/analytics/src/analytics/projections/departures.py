"""Merchants who are deleted without a cascade: found by a scan, and forgotten as the cascade would."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from analytics.projections import service
from social_common.db import Database
from social_common.logging import get_logger

_BATCH: Final = 5000
_FIRST: Final = UUID(int=0)
_SCAN: Final = "SELECT gone, last_seen FROM retail_b2c.analytics_deleted_users(:after, :at_most)"

_log = get_logger()


@dataclass(frozen=True, slots=True)
class Departures:
    """The scan for merchants who left."""

    database: Database

    async def forget_departed(self) -> timedelta | None:
        """Looks through all merchants known here, a batch per transaction, and forgets those who are gone."""
        after: UUID | None = _FIRST
        while after is not None:
            async with self.database.system() as session:
                row = await session.one(_SCAN, {"after": after, "at_most": _BATCH})
            for user_id in row["gone"]:
                async with self.database.write(user_id) as session:
                    connections = await service.erase_merchant(session, user_id)
                _log.info("merchant_forgotten", user_id=str(user_id), connections=connections)
            after = row["last_seen"]
        return None
