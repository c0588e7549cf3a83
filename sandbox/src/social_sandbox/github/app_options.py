"""The two kinds of app GitHub knows, as options of a registered app."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ValidationError

from social_sandbox.model import App
from social_sandbox.platform import RefusedByControl

Level = Literal["read", "write"]
DEFAULT_PERMISSIONS: dict[str, Level] = {
    "discussions": "write",
    "contents": "write",
    "administration": "read",
    "metadata": "read",
}
LEVELS = {"none": 0, "read": 1, "write": 2}


class AppOptions(BaseModel, extra="forbid", frozen=True):
    """`flavour` decides between permissions (GitHub App) and scopes (OAuth app).

    `expiring_tokens`: whether user tokens live eight hours; an OAuth app also gets such by the scope `offline_access`.
    `wildcard`: whether a redirect URI may go on below a registered one (OAuth apps).
    """

    flavour: Literal["github_app", "oauth_app"] = "github_app"
    permissions: dict[str, Level] = DEFAULT_PERMISSIONS
    expiring_tokens: bool | None = None
    wildcard: bool = False
    slug: str = "sandbox-app"

    @property
    def is_github_app(self) -> bool:
        """Whether permissions and installations count, not scopes."""
        return self.flavour == "github_app"


def options_of(app: App) -> AppOptions:
    """An app's options; raises `RefusedByControl` for what GitHub does not have."""
    try:
        return AppOptions.model_validate(app.options)
    except ValidationError as error:
        first = error.errors()[0]
        raise RefusedByControl(".".join(["options", *map(str, first["loc"])]), first["msg"]) from error


@dataclass(frozen=True, slots=True)
class Scope:
    """An OAuth scope and those it includes."""

    name: str
    description: str
    includes: tuple[str, ...] = ()


SCOPES = {
    scope.name: scope
    for scope in (
        Scope("repo", "Full control of private repositories", ("repo:status", "repo_deployment", "public_repo")),
        Scope("public_repo", "Access public repositories"),
        Scope("repo:status", "Access commit status"),
        Scope("repo_deployment", "Access deployment status"),
        Scope("gist", "Create gists"),
        Scope("user", "Update all user data", ("read:user", "user:email", "user:follow")),
        Scope("read:user", "Read all user profile data"),
        Scope("user:email", "Access the user's e-mail addresses"),
        Scope("user:follow", "Follow and unfollow users"),
        Scope("read:org", "Read organisation membership"),
        Scope("workflow", "Update workflow files"),
        Scope("read:discussion", "Read team discussions"),
        Scope("write:discussion", "Read and write team discussions", ("read:discussion",)),
    )
}
OFFLINE_ACCESS = "offline_access"


def normalised(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Known scopes, sorted, without those that another one includes."""
    known = {name for name in scopes if name in SCOPES}
    covered = {included for name in known for included in SCOPES[name].includes}
    return tuple(sorted(known - covered))


def covers(scopes: tuple[str, ...], wanted: str) -> bool:
    """Whether these scopes include the wanted one."""
    return any(wanted == name or wanted in SCOPES[name].includes for name in scopes if name in SCOPES)
