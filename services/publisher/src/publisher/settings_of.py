"""A merchant's own settings, over the service's defaults."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from publisher.domain import OnDoubt
from publisher.scheduling.domain import Limits
from publisher.tables import publisher_settings
from social_common.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class MerchantSettings:
    """What a merchant decided; `catch_up_hours` None means the service's default."""

    catch_up_hours: int | None = None
    on_doubt: OnDoubt = OnDoubt.ASK

    @classmethod
    def of(cls, catch_up_hours: int, on_doubt: str) -> Self:
        """From what the API was given."""
        return cls(catch_up_hours, OnDoubt(on_doubt))


async def find(session: ReadSession) -> MerchantSettings:
    """The settings of the session's merchant."""
    row = await session.one_or_none(select(publisher_settings.c.catch_up_hours, publisher_settings.c.on_doubt))
    return MerchantSettings(row["catch_up_hours"], OnDoubt(row["on_doubt"])) if row else MerchantSettings()


async def store(session: WriteSession, user_id: UUID, wanted: MerchantSettings) -> None:
    """Replaces the merchant's settings."""
    values = {"catch_up_hours": wanted.catch_up_hours, "on_doubt": wanted.on_doubt, "updated_at": func.now()}
    statement = insert(publisher_settings).values(user_id=user_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[publisher_settings.c.user_id], set_=values))


async def limits_of(session: ReadSession, default: Limits) -> Limits:
    """How late the merchant's posts may go out."""
    own = await find(session)
    if own.catch_up_hours is None:
        return default
    return replace(default, catch_up=timedelta(hours=own.catch_up_hours))
