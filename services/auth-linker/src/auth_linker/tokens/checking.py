"""A merchant's own look at a connection: fresh tokens, and then the names and places as they are today."""

from uuid import UUID

from auth_linker.connections import service as connections
from auth_linker.connections.service import Connection, ConnectionNotFound, find_cause, to_fields
from auth_linker.grants import service as grants
from auth_linker.grants.service import Grant, Vault, to_token_set
from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.results import Outcome, Result
from social_common.db import Database
from social_platforms._core import OAuthAdapter, Place, PlatformError, PlatformUser
from social_platforms.registry import OAuthApps


class Checker:
    """Refreshes a connection at its merchant's wish and brings its profile up to date."""

    def __init__(self, database: Database, *, apps: OAuthApps, vault: Vault, refresher: Refresher) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._refresher = refresher

    async def check(self, user_id: UUID, connection_id: UUID) -> Result:
        """What the refresh came to; the profile is only read where live tokens are left. Raises ConnectionNotFound."""
        async with self._database.read(user_id) as session:
            connection = await connections.find_connection(session, connection_id)
        if connection is None:
            raise ConnectionNotFound
        if not connection.is_connected:
            return Result(Outcome.LOST)
        result = await self._refresher.refresh(user_id, connection.grant_id, force=True)
        if result.outcome not in {Outcome.REFRESHED, Outcome.UNCHANGED}:
            return result
        return await self._read_profile(user_id, connection, result)

    async def _read_profile(self, user_id: UUID, connection: Connection, result: Result) -> Result:
        async with self._database.read(user_id) as session:
            grant = await grants.read_grant(session, connection.grant_id)
            sealed = await grants.read_sealed(session, connection.grant_id)
        adapter = self._apps.of(connection.platform, connection.app)
        if grant is None or sealed is None or adapter is None:
            return Result(Outcome.LOST)
        tokens = to_token_set(self._vault.open(sealed), grant.scopes)
        try:
            user = await adapter.identity(tokens)
            places = await adapter.places(tokens, user)
        except PlatformError as error:
            return Result(Outcome.FAILED, error, error.retry_after)
        await self._write_profile(user_id, grant, user, places, adapter=adapter)
        return result

    async def _write_profile(
        self,
        user_id: UUID,
        seen: Grant,
        user: PlatformUser,
        places: tuple[Place, ...],
        *,
        adapter: OAuthAdapter,
    ) -> None:
        by_id = {place.platform_id: place for place in places}
        async with self._database.write(user_id) as session:
            grant = await grants.lock_grant(session, seen.id)
            if grant is None or grant.token_version != seen.token_version:
                return
            for connection in await connections.list_of_grant(session, grant.id):
                place = by_id.get(connection.platform_id)
                if place is None or not connection.is_connected:
                    continue
                fields = to_fields(adapter, user, place, grant.scopes)
                cause = find_cause(connection, connection, fields)
                if cause is not None and cause is not connections.UpdateCause.HEALTH:
                    await connections.mark_updated(session, connection.id, health=connection.health, place=fields)
                    await connections.tell_updated(session, connection.id, cause)
