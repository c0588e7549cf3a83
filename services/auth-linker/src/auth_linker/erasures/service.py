"""What other slices use of erasures: putting a copy into the queue, and the lease of a person at a platform."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from auth_linker.erasures.domain import ErasureReason
from auth_linker.erasures.repository import (
    Owed,
    end_user_lease,
    insert_erasure,
    real_now,
    take_user_lease,
    was_revoked_since,
)
from auth_linker.grants.service import ERASURES, Grant, SealedPair, TokenPair, Vault
from social_common.db import Database, WriteSession

__all__ = [
    "ErasureReason",
    "LeaseHeld",
    "Owed",
    "PlatformUserLeases",
    "UserLease",
    "erase_fresh",
    "erase_sealed",
    "owed_of",
]

_ASK_AGAIN: Final = timedelta(milliseconds=250)


def owed_of(grant: Grant, reason: ErasureReason) -> Owed:
    """What is owed to the platform user of a grant."""
    return Owed(
        reason=reason,
        platform=grant.platform,
        app=grant.app,
        family=grant.family,
        platform_user_id=grant.platform_user_id,
        person_id=grant.person_id,
        grant_id=grant.id,
    )


async def erase_sealed(session: WriteSession, grant: Grant, sealed: SealedPair, reason: ErasureReason) -> None:
    """Queues a grant's stored tokens for revocation, in the transaction that takes them from their row."""
    await insert_erasure(session, owed_of(grant, reason), sealed, erasure_id=uuid4())


async def erase_fresh(session: WriteSession, vault: Vault, owed: Owed, pair: TokenPair) -> None:
    """Queues tokens that never were in a row of ours: they are bound to the queue's own."""
    erasure_id = uuid4()
    await insert_erasure(session, owed, vault.seal(pair, table=ERASURES, row_id=erasure_id), erasure_id=erasure_id)


class LeaseHeld(Exception):
    """Another process links or revokes for that person just now."""


class UserLease:
    """Held while this process alone links or revokes for one person."""

    def __init__(self, *, waited: bool) -> None:
        self.waited = waited
        self.revoked = False


class PlatformUserLeases:
    """One lease per (OAuth family, person), among all merchants and processes."""

    def __init__(self, database: Database, *, life: timedelta) -> None:
        self._database = database
        self._life = life

    async def real_now(self) -> datetime:
        """The database's real time, to be asked before a code is exchanged."""
        async with self._database.system() as session:
            return await real_now(session)

    async def was_revoked_since(self, family: str, person_id: str, *, since: datetime) -> bool:
        """Whether a revocation went out for that person since then."""
        async with self._database.system() as session:
            return await was_revoked_since(session, family=family, person_id=person_id, since=since)

    @asynccontextmanager
    async def hold(self, family: str, person_id: str, *, patience: timedelta) -> AsyncIterator[UserLease]:
        """The lease, waited for as long as `patience`; raises LeaseHeld. No transaction is open meanwhile."""
        owner = uuid4()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + patience.total_seconds()
        waited = False
        while not await self._take(family, person_id, owner=owner):
            if loop.time() >= give_up:
                raise LeaseHeld
            waited = True
            await asyncio.sleep(_ASK_AGAIN.total_seconds())
        lease = UserLease(waited=waited)
        try:
            yield lease
        finally:
            async with self._database.system() as session:
                await end_user_lease(session, family=family, person_id=person_id, owner=owner, revoked=lease.revoked)

    async def _take(self, family: str, person_id: str, *, owner: UUID) -> bool:
        async with self._database.system() as session:
            return await take_user_lease(session, family=family, person_id=person_id, owner=owner, life=self._life)
