"""Who may come in: token, limiters, credits, scopes, in the order in which X looks at them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.grants import Grant
from social_sandbox.model import Account
from social_sandbox.platform import Handler, PlatformSimulator
from social_sandbox.x.errors import (
    XError,
    app_refused,
    credits_depleted,
    invalid_request,
    missing_scope,
    rate_limited,
    unauthorized,
)
from social_sandbox.x.limits import take
from social_sandbox.x.switches import XSwitches

READING = frozenset({"tweet.read", "users.read"})
WRITING = READING | {"tweet.write"}
MEDIA = frozenset({"media.write"})


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call: who calls, on which consent, and when."""

    call: Call
    account: Account
    grant: Grant
    now: datetime
    switches: XSwitches

    def query(self, *known: str) -> dict[str, str]:
        """The query parameters; one that the endpoint does not know is refused."""
        query = self.call.query
        for name, value in query.items():
            if name not in known:
                listing = ", ".join(known)
                raise invalid_request(name, value, f"The query parameter [{name}] is not one of [{listing}]")
        return query


Work = Callable[[Visit], Awaitable[Answer]]


def answering(work: Handler) -> Handler:
    """Turn refusals into answers; for handlers that need no token."""

    async def handle(call: Call) -> Answer:
        try:
            return await work(call)
        except XError as error:
            return error.answer()

    return handle


def admitting(simulator: PlatformSimulator, work: Work, *, endpoint: str, scopes: frozenset[str]) -> Handler:
    """Make a handler of work that needs a token with these scopes; its answer carries the limiters' headers."""

    async def handle(call: Call) -> Answer:
        headers: dict[str, str] = {}
        try:
            visit = _authenticate(simulator, call)
            headers.update(_count(simulator, visit, endpoint))
            if visit.switches.app_state != "enrolled":
                raise app_refused(visit.switches.app_state)
            if visit.switches.credits != "funded":
                raise credits_depleted(visit.switches.credits)
            if not scopes <= set(visit.grant.scopes):
                raise missing_scope()
            return (await work(visit)).plus(headers)
        except XError as error:
            return error.answer().plus(headers)
        except MalformedBody as error:
            return invalid_request("body", "", f"The body could not be read: {error}").answer().plus(headers)

    return handle


def _authenticate(simulator: PlatformSimulator, call: Call) -> Visit:
    now = simulator.world.clock.now()
    scheme = call.headers.get("authorization", "").partition(" ")[0].lower()
    token = simulator.grants.live_token(call.bearer() if scheme == "bearer" else None, now, kind="access")
    grant = simulator.grants.grants[token.grant_id] if token else None
    account = simulator.world.store.account(simulator.name, grant.account_id) if grant else None
    if grant is None or account is None:
        raise unauthorized()
    return Visit(call, account, grant, now, simulator.switches)


def _count(simulator: PlatformSimulator, visit: Visit, endpoint: str) -> dict[str, str]:
    verdict = take(
        simulator.world.store.bucket(simulator.name).setdefault("windows", {}),
        endpoint,
        user=visit.account.account_id,
        app=visit.grant.client_id,
        now=visit.now,
        overrides=visit.switches.limits,
    )
    if not verdict.allowed:
        raise rate_limited(verdict.headers, legacy=visit.switches.legacy_rate_limit)
    return verdict.headers
