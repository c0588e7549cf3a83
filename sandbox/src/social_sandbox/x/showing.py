"""How posts, people and media look in answers: default fields only, unless more was asked for."""

from datetime import datetime, timedelta
from typing import Any

from social_sandbox.engagement import account_metric, followers
from social_sandbox.model import Account, Post
from social_sandbox.platform import World
from social_sandbox.x.attachments import kind_of
from social_sandbox.x.authored import newest_first
from social_sandbox.x.errors import field_refused
from social_sandbox.x.figures import PRIVATE_METRICS, organic, private, public, video_private, video_public
from social_sandbox.x.rewriting import Rendered, is_long, render, render_note
from social_sandbox.x.uploads import Upload, Uploads
from social_sandbox.x.vocabulary import Asked

PRIVATE_FOR = timedelta(days=30)
_TYPES = {"image": "photo", "gif": "animated_gif", "video": "video"}
_EDITABLE_FOR = timedelta(hours=1)


def moment(value: datetime) -> str:
    """A time as X writes it."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


class Showing:
    """Turns what the store holds into what a reader gets, in new words."""

    def __init__(self, world: World, uploads: Uploads) -> None:
        self._world = world
        self._uploads = uploads

    def rendered(self, post: Post) -> Rendered:
        """Return the text of a post as X shows it."""
        owner = self._world.store.account(post.platform, post.account_id)
        permalink = f"https://x.com/{owner.username if owner else 'i'}/status/{post.platform_post_id}"
        keys = tuple(str(item["media_key"]) for item in post.media)
        return render(post.text, post_id=post.platform_post_id, permalink=permalink, media=keys)

    def post(self, post: Post, asked: Asked) -> dict[str, Any]:
        """Return a post with the fields asked for, private figures excepted."""
        shown: dict[str, Any] = {
            "id": post.platform_post_id,
            "text": self.rendered(post).text,
            "edit_history_post_ids": [post.platform_post_id],
        }
        wanted = asked.post | (asked.expansions & {"author_id", "in_reply_to_user_id", "referenced_posts"})
        if "attachments.media_keys" in asked.expansions:
            wanted |= {"attachments"}
        if wanted:
            more = self._more_of(post)
            shown |= {name: more[name] for name in wanted if name in more}
        if "public_metrics" in asked.post:
            shown["public_metrics"] = public(self._world, post)
        return shown

    def private_figures(self, post: Post, asked: Asked, reader: Account) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the figures for the author's eyes, or an error per field where the reader may not see them."""
        wanted = sorted(asked.post & PRIVATE_METRICS)
        is_author = post.account_id == reader.account_id
        if wanted and not (is_author and self._world.clock.now() - post.created_at < PRIVATE_FOR):
            return {}, [field_refused(post.platform_post_id, name, parameter="ids") for name in wanted]
        figures: dict[str, Any] = {}
        if "non_public_metrics" in wanted:
            figures["non_public_metrics"] = private(self._world, post)
        if "organic_metrics" in wanted:
            figures["organic_metrics"] = organic(self._world, post)
        return figures, []

    def includes(self, posts: list[Post], asked: Asked, reader: Account) -> dict[str, Any]:
        """Return the objects that expansions name, each once."""
        found: dict[str, Any] = {}
        if "author_id" in asked.expansions:
            ids = dict.fromkeys(post.account_id for post in posts)
            people = [self._world.store.account("x", account_id) for account_id in ids]
            found["users"] = [self.user(person, asked) for person in people if person is not None]
        if "attachments.media_keys" in asked.expansions:
            found["media"] = [
                self.media(upload, post, asked, reader)
                for post in posts
                for item in post.media
                if (upload := self._uploads.find_by_key(item["media_key"])) is not None
            ]
        return {name: things for name, things in found.items() if things}

    def user(self, account: Account, asked: Asked) -> dict[str, Any]:
        """Return a person with the fields asked for."""
        details = account.details
        more = {
            "created_at": moment(account.created_at),
            "description": details.get("description", ""),
            "profile_image_url": f"https://pbs.twimg.com/profile_images/{account.account_id}/avatar_normal.jpg",
            "protected": details.get("protected", False),
            "verified": details.get("verified", False),
            "verified_type": details.get("verified_type", "none"),
            "subscription_type": details.get("subscription_type", "None"),
        }
        shown: dict[str, Any] = {"id": account.account_id, "name": account.display_name, "username": account.username}
        shown |= {name: value for name, value in more.items() if name in asked.user}
        if "public_metrics" in asked.user:
            shown["public_metrics"] = self._figures_of(account)
        return shown

    def media(self, upload: Upload, post: Post, asked: Asked, reader: Account) -> dict[str, Any]:
        """Return a piece of media with the fields asked for."""
        kind = kind_of(upload)
        more: dict[str, Any] = {"width": upload["width"], "height": upload["height"]}
        if upload["alt_text"] is not None:
            more["alt_text"] = upload["alt_text"]
        if kind == "image":
            more["url"] = f"https://pbs.twimg.com/media/{upload['media_id']}.jpg"
        else:
            more["preview_image_url"] = f"https://pbs.twimg.com/preview/{upload['media_id']}.jpg"
        if kind == "video":
            more["duration_ms"] = int((upload["duration_s"] or 0) * 1000)
            more["public_metrics"] = video_public(self._world, post)
            if post.account_id == reader.account_id:
                more["non_public_metrics"] = video_private(self._world, post)
        shown = {"media_key": upload["media_key"], "type": _TYPES[kind]}
        return shown | {name: value for name, value in more.items() if name in asked.media}

    def _more_of(self, post: Post) -> dict[str, Any]:
        """Everything of a post that has to be asked for, figures excepted."""
        rendered = self.rendered(post)
        more: dict[str, Any] = {
            "author_id": post.account_id,
            "conversation_id": post.details.get("conversation_id", post.platform_post_id),
            "created_at": moment(post.created_at),
            "edit_controls": {
                "edits_remaining": 5,
                "is_edit_eligible": False,
                "editable_until": moment(post.created_at + _EDITABLE_FOR),
            },
            "lang": "en",
            "possibly_sensitive": False,
            "reply_settings": post.details.get("reply_settings", "everyone"),
        }
        if post.media:
            more["attachments"] = {"media_keys": [item["media_key"] for item in post.media]}
        if is_long(post.text):
            note = render_note(post.text, post_id=post.platform_post_id)
            more["note_post"] = {"text": note.text} | ({"entities": note.entities} if note.entities else {})
        if rendered.entities:
            more["entities"] = rendered.entities
        if "in_reply_to" in post.details:
            more["referenced_posts"] = [{"type": "replied_to", "id": post.details["in_reply_to"]}]
            more["in_reply_to_user_id"] = post.details["in_reply_to_user"]
        if "paid_partnership" in post.details:
            more["paid_partnership"] = post.details["paid_partnership"]
        return more

    def _figures_of(self, account: Account) -> dict[str, int]:
        posts = list(newest_first(self._world.store, account.account_id))
        following = int(account.details.get("following", 31))
        return {
            "followers_count": followers(self._world, account),
            "following_count": account_metric(self._world, account, "following", start=following),
            "post_count": account_metric(
                self._world, account, "posts", start=int(account.details.get("posts", 0)) + len(posts)
            ),
            "listed_count": account_metric(self._world, account, "listed", start=2),
            "like_count": account_metric(self._world, account, "likes", start=0),
            "media_count": sum(len(post.media) for post in posts),
        }
