"""Recognising a post of ours on the account's timeline.

X rewrites links, escapes three characters and appends links to media. Nothing of ours can be hidden in a post, so the
text itself decides, made comparable from both sides.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from social_platforms._core import Live
from social_platforms.answers import at, ident, items, moment, objects, text
from social_platforms.x.counting import normalised
from social_platforms.x.links import find_links

_EPOCH_MS: Final = 1288834974657
_MEDIA_LINK: Final = re.compile(r"/status/\d+/(?:photo|video)/\d+$")
_TRAILING_LINK: Final = re.compile(r"\s*https?://t\.co/[A-Za-z0-9]+\s*$")
_SCHEME: Final = re.compile(r"^https?://", re.IGNORECASE)
# Clocks differ a little; what is older than the sending by more than this was not made by it.
_SLACK: Final = timedelta(minutes=2)


def comparable(content: str) -> str:
    """A text with its links in one spelling and its white space evened out."""
    content = normalised(content)
    parts, position = [], 0
    for link in find_links(content):
        parts += [content[position : link.start], _comparable_link(content[link.start : link.end])]
        position = link.end
    return " ".join("".join([*parts, content[position:]]).split())


def _comparable_link(url: str) -> str:
    host, slash, rest = _SCHEME.sub("", url).partition("/")
    return (host.lower() + slash + rest).rstrip("/")


def shown_text(post: dict[str, Any], *, has_media: bool) -> str:
    """A post's text as it was written: t.co links expanded, the media link dropped, entities of HTML undone."""
    note = at(post, "note_post") or at(post, "note_tweet")
    source = note if text(note, "text") else post
    content = (text(source, "text") or "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    dropped = False
    for entity in [*objects(post, "entities", "urls"), *objects(note, "entities", "urls")]:
        short, expanded = text(entity, "url"), text(entity, "expanded_url")
        if short is None or expanded is None:
            continue
        is_media = "media_key" in entity or _MEDIA_LINK.search(expanded) is not None
        dropped = dropped or is_media
        content = content.replace(short, "" if is_media else expanded)
    # Where X leaves the media link out of the entities, it still stands at the end.
    return _TRAILING_LINK.sub("", content) if has_media and not dropped else content


def created_at(post: dict[str, Any]) -> datetime | None:
    """When a post was made; its id tells where the field is absent."""
    told = moment(post, "created_at")
    post_id = ident(post, "id")
    if told is not None or post_id is None or not post_id.isdigit():
        return told
    try:
        return datetime.fromtimestamp(((int(post_id) >> 22) + _EPOCH_MS) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_match(post: dict[str, Any], *, wanted: str, media_count: int, sent_at: datetime, until: datetime | None) -> bool:
    """True for a post that this sending could have made; `wanted` is comparable already."""
    made = created_at(post)
    if made is None or made < sent_at - _SLACK or (until is not None and made >= until):
        return False
    keys = at(post, "attachments", "media_keys")
    if isinstance(keys, list) and len(items(keys)) != media_count:
        return False
    if keys is None and media_count and at(post, "attachments") is not None:
        return False
    return comparable(shown_text(post, has_media=media_count > 0)) == wanted


def live(post: dict[str, Any], *, username: str | None) -> Live | None:
    """The post as found."""
    post_id = ident(post, "id")
    return Live(post_id, permalink(post_id, username=username), created_at(post)) if post_id else None


def permalink(post_id: str, *, username: str | None) -> str:
    """A post's public address; without a name X redirects."""
    return f"https://x.com/{username or 'i'}/status/{post_id}"
