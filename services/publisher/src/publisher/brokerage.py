"""auth-linker as publisher calls it: a token right before it is needed, and a connection that no event told of yet.

No answer of auth-linker is cached: a token lives in this process for the length of one piece of work.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from social_common.http import HttpClient, HttpDropped, HttpError, HttpNothingSent, HttpResponse
from social_common.keyfiles import ServiceKey
from social_common.secrets import Secret
from social_common.service_tokens import sign_service_token
from social_platforms._core import Access, Capability, PlaceKind

AUDIENCE: Final = "auth-linker"
_RETRY: Final = timedelta(seconds=5)
_TIMEOUT: Final = timedelta(seconds=10)


class NoAccessError(Exception):
    """auth-linker gave no token."""


class ConnectionDownError(NoAccessError):
    """The merchant must reconnect, or has disconnected; `revision` is the connection's at that answer."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the connection is down as of revision {revision}")
        self.revision = revision


class CapabilityMissingError(NoAccessError):
    """The grant does not allow publishing at that place."""


class ConnectionUnknownError(NoAccessError):
    """auth-linker has no such connection of that merchant."""


class BrokerUnavailableError(NoAccessError):
    """No token just now; ask again after `retry_after`."""

    def __init__(self, retry_after: timedelta = _RETRY) -> None:
        super().__init__("auth-linker has no token at the moment")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Brokered:
    """A token with its version, to be named should the platform refuse it."""

    access: Access
    token_version: int


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """A connection as auth-linker knows it now."""

    connection_id: UUID
    user_id: UUID
    grant_id: UUID | None
    platform: str
    platform_id: str
    kind: str | None
    platform_username: str | None
    scopes: tuple[str, ...]
    capabilities: tuple[str, ...]
    health: str
    expires_at: datetime | None
    renewable: bool | None
    is_usable: bool
    revision: int


class Broker(Protocol):
    """Where tokens and unknown connections come from."""

    async def access(
        self, connection_id: UUID, user_id: UUID, *, min_valid: timedelta, refused: int | None = None
    ) -> Brokered:
        """A token good for at least `min_valid`; naming a refused version forces a refresh. Raises NoAccessError."""

    async def connection(self, connection_id: UUID, user_id: UUID) -> ConnectionFacts | None:
        """The merchant's connection, None where there is none. Raises BrokerUnavailableError."""


class _TokenAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    access_token: str
    token_version: int
    platform_id: str
    kind: str = "account"
    facts: dict[str, Any] = {}
    proof: str | None = None


class _ConnectionAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    user_id: UUID
    grant_id: UUID | None = None
    platform: str
    platform_id: str
    kind: str | None = None
    platform_username: str | None = None
    scopes: list[str] = []
    capabilities: list[str] = []
    health: str = "ok"
    expires_at: AwareDatetime | None = None
    renewable: bool | None = None
    is_connected: bool = True
    revision: int


class LinkerBroker:
    """auth-linker over HTTP, with a service token made for each call."""

    def __init__(self, http: HttpClient, *, url: str, key: ServiceKey, caller: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._key = key
        self._caller = caller

    async def access(
        self, connection_id: UUID, user_id: UUID, *, min_valid: timedelta, refused: int | None = None
    ) -> Brokered:
        """See `Broker.access`."""
        body: dict[str, Any] = {
            "user_id": str(user_id),
            "capability": Capability.PUBLISH.value,
            "min_valid_s": int(min_valid.total_seconds()),
        }
        if refused is not None:
            body["refused_token_version"] = refused
        answer = await self._call("POST", f"/internal/v1/connections/{connection_id}/token", json=body)
        match answer.status:
            case 200:
                told = _read(_TokenAnswer, answer)
            case 403:
                raise CapabilityMissingError("publishing is not granted for this connection")
            case 404:
                raise ConnectionUnknownError("there is no such connection")
            case 409:
                raise ConnectionDownError(_revision_in(answer))
            case _:
                raise BrokerUnavailableError(_retry_after(answer.headers))
        access = Access(
            token=Secret(told.access_token),
            platform_id=told.platform_id,
            kind=_place_kind(told.kind),
            facts=told.facts,
            proof=Secret.maybe(told.proof),
        )
        return Brokered(access, told.token_version)

    async def connection(self, connection_id: UUID, user_id: UUID) -> ConnectionFacts | None:
        """See `Broker.connection`."""
        answer = await self._call("GET", f"/internal/v1/connections/{connection_id}", params={"user_id": str(user_id)})
        match answer.status:
            case 200:
                told = _read(_ConnectionAnswer, answer)
            case 404:
                return None
            case _:
                raise BrokerUnavailableError(_retry_after(answer.headers))
        known = told.model_dump(exclude={"id", "is_connected", "scopes", "capabilities"})
        return ConnectionFacts(
            connection_id=told.id,
            scopes=tuple(told.scopes),
            capabilities=tuple(told.capabilities),
            is_usable=told.is_connected and told.health != "reconnect_required",
            **known,
        )

    async def _call(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None
    ) -> HttpResponse:
        async def ask(limit: timedelta) -> HttpResponse:
            bearer = sign_service_token(self._key, iss=self._caller, aud=AUDIENCE)
            return await self._http.request(
                method, self._url + path, json=json, params=params, bearer=bearer, timeout=limit, tell_trace=True
            )

        begun = time.monotonic()
        try:
            try:
                return await ask(_TIMEOUT)
            except (HttpDropped, HttpNothingSent):
                # A replica that is replaced closes its connections: another one answers. Both calls may be repeated.
                return await ask(_TIMEOUT - timedelta(seconds=time.monotonic() - begun))
        except HttpError as error:
            raise BrokerUnavailableError from error


_A = TypeVar("_A", _TokenAnswer, _ConnectionAnswer)


def _read(model: type[_A], answer: HttpResponse) -> _A:
    try:
        return model.model_validate(answer.json())
    except (HttpError, ValidationError) as error:
        raise BrokerUnavailableError from error


def _revision_in(answer: HttpResponse) -> int:
    try:
        revision = answer.json().get("revision", 0)
    except (HttpError, AttributeError):
        return 0
    return revision if isinstance(revision, int) else 0


def _retry_after(headers: Mapping[str, str]) -> timedelta:
    value = headers.get("Retry-After", "")
    return timedelta(seconds=min(int(value), 3600)) if value.isdecimal() else _RETRY


def _place_kind(kind: str) -> PlaceKind:
    try:
        return PlaceKind(kind)
    except ValueError:
        return PlaceKind.ACCOUNT
