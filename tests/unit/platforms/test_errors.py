"""Every documented error of the three platforms comes to its place in the closed set."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from social_platforms._core import ErrorCode
from social_platforms.answers import Answer
from social_platforms.github import errors as github
from social_platforms.instagram import errors as instagram
from social_platforms.meta.usage import rates_of
from social_platforms.x import errors as x

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def an_answer(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer; header names are written with underscores."""
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, readable=True)


def problem(name: str, **more: Any) -> dict[str, Any]:
    """A problem of X; hosts before its type differ and mean nothing."""
    return {"type": f"https://api.twitter.com/2/problems/{name}", "title": "T", "detail": "d", **more}


def plain(detail: str) -> dict[str, Any]:
    """A problem without a type."""
    return {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": detail}


X_CREATE = [
    (an_answer(400, problem("invalid-request")), ErrorCode.CONTENT_REJECTED),
    (an_answer(400, {"detail": "Your media IDs are invalid."}), ErrorCode.MEDIA_REJECTED),
    (an_answer(400, {"detail": "Your Tweet text is too long."}), ErrorCode.CONTENT_REJECTED),
    (an_answer(401, plain("Unauthorized")), ErrorCode.AUTH_EXPIRED),
    (an_answer(402, problem("credits")), ErrorCode.QUOTA_EXHAUSTED),
    (an_answer(403, problem("client-forbidden", reason="client-not-enrolled")), ErrorCode.APP_MISCONFIGURED),
    (an_answer(403, problem("unsupported-authentication")), ErrorCode.APP_MISCONFIGURED),
    (an_answer(403, problem("oauth1-permissions")), ErrorCode.PERMISSION_MISSING),
    (an_answer(403, plain("You are not allowed to create a Tweet with duplicate content.")), ErrorCode.DUPLICATE_POST),
    (
        an_answer(403, plain("This user is not allowed to post a video longer than 2 minutes.")),
        ErrorCode.MEDIA_REJECTED,
    ),
    (an_answer(403, plain("Your account is suspended")), ErrorCode.ACCOUNT_RESTRICTED),
    (an_answer(403, plain("You are not permitted to perform this action.")), ErrorCode.CONTENT_REJECTED),
    (an_answer(404), ErrorCode.VERSION_RETIRED),
    (an_answer(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}), ErrorCode.RATE_LIMITED),
    (an_answer(429, problem("usage-capped", period="Monthly")), ErrorCode.QUOTA_EXHAUSTED),
    (an_answer(503), ErrorCode.PLATFORM_DOWN),
]


@pytest.mark.parametrize(("answer", "code"), X_CREATE)
def test_x_refusals_of_a_post(answer: Answer, code: ErrorCode) -> None:
    """Statuses, problem types and words decide together."""
    error = x.error_of(answer, now=NOW, creating=True)

    assert error.code is code
    assert not error.final


def test_x_takes_the_latest_reset_of_the_exhausted_limiters() -> None:
    """The daily limit outlasts the quarter of an hour; one that is not exhausted does not count."""
    answer = an_answer(
        429,
        x_rate_limit_remaining="0",
        x_rate_limit_reset=str(EPOCH + 300),
        x_user_limit_24hour_remaining="0",
        x_user_limit_24hour_reset=str(EPOCH + 7200),
        x_app_limit_24hour_remaining="5",
        x_app_limit_24hour_reset=str(EPOCH + 70000),
    )

    error = x.error_of(answer, now=NOW)

    assert (error.code, error.retry_after, error.scope) == (ErrorCode.QUOTA_EXHAUSTED, timedelta(hours=2), "account")
    assert {rate.bucket for rate in x.rates_of(answer, endpoint="E", now=NOW)} == {"E", "E 24h"}


@pytest.mark.parametrize(
    ("status", "body", "code", "final"),
    [
        (400, ("invalid_request", "Value passed for the token was invalid."), ErrorCode.AUTH_REVOKED, True),
        (400, ("invalid_grant", ""), ErrorCode.AUTH_REVOKED, True),
        (401, ("unauthorized_client", "Missing valid authorization header"), ErrorCode.APP_MISCONFIGURED, False),
        (400, ("invalid_client", ""), ErrorCode.APP_MISCONFIGURED, False),
        (400, ("invalid_request", "Missing required parameter [client_id]."), ErrorCode.APP_MISCONFIGURED, False),
        (503, ("", ""), ErrorCode.PLATFORM_DOWN, False),
        (429, ("", ""), ErrorCode.RATE_LIMITED, False),
        (400, ("something_new", ""), ErrorCode.PLATFORM_DOWN, False),
    ],
)
def test_x_ends_a_grant_only_for_a_refused_token(
    status: int, body: tuple[str, str], code: ErrorCode, *, final: bool
) -> None:
    """X calls a spent refresh token invalid_request; our own credentials are never the merchant's loss."""
    answer = an_answer(status, {"error": body[0], "error_description": body[1]})

    error = x.oauth_error_of(answer, now=NOW, refreshing=True)

    assert (error.code, error.final) == (code, final)


def graph(code: int, subcode: int | None = None, **more: Any) -> Answer:
    """A Graph error."""
    return an_answer(400, {"error": {"message": "planted", "code": code, "error_subcode": subcode, **more}})


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (graph(190, 463), ErrorCode.AUTH_EXPIRED, False),
        (graph(190, 460), ErrorCode.AUTH_REVOKED, False),
        (graph(190), ErrorCode.AUTH_REVOKED, False),
        (graph(10), ErrorCode.PERMISSION_MISSING, False),
        (graph(200), ErrorCode.PERMISSION_MISSING, False),
        (graph(100, message="Unsupported request - method type: get"), ErrorCode.PERMISSION_MISSING, False),
        (graph(25, 2207050), ErrorCode.ACCOUNT_RESTRICTED, False),
        (graph(1, 2207001), ErrorCode.PLATFORM_DOWN, True),
        (graph(2), ErrorCode.PLATFORM_DOWN, True),
        (graph(9004, 2207052), ErrorCode.MEDIA_REJECTED, True),
        (graph(-2, 2207003), ErrorCode.MEDIA_REJECTED, True),
        (graph(9007, 2207027), ErrorCode.PLATFORM_DOWN, True),
        (graph(9, 2207042), ErrorCode.QUOTA_EXHAUSTED, True),
        (graph(4, 2207051), ErrorCode.ACCOUNT_RESTRICTED, False),
        (graph(4), ErrorCode.RATE_LIMITED, True),
        (graph(80002), ErrorCode.RATE_LIMITED, True),
        (graph(36000, 2207004), ErrorCode.MEDIA_REJECTED, False),
        (graph(36001, 2207005), ErrorCode.MEDIA_REJECTED, False),
        (graph(36003, 2207009), ErrorCode.MEDIA_REJECTED, False),
        (graph(36004, 2207010), ErrorCode.CONTENT_REJECTED, False),
        (graph(100, 2207040), ErrorCode.CONTENT_REJECTED, False),
        (graph(352, 2207026), ErrorCode.MEDIA_REJECTED, False),
        (graph(100, 33), ErrorCode.NOT_FOUND, False),
        (graph(100), ErrorCode.VERSION_RETIRED, False),
        (graph(77777, is_transient=True), ErrorCode.PLATFORM_DOWN, True),
        (an_answer(500), ErrorCode.PLATFORM_DOWN, True),
        (an_answer(429), ErrorCode.RATE_LIMITED, True),
    ],
)
def test_instagram_errors(answer: Answer, code: ErrorCode, *, retryable: bool) -> None:
    """Subcode, then code, then status."""
    error = instagram.error_of(answer, now=NOW)

    assert (error.code, error.retryable) == (code, retryable)
    assert "planted" not in str(error)


def test_instagram_says_when_access_comes_back() -> None:
    """The usage header tells minutes, and the share that is left."""
    usage = '{"1784":[{"type":"instagram","call_count":100,"total_time":3,"estimated_time_to_regain_access":7}]}'
    answer = an_answer(400, graph(80002).body, x_business_use_case_usage=usage)

    assert instagram.error_of(answer, now=NOW).retry_after == timedelta(minutes=7)
    assert [rate.remaining for rate in rates_of(answer)] == [0]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (an_answer(401, {"message": "Bad credentials"}), ErrorCode.AUTH_EXPIRED),
        (an_answer(403, {}, x_ratelimit_remaining="0", x_ratelimit_reset=str(EPOCH + 60)), ErrorCode.RATE_LIMITED),
        (an_answer(403, {}, retry_after="90"), ErrorCode.RATE_LIMITED),
        (an_answer(403, {"message": "You have exceeded a secondary rate limit."}), ErrorCode.RATE_LIMITED),
        (an_answer(429, {}), ErrorCode.RATE_LIMITED),
        (an_answer(403, {"message": "Resource not accessible by integration"}), ErrorCode.PERMISSION_MISSING),
        (an_answer(403, {}, x_github_sso="required"), ErrorCode.PERMISSION_MISSING),
        (an_answer(403, {"message": "Repository was archived"}), ErrorCode.DESTINATION_GONE),
        (an_answer(403, {"message": "Forbidden"}), ErrorCode.PERMISSION_MISSING),
        (an_answer(404, {"message": "Not Found"}), ErrorCode.DESTINATION_GONE),
        (an_answer(410, {}), ErrorCode.DESTINATION_GONE),
        (an_answer(422, {"message": "Validation Failed"}), ErrorCode.CONTENT_REJECTED),
        (an_answer(400, {"message": "Unsupported version"}), ErrorCode.VERSION_RETIRED),
        (an_answer(502), ErrorCode.PLATFORM_DOWN),
    ],
)
def test_github_refusals_of_a_release(answer: Answer, code: ErrorCode) -> None:
    """The kinds of 403 are told apart by headers first and words second."""
    error = github.error_of(answer, now=NOW, creating=True)

    assert error.code is code
    assert (error.retry_after is not None) == (code is ErrorCode.RATE_LIMITED)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("NOT_FOUND", ErrorCode.DESTINATION_GONE),
        ("FORBIDDEN", ErrorCode.PERMISSION_MISSING),
        ("INSUFFICIENT_SCOPES", ErrorCode.PERMISSION_MISSING),
        ("UNPROCESSABLE", ErrorCode.CONTENT_REJECTED),
        ("RATE_LIMITED", ErrorCode.RATE_LIMITED),
        ("SOMETHING_NEW", None),
        (None, None),
    ],
)
def test_github_graphql_refusals_are_certain_only_for_known_types(kind: str | None, code: ErrorCode | None) -> None:
    """A mutation that failed for an unknown reason may have happened."""
    answer = an_answer(200, {"data": {"createDiscussion": None}, "errors": [{"type": kind, "message": "planted"}]})

    error = github.graphql_error_of(answer, now=NOW, mutation=True)

    assert (error.code if error else None) is code


@pytest.mark.parametrize(
    ("error", "refreshing", "code", "final"),
    [
        ("bad_refresh_token", True, ErrorCode.AUTH_REVOKED, True),
        ("bad_verification_code", False, ErrorCode.AUTH_EXPIRED, True),
        ("incorrect_client_credentials", True, ErrorCode.APP_MISCONFIGURED, False),
        ("redirect_uri_mismatch", False, ErrorCode.APP_MISCONFIGURED, False),
        ("unverified_user_email", False, ErrorCode.ACCOUNT_RESTRICTED, False),
        ("something_new", True, ErrorCode.PLATFORM_DOWN, False),
    ],
)
def test_github_token_errors_come_as_200(error: str, code: ErrorCode, *, refreshing: bool, final: bool) -> None:
    """The body decides; only a refused refresh token or code is final."""
    found = github.oauth_error_of(an_answer(200, {"error": error}), now=NOW, refreshing=refreshing)

    assert (found.code, found.final) == (code, final)
