"""What the other slices may ask of collecting: when something is due, and to look at a connection anew."""

from datetime import datetime
from uuid import UUID

from analytics.collecting import repository
from analytics.collecting.domain import Schedule, Schedules
from social_common.db import WriteSession

__all__ = ["Schedules", "first_due", "reschedule", "schedule_post"]


async def first_due(
    session: WriteSession, schedule: Schedule, *, kind: str | None, posted_at: datetime
) -> datetime | None:
    """When a post that just became known is read first; None where its platform reports nothing of posts."""
    if not schedule.reads_posts:
        return None
    now = await repository.product_now(session)
    return schedule.first_post_due(kind=kind, posted_at=posted_at, now=now)


async def schedule_post(session: WriteSession, post_id: UUID, *, due_at: datetime | None) -> None:
    """When the post is read next; None: never, there is nothing to read. `reschedule` its connection afterwards."""
    await repository.schedule_post(session, post_id, due_at=due_at)


async def reschedule(session: WriteSession, connection_id: UUID) -> None:
    """Computes anew when the connection is looked at; the caller holds its row's lock."""
    await repository.reschedule(session, connection_id)
