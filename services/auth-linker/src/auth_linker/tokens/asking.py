"""Asking a platform what a grant reaches now, with the person's own token; no transaction is open meanwhile."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from auth_linker.grants import service as grants
from auth_linker.grants.service import Grant, Model, TokenPair, Vault, policy_of, to_token_set
from auth_linker.tokens.refreshing import Refresher
from social_common.crypto import DecryptionFailed
from social_common.db import Database
from social_platforms._core import ErrorCode, OAuthAdapter, Place, PlatformError, PlatformUser
from social_platforms.registry import OAuthApps

_DEAD: Final = frozenset({ErrorCode.AUTH_REVOKED, ErrorCode.AUTH_EXPIRED})


class GrantGone(Exception):
    """There is no live grant, or none that can be asked about: only its merchant can help."""


class SignInEnded(Exception):
    """The person's own token is over, while the places may live on with theirs; `code` as the platform told it."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answered:
    """What the platform said, the tokens it was asked with, and the grant as it was then."""

    adapter: OAuthAdapter
    grant: Grant
    pair: TokenPair
    user: PlatformUser
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    adapter: OAuthAdapter
    grant: Grant
    pair: TokenPair

    @property
    def is_derived(self) -> bool:
        return policy_of(self.adapter).model is Model.DERIVED


class Asker:
    """Asks for identity and places, with tokens renewed first where they are due."""

    def __init__(self, database: Database, *, apps: OAuthApps, vault: Vault, refresher: Refresher) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._refresher = refresher

    async def ask(self, user_id: UUID, grant_id: UUID) -> Answered:
        """The platform's answer; raises GrantGone, SignInEnded, or the platform's own PlatformError."""
        # A token that is due is renewed first; a passing failure shows in the calls below.
        await self._refresher.refresh(user_id, grant_id)
        question = await self._prepare(user_id, grant_id)
        try:
            return await self._put(question)
        except PlatformError as error:
            if error.code not in _DEAD:
                raise
            if question.is_derived:
                await self._end_sign_in(question)
                raise SignInEnded(error.code) from None
        # Dead at the platform without our knowing: renewed, or found to be over.
        await self._refresher.refresh(user_id, grant_id, refused_version=question.grant.token_version)
        question = await self._prepare(user_id, grant_id)
        try:
            return await self._put(question)
        except PlatformError as error:
            if error.code not in _DEAD:
                raise
            detail = "The platform takes back a token that it has just confirmed."
            raise PlatformError(ErrorCode.PLATFORM_DOWN, detail, retryable=True) from None

    async def _prepare(self, user_id: UUID, grant_id: UUID) -> _Question:
        async with self._database.read(user_id) as session:
            grant = await grants.read_grant(session, grant_id)
            if grant is None or not grant.is_live:
                raise GrantGone
            adapter = self._apps.of(grant.platform, grant.app)
            if adapter is None:
                raise GrantGone
            is_derived = policy_of(adapter).model is Model.DERIVED
            sealed = await (grants.read_own_sealed if is_derived else grants.read_sealed)(session, grant.id)
        if sealed is None:
            raise SignInEnded(ErrorCode.AUTH_EXPIRED) if is_derived else GrantGone
        try:
            return _Question(adapter, grant, self._vault.open(sealed))
        except DecryptionFailed:
            raise GrantGone from None

    async def _put(self, question: _Question) -> Answered:
        tokens = to_token_set(question.pair, question.grant.scopes)
        user = await question.adapter.identity(tokens)
        places = await question.adapter.places(tokens, user)
        return Answered(question.adapter, question.grant, question.pair, user, places)

    async def _end_sign_in(self, question: _Question) -> None:
        """Forgets a dead token of the person, unless a new consent came in between."""
        async with self._database.write(question.grant.user_id) as session:
            grant = await grants.lock_grant(session, question.grant.id)
            if grant is None or grant.token_version != question.grant.token_version:
                return
            await grants.drop_own_tokens(session, grant.id)
            await grants.plan_look(session, grant.id, due_at=None, health=grant.health)
