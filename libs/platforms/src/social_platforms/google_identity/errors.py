"""The shapes of Google's errors, and what the token endpoint's mean in the closed set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from social_platforms._core import ErrorCode, PlatformError, RateReading
from social_platforms.answers import Answer, at, objects, text
from social_platforms.statuses import error_by_status, with_evidence
from social_platforms.waits import retry_after

_OURS: Final = frozenset(
    {"invalid_client", "unauthorized_client", "redirect_uri_mismatch", "invalid_scope", "unsupported_grant_type"}
)
_PASSING: Final = frozenset({"internal_failure", "temporarily_unavailable", "server_error"})
_SECONDS: Final = re.compile(r"(\d{1,7})(?:\.\d{1,9})?s")
_MINUTE: Final = timedelta(minutes=1)
_TOO_MANY: Final = 429
SCOPE_REASONS: Final = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"})
DISABLED_REASONS: Final = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})


@dataclass(frozen=True, slots=True)
class Cause:
    """What an API's error body says: its status, the reasons of both generations, the fields' own words."""

    status: str = ""
    message: str = ""
    reasons: frozenset[str] = frozenset()
    field_messages: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    asked_wait: timedelta | None = None

    @classmethod
    def of(cls, body: Any) -> "Cause":
        """The cause in an error body; an empty one for anything else."""
        error = at(body, "error")
        details = objects(error, "details")
        reasons = [text(entry, "reason") for entry in (*objects(error, "errors"), *details)]
        inner = [entry for detail in details for entry in objects(detail, "errorDetails")]
        return cls(
            status=text(error, "status") or "",
            message=text(error, "message") or "",
            reasons=frozenset(reason for reason in reasons if reason is not None),
            field_messages=tuple(words for entry in inner if (words := text(entry, "message")) is not None),
            metadata=_metadata(details),
            asked_wait=_asked_wait(details),
        )

    def says(self, words: str) -> bool:
        """True where the message holds these words, in whatever case."""
        return words.lower() in self.message.lower()


def _metadata(details: list[dict[str, Any]]) -> Mapping[str, Any]:
    found = [at(detail, "metadata") for detail in details]
    return next((value for value in found if isinstance(value, dict)), {})


def _asked_wait(details: list[dict[str, Any]]) -> timedelta | None:
    for detail in details:
        match = _SECONDS.fullmatch(text(detail, "retryDelay") or "")
        if match:
            return timedelta(seconds=int(match[1]))
    return None


def rate_limited(
    answer: Answer, cause: Cause, *, name: str, now: datetime, scope: Literal["account", "app"]
) -> PlatformError:
    """A limit per minute was reached; without a word of how long, a minute is waited."""
    return PlatformError(
        ErrorCode.RATE_LIMITED,
        f"{name} asks to slow down.",
        retryable=True,
        retry_after=retry_after(answer.headers, now=now) or cause.asked_wait or _MINUTE,
        http_status=answer.status,
        scope=scope,
    )


def misconfigured(answer: Answer, *, name: str) -> PlatformError:
    """The store's own project is at fault: no merchant can do anything about it."""
    return PlatformError(
        ErrorCode.APP_MISCONFIGURED,
        f"{name} does not let the store's own project in.",
        http_status=answer.status,
        scope="app",
    )


def scope_missing(answer: Answer, *, name: str) -> PlatformError:
    """The merchant did not allow this at the consent."""
    return PlatformError(
        ErrorCode.PERMISSION_MISSING,
        "The account did not allow this.",
        action=f"Connect the {name} account again and leave every permission ticked.",
        http_status=answer.status,
    )


def exhausted_rate(error: PlatformError, *, bucket: str) -> list[RateReading]:
    """Google tells no limits while they last; that one is used up only a refusal tells."""
    if error.code not in {ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED}:
        return []
    return [RateReading(bucket, error.scope, None, 0, error.retry_after)]


def oauth_error_of(answer: Answer, *, name: str, now: datetime, refreshing: bool) -> PlatformError:
    """What a refusal of the token endpoint means. Only a dead grant, or a code that is no longer good, is final."""
    return with_evidence(_judged(answer, name=name, now=now, refreshing=refreshing), answer)


def _judged(answer: Answer, *, name: str, now: datetime, refreshing: bool) -> PlatformError:
    error = text(answer.body, "error")
    if error == "invalid_grant" and refreshing:
        return PlatformError(
            ErrorCode.AUTH_REVOKED,
            f"{name} no longer accepts the access of this account.",
            action=f"Connect the {name} account again.",
            http_status=answer.status,
            final=True,
        )
    if error == "invalid_grant":
        return PlatformError(
            ErrorCode.AUTH_EXPIRED,
            f"{name} no longer accepts this approval; it is valid once and for a few minutes.",
            action="Start connecting again.",
            http_status=answer.status,
            final=True,
        )
    if error in _OURS:
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            f"{name} does not accept the store's own credentials.",
            http_status=answer.status,
            scope="app",
        )
    if error == "admin_policy_enforced":
        return PlatformError(
            ErrorCode.ACCOUNT_RESTRICTED,
            "The administrator of this Google account does not allow the connection.",
            action="Ask the administrator to allow the store's app.",
            http_status=answer.status,
        )
    if answer.status == _TOO_MANY:
        return rate_limited(answer, Cause(), name=name, now=now, scope="app")
    if error in _PASSING:
        return PlatformError(
            ErrorCode.PLATFORM_DOWN, f"{name} has trouble on its side.", retryable=True, http_status=answer.status
        )
    return error_by_status(answer, name=name, now=now)
