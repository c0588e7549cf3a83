"""Identity and reach: the user, the app's installations, the repositories."""

from collections.abc import Mapping, Sequence
from typing import Any

from social_sandbox import engagement
from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.github import shapes
from social_sandbox.github.caller import Caller, Door
from social_sandbox.github.errors import NOT_ACCESSIBLE, forbidden, invalid, not_found
from social_sandbox.github.locate import locate, located_routes
from social_sandbox.github.pages import API, page_of
from social_sandbox.github.repositories import Repositories, Repository
from social_sandbox.platform import Route, World

_AFFILIATIONS = {"owner", "collaborator", "organization_member"}


class PeopleAndRepositories:
    """`/user…` and `/repos/{owner}/{repo}`."""

    def __init__(self, world: World, repositories: Repositories, door: Door) -> None:
        self._world = world
        self._repositories = repositories
        self._door = door

    def routes(self) -> Sequence[Route]:
        """All of them read."""
        guard = self._door.guard
        return (
            Route("GET", API, "/user", Operation.IDENTITY, guard(self.user)),
            Route("GET", API, "/user/installations", Operation.IDENTITY, guard(self.installations)),
            Route(
                "GET",
                API,
                "/user/installations/{installation}/repositories",
                Operation.IDENTITY,
                guard(self.installed_repositories),
            ),
            Route("GET", API, "/user/repos", Operation.IDENTITY, guard(self.own_repositories)),
            *located_routes(self._door, "GET", "", Operation.READ, handler=self.repository),
        )

    async def user(self, call: Call, caller: Caller) -> Answer:
        """Whose token this is."""
        posts = self._world.store.posts_of("github", caller.account.account_id)
        gists = sum(post.kind == "gist" and post.visibility == "public" for post in posts)
        return json_answer(shapes.profile_json(call, self._world, caller.account, gists=gists))

    async def installations(self, call: Call, caller: Caller) -> Answer:
        """Where the app is installed and this person may look."""
        if not caller.options.is_github_app:
            raise forbidden(
                "You must authenticate with an access token authorized to a GitHub App in order to list installations"
            )
        every = self._installed(caller)
        shown, link = page_of(call, list(every.items()))
        body = {
            "total_count": len(every),
            "installations": [self._installation_json(call, caller, number, repos) for number, repos in shown],
        }
        return json_answer(body, headers=link)

    async def installed_repositories(self, call: Call, caller: Caller) -> Answer:
        """The repositories of one installation."""
        if not caller.options.is_github_app:
            raise forbidden(NOT_ACCESSIBLE)
        repositories = self._installed(caller).get(call.params["installation"])
        if repositories is None:
            raise not_found()
        shown, link = page_of(call, repositories)
        body = {
            "total_count": len(repositories),
            "repository_selection": "selected",
            "repositories": [shapes.repository_json(call, self._world, r, caller) for r in shown],
        }
        return json_answer(body, headers=link)

    async def own_repositories(self, call: Call, caller: Caller) -> Answer:
        """The person's repositories as far as the app sees them."""
        asked = set(call.query.get("affiliation", ",".join(sorted(_AFFILIATIONS))).replace(" ", "").split(","))
        if not asked <= _AFFILIATIONS:
            return invalid(errors=[{"resource": "Repository", "field": "affiliation", "code": "invalid"}])
        seen = [r for r in self._repositories.of(caller.account) if self._listed(caller, r, asked)]
        shown, link = page_of(call, seen)
        return json_answer([shapes.repository_json(call, self._world, r, caller) for r in shown], headers=link)

    async def repository(self, call: Call, caller: Caller) -> Answer:
        """One repository."""
        found = locate(self._repositories, call, caller)
        body = shapes.repository_json(call, self._world, found, caller)
        return json_answer({**body, "subscribers_count": body["watchers"], "network_count": body["forks"]})

    def _listed(self, caller: Caller, repository: Repository, asked: set[str]) -> bool:
        own = repository.owner.lower() == caller.account.username.lower()
        return ("owner" if own else "organization_member") in asked and caller.sees(repository)

    def _installed(self, caller: Caller) -> Mapping[str, list[Repository]]:
        by_owner: dict[str, list[Repository]] = {}
        for repository in self._repositories.of(caller.account):
            if repository.option("installed"):
                by_owner.setdefault(repository.owner, []).append(repository)
        return {installation_number(caller, owner): found for owner, found in by_owner.items()}

    def _installation_json(
        self, call: Call, caller: Caller, number: str, repositories: Sequence[Repository]
    ) -> dict[str, Any]:
        first = repositories[0]
        owner = shapes.owner_json(call, first)
        url = call.url(API, f"/app/installations/{number}")
        born = shapes.time(first.created_at)
        return {
            "id": int(number),
            "account": owner,
            "repository_selection": "selected",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": call.url(API, "/installation/repositories"),
            "html_url": f"{shapes.WEB}/settings/installations/{number}",
            "app_id": 4711,
            "app_slug": caller.options.slug,
            "client_id": caller.grant.client_id,
            "target_id": owner["id"],
            "target_type": owner["type"],
            "permissions": dict(caller.options.permissions),
            "events": [],
            "created_at": born,
            "updated_at": born,
            "single_file_name": None,
            "suspended_by": None,
            "suspended_at": None,
        }


def installation_number(caller: Caller, owner: str) -> str:
    """The id of an app's installation at an owner."""
    return str(50_000_000 + int(engagement.chance("github", caller.grant.client_id, owner.lower()) * 40_000_000))
