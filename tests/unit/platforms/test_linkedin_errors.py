"""Every documented error of LinkedIn comes to its place in the closed set."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from social_platforms._core import ErrorCode
from social_platforms.answers import Answer
from social_platforms.linkedin.errors import error_of, oauth_error_of, until_midnight

NOW = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
MIDNIGHT = timedelta(hours=2, minutes=30)
C = ErrorCode


def an_answer(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer; header names are written with underscores."""
    return Answer(
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        body,
        readable=True,
        text="" if body is None else str(body),
    )


def error(status: int, code: str | None = None, *, number: int | None = None, message: str = "m") -> Answer:
    """LinkedIn's envelope."""
    body: dict[str, Any] = {"status": status, "message": message}
    if code is not None:
        body["code"] = code
    if number is not None:
        body["serviceErrorCode"] = number
    return an_answer(status, body)


def of_input(code: str) -> Answer:
    """The newer envelope, which names the input."""
    inputs = [{"code": code, "description": "d", "input": {"inputPath": {"fieldPath": "commentary"}}}]
    body = {
        "status": 400,
        "message": "m",
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "errorDetails": {"inputErrors": inputs},
    }
    return an_answer(400, body)


ACCESS = "Not enough permissions to access: partnerApiPostsExternal."
DAY = "The throttle APPLICATION DAY limit for calls to this resource is reached."
RESOURCE = "Resource level throttle limit for calls to this resource is reached."


@pytest.mark.parametrize(
    ("answer", "code", "retryable", "has_action"),
    [
        (error(400, "VERSION_MISSING", message="A version must be present."), C.APP_MISCONFIGURED, False, False),
        (error(400, "FIELD_LENGTH_TOO_LONG"), C.CONTENT_REJECTED, False, True),
        (of_input("FIELD_LENGTH_TOO_LONG"), C.CONTENT_REJECTED, False, True),
        (error(400, "INVALID_VALUE_BLANK_FIELD"), C.CONTENT_REJECTED, False, True),
        (error(400, "MISSING_FIELD"), C.CONTENT_REJECTED, False, True),
        (error(400, "INVALID_VALUE_FOR_FIELD"), C.CONTENT_REJECTED, False, True),
        (error(400, "INVALID_URN_TYPE"), C.CONTENT_REJECTED, False, True),
        (error(400, "INVALID_URN_ID"), C.CONTENT_REJECTED, False, True),
        (error(400, "MEDIA_ASSET_WAITING_UPLOAD"), C.PLATFORM_DOWN, True, False),
        (error(400, "MEDIA_ASSET_PROCESSING_FAILED"), C.MEDIA_REJECTED, False, True),
        (error(400, "EXPIRED_UPLOAD_URL"), C.MEDIA_REJECTED, False, True),
        (error(401, "INVALID_ACCESS_TOKEN", number=65600), C.AUTH_EXPIRED, True, True),
        (error(401, "REVOKED_ACCESS_TOKEN", number=65601), C.AUTH_REVOKED, True, True),
        (error(401, number=65601), C.AUTH_REVOKED, True, True),
        (error(401, "REVOKED_ACCESS_TOKEN"), C.AUTH_REVOKED, True, True),
        (error(401, "EXPIRED_ACCESS_TOKEN", number=65602), C.AUTH_EXPIRED, True, True),
        (error(401, "EMPTY_ACCESS_TOKEN"), C.AUTH_EXPIRED, True, True),
        (error(401, number=401, message="Empty oauth2_access_token"), C.AUTH_EXPIRED, True, True),
        (
            error(403, "ACCESS_DENIED", number=100, message=f"{ACCESS}CREATE.20260901"),
            C.PERMISSION_MISSING,
            False,
            True,
        ),
        (error(403, number=100, message=f"{ACCESS}CREATE.20260901"), C.PERMISSION_MISSING, False, True),
        (error(403, "ACCESS_DENIED"), C.PERMISSION_MISSING, False, True),
        (error(404, "NOT_FOUND"), C.DESTINATION_GONE, False, False),
        (error(409, "CONFLICT"), C.PLATFORM_DOWN, True, False),
        (an_answer(409), C.PLATFORM_DOWN, True, False),
        (
            error(422, message="Content is a duplicate of urn:li:share:7400000000000000001"),
            C.DUPLICATE_POST,
            False,
            True,
        ),
        (error(422, message="Content is a duplicate of urn:li:person:q7XyZ12abC"), C.DUPLICATE_POST, False, True),
        (error(422, "UNPROCESSABLE_ENTITY"), C.CONTENT_REJECTED, False, True),
        (
            error(426, "NONEXISTENT_VERSION", message="Requested version 20250101 is not active"),
            C.VERSION_RETIRED,
            False,
            False,
        ),
        (error(429, number=101, message=RESOURCE), C.QUOTA_EXHAUSTED, True, False),
        (error(429, message=DAY), C.QUOTA_EXHAUSTED, True, False),
        (error(429, "TOO_MANY_REQUESTS"), C.QUOTA_EXHAUSTED, True, False),
        (error(500), C.PLATFORM_DOWN, True, False),
        (error(503), C.PLATFORM_DOWN, True, False),
        (error(504), C.PLATFORM_DOWN, True, False),
    ],
)
def test_refusals_of_a_post(answer: Answer, code: ErrorCode, *, retryable: bool, has_action: bool) -> None:
    """Names, numbers and words decide, then the status."""
    found = error_of(answer, now=NOW, creating=True)

    assert (found.code, found.retryable, bool(found.action)) == (code, retryable, has_action)
    assert found.http_status == answer.status
    assert not found.final


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (error(400, "INVALID_URN_ID"), C.APP_MISCONFIGURED),
        (error(404, "NOT_FOUND"), C.NOT_FOUND),
        (error(403, "ACCESS_DENIED", number=100), C.PERMISSION_MISSING),
    ],
)
def test_refusals_of_a_reading(answer: Answer, code: ErrorCode) -> None:
    """What a post's content would be blamed for is our own request's fault where nothing is created."""
    assert error_of(answer, now=NOW).code is code


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (400, C.CONTENT_REJECTED, False),
        (401, C.AUTH_EXPIRED, True),
        (403, C.PERMISSION_MISSING, False),
        (404, C.DESTINATION_GONE, False),
        (408, C.PLATFORM_DOWN, True),
        (413, C.MEDIA_REJECTED, False),
        (418, C.CONTENT_REJECTED, False),
        (422, C.CONTENT_REJECTED, False),
        (426, C.VERSION_RETIRED, False),
        (429, C.RATE_LIMITED, True),
        (502, C.PLATFORM_DOWN, True),
    ],
)
@pytest.mark.parametrize("body", [None, [], {"surprise": "a new form"}, {"message": 5, "code": [], "errorDetails": 7}])
def test_an_undocumented_body_falls_to_its_status(status: int, body: Any, code: ErrorCode, *, retryable: bool) -> None:
    """The status class decides, and the answer is kept for the operator."""
    answer = an_answer(status, body, x_li_uuid="AAX9lkQ==")

    found = error_of(answer, now=NOW, creating=True)

    assert (found.code, found.retryable) == (code, retryable)
    assert found.evidence == f"{answer.text} x-li-uuid=AAX9lkQ=="


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("partnerApiPostsExternal.CREATE.20260901", "publish posts"),
        ("partnerApiPostsExternal.FINDER-author.20260401", "read or change posts"),
        ("partnerApiPostsExternal.GET.20260401", "read or change posts"),
        ("organizationalEntityShareStatistics.FINDER-organizationalEntity.20260901", "read statistics"),
        ("networkSizes.GET.20260901", "read statistics"),
        ("organizationAcls.FINDER-roleAssignee.20260901", "read which Pages"),
        ("organizations.GET.20260901", "read this Page"),
        ("images.ACTION-initializeUpload.20260901", "pictures and videos"),
        ("videos.GET.20260901", "pictures and videos"),
    ],
)
def test_what_is_not_allowed_is_named(resource: str, words: str) -> None:
    """The merchant reads what the connection lacks, in our words."""
    answer = error(403, "ACCESS_DENIED", number=100, message=f"Not enough permissions to access: {resource}")

    found = error_of(answer, now=NOW)

    assert words in found.detail
    assert "Not enough" not in found.detail


@pytest.mark.parametrize(
    ("message", "scope"),
    [
        (RESOURCE, "account"),
        (DAY, "app"),
        ("The throttle MEMBER DAY limit for calls to this resource is reached.", "account"),
    ],
)
def test_a_days_quota_ends_at_midnight_utc(message: str, scope: str) -> None:
    """The message tells whose day is over; a wait that LinkedIn asks for itself is honoured."""
    found = error_of(error(429, number=101, message=message), now=NOW)
    asked = error_of(an_answer(429, {"message": message, "serviceErrorCode": 101}, retry_after="90"), now=NOW)

    assert (found.retry_after, found.scope) == (MIDNIGHT, scope)
    assert asked.retry_after == timedelta(seconds=90)


def test_a_short_protection_is_waited_out_for_a_minute() -> None:
    """A 429 that names no quota."""
    found = error_of(an_answer(429), now=NOW)

    assert (found.code, found.retry_after) == (ErrorCode.RATE_LIMITED, timedelta(minutes=1))


def test_midnight_is_counted_in_utc() -> None:
    """At midnight itself a whole day is left."""
    assert until_midnight(datetime(2026, 11, 20, tzinfo=UTC)) == timedelta(days=1)
    assert until_midnight(datetime.fromisoformat("2026-11-20T23:00:00+02:00")) == timedelta(hours=3)


@pytest.mark.parametrize("status", [426, 429])
def test_what_concerns_everybody_holds_the_app_back(status: int) -> None:
    """A retired version and the application's day are nobody's own."""
    assert error_of(error(status, message=DAY), now=NOW).scope == "app"


def test_evidence_keeps_an_errors_name_and_no_secret() -> None:
    """A code that is a name is what an operator looks for; one that could be an approval is blanked."""
    told = '{"status":401,"code":"REVOKED_ACCESS_TOKEN","access_token":"planted-token","x":{"code":"AQTb7planted"}}'

    evidence = error_of(Answer(401, {}, json.loads(told), readable=True, text=told), now=NOW).evidence

    assert "REVOKED_ACCESS_TOKEN" in evidence
    assert "planted" not in evidence


def test_the_duplicates_name_is_evidence_only() -> None:
    """The live post's name is for the operator; a merchant reads our words."""
    found = error_of(error(422, message="Content is a duplicate of urn:li:share:74"), now=NOW, creating=True)

    assert "urn:li:share:74" in found.evidence
    assert "urn:" not in f"{found}{found.action}"


MISMATCH = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
    "Or authorization code expired."
)
DEAD = "The provided authorization grant or refresh token is invalid, expired or revoked"


@pytest.mark.parametrize(
    ("status", "name", "words", "exchanging", "refreshing", "final"),
    [
        (400, "invalid_request", DEAD, C.AUTH_EXPIRED, C.AUTH_REVOKED, True),
        (400, "invalid_request", MISMATCH, C.AUTH_EXPIRED, C.AUTH_REVOKED, True),
        (400, "invalid_grant", "", C.AUTH_EXPIRED, C.AUTH_REVOKED, True),
        (401, "invalid_client", "Client authentication failed", C.APP_MISCONFIGURED, C.APP_MISCONFIGURED, False),
        (400, "invalid_client", "", C.APP_MISCONFIGURED, C.APP_MISCONFIGURED, False),
        (401, "invalid_client_id", "", C.APP_MISCONFIGURED, C.APP_MISCONFIGURED, False),
        (400, "invalid_request", 'A required parameter "client_id" is missing', *[C.APP_MISCONFIGURED] * 2, False),
        (400, "unsupported_grant_type", "", C.APP_MISCONFIGURED, C.APP_MISCONFIGURED, False),
        (401, "", "", C.APP_MISCONFIGURED, C.APP_MISCONFIGURED, False),
        (429, "", "", C.RATE_LIMITED, C.RATE_LIMITED, False),
        (503, "", "", C.PLATFORM_DOWN, C.PLATFORM_DOWN, False),
        (503, "invalid_request", DEAD, C.PLATFORM_DOWN, C.PLATFORM_DOWN, False),
    ],
)
def test_only_a_dead_grant_is_final(
    status: int, name: str, words: str, exchanging: ErrorCode, refreshing: ErrorCode, *, final: bool
) -> None:
    """A dead grant is called invalid_request and told by its words; our own credentials disconnect nobody."""
    answer = an_answer(status, {"error": name, "error_description": words})

    exchanged = oauth_error_of(answer, now=NOW)
    refreshed = oauth_error_of(answer, now=NOW, refreshing=True)

    assert (exchanged.code, exchanged.final) == (exchanging, final)
    assert (refreshed.code, refreshed.final) == (refreshing, final)
    assert refreshed.scope == ("app" if refreshing is ErrorCode.APP_MISCONFIGURED else "account")
