"""What a connection's events change: the projection, and the posts that wait for that place.

State is taken only from what is newer. A merchant's disconnect has its effect apart from that: it cancels the waiting
posts that were made before it, even when newer state has arrived already.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from publisher import posts, preparations
from publisher.announcements import announce_canceled
from publisher.brokerage import Broker, ConnectionFacts
from publisher.domain import WAITING, CancelReason, HeldFor, Problem, Status
from publisher.posts import COLUMNS, Post
from publisher.projections import repository
from publisher.projections.events import ConnectionEnd, ConnectionState
from publisher.projections.repository import Connection
from publisher.tables import social_posts
from publisher.waking import wake_due
from social_common.db import Database, WriteSession

RECONNECT = Problem(
    "auth_revoked",
    "The connection no longer works at its platform.",
    "Connect the account again; the post then goes out by itself.",
)
NOT_USABLE = Problem(
    "connection_not_usable",
    "The connection cannot publish at the moment.",
    "Connect the account again and allow publishing; the post then goes out by itself.",
)


async def take_state(session: WriteSession, told: ConnectionState, *, is_link: bool) -> None:
    """A connection was linked or has changed: remembered if newer, and posts held for it go on."""
    connection = Connection(is_usable=told.health != "reconnect_required", **told.model_dump())
    if not await repository.store(session, connection):
        return
    if is_link or connection.can_publish:
        await release_held(session, connection)


async def take_end(session: WriteSession, told: ConnectionEnd, *, probe_after: timedelta) -> None:
    """A connection is no longer usable: what that means for its posts depends on the reason."""
    known = await repository.lock(session, told.connection_id)
    match told.reason:
        case "erased":
            await _erase(session, told.connection_id)
            return
        case "user":
            await _cancel_waiting(session, told)
        case "revoked" | "reconnect_required":
            if known is not None and known.revision < told.revision:
                await _hold_waiting(session, told.connection_id, probe_after=probe_after)
    if known is not None and known.revision < told.revision:
        ended = replace(
            known,
            is_usable=False,
            revision=told.revision,
            health="disconnected" if told.reason == "user" else "reconnect_required",
        )
        await repository.store(session, ended)
    elif known is None:
        await repository.store(
            session,
            Connection(
                connection_id=told.connection_id,
                user_id=told.user_id,
                grant_id=told.grant_id,
                platform=told.platform,
                platform_id=told.platform_id,
                health="disconnected" if told.reason == "user" else "reconnect_required",
                is_usable=False,
                revision=told.revision,
            ),
        )


async def learn_missing(
    database: Database, broker: Broker, *, user_id: UUID, wanted: Iterable[UUID]
) -> dict[UUID, Connection]:
    """The wanted connections; one that no event told of yet is read from auth-linker and kept."""
    ids = set(wanted)
    async with database.read(user_id) as session:
        known = await repository.find_many(session, ids)
    for connection_id in ids - known.keys():
        facts = await broker.connection(connection_id, user_id)
        if facts is None or facts.user_id != user_id:
            continue
        found = _from_facts(facts)
        async with database.write(user_id) as session:
            await repository.store(session, found)
        known[connection_id] = found
    return known


async def release_held(session: WriteSession, connection: Connection) -> None:
    """Posts held for the connection are looked at again at once; whether it is too late for one is decided then."""
    rows = await _locked(session, connection.connection_id, {Status.HELD})
    now = await posts.product_now(session)
    for post in rows:
        if post.held_for is HeldFor.CONNECTION:
            await posts.save(session, post, replace(post, due_at=now, claimed_by=None, lease_until=None))
    if rows:
        await wake_due(session)


async def _hold_waiting(session: WriteSession, connection_id: UUID, *, probe_after: timedelta) -> None:
    for post in await _locked(session, connection_id, {Status.SCHEDULED}):
        until = _probe_time(post, await posts.product_now(session), probe_after)
        await posts.save(session, post, post.held(HeldFor.CONNECTION, RECONNECT, until=until))


def _probe_time(post: Post, now: datetime, probe_after: timedelta) -> datetime:
    # Before its time nothing is lost by waiting; at its time the connection is tried once more.
    return max(post.scheduled_at or now, now + probe_after)


async def _cancel_waiting(session: WriteSession, told: ConnectionEnd) -> None:
    now = await posts.product_now(session)
    for post in await _locked(session, told.connection_id, set(WAITING)):
        if post.connection_revision >= told.revision:
            continue
        canceled = await posts.save(session, post, post.moved(Status.CANCELED))
        await preparations.discard_all(session, post.id)
        await announce_canceled(session, canceled, CancelReason.DISCONNECTED, at=now)


async def _erase(session: WriteSession, connection_id: UUID) -> None:
    # What is in flight is finished in the ledger, which does not hang on these rows.
    await session.execute(delete(social_posts).where(social_posts.c.connection_id == connection_id))
    await repository.remove(session, connection_id)


async def _locked(session: WriteSession, connection_id: UUID, statuses: set[Status]) -> list[Post]:
    statement = (
        select(*COLUMNS)
        .where(social_posts.c.connection_id == connection_id, social_posts.c.status.in_(sorted(statuses)))
        .order_by(social_posts.c.id)
        .with_for_update()
    )
    return [Post.from_row(row) for row in await session.all(statement)]


def _from_facts(facts: ConnectionFacts) -> Connection:
    return Connection(
        connection_id=facts.connection_id,
        user_id=facts.user_id,
        grant_id=facts.grant_id,
        platform=facts.platform,
        platform_id=facts.platform_id,
        kind=facts.kind,
        platform_username=facts.platform_username,
        scopes=facts.scopes,
        capabilities=facts.capabilities,
        health=facts.health,
        expires_at=facts.expires_at,
        renewable=facts.renewable,
        is_usable=facts.is_usable,
        revision=facts.revision,
    )
