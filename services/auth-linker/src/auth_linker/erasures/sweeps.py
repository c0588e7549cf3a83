"""What ends without anyone asking: links never finished, merchants deleted softly, and traces of those who left."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from social_common.db import Database
from social_common.logging import get_logger

_BATCH: Final = 100
_WINDOW: Final = 5000

_log = get_logger()


class Sweeper:
    """Looks for such ends among all merchants and ends each under its merchant's claims.

    A deleted row's trigger does the rest: it queues the revocation and writes the event, as in Supabase's own cascade.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after: UUID | None = None

    async def end_unfinished_links(self) -> timedelta | None:
        """Deletes link attempts past their time; what they hold is revoked if nobody else rests on it."""
        async with self._database.system() as session:
            rows = await session.all(
                "SELECT attempt_id, user_id FROM retail_b2c.auth_linker_unfinished_links(:limit)", {"limit": _BATCH}
            )
        for row in rows:
            async with self._database.write(row["user_id"]) as session:
                await session.execute(
                    "DELETE FROM retail_b2c.link_attempts WHERE id = :id AND expires_at <= retail_b2c.social_now()",
                    {"id": row["attempt_id"]},
                )
        return timedelta(0) if len(rows) == _BATCH else None

    async def end_deleted_users(self) -> timedelta | None:
        """Ends merchants whom a soft delete left behind, as the cascade would have.

        One window of merchants a turn, with a rest after each: going through all of them is never in a hurry.
        """
        async with self._database.system() as session:
            row = await session.one(
                "SELECT gone, last_user FROM retail_b2c.auth_linker_gone_users(CAST(:after AS uuid), :limit)",
                {"after": self._after, "limit": _WINDOW},
            )
        for user_id in row["gone"]:
            await self.erase(user_id)
        self._after = row["last_user"]
        return None

    async def erase(self, user_id: UUID) -> bool:
        """Whether there was anything of the merchant, which is gone now."""
        rows = 0
        async with self._database.write(user_id) as session:
            for table in ("link_attempts", "social_connections", "grants", "auth_linker_idempotency"):
                done = await session.execute(f"DELETE FROM retail_b2c.{table} WHERE user_id = :id", {"id": user_id})
                rows += done.rowcount
        _log.info("merchant_erased", user_id=str(user_id))
        return rows > 0

    async def purge_erased(self) -> timedelta | None:
        """Takes what is left of erased merchants out of the outbox, once all of it was sent."""
        async with self._database.system() as session:
            purged = await session.scalar("SELECT retail_b2c.auth_linker_purge_erased(:limit)", {"limit": _BATCH})
        return timedelta(0) if purged == _BATCH else None
