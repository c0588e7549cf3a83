"""Issuing GitHub's user tokens: prefixes, lives, pairs, and the limit of ten."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.github.app_options import OFFLINE_ACCESS, AppOptions
from social_sandbox.grants import Grant, GrantStore, Token

ACCESS_LIFE = timedelta(hours=8)
REFRESH_LIFE = timedelta(seconds=15_897_600)
MOST_TOKENS = 10


@dataclass(frozen=True, slots=True)
class Issued:
    """What the token endpoint hands out."""

    access: Token
    refresh: Token | None

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The answer's body, in GitHub's order of keys."""
        body: dict[str, Any] = {"access_token": self.access.value}
        if self.access.expires_at is not None:
            body["expires_in"] = int((self.access.expires_at - now).total_seconds())
        if self.refresh is not None and self.refresh.expires_at is not None:
            body["refresh_token"] = self.refresh.value
            body["refresh_token_expires_in"] = int((self.refresh.expires_at - now).total_seconds())
        return {**body, "scope": ",".join(self.access.scopes), "token_type": "bearer"}


def issue(
    grants: GrantStore, grant: Grant, options: AppOptions, *, scopes: tuple[str, ...], expiring: bool, now: datetime
) -> Issued:
    """A new access token, with a refresh token where it expires; the eleventh ends the oldest."""
    prefix = "ghu_" if options.is_github_app else "gho_"
    pair = secrets.token_hex(8)
    access = grants.add_token(
        Token(
            prefix + secrets.token_urlsafe(27).replace("-", "a").replace("_", "b"),
            "access",
            grant.grant_id,
            scopes,
            now,
            now + ACCESS_LIFE if expiring else None,
            pair=pair,
        )
    )
    refresh = None
    if expiring:
        value = "ghr_" + secrets.token_urlsafe(56).replace("-", "a").replace("_", "b")
        life = now + REFRESH_LIFE
        refresh = grants.add_token(Token(value, "refresh", grant.grant_id, scopes, now, life, pair=pair))
    live = [
        token
        for token in grants.tokens_of(grant.grant_id)
        if token.kind == "access" and token.scopes == scopes and grants.live_token(token.value, now)
    ]
    for oldest in live[:-MOST_TOKENS]:
        end_pair(grants, oldest, now)
    return Issued(access, refresh)


def end_pair(grants: GrantStore, token: Token, now: datetime) -> None:
    """End a token and the one issued with it."""
    for other in grants.tokens_of(token.grant_id):
        if other.pair == token.pair:
            grants.revoke_token(other, now)


def is_expiring(options: AppOptions, requested: tuple[str, ...]) -> bool:
    """Whether tokens of this consent expire: as the app is set up, else by the flavour's default."""
    if options.expiring_tokens is not None:
        return options.expiring_tokens
    return options.is_github_app or OFFLINE_ACCESS in requested
