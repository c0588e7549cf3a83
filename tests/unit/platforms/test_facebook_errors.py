"""Every documented error of Facebook comes to its place in the closed set, with its next step."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.platforms.fakes import Reply, Scripted, an_access, an_app

from social_platforms._core import ErrorCode, OutcomeUnknown, Platform, PlatformError, PostContent, PostRef
from social_platforms.answers import Answer
from social_platforms.facebook.errors import error_of, exchange_error_of, is_dead_metric, phase_error
from social_platforms.facebook.posts import FacebookPosts
from social_platforms.meta.usage import rates_of

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
RECONNECT = "Connect the Facebook Page again"
NONE = ""


def graph(code: int | None, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    """A Graph error's body; members that are missing are missing."""
    members = {"message": "planted", "type": "OAuthException", "code": code, "error_subcode": subcode, **more}
    return {"error": {name: value for name, value in members.items() if value is not None}}


def an_answer(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body, readable=True, text=str(body or ""))


# What is asked, what comes of it, whether it passes, and with which words the next step begins.
ASKING = [
    (400, graph(190, 463), ErrorCode.AUTH_EXPIRED, False, RECONNECT),
    (401, graph(190, 463), ErrorCode.AUTH_EXPIRED, False, RECONNECT),
    (400, graph(190, 467), ErrorCode.AUTH_REVOKED, False, RECONNECT),
    (400, graph(190, 460), ErrorCode.AUTH_REVOKED, False, RECONNECT),
    (400, graph(190, 458), ErrorCode.AUTH_REVOKED, False, RECONNECT),
    (400, graph(190), ErrorCode.AUTH_REVOKED, False, RECONNECT),
    (400, graph(102), ErrorCode.AUTH_REVOKED, False, RECONNECT),
    (400, graph(190, 459), ErrorCode.AUTH_REVOKED, False, "Log in at facebook.com"),
    (400, graph(190, 464), ErrorCode.AUTH_REVOKED, False, "Log in at facebook.com"),
    (400, graph(190, 492), ErrorCode.PERMISSION_MISSING, False, "Let somebody"),
    (403, graph(10), ErrorCode.PERMISSION_MISSING, False, f"{RECONNECT} and allow"),
    (403, graph(200), ErrorCode.PERMISSION_MISSING, False, f"{RECONNECT} and allow"),
    (400, graph(283), ErrorCode.PERMISSION_MISSING, False, f"{RECONNECT} and allow"),
    (400, graph(299), ErrorCode.PERMISSION_MISSING, False, f"{RECONNECT} and allow"),
    (400, graph(3), ErrorCode.PERMISSION_MISSING, False, f"{RECONNECT} and allow"),
    (500, graph(1), ErrorCode.PLATFORM_DOWN, True, NONE),
    (500, graph(1, 99), ErrorCode.PLATFORM_DOWN, True, NONE),
    (503, graph(2), ErrorCode.PLATFORM_DOWN, True, NONE),
    (400, graph(2), ErrorCode.PLATFORM_DOWN, True, NONE),
    (400, graph(77777, is_transient=True), ErrorCode.PLATFORM_DOWN, True, NONE),
    (400, graph(100, is_transient=True), ErrorCode.PLATFORM_DOWN, True, NONE),
    (502, None, ErrorCode.PLATFORM_DOWN, True, NONE),
    (400, graph(4), ErrorCode.RATE_LIMITED, True, NONE),
    (400, graph(17), ErrorCode.RATE_LIMITED, True, NONE),
    (400, graph(341), ErrorCode.RATE_LIMITED, True, NONE),
    (400, graph(32), ErrorCode.RATE_LIMITED, True, NONE),
    (400, graph(80001), ErrorCode.RATE_LIMITED, True, NONE),
    (400, graph(613), ErrorCode.RATE_LIMITED, True, NONE),
    (429, None, ErrorCode.RATE_LIMITED, True, NONE),
    (400, graph(368, 1390008), ErrorCode.ACCOUNT_RESTRICTED, True, "Wait some hours"),
    (400, graph(368), ErrorCode.ACCOUNT_RESTRICTED, False, "Open Facebook"),
    (400, graph(506), ErrorCode.DUPLICATE_POST, False, "Look at the Page"),
    (400, graph(100), ErrorCode.VERSION_RETIRED, False, NONE),
    (400, graph(3001, 1504028), ErrorCode.VERSION_RETIRED, False, NONE),
    (400, graph(100, 33), ErrorCode.NOT_FOUND, False, NONE),
    (400, graph(197), ErrorCode.CONTENT_REJECTED, False, "Add a text"),
    (400, graph(324), ErrorCode.MEDIA_REJECTED, False, "Use another picture"),
    (400, graph(1609005), ErrorCode.CONTENT_REJECTED, False, "Check that the link"),
    (400, graph(1705), ErrorCode.APP_MISCONFIGURED, False, NONE),
    (400, graph(352), ErrorCode.MEDIA_REJECTED, False, "Use an MP4"),
    (400, graph(389), ErrorCode.MEDIA_REJECTED, True, "Check that its address"),
    (400, graph(390), ErrorCode.MEDIA_REJECTED, True, "Try again"),
    (400, graph(6000, 1363030), ErrorCode.MEDIA_REJECTED, True, "Try again"),
    (
        400,
        graph(100, message="Invalid appsecret_proof provided in the API argument"),
        ErrorCode.APP_MISCONFIGURED,
        False,
        NONE,
    ),
    (200, graph(190), ErrorCode.AUTH_REVOKED, False, RECONNECT),
    (200, graph(77777), ErrorCode.PLATFORM_DOWN, True, NONE),
]


@pytest.mark.parametrize(("status", "body", "code", "retryable", "action"), ASKING)
def test_the_code_decides_and_names_the_next_step(
    status: int, body: Any, code: ErrorCode, action: str, *, retryable: bool
) -> None:
    """Code and subcode before the status: most refusals come as 400."""
    error = error_of(an_answer(status, body), now=NOW)

    assert (error.code, error.retryable) == (code, retryable)
    assert error.action.startswith(action)
    assert bool(error.action) == bool(action)
    assert not error.final
    assert "planted" not in f"{error} {error.action}"
    assert bool(error.evidence) == (body is not None)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, graph(100), ErrorCode.CONTENT_REJECTED),
        (400, graph(100, 33), ErrorCode.DESTINATION_GONE),
        (400, graph(77777), ErrorCode.CONTENT_REJECTED),
        (403, graph(77777), ErrorCode.PERMISSION_MISSING),
        (404, {"error": "planted"}, ErrorCode.DESTINATION_GONE),
        (413, None, ErrorCode.MEDIA_REJECTED),
    ],
)
def test_a_refused_post_is_about_the_post_or_its_page(status: int, body: Any, code: ErrorCode) -> None:
    """What nobody documents falls to its status, with the platform's words kept for the operator."""
    error = error_of(an_answer(status, body), now=NOW, creating=True)

    assert error.code is code
    assert "planted" not in str(error)
    assert body is None or "planted" in error.evidence


@pytest.mark.parametrize(
    ("code", "scope"), [(4, "app"), (341, "app"), (17, "account"), (32, "account"), (613, "account")]
)
def test_a_limit_holds_back_what_it_concerns(code: int, scope: str) -> None:
    """The app's own limits hold back everybody, the others one account."""
    error = error_of(an_answer(400, graph(code)), now=NOW)

    assert error.scope == scope
    assert error.retry_after is not None
    assert error.retry_after >= timedelta(minutes=5)


def test_a_held_back_page_says_for_how_many_minutes() -> None:
    """The usage header counts minutes; the longest of several counts."""
    usage = json.dumps(
        {page: [{"estimated_time_to_regain_access": minutes}] for page, minutes in (("1", 7), ("2", 19))}
    )

    error = error_of(an_answer(400, graph(80001), x_business_use_case_usage=usage), now=NOW)

    assert error.retry_after == timedelta(minutes=19)


def test_posting_too_fast_waits_for_hours() -> None:
    """A block is not over when a usage header says so."""
    usage = '{"1":[{"type":"pages","estimated_time_to_regain_access":7}]}'

    error = error_of(an_answer(400, graph(368, 1390008), x_business_use_case_usage=usage), now=NOW)

    assert error.retry_after is not None
    assert error.retry_after >= timedelta(hours=1)


@pytest.mark.parametrize(
    ("used", "left", "pauses"), [(28, 72, False), (94, 6, False), (95, 0, True), (97, 0, True), (130, 0, True)]
)
def test_usage_stops_at_95_percent(used: int, left: int, *, pauses: bool) -> None:
    """Both headers tell percents of a rolling window; calling on at the end would lengthen the block."""
    app = f'{{"call_count":3,"total_time":{used},"total_cputime":1}}'
    page = f'{{"1045":[{{"type":"pages","call_count":{used},"total_time":3,"estimated_time_to_regain_access":0}}]}}'

    readings = rates_of(an_answer(200, {}, x_app_usage=app, x_business_use_case_usage=page))

    assert [(one.scope, one.limit, one.remaining) for one in readings] == [("app", 100, left), ("account", 100, left)]
    windows = [timedelta(hours=1), timedelta(hours=24)]
    assert [one.resets_in for one in readings] == ([timedelta(minutes=5)] * 2 if pauses else windows)


@pytest.mark.parametrize(
    ("body", "code", "final"),
    [
        (graph(100, 36007), ErrorCode.AUTH_EXPIRED, True),
        (graph(100, 36009), ErrorCode.AUTH_EXPIRED, True),
        (graph(100), ErrorCode.AUTH_EXPIRED, True),
        (graph(100, 36008), ErrorCode.APP_MISCONFIGURED, False),
        (graph(1, message="Error validating client secret."), ErrorCode.APP_MISCONFIGURED, False),
        (graph(101, message="Error validating application."), ErrorCode.APP_MISCONFIGURED, False),
        (graph(190, 463), ErrorCode.AUTH_EXPIRED, True),
        (graph(1), ErrorCode.PLATFORM_DOWN, False),
        (graph(4), ErrorCode.RATE_LIMITED, False),
    ],
)
def test_only_a_spent_approval_is_final(body: Any, code: ErrorCode, *, final: bool) -> None:
    """Our own credentials are never the merchant's loss."""
    error = exchange_error_of(an_answer(400, body), now=NOW)

    assert (error.code, error.final) == (code, final)


@pytest.mark.parametrize(
    ("body", "dead"),
    [
        (graph(100, message="(#100) The value must be a valid insights metric"), True),
        (graph(100, message="Tried accessing nonexisting field (insights) on node type (Video)"), True),
        (graph(3001, 1504028), True),
        (graph(100, 33), False),
        (graph(190), False),
        (graph(100, message="API calls from the server require an appsecret_proof argument"), False),
    ],
)
def test_a_dead_metric_is_told_from_a_missing_post(body: Any, *, dead: bool) -> None:
    """Only a name that Facebook does not know lets the other numbers stand."""
    assert is_dead_metric(an_answer(400, body)) is dead


def test_a_broken_upload_passes_and_an_unfit_file_does_not() -> None:
    """A video's status tells why it failed by numbers."""
    assert phase_error([1363030]).retryable
    assert not phase_error([1363026]).retryable
    assert {phase_error(codes).code for codes in ([], [1363026], [1363030])} == {ErrorCode.MEDIA_REJECTED}


async def test_a_failed_videos_status_is_kept_for_the_operator() -> None:
    """The merchant reads our words; which phase failed, and with which number, stands in the evidence."""
    phase = {"status": "error", "errors": [{"code": 1363026, "message": "planted"}]}
    status = {"video_status": "error", "uploading_phase": {"status": "complete"}, "processing_phase": phase}
    async with Scripted(Reply(200, {"id": "55002", "status": status})).http() as http:
        posts = FacebookPosts(an_app(), http)
        access = an_access(Platform.FACEBOOK)
        sighting = await posts.settle(access, PostContent("Hello"), PostRef("8f1c2d"), handle=REEL, sent_at=NOW)

    assert sighting.error is not None
    assert "1363026" in sighting.error.evidence
    assert "planted" not in f"{sighting.error}{sighting.error.action}"


REEL = {"media": [{"form": "reel", "id": "55002"}]}
VIDEO = {"media": [{"form": "video", "id": "upload:MTph", "handle": "2:c2Ft"}]}
FEED: dict[str, Any] = {"media": []}


async def publish(handle: dict[str, Any], reply: Reply) -> None:
    """Publishes with that handle, and is answered so."""
    async with Scripted(reply).http() as http:
        posts = FacebookPosts(an_app(), http)
        await posts.publish(an_access(Platform.FACEBOOK), PostContent("Hello"), PostRef("8f1c2d"), handle=handle)


@pytest.mark.parametrize("handle", [FEED, VIDEO, REEL])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, graph(2)),
        Reply(400, graph(1, 99)),
        Reply(400, graph(2)),
        Reply(400, graph(200, is_transient=True)),
        Reply(503, b"<html>"),
        Reply(500, graph(190)),
        Reply(200, graph(190)),
        Reply(400, graph(390)),
        Reply(200, {"success": False}),
    ],
)
async def test_a_publishing_call_that_may_have_worked_is_a_doubt(handle: dict[str, Any], reply: Reply) -> None:
    """Codes 1 and 2 were seen on posts that went out."""
    with pytest.raises(OutcomeUnknown) as doubt:
        await publish(handle, reply)

    assert doubt.value.evidence == reply.content().decode()


@pytest.mark.parametrize("handle", [FEED, VIDEO, REEL])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (graph(190, 460), ErrorCode.AUTH_REVOKED),
        (graph(200), ErrorCode.PERMISSION_MISSING),
        (graph(80001), ErrorCode.RATE_LIMITED),
        (graph(4), ErrorCode.RATE_LIMITED),
        (graph(368), ErrorCode.ACCOUNT_RESTRICTED),
    ],
)
async def test_a_refusal_by_a_documented_code_is_certain(handle: dict[str, Any], body: Any, code: ErrorCode) -> None:
    """Nothing was done, and nobody has to look."""
    with pytest.raises(PlatformError) as refused:
        await publish(handle, Reply(400, body))

    assert refused.value.code is code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (graph(506), ErrorCode.DUPLICATE_POST),
        (graph(197), ErrorCode.CONTENT_REJECTED),
        (graph(100), ErrorCode.CONTENT_REJECTED),
        (graph(100, 33), ErrorCode.DESTINATION_GONE),
        (graph(1609005), ErrorCode.CONTENT_REJECTED),
    ],
)
async def test_a_refused_post_is_certain_and_a_refused_end_of_a_reel_is_not(body: Any, code: ErrorCode) -> None:
    """The end of a reel may have been sent before: complaining about it can mean that it is out."""
    with pytest.raises(PlatformError) as refused:
        await publish(FEED, Reply(400, body))
    with pytest.raises(OutcomeUnknown):
        await publish(REEL, Reply(400, body))

    assert refused.value.code is code
