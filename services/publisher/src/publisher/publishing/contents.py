"""Posts and attempts as the platforms' adapters want to see them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from publisher.holds import Subject
from publisher.posts import Post
from publisher.publishing.ledger import Attempt
from social_platforms._core import MediaItem, MediaKind, PostContent


def content_of(snapshot: Mapping[str, Any]) -> PostContent:
    """The content kept with an attempt."""
    media = tuple(media_item(item) for item in snapshot.get("media", []))
    return PostContent(snapshot["text"], media, snapshot.get("options", {}))


def content_of_post(post: Post) -> PostContent:
    """The content of a post as it stands."""
    return content_of({"text": post.content, "media": post.media, "options": post.options})


def media_item(stored: Mapping[str, Any]) -> MediaItem:
    """One piece of media as it was stored when the post was made; what nobody looked at stays None."""
    seconds = stored.get("duration_s")
    return MediaItem(
        url=stored["url"],
        kind=MediaKind(stored.get("kind") or MediaKind.IMAGE),
        alt_text=stored.get("alt_text") or "",
        mime=stored.get("mime"),
        size_bytes=stored.get("size_bytes"),
        width=stored.get("width"),
        height=stored.get("height"),
        duration=None if seconds is None else timedelta(seconds=seconds),
        frames=stored.get("frames"),
    )


def stored_media(item: MediaItem) -> dict[str, Any]:
    """The stored form of a piece of media."""
    return {
        "url": item.url,
        "kind": item.kind.value,
        "alt_text": item.alt_text,
        "mime": item.mime,
        "size_bytes": item.size_bytes,
        "width": item.width,
        "height": item.height,
        "duration_s": None if item.duration is None else item.duration.total_seconds(),
        "frames": item.frames,
    }


def subject_of(attempt: Attempt) -> Subject:
    """Whose limits an attempt spends."""
    return Subject(attempt.platform, attempt.grant_id, attempt.connection_id)
