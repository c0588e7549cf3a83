"""Facts about a platform as data: what `GET /v1/platforms` tells and validation uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from social_platforms._core.kinds import Capability, MediaKind, PlaceKind, Platform, PostKind


@dataclass(frozen=True, slots=True)
class Budget:
    """What an app may spend on one endpoint, and how it is shared among our services (shares sum to at most 1).

    Without a `zone` the window is any stretch of that length; with one it is a day from midnight to midnight there.
    """

    endpoint: str
    per: Literal["connection", "app"]
    count: int
    window: timedelta
    shares: Mapping[str, float]
    zone: str | None = None  # a name of the IANA time zone database


@dataclass(frozen=True, slots=True)
class Cost:
    """Units of a budget that one read draws, by itself and for each post that it reads."""

    endpoint: str
    calls: int = 0
    calls_per_post: int = 0

    def of(self, posts: int) -> int:
        """Units for a read of that many posts."""
        return self.calls + self.calls_per_post * posts


@dataclass(frozen=True, slots=True)
class MediaRule:
    """What a platform takes of one kind of media."""

    kind: MediaKind
    mimes: tuple[str, ...]
    max_bytes: int
    max_count: int
    min_ratio: float | None = None
    max_ratio: float | None = None
    max_duration: timedelta | None = None
    min_duration: timedelta | None = None
    min_bytes: int = 0
    min_width: int = 0
    min_height: int = 0
    max_width: int | None = None
    max_height: int | None = None
    turnable: bool = False  # True where an upright one may be as high as others may be wide
    max_pixels: int | None = None  # of a picture, width times height
    max_frames: int | None = None  # of a moving picture
    max_frame_pixels: int | None = None  # of all its frames together


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What `GET /v1/platforms` tells and validation uses; `options_schema` is a JSON Schema of a target's options."""

    platform: Platform
    name: str
    place_kinds: tuple[PlaceKind, ...]
    post_kinds: tuple[PostKind, ...]
    text_limit: int
    text_unit: str  # how the platform counts, in plain words
    media: tuple[MediaRule, ...]
    media_required: bool
    options_schema: Mapping[str, Any]
    scopes: Mapping[Capability, tuple[str, ...]]
    api_version: str
    api_sunset: datetime | None
    budgets: tuple[Budget, ...]
    raw_retention: timedelta  # how long raw payloads may be kept under the platform's terms
    look_delays: tuple[timedelta, ...]  # waits before each read-back after a doubt
    account_costs: tuple[Cost, ...]  # what one read of a place's numbers draws from which budgets
    posts_costs: tuple[Cost, ...]  # what one read of posts' numbers draws
    measured_for: timedelta  # how long a post's numbers are worth reading; zero where the platform reports none
    one_limit: bool = False  # True where all calls of an account share one limit, so that one refusal stops all
    product_link: Mapping[str, Any] = field(default_factory=dict)  # options that carry a product's link, as "{url}"
    refused_signs: str = ""  # that may stand in no text at all
    scopes_by_kind: Mapping[PlaceKind, Mapping[Capability, tuple[str, ...]]] = field(default_factory=dict)
