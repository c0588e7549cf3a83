"""What a post carries besides its text: a link, one or several pictures, a video, or a poll; never two of them.

LinkedIn does not look at a link: its card shows what it was given and nothing else.
"""

from typing import Any
from urllib.parse import urlsplit

from pydantic import Field

from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.assets import IMAGE, VIDEO, Asset, Assets
from social_sandbox.linkedin.bodies import StrictBody
from social_sandbox.linkedin.errors import invalid_field, invalid_value

LONGEST_TITLE = 400
LONGEST_ALT_TEXT = 4086
FEWEST_IMAGES, MOST_IMAGES = 2, 20


class Article(StrictBody):
    """A link with the card it gets."""

    source: str = Field(min_length=1)
    title: str | None = Field(default=None, max_length=LONGEST_TITLE)
    description: str | None = None
    thumbnail: str | None = None


class Media(StrictBody):
    """One picture, video or document."""

    id: str
    title: str | None = None
    alt_text: str | None = Field(default=None, alias="altText", max_length=LONGEST_ALT_TEXT)


class Picture(StrictBody):
    """One of several pictures."""

    id: str
    alt_text: str | None = Field(default=None, alias="altText", max_length=LONGEST_ALT_TEXT)


class Pictures(StrictBody):
    """Several pictures."""

    images: list[Picture]


class Content(StrictBody):
    """Exactly one of these."""

    article: Article | None = None
    media: Media | None = None
    multi_image: Pictures | None = Field(default=None, alias="multiImage")
    poll: dict[str, Any] | None = None


def carried(content: Content | None, visit: Visit, assets: Assets, author: str) -> tuple[str, list[dict[str, Any]]]:
    """The kind of a post and its media as the ground truth tells them; raises `Refusal` for what cannot be carried."""
    if content is None:
        return "text", []
    given = [name for name in ("article", "media", "multi_image", "poll") if getattr(content, name) is not None]
    if len(given) != 1:
        raise invalid_value("/content", "It must hold exactly one of article, media, multiImage and poll")
    if content.article is not None:
        return "link", [_link(content.article, visit, assets, author)]
    if content.media is not None:
        return _one(content.media, visit, assets, author)
    if content.multi_image is not None:
        return "image", _several(content.multi_image.images, visit, assets, author)
    return "poll", []


def _link(article: Article, visit: Visit, assets: Assets, author: str) -> dict[str, Any]:
    parts = urlsplit(article.source) if "[" not in article.source else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.netloc:
        raise invalid_value("/content/article/source", "It must be an http or https URL")
    if article.thumbnail is not None:
        path = "/content/article/thumbnail"
        assets.usable(visit, article.thumbnail, path, owner=author, kinds=(IMAGE,))
    return {"kind": "link", **article.model_dump()}


def _one(media: Media, visit: Visit, assets: Assets, author: str) -> tuple[str, list[dict[str, Any]]]:
    path = "/content/media/id"
    asset = assets.usable(visit, media.id, path, owner=author, kinds=(IMAGE, VIDEO, "document"))
    if asset["kind"] == VIDEO and media.alt_text is not None:
        raise invalid_value("/content/media/altText", "Only a picture has an alternative text")
    return asset["kind"], [{**_entry(asset), "alt_text": media.alt_text, "title": media.title}]


def _several(pictures: list[Picture], visit: Visit, assets: Assets, author: str) -> list[dict[str, Any]]:
    if not FEWEST_IMAGES <= len(pictures) <= MOST_IMAGES:
        message = f"It must hold {FEWEST_IMAGES} to {MOST_IMAGES} images"
        raise invalid_field("INVALID_VALUE_FOR_FIELD", "/content/multiImage/images", message)
    entries = []
    for index, picture in enumerate(pictures):
        path = f"/content/multiImage/images/{index}/id"
        asset = assets.usable(visit, picture.id, path, owner=author, kinds=(IMAGE,))
        entries.append({**_entry(asset), "alt_text": picture.alt_text})
    return entries


def _entry(asset: Asset) -> dict[str, Any]:
    return {
        "kind": asset["kind"],
        "media_id": asset["urn"],
        "mime": asset["mime"],
        "width": asset["width"],
        "height": asset["height"],
    }
