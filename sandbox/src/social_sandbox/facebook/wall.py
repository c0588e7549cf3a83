"""The posts of the Pages: what stands there, what waits for its moment, and in which order it can be seen."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from social_sandbox.facebook.app_options import options_of as app_options_of
from social_sandbox.facebook.callbacks import Callbacks
from social_sandbox.facebook.pages import options_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World

PLATFORM = "facebook"
PUBLISHED, UNPUBLISHED, SCHEDULED, DRAFT = "published", "unpublished", "scheduled", "draft"
PROCESSING, FAILED = "processing", "failed"


class Wall:
    """All posts.

    A post's `details["state"]` is Facebook's view of it. Its `visibility` is what the world sees: `public` only if it
    is published, on a Page that is, by an app that is live; otherwise the word for what is in the way.
    """

    def __init__(self, world: World, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._world = world
        self._store = world.store

    def add(self, post: Post, *, state: str, live_at: datetime | None = None) -> Post:
        """Put a post on its Page; with `live_at` it is published then, by itself."""
        post.details["state"] = state
        post.details["post_id"] = post.details.get("post_id", post.platform_post_id)
        self._store.add_post(post)
        self._part("by_post_id")[post.details["post_id"]] = post.platform_post_id
        self._shade(post)
        if state == PUBLISHED:
            self._appear(post, post.created_at)
        elif live_at is not None:
            self.set_live(post, live_at)
        return post

    def set_live(self, post: Post, when: datetime | None) -> None:
        """Say when a post is published by itself; None for never."""
        if when is None:
            self._part("waiting").pop(post.platform_post_id, None)
            return
        post.details["live_at"] = when.timestamp()
        self._part("waiting")[post.platform_post_id] = when.timestamp()

    def publish(self, post: Post, now: datetime) -> None:
        """Publish a waiting post now."""
        self.set_live(post, None)
        self._appear(post, now)

    def fail(self, post: Post) -> None:
        """Keep a post from ever being published."""
        self.set_live(post, None)
        post.details["state"] = FAILED
        self._shade(post)

    def tell_edit(self, post: Post) -> None:
        """Let subscribers know that a post was changed."""
        if post.details["state"] == PUBLISHED:
            self._callbacks.tell_change(post, "edited")

    def remove(self, post: Post, now: datetime) -> None:
        """Delete a post."""
        self.set_live(post, None)
        post.deleted_at = now
        if post.details["state"] == PUBLISHED:
            self._callbacks.tell_change(post, "remove")

    def catch_up(self) -> None:
        """Publish what has become due."""
        waiting = self._part("waiting")
        if not waiting:
            return
        now = self._world.clock.timestamp()
        due = sorted((moment, number) for number, moment in waiting.items() if moment <= now)
        for moment, number in due:
            del waiting[number]
            post = self._store.post(PLATFORM, number)
            if post is not None:
                self._appear(post, datetime.fromtimestamp(moment, UTC))

    def find(self, number: str) -> Post | None:
        """A post that exists, by its post id or its video's id."""
        return self._store.post(PLATFORM, self._part("by_post_id").get(number, number))

    def latest(self, page_id: str) -> Post | None:
        """The newest published post of a Page."""
        return next(self.newest_first(page_id), None)

    def newest_first(self, page_id: str) -> Iterator[Post]:
        """The published posts of a Page, the newest first."""
        for number in reversed(self._part("appeared").get(page_id, [])):
            post = self._store.post(PLATFORM, number)
            if post is not None:
                yield post

    def hidden(self, page_id: str) -> list[Post]:
        """The posts of a Page that are not published, the newest first."""
        posts = self._store.posts_at(PLATFORM, page_id)
        return [post for post in reversed(posts) if post.details["state"] != PUBLISHED]

    def reshade(self, place: Place) -> None:
        """Bring the posts of a Page in line with the Page: it may be unpublished, or deleted with all of them."""
        deleted = options_of(place).deleted
        for post in self._store.posts_at(PLATFORM, place.platform_id):
            if deleted:
                self.remove(post, self._world.clock.now())
            else:
                self._shade(post)

    def _appear(self, post: Post, when: datetime) -> None:
        post.created_at = when
        post.details["state"] = PUBLISHED
        self._shade(post)
        self._part("appeared").setdefault(post.platform_id, []).append(post.platform_post_id)
        self._callbacks.tell_change(post, "add")

    def _shade(self, post: Post) -> None:
        found = self._store.find_place(PLATFORM, post.platform_id)
        app = self._store.app(PLATFORM, post.details.get("client_id"))
        if post.details["state"] != PUBLISHED:
            post.visibility = post.details["state"]
        elif found is None or not options_of(found[1]).published:
            post.visibility = "page_unpublished"
        elif app is not None and app_options_of(app).mode == "development":
            post.visibility = "app_roles"
        else:
            post.visibility = "public"

    def _part(self, name: str) -> dict[str, Any]:
        part: dict[str, Any] = self._store.bucket(PLATFORM).setdefault(name, {})
        return part
