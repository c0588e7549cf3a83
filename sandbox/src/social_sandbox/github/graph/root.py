"""The entry points of queries and mutations."""

from typing import Any

from social_sandbox.github import ids
from social_sandbox.github.discussions import NewDiscussion, problem_with
from social_sandbox.github.graph.actors import UserNode
from social_sandbox.github.graph.post_nodes import CategoryNode, DiscussionNode, ReleaseNode, category_id
from social_sandbox.github.graph.repository_node import RepositoryNode
from social_sandbox.github.graph.trouble import GraphTrouble, no_node, no_repository, not_accessible, scopes_missing
from social_sandbox.github.graph.viewing import Viewing
from social_sandbox.github.ids import USER, parse_node_id
from social_sandbox.github.repositories import Category, Repository
from social_sandbox.model import Post

MOST_NODES = 100


class Root:
    """Resolves the fields of `Query` and `Mutation`."""

    def __init__(self, viewing: Viewing, rate_limit: dict[str, Any]) -> None:
        self._viewing = viewing
        self._rate_limit = rate_limit

    def viewer(self) -> UserNode:
        """Who asks."""
        return UserNode(self._viewing, self._viewing.caller.account)

    def user(self, login: str) -> UserNode:
        """Somebody by login."""
        account = self._viewing.world.store.find_account("github", login)
        if account is None or account.username.lower() != login.lower():
            raise GraphTrouble("NOT_FOUND", f"Could not resolve to a User with the login of '{login}'.")
        return UserNode(self._viewing, account)

    def repository(self, owner: str, name: str, *, follow_renames: bool = True) -> RepositoryNode:
        """A repository by its name or a former one."""
        asked = f"{owner}/{name}"
        found = self._viewing.repositories.by_name(asked)
        if found is None or not self._viewing.caller.sees(found):
            raise no_repository(asked)
        if not follow_renames and found.full_name.lower() != asked.lower():
            raise no_repository(asked)
        return RepositoryNode(self._viewing, found)

    def node(self, id: str) -> Any:  # noqa: A002  (the schema's name)
        """Anything by its global id."""
        found = self._resolve(id)
        if found is None:
            raise no_node(id)
        return found

    def nodes(self, ids: list[str]) -> list[Any]:
        """Several at once; for each that does not exist, an error beside a null."""
        if len(ids) > MOST_NODES:
            message = f"You may not provide more than {MOST_NODES} node ids; you provided {len(ids)}."
            raise GraphTrouble("ARGUMENT_LIMIT", message)
        return [self._resolve(each) or no_node(each) for each in ids]

    def rate_limit(self, *, dry_run: bool = False) -> dict[str, Any]:
        """What is left of the hour."""
        del dry_run
        return self._rate_limit

    def create_discussion(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002  (the schema's name)
        """Open a discussion."""
        repository = self._repository(input["repository_id"])
        self._require_write(repository, "createDiscussion")
        category = self._category(repository, input["category_id"])
        if category.maintainers_only and not repository.can_write:
            raise GraphTrouble("FORBIDDEN", f"You do not have permission to start a discussion in {category.name}.")
        problem = problem_with(input["title"], input["body"])
        if problem is not None:
            raise GraphTrouble("UNPROCESSABLE", problem)
        new = NewDiscussion(input["title"], input["body"], category)
        post = self._viewing.discussions.add(self._viewing.caller, repository, new)
        return self._payload(input, repository, post)

    def update_discussion(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002  (the schema's name)
        """Change one's own discussion."""
        repository, post = self._own_discussion(input["discussion_id"], "updateDiscussion")
        title, body, category_named = input.get("title"), input.get("body"), input.get("category_id")
        problem = problem_with(title, body)
        if problem is not None:
            raise GraphTrouble("UNPROCESSABLE", problem)
        category = self._category(repository, category_named) if category_named else None
        self._viewing.discussions.change(post, title=title, body=body, category=category)
        return self._payload(input, repository, post)

    def delete_discussion(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002  (the schema's name)
        """Remove one's own discussion."""
        repository, post = self._own_discussion(input["id"], "deleteDiscussion")
        self._viewing.discussions.delete(post)
        return self._payload(input, repository, post)

    def _payload(self, asked: dict[str, Any], repository: Repository, post: Post) -> dict[str, Any]:
        discussion = DiscussionNode(self._viewing, repository, post)
        return {"client_mutation_id": asked.get("client_mutation_id"), "discussion": discussion}

    def _resolve(self, wanted: str) -> Any:
        viewing = self._viewing
        post = viewing.world.store.post("github", wanted)
        if post is not None and post.kind == "discussion":
            repository = viewing.repositories.by_number(post.platform_id)
            seen = repository is not None and viewing.caller.sees(repository)
            return DiscussionNode(viewing, repository, post) if repository and seen else None
        parsed = parse_node_id(wanted)
        if parsed is None or not parsed[1]:
            return None
        prefix, (first, *rest) = parsed
        if prefix == USER:
            account = viewing.world.store.account("github", str(first))
            return UserNode(viewing, account) if account else None
        repository = viewing.repositories.by_number(str(first))
        if repository is None or not viewing.caller.sees(repository):
            return None
        return _within(viewing, repository, prefix, rest)

    def _repository(self, wanted: str) -> Repository:
        found = self._resolve(wanted)
        if not isinstance(found, RepositoryNode):
            raise no_node(wanted)
        return found.repository

    def _category(self, repository: Repository, wanted: str) -> Category:
        if not repository.option("discussions"):
            raise GraphTrouble("UNPROCESSABLE", "Discussions are disabled for this repository.")
        found = next((c for c in repository.categories if category_id(repository, c) == wanted), None)
        if found is None:
            raise no_node(wanted)
        return found

    def _own_discussion(self, wanted: str, field: str) -> tuple[Repository, Post]:
        found = self._resolve(wanted)
        if not isinstance(found, DiscussionNode):
            raise no_node(wanted)
        repository: Repository = found.repository().repository
        self._require_write(repository, field)
        if not found.viewer_did_author:
            raise GraphTrouble("FORBIDDEN", "You do not have permission to change this discussion.")
        return repository, found.post

    def _require_write(self, repository: Repository, field: str) -> None:
        caller = self._viewing.caller
        if not caller.reaches(repository, "discussions", "write"):
            if caller.options.is_github_app:
                raise not_accessible()
            # Without membership a person with the scope may still write in public; the sandbox has no such visitors.
            scope = "repo" if repository.option("private") else "public_repo"
            raise scopes_missing(field) if not caller.allows("", "write", scope=scope) else not_accessible()
        if repository.option("archived"):
            raise GraphTrouble("FORBIDDEN", "Repository was archived so is read-only.")


def _within(viewing: Viewing, repository: Repository, prefix: str, rest: list[int]) -> Any:
    match prefix, rest:
        case (ids.REPOSITORY, []):
            return RepositoryNode(viewing, repository)
        case (ids.CATEGORY, [number]):
            found = next((c for c in repository.categories if c.number == number), None)
            return CategoryNode(viewing, repository, found) if found else None
        case (ids.RELEASE, [number]):
            post = viewing.world.store.post("github", str(number))
            fits = post is not None and post.platform_id == repository.place.platform_id
            return ReleaseNode(viewing, repository, post) if post and fits else None
        case _:
            return None
