"""A connection's changes as events, put into the outbox of the same transaction.

Call these after the row was written: the event carries the row's own revision and times.
"""

from typing import Any

from auth_linker.connections.domain import Connection, ConnectionId, UnlinkReason, UpdateCause
from auth_linker.connections.repository import find_connection
from auth_linker.events import LINKED, UNLINKED, UPDATED, ConnectionLinked, ConnectionUnlinked, ConnectionUpdated
from social_common.db import UserGone, WriteSession
from social_common.events import event

SERVICE = "auth-linker"


async def tell_linked(session: WriteSession, connection_id: ConnectionId, *, relinked: bool) -> Connection:
    """`connection.linked` with the row as it is now, which is returned."""
    now = await _read(session, connection_id)
    data = ConnectionLinked(**_fields(now), relinked=relinked, linked_at=now.linked_at)
    await _emit(session, LINKED, now, data.model_dump(mode="json"))
    return now


async def tell_updated(session: WriteSession, connection_id: ConnectionId, cause: UpdateCause) -> Connection:
    """`connection.updated` with the row as it is now, which is returned."""
    now = await _read(session, connection_id)
    data = ConnectionUpdated(
        **_fields(now), relinked=False, linked_at=now.linked_at, cause=cause, updated_at=now.updated_at
    )
    await _emit(session, UPDATED, now, data.model_dump(mode="json"))
    return now


async def tell_unlinked(session: WriteSession, connection_id: ConnectionId, reason: UnlinkReason) -> Connection:
    """`connection.unlinked` with the row as it is now, which is returned."""
    now = await _read(session, connection_id)
    data = ConnectionUnlinked(
        connection_id=now.id,
        grant_id=now.grant_id,
        user_id=now.user_id,
        revision=now.revision,
        platform=now.platform,
        platform_id=now.platform_id,
        reason=reason,
        unlinked_at=now.updated_at,
    )
    await _emit(session, UNLINKED, now, data.model_dump(mode="json"))
    return now


async def _read(session: WriteSession, connection_id: ConnectionId) -> Connection:
    now = await find_connection(session, connection_id)
    if now is None:
        # Only Supabase's delete takes rows away, and the writer's own lock on the row keeps that waiting.
        raise UserGone("the connection vanished under its own lock")
    return now


def _fields(connection: Connection) -> dict[str, Any]:
    return {
        "connection_id": connection.id,
        "grant_id": connection.grant_id,
        "user_id": connection.user_id,
        "revision": connection.revision,
        "platform": connection.platform,
        "platform_id": connection.platform_id,
        "kind": connection.kind,
        "platform_username": connection.platform_username,
        "scopes": list(connection.scopes),
        "capabilities": list(connection.capabilities),
        "missing_scopes": list(connection.missing_scopes),
        "health": connection.health,
        "expires_at": connection.act_by,
        "renewable": connection.renewable,
    }


async def _emit(session: WriteSession, topic: str, connection: Connection, data: dict[str, object]) -> None:
    await session.emit(
        event(
            topic,
            source_service=SERVICE,
            subject=str(connection.id),
            user_id=connection.user_id,
            time=connection.updated_at,
            data=data,
        )
    )
