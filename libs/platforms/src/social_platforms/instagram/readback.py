"""Finding a published post among the account's media: a container says that it is out, not which one it is."""

from datetime import datetime, timedelta
from typing import Any, Final

from social_platforms._core import Access, Live, PostKind
from social_platforms.answers import at, ident, link, moment, objects, text
from social_platforms.instagram.api import InstagramApi
from social_platforms.likeness import comparable

_FIELDS: Final = "id,caption,media_type,media_product_type,permalink,timestamp"
_SLACK: Final = timedelta(seconds=60)
_TYPES: Final = {
    PostKind.IMAGE: ("IMAGE", "FEED"),
    PostKind.CAROUSEL: ("CAROUSEL_ALBUM", "FEED"),
    PostKind.REEL: ("VIDEO", "REELS"),
    PostKind.STORY: (None, "STORY"),
}


async def find_media(
    api: InstagramApi, access: Access, *, caption: str, kind: PostKind, sent_at: datetime, until: datetime | None
) -> list[Live]:
    """Media of that kind with that caption, made since the sending and before `until`."""
    edge = "stories" if kind is PostKind.STORY else "media"
    answer = await api.call(
        "GET",
        f"/{access.platform_id}/{edge}",
        bearer=access.token,
        rates=access.rates,
        params={"fields": _FIELDS, "limit": "50"},
    )
    found = []
    for media in objects(answer.body, "data"):
        media_id, made = ident(media, "id"), moment(media, "timestamp")
        if media_id is None or made is None or made < sent_at - _SLACK or (until is not None and made >= until):
            continue
        if _is_kind(media, kind) and (kind is PostKind.STORY or _has_caption(media, caption)):
            found.append(Live(media_id, link(media, "permalink"), made))
    return found


def _is_kind(media: dict[str, Any], kind: PostKind) -> bool:
    """True where the types match; a type that is not told does not speak against it."""
    media_type, product_type = _TYPES[kind]
    told_type, told_product = text(media, "media_type"), text(media, "media_product_type")
    if media_type and told_type and told_type != media_type:
        return False
    return not told_product or told_product == product_type


def _has_caption(media: dict[str, Any], caption: str) -> bool:
    """True where the captions agree. It is left out where empty and, with some tokens, always."""
    told = at(media, "caption")
    if not isinstance(told, str):
        return True
    return _comparable(told) == _comparable(caption)


def _comparable(caption: str) -> str:
    # A caption may come back without the signs before mentioned names.
    return comparable(caption.replace("@", ""))
