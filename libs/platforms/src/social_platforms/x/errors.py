"""X's errors in the closed set. Bodies come in five shapes; none of their words are passed on."""

from datetime import datetime, timedelta
from typing import Any, Final

from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import Answer, objects, text
from social_platforms.statuses import with_evidence
from social_platforms.waits import reading, retry_after
from social_platforms.x.limits import DAY, QUARTER

RECONNECT: Final = "Connect the X account again."
_APP_PROBLEMS: Final = frozenset(
    {"client-forbidden", "unsupported-authentication", "official-client-forbidden", "client-not-enrolled"}
)
_CREDIT_PAUSE: Final = timedelta(hours=1)
_CAP_PAUSE: Final = timedelta(hours=6)
_SERVER_ERRORS: Final = 500


def problem_type(body: Any) -> str:
    """The last segment of a problem's type; the host before it has changed and means nothing."""
    return (text(body, "type") or "").rstrip("/").rsplit("/", 1)[-1].lower()


def _words(body: Any) -> str:
    parts = [text(body, "title"), text(body, "detail"), text(body, "reason")]
    for error in objects(body, "errors"):
        parts += [text(error, "message"), text(error, "detail"), text(error, "reason")]
    return " ".join(part for part in parts if part).lower()


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful answer of the API means; `creating` for calls that make or send something."""
    return with_evidence(_judged(answer, now=now, creating=creating), answer)


def _judged(answer: Answer, *, now: datetime, creating: bool) -> PlatformError:
    match answer.status:
        case 401:
            return PlatformError(
                ErrorCode.AUTH_EXPIRED,
                "X no longer accepts the access of this account.",
                retryable=True,
                action=RECONNECT,
                http_status=401,
            )
        case 402:
            return PlatformError(
                ErrorCode.QUOTA_EXHAUSTED,
                "The store's credits at X are used up; nothing is wrong with this account.",
                retryable=True,
                retry_after=_CREDIT_PAUSE,
                http_status=402,
                scope="app",
            )
        case 403:
            return _forbidden(answer, creating=creating)
        case 429:
            return _too_many(answer, now=now)
        case 400 | 413 | 415 | 422:
            return _invalid(answer, creating=creating)
        case 404 if not creating:
            return PlatformError(ErrorCode.NOT_FOUND, "X no longer has this.", http_status=404)
        case 404 | 410:
            return PlatformError(
                ErrorCode.VERSION_RETIRED, "X no longer offers this function.", http_status=answer.status, scope="app"
            )
        case _:
            return PlatformError(
                ErrorCode.PLATFORM_DOWN,
                "X has trouble on its side.",
                retryable=True,
                retry_after=retry_after(answer.headers, now=now),
                http_status=answer.status,
            )


def _forbidden(answer: Answer, *, creating: bool) -> PlatformError:
    kind, words = problem_type(answer.body), _words(answer.body)

    def error(code: ErrorCode, detail: str, action: str = "") -> PlatformError:
        return PlatformError(code, detail, action=action, http_status=403)

    if kind in _APP_PROBLEMS or any(name in words for name in _APP_PROBLEMS):
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED, "X does not allow the store's app to do this.", http_status=403, scope="app"
        )
    if kind == "oauth1-permissions" or "scope" in words:
        return error(ErrorCode.PERMISSION_MISSING, "The account did not allow this.", RECONNECT)
    if "suspended" in words or "locked" in words:
        return error(
            ErrorCode.ACCOUNT_RESTRICTED, "X has restricted this account.", "Sign in at X and follow what it asks."
        )
    if not creating:
        return error(ErrorCode.PERMISSION_MISSING, "X does not show this to the account.")
    if "duplicate" in words:
        return error(
            ErrorCode.DUPLICATE_POST,
            "X says that this account posted the same text a short while ago.",
            "Look whether the post is there, or change the text.",
        )
    if "video" in words:
        return error(ErrorCode.MEDIA_REJECTED, "X does not let this account post this video.", "Use a shorter video.")
    if "too long" in words:
        return error(ErrorCode.CONTENT_REJECTED, "The text is longer than X allows this account.", "Shorten the text.")
    if "cashtag" in words:
        return error(ErrorCode.CONTENT_REJECTED, "X allows one cashtag per post.", "Keep one cashtag.")
    return error(ErrorCode.CONTENT_REJECTED, "X does not permit this post for this account.", "Change the post.")


def _invalid(answer: Answer, *, creating: bool) -> PlatformError:
    words = _words(answer.body)
    if not creating:
        return PlatformError(
            ErrorCode.VERSION_RETIRED, "X no longer understands this request.", http_status=answer.status
        )
    if "media" in words or answer.status in {413, 415}:
        code, detail, action = ErrorCode.MEDIA_REJECTED, "X does not accept the picture or video.", "Use another file."
    elif "too long" in words:
        code, detail, action = ErrorCode.CONTENT_REJECTED, "The text is longer than X allows.", "Shorten the text."
    else:
        code, detail, action = ErrorCode.CONTENT_REJECTED, "X does not accept this post.", "Change the post."
    return PlatformError(code, detail, action=action, http_status=answer.status)


def _too_many(answer: Answer, *, now: datetime) -> PlatformError:
    """Of the limiters that are exhausted the one that resets last decides."""
    if problem_type(answer.body) == "usage-capped":
        return PlatformError(
            ErrorCode.QUOTA_EXHAUSTED,
            "The store's allowance at X is used up.",
            retryable=True,
            retry_after=retry_after(answer.headers, now=now) or _CAP_PAUSE,
            http_status=429,
            scope="app",
        )
    exhausted = [rate for rate in rates_of(answer, endpoint="", now=now) if rate.remaining == 0]
    wait = retry_after(answer.headers, now=now) or timedelta(0)
    for rate in exhausted:
        wait = max(wait, rate.resets_in or timedelta(0))
    is_daily = any(rate.bucket.endswith("24h") for rate in exhausted)
    return PlatformError(
        ErrorCode.QUOTA_EXHAUSTED if is_daily else ErrorCode.RATE_LIMITED,
        "X's limit for today is used up." if is_daily else "X asks to slow down.",
        retryable=True,
        retry_after=wait or QUARTER,
        http_status=429,
        scope="app" if any(rate.scope == "app" for rate in exhausted) else "account",
    )


def rates_of(answer: Answer, *, endpoint: str, now: datetime) -> list[Any]:
    """What the headers of an answer say of X's three limiters."""
    headers = answer.headers
    readings = (
        reading(headers, "x-rate-limit", bucket=endpoint, scope="account", window=QUARTER, now=now),
        reading(headers, "x-user-limit-24hour", bucket=f"{endpoint} 24h", scope="account", window=DAY, now=now),
        reading(headers, "x-app-limit-24hour", bucket=f"{endpoint} 24h", scope="app", window=DAY, now=now),
    )
    return [rate for rate in readings if rate is not None]


def oauth_error_of(answer: Answer, *, now: datetime, refreshing: bool) -> PlatformError:
    """What a refusal of the token endpoint means. Only a refused refresh token is final; X calls it invalid_request."""
    error = text(answer.body, "error") or ""
    description = (text(answer.body, "error_description") or "").lower()
    if error in {"unauthorized_client", "invalid_client"} or answer.status == 401:  # noqa: PLR2004 - not authorized
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "X does not accept the store's own credentials.",
            http_status=answer.status,
            scope="app",
        )
    if error in {"invalid_request", "invalid_grant"} and "missing required parameter" in description:
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "X misses something in the store's request.",
            http_status=answer.status,
            scope="app",
        )
    if error in {"invalid_request", "invalid_grant"} and answer.status == 400:  # noqa: PLR2004 - bad request
        if refreshing:
            return PlatformError(
                ErrorCode.AUTH_REVOKED,
                "The account's access at X has ended.",
                action=RECONNECT,
                http_status=400,
                final=True,
            )
        return PlatformError(
            ErrorCode.AUTH_EXPIRED,
            "X no longer accepts this approval; it is valid for half a minute and once.",
            action="Start connecting again.",
            http_status=400,
            final=True,
        )
    if answer.status == 429 or answer.status >= _SERVER_ERRORS:  # noqa: PLR2004 - too many requests
        return error_of(answer, now=now)
    if error == "invalid_scope":
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "X does not know a permission that was asked.",
            http_status=answer.status,
            scope="app",
        )
    return PlatformError(
        ErrorCode.PLATFORM_DOWN, "X answered in a form that cannot be read.", retryable=True, http_status=answer.status
    )
