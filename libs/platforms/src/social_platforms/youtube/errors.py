"""YouTube's errors in the closed set. The three faces of "no more uploads" wait for three different things."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

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
from social_platforms.youtube.limits import DAY, QUOTA_ZONE

NAME: Final = "YouTube"
_DAILY: Final = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_RATES: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded"})
_OF_ACCOUNT: Final = frozenset({"userRateLimitExceeded", "uploadRateLimitExceeded"})
_PER_DAY: Final = "per day"
_DAILY_LIMIT: Final = "perday"  # as in defaultVideoInsertPerDayPerProject
_LIMITING: Final = frozenset({403, 429})
_Meaning = tuple[ErrorCode, str, str]


def _metadata(what: str, option: str) -> _Meaning:
    return ErrorCode.CONTENT_REJECTED, f"YouTube does not accept the {what}.", f"Change {option}."


_CLOSED: Final = (
    ErrorCode.ACCOUNT_RESTRICTED,
    "YouTube has suspended or closed this account.",
    "Open YouTube and follow what it asks.",
)
_NO_FILE: Final = (ErrorCode.MEDIA_REJECTED, "YouTube does not accept the video file.", "Use another file.")
_BY_REASON: Final[Mapping[str, _Meaning]] = {
    "youtubeSignupRequired": (
        ErrorCode.ACCOUNT_RESTRICTED,
        "This Google account has no YouTube channel.",
        "Create a channel at YouTube, then connect again.",
    ),
    "authenticatedUserAccountSuspended": _CLOSED,
    "authenticatedUserAccountClosed": _CLOSED,
    "channelSuspended": _CLOSED,
    "channelClosed": _CLOSED,
    "invalidTitle": _metadata("title", "options.title"),
    "invalidDescription": _metadata("description", "the text"),
    "invalidTags": _metadata("tags", "options.tags"),
    "invalidCategoryId": _metadata("category", "options.category_id"),
    "invalidPublishAt": _metadata("time of publication", "the visibility"),
    "invalidVideoMetadata": _metadata("title, description or options", "the post"),
    "invalidFilename": _NO_FILE,
    "mediaBodyRequired": _NO_FILE,
    "forbiddenPrivacySetting": (
        ErrorCode.CONTENT_REJECTED,
        "The channel may not publish with this visibility.",
        "Change options.privacy.",
    ),
    "forbiddenLicenseSetting": (
        ErrorCode.CONTENT_REJECTED,
        "The channel may not publish under this licence.",
        "Change the licence in YouTube's settings.",
    ),
    "forbidden": (
        ErrorCode.PERMISSION_MISSING,
        "YouTube does not allow this for the channel.",
        "Open YouTube and check what the channel may do.",
    ),
    "channelNotFound": (
        ErrorCode.DESTINATION_GONE,
        "YouTube no longer has this channel.",
        "Connect the channel again.",
    ),
    "videoNotFound": (ErrorCode.NOT_FOUND, "YouTube no longer has this video.", ""),
    "playlistNotFound": (ErrorCode.NOT_FOUND, "YouTube does not show the channel's uploads.", ""),
}


def error_of(answer: Answer, *, now: datetime, creating: bool = False) -> PlatformError:
    """What an unsuccessful answer means."""
    return with_evidence(_judged(answer, now=now, creating=creating), answer)


def _judged(answer: Answer, *, now: datetime, creating: bool) -> PlatformError:
    cause = Cause.of(answer.body)
    if answer.status in _LIMITING and (cause.reasons & _DAILY or _is_of_the_day(cause)):
        # It wears the reason of a passing limit, and passes at the Pacific midnight only.
        return _exhausted(
            answer, "The store's share of YouTube calls is used up for today.", wait=until_midnight(now), scope="app"
        )
    if "uploadLimitExceeded" in cause.reasons:
        words = "The channel has uploaded as many videos as YouTube allows for now."
        return _exhausted(answer, words, wait=DAY, scope="account")
    if answer.status == 429 or (answer.status in _LIMITING and cause.reasons & _RATES):  # noqa: PLR2004
        scope: Literal["account", "app"] = "account" if cause.reasons & _OF_ACCOUNT else "app"
        return rate_limited(answer, cause, name=NAME, now=now, scope=scope)
    if cause.reasons & SCOPE_REASONS:
        return scope_missing(answer, name=NAME)
    if cause.reasons & DISABLED_REASONS:
        return misconfigured(answer, name=NAME)
    known = next((_BY_REASON[reason] for reason in sorted(cause.reasons) if reason in _BY_REASON), None)
    if known is None:
        return error_by_status(answer, name=NAME, now=now, creating=creating)
    code, detail, action = known
    return PlatformError(code, detail, action=action, http_status=answer.status)


def _is_of_the_day(cause: Cause) -> bool:
    limit = str(cause.metadata.get("quota_limit", "")).lower()
    return cause.says(_PER_DAY) or _DAILY_LIMIT in limit or _PER_DAY in limit


def _exhausted(answer: Answer, detail: str, *, wait: timedelta, scope: Literal["account", "app"]) -> PlatformError:
    return PlatformError(
        ErrorCode.QUOTA_EXHAUSTED,
        detail,
        action="Nothing to do: it goes out when the limit frees up.",
        retryable=True,
        retry_after=wait,
        http_status=answer.status,
        scope=scope,
    )


def until_midnight(now: datetime) -> timedelta:
    """How long until the next midnight of the Pacific coast, where YouTube's day ends."""
    there = now.astimezone(ZoneInfo(QUOTA_ZONE))
    midnight = (there + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    # Subtracted in UTC: a day in which the clock is changed has 23 or 25 hours.
    return midnight.astimezone(now.tzinfo) - now
