"""What an answer means that no document describes: its status class decides, and the body is kept for the operator."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from social_common.logging import redact_text
from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import Answer
from social_platforms.waits import retry_after

_EVIDENCE: Final = 2000
# The name of an error, which is taken for a secret because a code of OAuth has the same key: words and nothing else.
_NAMED: Final = re.compile(r'"code"\s*:\s*"([A-Za-z]{2,20}(?:_[A-Za-z]{2,20}){0,6})"')
_Meaning = tuple[ErrorCode, str, str, bool]
_BY_STATUS: Final[Mapping[int, _Meaning]] = {
    401: (
        ErrorCode.AUTH_EXPIRED,
        "{name} no longer accepts the access of this account.",
        "Connect the {name} account again.",
        True,
    ),
    403: (ErrorCode.PERMISSION_MISSING, "{name} does not allow this for the account.", "", False),
    408: (ErrorCode.PLATFORM_DOWN, "{name} did not take the request in time.", "", True),
    413: (ErrorCode.MEDIA_REJECTED, "{name} does not accept the picture or video.", "Use another file.", False),
    415: (ErrorCode.MEDIA_REJECTED, "{name} does not accept the picture or video.", "Use another file.", False),
    425: (ErrorCode.PLATFORM_DOWN, "{name} did not take the request in time.", "", True),
    426: (ErrorCode.VERSION_RETIRED, "{name} no longer serves the version of its interface in use.", "", False),
    429: (ErrorCode.RATE_LIMITED, "{name} asks to slow down.", "", True),
}
_PLACE_GONE: Final = (ErrorCode.DESTINATION_GONE, "{name} no longer has the place to publish to.", "", False)
_GONE: Final = (ErrorCode.NOT_FOUND, "{name} no longer has this.", "", False)
_REFUSED: Final = (ErrorCode.CONTENT_REJECTED, "{name} does not accept this post.", "Change the post.", False)
_NOT_UNDERSTOOD: Final = (ErrorCode.APP_MISCONFIGURED, "{name} does not understand the store's request.", "", False)


def evidence_of(answer: Answer) -> str:
    """The platform's own words, shortened and without anything that looks like a secret."""
    told = answer.text[:_EVIDENCE]
    names = dict.fromkeys(_NAMED.findall(told))
    return redact_text(told) + (f" code={','.join(names)}" if names else "")


def with_evidence(error: PlatformError, answer: Answer) -> PlatformError:
    """That error with the answer it was made from."""
    error.evidence = error.evidence or evidence_of(answer)
    return error


def error_by_status(answer: Answer, *, name: str, now: datetime, creating: bool = False) -> PlatformError:
    """The code of the status class; `creating` for calls that judge content or make something."""
    code, words, action, retryable = _meaning(answer.status, creating=creating)
    wait = retry_after(answer.headers, now=now) if retryable else None
    found = PlatformError(
        code,
        words.format(name=name),
        action=action.format(name=name),
        retryable=retryable,
        retry_after=wait,
        http_status=answer.status,
    )
    return with_evidence(found, answer)


def _meaning(status: int, *, creating: bool) -> _Meaning:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status in {404, 410}:
        return _PLACE_GONE if creating else _GONE
    if 400 <= status < 500:  # noqa: PLR2004 - the statuses of refusal
        return _REFUSED if creating else _NOT_UNDERSTOOD
    return ErrorCode.PLATFORM_DOWN, "{name} has trouble on its side.", "", True
