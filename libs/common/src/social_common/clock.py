"""Product time: what is due, how old a token is. The database decides; only a development one can be moved."""

from datetime import UTC, datetime
from typing import Literal

from social_common.db import Database


class MovableClockRefused(Exception):
    """Production was started on a database whose clock can be moved."""


class ProductClock:
    """Product time for code outside SQL; SQL itself uses `retail_b2c.social_now()`."""

    def __init__(self, database: Database, *, environment: Literal["development", "production"]) -> None:
        self._database = database
        self._environment = environment

    async def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        if self._environment == "production":
            return datetime.now(UTC)
        async with self._database.read(None) as session:
            moment: datetime = await session.scalar("SELECT retail_b2c.social_now()")
        return moment.astimezone(UTC)


async def refuse_movable_clock(database: Database, *, environment: str) -> None:
    """Raise in production where a development bootstrap left its clock; called before anything starts."""
    if environment != "production":
        return
    async with database.read(None) as session:
        movable = await session.scalar("SELECT to_regclass('retail_b2c.social_clock') IS NOT NULL")
    if movable:
        raise MovableClockRefused(
            "this database has a movable clock (retail_b2c.social_clock), left by a development bootstrap: "
            "production does not run on it"
        )
