"""What the console can be told, and what it refuses with one sentence."""

import json
from typing import Any

import pytest

from social_common.settings import load_settings
from social_console.__main__ import main
from social_console.settings import ConsoleSettings


def test_parts_are_read_from_json_with_several_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry per replica; metrics are beside the probe unless the entry says otherwise."""
    api = {"name": "publisher", "role": "api", "url": "http://one:8102/", "metrics_url": "http://one:9102"}
    worker = {"name": "publisher", "role": "worker", "url": "http://one:9112"}
    monkeypatch.setenv("CONSOLE_PARTS", json.dumps([api, worker, {**worker, "url": "http://two:9112"}]))

    parts = load_settings(ConsoleSettings).console_parts

    assert [part.url for part in parts] == ["http://one:8102", "http://one:9112", "http://two:9112"]
    assert (parts[0].metrics_url, parts[1].metrics_url) == ("http://one:9102", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSOLE_PARTS", "publisher=http://one"),
        ("CONSOLE_PARTS", '[{"name": "publisher", "role": "database", "url": "http://one"}]'),
        ("CONSOLE_PARTS", '[{"name": "publisher", "role": "api", "url": "ftp://one"}]'),
        ("PUBLISHER_URL", "localhost:8102"),
        ("PUBLIC_URL", "https://shop.example/?a=1"),
        ("CONSOLE_IMAGE_SOURCES", "https:; script-src *"),
        ("CONSOLE_IMAGE_SOURCES", "'unsafe-inline'"),
        ("CONSOLE_SIGN_INS_PER_MINUTE", "0"),
        ("CONSOLE_CLOCK_URL", "http://localhost:8110/_control/clock"),
    ],
)
def test_a_wrong_setting_ends_the_process_with_a_sentence(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names what is wrong; a policy cannot be widened by way of a picture's address."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        load_settings(ConsoleSettings)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("settings: ")


@pytest.mark.parametrize(
    ("url", "local", "origin"),
    [
        ("http://localhost:8100", True, "http://localhost:8100"),
        ("http://127.0.0.1:8100/", True, "http://127.0.0.1:8100"),
        ("https://localhost:8100", False, "https://localhost:8100"),
        ("https://Console.Shop.Example/", False, "https://console.shop.example"),
        ("http://console.internal", False, "http://console.internal"),
    ],
)
def test_only_plain_http_on_this_machine_goes_without_secure_cookies(url: str, *, local: bool, origin: str) -> None:
    """Every other place has Secure cookies, whatever its scheme."""
    settings = ConsoleSettings(public_url=url)

    assert (settings.is_local, settings.origin) == (local, origin)


def test_the_command_lists_its_own_settings_only(capsys: pytest.CaptureFixture[str]) -> None:
    """No database, no broker, no keys: it has none of them."""
    main(["--settings"])

    shown = capsys.readouterr().out
    assert "CONSOLE_SIGN_UP=false" in shown
    assert not [name for name in ("DATABASE_URL", "KAFKA", "KEYS_FILE", "WORKER_PORT") if name in shown]


def test_help_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` ends well, and points to the settings."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "--settings" in capsys.readouterr().out


@pytest.mark.parametrize("changes", [{}, {"supabase_url": "https://project.supabase.example"}])
def test_the_public_key_is_never_shown(changes: dict[str, Any]) -> None:
    """A printed settings object shows no value of a secret."""
    settings = ConsoleSettings(supabase_anon_key="made-up-public-key", **changes)

    assert "made-up-public-key" not in repr(settings)
