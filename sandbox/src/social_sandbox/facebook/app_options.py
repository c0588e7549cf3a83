"""What the dashboard of an app can set."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from social_sandbox.model import App
from social_sandbox.platform import RefusedByControl

Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]


class AppOptions(BaseModel, extra="forbid", frozen=True, strict=True):
    """The settings of one app."""

    mode: Literal["live", "development"] = "live"
    """What an app in development posts, only people with a role on the app see."""
    configurations: dict[str, list[str]] = {}
    """Facebook Login for Business: the scopes of each `config_id`."""
    deauthorize_url: Url | None = None
    data_deletion_url: Url | None = None
    webhook_url: Url | None = None
    webhook_verify_token: str = ""


def options_of(app: App) -> AppOptions:
    """Return an app's settings."""
    return AppOptions.model_validate(app.options)


def check_app_options(app: App) -> None:
    """Refuse settings that no app has; raises `RefusedByControl`."""
    try:
        options_of(app)
    except ValidationError as error:
        first = error.errors()[0]
        raise RefusedByControl(".".join(["options", *(str(part) for part in first["loc"])]), first["msg"]) from error
