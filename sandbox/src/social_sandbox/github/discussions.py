"""Discussions: what is kept of them, and what may be written."""

from dataclasses import dataclass
from datetime import datetime

from social_sandbox.github import ids
from social_sandbox.github.caller import Caller
from social_sandbox.github.repositories import Category, Repository
from social_sandbox.model import Post
from social_sandbox.platform import World

KIND = "discussion"
MAX_TITLE = 256
MAX_BODY = 65_536
WEB = "https://github.com"


@dataclass(frozen=True, slots=True)
class NewDiscussion:
    """What a discussion begins with."""

    title: str
    body: str
    category: Category


class Discussions:
    """The discussions of all repositories."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, caller: Caller, repository: Repository, new: NewDiscussion) -> Post:
        """Open a discussion; the caller has checked that this person may."""
        numbers: dict[int, int] = self._world.store.bucket("github").setdefault("numbers", {})
        number = numbers[repository.number] = numbers.get(repository.number, 11) + 1
        own = self._world.store.next_number("github.discussion", 7_000_001)
        now = self._world.clock.now()
        details = {
            "title": new.title,
            "number": number,
            "database_id": own,
            "category": new.category.number,
            "updated_at": now,
            "repository": repository.number,
        }
        return self._world.store.add_post(
            Post(
                "github",
                caller.account.account_id,
                repository.place.platform_id,
                ids.node_id(ids.DISCUSSION, repository.number, own),
                new.body,
                now,
                KIND,
                details=details,
            )
        )

    def add_for_release(self, caller: Caller, repository: Repository, release: Post, category_name: str) -> None:
        """The discussion that a release asked for."""
        category = next(c for c in repository.categories if category_name in {c.name, c.slug})
        new = NewDiscussion(release.details["title"], release.text, category)
        post = self.add(caller, repository, new)
        release.details["discussion_url"] = url_of(repository, post)

    def of(self, repository: Repository) -> list[Post]:
        """A repository's discussions, oldest first."""
        posts = self._world.store.posts_at("github", repository.place.platform_id)
        return [post for post in posts if post.kind == KIND]

    def numbered(self, repository: Repository, number: int) -> Post | None:
        """A discussion by its number."""
        return next((post for post in self.of(repository) if post.details["number"] == number), None)

    def change(self, post: Post, *, title: str | None, body: str | None, category: Category | None) -> None:
        """New words or another category."""
        post.text = post.text if body is None else body
        if title is not None:
            post.details["title"] = title
        if category is not None:
            post.details["category"] = category.number
        post.details["updated_at"] = self._now()

    def delete(self, post: Post) -> None:
        """A discussion goes."""
        post.deleted_at = self._now()

    def _now(self) -> datetime:
        return self._world.clock.now()


def url_of(repository: Repository, post: Post) -> str:
    """The permanent link."""
    return f"{WEB}/{repository.full_name}/discussions/{post.details['number']}"


def problem_with(title: str | None, body: str | None) -> str | None:
    """Why these words are refused, as GitHub says it; None is no change."""
    if title is not None and not title.strip():
        return "Title can't be blank"
    if title is not None and len(title) > MAX_TITLE:
        return f"Title is too long (maximum is {MAX_TITLE} characters)"
    if body is not None and not body.strip():
        return "Body can't be blank"
    if body is not None and len(body) > MAX_BODY:
        return f"Body is too long (maximum is {MAX_BODY} characters)"
    return None
