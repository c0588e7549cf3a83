"""A grant's other places: what the same consent reaches, and adding some of it without another consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from auth_linker.connections.service import (
    Attacher,
    Connection,
    ConnectionNotFound,
    find_connection,
    list_of_grant,
)
from auth_linker.grants import service as grants
from auth_linker.grants.service import Grant, Vault, to_token_set
from auth_linker.tokens.service import ReconnectNeeded, Refresher
from social_common.db import Database, WriteSession
from social_common.errors import Conflict, Invalid, Unavailable
from social_platforms._core import ErrorCode, OAuthAdapter, Place, PlatformError, PlatformUser
from social_platforms.registry import OAuthApps

_DEAD: Final = frozenset({ErrorCode.AUTH_REVOKED, ErrorCode.AUTH_EXPIRED})
_UNSAID: Final = "The platform could not say which places there are."


class _TokenRefused(Exception):
    """The platform does not take the token of that version."""

    def __init__(self, version: int) -> None:
        super().__init__("the platform refused the token")
        self.version = version


@dataclass(frozen=True, slots=True)
class Reach:
    """What a grant reaches now, as the platform says, and which of it is connected already."""

    adapter: OAuthAdapter
    grant: Grant
    user: PlatformUser
    places: tuple[Place, ...]
    connected: Mapping[str, UUID]


class Siblings:
    """Asks the platform first, with no transaction open, and writes afterwards."""

    def __init__(
        self,
        database: Database,
        *,
        apps: OAuthApps,
        vault: Vault,
        attacher: Attacher,
        refresher: Refresher,
    ) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._attacher = attacher
        self._refresher = refresher

    async def look(self, user_id: UUID, connection_id: UUID) -> Reach:
        """All places of the connection's grant; raises ConnectionNotFound, ReconnectNeeded or Unavailable."""
        connection = await self._find(user_id, connection_id)
        # A token that is due is renewed first; a passing failure shows in the calls below.
        await self._refresher.refresh(user_id, connection.grant_id)
        try:
            return await self._ask(user_id, connection)
        except _TokenRefused as refused:
            # Dead at the platform without our knowing: renewed, or found to be over.
            await self._refresher.refresh(user_id, connection.grant_id, refused_version=refused.version)
        connection = await self._find(user_id, connection_id)
        try:
            return await self._ask(user_id, connection)
        except _TokenRefused:
            raise Unavailable(_UNSAID, code=ErrorCode.PLATFORM_DOWN) from None

    async def _ask(self, user_id: UUID, connection: Connection) -> Reach:
        async with self._database.read(user_id) as session:
            grant = await grants.read_grant(session, connection.grant_id)
            sealed = await grants.read_sealed(session, connection.grant_id)
            rows = await list_of_grant(session, connection.grant_id)
        adapter = self._apps.of(connection.platform, connection.app)
        if grant is None or sealed is None or adapter is None:
            raise ReconnectNeeded(connection)
        tokens = to_token_set(self._vault.open(sealed), grant.scopes)
        try:
            user = await adapter.identity(tokens)
            places = await adapter.places(tokens, user)
        except PlatformError as error:
            if error.code in _DEAD:
                raise _TokenRefused(grant.token_version) from None
            raise Unavailable(_UNSAID, code=error.code, retry_after=error.retry_after) from None
        connected = {row.platform_id: row.id for row in rows if row.is_connected}
        return Reach(adapter=adapter, grant=grant, user=user, places=places, connected=connected)

    async def _find(self, user_id: UUID, connection_id: UUID) -> Connection:
        async with self._database.read(user_id) as session:
            connection = await find_connection(session, connection_id)
        if connection is None:
            raise ConnectionNotFound
        if not connection.is_connected:
            raise ReconnectNeeded(connection)
        return connection

    async def add(
        self, session: WriteSession, reach: Reach, *, platform_ids: tuple[str, ...]
    ) -> tuple[Connection, ...]:
        """Links those places with the grant's tokens; raises Invalid, or Conflict where it ended."""
        by_id = {place.platform_id: place for place in reach.places}
        picked: dict[str, Place] = {}
        for index, platform_id in enumerate(platform_ids):
            place = by_id.get(platform_id)
            if place is None or not place.usable:
                detail = "The grant does not reach this place." if place is None else place.reason
                raise Invalid(detail or "This place cannot be used.", field=f"body.platform_ids.{index}")
            picked[platform_id] = place
        await grants.lock_all_at(session, reach.grant.platform)
        grant = await grants.lock_grant(session, reach.grant.id)
        sealed = await grants.read_sealed(session, reach.grant.id)
        if grant is None or sealed is None:
            raise Conflict("The grant has ended meanwhile.", action="Reconnect the account.")
        return await self._attacher.add(
            session,
            reach.adapter,
            grant,
            user=reach.user,
            pair=self._vault.open(sealed),
            places=picked.values(),
        )
