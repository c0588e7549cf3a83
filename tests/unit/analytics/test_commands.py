"""The command line when what it needs is away: one plain sentence, never a trace, and a worker that waits."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from social_common.keyfiles import generate_service_key

NOWHERE = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "WORKER_DATABASE_URL": "postgresql://analytics_worker:planted@127.0.0.1:1/nowhere",
    "MIGRATION_DATABASE_URL": "postgresql://analytics_owner:planted@127.0.0.1:1/nowhere",
}


def command(*arguments: str, **more: str) -> "subprocess.Popen[str]":
    """One command of analytics where neither database nor Kafka answers."""
    return subprocess.Popen(
        [sys.executable, "-m", "analytics", *arguments],
        env={"PATH": os.environ["PATH"], **NOWHERE, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_outage_is_one_sentence() -> None:
    """An operator reads what is away, and nothing of the code or the password."""
    with command("migrate") as process:
        _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert said.startswith("analytics migrate: the database does not answer")
    assert said.count("\n") == 1
    assert "planted" not in said


def test_a_worker_in_production_waits_for_its_database(tmp_path: Path) -> None:
    """It neither ends nor begins before it knows whose clock it works by, and a stop ends the wait."""
    key = tmp_path / "key.json"
    generate_service_key(key)
    with command("worker", SERVICE_KEY_FILE=str(key), WORKER_PORT="0", ENVIRONMENT="production") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        rest, said = process.communicate(timeout=30)

    assert (first["event"], first["level"]) == ("database_unreachable", "warning")
    assert (process.returncode, said) == (0, "")
    assert all(json.loads(line) for line in rest.splitlines())
