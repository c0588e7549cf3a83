"""Users and organisations. Attributes and methods carry the schema's field names in snake case."""

from typing import Any

from social_sandbox import engagement
from social_sandbox.github import shapes
from social_sandbox.github.graph.connections import Connection, Window, connect
from social_sandbox.github.graph.viewing import Counted, Paging, Viewing
from social_sandbox.github.repositories import Repository
from social_sandbox.model import Account


class ActorNode:
    """A user or an organisation."""

    def __init__(self, viewing: Viewing, shape: dict[str, Any]) -> None:
        self.typename = shape["type"]
        self.id = shape["node_id"]
        self.database_id = shape["id"]
        self.login = shape["login"]
        self.url = shape["html_url"]
        self.resource_path = f"/{shape['login']}"
        self._avatar = shape["avatar_url"]
        self._viewing = viewing

    def avatar_url(self, size: int | None = None) -> str:
        """The picture; the size is the client's wish."""
        return f"{self._avatar}?s={size}" if size else str(self._avatar)


class UserNode(ActorNode):
    """A person."""

    def __init__(self, viewing: Viewing, account: Account) -> None:
        super().__init__(viewing, shapes.person_json(viewing.call, account))
        self.name = account.display_name
        self.created_at = shapes.time(account.created_at)
        self.is_viewer = account.account_id == viewing.caller.account.account_id
        self._account = account

    def followers(self, **paging: Paging) -> Counted:
        """How many follow."""
        del paging
        return Counted(engagement.followers(self._viewing.world, self._account))

    def following(self, **paging: Paging) -> Counted:
        """How many are followed."""
        del paging
        start = self._account.details.get("following", 3)
        return Counted(engagement.account_metric(self._viewing.world, self._account, "following", start=start))

    def repositories(self, **arguments: Any) -> Connection[Any]:
        """The person's repositories, as far as they are seen."""
        window = Window(*(arguments.get(name) for name in ("first", "last", "after", "before")))
        wanted = set(arguments.get("owner_affiliations") or arguments.get("affiliations") or ("OWNER", "COLLABORATOR"))
        found = [
            self._viewing.repository_node(repository)
            for repository in self._viewing.repositories.of(self._account)
            if self._viewing.caller.sees(repository) and self._kind(repository) in wanted
        ]
        return connect(found, window, field="repositories")

    def _kind(self, repository: Repository) -> str:
        return "OWNER" if repository.owner.lower() == self.login.lower() else "ORGANIZATION_MEMBER"
