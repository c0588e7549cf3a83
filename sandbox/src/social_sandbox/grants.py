"""Consent and what it hands out: codes, grants, tokens.

One `GrantStore` per OAuth family (platforms that share one have one). It keeps facts and answers questions of time and
life; which error a platform makes of them, and what kills what, is the simulator's business.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Grant:
    """One person's consent to one app. All its tokens die with it."""

    grant_id: str
    client_id: str
    account_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Code:
    """An authorization code and everything it is bound to."""

    value: str
    client_id: str
    account_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: datetime
    challenge: str | None = None
    challenge_method: str | None = None
    used_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """A token of any kind (`access`, `refresh`, or the platform's own word). `pair` ties what was issued together."""

    value: str
    kind: str
    grant_id: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    pair: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class GrantStore:
    """Codes, grants and tokens of one OAuth family."""

    codes: dict[str, Code] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    by_grant: dict[str, list[str]] = field(default_factory=dict)
    by_person: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        for name in self.__dataclass_fields__:
            getattr(self, name).clear()

    def add_code(self, code: Code) -> Code:
        """Keep a code until it is exchanged."""
        self.codes[code.value] = code
        return code

    def add_grant(self, grant: Grant) -> Grant:
        """Keep a consent."""
        self.grants[grant.grant_id] = grant
        self.by_person.setdefault((grant.client_id, grant.account_id), []).append(grant.grant_id)
        return grant

    def add_token(self, token: Token) -> Token:
        """Keep a token under its grant."""
        self.tokens[token.value] = token
        self.by_grant.setdefault(token.grant_id, []).append(token.value)
        return token

    def live_grant(self, client_id: str, account_id: str) -> Grant | None:
        """The unrevoked consent of this account to this app, the newest if there are several."""
        kept = [self.grants[grant_id] for grant_id in self.by_person.get((client_id, account_id), ())]
        return next((grant for grant in reversed(kept) if grant.revoked_at is None), None)

    def live_token(self, value: str | None, now: datetime, *, kind: str | None = None) -> Token | None:
        """The token, if it is known, of that kind, neither expired nor revoked, and its grant stands."""
        token = self.tokens.get(value or "")
        if token is None or token.revoked_at is not None or (kind is not None and token.kind != kind):
            return None
        if token.expires_at is not None and token.expires_at <= now:
            return None
        return token if self.grants[token.grant_id].revoked_at is None else None

    def tokens_of(self, grant_id: str) -> list[Token]:
        """Every token ever issued under a grant that is still remembered, oldest first."""
        return [self.tokens[value] for value in self.by_grant.get(grant_id, ())]

    def revoke_token(self, token: Token, now: datetime) -> None:
        """End one token."""
        token.revoked_at = token.revoked_at or now

    def revoke_grant(self, grant: Grant, now: datetime) -> None:
        """End a consent and every token under it."""
        grant.revoked_at = grant.revoked_at or now
        for token in self.tokens_of(grant.grant_id):
            self.revoke_token(token, now)


def s256_challenge(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636, method S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def verifier_matches(verifier: str | None, challenge: str, method: str | None) -> bool:
    """Whether a verifier answers the challenge it was announced with."""
    if verifier is None:
        return False
    expected = s256_challenge(verifier) if method == "S256" else verifier
    return hmac.compare_digest(expected.encode(), challenge.encode())
