"""`social reconcile` is refused while anybody could send what is not brought together yet."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest
from tests.integration.cli.conftest import Installation
from tests.support.commands import Result
from tests.support.postgres import run_apart

Social = Callable[..., Result]
STOPPED = ("--stopped-at", "2026-11-23T15:04:00Z")


@pytest.mark.parametrize(("role", "name"), [("api", "publisher-api"), ("worker", "publisher-worker")])
def test_a_process_that_still_runs_is_named(installation: Installation, social: Social, role: str, name: str) -> None:
    """An API or a worker that is connected is found by its name, whichever role it has."""
    urls = installation.server.service("publisher", database=installation.database)
    told: list[Result] = []

    async def beside() -> None:
        url = urls.api if role == "api" else urls.worker
        connection = await asyncpg.connect(url, server_settings={"application_name": name})
        try:
            told.append(await asyncio.to_thread(social, "reconcile", *STOPPED))
        finally:
            await connection.close()

    run_apart(beside())

    assert told[0].code == 1
    assert f"{name} is connected" in told[0].err


def test_a_stop_that_is_still_to_come_is_refused(installation: Installation, social: Social) -> None:
    """Posts that are not due yet would be taken for sent."""
    ended = social("reconcile", "--stopped-at", "2126-11-23T15:04:00Z")

    assert (ended.code, "lies in the future" in ended.err) == (2, True)
