"""Finding a post of ours among an organisation's newest: by its text as a reader sees it, and by its assets."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from social_common.secrets import Secret
from social_platforms._core import JsonObject, Live
from social_platforms.answers import at, count, ident, items, objects, text
from social_platforms.likeness import comparable
from social_platforms.linkedin.api import LinkedInApi
from social_platforms.linkedin.littletext import plain

_PER_PAGE: Final = 50
_PAGES: Final = 3
_BASELINE: Final = 10
# Clocks differ a little; what is older than the sending by more than this was not made by it.
_SLACK: Final = timedelta(minutes=2)


def permalink(urn: str) -> str:
    """A post's public address."""
    return f"https://www.linkedin.com/feed/update/{urn}/"


async def newest(api: LinkedInApi, *, author: str, bearer: Secret) -> JsonObject:
    """What stands there before a sending: the newest posts' ids, and when the last of them was made."""
    page = await _page(api, author=author, bearer=bearer, start=0, size=_BASELINE)
    made = [count(post, "createdAt") or 0 for post in page]
    return {"ids": [found for post in page if (found := ident(post, "id"))], "made_ms": max(made, default=0)}


async def find_posts(
    api: LinkedInApi,
    *,
    author: str,
    bearer: Secret,
    content: str,
    media: list[str],
    baseline: JsonObject,
    sent_at: datetime,
    until: datetime | None,
) -> list[Live]:
    """Posts with that text and those assets, made since the sending, after the baseline and before `until`."""
    wanted, before = comparable(content), baseline.get("made_ms") or 0
    known = frozenset(baseline.get("ids") or ())
    matches: dict[str, Live] = {}
    for number in range(_PAGES):
        page = await _page(api, author=author, bearer=bearer, start=number * _PER_PAGE, size=_PER_PAGE)
        for post in page:
            urn, made_ms = ident(post, "id"), count(post, "createdAt")
            made = _moment(made_ms)
            if urn is None or urn in known or made is None or (made_ms or 0) < before or made < sent_at - _SLACK:
                continue
            if (until is None or made < until) and _is_same(post, wanted, media):
                matches[urn] = Live(urn, permalink(urn), _moment(count(post, "publishedAt")) or made)
        oldest = _moment(min((count(post, "createdAt") or 0 for post in page), default=0))
        if len(page) < _PER_PAGE or oldest is None or oldest < sent_at - _SLACK:
            break
    return list(matches.values())


async def _page(api: LinkedInApi, *, author: str, bearer: Secret, start: int, size: int) -> list[dict[str, Any]]:
    answer = await api.call(
        "FINDER",
        "/posts",
        bearer=bearer,
        params={"q": "author", "author": author, "count": size, "start": start, "sortBy": "CREATED"},
    )
    if not isinstance(at(answer.body, "elements"), list):
        raise api.calls.garbled(answer)
    return objects(answer.body, "elements")


def _is_same(post: dict[str, Any], wanted: str, media: list[str]) -> bool:
    told = at(post, "commentary")
    if not isinstance(told, str) or comparable(plain(told)) != wanted:
        return False
    return (text(post, "lifecycleState") or "PUBLISHED") == "PUBLISHED" and _assets(post) == media


def _assets(post: dict[str, Any]) -> list[str]:
    one = ident(post, "content", "media", "id")
    if one is not None:
        return [one]
    return [urn for image in items(post, "content", "multiImage", "images") if (urn := ident(image, "id"))]


def _moment(made_ms: int | None) -> datetime | None:
    """A time in epoch milliseconds."""
    if made_ms is None:
        return None
    try:
        return datetime.fromtimestamp(made_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
