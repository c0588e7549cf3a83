"""What looking at an account leaves in the ledger: each look, when the next one is, and when nobody looks any more."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, func, select, update

from publisher.checkpoints import Publishing
from publisher.domain import Outcome, SettledBy
from publisher.publishing.ledger import IN_DOUBT, Attempt
from publisher.tables import publisher_attempts as attempts
from social_common.db import ReadSession, WriteSession


async def age_of(session: ReadSession, attempt: Attempt) -> timedelta:
    """How long ago it was begun, by the clock that wrote its beginning."""
    age: timedelta | None = await session.scalar(
        select(func.clock_timestamp() - attempts.c.started_at).where(attempts.c.id == attempt.id)
    )
    return age or timedelta(0)


async def note_look(
    session: WriteSession, attempt: Attempt, *, seen: str, detail: str, counts: bool, look_after: timedelta | None
) -> None:
    """Writes down one look, and when the next one is."""
    session.marks(Publishing.LOOK, attempt.platform)
    now = func.clock_timestamp()
    look = func.jsonb_build_object("at", now, "found", seen, "detail", detail)
    await session.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id)
        .values(
            # The list of a post that is looked at for a day must not grow without end.
            looks=case(
                (func.jsonb_array_length(attempts.c.looks) < 50, attempts.c.looks.op("||")(look)),  # noqa: PLR2004
                else_=attempts.c.looks,
            ),
            looks_done=attempts.c.looks_done + (1 if counts else 0),
            owner=None,
            lease_until=None,
            next_look_at=None if look_after is None else now + look_after,
        )
    )


async def let_go(session: WriteSession, attempt: Attempt) -> None:
    """Gives up the claim of a look that was not made; it stays due."""
    await session.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.owner == attempt.owner)
        .values(owner=None, lease_until=None)
    )


async def drop_looks(session: WriteSession, post_id: UUID) -> None:
    """Stops looking for older attempts of a post that is sent anew or was decided by its merchant."""
    await session.execute(
        update(attempts)
        .where(attempts.c.post_id == post_id, attempts.c.finished_at.is_not(None))
        .values(next_look_at=None, owner=None, lease_until=None)
    )


async def look_late(session: WriteSession, post_id: UUID, *, after: timedelta | None) -> None:
    """Has the post's attempts that nobody can tell about looked at again, although a later one is over; None: never."""
    await session.execute(
        update(attempts)
        .where(
            attempts.c.post_id == post_id,
            attempts.c.finished_at.is_not(None),
            attempts.c.outcome.in_(IN_DOUBT),
            attempts.c.next_look_at.is_(None),
        )
        .values(looks_done=0, next_look_at=None if after is None else func.clock_timestamp() + after)
    )


async def end_doubts(session: WriteSession, post_id: UUID) -> None:
    """The merchant's word is about the post: no attempt of it is in doubt any more, whichever it was."""
    await session.execute(
        update(attempts)
        .where(
            attempts.c.post_id == post_id,
            attempts.c.finished_at.is_not(None),
            attempts.c.outcome.in_(IN_DOUBT),
        )
        .values(outcome=Outcome.RESOLVED, settled_by=SettledBy.MERCHANT)
    )
