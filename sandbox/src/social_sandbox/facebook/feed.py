"""`POST /{page}/feed`: text, link, and photos that were uploaded before."""

import re
from typing import Any
from urllib.parse import urlsplit

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import duplicate_post, empty_post, invalid_parameter, link_not_scraped
from social_sandbox.facebook.ids import new_id
from social_sandbox.facebook.photos import Photo, Photos
from social_sandbox.facebook.publishing import publishing_page, read_text, refuse_abuse
from social_sandbox.facebook.schedule import Release, read_release
from social_sandbox.facebook.wall import PUBLISHED, SCHEDULED, Wall
from social_sandbox.meta.params import objects_of, text_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World

_PREVIEW = ("name", "picture", "thumbnail", "caption", "description")
_FEWEST_CHILDREN, _MOST_CHILDREN = 2, 10


class FeedEndpoints:
    """Writing posts."""

    def __init__(self, world: World, wall: Wall, photos: Photos) -> None:
        self._world = world
        self._wall = wall
        self._photos = photos

    async def create(self, visit: Visit) -> Answer:
        """Make a post of a text, a link, photos, or several of them."""
        page = publishing_page(visit)
        text = read_text(visit, "message")
        link = _link(visit)
        release = read_release(visit, longest_s=visit.switches.schedule_longest_s)
        photos = self._attached(visit, page, release)
        if not text and not link and not photos:
            raise empty_post()
        refuse_abuse(page)
        if release.state == PUBLISHED and not photos and visit.switches.refuses_equal:
            self._refuse_duplicate(page, text, link)
        post = self._post(visit, page, text=text, link=link, photos=photos)
        self._wall.add(post, state=release.state, live_at=release.live_at)
        for photo in photos:
            photo.post_id = post.platform_post_id
        return json_answer({"id": post.platform_post_id})

    def _post(self, visit: Visit, page: Place, *, text: str, link: str, photos: list[Photo]) -> Post:
        kind = "link" if link else "text"
        if photos:
            kind = "image" if len(photos) == 1 else "album"
        return Post(
            platform="facebook",
            account_id=visit.account.account_id,
            platform_id=page.platform_id,
            platform_post_id=f"{page.platform_id}_{new_id(self._world.store, 'post')}",
            text=text,
            created_at=visit.now,
            kind=kind,
            media=[photo.as_media() for photo in photos],
            details={"client_id": visit.grant.client_id, "link": link, "accepted_at": visit.now.timestamp()},
        )

    def _attached(self, visit: Visit, page: Place, release: Release) -> list[Photo]:
        """The photos a post names: unpublished ones of the Page, each in one post only."""
        found: list[Photo] = []
        for index, entry in enumerate(objects_of(visit.params, "attached_media")):
            where = f"attached_media[{index}]"
            photo = self._photos.find(str(entry.get("media_fbid", "")), page.platform_id)
            if photo is None or photo in found:
                raise invalid_parameter(f"Param {where}[media_fbid] must name an unpublished photo of this Page.")
            if photo.post_id is not None:
                raise invalid_parameter(f"Param {where}[media_fbid] names a photo that is in a post already.")
            if release.state == SCHEDULED and not photo.is_temporary:
                raise invalid_parameter(
                    f"Param {where}[media_fbid]: a scheduled post needs photos with temporary=true."
                )
            found.append(photo)
        return found

    def _refuse_duplicate(self, page: Place, text: str, link: str) -> None:
        latest = self._wall.latest(page.platform_id)
        if latest is None or latest.kind not in {"text", "link"}:
            return
        if (_normalised(latest.text), latest.details["link"]) == (_normalised(text), link):
            raise duplicate_post()


def _normalised(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _link(visit: Visit) -> str:
    link = text_of(visit.params, "link")
    _check_children(visit, link)
    if not link:
        return ""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise invalid_parameter("Param link must be a URL.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid_parameter("Param link must be a URL.")
    if any(text_of(visit.params, name) for name in _PREVIEW):
        listing = ", ".join(_PREVIEW)
        raise invalid_parameter(f"Only owners of the URL have the ability to specify the {listing} params.")
    if not visit.switches.links_scraped:
        raise link_not_scraped()
    return link


def _check_children(visit: Visit, link: str) -> None:
    children: list[dict[str, Any]] = objects_of(visit.params, "child_attachments")
    if not children:
        return
    if not link or not _FEWEST_CHILDREN <= len(children) <= _MOST_CHILDREN:
        raise invalid_parameter("Param child_attachments takes 2 to 10 entries and needs a link.")
