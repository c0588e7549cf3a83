"""How a connection ends: by its merchant's wish, or because its grant died at the platform."""

from uuid import UUID

from auth_linker.connections import repository
from auth_linker.connections.domain import Connection, UnlinkReason
from auth_linker.connections.telling import tell_unlinked
from auth_linker.erasures.service import ErasureReason, erase_sealed
from auth_linker.grants import service as grant_rows
from auth_linker.grants.service import Grant, Health
from social_common.db import WriteSession
from social_common.errors import NotFound


class ConnectionNotFound(NotFound):
    """There is no such connection, or it is another merchant's."""

    def __init__(self) -> None:
        super().__init__("There is no such connection.")


async def lock_connection(session: WriteSession, connection_id: UUID) -> tuple[Connection, Grant]:
    """The connection with its grant locked, the grant first as in every token write; raises ConnectionNotFound."""
    found = await repository.find_connection(session, connection_id)
    while found is not None:
        grant = await grant_rows.lock_grant(session, found.grant_id)
        again = await repository.find_connection(session, connection_id)
        if grant is not None and again is not None and again.grant_id == found.grant_id:
            return again, grant
        found = again  # it moved to another grant, or is gone, while we waited for the lock
    raise ConnectionNotFound


async def disconnect(session: WriteSession, connection_id: UUID) -> None:
    """The merchant gives the place up: the row stays without tokens; with the last place goes the grant. Repeatable."""
    connection, grant = await lock_connection(session, connection_id)
    if connection.unlinked_reason is UnlinkReason.USER:
        return
    own = await grant_rows.read_revocable(session, grant.id)
    await repository.mark_unlinked(session, connection.id, UnlinkReason.USER)
    await tell_unlinked(session, connection.id, UnlinkReason.USER)
    rest = await repository.list_of_grant(session, grant.id)
    if any(other.is_connected or (other.waits_for_reconnect and not grant.is_live) for other in rest):
        return
    if own is not None:
        await erase_sealed(session, grant, own, ErasureReason.DISCONNECTED)
    # Also where it is dead already: an answer that comes late after all must find nobody to bring back.
    await grant_rows.end_grant(session, grant.id, health=Health.OK, bump=True)


async def lose_grant(session: WriteSession, grant: Grant, reason: UnlinkReason) -> None:
    """The platform's final answer: every place of the grant waits for the merchant, the dead tokens are shredded.

    The grant is locked by the caller. Its version stays: a good answer that comes late may still be stored.
    """
    for connection in await repository.list_of_grant(session, grant.id):
        if connection.is_connected:
            await repository.mark_unlinked(session, connection.id, reason)
            await tell_unlinked(session, connection.id, reason)
    await grant_rows.end_grant(session, grant.id, health=Health.RECONNECT_REQUIRED, bump=False)
