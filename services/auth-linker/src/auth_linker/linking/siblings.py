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
from auth_linker.grants.service import Vault
from auth_linker.linking.domain import ChosenPlace
from auth_linker.linking.keeping import to_choices
from auth_linker.tokens.service import Answered, Asker, GrantGone, ReconnectNeeded, SignInEnded
from social_common.db import Database, WriteSession
from social_common.errors import Conflict, Invalid, Unavailable
from social_platforms._core import ErrorCode, Place, PlatformError

_UNSAID: Final = "The platform could not say which places there are."


class SignInGone(Conflict):
    """The connections live on by their places' own tokens, but nobody can list the places any more."""

    default_code = ErrorCode.AUTH_EXPIRED.value

    def __init__(self) -> None:
        super().__init__(
            "The sign-in that finds your places has ended at the platform. What is connected goes on publishing.",
            action="Reconnect the account to see and add its other places.",
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """What a grant reaches now, as the platform says, and which of it is connected already."""

    answered: Answered
    choices: tuple[ChosenPlace, ...]
    connected: Mapping[str, UUID]


class Siblings:
    """Asks the platform first, with no transaction open, and writes afterwards."""

    def __init__(self, database: Database, *, vault: Vault, attacher: Attacher, asker: Asker) -> None:
        self._database = database
        self._vault = vault
        self._attacher = attacher
        self._asker = asker

    async def look(self, user_id: UUID, connection_id: UUID) -> Reach:
        """All places of the grant; raises ConnectionNotFound, ReconnectNeeded, SignInGone or Unavailable."""
        connection = await self._find(user_id, connection_id)
        try:
            answered = await self._asker.ask(user_id, connection.grant_id)
        except GrantGone:
            raise ReconnectNeeded(await self._find(user_id, connection_id)) from None
        except SignInEnded:
            raise SignInGone from None
        except PlatformError as error:
            raise Unavailable(_UNSAID, code=error.code, retry_after=error.retry_after) from None
        grant = answered.grant
        async with self._database.read(user_id) as session:
            rows = await list_of_grant(session, grant.id)
        choices = to_choices(
            answered.adapter,
            answered.places,
            wanted=grant.asked_capabilities,
            asked=grant.asked_scopes,
            granted=grant.scopes,
        )
        return Reach(answered, choices, {row.platform_id: row.id for row in rows if row.is_connected})

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
        answered = reach.answered
        by_id = {place.platform_id: place for place in answered.places}
        picked: dict[str, Place] = {}
        for index, platform_id in enumerate(platform_ids):
            place = by_id.get(platform_id)
            if place is None or not place.usable:
                detail = "The grant does not reach this place." if place is None else place.reason
                raise Invalid(detail or "This place cannot be used.", field=f"body.platform_ids.{index}")
            picked[platform_id] = place
        await grants.lock_all_at(session, answered.grant.platform)
        grant = await grants.lock_grant(session, answered.grant.id)
        sealed = await grants.read_sealed(session, answered.grant.id)
        if grant is None or sealed is None:
            raise Conflict("The grant has ended meanwhile.", action="Reconnect the account.")
        return await self._attacher.add(
            session,
            answered.adapter,
            grant,
            user=answered.user,
            pair=self._vault.open(sealed),
            places=picked.values(),
        )
