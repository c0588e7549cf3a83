"""GitHub's errors in the closed set: REST's four kinds of 403, GraphQL's errors under 200, the token endpoint's too."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from social_platforms._core import ErrorCode, PlatformError, RateReading
from social_platforms.answers import Answer, objects, text
from social_platforms.statuses import with_evidence
from social_platforms.waits import header_number, reading, retry_after, until_epoch

RECONNECT: Final = "Connect GitHub again."
_HOUR: Final = timedelta(hours=1)
_SECONDARY_PAUSE: Final = timedelta(seconds=60)
_OURS: Final = frozenset(
    {"incorrect_client_credentials", "redirect_uri_mismatch", "unsupported_grant_type", "invalid_client"}
)
# GraphQL error types that say for certain that a mutation did nothing.
_GRAPHQL_REFUSALS: Final = frozenset({"NOT_FOUND", "FORBIDDEN", "UNPROCESSABLE", "INSUFFICIENT_SCOPES", "RATE_LIMITED"})


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful REST answer means."""
    return with_evidence(_judged(answer, now=now, creating=creating), answer)


def _judged(answer: Answer, *, now: datetime, creating: bool) -> PlatformError:
    status = answer.status
    message = (text(answer.body, "message") or "").lower()
    match status:
        case 401:
            return PlatformError(
                ErrorCode.AUTH_EXPIRED,
                "GitHub no longer accepts this access.",
                retryable=True,
                action=RECONNECT,
                http_status=status,
            )
        case 403 | 429:
            return _refused(answer, message=message, now=now)
        case 404 if not creating:
            return PlatformError(ErrorCode.NOT_FOUND, "GitHub has no such thing, or hides it.", http_status=status)
        case 404:
            return PlatformError(
                ErrorCode.DESTINATION_GONE,
                "GitHub does not show this repository, or the app is no longer installed on it.",
                action="Check the repository and the app's installation.",
                http_status=status,
            )
        case 410:
            return PlatformError(
                ErrorCode.DESTINATION_GONE,
                "This function is switched off in the repository.",
                action="Switch it on in the repository's settings.",
                http_status=status,
            )
        case 400 | 415 if "version" in message or not creating:
            return PlatformError(
                ErrorCode.VERSION_RETIRED, "GitHub no longer understands this request.", http_status=status
            )
        case 400 | 409 | 413 | 415 | 422:
            return PlatformError(
                ErrorCode.CONTENT_REJECTED,
                "GitHub does not accept this post.",
                action="Change the post.",
                http_status=status,
            )
        case _:
            return PlatformError(
                ErrorCode.PLATFORM_DOWN,
                "GitHub has trouble on its side.",
                retryable=True,
                retry_after=retry_after(answer.headers, now=now),
                http_status=status,
            )


def _refused(answer: Answer, *, message: str, now: datetime) -> PlatformError:
    """Primary limit, secondary limit with or without a wait, sign-on, missing permission, or plainly not allowed."""
    headers, status = answer.headers, answer.status
    wait = retry_after(headers, now=now)
    if header_number(headers, "x-ratelimit-remaining") == 0:
        reset = until_epoch(headers, "x-ratelimit-reset", now=now, window=_HOUR)
        return _slow_down(reset or wait or _HOUR, status=status)
    if wait is not None or status == 429 or "secondary rate limit" in message or "abuse" in message:  # noqa: PLR2004
        return _slow_down(wait or _SECONDARY_PAUSE, status=status)

    def missing(detail: str, action: str) -> PlatformError:
        return PlatformError(ErrorCode.PERMISSION_MISSING, detail, action=action, http_status=status)

    if "x-github-sso" in headers:
        return missing(
            "The organisation asks for its single sign-on.", "Sign in to the organisation and connect again."
        )
    if "not accessible by" in message:
        return missing(
            "The app lacks a permission on this repository.",
            "Approve the app's permissions at GitHub, or install it on the repository again.",
        )
    if "archived" in message:
        return PlatformError(
            ErrorCode.DESTINATION_GONE, "The repository is archived.", action="Unarchive it.", http_status=status
        )
    return missing("GitHub does not allow this account to do that here.", "Ask the repository's owner for the right.")


def _slow_down(wait: timedelta, *, status: int | None) -> PlatformError:
    return PlatformError(
        ErrorCode.RATE_LIMITED, "GitHub asks to slow down.", retryable=True, retry_after=wait, http_status=status
    )


def graphql_error_of(answer: Answer, *, now: datetime, mutation: bool) -> PlatformError | None:
    """What the errors of a GraphQL answer mean; None for a mutation whose end they leave open."""
    types = [text(error, "type") or "" for error in objects(answer.body, "errors")]
    known = next((name for name in types if name in _GRAPHQL_REFUSALS), None)
    match known:
        case "RATE_LIMITED":
            wait = until_epoch(answer.headers, "x-ratelimit-reset", now=now, window=_HOUR)
            return _slow_down(wait or retry_after(answer.headers, now=now) or _HOUR, status=answer.status)
        case "NOT_FOUND":
            code = ErrorCode.DESTINATION_GONE if mutation else ErrorCode.NOT_FOUND
            return PlatformError(
                code,
                "GitHub does not show this repository, or the app is no longer installed on it.",
                action="Check the repository and the app's installation.",
                http_status=answer.status,
            )
        case "FORBIDDEN" | "INSUFFICIENT_SCOPES":
            return PlatformError(
                ErrorCode.PERMISSION_MISSING,
                "GitHub does not allow this account to do that here.",
                action="Approve the app's permissions, or choose a category that is open to the account.",
                http_status=answer.status,
            )
        case "UNPROCESSABLE":
            return PlatformError(
                ErrorCode.CONTENT_REJECTED,
                "GitHub does not accept this post.",
                action="Change the post.",
                http_status=200,
            )
        case _ if mutation:
            return None
        case _:
            return PlatformError(
                ErrorCode.PLATFORM_DOWN,
                "GitHub could not answer a question.",
                retryable=True,
                http_status=answer.status,
            )


def oauth_error_of(answer: Answer, *, now: datetime, refreshing: bool) -> PlatformError:
    """What a refusal of the token endpoint means. It comes as 200, so the body decides before the status does."""
    error = text(answer.body, "error") or ""
    status = answer.status
    if error in _OURS or status == 404:  # noqa: PLR2004 - an unknown client id
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "GitHub does not accept the store's own credentials.",
            http_status=status,
            scope="app",
        )
    if refreshing and error in {"bad_refresh_token", "invalid_grant"}:
        return PlatformError(
            ErrorCode.AUTH_REVOKED, "The access at GitHub has ended.", action=RECONNECT, http_status=status, final=True
        )
    if error == "unverified_user_email":
        return PlatformError(
            ErrorCode.ACCOUNT_RESTRICTED,
            "GitHub wants the account's e-mail address verified first.",
            action="Verify the address at GitHub.",
            http_status=status,
        )
    if error and not refreshing and status < 500:  # noqa: PLR2004 - server errors
        return PlatformError(
            ErrorCode.AUTH_EXPIRED,
            "GitHub no longer accepts this approval; it is valid once and for ten minutes.",
            action="Start connecting again.",
            http_status=status,
            final=True,
        )
    if status in {401, 403, 429}:
        return _slow_down(retry_after(answer.headers, now=now) or _SECONDARY_PAUSE, status=status)
    return PlatformError(
        ErrorCode.PLATFORM_DOWN,
        "GitHub has trouble on its side.",
        retryable=True,
        retry_after=retry_after(answer.headers, now=now),
        http_status=status,
    )


def rates_of(headers: Mapping[str, str], *, now: datetime) -> list[RateReading]:
    """What the headers say of the hourly budget they belong to."""
    resource = headers.get("x-ratelimit-resource", "core")[:40]
    bucket = {"core": "REST", "graphql": "GraphQL"}.get(resource, resource)
    found = reading(headers, "x-ratelimit", bucket=bucket, scope="account", window=_HOUR, now=now)
    return [found] if found else []


def names_existing_tag(body: Any) -> bool:
    """True for the 422 that says that a release with this tag exists."""
    return any(text(error, "code") == "already_exists" for error in objects(body, "errors"))
