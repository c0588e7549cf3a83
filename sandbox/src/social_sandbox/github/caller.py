"""Who calls the API, with which rights: the checks that every REST and GraphQL call passes first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.github.app_options import LEVELS, AppOptions, Level, covers, options_of
from social_sandbox.github.errors import NO_USER_AGENT, NOT_ACCESSIBLE, Refusal, error, forbidden, not_found
from social_sandbox.github.limits import Limits, budget_headers, primary_limit
from social_sandbox.github.repositories import Repository
from social_sandbox.github.switches import GitHubSwitches
from social_sandbox.grants import Grant, GrantStore, Token
from social_sandbox.model import Account
from social_sandbox.platform import World

NEWEST_VERSION = "2026-03-10"
DEFAULT_VERSION = "2022-11-28"
VERSIONS = (NEWEST_VERSION, DEFAULT_VERSION)
_ACCEPTED = {
    "*/*",
    "application/*",
    "application/json",
    "application/vnd.github+json",
    "application/vnd.github.v3+json",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A person through an app."""

    account: Account
    token: Token
    grant: Grant
    options: AppOptions
    version: str

    def allows(self, permission: str, level: Level, *, scope: str | None) -> bool:
        """Whether the app may: by permission (GitHub App) or by scope (None: no scope is needed)."""
        if self.options.is_github_app:
            return LEVELS[self.options.permissions.get(permission, "none")] >= LEVELS[level]
        return scope is None or covers(self.token.scopes, scope)

    def owns(self, repository: Repository) -> bool:
        """Whether the person belongs to the repository at all."""
        return repository.account.account_id == self.account.account_id

    def sees(self, repository: Repository) -> bool:
        """Whether a read finds it: public ones anybody does; private ones need membership and the app's reach."""
        if not repository.option("private"):
            return True
        if not self.owns(repository):
            return False
        if self.options.is_github_app:
            return bool(repository.option("installed"))
        return covers(self.token.scopes, "repo")

    def reaches(self, repository: Repository, permission: str, level: Level) -> bool:
        """Whether the app may do this here: it is installed (or has the scope) and the person belongs here."""
        scope = "repo" if repository.option("private") else "public_repo"
        installed = not self.options.is_github_app or bool(repository.option("installed"))
        return self.owns(repository) and installed and self.allows(permission, level, scope=scope)

    def require(self, repository: Repository, permission: str, level: Level) -> None:
        """Refuse as GitHub does where the right is missing: permission 403, scope 404, archive and person 403."""
        if not self.sees(repository):
            raise not_found()
        if not self.reaches(repository, permission, level):
            if self.options.is_github_app:
                raise forbidden(NOT_ACCESSIBLE, permissions=f"{permission}={level}")
            raise not_found()
        if level == "write" and repository.option("archived"):
            raise forbidden("Repository was archived so is read-only.")
        if level == "write" and not repository.can_write:
            raise forbidden("Must have push access to repository")


ApiHandler = Callable[[Call, Caller], Awaitable[Answer]]


class Door:
    """Wraps handlers of api.github.com with headers, version, login and limits."""

    def __init__(
        self, world: World, grants: GrantStore, limits: Limits, switches: Callable[[], GitHubSwitches]
    ) -> None:
        self._world = world
        self._grants = grants
        self._limits = limits
        self._switches = switches

    def guard(
        self, handler: ApiHandler, *, resource: str = "core", creates: bool = False
    ) -> Callable[[Call], Awaitable[Answer]]:
        """The handler behind all checks; `creates` counts against the limits on new content."""

        async def guarded(call: Call) -> Answer:
            try:
                version = checked_headers(call)
                caller = self._caller(call, version)
            except Refusal as refusal:
                return refusal.answer
            switches = self._switches()
            person = caller.account.account_id
            budget = self._limits.budget(person, resource, switches)
            if budget.used >= budget.limit:
                return primary_limit(person, budget, resource)
            budget.used += 1
            answer = self._too_fast(call, person, resource, creates=creates) if switches.enforce_secondary else None
            answer = answer or await _answered(handler, call, caller)
            shown = {**budget_headers(budget, resource), "x-github-api-version-selected": version}
            if not caller.options.is_github_app:
                shown["x-oauth-scopes"] = ", ".join(caller.token.scopes)
            return answer.plus(shown)

        return guarded

    def _too_fast(self, call: Call, person: str, resource: str, *, creates: bool) -> Answer | None:
        writes = resource == "core" and call.method not in {"GET", "HEAD"}
        refused = self._limits.exceeded(person, resource, write=writes)
        return refused or (self._limits.creation_exceeded(person) if creates else None)

    def _caller(self, call: Call, version: str) -> Caller:
        if "authorization" not in call.headers:
            raise Refusal(error(401, "Requires authentication"))
        token = self._grants.live_token(call.bearer(), self._world.clock.now(), kind="access")
        if token is None:
            raise Refusal(error(401, "Bad credentials"))
        grant = self._grants.grants[token.grant_id]
        account = self._world.store.account("github", grant.account_id)
        app = self._world.store.app("github", grant.client_id)
        if account is None or app is None:
            raise Refusal(error(401, "Bad credentials"))
        return Caller(account, token, grant, options_of(app), version)


async def _answered(handler: ApiHandler, call: Call, caller: Caller) -> Answer:
    try:
        return await handler(call, caller)
    except Refusal as refusal:
        return refusal.answer
    except MalformedBody:
        return error(400, "Problems parsing JSON")


def checked_headers(call: Call) -> str:
    """User-Agent, Accept and version, as GitHub insists on them; answers with the version that applies."""
    if not call.headers.get("user-agent"):
        plain = {"content-type": "text/html; charset=utf-8"}
        raise Refusal(Answer(403, NO_USER_AGENT.encode(), plain))
    version = call.headers.get("x-github-api-version", DEFAULT_VERSION)
    if version not in VERSIONS:
        supported = ", ".join(VERSIONS)
        raise Refusal(error(400, f"API version {version!r} is not supported. Supported versions: {supported}."))
    accepted = [part.split(";", 1)[0].strip() for part in call.headers.get("accept", "*/*").split(",")]
    if not any(media in _ACCEPTED for media in accepted):
        named = call.headers["accept"]
        raise Refusal(error(415, f"Unsupported 'Accept' header: {named!r}. Must accept 'application/json'."))
    return version
