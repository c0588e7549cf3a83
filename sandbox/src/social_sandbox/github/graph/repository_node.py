"""A repository and the lists below it."""

from typing import Any

from social_sandbox.github import shapes
from social_sandbox.github.graph.actors import ActorNode
from social_sandbox.github.graph.connections import Connection, Window, connect
from social_sandbox.github.graph.post_nodes import CategoryNode, DiscussionNode, ReleaseNode, category_id
from social_sandbox.github.graph.trouble import not_accessible, scopes_missing
from social_sandbox.github.graph.viewing import Viewing
from social_sandbox.github.repositories import Repository


class RepositoryNode:
    """A repository."""

    typename = "Repository"

    def __init__(self, viewing: Viewing, repository: Repository) -> None:
        self._viewing = viewing
        self.repository = repository
        self.id = repository.node_id
        self.database_id = repository.number
        self.name = repository.name
        self.name_with_owner = repository.full_name
        self.url = f"{shapes.WEB}/{repository.full_name}"
        self.created_at = shapes.time(repository.created_at)
        self.is_archived = repository.option("archived")
        self.is_private = repository.option("private")
        self.is_disabled = False
        self.is_fork = False
        self.visibility = "PRIVATE" if self.is_private else "PUBLIC"
        self.has_discussions_enabled = repository.option("discussions")
        owns = viewing.caller.owns(repository)
        self.viewer_permission = repository.option("permission").upper() if owns else "READ"
        self.viewer_can_administer = self.viewer_permission == "ADMIN"
        self.stargazer_count = shapes.stars(viewing.world, repository)
        self.fork_count = shapes.forks(viewing.world, repository)

    def owner(self) -> ActorNode:
        """Whose it is."""
        return ActorNode(self._viewing, shapes.owner_json(self._viewing.call, self.repository))

    def discussion_categories(self, **arguments: Any) -> Connection[CategoryNode]:
        """The categories; `filter_by_assignable` leaves out those this person cannot start one in."""
        window = Window(*(arguments.get(name) for name in ("first", "last", "after", "before")))
        self._require_discussions("discussionCategories")
        only_own = bool(arguments.get("filter_by_assignable"))
        found = [
            CategoryNode(self._viewing, self.repository, category)
            for category in self.repository.categories
            if not only_own or self.repository.can_write or not category.maintainers_only
        ]
        return connect(found, window, field="discussionCategories")

    def discussion_category(self, slug: str) -> CategoryNode | None:
        """A category by its slug."""
        found = (c for c in self.repository.categories if c.slug == slug)
        category = next(found, None)
        return CategoryNode(self._viewing, self.repository, category) if category else None

    def discussion(self, number: int) -> DiscussionNode | None:
        """A discussion by its number."""
        self._require_discussions("discussion")
        post = self._viewing.discussions.numbered(self.repository, number)
        return DiscussionNode(self._viewing, self.repository, post) if post else None

    def discussions(self, **arguments: Any) -> Connection[DiscussionNode]:
        """The discussions, in the asked order."""
        window = Window(*(arguments.get(name) for name in ("first", "last", "after", "before")))
        self._require_discussions("discussions")
        posts = self._viewing.discussions.of(self.repository)
        order = arguments.get("order_by") or {"field": "UPDATED_AT", "direction": "DESC"}
        by_update = order["field"] == "UPDATED_AT"
        posts.sort(key=lambda p: p.details["updated_at"] if by_update else p.created_at)
        if order["direction"] == "DESC":
            posts.reverse()
        wanted = arguments.get("category_id")
        if wanted is not None:
            numbers = {c.number for c in self.repository.categories if category_id(self.repository, c) == wanted}
            posts = [post for post in posts if post.details["category"] in numbers]
        page = connect(posts, window, field="discussions")
        return page.shown(lambda post: DiscussionNode(self._viewing, self.repository, post))

    def release(self, tag_name: str) -> ReleaseNode | None:
        """A published release by its tag."""
        found = (node for node in self._releases() if node.tag_name == tag_name and not node.is_draft)
        return next(found, None)

    def releases(self, **arguments: Any) -> Connection[ReleaseNode]:
        """The releases, newest first."""
        window = Window(*(arguments.get(name) for name in ("first", "last", "after", "before")))
        return connect(self._releases(), window, field="releases")

    def _releases(self) -> list[ReleaseNode]:
        posts = self._viewing.world.store.posts_at("github", self.repository.place.platform_id)
        drafts = self.repository.can_write and self._viewing.caller.reaches(self.repository, "contents", "write")
        return [
            ReleaseNode(self._viewing, self.repository, post)
            for post in reversed(posts)
            if post.kind == "release" and (drafts or post.visibility != "draft")
        ]

    def _require_discussions(self, field: str) -> None:
        caller = self._viewing.caller
        if caller.options.is_github_app and not caller.allows("discussions", "read", scope=None):
            raise not_accessible()
        if self.is_private and not caller.reaches(self.repository, "discussions", "read"):
            raise scopes_missing(field)
