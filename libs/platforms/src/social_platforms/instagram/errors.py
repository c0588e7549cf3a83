"""Instagram's errors in the closed set: decided by subcode, then by code, then by status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import Answer, at, text
from social_platforms.meta.envelope import GraphError
from social_platforms.meta.usage import regained_in
from social_platforms.statuses import with_evidence
from social_platforms.waits import retry_after

RECONNECT: Final = "Connect the Instagram account again."
_SUBCODE_IN_STATUS: Final = re.compile(r"\b(2207\d{3})\b")
_RATE_CODES: Final = frozenset({4, 17, 32, 613, 80002})
_EXPIRED: Final = 463
_SPAM: Final = 2207051
_NOT_READY: Final = 2207027
_QUOTA: Final = 2207042
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cause:
    """What an error body says in numbers."""

    code: int | None
    subcode: int | None
    is_transient: bool = False
    is_unsupported_get: bool = False

    @classmethod
    def of(cls, body: Any) -> "Cause":
        """The cause in a Graph error body; all None for anything else."""
        error = GraphError.of(body)
        return cls(
            code=error.code,
            subcode=error.subcode,
            is_transient=error.is_transient,
            is_unsupported_get="method type: get" in error.message,
        )

    @classmethod
    def of_status(cls, status: str | None) -> "Cause":
        """The cause in a failed container's status text, which carries the subcode in words."""
        found = _SUBCODE_IN_STATUS.search(status or "")
        return cls(code=None, subcode=int(found[1]) if found else None)


def _media(detail: str, action: str, *, retryable: bool = False) -> tuple[ErrorCode, str, str, bool]:
    return ErrorCode.MEDIA_REJECTED, detail, action, retryable


def _trouble(detail: str = "Instagram has trouble on its side.") -> tuple[ErrorCode, str, str, bool]:
    return ErrorCode.PLATFORM_DOWN, detail, "", True


_FETCH: Final = _media(
    "Instagram could not fetch the picture or video.",
    "Check that its address is public and answers quickly.",
    retryable=True,
)
_RESTRICTED: Final = (
    ErrorCode.ACCOUNT_RESTRICTED,
    "Instagram has restricted this account or wants it checked.",
    "Open Instagram and follow what it asks.",
    False,
)
_NO_PERMISSION: Final = (ErrorCode.PERMISSION_MISSING, "The account did not allow this.", RECONNECT, False)
_TEXT_TOO_LONG: Final = (
    ErrorCode.CONTENT_REJECTED,
    "The caption is too long or holds too many tags.",
    "Shorten the caption.",
    False,
)

_BY_SUBCODE: Final[Mapping[int, tuple[ErrorCode, str, str, bool]]] = {
    2207001: _trouble(),
    2207003: _FETCH,
    2207004: _media("The picture is larger than 8 MB.", "Use a smaller file."),
    2207005: _media("Instagram takes pictures as JPEG only.", "Use a JPEG file."),
    2207006: _trouble("Instagram does not find the prepared post."),
    2207008: _trouble("Instagram does not find the prepared post."),
    2207009: _media("The picture is too tall or too wide.", "Crop it to between 4:5 and 1.91:1."),
    2207010: _TEXT_TOO_LONG,
    2207020: _trouble("The prepared post has expired."),
    2207023: _media("Instagram does not know this kind of post.", "Choose another kind."),
    2207026: _media("Instagram cannot use this video's format.", "Use an MP4 file with H.264 and AAC."),
    _NOT_READY: _trouble("Instagram is still working on the picture or video."),
    2207028: _media("A carousel needs two to ten items.", "Change the number of items."),
    2207032: _trouble("Instagram could not prepare the post."),
    2207035: (ErrorCode.CONTENT_REJECTED, "Instagram refuses the product tags.", "Change the post.", False),
    2207036: (ErrorCode.CONTENT_REJECTED, "Instagram refuses the product tags.", "Change the post.", False),
    2207037: (ErrorCode.CONTENT_REJECTED, "Instagram refuses the product tags.", "Change the post.", False),
    2207040: (ErrorCode.CONTENT_REJECTED, "The caption mentions too many accounts.", "Mention fewer accounts.", False),
    _QUOTA: (ErrorCode.QUOTA_EXHAUSTED, "Instagram's number of posts per day is used up.", "", True),
    2207050: _RESTRICTED,
    _SPAM: (
        ErrorCode.ACCOUNT_RESTRICTED,
        "Instagram blocked this as suspected spam.",
        "Wait a day before posting there again.",
        False,
    ),
    2207052: _FETCH,
    2207053: _trouble("Instagram could not prepare the post."),
    2207057: _media("The cover of the video is outside its length.", "Choose another cover."),
}
_BY_CODE: Final[Mapping[int, tuple[ErrorCode, str, str, bool]]] = {
    -2: _FETCH,
    -1: _trouble(),
    1: _trouble(),
    2: _trouble(),
    3: _NO_PERMISSION,
    9: _BY_SUBCODE[_QUOTA],
    10: _NO_PERMISSION,
    24: _BY_SUBCODE[2207008],
    25: _RESTRICTED,
    200: _NO_PERMISSION,
    352: _BY_SUBCODE[2207026],
    9004: _FETCH,
    9007: _BY_SUBCODE[_NOT_READY],
    36000: _BY_SUBCODE[2207004],
    36001: _BY_SUBCODE[2207005],
    36003: _BY_SUBCODE[2207009],
    36004: _TEXT_TOO_LONG,
}
_PAUSES: Final[Mapping[int, timedelta]] = {
    _NOT_READY: timedelta(seconds=10),
    _QUOTA: _HOUR,
    _SPAM: timedelta(days=1),
    2207008: timedelta(seconds=30),
}


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful answer means."""
    return with_evidence(_judged(answer, now=now, creating=creating), answer)


def _judged(answer: Answer, *, now: datetime, creating: bool) -> PlatformError:
    return of_cause(
        Cause.of(answer.body),
        status=answer.status,
        wait=retry_after(answer.headers, now=now) or regained_in(answer.headers),
        creating=creating,
    )


def of_cause(
    cause: Cause, *, status: int | None = None, wait: timedelta | None = None, creating: bool = False
) -> PlatformError:
    """The error for a cause; `wait` is what the headers asked for."""
    if cause.code == 190:  # noqa: PLR2004 - Graph's code for a token that does not work
        code = ErrorCode.AUTH_EXPIRED if cause.subcode == _EXPIRED else ErrorCode.AUTH_REVOKED
        return PlatformError(
            code, "Instagram no longer accepts the access of this account.", action=RECONNECT, http_status=status
        )
    if cause.is_unsupported_get:
        return PlatformError(
            ErrorCode.PERMISSION_MISSING,
            "Instagram does not let the store's app work for this account yet.",
            action="Accept the invitation as tester in Instagram's settings, or wait until the app is approved.",
            http_status=status,
        )
    known = _BY_SUBCODE.get(cause.subcode or 0) or _BY_CODE.get(cause.code or 0)
    if known is not None:
        kind, detail, action, retryable = known
        pause = _PAUSES.get(cause.subcode or 0)
        if kind is ErrorCode.QUOTA_EXHAUSTED:
            pause = _HOUR
        return PlatformError(
            kind, detail, action=action, retryable=retryable, retry_after=wait or pause, http_status=status
        )
    if cause.code in _RATE_CODES or status == 429:  # noqa: PLR2004 - too many requests
        return PlatformError(
            ErrorCode.RATE_LIMITED,
            "Instagram asks to slow down.",
            retryable=True,
            retry_after=wait or timedelta(minutes=5),
            http_status=status,
            scope="app" if cause.code == 4 else "account",  # noqa: PLR2004 - the app's own limit
        )
    return _unlisted(cause, status=status, wait=wait, creating=creating)


def _unlisted(cause: Cause, *, status: int | None, wait: timedelta | None, creating: bool) -> PlatformError:
    if cause.is_transient or cause.code is None or (status or 0) >= 500:  # noqa: PLR2004 - server errors
        return PlatformError(
            ErrorCode.PLATFORM_DOWN,
            "Instagram has trouble on its side.",
            retryable=True,
            retry_after=wait,
            http_status=status,
        )
    if cause.code == 100 and cause.subcode == 33:  # noqa: PLR2004 - documented pair
        return PlatformError(ErrorCode.NOT_FOUND, "Instagram no longer has this.", http_status=status)
    if creating:
        return PlatformError(
            ErrorCode.CONTENT_REJECTED,
            "Instagram does not accept this post.",
            action="Change the post.",
            http_status=status,
        )
    return PlatformError(ErrorCode.VERSION_RETIRED, "Instagram no longer understands this request.", http_status=status)


def exchange_error_of(answer: Answer, *, now: datetime) -> PlatformError:
    """What a refusal of the code endpoint means: its body is flat, not a Graph error."""
    message = (text(answer.body, "error_message") or "").lower()
    if at(answer.body, "error_type") is None:
        return error_of(answer, now=now)
    if "platform app" in message or "redirect_uri" in message or "client" in message:
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "Instagram does not accept the store's own credentials.",
            http_status=answer.status,
            scope="app",
        )
    return PlatformError(
        ErrorCode.AUTH_EXPIRED,
        "Instagram no longer accepts this approval; it is valid once and for an hour.",
        action="Start connecting again.",
        http_status=answer.status,
        final=True,
    )
