"""No token, code, state or verifier stands in plain text anywhere but in the broker's answer."""

import io
import logging
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import structlog
from tests.integration.auth_linker.world import World

from social_common.logging import configure_logging

FORM_SECRETS = ("code", "code_verifier", "refresh_token", "token", "client_secret")


# Loggers keep the stream they were first used with, so this one outlives the test.
LOGGED = io.StringIO()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything is logged as in production, into a stream of the test's own; afterwards as before."""
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    monkeypatch.setattr(sys, "stdout", LOGGED)
    monkeypatch.setattr(sys, "stderr", LOGGED)
    configure_logging(service="auth-linker", role="test", level="debug", fmt="json")
    yield LOGGED
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


async def test_planted_secrets_are_nowhere(world: World, logged: io.StringIO) -> None:
    """After links, refreshes, a relink, a failed and a pending link, a disconnect: not in a column, not in a log."""
    merchant = await world.merchant()
    account = await world.account("x")
    secrets: set[str] = {merchant.token.reveal()}
    answers: list[str] = []

    for _ in range(2):
        url = await merchant.begin("x")
        landing = await merchant.approve(url, account["username"])
        secrets |= {parse_qs(urlsplit(url).query)["state"][0], landing.query["link_code"]}
        linked = await merchant.complete(landing.query["link_code"])
        answers.append(linked.text)
        connection = linked.json()["connections"][0]
        version = 0
        for _ in range(2):
            given = (await world.broker(connection["id"], merchant.user_id, refused_token_version=version)).json()
            secrets.add(given["access_token"])
            version = given["token_version"]
    await world.fault("x", "identity", "error_500", count=3)
    await merchant.approve(await merchant.begin("x"), account["username"])
    await world.control("DELETE", "/faults")
    await merchant.approve(await merchant.begin("x"), account["username"])
    answers.append((await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")).text)
    answers.append((await merchant.call("GET", "/v1/connections")).text)
    await merchant.call("DELETE", f"/v1/connections/{connection['id']}")
    for request in await world.requests("x", "/oauth2/token"):
        form = parse_qs(request["body"] or "")
        secrets |= {form[name][0] for name in FORM_SECRETS if name in form}

    log = logged.getvalue()
    stored = await _everything_stored(world, merchant.user_id)

    assert len(secrets) > 12
    assert "request_served" in log
    assert len(stored) >= 10
    for place, text in (("log", log), *stored, *(("answer", answer) for answer in answers)):
        assert [secret[:6] for secret in secrets if secret in text] == [], place


async def _everything_stored(world: World, user_id: UUID) -> list[tuple[str, str]]:
    """Every row of every table with a user_id, as text."""
    tables = await world.admin.fetch(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = 'retail_b2c' AND column_name = 'user_id'"
    )
    found = []
    for (table,) in tables:
        rows = await world.admin.fetch(f"SELECT t::text FROM retail_b2c.{table} t WHERE user_id = $1", user_id)
        found += [(table, row[0]) for row in rows]
    return found
