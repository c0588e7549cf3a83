"""What other slices use of connections."""

from auth_linker.connections.attaching import Attacher, Consent, capabilities_at, find_cause, to_fields
from auth_linker.connections.domain import (
    Connection,
    ConnectionId,
    Limitation,
    Problem,
    ProblemCode,
    UnlinkReason,
    UpdateCause,
    find_limitations,
)
from auth_linker.connections.ending import ConnectionNotFound, disconnect, lock_connection, lose_grant
from auth_linker.connections.repository import (
    find_connection,
    list_connections,
    list_of_grant,
    mark_linked,
    mark_restored,
    mark_unlinked,
    mark_updated,
    write_capabilities,
    write_tokens,
)
from auth_linker.connections.rights import needed_scopes
from auth_linker.connections.schemas import ConnectionOut, LimitationOut
from auth_linker.connections.telling import tell_linked, tell_unlinked, tell_updated

__all__ = [
    "Attacher",
    "Connection",
    "ConnectionId",
    "ConnectionNotFound",
    "ConnectionOut",
    "Consent",
    "Limitation",
    "LimitationOut",
    "Problem",
    "ProblemCode",
    "UnlinkReason",
    "UpdateCause",
    "capabilities_at",
    "disconnect",
    "find_cause",
    "find_connection",
    "find_limitations",
    "list_connections",
    "list_of_grant",
    "lock_connection",
    "lose_grant",
    "mark_linked",
    "mark_restored",
    "mark_unlinked",
    "mark_updated",
    "needed_scopes",
    "tell_linked",
    "tell_unlinked",
    "tell_updated",
    "to_fields",
    "write_capabilities",
    "write_tokens",
]
