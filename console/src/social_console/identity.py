"""Supabase Auth as the console uses it: sign in, sign up, refresh, sign out; its refusals in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from social_common.errors import (
    Conflict,
    Forbidden,
    Invalid,
    ServiceError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from social_common.http import HttpClient, HttpError, HttpResponse
from social_common.logging import get_logger
from social_common.secrets import Secret
from social_common.settings import required
from social_console.settings import ConsoleSettings

_LIMIT: Final = timedelta(seconds=10)
_LARGEST: Final = 256 * 1024
_ASK_AGAIN: Final = timedelta(seconds=5)
_COOL_DOWN: Final = timedelta(seconds=60)
_OK: Final = 200
_BAD_REQUEST, _SERVER_ERROR, _TOO_MANY = 400, 500, 429
# Named codes instead of texts that change: answers then say `code: invalid_credentials`.
_VERSION: Final = {"X-Supabase-Api-Version": "2024-01-01"}
_WEAK: Final = {
    "length": "The password is too short.",
    "characters": "The password needs more kinds of characters: letters, digits, symbols.",
    "pwned": "This password is in lists of stolen passwords.",
}


class SessionRefused(Exception):
    """The refresh token is worth nothing any more: spent, ended, or never given out."""


class ConfirmationNeeded(Exception):
    """The account was made, and waits for its owner to open the link in a message."""


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in, as the identity says it."""

    id: str
    email: str | None
    is_operator: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's newest pair of tokens."""

    access_token: Secret = field(repr=False)
    refresh_token: Secret = field(repr=False)
    expires_at: datetime
    expires_in: int
    user: User


def is_operator(app_metadata: object) -> bool:
    """Whether `app_metadata`, which users cannot change themselves, names the role `operator`."""
    roles = app_metadata.get("roles") if isinstance(app_metadata, Mapping) else None
    return isinstance(roles, list) and "operator" in roles


class IdentityClient:
    """Calls of one Supabase project's Auth."""

    def __init__(self, settings: ConsoleSettings, http: HttpClient) -> None:
        self._http = http
        self._base = required(settings.supabase_url, name="SUPABASE_URL").rstrip("/") + "/auth/v1"
        self._headers = dict(_VERSION)
        if settings.supabase_anon_key is not None:
            self._headers["apikey"] = settings.supabase_anon_key.reveal()

    async def sign_in(self, email: str, password: Secret) -> SignedIn:
        """A session for email and password."""
        return await self._enter("/token?grant_type=password", email, password)

    async def sign_up(self, email: str, password: Secret) -> SignedIn:
        """A new account with its first session; raises ConfirmationNeeded where the project confirms addresses."""
        return await self._enter("/signup", email, password)

    async def refresh(self, refresh_token: Secret) -> SignedIn:
        """The next pair; raises SessionRefused, or a ServiceError while the identity cannot say."""
        answer = await self._post("/token?grant_type=refresh_token", {"refresh_token": refresh_token.reveal()})
        if answer.status == _OK:
            return _signed_in(answer)
        # A refusal has a code. Without one it may be a gateway that dislikes our key, and no session has ended.
        if _code(answer) is not None and _BAD_REQUEST <= answer.status < _SERVER_ERROR and answer.status != _TOO_MANY:
            raise SessionRefused
        raise _failure(answer)

    async def sign_out(self, access_token: Secret) -> None:
        """Ends this session at the identity, and no other of the same person."""
        await self._post("/logout?scope=local", None, bearer=access_token)

    async def _enter(self, path: str, email: str, password: Secret) -> SignedIn:
        answer = await self._post(path, {"email": email, "password": password.reveal()})
        if answer.status == _OK:
            return _signed_in(answer)
        raise _failure(answer)

    async def _post(self, path: str, body: Mapping[str, str] | None, *, bearer: Secret | None = None) -> HttpResponse:
        try:
            return await self._http.request(
                "POST",
                self._base + path,
                headers=self._headers,
                json=body,
                bearer=bearer,
                timeout=_LIMIT,
                max_response_bytes=_LARGEST,
            )
        except HttpError as error:
            get_logger().warning("identity_unreachable", reason=error.detail)
            raise _down() from None


def _signed_in(answer: HttpResponse) -> SignedIn:
    try:
        document = answer.json()
        if "access_token" not in document:
            raise ConfirmationNeeded
        user = document["user"]
        life = int(document["expires_in"])
        moment = document.get("expires_at")
        return SignedIn(
            access_token=Secret(str(document["access_token"])),
            refresh_token=Secret(str(document["refresh_token"])),
            expires_at=datetime.fromtimestamp(moment, UTC) if moment else datetime.now(UTC) + timedelta(seconds=life),
            expires_in=life,
            user=User(str(user["id"]), user.get("email") or None, is_operator(user.get("app_metadata"))),
        )
    except (HttpError, KeyError, TypeError, ValueError, AttributeError):
        get_logger().error("identity_answer_unreadable")
        raise _down() from None


def _code(answer: HttpResponse) -> str | None:
    document = _document(answer)
    for name in ("error_code", "code", "error"):
        if isinstance(value := document.get(name), str):
            return value
    return None


def _document(answer: HttpResponse) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except HttpError:
        return {}
    return document if isinstance(document, dict) else {}


def _failure(answer: HttpResponse) -> ServiceError:
    if answer.status == _TOO_MANY:
        wait = answer.headers.get("retry-after", "")
        pause = timedelta(seconds=min(int(wait), 3600)) if wait.isascii() and wait.isdecimal() else _COOL_DOWN
        return TooManyRequests("Too many tries in a short time.", retry_after=pause, action="Wait a little.")
    code = _code(answer)
    if answer.status >= _SERVER_ERROR or code is None:
        get_logger().warning("identity_failed", http_status=answer.status)
        return _down()
    return _refusal(code, _document(answer))


def _refusal(code: str, document: Mapping[str, Any]) -> ServiceError:
    match code:
        case "invalid_credentials" | "invalid_grant":
            return Unauthenticated(
                "The email or the password is not right.", title="Sign-in failed", action="Check both and try again."
            )
        case "user_already_exists" | "email_exists":
            return Conflict(
                "This email already has an account.", title="Already registered", field="body.email", action="Sign in."
            )
        case "weak_password":
            return Invalid(_weakness(document), field="body.password", action="Choose another password.")
        case "email_address_invalid" | "email_address_not_authorized":
            return Invalid("This email cannot be used.", field="body.email")
        case "validation_failed":
            return _bad_field(document)
        case "email_not_confirmed":
            return Forbidden("This email is not confirmed yet.", action="Open the link in the message you were sent.")
        case "user_banned":
            return Forbidden("This account is closed.")
        case "signup_disabled" | "email_provider_disabled":
            return Forbidden("Accounts are not made here.", action="Ask whoever runs this shop.")
        case _:
            get_logger().warning("identity_refused", error_code=code)
            return Invalid("Sign-in was refused.")


def _weakness(document: Mapping[str, Any]) -> str:
    detail = document.get("weak_password")
    reasons = detail.get("reasons") if isinstance(detail, dict) else None
    known = [_WEAK[reason] for reason in reasons if reason in _WEAK] if isinstance(reasons, list) else []
    return " ".join(known) or "The password is too weak."


def _bad_field(document: Mapping[str, Any]) -> ServiceError:
    text = str(document.get("message") or document.get("msg") or "").lower()
    if "password" in text:
        return Invalid("The password is too long or empty.", field="body.password")
    return Invalid("This is no email address.", field="body.email")


def _down() -> Unavailable:
    return Unavailable("Sign-in does not answer at the moment.", retry_after=_ASK_AGAIN)
