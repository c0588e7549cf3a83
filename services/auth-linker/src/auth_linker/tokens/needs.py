"""Which posts will need a grant's token, and when: so that a token which would not last is renewed before."""

from datetime import datetime, timedelta
from uuid import UUID

from social_common.db import ReadSession, WriteSession


async def note_need(session: WriteSession, *, post_id: UUID, grant_id: UUID, due_at: datetime, revision: int) -> bool:
    """Remembers a post's due time; False for an event older than what is known."""
    row = await session.one_or_none(
        """
        INSERT INTO retail_b2c.token_needs AS known (post_id, user_id, grant_id, due_at, revision)
        VALUES (:post_id, :user_id, :grant_id, :due_at, :revision)
        ON CONFLICT (post_id) DO UPDATE
           SET grant_id = excluded.grant_id, due_at = excluded.due_at, revision = excluded.revision
         WHERE known.revision < excluded.revision
        RETURNING post_id
        """,
        {
            "post_id": post_id,
            "user_id": session.user_id,
            "grant_id": grant_id,
            "due_at": due_at,
            "revision": revision,
        },
    )
    return row is not None


async def forget_past_needs(session: WriteSession, grant_id: UUID) -> None:
    """Drops the grant's posts whose time is over."""
    await session.execute(
        "DELETE FROM retail_b2c.token_needs WHERE grant_id = :grant_id AND due_at < retail_b2c.social_now()",
        {"grant_id": grant_id},
    )


async def first_need(
    session: ReadSession, grant_id: UUID, *, outlived_by: datetime | None, lead: timedelta
) -> datetime | None:
    """The first coming post that a token with that end would not outlast by `lead`."""
    if outlived_by is None:
        return None
    found: datetime | None = await session.scalar(
        "SELECT min(due_at) FROM retail_b2c.token_needs WHERE grant_id = :grant_id"
        " AND due_at > greatest(retail_b2c.social_now(), CAST(:outlived_by AS timestamptz) - CAST(:lead AS interval))",
        {"grant_id": grant_id, "outlived_by": outlived_by, "lead": lead},
    )
    return found
