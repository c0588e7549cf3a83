"""What is wrong and stays wrong ends a process at its start: one sentence, its fix in it, and nothing has begun."""

import contextlib
import re
import subprocess
import sys
from dataclasses import dataclass, field

import pytest
from tests.integration.cli.conftest import Installation
from tests.support.eventually import eventually
from tests.support.kafka import Kafka
from tests.support.postgres import free_port

from social_common.fitness import refuse_missing_topics
from social_common.http import HttpClient, HttpError
from social_common.settings import ServiceSettings
from social_common.unfit import Unfit


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, and what is said about it."""

    command: tuple[str, str]
    said: str
    environ: dict[str, str] = field(default_factory=dict)


def start(installation: Installation, wrong: Wrong) -> "subprocess.Popen[str]":
    """The process as an operator's deployment starts it."""
    prefix = f"{wrong.command[0].upper()}_"
    own = {name.removeprefix(prefix): value for name, value in installation.environ.items() if name.startswith(prefix)}
    ports = {"API_PORT": "0", "METRICS_PORT": "0", "WORKER_PORT": "0", "KAFKA_AUTO_DECLARE_TOPICS": "true"}
    return subprocess.Popen(
        [sys.executable, "-m", *wrong.command],
        env={**installation.environ, **own, **ports, **wrong.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_process_that_cannot_be_right_does_not_begin(installation: Installation) -> None:
    """A wrong role, a wrong password, tables that are behind, a key that is gone, half an app."""
    urls = installation.server.service("publisher", database=installation.database)
    installation.sql("UPDATE retail_b2c.analytics_alembic_version SET version_num = '0001'")
    several = [
        Wrong(("publisher", "worker"), "the role publisher_worker belongs", {"WORKER_DATABASE_URL": urls.owner}),
        Wrong(
            ("publisher", "api"),
            "does not let publisher_api in (28P01)",
            {"API_DATABASE_URL": urls.api.replace("test-password", "planted-wrong")},
        ),
        Wrong(("analytics", "worker"), "are at 0001, and"),
        Wrong(("publisher", "api"), "/planted/keys.json cannot be read", {"TOKEN_KEYS_FILE": "/planted/keys.json"}),
        Wrong(("auth_linker", "worker"), "X_CLIENT_SECRET is missing", {"X_CLIENT_SECRET": ""}),
    ]

    begun = [(wrong, start(installation, wrong)) for wrong in several]

    for wrong, process in begun:
        out, said = process.communicate(timeout=60)
        assert process.returncode not in {0, None}, wrong
        assert wrong.said in said, (wrong, said, out)
        assert (said.count("\n"), "Traceback" in out + said) == (1, False), (wrong, said, out)
        assert "planted-wrong" not in out + said


async def test_a_missing_topic_is_named(kafka: Kafka) -> None:
    """A worker that does not declare topics itself does not begin without one; the sentence says how it is made."""
    settings = ServiceSettings(kafka_bootstrap_servers=kafka.bootstrap_servers)

    with pytest.raises(Unfit, match=r"the topic nobodys.thing is not there: run `social topics apply`"):
        await refuse_missing_topics(settings, ["nobodys.thing"])


@pytest.mark.parametrize("service", ["auth_linker", "publisher", "analytics"])
async def test_an_api_begins_in_production_while_its_database_is_away(installation: Installation, service: str) -> None:
    """It is alive, not ready, and ends when it is told to, without a word of its insides."""
    port = free_port()
    url = installation.server.service(service.replace("_", "-"), database=installation.database).api
    away = {
        "ENVIRONMENT": "production",
        "API_DATABASE_URL": re.sub(r":\d+/", f":{free_port()}/", url),
        "API_PORT": str(port),
    }
    process = start(installation, Wrong((service, "api"), "", away))
    try:
        async with HttpClient() as http:

            async def is_alive() -> bool:
                assert process.poll() is None
                with contextlib.suppress(HttpError):
                    return (await http.request("GET", f"http://127.0.0.1:{port}/livez")).status == 200
                return False

            await eventually(is_alive, within=30, what="the API is alive")
            ready = (await http.request("GET", f"http://127.0.0.1:{port}/readyz")).status
    finally:
        process.terminate()
        out, said = process.communicate(timeout=30)

    assert (ready, process.returncode) == (503, 0), (out, said)
    assert "Traceback" not in out + said
