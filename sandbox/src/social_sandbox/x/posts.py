"""Creating and deleting posts on X. There is no idempotency key: the same call twice is two posts, or a duplicate."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from social_sandbox.answers import Answer, json_answer
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.x.access import Visit
from social_sandbox.x.attachments import check_attachments, kind_of
from social_sandbox.x.authored import add_authored, said_since
from social_sandbox.x.bodies import StrictBody, read_body
from social_sandbox.x.errors import forbidden, invalid_body, missing_post, problem
from social_sandbox.x.ids import new_snowflake
from social_sandbox.x.rewriting import count_cashtags
from social_sandbox.x.showing import Showing
from social_sandbox.x.text import has_forbidden_characters, length_limit, normalize, weighted_length
from social_sandbox.x.uploads import Upload, Uploads
from social_sandbox.x.vocabulary import Asked, forced, put

_NOT_PERMITTED = "You are not permitted to perform this action."
_DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
_TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see the documentation."
)
_FORBIDDEN_CHARACTERS = "Your Tweet text contains characters that are not allowed."
_NOTHING_ASKED = frozenset[str]()

Id = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]


class MediaBody(StrictBody):
    """What a post carries."""

    media_ids: list[Id] = Field(min_length=1, max_length=4)
    tagged_user_ids: list[Id] | None = Field(default=None, max_length=10)


class ReplyBody(StrictBody):
    """What a post answers."""

    in_reply_to_tweet_id: Id
    auto_populate_reply_metadata: bool = False
    exclude_reply_user_ids: list[Id] | None = None


class EditBody(StrictBody):
    """What a post replaces."""

    previous_post_id: Id


class PollBody(StrictBody):
    """A question to the readers."""

    options: list[Annotated[str, Field(min_length=1, max_length=25)]] = Field(min_length=2, max_length=4)
    duration_minutes: int = Field(ge=5, le=10_080)
    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None


class GeoBody(StrictBody):
    """Where a post was written."""

    place_id: str


class CreateBody(StrictBody):
    """The body of a new post."""

    text: str | None = None
    media: MediaBody | None = None
    reply: ReplyBody | None = None
    poll: PollBody | None = None
    geo: GeoBody | None = None
    edit_options: EditBody | None = None
    quote_tweet_id: Id | None = None
    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None
    made_with_ai: bool = False
    paid_partnership: bool = False
    community_id: Id | None = None
    share_with_followers: bool = False
    card_uri: str | None = None
    nullcast: bool = False
    for_super_followers_only: bool = False
    direct_message_deep_link: str | None = None


class PostEndpoints:
    """Writing posts."""

    def __init__(self, world: World, uploads: Uploads, showing: Showing) -> None:
        self._world = world
        self._uploads = uploads
        self._showing = showing

    async def create(self, visit: Visit) -> Answer:
        """Put a post on the account's timeline."""
        visit.query()
        body = read_body(visit.call, CreateBody)
        text = normalize(body.text or "")
        _check_shape(body, text)
        if visit.account.details.get("restricted"):
            raise forbidden("Your account is suspended and is not permitted to access this feature.")
        _check_text(text, visit)
        self._check_policy(body, visit)
        media = check_attachments(self._uploads, body.media.media_ids, visit) if body.media else []
        self._check_duplicate(text, visit)
        post = self._add(body, text, media, visit)
        asked = Asked(forced(visit.switches), _NOTHING_ASKED, _NOTHING_ASKED, _NOTHING_ASKED, _NOTHING_ASKED)
        return json_answer({"data": put(self._showing.post(post, asked), asked.vocabulary)}, 201)

    async def delete(self, visit: Visit) -> Answer:
        """Take an own post away."""
        visit.query()
        post_id = visit.call.params["id"]
        post = self._world.store.post("x", post_id)
        if post is None:
            raise missing_post("id", post_id)
        if post.account_id != visit.account.account_id:
            raise forbidden("You are not authorized to delete this Tweet.")
        post.deleted_at = visit.now
        return json_answer({"data": {"deleted": True}})

    def _check_policy(self, body: CreateBody, visit: Visit) -> None:
        """Hold what self-serve apps may do: no quotes, no uninvited replies, no edits without Premium."""
        if body.quote_tweet_id is not None or body.edit_options is not None:
            raise forbidden(_NOT_PERMITTED)
        if body.reply is None:
            return
        parent = self._world.store.post("x", body.reply.in_reply_to_tweet_id)
        if parent is None:
            raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        is_invited = f"@{visit.account.username}".lower() in parent.text.lower()
        if parent.account_id != visit.account.account_id and not is_invited:
            raise forbidden("Reply to this conversation is not allowed because you have not been mentioned.")

    def _check_duplicate(self, text: str, visit: Visit) -> None:
        since = visit.now - timedelta(seconds=visit.switches.duplicate_window_s)
        if text and said_since(self._world.store, visit.account.account_id, text, since):
            raise forbidden(_DUPLICATE)

    def _add(self, body: CreateBody, text: str, media: list[Upload], visit: Visit) -> Post:
        details: dict[str, Any] = {"client_id": visit.grant.client_id}
        if body.reply_settings is not None:
            details["reply_settings"] = body.reply_settings
        if body.paid_partnership:
            details["paid_partnership"] = True
        if body.reply is not None:
            parent = self._world.store.post("x", body.reply.in_reply_to_tweet_id)
            details["in_reply_to"] = body.reply.in_reply_to_tweet_id
            details["in_reply_to_user"] = parent.account_id if parent else ""
            details["conversation_id"] = (
                parent.details.get("conversation_id", parent.platform_post_id) if parent else ""
            )
        post = Post(
            platform="x",
            account_id=visit.account.account_id,
            platform_id=visit.account.account_id,
            platform_post_id=new_snowflake(self._world.store, visit.now),
            text=text,
            created_at=visit.now,
            kind=_kind(media),
            media=[_media_entry(upload) for upload in media],
            details=details,
        )
        return add_authored(self._world.store, post)


def _check_shape(body: CreateBody, text: str) -> None:
    exclusive = [name for name in ("media", "poll", "card_uri", "quote_tweet_id") if getattr(body, name) is not None]
    if len(exclusive) > 1:
        raise invalid_body(f"$: {' and '.join(exclusive)} are mutually exclusive")
    if not text.strip() and body.media is None:
        raise invalid_body("$.text: is missing but it is required")


def _check_text(text: str, visit: Visit) -> None:
    if has_forbidden_characters(text):
        raise invalid_body(_FORBIDDEN_CHARACTERS, detail=_FORBIDDEN_CHARACTERS)
    if weighted_length(text) > length_limit(visit.account.details.get("subscription_type", "None")):
        if visit.switches.too_long_status == 400:  # noqa: PLR2004  (an HTTP status)
            raise problem(400, "Bad Request", _TOO_LONG)
        raise forbidden(_TOO_LONG)
    if count_cashtags(text) > 1:
        raise forbidden("Posts created through the API may contain at most one cashtag.")


def _kind(media: list[Upload]) -> str:
    return kind_of(media[0]) if media else "text"


def _media_entry(upload: Upload) -> dict[str, Any]:
    return {
        "kind": kind_of(upload),
        "media_key": upload["media_key"],
        "media_id": upload["media_id"],
        "mime": upload["media_type"],
        "alt_text": upload["alt_text"],
        "width": upload["width"],
        "height": upload["height"],
    }
