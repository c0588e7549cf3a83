"""Who may come in: token, version, protocol, quota; then what the token's scopes and the member's roles allow."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.grants import Grant
from social_sandbox.linkedin.app_options import AppOptions, options_of
from social_sandbox.linkedin.errors import Refusal, bad_syntax, invalid_parameter, not_permitted, refused
from social_sandbox.linkedin.people import PLATFORM, find_organization, has_role, person_urn
from social_sandbox.linkedin.switches import LinkedInSwitches
from social_sandbox.linkedin.versions import check_version, dated
from social_sandbox.model import Account, Place
from social_sandbox.platform import PlatformSimulator

PROTOCOL = "2.0.0"
UNVERSIONED = "NO_VERSION"


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call: who calls, through which app, and what was asked.

    `endpoint` is the resource and its method in LinkedIn's words (`partnerApiPostsExternal.CREATE`), `params` the
    query's values, `key` the path's one.
    """

    call: Call
    simulator: PlatformSimulator
    account: Account
    grant: Grant
    options: AppOptions
    version: str
    now: datetime
    switches: LinkedInSwitches
    endpoint: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    key: str = ""

    @property
    def person(self) -> str:
        """The member's URN, as this app knows it."""
        return person_urn(self.account.account_id, self.grant.client_id)

    def denied(self) -> Refusal:
        """The 403 that names this endpoint."""
        return not_permitted(self.endpoint, dated(self.version) if self.version != UNVERSIONED else UNVERSIONED)

    def need(self, *scopes: str) -> None:
        """Refuse unless the token has one of the scopes."""
        if not set(scopes) & set(self.grant.scopes):
            raise self.denied()

    def organization(self, urn: str, roles: frozenset[str]) -> Place:
        """An organization of the member's; refuses where the role is missing, or gone since."""
        place = self.account.place(urn)
        if place is None or find_organization(self.simulator.world.store, urn) is None or not has_role(place, roles):
            raise self.denied()
        return place

    def only(self, *known: str) -> None:
        """Refuse query parameters that the endpoint does not have."""
        for name in self.params:
            if name not in known:
                raise invalid_parameter(name, "is not a parameter of this resource")

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter that is one value; without a default it must be there."""
        value = self.params.get(name, default)
        if value is None:
            raise invalid_parameter(name, "is required")
        if not isinstance(value, str):
            raise invalid_parameter(name, "must be a single value")
        return value

    def choice(self, name: str, *allowed: str, default: str | None = None) -> str:
        """A parameter that is one of a few words."""
        value = self.text(name, default)
        if value not in allowed:
            raise invalid_parameter(name, f"must be one of {', '.join(allowed)}")
        return value


Work = Callable[[Visit], Awaitable[Answer]]


def authenticate(simulator: PlatformSimulator, call: Call, *, version: str) -> Visit:
    """The visit of a call with a living token; raises `Refusal` with the code that tells why it does not live."""
    switches: LinkedInSwitches = simulator.switches
    now = simulator.world.clock.now()
    scheme = call.headers.get("authorization", "").partition(" ")[0].lower()
    value = call.bearer() if scheme == "bearer" else None
    if value is None:
        raise _no_token(switches)
    grants = simulator.grants
    token = grants.tokens.get(value)
    grant = grants.grants[token.grant_id] if token else None
    account = simulator.world.store.account(PLATFORM, grant.account_id) if grant else None
    app = simulator.world.store.app(PLATFORM, grant.client_id) if grant else None
    if token is None or token.kind != "access" or grant is None or account is None or app is None:
        raise refused(401, "INVALID_ACCESS_TOKEN", "Invalid access token", service=65600)
    is_fresh = now < token.issued_at + timedelta(seconds=switches.fresh_token_lag_s)
    if is_fresh or token.revoked_at is not None or grant.revoked_at is not None:
        message = "The token used in the request has been revoked by the user"
        raise refused(401, "REVOKED_ACCESS_TOKEN", message, service=65601)
    if token.expires_at is not None and token.expires_at <= now:
        raise refused(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", service=65602)
    return Visit(call, simulator, account, grant, options_of(app), version, now, switches)


def admit(simulator: PlatformSimulator, call: Call) -> Visit:
    """The visit of a versioned call; which of token and version is looked at first is a switch."""
    switches: LinkedInSwitches = simulator.switches

    def version() -> str:
        now = simulator.world.clock.now()
        return check_version(call, now, always=switches.extra_versions, never=switches.retired_versions)

    if switches.version_first:
        version()
    visit = authenticate(simulator, call, version=call.headers.get("linkedin-version", "").strip())
    version()
    if call.headers.get("x-restli-protocol-version") != PROTOCOL:
        raise bad_syntax(f"The header X-Restli-Protocol-Version must be {PROTOCOL}")
    return visit


def _no_token(switches: LinkedInSwitches) -> Refusal:
    if switches.unsigned_form == "code":
        return refused(401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token")
    return refused(401, None, "Empty oauth2_access_token", service=401)
