"""The ledger of attempts: every call that may make something public is written here before it is made.

An attempt is opened with `bytes_sent = true` and a lease; only its own sender, still holding that lease, takes it
back. It stands on its own (no foreign keys), so that a call in flight is finished even when its post or merchant is
gone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, case, func, insert, select, update

from publisher.checkpoints import Publishing
from publisher.domain import AttemptId, Outcome, SettledBy, Step
from publisher.posts import Post
from publisher.publishing.domain import fingerprint
from publisher.sealing import Seals
from publisher.tables import publisher_attempts as attempts
from social_common.db import ReadSession, WriteSession
from social_platforms._core import JsonObject, PostRef


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt; times are real time, but those that a platform's own are compared with.

    `snapshot` is the content as it was sent.
    """

    id: AttemptId
    user_id: UUID
    post_id: UUID
    connection_id: UUID
    grant_id: UUID | None
    platform: str
    platform_id: str
    number: int
    step: Step
    fingerprint: str
    snapshot: dict[str, Any]
    handle: str | None
    started_at: datetime
    deadline: datetime
    bytes_sent: bool
    owner: str | None
    finished_at: datetime | None
    outcome: Outcome | None
    error: dict[str, Any] | None
    may_be_duplicate: bool
    looks_done: int
    sent_at: datetime | None
    prepared_at: datetime | None
    settled_by: SettledBy | None = None
    platform_post_id: str | None = None
    restored: bool = False
    traceparent: str | None = None

    @property
    def platform_moment(self) -> datetime:
        """When it was sent, as its platform counts."""
        return self.sent_at or self.started_at

    @property
    def ref(self) -> PostRef:
        """How the platform's adapter names it."""
        return PostRef(str(self.post_id), self.number)


# Ended, or on the way, with nobody able to tell; and ended with certainly nothing made.
IN_DOUBT: Final = (Outcome.UNKNOWN, Outcome.DOUBTFUL)
MADE_NOTHING: Final = (Outcome.REFUSED, Outcome.NOTHING_SENT)

_NAMES = tuple(Attempt.__dataclass_fields__)
_COLUMNS = tuple(attempts.c[name] for name in _NAMES)
_FIND = select(*_COLUMNS).where(attempts.c.id == bindparam("attempt_id"))
_LOCK = _FIND.with_for_update()


def _from_row(row: RowMapping) -> Attempt:
    known = {name: row[name] for name in _NAMES}
    known["step"] = Step(row["step"])
    known["outcome"] = Outcome(row["outcome"]) if row["outcome"] else None
    known["settled_by"] = SettledBy(row["settled_by"]) if row["settled_by"] else None
    return Attempt(**known)


async def open_attempt(
    session: WriteSession,
    post: Post,
    *,
    attempt_id: AttemptId,
    owner: str,
    handle: JsonObject,
    prepared_at: datetime | None,
    seals: Seals,
    hard_limit: timedelta,
    lease: timedelta,
) -> Attempt:
    """Writes the attempt as sent. An equal unsettled one of the connection raises on `uq_publisher_attempts_unsettled`.

    Should the sender vanish, its attempt is looked at as soon as the lease is over.
    """
    session.marks(Publishing.ATTEMPT, post.platform)
    now = func.clock_timestamp()
    values: dict[str, Any] = {
        "id": attempt_id,
        **of_post(post),
        "step": Step.SENDING,
        "handle": seals.seal(handle, "publisher_attempts", attempt_id),
        "bytes_sent": True,
        "owner": owner,
        "may_be_duplicate": post.may_be_duplicate,
    }
    product_now = func.retail_b2c.social_now()
    statement = insert(attempts).values(
        **values,
        started_at=now,
        deadline=now + hard_limit,
        lease_until=now + lease,
        next_look_at=now + lease,
        sent_at=product_now,
        prepared_at=func.coalesce(prepared_at, product_now),
    )
    told = (attempts.c.started_at, attempts.c.deadline, attempts.c.sent_at, attempts.c.prepared_at)
    row = await session.one(statement.returning(*told))
    return Attempt(**values, **row, finished_at=None, outcome=None, error=None, looks_done=0)


async def record_refusal_before_sending(
    session: WriteSession, post: Post, *, attempt_id: AttemptId, error: dict[str, Any], http_status: int | None
) -> None:
    """An attempt that ended while it was prepared: nothing was sent, and it is over."""
    session.marks(Publishing.RESULT, post.platform)
    now = func.clock_timestamp()
    await session.execute(
        insert(attempts).values(
            id=attempt_id,
            **of_post(post),
            step=Step.UPLOADING,
            started_at=now,
            deadline=now,
            bytes_sent=False,
            finished_at=now,
            outcome=Outcome.REFUSED,
            error=error,
            http_status=http_status,
        )
    )


def of_post(post: Post) -> dict[str, Any]:
    """What an attempt keeps of its post, which may be gone before the attempt is over."""
    return {
        "user_id": post.user_id,
        "post_id": post.id,
        "connection_id": post.connection_id,
        "grant_id": post.grant_id,
        "platform": post.platform,
        "platform_id": post.platform_id,
        "number": post.attempts,
        "traceparent": post.traceparent,
        "fingerprint": fingerprint(
            platform=post.platform, platform_id=post.platform_id, text=post.content, media=post.media
        ),
        "snapshot": {"text": post.content, "media": post.media, "options": post.options, "kind": post.kind},
    }


async def find(session: ReadSession, attempt_id: UUID) -> Attempt | None:
    """One attempt of the merchant."""
    row = await session.one_or_none(_FIND, {"attempt_id": attempt_id})
    return _from_row(row) if row else None


async def lock(session: WriteSession, attempt_id: UUID) -> Attempt | None:
    """One attempt, locked; its post is locked before it."""
    row = await session.one_or_none(_LOCK, {"attempt_id": attempt_id})
    return _from_row(row) if row else None


async def last_of(session: ReadSession, post_id: UUID) -> Attempt | None:
    """The newest attempt of a post."""
    statement = select(*_COLUMNS).where(attempts.c.post_id == post_id).order_by(attempts.c.number.desc()).limit(1)
    row = await session.one_or_none(statement)
    return _from_row(row) if row else None


async def has_unresolved(session: ReadSession, post_id: UUID, *, beside: int) -> bool:
    """Whether an attempt of the post other than that one is out for all anybody knows, or certainly."""
    statement = select(func.count()).where(
        attempts.c.post_id == post_id,
        attempts.c.number != beside,
        attempts.c.outcome.in_((*IN_DOUBT, Outcome.LIVE)),
    )
    return bool(await session.scalar(statement))


async def in_doubt(session: ReadSession, post_id: UUID) -> list[Attempt]:
    """The post's attempts that nobody can tell about, newest first."""
    statement = select(*_COLUMNS).where(attempts.c.post_id == post_id, attempts.c.outcome.in_(IN_DOUBT))
    return [_from_row(row) for row in await session.all(statement.order_by(attempts.c.number.desc()))]


async def newest_live(session: ReadSession, post_id: UUID) -> Attempt | None:
    """The newest attempt of the post that is known to be live."""
    statement = (
        select(*_COLUMNS)
        .where(attempts.c.post_id == post_id, attempts.c.outcome == Outcome.LIVE)
        .order_by(attempts.c.number.desc())
        .limit(1)
    )
    row = await session.one_or_none(statement)
    return _from_row(row) if row else None


async def holds_lease(session: ReadSession, attempt: Attempt) -> bool:
    """Whether the attempt still belongs to its sender; asked under the row's lock."""
    statement = select(
        (attempts.c.owner == attempt.owner)
        & (attempts.c.lease_until > func.clock_timestamp())
        & attempts.c.finished_at.is_(None)
    ).where(attempts.c.id == attempt.id)
    return bool(await session.scalar(statement))


async def finish(
    session: WriteSession,
    attempt: Attempt,
    outcome: Outcome,
    *,
    bytes_sent: bool = True,
    error: dict[str, Any] | None = None,
    http_status: int | None = None,
    settled_by: SettledBy | None = None,
    platform_post_id: str | None = None,
    look_after: timedelta | None = None,
) -> None:
    """Settles the attempt; `look_after` keeps an eye on what may still be found out."""
    session.marks(Publishing.RESULT, attempt.platform)
    now = func.clock_timestamp()
    await session.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id)
        .values(
            outcome=outcome,
            bytes_sent=bytes_sent,
            error=error,
            http_status=func.coalesce(http_status, attempts.c.http_status),
            settled_by=settled_by,
            platform_post_id=platform_post_id,
            finished_at=func.coalesce(attempts.c.finished_at, now),
            owner=None,
            lease_until=None,
            # A settled attempt counts its late looks anew.
            looks_done=case((attempts.c.finished_at.is_(None), 0), else_=attempts.c.looks_done),
            next_look_at=None if look_after is None else now + look_after,
        )
    )


async def keep_open(
    session: WriteSession,
    attempt: Attempt,
    outcome: Outcome,
    *,
    step: Step,
    look_after: timedelta,
    handle: str | None = None,
    error: dict[str, Any] | None = None,
    http_status: int | None = None,
) -> None:
    """Accepted or doubtful: unsettled, and looked at after a while."""
    session.marks(Publishing.RESULT, attempt.platform)
    changes: dict[str, Any] = {"outcome": outcome, "step": step, "owner": None, "lease_until": None}
    if handle is not None:
        changes["handle"] = handle
    if error is not None:
        changes |= {"error": error, "http_status": http_status}
    await session.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id)
        .values(**changes, next_look_at=func.clock_timestamp() + look_after)
    )


async def mark_doubtful(session: WriteSession, attempt: Attempt, *, error: dict[str, Any]) -> None:
    """In doubt without an answer; the look that found it keeps its lease."""
    session.marks(Publishing.LOOK, attempt.platform)
    await session.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.outcome.is_(None))
        .values(outcome=Outcome.DOUBTFUL, step=Step.SETTLING, error=error)
    )
