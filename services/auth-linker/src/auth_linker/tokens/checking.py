"""A merchant's own look at a connection: fresh tokens, and then the names and places as they are today."""

from uuid import UUID

from auth_linker.connections import service as connections
from auth_linker.connections.service import ConnectionNotFound
from auth_linker.tokens.looking import Looker
from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.results import Outcome, Result
from social_common.db import Database


class Checker:
    """Refreshes a connection at its merchant's wish and looks at its grant's places."""

    def __init__(self, database: Database, *, refresher: Refresher, looker: Looker) -> None:
        self._database = database
        self._refresher = refresher
        self._looker = looker

    async def check(self, user_id: UUID, connection_id: UUID) -> Result:
        """What it came to; places are only looked at where live tokens are left. Raises ConnectionNotFound.

        A place that was lost while its grant lives on may be back.
        """
        async with self._database.read(user_id) as session:
            connection = await connections.find_connection(session, connection_id)
        if connection is None:
            raise ConnectionNotFound
        if not connection.is_connected and not connection.waits_for_reconnect:
            return Result(Outcome.LOST)
        result = await self._refresher.refresh(user_id, connection.grant_id, force=True)
        if result.outcome not in {Outcome.REFRESHED, Outcome.UNCHANGED}:
            return result
        looked = await self._looker.look(user_id, connection.grant_id)
        return looked if looked.outcome in {Outcome.FAILED, Outcome.LOST} else result
