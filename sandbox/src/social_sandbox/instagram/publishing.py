"""The three steps to a media: create a container, read it until it is ready, publish it."""

from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.instagram.access import PUBLISHING, Visit
from social_sandbox.instagram.containers import (
    EXPIRED,
    FINISHED,
    IN_PROGRESS,
    Container,
    Containers,
    read_status,
    status_of,
)
from social_sandbox.instagram.errors import (
    BUILDER_NOT_FOUND,
    CAROUSEL_SIZE,
    CONTAINER_EXPIRED,
    CONTAINERS_USED_UP,
    NOT_READY,
    QUOTA_REACHED,
    RESTRICTED,
    SPAM,
    UNKNOWN_MEDIA_TYPE,
    invalid_parameter,
)
from social_sandbox.instagram.ids import new_media_id, shortcode
from social_sandbox.instagram.ingest import Ingest
from social_sandbox.instagram.media import add_media
from social_sandbox.instagram.media_rules import caption_fault
from social_sandbox.meta.fields import Asked, fields_of, select
from social_sandbox.meta.params import flag_of, list_of, text_of
from social_sandbox.model import Post
from social_sandbox.platform import World

_FEWEST_CHILDREN, _MOST_CHILDREN = 2, 10
_LONGEST_ALT_TEXT = 1000
_MOST_COLLABORATORS = 3
_CONTAINER_FIELDS = frozenset({"id", "status_code", "status", "copyright_check_status"})
_LIMIT_FIELDS = frozenset({"quota_usage", "config"})
_PRODUCTS = {
    "image": ("IMAGE", "FEED"),
    "carousel": ("CAROUSEL_ALBUM", "FEED"),
    "reel": ("VIDEO", "REELS"),
    "story": ("IMAGE", "STORY"),
}


class PublishingEndpoints:
    """Writing to an account."""

    def __init__(self, world: World, containers: Containers) -> None:
        self._world = world
        self._containers = containers
        self._ingest = Ingest()

    async def create(self, visit: Visit) -> Answer:
        """Make a container; the media is really fetched."""
        visit.need(PUBLISHING)
        self._refuse_restricted(visit)
        made = self._containers.window("made", visit.ig_id)
        if made.count(visit.now.timestamp()) >= visit.switches.container_quota:
            raise CONTAINERS_USED_UP.answer()
        media_type = text_of(visit.params, "media_type").upper()
        if text_of(visit.params, "upload_type"):
            raise invalid_parameter("Param upload_type is not available with Instagram Login.")
        container = await (
            self._create_carousel(visit) if media_type == "CAROUSEL" else self._create_single(visit, media_type)
        )
        return json_answer({"id": container.container_id})

    def status(self, visit: Visit, container: Container) -> Answer:
        """Tell how far a container is; without `fields` only its id."""
        fields = fields_of(visit.params)
        values: dict[str, Any] = {"id": container.container_id}
        if {"status_code", "status"} & set(fields):
            values = read_status(container, visit.switches, visit.now)
        return json_answer(select(values, fields, known=_CONTAINER_FIELDS, node="IGContainer"))

    async def publish(self, visit: Visit) -> Answer:
        """Publish a ready container, once and never again."""
        visit.need(PUBLISHING)
        self._refuse_restricted(visit)
        creation_id = text_of(visit.params, "creation_id")
        if not creation_id:
            raise invalid_parameter("The parameter creation_id is required.")
        container = self._containers.find(creation_id, visit.ig_id)
        if container is None or container.published_at is not None:
            raise BUILDER_NOT_FOUND.answer()
        if container.is_child:
            raise invalid_parameter("A carousel item cannot be published on its own.")
        status = status_of(container, visit.switches, visit.now)
        if status == EXPIRED:
            raise CONTAINER_EXPIRED.answer()
        if status != FINISHED:
            raise NOT_READY.answer()
        published = self._containers.window("published", visit.ig_id)
        if published.count(visit.now.timestamp()) >= visit.switches.quota_total:
            raise QUOTA_REACHED.answer()
        if visit.switches.publish_answer == "spam":
            raise SPAM.answer()
        published.add(visit.now.timestamp())
        post = self._add(container, visit)
        if visit.switches.publish_answer == "spam_but_live":
            raise SPAM.answer()
        return json_answer({"id": post.platform_post_id})

    async def limit(self, visit: Visit) -> Answer:
        """Tell how much of the publishing quota is used."""
        visit.need(PUBLISHING)
        fields = fields_of(visit.params) or {"quota_usage": Asked()}
        used = self._containers.window("published", visit.ig_id).count(visit.now.timestamp())
        config = {"quota_total": visit.switches.quota_total, "quota_duration": 86_400}
        values = {"quota_usage": used, "config": config}
        return json_answer({"data": [select(values, fields, known=_LIMIT_FIELDS, node="IGUserContentPublishingLimit")]})

    async def _create_carousel(self, visit: Visit) -> Container:
        children = list_of(visit.params, "children")
        if not _FEWEST_CHILDREN <= len(children) <= _MOST_CHILDREN:
            raise CAROUSEL_SIZE.answer()
        caption = _caption(visit)
        found = [self._containers.find(child, visit.ig_id) for child in children]
        items = [child for child in found if child is not None and child.is_child]
        if len(items) != len(children):
            raise invalid_parameter("Param children must name containers made with is_carousel_item.")
        states = {status_of(child, visit.switches, visit.now) for child in items}
        if states - {FINISHED}:
            raise (NOT_READY if IN_PROGRESS in states else BUILDER_NOT_FOUND).answer()
        return self._containers.add(
            visit.ig_id,
            "carousel",
            media=[item for child in items for item in child.media],
            now=visit.now,
            caption=caption,
            children=children,
        )

    async def _create_single(self, visit: Visit, media_type: str) -> Container:
        is_child = flag_of(visit.params, "is_carousel_item")
        kind = _kind_of(media_type, is_child=is_child)
        if is_child and "is_ai_generated" in visit.params:
            raise invalid_parameter("Param is_ai_generated is not allowed on carousel items.")
        has_caption = kind != "story" and not is_child
        caption = _caption(visit) if has_caption else ""
        _check_extras(visit, is_image=kind == "image" or (kind == "story" and bool(text_of(visit.params, "image_url"))))
        item, fault = await self._ingest.take(visit, kind)
        return self._containers.add(
            visit.ig_id,
            kind,
            media=[item],
            now=visit.now,
            caption=caption,
            is_child=is_child,
            fault=fault,
        )

    def _add(self, container: Container, visit: Visit) -> Post:
        media_id = new_media_id(self._world.store)
        media_type, product = _PRODUCTS[container.kind]
        if container.kind == "story" and container.media[0]["kind"] == "video":
            media_type = "VIDEO"
        post = Post(
            platform="instagram",
            account_id=visit.account.account_id,
            platform_id=visit.ig_id,
            platform_post_id=media_id,
            text=container.caption,
            created_at=visit.now,
            kind=container.kind,
            media=[{**item, "media_id": new_media_id(self._world.store)} for item in container.media],
            details={
                "media_type": media_type,
                "media_product_type": product,
                "shortcode": shortcode(media_id),
                "container_id": container.container_id,
                "permalink_failures": visit.switches.permalink_failures,
            },
        )
        container.published_at = visit.now
        container.media_id = media_id
        return add_media(self._world.store, post)

    def _refuse_restricted(self, visit: Visit) -> None:
        if visit.account.details.get("restricted"):
            raise RESTRICTED.answer()


def _kind_of(media_type: str, *, is_child: bool) -> str:
    match media_type:
        case "" | "IMAGE":
            return "image"
        case "VIDEO" if is_child:
            return "video"
        case "REELS" if not is_child:
            return "reel"
        case "STORIES" if not is_child:
            return "story"
        case _:
            raise UNKNOWN_MEDIA_TYPE.answer()


def _caption(visit: Visit) -> str:
    caption = text_of(visit.params, "caption")
    fault = caption_fault(caption)
    if fault is not None:
        raise fault.answer()
    return caption


def _check_extras(visit: Visit, *, is_image: bool) -> None:
    alt_text = text_of(visit.params, "alt_text")
    if alt_text and (not is_image or len(alt_text) > _LONGEST_ALT_TEXT):
        raise invalid_parameter("Param alt_text is for images, at most 1000 characters.")
    if len(list_of(visit.params, "collaborators")) > _MOST_COLLABORATORS:
        raise invalid_parameter("Param collaborators takes at most 3 usernames.")
