"""The inbox: an event counts once per consumer, because its id is a row of the handler's own transaction."""

from sqlalchemy import text

from social_common.checkpoints import Plumbing
from social_common.db import SCHEMA, WriteSession
from social_common.events import CloudEvent


async def first_time(session: WriteSession, *, consumer: str, event: CloudEvent) -> bool:
    """Whether this consumer sees the event for the first time; call it first in the handler's transaction.

    A second transaction with the same event waits here until the first one has ended.
    """
    session.marks(Plumbing.INBOX, event.topic)
    result = await session.execute(
        text(
            f"INSERT INTO {SCHEMA}.{session.service}_inbox (consumer, source, event_id) "
            "VALUES (:consumer, :source, :event_id) ON CONFLICT DO NOTHING"
        ),
        {"consumer": consumer, "source": event.source, "event_id": event.id},
    )
    return result.rowcount == 1


async def forget(session: WriteSession, *, consumer: str) -> int:
    """Clear a consumer's inbox, so that a replay with the same ids rebuilds its projection."""
    result = await session.execute(
        text(f"DELETE FROM {SCHEMA}.{session.service}_inbox WHERE consumer = :consumer"),
        {"consumer": consumer},
    )
    return result.rowcount
