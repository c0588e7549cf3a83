"""Claims across merchants, through the definer functions that may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from publisher.checkpoints import Publishing
from social_common.db import Database


@dataclass(frozen=True, slots=True)
class ClaimedPost:
    """A post this worker has taken, and how many seconds until it is due (negative when late)."""

    post_id: UUID
    user_id: UUID
    due_in: float


class ClaimQueries:
    """What is due, claimed or asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_due(
        self, owner: str, *, limit: int, per_connection: int, lease: timedelta, ahead: timedelta
    ) -> Sequence[ClaimedPost]:
        """Takes due posts, merchants in turn, at most so many of one connection over all replicas; the latest first."""
        rows = await self._call(
            "SELECT post_id, owner_id, due_in FROM retail_b2c.publisher_claim_posts("
            ":owner, :limit, :per_connection, :lease, :ahead) ORDER BY due_in",
            owner=owner,
            limit=limit,
            per_connection=per_connection,
            lease=lease,
            ahead=ahead,
        )
        return [ClaimedPost(row["post_id"], row["owner_id"], row["due_in"]) for row in rows]

    async def claim_preparing(
        self, owner: str, *, limit: int, lease: timedelta, ahead: timedelta
    ) -> Sequence[ClaimedPost]:
        """Takes posts whose media may be uploaded now, and that are not about to be sent; merchants in turn."""
        rows = await self._call(
            "SELECT post_id, owner_id FROM retail_b2c.publisher_claim_preparing(:owner, :limit, :lease, :ahead)",
            owner=owner,
            limit=limit,
            lease=lease,
            ahead=ahead,
        )
        return [ClaimedPost(row["post_id"], row["owner_id"], 0.0) for row in rows]

    async def claim_looks(self, owner: str, *, limit: int, lease: timedelta) -> Sequence[tuple[UUID, UUID]]:
        """Takes attempts that are to be looked at, merchants in turn: (attempt, merchant)."""
        rows = await self._call(
            "SELECT attempt_id, owner_id FROM retail_b2c.publisher_claim_looks(:owner, :limit, :lease)",
            owner=owner,
            limit=limit,
            lease=lease,
        )
        return [(row["attempt_id"], row["owner_id"]) for row in rows]

    async def claim_discards(self, *, limit: int, again: timedelta) -> Sequence[tuple[UUID, UUID, int]]:
        """Takes preparations that are to be deleted on their platform: (preparation, merchant, tries)."""
        rows = await self._call(
            "SELECT preparation_id, owner_id, tries FROM retail_b2c.publisher_claim_discards(:limit, :again)",
            limit=limit,
            again=again,
        )
        return [(row["preparation_id"], row["owner_id"], row["tries"]) for row in rows]

    async def next_due(self) -> float | None:
        """Seconds until the next post that nobody has taken is due."""
        return await self._seconds("SELECT retail_b2c.publisher_next_due()")

    async def next_preparing(self, ahead: timedelta) -> float | None:
        """Seconds until the next upload may begin."""
        return await self._seconds("SELECT retail_b2c.publisher_next_preparing(:ahead)", ahead=ahead)

    async def next_look(self) -> float | None:
        """Seconds until the next look."""
        return await self._seconds("SELECT retail_b2c.publisher_next_look()")

    async def _call(self, statement: str, **values: Any) -> Sequence[Any]:
        async with self._database.system() as session:
            rows = await session.all(text(statement), values)
            if rows:
                session.marks(Publishing.CLAIM)
        return rows

    async def _seconds(self, statement: str, **values: Any) -> float | None:
        async with self._database.system() as session:
            found = await session.scalar(text(statement), values)
        return None if found is None else float(found)
