"""The command line itself: it answers at once, explains itself, and says in plain words what is wrong."""

import argparse
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from social_cli import groups
from social_cli.command import EXIT_CODES
from social_cli.environment import Environments
from social_cli.main import main
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.services import SERVICES, owner_of, service_named
from social_common.keyfiles import generate_token_keys

NOWHERE = "postgresql://{role}:planted@127.0.0.1:1/nowhere"


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """What a command sets up for its process ends with the test."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command below a parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield below
                yield from commands(below)


def every_command() -> list[argparse.ArgumentParser]:
    """All groups and commands."""
    parser = argparse.ArgumentParser(prog="social")
    subparsers = parser.add_subparsers()
    for group in groups.GROUPS:
        group.add(subparsers)
    return list(commands(parser))


@pytest.mark.parametrize("command", every_command(), ids=lambda command: command.prog)
def test_help_has_an_example(command: argparse.ArgumentParser) -> None:
    """Each shows how it is called; those that do something tell their exit codes and take --json and --local."""
    text = command.format_help()

    assert "social " in text.split("example:", maxsplit=1)[1]
    if command.get_default("run") is not None:
        assert EXIT_CODES in text
        assert "--json" in text
        assert "--local" in text


def test_help_loads_neither_database_nor_kafka() -> None:
    """What only describes the commands imports nothing heavy."""
    code = (
        "import sys; from social_cli.main import parse; parse(['events', 'dlt', 'list']);"
        "print([name for name in ('sqlalchemy', 'aiokafka', 'fastapi', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"


async def test_what_services_say_they_consume_is_what_they_subscribe_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`CONSUMES` and the handlers of each service name the same topics and consumers."""
    generate_token_keys(tmp_path / "keys.json")
    monkeypatch.setenv("TOKEN_KEYS_FILE", str(tmp_path / "keys.json"))
    environments = Environments(local=False)
    for service in SERVICES:
        role = f"{service.package}_worker"
        monkeypatch.setenv(f"{service.package.upper()}_WORKER_DATABASE_URL", NOWHERE.format(role=role))

        async with service.open_subscriptions(environments.settings(service)) as subscriptions:
            found = {(item.topic, item.consumer) for item in subscriptions}

        assert found == set(service.consumes), service.name
        assert all(owner_of(topic) for topic, _ in found)


def test_a_setting_with_the_services_name_is_that_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefixed variable wins for its service and is not seen by the others; the process's own stay as they were."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "everyones:9092")
    monkeypatch.setenv("PUBLISHER_KAFKA_BOOTSTRAP_SERVERS", "publishers:9092")
    environments = Environments(local=False)

    found = {service.name: environments.settings(service).kafka_bootstrap_servers for service in SERVICES}

    assert found == {"auth-linker": "everyones:9092", "publisher": "publishers:9092", "analytics": "everyones:9092"}
    assert service_named("auth_linker") == service_named("auth-linker")


SINCE = ("--since", "2026-11-02T00:00:00Z")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--topic", "post.published"), "say which events"),
        (("--topic", "post.gone", *SINCE), "no service sends the topic 'post.gone'"),
        (("--topic", "post.published", "--since", "2026-11-01T00:00:00"), "a time needs its offset"),
        (("--topic", "post.published", "--merchant", "42"), "an id is a UUID"),
        (("--topic", "post.published", *SINCE, "--until", "2026-11-01T00:00Z"), "before --until"),
        (("--topic", "post.failed", "--topic", "post.published", *SINCE, "--after", "7"), "alone"),
    ],
)
def test_a_replay_of_nothing_one_can_place_is_wrong_usage(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and a sentence that names what is wrong."""
    with pytest.raises(SystemExit) as ended:
        sys.exit(main(["events", "replay", *arguments]))

    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert said in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["events", "accept-cluster", "--service", "nobody"], 2, "there is no service 'nobody'"),
        (["events", "dlt", "list", "--topic", "post.gone"], 2, "no consumer fits"),
        (["events", "dlt", "drop", "a.b.dlt:0:1", "--reason", " "], 2, "--reason takes"),
        (["events", "dlt", "show", "17"], 2, "an id is topic:partition:offset"),
        (["events", "replay", "--topic", "post.failed", "--since", "2026-11-01T00:00Z", "--local"], 1, "make run"),
    ],
)
def test_what_is_refused_is_one_sentence(
    arguments: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The exit code says of what kind it is, the sentence what to do."""
    monkeypatch.setenv("SOCIAL_DATA_DIR", str(tmp_path))

    assert main(arguments) == code

    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_table_is_safe_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of a record do nothing there; numbers stand to the right; no rows, no table."""
    output = Output(as_json=False)

    output.table(("name", "count"), [("\x1b[2Jevil\n", 5), ("b", 12)])
    output.table(("name", "count"), [])

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("    5")
    assert "\x1b" not in "".join(lines)


async def test_progress_is_a_line_with_count_share_and_rate(capsys: pytest.CaptureFixture[str]) -> None:
    """On a stream that is no terminal a line tells what is done of how much, how fast, and the note."""
    progress = Progress("replaying post.published", total=8)
    async with progress:
        progress.advance(2, note="--after 7 goes on from here")
        progress._write()

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("replaying post.published: 2 of 8, 25%, ")
    assert told.err.endswith("/s; --after 7 goes on from here\n")
