"""LinkedIn's errors in the closed set: by the code's name, then by its number and words, then by status.

Any field of an error but its status may be missing, and none of LinkedIn's words are passed on to a merchant.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import Answer, count, objects, text
from social_platforms.statuses import error_by_status, evidence_of
from social_platforms.waits import retry_after

NAME: Final = "LinkedIn"
RECONNECT: Final = "Connect the LinkedIn account again."
_MOMENT: Final = timedelta(seconds=5)
_PROCESSING: Final = timedelta(seconds=30)
_BURST: Final = timedelta(minutes=1)
_NO_ACCESS: Final = 100
_THROTTLED: Final = 101
_REVOKED: Final = 65601
_DEAD_TOKENS: Final[Mapping[int, ErrorCode]] = {
    65600: ErrorCode.AUTH_EXPIRED,
    _REVOKED: ErrorCode.AUTH_REVOKED,
    65602: ErrorCode.AUTH_EXPIRED,
}
_RESOURCE: Final = re.compile(r"permissions to access: ([A-Za-z]{1,80})\.([A-Za-z_]{1,40})")
_Meaning = tuple[ErrorCode, str, str, timedelta | None]

_ANY_CALL: Final[Mapping[str, _Meaning]] = {
    "MEDIA_ASSET_WAITING_UPLOAD": (
        ErrorCode.PLATFORM_DOWN,
        "LinkedIn is still working on the picture or video.",
        "",
        _PROCESSING,
    ),
    "MEDIA_ASSET_PROCESSING_FAILED": (
        ErrorCode.MEDIA_REJECTED,
        "LinkedIn could not process the picture or video.",
        "Upload it again, or use another file.",
        None,
    ),
    "EXPIRED_UPLOAD_URL": (
        ErrorCode.MEDIA_REJECTED,
        "The upload of the picture or video took LinkedIn too long.",
        "Try again.",
        None,
    ),
    "CONFLICT": (
        ErrorCode.PLATFORM_DOWN,
        "LinkedIn was busy with another change; nothing was posted.",
        "",
        _MOMENT,
    ),
}
_CREATING: Final[Mapping[str, _Meaning]] = {
    "FIELD_LENGTH_TOO_LONG": (
        ErrorCode.CONTENT_REJECTED,
        "The text is longer than LinkedIn allows.",
        "Shorten the text.",
        None,
    ),
    "INVALID_VALUE_BLANK_FIELD": (
        ErrorCode.CONTENT_REJECTED,
        "LinkedIn does not accept an empty text.",
        "Write a text.",
        None,
    ),
}
_AREAS: Final = (
    ("statistic", "read statistics"),
    ("networksize", "read statistics"),
    ("image", "upload or read pictures and videos"),
    ("video", "upload or read pictures and videos"),
    ("acl", "read which Pages the member may act for"),
    ("organization", "read this Page"),
)
_DUPLICATE: Final = re.compile(r"duplicate of\b", re.IGNORECASE)


def names_of(body: Any) -> frozenset[str]:
    """The names of an error: its own, and those of single inputs."""
    return frozenset(_names(body))


def _names(body: Any) -> Iterator[str]:
    for found in (body, *objects(body, "errorDetails", "inputErrors")):
        name = text(found, "code")
        if name is not None:
            yield name.upper()


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful answer of the API means; `creating` for calls that make something."""
    found = _judged(answer, now=now, creating=creating)
    return with_trace(found or error_by_status(answer, name=NAME, now=now, creating=creating), answer)


def with_trace(error: PlatformError, answer: Answer) -> PlatformError:
    """That error with the answer it was made from and the mark by which LinkedIn's support finds the call."""
    error.evidence = error.evidence or evidence_of(answer)
    mark = answer.headers.get("x-li-uuid", "")[:100]
    if mark.isprintable() and mark:
        error.evidence += f" x-li-uuid={mark}"
    return error


def _judged(answer: Answer, *, now: datetime, creating: bool) -> PlatformError | None:
    names = names_of(answer.body)
    match answer.status:
        case 401:
            return _dead_token(answer, names)
        case 403 if "ACCESS_DENIED" in names or count(answer.body, "serviceErrorCode") == _NO_ACCESS:
            return _denied(answer)
        case 422 if _is_duplicate(answer.body, names):
            return PlatformError(
                ErrorCode.DUPLICATE_POST,
                "LinkedIn says that this account has posted the same before.",
                action="Look whether the post is there, or change the text.",
                http_status=422,
            )
        case 426:
            return PlatformError(
                ErrorCode.VERSION_RETIRED,
                "LinkedIn no longer serves the version of its interface in use.",
                http_status=426,
                scope="app",
            )
        case 429:
            return _throttled(answer, names, now=now)
    if "VERSION_MISSING" in names:
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "LinkedIn does not understand the store's request.",
            http_status=answer.status,
            scope="app",
        )
    known = {**_ANY_CALL, **(_CREATING if creating else {})}
    meaning = next((known[name] for name in known if name in names), None)
    if meaning is None and answer.status == 409:  # noqa: PLR2004 - a conflict, whatever its body
        meaning = _ANY_CALL["CONFLICT"]
    if meaning is None:
        return None
    code, detail, action, wait = meaning
    return PlatformError(
        code,
        detail,
        action=action,
        retryable=wait is not None,
        retry_after=(retry_after(answer.headers, now=now) or wait) if wait else None,
        http_status=answer.status,
    )


def _dead_token(answer: Answer, names: frozenset[str]) -> PlatformError:
    code = _DEAD_TOKENS.get(count(answer.body, "serviceErrorCode") or 0, ErrorCode.AUTH_EXPIRED)
    if "REVOKED_ACCESS_TOKEN" in names:
        code = ErrorCode.AUTH_REVOKED
    return PlatformError(
        code,
        "LinkedIn no longer accepts the access of this account.",
        retryable=True,
        action=RECONNECT,
        http_status=401,
    )


def _denied(answer: Answer) -> PlatformError:
    """A missing product, scope or role, with a token that lives."""
    found = _RESOURCE.search(text(answer.body, "message") or "")
    return PlatformError(
        ErrorCode.PERMISSION_MISSING,
        f"LinkedIn does not allow this connection to {_area(found) if found else 'do this'}: "
        "the app, the approval or the role at the Page does not cover it.",
        action="Ask for the role at the Page, or connect the account again.",
        http_status=403,
    )


def _area(found: re.Match[str]) -> str:
    resource, method = found[1].lower(), found[2].upper()
    for part, words in _AREAS:
        if part in resource:
            return words
    return "publish posts" if method.startswith("CREATE") else "read or change posts"


def _is_duplicate(body: Any, names: frozenset[str]) -> bool:
    """The guard's words; a body without them is some other refusal."""
    return "DUPLICATE_POST" in names or _DUPLICATE.search(text(body, "message") or "") is not None


def _throttled(answer: Answer, names: frozenset[str], *, now: datetime) -> PlatformError | None:
    """A daily quota ends at midnight UTC; a 429 that names none may be a short protection of LinkedIn's."""
    words = (text(answer.body, "message") or "").lower()
    asked = retry_after(answer.headers, now=now)
    is_daily = count(answer.body, "serviceErrorCode") == _THROTTLED or "throttle" in words
    if not is_daily and "TOO_MANY_REQUESTS" not in names:
        return _slow_down(asked or _BURST)
    return PlatformError(
        ErrorCode.QUOTA_EXHAUSTED,
        "LinkedIn's number of calls for today is used up.",
        retryable=True,
        retry_after=asked or until_midnight(now),
        http_status=429,
        scope="app" if "application" in words else "account",
    )


def until_midnight(now: datetime) -> timedelta:
    """How long until the daily quotas begin anew, at 00:00 UTC."""
    today = now.astimezone(UTC)
    return datetime.combine(today.date() + timedelta(days=1), time(), UTC) - today


def _slow_down(wait: timedelta) -> PlatformError:
    return PlatformError(
        ErrorCode.RATE_LIMITED, "LinkedIn asks to slow down.", retryable=True, retry_after=wait, http_status=429
    )


def oauth_error_of(answer: Answer, *, now: datetime, refreshing: bool = False) -> PlatformError:
    """What a refusal of the token endpoints means. A dead grant comes as invalid_request, told by its words."""
    return with_trace(_oauth_judged(answer, now=now, refreshing=refreshing), answer)


def _oauth_judged(answer: Answer, *, now: datetime, refreshing: bool) -> PlatformError:
    error = text(answer.body, "error") or ""
    words = (text(answer.body, "error_description") or "").lower()
    status = answer.status
    if status == 429:  # noqa: PLR2004 - too many requests
        return _slow_down(retry_after(answer.headers, now=now) or _BURST)
    if status >= 500:  # noqa: PLR2004 - server errors
        return error_by_status(answer, name=NAME, now=now)
    is_dead = error == "invalid_grant" or (
        error == "invalid_request"
        and ("invalid, expired or revoked" in words or "does not match authorization code" in words)
    )
    if is_dead and refreshing:
        return PlatformError(
            ErrorCode.AUTH_REVOKED,
            "The access at LinkedIn has ended.",
            action=RECONNECT,
            http_status=status,
            final=True,
        )
    if is_dead:
        return PlatformError(
            ErrorCode.AUTH_EXPIRED,
            "LinkedIn no longer accepts this approval; it is valid once and for half an hour.",
            action="Start connecting again.",
            http_status=status,
            final=True,
        )
    if error or status == 401:  # noqa: PLR2004 - the app's own credentials, there is no other token in the call
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "LinkedIn does not accept the store's own credentials or request.",
            http_status=status,
            scope="app",
        )
    return error_by_status(answer, name=NAME, now=now)
