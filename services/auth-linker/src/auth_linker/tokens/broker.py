"""The token broker: the only way a token leaves auth-linker, for our own services and what each may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from auth_linker.connections.service import Connection, ConnectionNotFound, find_connection
from auth_linker.grants import service as grants
from auth_linker.grants.service import Grant, Model, Vault, policy_of
from auth_linker.tokens.looking import Looker
from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.results import Outcome, Result
from social_common.crypto import DecryptionFailed
from social_common.db import Database, ReadSession
from social_common.errors import Conflict, Forbidden, Unavailable
from social_common.secrets import Secret
from social_platforms.registry import OAuthApps

MAY_ASK: Final[Mapping[str, frozenset[str]]] = {
    "publisher": frozenset({"publish"}),
    "analytics": frozenset({"analytics"}),
}
"""Which caller may have a token for what. Who stands here may also read a connection."""

_ASK_AGAIN: Final = timedelta(seconds=2)
_LEAST_LIFE: Final = timedelta(seconds=5)


class CallerRefused(Forbidden):
    """The calling service has no business with this."""


class ReconnectNeeded(Conflict):
    """There is no token and will be none until the merchant reconnects; carries the connection's revision."""

    default_code = "connection_not_usable"

    def __init__(self, connection: Connection) -> None:
        reason, problem = connection.unlinked_reason, connection.problem
        super().__init__(
            f"The connection has no live token: {problem.detail}" if problem else "The connection has no live token.",
            action="Ask the merchant to reconnect this account.",
            extra={"revision": connection.revision, "reason": reason.value if reason is not None else None},
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks for."""

    capability: str
    min_valid: timedelta
    refused_version: int | None


@dataclass(frozen=True, slots=True)
class Brokered:
    """A token with everything a call to the platform needs beside it."""

    token: Secret
    expires_at: datetime | None
    token_version: int
    connection: Connection
    facts: Mapping[str, Any]
    proof: Secret | None


@dataclass(frozen=True, slots=True)
class _Look:
    connection: Connection
    grant: Grant
    token: Secret
    expires_at: datetime | None
    now: datetime

    def lasts(self, life: timedelta) -> bool:
        """Whether the token is still good that long."""
        return self.expires_at is None or self.expires_at - self.now >= life

    def is_refused(self, wanted: Wanted) -> bool:
        """Whether it is the very token that the platform refused the caller."""
        return wanted.refused_version is not None and self.grant.token_version <= wanted.refused_version


class TokenBroker:
    """Hands out tokens that last long enough, renewing them first where they would not."""

    def __init__(
        self, database: Database, *, apps: OAuthApps, vault: Vault, refresher: Refresher, looker: Looker
    ) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._refresher = refresher
        self._looker = looker

    async def token(self, user_id: UUID, connection_id: UUID, wanted: Wanted) -> Brokered:
        """The token; raises ConnectionNotFound, Forbidden (capability), ReconnectNeeded, or Unavailable for now."""
        look = await self._look(user_id, connection_id, wanted.capability)
        if not look.is_refused(wanted) and look.lasts(wanted.min_valid):
            return self._answer(look)
        refused = look.grant.token_version if look.is_refused(wanted) else None
        result = await self._renew(user_id, look, refused=refused)
        # Whatever came of it: what is stored now decides, for others may have stored something meanwhile.
        look = await self._look(user_id, connection_id, wanted.capability)
        is_fit = result.outcome is Outcome.UNCHANGED or not look.is_refused(wanted)
        if is_fit and look.lasts(_LEAST_LIFE):
            return self._answer(look)
        raise _try_again(result)

    async def _renew(self, user_id: UUID, look: _Look, *, refused: int | None) -> Result:
        """A refresh; where places have tokens of their own, they are asked for anew instead."""
        adapter = self._apps.of(look.grant.platform, look.grant.app)
        if adapter is not None and policy_of(adapter).model is Model.DERIVED:
            return await self._looker.look(user_id, look.grant.id, suspect=look.connection.id, refused_version=refused)
        return await self._refresher.refresh(user_id, look.grant.id, force=refused is None, refused_version=refused)

    def _answer(self, look: _Look) -> Brokered:
        """The token with the proof made for it, and for no other."""
        adapter = self._apps.of(look.grant.platform, look.grant.app)
        return Brokered(
            token=look.token,
            expires_at=look.expires_at,
            token_version=look.grant.token_version,
            connection=look.connection,
            facts=look.connection.facts,
            proof=adapter.proof(look.token) if adapter is not None else None,
        )

    async def _look(self, user_id: UUID, connection_id: UUID, capability: str) -> _Look:
        async with self._database.read(user_id) as session:
            connection = await find_connection(session, connection_id)
            if connection is None:
                raise ConnectionNotFound
            if not connection.is_connected:
                raise ReconnectNeeded(connection)
            if capability not in connection.capabilities:
                raise Forbidden(
                    f"The merchant has not granted {capability} for this connection.",
                    code="permission_missing",
                    action="Ask the merchant to reconnect and to allow it.",
                )
            return await self._open(session, connection)

    async def _open(self, session: ReadSession, connection: Connection) -> _Look:
        grant = await grants.read_grant(session, connection.grant_id)
        sealed = await grants.read_sealed_row(session, connection.id)
        if grant is None or sealed is None:
            raise ReconnectNeeded(connection)
        try:
            pair = self._vault.open(sealed)
        except DecryptionFailed:
            raise Unavailable("The token cannot be read with the present keys.", retry_after=_ASK_AGAIN) from None
        return _Look(
            connection=connection,
            grant=grant,
            token=pair.access,
            expires_at=await session.scalar(
                "SELECT expires_at FROM retail_b2c.social_connections WHERE id = :id", {"id": connection.id}
            ),
            now=await session.scalar("SELECT retail_b2c.social_now()"),
        )


def _try_again(result: Result) -> Unavailable:
    return Unavailable(
        "The platform gives out no fresh token at the moment.",
        code="platform_down",
        retry_after=max(result.wait or _ASK_AGAIN, timedelta(seconds=1)),
    )
