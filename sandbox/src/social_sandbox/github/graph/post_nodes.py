"""Categories, discussions and releases, with what people did with them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from social_sandbox import engagement
from social_sandbox.github import ids, shapes
from social_sandbox.github.discussions import url_of
from social_sandbox.github.graph.actors import UserNode
from social_sandbox.github.graph.connections import Window
from social_sandbox.github.graph.viewing import Counted, Paging, Viewing
from social_sandbox.github.repositories import Category, Repository
from social_sandbox.model import Post


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

    def repository(self) -> Any:
        """Where it belongs."""
        return self._viewing.repository_node(self._repository)


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

    def repository(self) -> Any:
        """Where it stands."""
        return self._viewing.repository_node(self._repository)

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
        Window(paging.get("first"), paging.get("last")).check("releaseAssets")
        return Counted(0)
