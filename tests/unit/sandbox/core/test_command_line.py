"""The command line and the environment."""

from pathlib import Path

import pytest

from social_sandbox.__main__ import parser, read_settings


def test_defaults_are_the_local_stacks() -> None:
    """Without anything said it is http://localhost:8110 for auth-linker at 8101, remembering nothing."""
    config, host, port = read_settings([], {})

    assert (host, port) == ("127.0.0.1", 8110)
    assert config.public_url == "http://localhost:8110"
    assert config.callbacks("x") == ("http://localhost:8101/v1/oauth/x/callback",)
    assert (config.database_url, config.state_dir) == (None, None)


def test_the_environment_speaks_and_the_command_line_wins() -> None:
    """Every option has a variable; several callback bases are separated by commas."""
    environ = {
        "SANDBOX_PORT": "9000",
        "SANDBOX_PUBLIC_URL": "http://sandbox:9000/",
        "SANDBOX_CALLBACK_BASE": "http://a/, http://b",
        "SANDBOX_DATABASE_URL": "postgresql://x",
        "SANDBOX_STATE_DIR": "/state",
        "SANDBOX_HOST": "0.0.0.0",
    }

    config, host, port = read_settings(["--port", "9001"], environ)

    assert (host, port, config.public_url) == ("0.0.0.0", 9001, "http://sandbox:9000")
    assert config.callback_bases == ("http://a", "http://b")
    assert (config.database_url, config.state_dir) == ("postgresql://x", Path("/state"))


def test_a_wrong_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """No trace, the variable named."""
    with pytest.raises(SystemExit):
        read_settings([], {"SANDBOX_PORT": "many"})

    assert "SANDBOX_PORT must be a number" in capsys.readouterr().err


def test_help_names_every_option() -> None:
    """`--help` tells the variables, too."""
    text = parser().format_help()

    for name in ("PORT", "HOST", "PUBLIC_URL", "CALLBACK_BASE", "DATABASE_URL", "STATE_DIR", "ORIGINAL_URLS"):
        assert f"SANDBOX_{name}" in text
