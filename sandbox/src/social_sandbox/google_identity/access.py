"""Who may call an API of the family: a living access token, then its scopes. Each API words its refusals itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.google_identity.people import person
from social_sandbox.grants import Grant, Token
from social_sandbox.model import Account
from social_sandbox.platform import Handler, PlatformSimulator


class Refusals(Protocol):
    """How an API words what can be wrong with any call."""

    def unauthenticated(self) -> GoogleError:
        """The token is missing, unknown, expired or revoked."""

    def missing_scope(self) -> GoogleError:
        """The token was not granted any of the scopes that would do."""

    def unreadable(self, detail: str) -> GoogleError:
        """The body is not what its content type says."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call. `person` may be somebody without any place on this platform; `account` tells (see there)."""

    call: Call
    person: Account
    account: Account | None
    """The person's account on this platform; nothing where they have none (no channel, no location)."""
    grant: Grant
    token: Token
    now: datetime

    @property
    def channel(self) -> str | None:
        """The YouTube channel that the token is bound to."""
        found: str | None = self.token.details.get("channel")
        return found


Work = Callable[[Visit], Awaitable[Answer]]


def admitting(simulator: PlatformSimulator, work: Work, *, scopes_any: frozenset[str], refusals: Refusals) -> Handler:
    """Make a handler of work that needs a token with at least one of these scopes (none: any token will do)."""

    async def handle(call: Call) -> Answer:
        try:
            visit = authenticate(simulator, call, refusals=refusals)
            if scopes_any and scopes_any.isdisjoint(visit.token.scopes):
                raise refusals.missing_scope()
            return await work(visit)
        except GoogleError as error:
            return error.answer()
        except MalformedBody as error:
            return refusals.unreadable(str(error)).answer()

    return handle


def authenticate(simulator: PlatformSimulator, call: Call, *, refusals: Refusals) -> Visit:
    """Find whose call this is; only the scheme Bearer counts."""
    now = simulator.world.clock.now()
    store = simulator.world.store
    scheme = call.headers.get("authorization", "").partition(" ")[0].lower()
    token = simulator.grants.live_token(call.bearer() if scheme == "bearer" else None, now, kind="access")
    grant = simulator.grants.grants[token.grant_id] if token else None
    who = person(store, grant.account_id) if grant else None
    if token is None or grant is None or who is None:
        raise refusals.unauthenticated()
    return Visit(call, who, store.account(simulator.name, who.account_id), grant, token, now)
