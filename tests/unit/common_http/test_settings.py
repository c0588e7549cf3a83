"""Settings: read from the environment, hidden where secret, one sentence when wrong."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, ValidationError

from social_common.secrets import Secret
from social_common.settings import (
    CommaSeparated,
    SecretSetting,
    ServiceSettings,
    describe_settings,
    load_settings,
    required,
)


class ExampleSettings(ServiceSettings):
    """A service's own settings."""

    service: ClassVar[str] = "example"

    hosts: CommaSeparated = Field(("localhost:1",), description="Hosts.")
    webhook_secret: SecretSetting = Field(None, description="A secret.")
    waits: dict[str, float] = Field({}, description="JSON.")
    late_waits: dict[str, float] = Field(default_factory=dict, description="JSON.")
    lease: timedelta = Field(timedelta(days=1, minutes=10), description="A duration.")


def test_from_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable is the field's name in upper case; lists are written with commas."""
    monkeypatch.setenv("API_PORT", "8102")
    monkeypatch.setenv("HOSTS", " a:1, b ,")
    monkeypatch.setenv("WEBHOOK_SECRET", "planted")
    monkeypatch.setenv("TOKEN_KEYS_FILE", "keys.json")

    settings = load_settings(ExampleSettings)

    assert settings.api_port == 8102
    assert settings.hosts == ("a:1", "b")
    assert settings.webhook_secret == Secret("planted")
    assert settings.token_keys_file == Path("keys.json")


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A printed settings object shows no secret."""
    monkeypatch.setenv("API_DATABASE_URL", "postgresql://u:planted@localhost/db")
    monkeypatch.setenv("SUPABASE_JWT_SECRET", "planted")

    settings = load_settings(ExampleSettings)

    assert "planted" not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("API_PORT", "planted"),
        ("METRICS_PORT", "70000"),
        ("LOG_LEVEL", "planted"),
        ("ENVIRONMENT", "planted"),
        ("WAITS", "planted"),
        ("WAITS", "[1"),
        ("KAFKA_EMBEDDED", "planted"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
    ],
)
def test_bad_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    """A bad value ends the process with one sentence that names the variable and does not repeat the value."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as caught:
        load_settings(ExampleSettings)

    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert said.startswith(f"settings: {variable} is not valid: ")
    assert said.count("\n") == 1
    assert "planted" not in said


def test_bad_value_elsewhere() -> None:
    """An error that is not turned into a sentence does not repeat the value either."""
    with pytest.raises(ValidationError) as caught:
        ExampleSettings(webhook_secret=["planted"], api_port="planted")

    assert "planted" not in str(caught.value)


def test_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable counts as one that is not set."""
    for variable in ("SUPABASE_URL", "SUPABASE_JWT_SECRET", "TOKEN_KEYS_FILE"):
        monkeypatch.setenv(variable, "")

    settings = load_settings(ExampleSettings)

    assert (settings.supabase_url, settings.supabase_jwt_secret, settings.token_keys_file) == (None, None, None)


def test_required(capsys: pytest.CaptureFixture[str]) -> None:
    """A setting that a command cannot do without is asked for by name."""
    with pytest.raises(SystemExit):
        required(ExampleSettings().api_database_url, name="API_DATABASE_URL")

    assert capsys.readouterr().err == "settings: API_DATABASE_URL is not set, and this command needs it.\n"


def test_frozen() -> None:
    """Settings cannot be changed once read."""
    with pytest.raises(ValueError, match="frozen"):
        setattr(ExampleSettings(), "api_port", 1)  # noqa: B010 - mypy would see it


def test_supabase_addresses() -> None:
    """Issuer and keys follow from the project's URL, unless they are given."""
    plain = ExampleSettings(supabase_url="https://p.supabase.co/")
    moved = ExampleSettings(supabase_issuer="https://auth.example", supabase_jwks_url="https://keys.example/set")

    assert plain.jwt_issuer == "https://p.supabase.co/auth/v1"
    assert plain.jwks_url == "https://p.supabase.co/auth/v1/.well-known/jwks.json"
    assert (moved.jwt_issuer, moved.jwks_url) == ("https://auth.example", "https://keys.example/set")


def test_every_setting_is_described() -> None:
    """The list of settings has a description for each, and shows defaults as they are written."""
    rows = {name: (default, description) for name, default, description in describe_settings(ExampleSettings)}

    assert all(description for _, description in rows.values())
    assert rows["HOSTS"][0] == "localhost:1"
    assert rows["KAFKA_EMBEDDED"][0] == "false"
    assert rows["WEBHOOK_SECRET"][0] == ""
    assert (rows["WAITS"][0], rows["LATE_WAITS"][0]) == ("{}", "{}")
    assert rows["LEASE"][0] == "P1DT10M"


@pytest.mark.parametrize("url", ["postgresql://u:planted@h:abc/db", "postgresql://u:planted@h:99999/db"])
def test_a_database_without_a_port_of_this_world(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A database URL whose port cannot be one is refused by name, and no piece of it is shown."""
    monkeypatch.setenv("API_DATABASE_URL", url)

    with pytest.raises(SystemExit):
        load_settings(ExampleSettings)

    said = capsys.readouterr().err
    assert said.startswith("settings: API_DATABASE_URL is not valid: it should be like")
    assert "planted" not in said
