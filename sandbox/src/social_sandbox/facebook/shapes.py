"""How posts and photos look in answers."""

from datetime import datetime
from typing import Any

from social_sandbox.engagement import post_metric
from social_sandbox.evening import evened
from social_sandbox.facebook.links import LinkDress, dressed
from social_sandbox.facebook.photos import Photo
from social_sandbox.facebook.wall import PUBLISHED, SCHEDULED
from social_sandbox.model import Post
from social_sandbox.platform import World

POST_FIELDS = frozenset(
    {
        "id",
        "message",
        "created_time",
        "updated_time",
        "permalink_url",
        "is_published",
        "scheduled_publish_time",
        "status_type",
        "full_picture",
        "attachments",
        "shares",
        "reactions",
        "comments",
        "from",
    }
)
PHOTO_FIELDS = frozenset({"id", "name", "link", "alt_text_custom", "created_time", "width", "height", "page_story_id"})
_STATUS_TYPES = {
    "text": "mobile_status_update",
    "link": "shared_story",
    "image": "added_photos",
    "album": "added_photos",
    "video": "added_video",
    "reel": "added_video",
}


def graph_time(moment: datetime) -> str:
    """A time as the Graph writes it, without a colon in its offset."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def permalink(post: Post) -> str:
    """The address of a post; that of a reel or video lacks its host."""
    number = post.details["post_id"].rpartition("_")[2]
    if post.kind == "reel":
        return f"/reel/{post.platform_post_id}/"
    if post.kind == "video":
        return f"/{post.platform_id}/videos/{post.platform_post_id}/"
    return f"https://www.facebook.com/{post.platform_id}/posts/{number}"


def post_values(world: World, post: Post, page_name: str, *, links: LinkDress) -> dict[str, Any]:
    """Everything readable about a post but the summaries; what does not apply is missing, `shares` at zero, too."""
    values: dict[str, Any] = {
        "id": post.details["post_id"],
        "created_time": graph_time(post.created_at),
        "updated_time": post.details.get("updated_time") or graph_time(post.created_at),
        "permalink_url": permalink(post),
        "is_published": post.details["state"] == PUBLISHED,
        "status_type": _STATUS_TYPES[post.kind],
        "from": {"id": post.platform_id, "name": page_name},
    }
    if message := evened(post.text):
        values["message"] = dressed(message, links)
    if post.details["state"] == SCHEDULED:
        values["scheduled_publish_time"] = int(post.details["live_at"])
    attachment = _attachment(post, links)
    if attachment is not None:
        values["attachments"] = {"data": [attachment]}
    if post.media:
        values["full_picture"] = _picture_address(post.media[0])
    shares = post_metric(world, post, "shares")
    if shares:
        values["shares"] = {"count": shares}
    return values


def photo_values(photo: Photo) -> dict[str, Any]:
    """Everything readable about a photo."""
    values: dict[str, Any] = {
        "id": photo.photo_id,
        "link": f"https://www.facebook.com/photo.php?fbid={photo.photo_id}",
        "created_time": graph_time(photo.created_at),
        "width": photo.width,
        "height": photo.height,
    }
    optional = {"name": photo.caption, "alt_text_custom": photo.alt_text, "page_story_id": photo.post_id}
    return values | {name: value for name, value in optional.items() if value}


def _attachment(post: Post, links: LinkDress) -> dict[str, Any] | None:
    if post.kind == "link":
        link = post.details["link"]
        return {"media_type": "link", "type": "share", "url": dressed(link, links), "title": link}
    if not post.media:
        return None
    if post.kind == "album":
        number = post.details["post_id"].rpartition("_")[2]
        inner = {"data": [_picture(post, item) for item in post.media]}
        url = f"https://www.facebook.com/media/set/?set=pcb.{number}"
        return {"media_type": "album", "type": "album", "url": url, "target": {"id": number}, "subattachments": inner}
    return _picture(post, post.media[0])


def _picture(post: Post, item: dict[str, Any]) -> dict[str, Any]:
    is_video = item["kind"] == "video"
    address = f"https://www.facebook.com/photo.php?fbid={item['media_id']}"
    url = f"https://www.facebook.com{permalink(post)}" if is_video else address
    return {
        "media_type": "video" if is_video else "photo",
        "type": "video_inline" if is_video else "photo",
        "url": url,
        "target": {"id": item["media_id"], "url": url},
    }


def _picture_address(item: dict[str, Any]) -> str:
    return f"https://scontent.example/{item['media_id']}.jpg"
