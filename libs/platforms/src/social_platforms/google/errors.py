"""Google Business Profile's errors in the closed set: by reason, then by status."""

from datetime import datetime
from typing import Final

from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import Answer
from social_platforms.google_identity.errors import (
    DISABLED_REASONS,
    SCOPE_REASONS,
    Cause,
    misconfigured,
    rate_limited,
    scope_missing,
)
from social_platforms.statuses import error_by_status, with_evidence

NAME: Final = "Google Business Profile"
_FETCHING: Final = "fetching image failed"
_IMAGE: Final = "image"


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful answer means."""
    return with_evidence(_judged(answer, now=now, creating=creating), answer)


def _judged(answer: Answer, *, now: datetime, creating: bool) -> PlatformError:
    cause = Cause.of(answer.body)
    match answer.status:
        case 429:
            return _limited(answer, cause, now=now)
        case 403 if cause.reasons & SCOPE_REASONS:
            return scope_missing(answer, name=NAME)
        case 403 if cause.reasons & DISABLED_REASONS:
            return misconfigured(answer, name=NAME)
        case 403:
            return PlatformError(
                ErrorCode.PERMISSION_MISSING,
                "The account may no longer manage this location.",
                action="Have the location's owner add the account again, then connect it again.",
                http_status=answer.status,
            )
        case 404 if creating:
            return place_gone()
        case 400 if creating:
            return _refused(answer, cause)
        case _:
            return error_by_status(answer, name=NAME, now=now, creating=creating)


def _limited(answer: Answer, cause: Cause, *, now: datetime) -> PlatformError:
    if str(cause.metadata.get("quota_limit_value", "")) == "0":
        # A limit of nothing means that Google has not approved the project for these APIs.
        return misconfigured(answer, name=NAME)
    names = f"{cause.message} {cause.metadata.get('quota_limit', '')}".lower()
    is_profile = "profile" in names or "location" in names
    return rate_limited(answer, cause, name=NAME, now=now, scope="account" if is_profile else "app")


def _refused(answer: Answer, cause: Cause) -> PlatformError:
    words = " ".join(cause.field_messages).lower()
    if _FETCHING in words:
        return PlatformError(
            ErrorCode.MEDIA_REJECTED,
            "Google could not fetch the picture.",
            action="Check that its address is public and answers quickly.",
            retryable=True,
            http_status=answer.status,
        )
    if _IMAGE in words:
        return PlatformError(
            ErrorCode.MEDIA_REJECTED,
            "Google does not accept the picture.",
            action="Use a JPEG or PNG file of 10 KB to 5 MB and at least 250 by 250 pixels.",
            http_status=answer.status,
        )
    return PlatformError(
        ErrorCode.CONTENT_REJECTED,
        "Google does not accept this post.",
        action="Change the post.",
        http_status=answer.status,
    )


def content_refused() -> PlatformError:
    """What Google's review came to: it gives no reason."""
    return PlatformError(
        ErrorCode.CONTENT_REJECTED,
        "Google's review refused this post; it gives no reason. A phone number in the text is a common one.",
        action="Change the post and try again.",
    )


def place_gone() -> PlatformError:
    """The location is no longer there, or was never known."""
    return PlatformError(
        ErrorCode.DESTINATION_GONE, "Google no longer has this location.", action="Connect the location again."
    )
