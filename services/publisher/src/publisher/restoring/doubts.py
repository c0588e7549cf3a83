"""Posts whose time came after the backup and of which Kafka tells no end: they may be out, and are looked for.

Each gets an attempt that nobody remembers: sent, for all we know, when its time came. From there it goes as with a
sender that vanished: the account is read back, and what is not found is the merchant's to decide.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, insert, select

from publisher import posts
from publisher.announcements import announce_failed
from publisher.domain import WAITING, AttemptId, Outcome, Problem, Status, Step
from publisher.posts import Post
from publisher.publishing import ledger
from publisher.tables import publisher_attempts as attempts
from publisher.tables import publisher_preparations as preparations
from social_common.db import Database, WriteSession

MAY_BE_OUT: Final = Problem(
    "outcome_unknown",
    "Our records of the time when this was due are lost, and nobody can tell whether it was published.",
    "Look at the account; then say whether the post is there, or send it again.",
)
_PAGE: Final = 500
_FIRST: Final = UUID(int=0)


class Doubted(StrEnum):
    """What became of one post that may be out."""

    LOOKED_FOR = "looked_for"
    UNKNOWN = "unknown"  # an equal one is being looked for already: what is found would be that one's
    NOT_WAITING = "not_waiting"


async def mark_open_attempts(database: Database) -> int:
    """What was open or in doubt at the backup may have ended since: its handle is no proof any more. Repeatable."""
    async with database.system() as session:
        marked: int = await session.scalar("SELECT retail_b2c.publisher_restore_mark()")
    return marked


async def find_due(database: Database, *, until: datetime, after: UUID = _FIRST) -> list[tuple[UUID, UUID]]:
    """Some posts that wait although their time came by then (real time): (post, merchant), in the order of ids."""
    async with database.system() as session:
        rows = await session.all(
            "SELECT post_id, owner_id FROM retail_b2c.publisher_restore_due(:until, :after, :limit)",
            {"until": until, "after": after, "limit": _PAGE},
        )
    return [(row["post_id"], row["owner_id"]) for row in rows]


async def doubt(session: WriteSession, post_id: UUID) -> Doubted:
    """Take one waiting post for one that was sent. Its row is locked first."""
    post = await posts.lock(session, post_id)
    if post is None or post.status not in WAITING:
        return Doubted.NOT_WAITING
    now = await posts.product_now(session)
    sent_at = min(moment for moment in (post.scheduled_at, post.due_at, now) if moment is not None)
    if post.status is Status.HELD:
        post = await posts.save(session, post, post.moved(Status.SCHEDULED, due_at=now))
    sending = post.moved(Status.PUBLISHING, step=Step.SETTLING, attempts=post.attempts + 1, error=None)
    post = await posts.save(session, post, sending)
    # What lay prepared may be what went out: nothing of it is deleted on the platform.
    await session.execute(delete(preparations).where(preparations.c.post_id == post.id))
    is_alone = not await _has_equal_in_flight(session, post)
    await _write_attempt(session, post, sent_at, is_open=is_alone)
    if is_alone:
        return Doubted.LOOKED_FOR
    unknown = await posts.save(session, post, post.moved(Status.UNKNOWN, error=MAY_BE_OUT.as_json()))
    await announce_failed(session, unknown, at=now)
    return Doubted.UNKNOWN


async def _has_equal_in_flight(session: WriteSession, post: Post) -> bool:
    meant = ledger.of_post(post)["fingerprint"]
    equal = exists().where(
        attempts.c.connection_id == post.connection_id,
        attempts.c.fingerprint == meant,
        attempts.c.finished_at.is_(None),
    )
    return bool(await session.scalar(select(equal)))


async def _write_attempt(session: WriteSession, post: Post, sent_at: datetime, *, is_open: bool) -> None:
    now = func.clock_timestamp()
    values: dict[str, Any] = {
        "id": AttemptId(uuid4()),
        **ledger.of_post(post),
        "step": Step.SETTLING,
        "started_at": now,
        "deadline": now,
        "bytes_sent": True,
        "outcome": Outcome.DOUBTFUL if is_open else Outcome.UNKNOWN,
        "finished_at": None if is_open else now,
        "error": MAY_BE_OUT.as_entry(),
        "next_look_at": now,
        "sent_at": sent_at,
        "prepared_at": sent_at,
        "may_be_duplicate": post.may_be_duplicate,
        "restored": True,
    }
    await session.execute(insert(attempts).values(**values))
