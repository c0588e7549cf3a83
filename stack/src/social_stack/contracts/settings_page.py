"""docs/settings.md: every variable that a service reads, as the code says it."""

from collections.abc import Mapping, Sequence

from social_common.settings import ServiceSettings, describe_settings
from social_console.settings import UNREAD, ConsoleSettings
from social_platforms._core import Platform


def settings_page(classes: Mapping[str, type[ServiceSettings]]) -> str:
    """The page, from each service's own class."""
    lines = [
        "# Settings",
        "",
        "Every variable a service reads, written from the code by `make contracts`. Durations are ISO 8601: `PT30S`.",
    ]
    for service, settings in classes.items():
        lines += _table(service, describe_settings(settings))
    return "\n".join([*lines, *_console_settings(), *_PLATFORM_SETTINGS]) + "\n"


def _console_settings() -> list[str]:
    rows = [row for row in describe_settings(ConsoleSettings) if row[0].lower() not in UNREAD]
    return _table("console", rows)


def _table(title: str, rows: Sequence[tuple[str, str, str]]) -> list[str]:
    lines = ["", f"## {title}", "", "| variable | default | what it does |", "| --- | --- | --- |"]
    for name, default, description in rows:
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {description} |")
    return lines


_NAMES = tuple(f"`{platform.upper()}`" for platform in Platform)
_PLATFORM_SETTINGS = (
    "",
    "## Platforms, for every service",
    "",
    f"`<PLATFORM>` is {', '.join(_NAMES[:-1])} or {_NAMES[-1]}. Without a client id a",
    "platform is not offered.",
    "",
    "| variable | default | what it does |",
    "| --- | --- | --- |",
    "| `<PLATFORM>_CLIENT_ID`, `<PLATFORM>_CLIENT_SECRET` |  | The app registered at that platform. |",
    "| `<PLATFORM>_BASE_URL` |  | Moves all hosts that services call, as in `http://localhost:8110/x`. |",
    "| `<PLATFORM>_BROWSER_BASE_URL` |  | Moves the hosts that a browser opens. |",
    "| `GITHUB_FLAVOUR` | `github_app` | `github_app` or `oauth_app`. |",
    "| `INSTAGRAM_FLAVOUR` | `instagram_login` | The one flavour there is yet. |",
    "| `LINKEDIN_COMMUNITY_CLIENT_ID`, `LINKEDIN_COMMUNITY_CLIENT_SECRET` |  | A second app, for organizations. |",
    "| `LINKEDIN_COMMUNITY_OPENID` | `false` | `true` where that app has the product Sign In with LinkedIn, too. |",
    '| `<PLATFORM>_BUDGETS` |  | What an approved app may spend, in JSON: `{"uploads": {"app": 500}}`. |',
    "| `X_POST_FIELDS_PARAM` | `post.fields` | What X calls the fields of a post: `post.fields` or `tweet.fields`. |",
)
