"""The revocation queue's worker: every copy ends in a proof, and then it is shredded."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from auth_linker.backoff import back_off
from auth_linker.checkpoints import Linking
from auth_linker.erasures import repository
from auth_linker.erasures.domain import Erasure, Proof, Step, decide
from auth_linker.erasures.service import LeaseHeld, PlatformUserLeases, UserLease
from auth_linker.grants.service import SealedPair, TokenPair, Vault, to_token_set
from social_common.checkpoints import crossing
from social_common.crypto import DecryptionFailed
from social_common.db import Database
from social_common.logging import get_logger
from social_common.metrics import counter
from social_platforms._core import ErrorCode, OAuthAdapter, PlatformError
from social_platforms.registry import OAuthApps

_BATCH: Final = 20
_AGAIN_SOON: Final = timedelta(seconds=30)

_log = get_logger()
_ended = counter("auth_linker_erasures_total", "Revocations by what they ended in", ("platform", "proof"))


class ErasureWorker:
    """Revokes what is owed, one person at a time, and never what another live grant rests on."""

    def __init__(
        self,
        database: Database,
        *,
        apps: OAuthApps,
        vault: Vault,
        leases: PlatformUserLeases,
        lease: timedelta,
        retry_first: timedelta,
        retry_longest: timedelta,
        tries: int,
    ) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._leases = leases
        self._lease = lease
        self._retry_first = retry_first
        self._retry_longest = retry_longest
        self._tries = tries

    async def run_once(self) -> timedelta | None:
        """Works on the copies that are due; returns at once for more where there were many."""
        async with self._database.system() as session:
            claimed = await repository.claim_erasures(session, limit=_BATCH, lease=self._lease)
        for erasure_id, user_id in claimed:
            try:
                await self._work_on(user_id, erasure_id)
            except Exception:  # noqa: BLE001 - logged; one copy's trouble is not the others'
                _log.exception("erasure_crashed", erasure_id=str(erasure_id))
        return timedelta(0) if len(claimed) == _BATCH else None

    async def _work_on(self, user_id: UUID, erasure_id: UUID) -> None:
        async with self._database.read(user_id) as session:
            erasure = await repository.read_erasure(session, erasure_id)
        if erasure is None:
            return
        adapter = self._apps.of(erasure.platform, erasure.app)
        if adapter is None:
            # Not configured in this installation (any more): only time or an operator can tell.
            await self._postpone(erasure, wait=self._retry_longest, error=ErrorCode.APP_MISCONFIGURED)
            return
        pair = self._open(erasure)
        if pair is None:
            await self._finish(erasure, Proof.UNREADABLE)
            return
        try:
            async with self._leases.hold(erasure.family, erasure.person_id, patience=timedelta(0)) as lease:
                await self._revoke(erasure, pair, adapter=adapter, lease=lease)
        except LeaseHeld:
            await self._postpone(erasure, wait=self._retry_first, error=None)

    def _open(self, erasure: Erasure) -> TokenPair | None:
        if erasure.access_token is None:
            return None
        sealed = SealedPair(
            table=erasure.source_table,
            row_id=erasure.source_row,
            access_token=erasure.access_token,
            refresh_token=erasure.refresh_token,
        )
        try:
            return self._vault.open(sealed)
        except DecryptionFailed:
            _log.error("erasure_unreadable", erasure_id=str(erasure.id))
            return None

    async def _revoke(self, erasure: Erasure, pair: TokenPair, *, adapter: OAuthAdapter, lease: UserLease) -> None:
        """Asked right before sending, under the lease that every new link of this person takes too."""
        async with self._database.system() as session:
            resting = await repository.ask_resting(session, erasure)
        match decide(resting, ends_all=adapter.revocation_ends_all):
            case Step.SHRED:
                await self._finish(erasure, Proof.STILL_IN_USE)
                return
            case Step.WAIT:
                await self._postpone(erasure, wait=_AGAIN_SOON, error=None)
                return
            case Step.REVOKE:
                pass
        lease.revoked = adapter.revocation_ends_all
        try:
            with crossing(Linking.REVOKE, erasure.platform):
                ended = await adapter.revoke(to_token_set(pair))
        except PlatformError as error:
            await self._note_refusal(erasure, error)
            return
        await self._finish(erasure, Proof(ended.value))

    async def _note_refusal(self, erasure: Erasure, error: PlatformError) -> None:
        if error.code is ErrorCode.AUTH_REVOKED or (error.final and error.code is ErrorCode.AUTH_EXPIRED):
            await self._finish(erasure, Proof.ALREADY_INVALID)
            return
        if erasure.attempts + 1 >= self._tries:
            await self._finish(erasure, Proof.REFUSED)
            return
        wait = back_off(
            erasure.attempts + 1, first=self._retry_first, longest=self._retry_longest, asked=error.retry_after
        )
        await self._postpone(erasure, wait=wait, error=error.code)

    async def _finish(self, erasure: Erasure, proof: Proof) -> None:
        async with self._database.write(erasure.user_id) as session:
            session.marks(Linking.PROOF, erasure.platform)
            await repository.finish(session, erasure.id, proof)
        _ended.labels(erasure.platform, proof).inc()
        _log.info(
            "erasure_finished",
            platform=erasure.platform,
            erasure_id=str(erasure.id),
            reason=erasure.reason,
            ended=proof,  # a field named `proof` is blanked as Meta's appsecret_proof would be
        )

    async def _postpone(self, erasure: Erasure, *, wait: timedelta, error: str | None) -> None:
        async with self._database.write(erasure.user_id) as session:
            await repository.postpone(session, erasure.id, wait=wait, error=error)
