"""Recognising a post of ours among a Page's published ones.

The list is late, not strictly in the order of time, and knows no mark of ours: pictures are known by the ids that they
were uploaded under, texts by themselves, and by not being there before.
"""

import re
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from social_platforms._core import Access, ErrorCode, Live, PlatformError
from social_platforms.answers import at, ident, moment, objects, text
from social_platforms.facebook.api import Bearer, FacebookApi
from social_platforms.facebook.videos import permalink_of
from social_platforms.likeness import comparable

_FIELDS: Final = "id,message,created_time,permalink_url,attachments{media_type,url,target{id},subattachments}"
_MOST: Final = 100  # that one page of the list can hold
_NEWEST: Final = 25
_PAGES: Final = 3
# Clocks differ a little; what is older than the sending by more than this was not made by it.
_SLACK: Final = timedelta(minutes=2)
_MEDIA: Final = frozenset({"photo", "album", "video"})
_WRAPPER: Final = "l.facebook.com"
# A link among what stands right around it: what ends a sentence or closes a bracket is no part of the address.
_LINK: Final = re.compile(
    r"(?P<before>[^\s]*?)(?P<link>https?://[!-~]*?)(?P<after>[.,;:!?)\]}'\"\u2019\u201d\u2026]*(?:[^!-~].*)?)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the post of a sending looks like."""

    message: str
    link: str | None
    photo_ids: Collection[str]
    is_video: bool

    def is_shown_by(self, post: dict[str, Any]) -> bool:
        """True where that post could be it."""
        attachments = objects(post, "attachments", "data")
        if self.photo_ids:
            return not _targets(attachments).isdisjoint(self.photo_ids)
        shown = {text(attachment, "media_type") for attachment in attachments}
        if ("video" not in shown) if self.is_video else not shown.isdisjoint(_MEDIA):
            return False
        if not is_same_text(self.message, text(post, "message") or ""):
            return False
        if self.message.strip() or self.link is None:
            return True
        return any(is_same_link(self.link, _unwrapped(text(attachment, "url") or "")) for attachment in attachments)

    def name_of(self, post: dict[str, Any], post_id: str) -> str:
        """The id that the post goes by: a video's own, which every other answer about it tells."""
        targets = _targets(objects(post, "attachments", "data"))
        return next(iter(targets)) if self.is_video and len(targets) == 1 else post_id


async def find_equal_ids(api: FacebookApi, access: Access, wanted: Wanted) -> list[str]:
    """The newest posts that look the same already: none of them is what is yet to be sent."""
    newest = _published(api, access, pages=1, per_page=_NEWEST)
    return [post_id async for post in newest if (post_id := ident(post, "id")) and wanted.is_shown_by(post)]


async def find_posts(
    api: FacebookApi,
    access: Access,
    wanted: Wanted,
    *,
    known: Collection[str],
    sent_at: datetime,
    until: datetime | None,
) -> list[Live]:
    """The posts made since the sending, before `until` and not `known` from before it, that could be its."""
    found: dict[str, Live] = {}
    async for post in _published(api, access, pages=_PAGES, per_page=_MOST):
        post_id, made = ident(post, "id"), moment(post, "created_time")
        if post_id is None or made is None or made < sent_at - _SLACK or (until is not None and made >= until):
            continue
        if post_id not in known and wanted.is_shown_by(post):
            name = wanted.name_of(post, post_id)
            found[name] = Live(name, permalink_of(post) or public_address(post_id), made)
    return list(found.values())


async def _published(api: FacebookApi, access: Access, *, pages: int, per_page: int) -> AsyncIterator[dict[str, Any]]:
    params = {"fields": _FIELDS, "limit": str(per_page)}
    for _ in range(pages):
        try:
            answer = await api.call(
                "GET", f"/{access.platform_id}/published_posts", bearer=Bearer.of(access), params=params
            )
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND:
                # The object that is missing here is the Page itself.
                error.code, error.detail = ErrorCode.DESTINATION_GONE, "Facebook no longer has this Page, or hides it."
            raise
        if not isinstance(at(answer.body, "data"), list):
            raise api.calls.garbled(answer)
        for post in objects(answer.body, "data"):
            yield post
        cursor = text(answer.body, "paging", "cursors", "after")
        if cursor is None or text(answer.body, "paging", "next") is None:
            return
        params = params | {"after": cursor}


def public_address(post_id: str) -> str:
    """A post's address where Facebook did not tell it."""
    return f"https://www.facebook.com/{post_id}"


def _targets(attachments: list[dict[str, Any]]) -> set[str]:
    """What hangs on a post: several pictures hang below one attachment."""
    below = [inner for attachment in attachments for inner in objects(attachment, "subattachments", "data")]
    return {target for found in (*attachments, *below) if (target := ident(found, "target", "id")) is not None}


def is_same_text(ours: str, theirs: str) -> bool:
    """True where texts agree but for white space, and for what links gained on the way."""
    mine, told = (comparable(content).split() for content in (ours, theirs))
    return len(mine) == len(told) and all(_is_same_word(a, b) for a, b in zip(mine, told, strict=True))


def _is_same_word(ours: str, theirs: str) -> bool:
    if ours == theirs or is_same_link(ours, _unwrapped(theirs)):
        return True
    mine, told = _LINK.fullmatch(ours), _LINK.fullmatch(theirs)
    if mine is None or told is None or (mine["before"], mine["after"]) != (told["before"], told["after"]):
        return False
    return is_same_link(mine["link"], _unwrapped(told["link"]))


def is_same_link(ours: str, theirs: str) -> bool:
    """True where theirs leads where ours does; it may carry more parameters."""
    try:
        mine, told = urlsplit(ours), urlsplit(theirs)
    except ValueError:
        return False
    if mine.scheme not in {"http", "https"} or told.scheme not in {"http", "https"}:
        return False
    if (mine.netloc.lower(), mine.path.rstrip("/")) != (told.netloc.lower(), told.path.rstrip("/")):
        return False
    return set(parse_qsl(mine.query, keep_blank_values=True)) <= set(parse_qsl(told.query, keep_blank_values=True))


def _unwrapped(url: str) -> str:
    """The link inside Facebook's own redirect, where it stands in one."""
    try:
        parts = urlsplit(url)
        if parts.hostname != _WRAPPER:
            return url
    except ValueError:
        return url
    return dict(parse_qsl(parts.query)).get("u", url)
