"""Merchants who left. Supabase's cascade deletes their rows; what has no foreign key is purged here.

A soft-deleted user never cascades: it is found by a scan and ends the same way. Deleting a connection's row notes (by a
trigger, so also inside the cascade) that its traces are to go; they go once its open attempts are settled.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from publisher.tables import publisher_connections, publisher_settings, social_posts
from social_common.db import Database
from social_common.logging import get_logger

_FIRST: Final = UUID(int=0)
_PAGE: Final = 500
_BATCH: Final = 100
_GONE_ALTOGETHER: Final = 2

_log = get_logger()


class Erasing:
    """The scan for users who are gone, and the purge of what they leave behind."""

    def __init__(self, database: Database, *, scan_interval: timedelta) -> None:
        self._database = database
        self._interval = scan_interval
        self._after = _FIRST

    async def find_gone(self) -> timedelta | None:
        """One page of merchants; goes round and round."""
        async with self._database.system() as session:
            rows = await session.all(
                "SELECT owner_id, is_gone FROM retail_b2c.publisher_gone_users(:after, :limit)",
                {"after": self._after, "limit": _PAGE},
            )
        for row in rows:
            if row["is_gone"]:
                await self._forget(row["owner_id"])
        self._after = rows[-1]["owner_id"] if len(rows) == _PAGE else _FIRST
        return timedelta(0) if len(rows) == _PAGE else self._interval

    async def purge_some(self) -> timedelta | None:
        """Purges what may be purged now."""
        async with self._database.system() as session:
            rows = await session.all(
                "SELECT owner_id, connection FROM retail_b2c.publisher_open_erasures(:limit)", {"limit": _BATCH}
            )
        for row in rows:
            await self._purge(row["owner_id"], row["connection"])
        return self._interval

    async def _forget(self, user_id: UUID) -> None:
        """What the cascade would have done for a user who is only marked as deleted."""
        async with self._database.write(user_id) as session:
            for table in (social_posts, publisher_connections, publisher_settings):
                await session.execute(delete(table).where(table.c.user_id == user_id))
        _log.info("gone_merchant_forgotten")

    async def _purge(self, user_id: UUID, connection_id: UUID) -> None:
        async with self._database.system() as session:
            outcome = await session.scalar(
                "SELECT retail_b2c.publisher_purge(:user, :connection)",
                {"user": user_id, "connection": connection_id},
            )
            if outcome == _GONE_ALTOGETHER:
                await session.execute("SELECT retail_b2c.publisher_outbox_forget(:user)", {"user": user_id})
