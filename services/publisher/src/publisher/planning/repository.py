"""Reading posts and attempts: keyset pages, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, func, select, tuple_

from publisher.posts import COLUMNS, Post
from publisher.tables import publisher_attempts, social_posts
from social_common.db import ReadSession


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None leaves a thing open."""

    statuses: tuple[str, ...] = ()
    platform: str | None = None
    connection_id: UUID | None = None
    campaign_id: UUID | None = None
    product_id: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


async def list_posts(
    session: ReadSession, filters: Filters, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Post]:
    """Posts that are not hidden; `after` is the (created_at, id) of the last one of the page before."""
    posts = social_posts.c
    statement = select(*COLUMNS).where(posts.hidden.is_(False))
    if filters.statuses:
        statement = statement.where(posts.status.in_(filters.statuses))
    for column, wanted in (
        (posts.platform, filters.platform),
        (posts.connection_id, filters.connection_id),
        (posts.campaign_id, filters.campaign_id),
        (posts.product_id, filters.product_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    # The time that a calendar would show it at.
    shown_at = func.coalesce(posts.scheduled_at, posts.posted_at, posts.created_at)
    if filters.from_ is not None:
        statement = statement.where(shown_at >= filters.from_)
    if filters.to is not None:
        statement = statement.where(shown_at < filters.to)
    if after is not None:
        statement = statement.where(tuple_(posts.created_at, posts.id) < tuple_(*after))
    statement = statement.order_by(posts.created_at.desc(), posts.id.desc()).limit(limit)
    return [Post.from_row(row) for row in await session.all(statement)]


async def attempts_of(session: ReadSession, post_id: UUID) -> Sequence[RowMapping]:
    """All attempts of a post, oldest first, without their handles; their times are product time, as the post's are."""
    ledger = publisher_attempts.c
    # The ledger's own are real time. Both were noted as it was sent, so that their difference is the moved clock's.
    moved = func.coalesce(ledger.sent_at - ledger.started_at, timedelta(0))
    shown = (
        ledger.id,
        ledger.post_id,
        ledger.number,
        ledger.platform_id,
        ledger.step,
        ledger.fingerprint,
        (ledger.started_at + moved).label("started_at"),
        (ledger.deadline + moved).label("deadline"),
        ledger.bytes_sent,
        (ledger.finished_at + moved).label("finished_at"),
        ledger.outcome,
        ledger.http_status,
        ledger.error,
        ledger.looks,
    )
    return await session.all(select(*shown).where(ledger.post_id == post_id).order_by(ledger.number))
