"""Facebook's errors in the closed set: decided by subcode and code; a code that nobody documents by its status."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import Answer, at
from social_platforms.meta.envelope import BAD_PARAMETER, TOKEN_REFUSED, GraphError
from social_platforms.meta.usage import regained_in
from social_platforms.statuses import error_by_status, with_evidence
from social_platforms.waits import retry_after

NAME: Final = "Facebook"
RECONNECT: Final = "Connect the Facebook Page again."
_Meaning = tuple[ErrorCode, str, str, bool]

_SESSION: Final = 102
_EXPIRED: Final = 463
_NO_ROLE: Final = 492
_CHECKPOINTS: Final = frozenset({459, 464})
_APP_LIMITS: Final = frozenset({4, 341})
_ACCOUNT_LIMITS: Final = frozenset({17, 32, 613, 80001})
_BLOCKED: Final = 368
_TOO_FAST: Final = 1390008
# Waiting counts from the last call: calling on while being held back lengthens it.
_RATE_PAUSE: Final = timedelta(minutes=15)
_BLOCK_PAUSE: Final = timedelta(hours=3)
_NO_METRIC: Final = 3001
_PERMISSIONS: Final = range(200, 300)
_TROUBLE_CODES: Final = frozenset({1, 2})

_NO_PERMISSION: Final = (
    ErrorCode.PERMISSION_MISSING,
    "Facebook does not allow this for the Page: a permission was not given or has been withdrawn.",
    "Connect the Facebook Page again and allow everything that is asked.",
    False,
)
_ROLE_LOST: Final = (
    ErrorCode.PERMISSION_MISSING,
    "The person who connected the Page has no role on it any more.",
    "Let somebody who may manage the Page connect it.",
    False,
)
_TROUBLE: Final = (ErrorCode.PLATFORM_DOWN, "Facebook has trouble on its side.", "", True)
_FORMAT: Final = (
    ErrorCode.MEDIA_REJECTED,
    "Facebook cannot use this video's format.",
    "Use an MP4 file with H.264 and AAC.",
    False,
)
_UPLOAD: Final = (
    ErrorCode.MEDIA_REJECTED,
    "The video did not reach Facebook as a whole.",
    "Try again, or use a smaller file.",
    True,
)
_BY_CODE: Final[Mapping[int, _Meaning]] = {
    1: _TROUBLE,
    2: _TROUBLE,
    3: _NO_PERMISSION,
    10: _NO_PERMISSION,
    197: (ErrorCode.CONTENT_REJECTED, "Facebook found the post empty.", "Add a text, a link or a picture.", False),
    324: (ErrorCode.MEDIA_REJECTED, "Facebook does not accept the picture.", "Use another picture.", False),
    352: _FORMAT,
    389: (
        ErrorCode.MEDIA_REJECTED,
        "Facebook could not fetch the video.",
        "Check that its address is public and answers quickly.",
        True,
    ),
    390: _UPLOAD,
    506: (
        ErrorCode.DUPLICATE_POST,
        "Facebook says that this repeats the Page's last post.",
        "Look at the Page; change the text to post it again.",
        False,
    ),
    1705: (ErrorCode.APP_MISCONFIGURED, "Facebook saw a person act instead of the Page.", "", False),
    6000: _UPLOAD,
    1363030: _UPLOAD,
    1609005: (
        ErrorCode.CONTENT_REJECTED,
        "Facebook could not read the page behind the link.",
        "Check that the link is public, or leave it out.",
        False,
    ),
}
# The video's own codes come in its status and as subcodes; those that are not listed are about the file.
_BY_SUBCODE: Final[Mapping[int, _Meaning]] = {1363030: _UPLOAD}

# What says for certain that a publishing call did nothing.
_CERTAIN: Final = frozenset({3, 4, 10, 17, 32, _SESSION, TOKEN_REFUSED, 341, _BLOCKED, 613, 80001}) | frozenset(
    _PERMISSIONS
)
_DOUBTFUL: Final = _TROUBLE_CODES | {389, 390, 6000, 1363030}


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful answer means; `creating` for calls that judge content or make something."""
    wait = retry_after(answer.headers, now=now) or regained_in(answer.headers)
    cause = GraphError.of(answer.body)
    found = of_cause(cause, status=answer.status, wait=wait, creating=creating)
    if found is None and answer.is_success:
        found = _plain(_TROUBLE, status=answer.status, wait=wait)
    if found is None:
        return error_by_status(answer, name=NAME, now=now, creating=creating)
    return with_evidence(found, answer)


def of_cause(
    cause: GraphError, *, status: int | None = None, wait: timedelta | None = None, creating: bool = False
) -> PlatformError | None:
    """The error for a documented cause, None for any other; `wait` is what the headers asked for."""
    code = cause.code
    if code is None:
        return None
    if code in {TOKEN_REFUSED, _SESSION}:
        return _of_token(cause, status=status)
    if code in _APP_LIMITS or code in _ACCOUNT_LIMITS:
        return PlatformError(
            ErrorCode.RATE_LIMITED,
            "Facebook asks to slow down.",
            retryable=True,
            retry_after=wait or _RATE_PAUSE,
            http_status=status,
            scope="app" if code in _APP_LIMITS else "account",
        )
    if code == _BLOCKED:
        return _of_block(cause, status=status, wait=wait)
    if cause.is_transient:
        return _plain(_TROUBLE, status=status, wait=wait)
    if code in {BAD_PARAMETER, _NO_METRIC}:
        return _of_request(cause, status=status, creating=creating)
    known = _BY_SUBCODE.get(cause.subcode or 0) or _BY_CODE.get(code)
    if known is None and code in _PERMISSIONS:
        known = _NO_PERMISSION
    return None if known is None else _plain(known, status=status, wait=wait)


def _plain(meaning: _Meaning, *, status: int | None, wait: timedelta | None = None) -> PlatformError:
    code, detail, action, retryable = meaning
    return PlatformError(
        code,
        detail,
        action=action,
        retryable=retryable,
        retry_after=wait if retryable else None,
        http_status=status,
    )


def _of_token(cause: GraphError, *, status: int | None) -> PlatformError:
    if cause.subcode == _NO_ROLE:
        return _plain(_ROLE_LOST, status=status)
    action = RECONNECT
    if cause.subcode in _CHECKPOINTS:
        action = f"Log in at facebook.com and do what it asks; then: {RECONNECT}"
    return PlatformError(
        ErrorCode.AUTH_EXPIRED if cause.subcode == _EXPIRED else ErrorCode.AUTH_REVOKED,
        "Facebook no longer accepts the access to this Page.",
        action=action,
        http_status=status,
    )


def _of_block(cause: GraphError, *, status: int | None, wait: timedelta | None) -> PlatformError:
    is_passing = cause.subcode == _TOO_FAST
    return PlatformError(
        ErrorCode.ACCOUNT_RESTRICTED,
        "Facebook has blocked the Page from posting for a while, because posts came too fast."
        if is_passing
        else "Facebook has blocked this as abusive.",
        action="Wait some hours before posting there again."
        if is_passing
        else "Open Facebook and look at the Page's quality and support inbox.",
        retryable=is_passing,
        retry_after=max(wait or _BLOCK_PAUSE, _BLOCK_PAUSE) if is_passing else None,
        http_status=status,
    )


def _of_request(cause: GraphError, *, status: int | None, creating: bool) -> PlatformError:
    if "appsecret_proof" in cause.message:
        return PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "Facebook does not accept the proof that the store's own app is calling.",
            http_status=status,
            scope="app",
        )
    if cause.is_missing_object:
        if creating:
            return PlatformError(
                ErrorCode.DESTINATION_GONE, "Facebook no longer has this Page, or hides it.", http_status=status
            )
        return PlatformError(ErrorCode.NOT_FOUND, "Facebook no longer has this.", http_status=status)
    known = _BY_SUBCODE.get(cause.subcode or 0)
    if known is not None:
        return _plain(known, status=status)
    if creating:
        return PlatformError(
            ErrorCode.CONTENT_REJECTED,
            "Facebook does not accept this post.",
            action="Change the post.",
            http_status=status,
        )
    return PlatformError(ErrorCode.VERSION_RETIRED, "Facebook no longer understands this request.", http_status=status)


def is_dead_metric(answer: Answer) -> bool:
    """True where a metric's name is refused, or a kind of post has none: other metrics may be told."""
    cause = GraphError.of(answer.body)
    is_about_names = cause.code in {BAD_PARAMETER, _NO_METRIC} and not cause.is_missing_object
    return is_about_names and "appsecret_proof" not in cause.message


def is_certain(answer: Answer, *, repeats: bool = False) -> bool:
    """True where a refused publishing call has certainly done nothing.

    `repeats` for a call that may have been made before, where a complaint about its parameters can mean just that.
    """
    cause = GraphError.of(answer.body)
    if cause.is_transient or cause.code in _DOUBTFUL or cause.subcode in _DOUBTFUL:
        return False
    return cause.code in _CERTAIN or cause.code is None or not repeats


def exchange_error_of(answer: Answer, *, now: datetime) -> PlatformError:
    """What a refusal at the token endpoint means; `final` where this approval cannot be used any more."""
    cause = GraphError.of(answer.body)
    message = cause.message.lower()
    if cause.subcode == 36008 or "client secret" in message or "validating application" in message:  # noqa: PLR2004
        found = PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "Facebook does not accept the store's own credentials or address.",
            http_status=answer.status,
            scope="app",
        )
        return with_evidence(found, answer)
    if cause.code == BAD_PARAMETER and "appsecret_proof" not in message:
        found = PlatformError(
            ErrorCode.AUTH_EXPIRED,
            "Facebook no longer accepts this approval; it is valid once and for a short time.",
            action="Start connecting again.",
            http_status=answer.status,
            final=True,
        )
        return with_evidence(found, answer)
    error = error_of(answer, now=now)
    error.final = (
        error.code in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED} and at(answer.body, "error") is not None
    )
    return error


def phase_error(codes: list[int]) -> PlatformError:
    """Why a video failed, by the codes that its status tells."""
    for code in codes:
        if code in _BY_SUBCODE:
            return _plain(_BY_SUBCODE[code], status=None)
    return PlatformError(ErrorCode.MEDIA_REJECTED, "Facebook could not process the video.", action="Use another file.")
