"""Facts about a platform as data: what `GET /v1/platforms` tells and validation uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from social_platforms._core.kinds import Capability, MediaKind, PlaceKind, Platform, PostKind


@dataclass(frozen=True, slots=True)
class Budget:
    """What an app may spend on one endpoint, and how it is shared among our services (shares sum to at most 1)."""

    endpoint: str
    per: Literal["connection", "app"]
    count: int
    window: timedelta
    shares: Mapping[str, float]


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
