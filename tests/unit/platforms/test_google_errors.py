"""Every documented error of Google's token endpoint and of Google Business Profile comes to its place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from social_platforms._core import ErrorCode
from social_platforms.answers import Answer
from social_platforms.google.errors import NAME, error_of
from social_platforms.google_identity.errors import oauth_error_of

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
DEAD = "Token has been expired or revoked."


def an_answer(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer; header names are written with underscores."""
    return Answer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, body, readable=True, text=str(body)
    )


def api(code: int, status: str, *details: dict[str, Any], message: str = "planted", **headers: str) -> Answer:
    """An error of one of the services."""
    body = {"error": {"code": code, "message": message, "status": status, "details": list(details)}}
    return an_answer(code, body, **headers)


def info(reason: str, **metadata: str) -> dict[str, Any]:
    """A detail that names a reason."""
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": metadata}


def invalid(message: str, *, field: str = "media", code: int = 1000) -> dict[str, Any]:
    """A detail of the old generation that names a field."""
    kind = "type.googleapis.com/google.mybusiness.v4.ValidationError"
    return {"@type": kind, "errorDetails": [{"code": code, "field": field, "message": message}]}


@pytest.mark.parametrize(
    ("status", "error", "refreshing", "code", "final", "retryable", "acts"),
    [
        (400, "invalid_grant", True, ErrorCode.AUTH_REVOKED, True, False, True),
        (400, "invalid_grant", False, ErrorCode.AUTH_EXPIRED, True, False, True),
        (401, "invalid_client", True, ErrorCode.APP_MISCONFIGURED, False, False, False),
        (401, "unauthorized_client", True, ErrorCode.APP_MISCONFIGURED, False, False, False),
        (400, "redirect_uri_mismatch", False, ErrorCode.APP_MISCONFIGURED, False, False, False),
        (400, "invalid_scope", False, ErrorCode.APP_MISCONFIGURED, False, False, False),
        (400, "unsupported_grant_type", False, ErrorCode.APP_MISCONFIGURED, False, False, False),
        (400, "admin_policy_enforced", True, ErrorCode.ACCOUNT_RESTRICTED, False, False, True),
        (400, "internal_failure", True, ErrorCode.PLATFORM_DOWN, False, True, False),
        (400, "temporarily_unavailable", True, ErrorCode.PLATFORM_DOWN, False, True, False),
        (503, "temporarily_unavailable", True, ErrorCode.PLATFORM_DOWN, False, True, False),
        (500, "", True, ErrorCode.PLATFORM_DOWN, False, True, False),
        (502, "", True, ErrorCode.PLATFORM_DOWN, False, True, False),
        (408, "", True, ErrorCode.PLATFORM_DOWN, False, True, False),
        (429, "", True, ErrorCode.RATE_LIMITED, False, True, False),
        (400, "something_new", True, ErrorCode.APP_MISCONFIGURED, False, False, False),
    ],
)
def test_only_a_dead_grant_or_code_is_final(
    status: int, error: str, code: ErrorCode, *, refreshing: bool, final: bool, retryable: bool, acts: bool
) -> None:
    """Our own credentials and passing trouble disconnect nobody; whoever can do something reads what."""
    answer = an_answer(status, {"error": error, "error_description": DEAD} if error else None)

    found = oauth_error_of(answer, name=NAME, now=NOW, refreshing=refreshing)

    assert (found.code, found.final, found.retryable, bool(found.action)) == (code, final, retryable, acts)
    assert not found.final or found.action


def test_a_session_policy_ends_a_grant_like_any_other_cause() -> None:
    """The subtype tells why, and the grant is dead all the same."""
    body = {"error": "invalid_grant", "error_subtype": "invalid_rapt", "error_description": DEAD}

    assert oauth_error_of(an_answer(400, body), name=NAME, now=NOW, refreshing=True).final


@pytest.mark.parametrize(
    ("answer", "code", "retryable", "acts", "scope"),
    [
        (api(401, "UNAUTHENTICATED"), ErrorCode.AUTH_EXPIRED, True, True, "account"),
        (
            api(403, "PERMISSION_DENIED", info("ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
            ErrorCode.PERMISSION_MISSING,
            False,
            True,
            "account",
        ),
        (
            api(403, "PERMISSION_DENIED", info("SERVICE_DISABLED")),
            ErrorCode.APP_MISCONFIGURED,
            False,
            False,
            "app",
        ),
        (api(403, "PERMISSION_DENIED"), ErrorCode.PERMISSION_MISSING, False, True, "account"),
        (
            api(400, "INVALID_ARGUMENT", invalid("Fetching image failed.")),
            ErrorCode.MEDIA_REJECTED,
            True,
            True,
            "account",
        ),
        (
            api(400, "INVALID_ARGUMENT", invalid("The image is too small.")),
            ErrorCode.MEDIA_REJECTED,
            False,
            True,
            "account",
        ),
        (
            api(400, "INVALID_ARGUMENT", invalid("Required.", field="event", code=3)),
            ErrorCode.CONTENT_REJECTED,
            False,
            True,
            "account",
        ),
        (api(400, "INVALID_ARGUMENT"), ErrorCode.CONTENT_REJECTED, False, True, "account"),
        (api(404, "NOT_FOUND"), ErrorCode.DESTINATION_GONE, False, True, "account"),
        (api(429, "RESOURCE_EXHAUSTED"), ErrorCode.RATE_LIMITED, True, False, "app"),
        (
            api(429, "RESOURCE_EXHAUSTED", message="Too many edits of this profile per minute."),
            ErrorCode.RATE_LIMITED,
            True,
            False,
            "account",
        ),
        (
            api(429, "RESOURCE_EXHAUSTED", info("RATE_LIMIT_EXCEEDED", quota_limit_value="0")),
            ErrorCode.APP_MISCONFIGURED,
            False,
            False,
            "app",
        ),
        (api(500, "INTERNAL"), ErrorCode.PLATFORM_DOWN, True, False, "account"),
        (api(503, "UNAVAILABLE"), ErrorCode.PLATFORM_DOWN, True, False, "account"),
        (api(504, "DEADLINE_EXCEEDED"), ErrorCode.PLATFORM_DOWN, True, False, "account"),
        (an_answer(409, {"something": "new"}), ErrorCode.CONTENT_REJECTED, False, True, "account"),
        (an_answer(426, b""), ErrorCode.VERSION_RETIRED, False, False, "account"),
    ],
)
def test_refusals_of_a_post(answer: Answer, code: ErrorCode, *, retryable: bool, acts: bool, scope: str) -> None:
    """By reason first, then by status; Google's own words are for the operator only."""
    error = error_of(answer, now=NOW, creating=True)

    assert (error.code, error.retryable, bool(error.action), error.scope) == (code, retryable, acts, scope)
    assert "planted" not in f"{error} {error.action}"
    assert error.evidence == answer.text
    assert not error.final


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (api(429, "RESOURCE_EXHAUSTED", retry_after="7"), timedelta(seconds=7)),
        (api(429, "RESOURCE_EXHAUSTED", {"@type": "x", "retryDelay": "12.5s"}), timedelta(seconds=12)),
        (api(429, "RESOURCE_EXHAUSTED", {"@type": "x", "retryDelay": "soon"}), timedelta(minutes=1)),
        (api(429, "RESOURCE_EXHAUSTED"), timedelta(minutes=1)),
    ],
)
def test_a_minute_is_waited_unless_google_says_how_long(answer: Answer, wait: timedelta) -> None:
    """The header, then the detail, then the minute that the limits are counted by."""
    assert error_of(answer, now=NOW).retry_after == wait


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, ErrorCode.NOT_FOUND), (400, ErrorCode.APP_MISCONFIGURED), (401, ErrorCode.AUTH_EXPIRED)],
)
def test_what_a_read_is_refused_for_says_nothing_of_a_post(status: int, code: ErrorCode) -> None:
    """A list or a look judges no content."""
    assert error_of(an_answer(status, {}), now=NOW).code is code
