"""How X shows a text it was given: links through t.co, three characters escaped, the media's link at the end.

Nobody gets back what they sent. A long post shows its beginning only; the whole stands in the note beside it.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from social_sandbox.x.text import STANDARD_LIMIT, weighted_length
from social_sandbox.x.urls import find_links

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SLUG_LENGTH = 10
_SHOWN_OF_LONG = 250
_LONGEST_DISPLAY = 26
_TAGS = {
    "hashtags": re.compile(r"(?<![\w&#])#(?P<tag>\w*[^\W\d_]\w*)"),
    "mentions": re.compile(r"(?<![\w@])@(?P<tag>[A-Za-z0-9_]{1,15})(?!\w)"),
    "cashtags": re.compile(r"(?<![\w$])\$(?P<tag>[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)(?!\w)"),
}
_NAME_OF_TAG = {"hashtags": "tag", "mentions": "username", "cashtags": "tag"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as the API shows it, and what is known about its parts."""

    text: str
    entities: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def short_link(post_id: str, index: int) -> str:
    """Return the t.co address of a post's link; the same one every time."""
    number = int.from_bytes(hashlib.sha256(f"{post_id}/{index}".encode()).digest()[:10])
    slug = ""
    for _ in range(_SLUG_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        slug += _ALPHABET[digit]
    return f"https://t.co/{slug}"


def count_cashtags(text: str) -> int:
    """Return how many cashtags a text names; self-serve apps may name one."""
    return len(_TAGS["cashtags"].findall(text))


def is_long(text: str) -> bool:
    """Tell whether a text needs a note to be shown whole."""
    return weighted_length(text) > STANDARD_LIMIT


@lru_cache(maxsize=4000)
def render(text: str, *, post_id: str, permalink: str, media: tuple[str, ...]) -> Rendered:
    """Return the text field of a post; a long text is cut and ends in a link to itself."""
    if not is_long(text):
        return _render(text, post_id=post_id, permalink=permalink, media=media)
    whole = _render(text, post_id=post_id, permalink=permalink, media=())
    return Rendered(f"{whole.text[:_SHOWN_OF_LONG].rstrip()}… {short_link(post_id, -2)}", {})


def render_note(text: str, *, post_id: str) -> Rendered:
    """Return the note of a long post: the whole text, without the media's link."""
    return _render(text, post_id=post_id, permalink="", media=())


def _render(text: str, *, post_id: str, permalink: str, media: tuple[str, ...]) -> Rendered:
    shown = ""
    position = 0
    urls: list[dict[str, Any]] = []
    for index, link in enumerate(find_links(text)):
        shown += _escape(text[position : link.start])
        short = short_link(post_id, index)
        urls.append(_url_entity(short, link.target, start=len(shown)))
        shown += short
        position = link.end
    shown += _escape(text[position:])
    if media:
        shown += " " if shown else ""
        short = short_link(post_id, -1)
        address = f"{permalink}/photo/1" if media[0].startswith("3_") else f"{permalink}/video/1"
        urls += [_url_entity(short, address, start=len(shown)) | {"media_key": key} for key in media]
        shown += short
    return Rendered(shown, _entities(shown, urls))


def _entities(shown: str, urls: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    entities = {
        name: [
            {"start": match.start(), "end": match.end(), _NAME_OF_TAG[name]: match["tag"]}
            for match in pattern.finditer(shown)
        ]
        for name, pattern in _TAGS.items()
    }
    return {name: found for name, found in {**entities, "urls": urls}.items() if found}


def _url_entity(short: str, target: str, *, start: int) -> dict[str, Any]:
    bare = re.sub(r"^https?://(www\.)?", "", target)
    display = bare if len(bare) <= _LONGEST_DISPLAY else bare[:_LONGEST_DISPLAY] + "…"
    return {"start": start, "end": start + len(short), "url": short, "expanded_url": target, "display_url": display}


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
