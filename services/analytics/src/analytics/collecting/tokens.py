"""Tokens from auth-linker's broker: over HTTP, with a signed service token, never stored."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Protocol
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, InstanceOf, ValidationError

from analytics.collecting.domain import Pause
from social_common.http import HttpClient, HttpError, HttpGarbage, HttpResponse
from social_common.keyfiles import ServiceKey
from social_common.secrets import Secret
from social_common.service_tokens import sign_service_token
from social_platforms._core import Access, PlaceKind

CAPABILITY: Final = "analytics"
CALL_LIMIT: Final = timedelta(seconds=15)
_MIN_VALID: Final = timedelta(minutes=2)
_UNAVAILABLE_FOR: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)
_FROM: Final = "analytics"
_TO: Final = "auth-linker"


class TokenRefused(Exception):
    """auth-linker will give no token until something changes, which an event will tell.

    `revision` is the connection's revision this was said at, None where the answer named none.
    """

    def __init__(self, why: Pause, *, revision: int | None = None) -> None:
        super().__init__(f"no token: {why}")
        self.why = why
        self.revision = revision


class TokenUnavailable(Exception):
    """There is no token at the moment; ask again after `retry_after`."""

    def __init__(self, reason: str, *, retry_after: timedelta = _UNAVAILABLE_FOR) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Granted:
    """A token with its version, which is named when the platform refuses it."""

    access: Access
    token_version: int


class TokenSource(Protocol):
    """Where tokens come from; raises TokenRefused and TokenUnavailable only."""

    async def token_for(self, connection_id: UUID, *, user_id: UUID, refused_version: int | None = None) -> Granted:
        """A token good for reading that connection's numbers, a younger one than the refused version."""


def _secret(value: Any) -> Any:
    return Secret(value) if isinstance(value, str) and value else value


SecretText = Annotated[InstanceOf[Secret], BeforeValidator(_secret)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: SecretText
    token_version: int
    platform_id: str
    kind: str
    facts: dict[str, Any] = {}
    proof: SecretText | None = None


class LinkerTokens:
    """The broker of auth-linker."""

    def __init__(self, http: HttpClient, *, linker_url: str, key: ServiceKey) -> None:
        self._http = http
        self._base = linker_url.rstrip("/")
        self._key = key

    async def token_for(self, connection_id: UUID, *, user_id: UUID, refused_version: int | None = None) -> Granted:
        """A token for the connection; what the broker answers decides how long to wait where there is none."""
        body: dict[str, Any] = {
            "user_id": str(user_id),
            "capability": CAPABILITY,
            "min_valid_s": int(_MIN_VALID.total_seconds()),
        }
        if refused_version is not None:
            body["refused_token_version"] = refused_version
        try:
            response = await self._http.request(
                "POST",
                f"{self._base}/internal/v1/connections/{connection_id}/token",
                json=body,
                bearer=sign_service_token(self._key, iss=_FROM, aud=_TO),
                timeout=CALL_LIMIT,
                tell_trace=True,
            )
        except HttpError as error:
            raise TokenUnavailable(error.detail) from error
        return _read(response)


def _read(response: HttpResponse) -> Granted:
    match response.status:
        case 200:
            return _granted(response)
        case 403:
            raise TokenRefused(Pause.NOT_GRANTED)
        case 404:
            raise TokenRefused(Pause.NOT_KNOWN)
        case 409:
            raise TokenRefused(Pause.NOT_USABLE, revision=_revision(response))
        case status:
            raise TokenUnavailable(f"the token broker answered {status}", retry_after=_retry_after(response))


def _granted(response: HttpResponse) -> Granted:
    try:
        answer = _Answer.model_validate(response.json())
        kind = PlaceKind(answer.kind)
    except (ValidationError, HttpGarbage, ValueError):
        # Without the cause: a validation error would carry what it refused, a token among it.
        raise TokenUnavailable("the token broker's answer is not understood") from None
    access = Access(
        token=answer.access_token,
        platform_id=answer.platform_id,
        kind=kind,
        facts=answer.facts,
        proof=answer.proof,
    )
    return Granted(access, answer.token_version)


def _revision(response: HttpResponse) -> int | None:
    try:
        body = response.json()
    except HttpGarbage:
        return None
    revision = body.get("revision") if isinstance(body, dict) else None
    return revision if isinstance(revision, int) and not isinstance(revision, bool) else None


def _retry_after(response: HttpResponse) -> timedelta:
    told = response.headers.get("Retry-After", "")
    if not told.isdecimal():
        return _UNAVAILABLE_FOR
    return min(max(timedelta(seconds=min(int(told), 86_400)), timedelta(seconds=1)), _LONGEST_WAIT)
