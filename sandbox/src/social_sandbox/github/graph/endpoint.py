"""`POST /graphql`."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.faults import Operation
from social_sandbox.github import shapes
from social_sandbox.github.caller import Caller, Door
from social_sandbox.github.discussions import Discussions
from social_sandbox.github.errors import error
from social_sandbox.github.graph.execution import checked, is_mutation, operation_of, run
from social_sandbox.github.graph.repository_node import RepositoryNode
from social_sandbox.github.graph.root import Root
from social_sandbox.github.graph.trouble import formatted
from social_sandbox.github.graph.viewing import Viewing
from social_sandbox.github.limits import Limits
from social_sandbox.github.pages import API
from social_sandbox.github.repositories import Repositories
from social_sandbox.github.switches import GitHubSwitches
from social_sandbox.platform import Route, World

PATH = "/graphql"


def _operation(call: Call) -> Operation:
    try:
        body = call.json()
    except MalformedBody:
        return Operation.READ
    return operation_of(body.get("query"), body.get("operationName")) if isinstance(body, dict) else Operation.READ


class GraphEndpoint:
    """Runs queries and mutations; errors come back inside a 200."""

    def __init__(
        self,
        world: World,
        repositories: Repositories,
        *,
        discussions: Discussions,
        door: Door,
        limits: Limits,
        switches: Callable[[], GitHubSwitches],
    ) -> None:
        self._world = world
        self._repositories = repositories
        self._discussions = discussions
        self._door = door
        self._limits = limits
        self._switches = switches

    def routes(self) -> Sequence[Route]:
        """The one endpoint."""
        return (Route("POST", API, PATH, _operation, self._door.guard(self.answer, resource="graphql")),)

    async def answer(self, call: Call, caller: Caller) -> Answer:
        """One document."""
        body = call.json()
        query = body.get("query") if isinstance(body, dict) else None
        if not isinstance(query, str) or not query:
            return error(400, "A query attribute must be specified and must be a string.")
        variables, name = body.get("variables") or {}, body.get("operationName")
        if not isinstance(variables, dict) or not (name is None or isinstance(name, str)):
            return error(400, "Variables must be an object and operationName a string.")
        document, problems = checked(query)
        if document is None or problems:
            return json_answer({"errors": [formatted(problem) for problem in problems]})
        if is_mutation(document, name) and self._switches().enforce_secondary:
            refused = self._limits.creation_exceeded(caller.account.account_id)
            if refused is not None:
                return refused
        viewing = Viewing(self._world, call, caller, self._repositories, self._discussions, RepositoryNode)
        return json_answer(run(document, Root(viewing, self._rate(caller)), variables, name))

    def _rate(self, caller: Caller) -> dict[str, Any]:
        budget = self._limits.budget(caller.account.account_id, "graphql", self._switches())
        return {
            "cost": 1,
            "limit": budget.limit,
            "node_count": 0,
            "remaining": max(0, budget.limit - budget.used),
            "reset_at": shapes.time(datetime.fromtimestamp(budget.resets_at, UTC)),
            "used": budget.used,
        }
