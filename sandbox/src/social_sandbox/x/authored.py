"""Which posts an account has written, in order, without walking over everybody else's."""

from collections.abc import Iterator

from social_sandbox.model import Post
from social_sandbox.store import Store


def add_authored(store: Store, post: Post) -> Post:
    """Put a post on X and remember whose it is."""
    authored: dict[str, list[str]] = store.bucket("x").setdefault("authored", {})
    authored.setdefault(post.account_id, []).append(post.platform_post_id)
    return store.add_post(post)


def newest_first(store: Store, account_id: str) -> Iterator[Post]:
    """The existing posts of an account, the newest first."""
    authored: dict[str, list[str]] = store.bucket("x").setdefault("authored", {})
    for post_id in reversed(authored.get(account_id, [])):
        post = store.post("x", post_id)
        if post is not None:
            yield post
