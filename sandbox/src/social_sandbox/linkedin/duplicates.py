"""The guard against saying the same thing twice; it names the post that is live already."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.errors import refused
from social_sandbox.linkedin.people import PLATFORM
from social_sandbox.model import Post
from social_sandbox.store import Store


def marks_of(visit: Visit, author: str, text: str, content: Any) -> list[str]:
    """By what the same again is known: text and content, and the text alone. One human is one author in every app."""
    who = visit.account.account_id if author == visit.person else author
    return [_digest([who, text, content]), _digest([who, text])]


def refuse_duplicate(store: Store, visit: Visit, marks: list[str], *, author: str) -> None:
    """Refuse what the author has said within the window in a post that still stands and still says it."""
    mark = marks[1 if visit.switches.duplicate_ignores_media else 0]
    since = visit.now - timedelta(seconds=visit.switches.duplicate_window_s)
    for urn in reversed(_said(store).get(mark, ())):
        post = store.post(PLATFORM, urn)
        if post is not None and post.created_at > since and mark in post.details["marks"]:
            named = author if visit.switches.duplicate_names_person else urn
            raise refused(422, None, f"Content is a duplicate of {named}")


def remember(store: Store, post: Post, marks: list[str]) -> None:
    """Keep what a post says, for the guard."""
    post.details["marks"] = marks
    for mark in marks:
        _said(store).setdefault(mark, []).append(post.platform_post_id)


def _said(store: Store) -> dict[str, list[str]]:
    said: dict[str, list[str]] = store.bucket(PLATFORM).setdefault("said", {})
    return said


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
