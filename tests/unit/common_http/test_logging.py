"""The redaction of logs: secrets of every kind, planted everywhere something can be logged, are in no line."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.common_http.fakes import a_token, an_ec_key

from social_common.logging import (
    REDACTED,
    bind_log_context,
    clear_log_context,
    configure_logging,
    get_logger,
    redact_text,
    redact_value,
)
from social_common.secrets import Secret

JWT = a_token(an_ec_key())
# What a secret looks like where it stands, and the part of it that must not be seen.
PLANTED = {
    "jwt": (JWT, JWT.split(".")[2]),
    "jwt payload": (JWT, JWT.split(".")[1]),
    "bearer": ("Authorization: Bearer AAAA-planted-1", "planted-1"),
    "opaque bearer": ("bearer dGhpcyBpcyBwbGFudGVkMg==", "dGhpcyBpcyBwbGFudGVkMg"),
    "basic": ("Authorization: Basic c2FuZGJveDpwbGFudGVk", "c2FuZGJveDpwbGFudGVk"),
    "github token": ("gho_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912E7710c838347Ae178B4a"),
    "github refresh": ("ghr_1B4a2e77838347a7E420ce178F2E7c6912E1692", "1B4a2e77838347a7E420ce178F2E7c6912E1692"),
    "meta token": ("EAAGm0PX4ZCpsBAKplanted3", "0PX4ZCpsBAKplanted3"),
    "instagram token": ("IGQVJplanted4planted4", "planted4"),
    "google token": ("ya29.a0AfplantedPlanted5", "plantedPlanted5"),
    "code in a url": ("GET https://app.example/v1/oauth/x/callback?state=abc&code=planted6", "planted6"),
    "code in a path": ('"GET /v1/oauth/x/callback?code=planted7&state=s HTTP/1.1"', "planted7"),
    "code": ("{'code': 'planted8', 'grant_type': 'authorization_code'}", "planted8"),
    "state": ('{"state": "planted9"}', "planted9"),
    "verifier": ("code_verifier=planted10&client_id=c", "planted10"),
    "unnamed verifier": ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "dBjftJeZ4CVP"),
    "client secret": ("client_secret: planted11", "planted11"),
    "refresh token": ("refresh_token='planted12'", "planted12"),
    "token key": ("qL8R4QIcQ/ZsRqOAbeRfcZhilN/MksRtDaErMA+/xYk=", "qL8R4QIcQ"),
    "private key": (
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIplanted13\n-----END PRIVATE KEY-----",
        "MC4CAQAwBQYDK2VwBCIEI",
    ),
    "dsn password": ("postgresql+asyncpg://publisher_api:planted14@db:5432/postgres", "planted14"),
    "cookie": ("Cookie: session=planted15", "planted15"),
    "password": ("password=planted16", "planted16"),
}


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """Each test configures logging anew, and leaves what was there before."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.configure(**before)
    root.handlers, root.level = handlers, level
    clear_log_context()


def fail(text: str) -> None:
    """Raises an error that quotes the text."""
    raise ValueError(text)


def log_everywhere(text: str) -> None:
    """Logs the text in every way there is."""
    log = get_logger()
    log.info(text)
    log.info("event", detail=text, items=[text, {"inner": text}], raw=text.encode(), error=ValueError(text))
    bind_log_context(bound=text)
    log.warning("with_context")
    clear_log_context()
    try:
        try:
            fail(text)
        except ValueError as cause:
            raise RuntimeError("outer") from cause
    except RuntimeError:
        log.exception("it_failed")
        logging.getLogger("library").exception("failed with %s", text)
    logging.getLogger("library").warning("%s and %r", text, {"body": text})
    logging.getLogger("uvicorn.error").error(text)


@pytest.mark.parametrize("fmt", ["json", "console"])
@pytest.mark.parametrize("kind", PLANTED)
def test_planted_secret(capsys: pytest.CaptureFixture[str], kind: str, fmt: str) -> None:
    """A planted secret is in no line of the output, whichever way it was logged."""
    text, forbidden = PLANTED[kind]
    configure_logging(service="example", role="api", level="info", fmt=fmt)

    log_everywhere(text)

    captured = capsys.readouterr()
    assert captured.out.count("it_failed") == 1
    assert forbidden not in captured.out + captured.err


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "access_token",
        "refreshToken",
        "client_secret",
        "authorization",
        "Authorization",
        "code",
        "link_code",
        "state",
        "code_verifier",
        "key",
        "private_key",
        "password",
        "set-cookie",
        "cookie",
        "database_url",
        "appsecret_proof",
    ],
)
def test_redacted_by_name(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A field of a secret's name is blanked, also inside other fields, however plain its value."""
    configure_logging(service="example", role="api", level="info", fmt="json")

    get_logger().info("event", **{name: "plain", "inner": {name: ["plain"]}})

    line = json.loads(capsys.readouterr().out)
    assert line[name] == REDACTED
    assert line["inner"] == {name: REDACTED}


def test_what_is_no_secret_stays(capsys: pytest.CaptureFixture[str]) -> None:
    """Ids, codes of errors, counts, times and addresses without a query stay readable."""
    configure_logging(service="example", role="worker", level="info", fmt="json")
    fields = {
        "post_id": "0f1f4f7a-7c9d-4d28-a8a8-0d6ae7d7d8e3",
        "error_code": "rate_limited",
        "status_code": 503,
        "token_version": 3,
        "ready": True,
        "none": None,
        "url": "https://api.x.com/2/tweets",
        "topic": "connection.linked",
        "scheduled_at": "2026-11-20T10:00:00+00:00",
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "reason": "the state table does not allow this; error code: 23505",
    }

    get_logger().info("post_published", **fields)

    line = json.loads(capsys.readouterr().out)
    assert {name: line[name] for name in fields} == fields
    assert (line["event"], line["service"], line["role"], line["level"]) == (
        "post_published",
        "example",
        "worker",
        "info",
    )


def test_secret_type(capsys: pytest.CaptureFixture[str]) -> None:
    """A Secret is blank in every form."""
    configure_logging(service="example", role="api", level="info", fmt="json")
    secret = Secret("planted")

    get_logger().info("event", value=secret, text=f"{secret}", inner=[secret])
    logging.getLogger("library").warning("%s %r", secret, secret)

    assert "planted" not in capsys.readouterr().out


def test_one_line_per_event(capsys: pytest.CaptureFixture[str]) -> None:
    """Every event is one JSON object on one line, tracebacks and line breaks included."""
    configure_logging(service="example", role="api", level="info", fmt="json")

    log_everywhere("first\nsecond")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert all(json.loads(line)["service"] == "example" for line in lines)


def test_a_client_that_repeats_itself_is_heard_once_in_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    """A broker that is away fills no disk; other kinds of lines, and everybody else's, are all there."""
    configure_logging(service="example", role="api", level="info", fmt="json")

    for number in range(50):
        logging.getLogger("aiokafka.conn").error("Unable connect to node with id %s", number)
        logging.getLogger("another.library").error("No %s", number)
    logging.getLogger("aiokafka.conn").error("Something else")

    told = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert [text for text in told if not text.startswith("No ")] == [
        "Unable connect to node with id 0",
        "Something else",
    ]
    assert len(told) == 52


def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines below the level are not written, and libraries that log addresses or records only warn."""
    configure_logging(service="example", role="api", level="info", fmt="json")

    get_logger().debug("quiet")
    for name in ("httpx", "httpcore", "aiokafka", "uvicorn.access"):
        logging.getLogger(name).info("quiet")

    assert capsys.readouterr().out == ""


@given(st.text(max_size=200))
def test_any_text_passes(text: str) -> None:
    """Redaction takes any text, and a redacted text is not changed by another pass."""
    once = redact_text(text)

    assert redact_text(once) == once


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_value_passes(value: object) -> None:
    """Redaction takes any value."""
    redact_value("field", value)
