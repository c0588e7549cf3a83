"""Who is calling: merchants, by the access tokens that Supabase Auth (or the local identity) issued.

A project signs either with keys of a JWKS (ES256, RS256) or with one shared secret (HS256). Only the configured one of
the two is ever taken, so that no public key can be passed off as a secret. Times are compared with the product's clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Protocol
from uuid import UUID

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from social_common.errors import Forbidden, Unauthenticated, Unavailable
from social_common.http import HttpClient
from social_common.jwks import JwksCache, JwksUnavailable
from social_common.logging import bind_log_context
from social_common.secrets import Secret
from social_common.settings import ServiceSettings

AUDIENCE: Final = "authenticated"
_ASYMMETRIC: Final = frozenset({"ES256", "RS256"})
_SYMMETRIC: Final = frozenset({"HS256"})
_SKEW: Final = timedelta(seconds=10)
_LONGEST: Final = 16 * 1024
# Times are ours to check: PyJWT would compare them with this machine's clock.
_OPTIONS: Final[Any] = {
    "require": ["exp", "sub", "aud", "iss"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class Clock(Protocol):
    """The product's clock; `clock.ProductClock` is the real one."""

    async def now(self) -> datetime:
        """The moment it is for the product, with its offset."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """A signed-in merchant. `claims` are for the record; policies in the database read `sub` only."""

    user_id: UUID
    claims: Mapping[str, Any] = field(repr=False, default_factory=dict)


class TokenVerifier:
    """Checks merchants' tokens. With `hs256_secret` only HS256 is taken, without it only the JWKS's algorithms."""

    def __init__(self, *, jwks: JwksCache | None, issuer: str, hs256_secret: Secret | None, clock: Clock) -> None:
        if (jwks is None) == (hs256_secret is None):
            raise ValueError("tokens are verified either by a JWKS or by a secret, never by both or neither")
        self._jwks = jwks
        self._issuer = issuer
        self._secret = hs256_secret
        self._clock = clock

    async def verify(self, bearer: str) -> Merchant:
        """The merchant whom this token speaks for.

        Raises Unauthenticated (401) for a token that proves nothing, Forbidden (403) for an anonymous user's, and
        Unavailable (503) while the issuer's keys have never been reachable.
        """
        if len(bearer) > _LONGEST:
            raise _refused("The access token is too long.")
        try:
            header = jwt.get_unverified_header(bearer)
        except jwt.InvalidTokenError:
            raise _refused("The access token is no JWT.") from None
        key, algorithm = await self._key_for(header)
        try:
            claims = jwt.decode(
                bearer, key, algorithms=[algorithm], audience=AUDIENCE, issuer=self._issuer, options=_OPTIONS
            )
        except jwt.InvalidTokenError as error:
            raise _refused(_reason(error)) from None
        await self._check_times(claims)
        return _merchant(claims)

    async def _key_for(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        algorithm, kid = header.get("alg"), header.get("kid")
        allowed = _ASYMMETRIC if self._secret is None else _SYMMETRIC
        if not isinstance(algorithm, str) or algorithm not in allowed:
            raise _refused("The access token is signed in a way that is not accepted here.")
        if self._secret is not None:
            return self._secret.reveal(), algorithm
        if self._jwks is None or not isinstance(kid, str):
            raise _refused("The access token does not say which key signed it.")
        try:
            key = await self._jwks.key(kid)
        except JwksUnavailable:
            raise Unavailable("Sign-in cannot be checked at the moment.", retry_after=timedelta(seconds=5)) from None
        if key is None or key.algorithm_name != algorithm:
            raise _refused("The access token is signed with an unknown key.")
        return key, algorithm

    async def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = (await self._clock.now()).timestamp()
        if now >= _moment(claims, "exp"):
            raise _refused("The access token has expired.")
        for name in ("nbf", "iat"):
            if name in claims and _moment(claims, name) > now + _SKEW.total_seconds():
                raise _refused("The access token is not valid yet.")


def create_token_verifier(settings: ServiceSettings, *, http: HttpClient, clock: Clock) -> TokenVerifier:
    """The verifier that the settings ask for: by the project's secret where one is set, else by its published keys."""
    secret = settings.supabase_jwt_secret
    return TokenVerifier(
        jwks=JwksCache(http, settings.jwks_url) if secret is None else None,
        issuer=settings.jwt_issuer,
        hs256_secret=secret,
        clock=clock,
    )


_bearer_scheme = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Supabase access token")


async def current_merchant(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer_scheme)]
) -> Merchant:
    """FastAPI dependency: the caller, by `app.state.token_verifier`, counted against the caller's rate limit."""
    limiter = getattr(request.app.state, "rate_limiter", None)
    verifier: TokenVerifier = request.app.state.token_verifier
    if credentials is None or not credentials.credentials:
        raise Unauthenticated("This needs an access token in the Authorization header, as `Bearer …`.")
    try:
        merchant = await verifier.verify(credentials.credentials)
    except Unauthenticated:
        if limiter is not None:
            await limiter.hit_address(request.scope)
        raise
    if limiter is not None:
        await limiter.hit_merchant(str(merchant.user_id))
    bind_log_context(user_id=str(merchant.user_id))
    return merchant


CurrentMerchant = Annotated[Merchant, Depends(current_merchant)]
"""How an endpoint asks for its caller: `merchant: CurrentMerchant`."""


def _merchant(claims: Mapping[str, Any]) -> Merchant:
    if claims.get("role") != AUDIENCE:
        raise _refused("The access token is not a signed-in merchant's.")
    try:
        user_id = UUID(claims["sub"])
    except (ValueError, TypeError, AttributeError):
        raise _refused("The access token names no merchant.") from None
    if claims.get("is_anonymous"):
        raise Forbidden("Guests cannot do this.", action="Sign in with an account of your own.")
    return Merchant(user_id, claims)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"The access token's `{name}` is no time.")
    return float(value)


def _reason(error: jwt.InvalidTokenError) -> str:
    match error:
        case jwt.InvalidIssuerError():
            return "The access token was issued by somebody else."
        case jwt.InvalidAudienceError():
            return "The access token is meant for somebody else."
        case jwt.MissingRequiredClaimError():
            return "The access token lacks a claim that is needed here."
        case _:
            return "The access token's signature or form is wrong."


def _refused(detail: str) -> Unauthenticated:
    return Unauthenticated(detail, reason="invalid_token", action="Sign in again.")
