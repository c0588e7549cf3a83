"""What the queries walk over. Attributes and methods carry the schema's field names in snake case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from social_sandbox import engagement
from social_sandbox.calls import Call
from social_sandbox.github import ids, shapes
from social_sandbox.github.caller import Caller
from social_sandbox.github.discussions import Discussions, url_of
from social_sandbox.github.graph.connections import Connection, Window, connect
from social_sandbox.github.graph.trouble import not_accessible, scopes_missing
from social_sandbox.github.repositories import Category, Repositories, Repository
from social_sandbox.model import Account, Post
from social_sandbox.platform import World

Paging = int | str | None


@dataclass(frozen=True, slots=True)
class Viewing:
    """One execution: who looks, and at what."""

    world: World
    call: Call
    caller: Caller
    repositories: Repositories
    discussions: Discussions


@dataclass(frozen=True, slots=True)
class Counted:
    """A connection of which only the total is known."""

    total_count: int
    viewer_has_reacted: bool = False
    nodes: Sequence[Any] = ()


def _asked(field: str, paging: dict[str, Any]) -> None:
    Window(paging.get("first"), paging.get("last")).check(field)


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

    def repositories(self, **arguments: Any) -> "Connection[RepositoryNode]":
        """The person's repositories, as far as they are seen."""
        window = Window(*(arguments.get(name) for name in ("first", "last", "after", "before")))
        wanted = set(arguments.get("owner_affiliations") or arguments.get("affiliations") or ("OWNER", "COLLABORATOR"))
        found = [
            RepositoryNode(self._viewing, repository)
            for repository in self._viewing.repositories.of(self._account)
            if self._viewing.caller.sees(repository) and self._kind(repository) in wanted
        ]
        return connect(found, window, field="repositories")

    def _kind(self, repository: Repository) -> str:
        return "OWNER" if repository.owner.lower() == self.login.lower() else "ORGANIZATION_MEMBER"


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

    def discussion_categories(self, **arguments: Any) -> "Connection[CategoryNode]":
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

    def discussion_category(self, slug: str) -> "CategoryNode | None":
        """A category by its slug."""
        found = (c for c in self.repository.categories if c.slug == slug)
        category = next(found, None)
        return CategoryNode(self._viewing, self.repository, category) if category else None

    def discussion(self, number: int) -> "DiscussionNode | None":
        """A discussion by its number."""
        self._require_discussions("discussion")
        post = self._viewing.discussions.numbered(self.repository, number)
        return DiscussionNode(self._viewing, self.repository, post) if post else None

    def discussions(self, **arguments: Any) -> "Connection[DiscussionNode]":
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

    def release(self, tag_name: str) -> "ReleaseNode | None":
        """A published release by its tag."""
        found = (node for node in self._releases() if node.tag_name == tag_name and not node.is_draft)
        return next(found, None)

    def releases(self, **arguments: Any) -> "Connection[ReleaseNode]":
        """The releases, newest first."""
        window = Window(*(arguments.get(name) for name in ("first", "last", "after", "before")))
        return connect(self._releases(), window, field="releases")

    def _releases(self) -> "list[ReleaseNode]":
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


class CategoryNode:
    """A discussion category."""

    typename = "DiscussionCategory"
    emoji = ":mega:"
    description = ""

    def __init__(self, viewing: Viewing, repository: Repository, category: Category) -> None:
        self._viewing = viewing
        self._repository = repository
        self.category = category
        self.id = category_id(repository, category)
        self.name = category.name
        self.slug = category.slug
        self.is_answerable = category.answerable

    def repository(self) -> RepositoryNode:
        """Where it belongs."""
        return RepositoryNode(self._viewing, self._repository)


def category_id(repository: Repository, category: Category) -> str:
    """A category's global id."""
    return ids.node_id(ids.CATEGORY, repository.number, category.number)


class _Measured:
    """What people did with a post."""

    def __init__(self, viewing: Viewing, repository: Repository, post: Post) -> None:
        self._viewing = viewing
        self._repository = repository
        self.post = post
        self.created_at = shapes.time(post.created_at)

    def repository(self) -> RepositoryNode:
        """Where it stands."""
        return RepositoryNode(self._viewing, self._repository)

    def author(self) -> UserNode | None:
        """Who wrote it."""
        account = self._viewing.world.store.account("github", self.post.account_id)
        return UserNode(self._viewing, account) if account else None

    def reactions(self, **arguments: Any) -> Counted:
        """Reactions; connections of GitHub want `first` or `last` only where nodes are read."""
        hearts, thumbs = self._reactions()
        match arguments.get("content"):
            case None:
                return Counted(hearts + thumbs)
            case "HEART":
                return Counted(hearts)
            case "THUMBS_UP":
                return Counted(thumbs)
            case _:
                return Counted(0)

    def _reactions(self) -> tuple[int, int]:
        total = self._metric("likes")
        return total // 3, total - total // 3

    def _metric(self, name: str, ceiling: float | None = None) -> int:
        return engagement.post_metric(self._viewing.world, self.post, name, ceiling=ceiling)


@dataclass(frozen=True, slots=True)
class ReactionGroup:
    """Reactions of one kind."""

    content: str
    count: int

    def users(self, **paging: Paging) -> Counted:
        """Who reacted so, counted."""
        del paging
        return Counted(self.count)


class DiscussionNode(_Measured):
    """A discussion."""

    typename = "Discussion"
    closed = False
    locked = False
    last_edited_at = None

    def __init__(self, viewing: Viewing, repository: Repository, post: Post) -> None:
        super().__init__(viewing, repository, post)
        self.id = post.platform_post_id
        self.database_id = post.details["database_id"]
        self.number = post.details["number"]
        self.title = post.details["title"]
        self.body = self.body_text = post.text
        self.url = url_of(repository, post)
        self.resource_path = f"/{repository.full_name}/discussions/{self.number}"
        self.updated_at = shapes.time(post.details["updated_at"])
        self.viewer_did_author = post.account_id == viewing.caller.account.account_id
        self.viewer_can_delete = self.viewer_can_update = self.viewer_did_author

    def category(self) -> CategoryNode:
        """Its category; the first one where its own was removed."""
        categories = self._repository.categories
        number = self.post.details["category"]
        found = next(
            (c for c in categories if c.number == number), Category(number, "general", "General", False, False)
        )
        return CategoryNode(self._viewing, self._repository, found)

    def is_answered(self) -> bool | None:
        """Only where answers are marked."""
        return False if self.category().is_answerable else None

    def upvote_count(self) -> int:
        """Arrows up, the author's own first; none where `likes` were set, which then are all reactions."""
        if engagement.is_set(self._viewing.world, self.post, "likes"):
            return self._metric("upvotes", ceiling=0)
        return max(1, self._metric("upvotes", ceiling=40))

    def comments(self, **paging: Paging) -> Counted:
        """Comments, counted."""
        del paging
        return Counted(self._metric("comments"))

    def reaction_groups(self) -> list[ReactionGroup]:
        """Reactions by kind."""
        hearts, thumbs = self._reactions()
        kinds = ("THUMBS_UP", "THUMBS_DOWN", "LAUGH", "HOORAY", "CONFUSED", "HEART", "ROCKET", "EYES")
        counts = {"THUMBS_UP": thumbs, "HEART": hearts}
        return [ReactionGroup(kind, counts.get(kind, 0)) for kind in kinds]


class ReleaseNode(_Measured):
    """A release."""

    typename = "Release"

    def __init__(self, viewing: Viewing, repository: Repository, post: Post) -> None:
        super().__init__(viewing, repository, post)
        details = post.details
        number = int(post.platform_post_id)
        self.id = ids.node_id(ids.RELEASE, repository.number, number)
        self.database_id = number
        self.name = details["name"]
        self.tag_name = details["tag_name"]
        self.description = post.text
        self.url = f"{shapes.WEB}/{repository.full_name}/releases/tag/{quote(self.tag_name, safe='')}"
        self.is_draft = post.visibility == "draft"
        self.is_prerelease = details["prerelease"]
        self.published_at = shapes.time(details["published_at"]) if details["published_at"] else None

    def is_latest(self) -> bool:
        """Whether no newer plain release stands beside it."""
        posts = self._viewing.world.store.posts_at("github", self._repository.place.platform_id)
        plain = [p for p in posts if p.kind == "release" and p.visibility == "public" and not p.details["prerelease"]]
        return bool(plain) and plain[-1] is self.post

    def release_assets(self, **paging: Any) -> Counted:
        """Files; the sandbox keeps none."""
        _asked("releaseAssets", paging)
        return Counted(0)
