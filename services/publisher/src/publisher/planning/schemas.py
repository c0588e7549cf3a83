"""What the API takes and gives. Unknown fields are refused, times need their offset, answers are in UTC."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from publisher.posts import Post

MAX_TEXT = 100_000
MAX_MEDIA = 20
MAX_TARGETS = 50
MAX_URL = 2048


def _text_with_offset(value: object) -> object:
    # Numbers would pass as seconds since 1970, which nobody means.
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("a time is a text such as 2026-11-23T10:00:00+01:00")
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_text_with_offset),
    PlainSerializer(lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str),
]
"""A time with its offset; shown in UTC."""

Text = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL, pattern=r"^https?://[^\s\x00]+$")]
Mode = Literal["draft", "schedule", "now"]
Options = Annotated[dict[str, Any], Field(max_length=50)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MediaIn(_Request):
    """One picture or video by its public address."""

    url: Url
    kind: Literal["image", "gif", "video"] | None = None
    alt_text: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""


Media = Annotated[list[MediaIn], Field(max_length=MAX_MEDIA)]


class Target(_Request):
    """One place to publish, with what differs there."""

    connection_id: UUID
    content: Text | None = None
    media: Media | None = None
    options: Options = Field(default_factory=dict)


Targets = Annotated[list[Target], Field(min_length=1, max_length=MAX_TARGETS)]


class NewPosts(_Request):
    """One campaign: the same thing to one or several places."""

    content: Text = ""
    media: Media = Field(default_factory=list)
    targets: Targets
    scheduled_at: Moment | None = None
    mode: Mode


class Changes(_Request):
    """What to change of a post; what is not named stays. `scheduled_at: null` takes it off the plan."""

    content: Text | None = None
    media: Media | None = None
    options: Options | None = None
    scheduled_at: Moment | None = None


class Retry(_Request):
    """Another try; for a post that may be out already only with the confirmation."""

    confirm_may_duplicate: bool = False


class Resolution(_Request):
    """The merchant looked: it is there, or it is not."""

    outcome: Literal["published", "not_published"]
    permalink: Url | None = None


class MediaOut(BaseModel):
    """One picture or video of a post."""

    url: str
    kind: str
    alt_text: str


class PostOut(BaseModel):
    """A post as the merchant sees it."""

    id: UUID
    campaign_id: UUID
    connection_id: UUID
    platform: str
    kind: str
    content: str
    media: list[MediaOut]
    media_url: str | None
    options: dict[str, Any]
    product_id: str | None
    scheduled_at: Moment | None
    posted_at: Moment | None
    status: str
    step: str | None
    platform_post_id: str | None
    permalink: str | None
    engagement: dict[str, Any] | None
    error: dict[str, Any] | None
    attempts: int
    revision: int
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, post: Post) -> "PostOut":
        """The wire form of a post."""
        media = [MediaOut(url=m["url"], kind=m["kind"], alt_text=m.get("alt_text") or "") for m in post.media]
        shown = {name: getattr(post, name) for name in cls.model_fields if name != "media"}
        return cls(media=media, **shown)


class Campaign(BaseModel):
    """What one create call made."""

    campaign_id: UUID
    posts: list[PostOut]


class PostPage(BaseModel):
    """One page of posts, newest first."""

    posts: list[PostOut]
    next_cursor: str | None


class AttemptOut(BaseModel):
    """One attempt; its handle is never shown."""

    id: UUID
    post_id: UUID
    number: int
    platform_id: str
    step: str
    fingerprint: str
    started_at: Moment
    deadline: Moment
    bytes_sent: bool
    finished_at: Moment | None
    outcome: str | None
    http_status: int | None
    error: dict[str, Any] | None
    looks: list[dict[str, Any]]


class Attempts(BaseModel):
    """All attempts of a post, oldest first."""

    attempts: list[AttemptOut]


class FindingOut(BaseModel):
    """What the platform would refuse, or what is worth knowing."""

    code: str
    field: str
    detail: str


class QuotaOut(BaseModel):
    """What is left of publisher's share of one limit; null where nothing limits."""

    endpoint: str
    limit: int
    left: int
    window_s: int


class TargetCheck(BaseModel):
    """What `validate` says of one target."""

    connection_id: UUID
    platform: str | None
    kind: str | None
    problems: list[FindingOut]
    warnings: list[FindingOut]
    quota: list[QuotaOut]


class Checks(BaseModel):
    """What `validate` says."""

    valid: bool
    targets: list[TargetCheck]


class SettingsBody(_Request):
    """A merchant's settings."""

    catch_up_hours: Annotated[int, Field(ge=1, le=168)]
    on_doubt: Literal["ask", "resend"]
