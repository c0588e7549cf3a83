"""Settings: origins in one spelling, and leases that protect what they should."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from auth_linker.settings import AuthLinkerSettings
from social_common.settings import load_settings


def test_origins_are_read_from_one_comma_separated_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is kept as scheme, host and port."""
    monkeypatch.setenv("RETURN_TO_ALLOWED", "https://Shop.example:443/, http://localhost:8100")

    settings = load_settings(AuthLinkerSettings)

    assert settings.allowed_origins == {"https://shop.example", "http://localhost:8100"}


@pytest.mark.parametrize("value", ["*", "shop.example", "https://"])
def test_an_origin_that_is_none_ends_the_process_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    """There is no wildcard."""
    monkeypatch.setenv("RETURN_TO_ALLOWED", value)

    with pytest.raises(SystemExit):
        load_settings(AuthLinkerSettings)

    assert "RETURN_TO_ALLOWED" in capsys.readouterr().err


def test_a_person_is_never_held_longer_than_the_revocation_that_holds_them() -> None:
    """The shorter lease must end first."""
    with pytest.raises(ValueError, match="PLATFORM_USER_LEASE"):
        AuthLinkerSettings(platform_user_lease=timedelta(minutes=3), erasure_lease=timedelta(minutes=2))


def test_every_setting_says_what_it_is_for() -> None:
    """The list of settings is generated from the descriptions."""
    assert all(field.description for field in AuthLinkerSettings.model_fields.values())


def test_the_callback_lies_below_the_public_address() -> None:
    """As it is registered at the platforms."""
    settings = AuthLinkerSettings(public_url="https://api.shop.example/linker/")

    assert settings.callback_url("x") == "https://api.shop.example/linker/v1/oauth/x/callback"


def test_a_public_url_that_no_browser_can_open() -> None:
    """What callbacks lie below is an address of the web, or nothing starts."""
    with pytest.raises(ValidationError, match="public_url"):
        AuthLinkerSettings(public_url="shop")
