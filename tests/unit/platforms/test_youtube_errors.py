"""Every documented error of YouTube comes to its place in the closed set."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from social_platforms._core import ErrorCode, SightingKind
from social_platforms.answers import Answer
from social_platforms.youtube.errors import error_of, until_midnight
from social_platforms.youtube.videos import sighting_of, wait_at

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
MIDNIGHT = timedelta(hours=22)  # at ten in UTC it is two in the morning at the Pacific
PER_DAY = (
    "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
    "'youtube.googleapis.com' for consumer 'project_number:12345'."
)


def refused(status: int, reason: str, message: str = "planted", **headers: str) -> Answer:
    """An error of the Data API."""
    entry = {"message": message, "domain": "youtube.video", "reason": reason}
    body = {"error": {"code": status, "message": message, "errors": [entry]}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body, readable=True, text=str(body))


def limited(limit: str) -> Answer:
    """A limit that only the details name."""
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "metadata": {"quota_limit": limit}}
    body = {"error": {"code": 429, "message": "planted", "status": "RESOURCE_EXHAUSTED", "details": [detail]}}
    return Answer(429, {}, body, readable=True, text=str(body))


@pytest.mark.parametrize(
    ("answer", "code", "retryable", "acts"),
    [
        (limited("defaultVideoInsertPerDayPerProject"), ErrorCode.QUOTA_EXHAUSTED, True, True),
        (limited("defaultPerMinutePerProject"), ErrorCode.RATE_LIMITED, True, False),
        (refused(401, "authError"), ErrorCode.AUTH_EXPIRED, True, True),
        (refused(401, "youtubeSignupRequired"), ErrorCode.ACCOUNT_RESTRICTED, False, True),
        (refused(403, "authenticatedUserAccountSuspended"), ErrorCode.ACCOUNT_RESTRICTED, False, True),
        (refused(403, "authenticatedUserAccountClosed"), ErrorCode.ACCOUNT_RESTRICTED, False, True),
        (refused(403, "insufficientPermissions"), ErrorCode.PERMISSION_MISSING, False, True),
        (refused(403, "quotaExceeded"), ErrorCode.QUOTA_EXHAUSTED, True, True),
        (refused(403, "dailyLimitExceeded"), ErrorCode.QUOTA_EXHAUSTED, True, True),
        (refused(429, "rateLimitExceeded", PER_DAY), ErrorCode.QUOTA_EXHAUSTED, True, True),
        (refused(429, "rateLimitExceeded", PER_DAY.upper()), ErrorCode.QUOTA_EXHAUSTED, True, True),
        (refused(400, "uploadLimitExceeded"), ErrorCode.QUOTA_EXHAUSTED, True, True),
        (refused(403, "rateLimitExceeded"), ErrorCode.RATE_LIMITED, True, False),
        (refused(429, "rateLimitExceeded"), ErrorCode.RATE_LIMITED, True, False),
        (refused(403, "userRateLimitExceeded"), ErrorCode.RATE_LIMITED, True, False),
        (refused(429, "uploadRateLimitExceeded"), ErrorCode.RATE_LIMITED, True, False),
        (refused(400, "invalidTitle"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(400, "invalidDescription"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(400, "invalidTags"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(400, "invalidCategoryId"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(400, "invalidPublishAt"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(400, "invalidVideoMetadata"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(400, "invalidFilename"), ErrorCode.MEDIA_REJECTED, False, True),
        (refused(400, "mediaBodyRequired"), ErrorCode.MEDIA_REJECTED, False, True),
        (refused(403, "forbidden"), ErrorCode.PERMISSION_MISSING, False, True),
        (refused(403, "forbiddenPrivacySetting"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(403, "forbiddenLicenseSetting"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(403, "accessNotConfigured"), ErrorCode.APP_MISCONFIGURED, False, False),
        (refused(404, "videoNotFound"), ErrorCode.NOT_FOUND, False, False),
        (refused(404, "channelNotFound"), ErrorCode.DESTINATION_GONE, False, True),
        (refused(500, "backendError"), ErrorCode.PLATFORM_DOWN, True, False),
        (refused(503, ""), ErrorCode.PLATFORM_DOWN, True, False),
        (refused(400, "somethingNew"), ErrorCode.CONTENT_REJECTED, False, True),
        (refused(403, "somethingNew"), ErrorCode.PERMISSION_MISSING, False, False),
        (refused(415, "somethingNew"), ErrorCode.MEDIA_REJECTED, False, True),
    ],
)
def test_refusals_of_an_upload(answer: Answer, code: ErrorCode, *, retryable: bool, acts: bool) -> None:
    """By reason first, then by status; YouTube's own words are for the operator only."""
    error = error_of(answer, now=NOW, creating=True)

    assert (error.code, error.retryable, bool(error.action)) == (code, retryable, acts)
    assert "planted" not in f"{error} {error.action}"
    assert error.evidence
    assert not error.final


@pytest.mark.parametrize(
    ("answer", "scope", "wait"),
    [
        (refused(403, "quotaExceeded", retry_after="5"), "app", MIDNIGHT),
        (refused(429, "rateLimitExceeded", PER_DAY), "app", MIDNIGHT),
        (refused(400, "uploadLimitExceeded"), "account", timedelta(days=1)),
        (refused(403, "rateLimitExceeded"), "app", timedelta(minutes=1)),
        (refused(403, "userRateLimitExceeded"), "account", timedelta(minutes=1)),
        (refused(429, "uploadRateLimitExceeded", retry_after="90"), "account", timedelta(seconds=90)),
    ],
)
def test_each_limit_holds_back_what_it_concerns(answer: Answer, scope: str, wait: timedelta) -> None:
    """The project's day ends at the Pacific midnight; a channel's own cap is nobody else's."""
    error = error_of(answer, now=NOW)

    assert (error.scope, error.retry_after) == (scope, wait)


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), timedelta(minutes=1)),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), timedelta(hours=24)),
        (datetime(2026, 12, 1, 7, 59, tzinfo=UTC), timedelta(minutes=1)),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), timedelta(hours=25)),  # the clock goes back on that day
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), timedelta(hours=23)),
    ],
)
def test_a_day_ends_at_the_pacific_midnight(now: datetime, wait: timedelta) -> None:
    """Summer time counts, and two days of the year are longer or shorter."""
    assert until_midnight(now) == wait


def a_video(**status: str) -> dict[str, Any]:
    """A video with that status."""
    return {"id": "v1", "status": {"privacyStatus": "public", **status}, "snippet": {}}


@pytest.mark.parametrize(
    ("video", "kind", "code"),
    [
        (a_video(uploadStatus="uploaded"), SightingKind.PROCESSING, None),
        (a_video(uploadStatus="somethingNew"), SightingKind.PROCESSING, None),
        (a_video(), SightingKind.PROCESSING, None),
        (a_video(uploadStatus="processed"), SightingKind.LIVE, None),
        (
            a_video(uploadStatus="processed", privacyStatus="private"),
            SightingKind.FAILED,
            ErrorCode.ACCOUNT_RESTRICTED,
        ),
        (a_video(uploadStatus="deleted"), SightingKind.FAILED, ErrorCode.NOT_FOUND),
        *[
            (a_video(uploadStatus="failed", failureReason=reason), SightingKind.FAILED, ErrorCode.MEDIA_REJECTED)
            for reason in ("conversion", "invalidFile", "emptyFile", "tooSmall", "codec", "uploadAborted", "other")
        ],
        *[
            (a_video(uploadStatus="rejected", rejectionReason=reason), SightingKind.FAILED, code)
            for reason, code in {
                "copyright": ErrorCode.CONTENT_REJECTED,
                "inappropriate": ErrorCode.CONTENT_REJECTED,
                "duplicate": ErrorCode.DUPLICATE_POST,
                "termsOfUse": ErrorCode.CONTENT_REJECTED,
                "uploaderAccountSuspended": ErrorCode.ACCOUNT_RESTRICTED,
                "uploaderAccountClosed": ErrorCode.ACCOUNT_RESTRICTED,
                "length": ErrorCode.MEDIA_REJECTED,
                "claim": ErrorCode.CONTENT_REJECTED,
                "trademark": ErrorCode.CONTENT_REJECTED,
                "legal": ErrorCode.CONTENT_REJECTED,
            }.items()
        ],
    ],
)
def test_a_videos_status_says_what_became_of_the_post(
    video: dict[str, Any], kind: SightingKind, code: ErrorCode | None
) -> None:
    """Only processed and as visible as wanted is published; every documented end has its code and its words."""
    sighting = sighting_of(video, wanted="public", age=timedelta(0))

    assert sighting.kind is kind
    assert (sighting.error.code if sighting.error else None) is code


@pytest.mark.parametrize(("wanted", "shown"), [("private", "private"), ("unlisted", "public"), ("private", "unlisted")])
def test_more_visible_than_wanted_is_out_all_the_same(wanted: str, shown: str) -> None:
    """What everybody can see has not failed to go out."""
    video = a_video(uploadStatus="processed", privacyStatus=shown)

    assert sighting_of(video, wanted=wanted, age=timedelta(0)).kind is SightingKind.LIVE


def test_looks_grow_rarer() -> None:
    """Soon at first, then every ten minutes."""
    ages = [timedelta(seconds=seconds) for seconds in (0, 15, 45, 105, 225, 86_400)]

    assert [wait_at(age).total_seconds() for age in ages] == [15, 30, 60, 120, 600, 600]
