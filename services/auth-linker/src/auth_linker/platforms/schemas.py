"""What platforms can do, on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class MediaRuleOut(BaseModel):
    """What a platform takes of one kind of media."""

    kind: str
    mimes: list[str]
    max_bytes: int
    max_count: int
    min_ratio: float | None
    max_ratio: float | None
    max_duration_s: float | None


class LimitsOut(BaseModel):
    """How long a text may be, and how the platform counts it."""

    text_limit: int
    text_unit: str
    media_required: bool


class PlatformOut(BaseModel):
    """One platform."""

    platform: str
    name: str
    configured: bool
    kinds: list[str]
    post_kinds: list[str]
    limits: LimitsOut
    media: list[MediaRuleOut]
    options: dict[str, Any]
    scopes: dict[str, list[str]]
    api_version: str
    api_sunset: datetime | None


class PlatformsOut(BaseModel):
    """All platforms this installation knows."""

    platforms: list[PlatformOut]
