"""What Kafka tells of each place since the backup, and what that means for its row.

Tokens are in no event: a place that was linked since keeps its id, and its merchant is told to connect it again.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from auth_linker.connections import service as connections
from auth_linker.connections.service import ConnectionId, ConnectionNotFound, UnlinkReason
from auth_linker.events import LINKED, UNLINKED, UPDATED
from auth_linker.grants import service as grants
from auth_linker.grants.service import Grant, Health
from social_common.db import WriteSession
from social_common.events import CloudEvent
from social_platforms.registry import OAuthApps


class Told(BaseModel):
    """One of our own events as it is read back, whatever release wrote it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    connection_id: UUID
    grant_id: UUID
    user_id: UUID
    revision: int
    platform: str
    platform_id: str
    kind: str = "account"
    platform_username: str | None = None
    reason: UnlinkReason | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its newest event; `was_linked`: by any of them it got tokens that the backup does not have."""

    newest: Told
    was_linked: bool


@dataclass(slots=True)
class Places:
    """All places that were told of, put together event by event; and the merchants who left."""

    departed: set[UUID] = field(default_factory=set)
    unreadable: int = 0
    _by_id: dict[UUID, Place] = field(default_factory=dict)

    def hear(self, event: CloudEvent) -> None:
        """One more event; what cannot be read is counted."""
        if event.topic not in {LINKED, UPDATED, UNLINKED}:
            return
        try:
            told = Told.model_validate(event.data)
        except ValidationError:
            self.unreadable += 1
            return
        if told.reason is UnlinkReason.ERASED:
            self.departed.add(told.user_id)
        known = self._by_id.get(told.connection_id)
        newest = told if known is None or told.revision > known.newest.revision else known.newest
        was_linked = event.topic == LINKED or (known is not None and known.was_linked)
        self._by_id[told.connection_id] = Place(newest, was_linked)

    def all(self) -> tuple[Place, ...]:
        """Every place that was told of."""
        return tuple(self._by_id.values())


class Found(StrEnum):
    """What became of one place."""

    KNOWN = "known"  # the database is not behind it
    ENDED = "ended"  # it was given up or lost since
    LOST = "lost"  # linked since, its tokens are lost: its merchant is told
    DOUBTED = "doubted"  # linked anew since: whether the older tokens still work is asked of the platform
    UNKNOWN = "unknown"  # linked and given up since, or its platform is not set up here


async def bring(session: WriteSession, place: Place, apps: OAuthApps) -> Found:
    """Bring one place to where its newest event leaves it, and tell where that is news to it. Repeatable."""
    told = place.newest
    if await connections.find_connection(session, told.connection_id) is None:
        return await _bring_back(session, told, apps)
    try:
        connection, grant = await connections.lock_connection(session, told.connection_id)
    except ConnectionNotFound:
        return Found.KNOWN
    if connection.revision >= told.revision:
        return Found.KNOWN
    if told.reason is UnlinkReason.USER:
        await connections.disconnect(session, connection.id)
        return Found.ENDED
    if told.reason is not None:
        await _lose(session, connection.id, told.reason, grant)
        return Found.ENDED
    if not connection.is_connected:
        await _lose(session, connection.id, UnlinkReason.RECONNECT_REQUIRED, grant)
        return Found.LOST
    if not place.was_linked:
        return Found.KNOWN
    await _doubt(session, grant)
    return Found.DOUBTED


async def _bring_back(session: WriteSession, told: Told, apps: OAuthApps) -> Found:
    chosen = apps.choose(told.platform)
    if told.reason is not None or chosen is None:
        return Found.UNKNOWN
    app, adapter = chosen
    made = await session.scalar(
        "SELECT retail_b2c.auth_linker_restore_place(:id, :grant_id, :user_id, :platform, :app, :family, :platform_id,"
        " :username, :kind, :revision)",
        {
            "id": told.connection_id,
            "grant_id": told.grant_id,
            "user_id": told.user_id,
            "platform": told.platform,
            "app": app,
            "family": adapter.family,
            "platform_id": told.platform_id,
            "username": told.platform_username,
            "kind": told.kind,
            "revision": told.revision,
        },
    )
    if not made:
        return Found.UNKNOWN
    await connections.mark_unlinked(session, ConnectionId(told.connection_id), UnlinkReason.RECONNECT_REQUIRED)
    await connections.tell_unlinked(session, ConnectionId(told.connection_id), UnlinkReason.RECONNECT_REQUIRED)
    return Found.LOST


async def _lose(session: WriteSession, connection_id: ConnectionId, reason: UnlinkReason, grant: Grant) -> None:
    await connections.mark_unlinked(session, connection_id, reason)
    await connections.tell_unlinked(session, connection_id, reason)
    rest = await connections.list_of_grant(session, grant.id)
    if grant.is_live and not any(connection.is_connected for connection in rest):
        await grants.end_grant(session, grant.id, health=Health.RECONNECT_REQUIRED, bump=True)


async def _doubt(session: WriteSession, grant: Grant) -> None:
    await session.execute(
        "UPDATE retail_b2c.grants SET in_doubt = true, retry_at = NULL,"
        " due_at = least(due_at, retail_b2c.social_now()) WHERE id = :id AND is_live",
        {"id": grant.id},
    )
