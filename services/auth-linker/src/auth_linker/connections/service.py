"""What other slices use of connections."""

from auth_linker.connections.attaching import Attacher, Consent, find_cause, to_fields
from auth_linker.connections.domain import Connection, ConnectionId, UnlinkReason, UpdateCause
from auth_linker.connections.ending import ConnectionNotFound, disconnect, lock_connection, lose_grant
from auth_linker.connections.repository import (
    find_connection,
    list_connections,
    list_of_grant,
    mark_restored,
    mark_updated,
    write_capabilities,
    write_tokens,
)
from auth_linker.connections.schemas import ConnectionOut
from auth_linker.connections.telling import tell_linked, tell_updated

__all__ = [
    "Attacher",
    "Connection",
    "ConnectionId",
    "ConnectionNotFound",
    "ConnectionOut",
    "Consent",
    "UnlinkReason",
    "UpdateCause",
    "disconnect",
    "find_cause",
    "find_connection",
    "list_connections",
    "list_of_grant",
    "lock_connection",
    "lose_grant",
    "mark_restored",
    "mark_updated",
    "tell_linked",
    "tell_updated",
    "to_fields",
    "write_capabilities",
    "write_tokens",
]
