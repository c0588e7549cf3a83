"""`POST /{page}/photos`: a picture by its address or as a file, published at once or kept for a post to come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Upload
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import unusable_picture
from social_sandbox.facebook.ids import new_id
from social_sandbox.facebook.publishing import publishing_page, read_text, refuse_abuse
from social_sandbox.facebook.schedule import Release, read_release
from social_sandbox.facebook.wall import DRAFT, UNPUBLISHED, Wall
from social_sandbox.fetch import Unreachable
from social_sandbox.meta.fetching import fetch_media
from social_sandbox.meta.params import flag_of, text_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World
from social_sandbox.probe import probe
from social_sandbox.store import Store

_LARGEST = 10 * 1000 * 1000
_TAKEN = frozenset({"image/jpeg", "image/png", "image/gif"})
_MAGIC = {b"BM": "image/bmp", b"II*\x00": "image/tiff", b"MM\x00*": "image/tiff"}


@dataclass(slots=True)
class Photo:
    """A picture on Facebook; `post_id` names the post it stands in."""

    photo_id: str
    page_id: str
    client_id: str
    url: str | None
    mime: str
    width: int
    height: int
    caption: str
    alt_text: str
    is_temporary: bool
    created_at: datetime
    post_id: str | None = None

    def as_media(self) -> dict[str, Any]:
        """The entry of a post's media."""
        return {
            "kind": "image",
            "media_id": self.photo_id,
            "url": self.url,
            "alt_text": self.alt_text or None,
            "mime": self.mime,
            "width": self.width,
            "height": self.height,
        }


class Photos:
    """All photos."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, photo: Photo) -> Photo:
        """Keep a photo."""
        self._all()[photo.photo_id] = photo
        return photo

    def find(self, photo_id: str, page_id: str) -> Photo | None:
        """A Page's own photo."""
        photo = self._all().get(photo_id)
        return photo if photo is not None and photo.page_id == page_id else None

    def remove(self, photo: Photo) -> None:
        """Delete a photo."""
        self._all().pop(photo.photo_id, None)

    def _all(self) -> dict[str, Photo]:
        records: dict[str, Photo] = self._store.bucket("facebook").setdefault("photos", {})
        return records


class PhotoEndpoints:
    """Uploading photos."""

    def __init__(self, world: World, wall: Wall, photos: Photos) -> None:
        self._world = world
        self._wall = wall
        self._photos = photos

    async def create(self, visit: Visit) -> Answer:
        """Take a photo; what is published, scheduled or drafted is a post, what is only uploaded is none."""
        page = publishing_page(visit)
        caption = read_text(visit, "message", "caption")
        release = read_release(visit, longest_s=visit.switches.schedule_longest_s)
        refuse_abuse(page)
        url = text_of(visit.params, "url") or None
        content = await self._content(visit, url)
        mime, width, height = _judged(content)
        photo = self._photos.add(
            Photo(
                photo_id=new_id(self._world.store, "photo"),
                page_id=page.platform_id,
                client_id=visit.grant.client_id,
                url=url,
                mime=mime,
                width=width,
                height=height,
                caption=caption,
                alt_text=text_of(visit.params, "alt_text_custom"),
                is_temporary=flag_of(visit.params, "temporary"),
                created_at=visit.now,
            )
        )
        if release.state in {UNPUBLISHED, DRAFT}:
            return json_answer({"id": photo.photo_id})
        post = self._post(visit, page, photo, release)
        return json_answer({"id": photo.photo_id, "post_id": post.platform_post_id})

    def _post(self, visit: Visit, page: Place, photo: Photo, release: Release) -> Post:
        post = Post(
            platform="facebook",
            account_id=visit.account.account_id,
            platform_id=page.platform_id,
            platform_post_id=f"{page.platform_id}_{new_id(self._world.store, 'post')}",
            text=photo.caption,
            created_at=visit.now,
            kind="image",
            media=[photo.as_media()],
            details={"client_id": visit.grant.client_id, "link": "", "accepted_at": visit.now.timestamp()},
        )
        photo.post_id = post.platform_post_id
        return self._wall.add(post, state=release.state, live_at=release.live_at)

    async def _content(self, visit: Visit, url: str | None) -> bytes:
        source = source_of(visit)
        if source is not None:
            return source.content
        if url is None:
            raise unusable_picture("a url or a source is required.")
        try:
            return (await fetch_media(url, largest=_LARGEST, time_limit=visit.switches.fetch_time_limit)).content
        except Unreachable as error:
            raise unusable_picture(f"it could not be fetched ({error}).") from error


def source_of(visit: Visit) -> Upload | None:
    """The file a call carries, if any; Meta's own client calls its part otherwise than the guides."""
    return next((visit.files[name] for name in ("source", "source0", "filename") if name in visit.files), None)


def _judged(content: bytes) -> tuple[str, int, int]:
    """The kind and size of a picture that Facebook takes."""
    if len(content) > _LARGEST:
        raise unusable_picture("it is larger than 10 MB.")
    found = probe(content)
    if found is not None and found.mime in _TAKEN:
        return found.mime, found.width, found.height
    for magic, mime in _MAGIC.items():
        if content.startswith(magic):
            return mime, 0, 0
    raise unusable_picture("its kind is not one of jpeg, png, bmp, gif, tiff.")
