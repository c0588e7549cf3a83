"""Which posts an account has written, in order, without walking over everybody else's."""

from collections.abc import Iterator
from datetime import datetime

from social_sandbox.model import Post
from social_sandbox.store import Store


def add_authored(store: Store, post: Post) -> Post:
    """Put a post on X and remember whose it is."""
    authored: dict[str, list[str]] = store.bucket("x").setdefault("authored", {})
    authored.setdefault(post.account_id, []).append(post.platform_post_id)
    _by_text(store).setdefault((post.account_id, post.text), []).append(post.platform_post_id)
    return store.add_post(post)


def said_since(store: Store, account_id: str, text: str, since: datetime) -> bool:
    """Whether the account has an existing post of this very text that is younger."""
    posts = (store.post("x", post_id) for post_id in reversed(_by_text(store).get((account_id, text), [])))
    return any(post.created_at > since for post in posts if post is not None)


def _by_text(store: Store) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = store.bucket("x").setdefault("by_text", {})
    return found


def newest_first(store: Store, account_id: str) -> Iterator[Post]:
    """The existing posts of an account, the newest first."""
    authored: dict[str, list[str]] = store.bucket("x").setdefault("authored", {})
    for post_id in reversed(authored.get(account_id, [])):
        post = store.post("x", post_id)
        if post is not None:
            yield post
