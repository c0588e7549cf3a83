"""What a platform's simulator provides, and the world it lives in.

To add a platform: a package `social_sandbox/<name>/` with a subclass of `PlatformSimulator`, and one line in
`registry`. The gateway matches `/<name>/<host>/<path>` against `routes()`, applies planned faults, records the
request and sends the answer; a handler only has to be right. It is `async def handler(call: Call) -> Answer`, reads
and writes `self.world.store` and takes the time from `self.world.clock`.

The rules for a handler: refuse what the original refuses; change the store without an `await` in between; do all work
before answering (a `commit_then_drop` runs the handler to its end and then cuts the connection).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel

from social_sandbox.answers import Answer, html_answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.clock import SandboxClock
from social_sandbox.config import SandboxConfig
from social_sandbox.faults import Operation
from social_sandbox.grants import Grant, GrantStore
from social_sandbox.model import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Account, App, Place
from social_sandbox.store import Store

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class World:
    """What all simulators share."""

    config: SandboxConfig
    clock: SandboxClock
    store: Store


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `path` may hold `{name}` for one segment (percent-decoded) and `{name:path}` for the rest.

    `operation` says which faults hit it; where the same URL does several things (a token endpoint that also refreshes),
    it is a function of the call.
    """

    method: str
    host: str
    path: str
    operation: Operation | Callable[[Call], Operation]
    handler: Handler

    def pattern(self) -> re.Pattern[str]:
        """The path as a pattern for the raw, percent-encoded path."""
        parts = re.split(r"(\{\w+(?::path)?\})", self.path)
        return re.compile("".join(_piece(part) for part in parts))

    def operation_of(self, call: Call) -> Operation:
        """What this call is."""
        return self.operation if isinstance(self.operation, Operation) else self.operation(call)


def _piece(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name, _, kind = part[1:-1].partition(":")
    return f"(?P<{name}>.+)" if kind else f"(?P<{name}>[^/]+)"


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A place as `POST /_control/accounts` names it."""

    kind: str
    name: str
    platform_id: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account as `POST /_control/accounts` asks for it; what is None the simulator makes up."""

    username: str | None = None
    display_name: str | None = None
    followers: int | None = None
    places: Sequence[PlaceSpec] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class RefusedByControl(Exception):
    """A control call asks for something this platform cannot have; `field` names the culprit (`places.0.kind`)."""

    def __init__(self, field_name: str, detail: str, *, status: int = 422) -> None:
        super().__init__(detail)
        self.field = field_name
        self.detail = detail
        self.status = status


class NoSwitches(BaseModel, extra="forbid", frozen=True):
    """For a platform without behaviour to switch."""


class PlatformSimulator(ABC):
    """A platform. Subclasses set the class variables and implement the abstract methods; the rest has fair defaults."""

    name: ClassVar[str]
    """The first path segment, and `platform` in the control interface."""
    label: ClassVar[str]
    """What people call it."""
    switches_model: ClassVar[type[BaseModel]] = NoSwitches
    """Behaviour that `POST /_control/switches` changes: a frozen pydantic model whose fields all have defaults."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def family(self) -> str:
        """Whose grant store this platform uses; its own by default."""
        return self.name

    @property
    def grants(self) -> GrantStore:
        """Codes, grants and tokens of this platform."""
        return self.world.store.grants(self.family)

    @property
    def switches(self) -> Any:
        """The switches as they stand now, an instance of `switches_model`."""
        return self.switches_model.model_validate(self.world.store.switches.get(self.name, {}))

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Every endpoint; asked once, at start."""

    @abstractmethod
    def create_account(self, spec: AccountSpec) -> Account:
        """Make an account with ids of this platform's form, put it into the store; raises `RefusedByControl`."""

    @abstractmethod
    def demo_accounts(self) -> Sequence[AccountSpec]:
        """The accounts a newcomer finds on the consent page."""

    @abstractmethod
    def server_error(self, call: Call) -> Answer:
        """The platform's own 500, for the faults `error_500` and `commit_then_500`."""

    @abstractmethod
    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """The platform's own "too many requests" with its headers, for the fault `rate_limit`."""

    def not_found(self, call: Call) -> Answer:
        """What the platform says to a path or method it does not have."""
        return json_answer({"error": "not_found", "path": call.path}, 404)

    def too_large(self, call: Call) -> Answer:
        """What the platform says to a body that no platform takes."""
        return json_answer({"error": "payload_too_large", "path": call.path}, 413)

    def garbage(self, call: Call) -> Answer:
        """A 200 that says JSON and is cut in the middle, for the fault `garbage`."""
        del call
        return Answer(200, b'{"data":{"id":"19', {"content-type": "application/json; charset=utf-8"})

    def html(self, call: Call) -> Answer:
        """A gateway's page instead of an answer, for the fault `html`."""
        del call
        return html_answer("<!doctype html><title>502</title><h1>Bad gateway</h1><p>Try again later.</p>", 502)

    def grant_of(self, call: Call) -> Grant | None:
        """The consent a call rests on, by its bearer or by a token in its form or query."""
        candidates = (call.bearer(), *(call.form().get(n) for n in _TOKEN_FIELDS), *map(call.query.get, _TOKEN_FIELDS))
        for value in candidates:
            token = self.grants.tokens.get(value or "")
            if token is not None:
                return self.grants.grants[token.grant_id]
        return None

    def revoke_access(self, call: Call) -> None:
        """The person removes the app just before this call arrives, for the fault `revoke`."""
        grant = self.grant_of(call)
        if grant is not None:
            self.grants.revoke_grant(grant, self.world.clock.now())

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename a place or change its options, for `POST /_control/places`; raises `RefusedByControl`."""
        del account
        place.name = name or place.name
        place.options.update(options)

    def catch_up(self) -> None:
        """Do what became due since the last call (a scheduled post goes live), before somebody looks at the posts."""
        return

    def check_app(self, app: App) -> None:
        """Refuse an app this platform would not register; raises `RefusedByControl`. By default any will do."""
        del app

    def seed(self) -> None:
        """Register the default app and the demo accounts."""
        config = self.world.config
        self.world.store.add_app(
            App(self.name, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, config.callbacks(self.name), "Seftec Social")
        )
        for spec in self.demo_accounts():
            self.create_account(spec)


def check_options(values: Mapping[str, Any], known: Mapping[str, type], *, where: str, label: str) -> None:
    """Refuse options that a platform does not know, or of another type than it knows; `where` names them."""
    for name, value in values.items():
        if name not in known:
            raise RefusedByControl(f"{where}.{name}", f"{label} knows only {', '.join(sorted(known))}")
        if type(value) is not known[name] or (isinstance(value, int) and value < 0):
            kinds = {int: "a whole number", bool: "true or false", str: "text"}
            raise RefusedByControl(f"{where}.{name}", f"must be {kinds[known[name]]}")


_TOKEN_FIELDS = ("refresh_token", "access_token", "token")
