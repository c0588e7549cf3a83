"""What the API takes and gives. Unknown fields are refused, times need their offset, answers are in UTC."""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
)

from publisher.posts import Post

MAX_TEXT = 100_000
MAX_MEDIA = 20
MAX_TARGETS = 50
MAX_URL = 2048
MAX_OPTION_DEPTH = 5
MAX_OPTION_TEXT = 10_000

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_LARGEST: Final = 2**63 - 1


def _text_with_offset(value: object) -> object:
    # Numbers, also those written as text, would pass as seconds since 1970, which nobody means.
    is_date = isinstance(value, str) and _DATE.match(value) is not None
    if value is not None and not isinstance(value, datetime) and not is_date:
        raise ValueError("a time is a text such as 2026-11-23T10:00:00+01:00")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is outside the years 1 to 9999") from None


def _storable(value: Any, depth: int = MAX_OPTION_DEPTH) -> Any:
    """Options as the database can keep them; what they mean is each platform's business."""
    match value:
        case str() if _UNSTORABLE.search(value):
            raise ValueError("there is a character in it that cannot be stored, such as NUL")
        case str() if len(value) > MAX_OPTION_TEXT:
            raise ValueError(f"a text in it is longer than {MAX_OPTION_TEXT} characters")
        case float() if not math.isfinite(value):
            raise ValueError("a number in it is not finite")
        case int() if abs(value) > _LARGEST:
            raise ValueError("a number in it is too large")
        case dict() | list() if depth == 0:
            raise ValueError("it is nested too deeply")
        case dict():
            for key, item in value.items():
                _storable(key, depth - 1)
                _storable(item, depth - 1)
        case list():
            for item in value:
                _storable(item, depth - 1)
    return value


def _storable_options(value: dict[str, Any]) -> dict[str, Any]:
    _storable(value)
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_text_with_offset),
    AfterValidator(_in_utc),
    PlainSerializer(lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str),
]
"""A time with its offset; shown in UTC."""

Text = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL, pattern=r"^https?://[^\s\x00]+$")]
Mode = Literal["draft", "schedule", "now"]
Options = Annotated[dict[str, Any], Field(max_length=50), AfterValidator(_storable_options)]


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

    content: Text = ""
    media: Media = Field(default_factory=list)
    options: Options = Field(default_factory=dict)
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

    @field_validator("error")
    @classmethod
    def _without_evidence(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        """The platform's own words are the operator's: they stay in the ledger."""
        return value and {key: told for key, told in value.items() if key != "evidence"}


class Attempts(BaseModel):
    """All attempts of a post, oldest first."""

    attempts: list[AttemptOut]


class FindingOut(BaseModel):
    """What the platform would refuse, or what is worth knowing."""

    code: str
    field: str
    detail: str


class QuotaOut(BaseModel):
    """What is left of one limit: of our own share as we count, or as the platform's last answer told."""

    endpoint: str
    counted_by: Literal["us", "platform"]
    limit: int | None
    left: int
    window_s: int | None
    resets_at: Moment | None


class TextLengthOut(BaseModel):
    """How much of the platform's limit the text takes, as the platform counts it and with what we add."""

    length: int
    limit: int


class TargetCheck(BaseModel):
    """What `validate` says of one target."""

    connection_id: UUID
    platform: str | None
    kind: str | None
    text: TextLengthOut | None
    problems: list[FindingOut]
    warnings: list[FindingOut]
    quota: list[QuotaOut]


class Checks(BaseModel):
    """What `validate` says."""

    valid: bool
    targets: list[TargetCheck]


class SettingsBody(_Request):
    """A merchant's settings."""

    catch_up_hours: Annotated[int, Field(ge=1, le=168, strict=True)]
    on_doubt: Literal["ask", "resend"]
