"""What platforms can do, on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class MediaRuleOut(BaseModel):
    """What a platform takes of one kind of media."""

    kind: str
    mimes: list[str]
    max_bytes: int
    max_count: int
    min_ratio: float | None
    max_ratio: float | None
    max_duration_s: float | None
    min_duration_s: float | None
    min_bytes: int
    min_width: int
    min_height: int
    max_width: int | None
    max_height: int | None
    turnable: bool = Field(description="Whether an upright one may be as high as others may be wide.")
    max_pixels: int | None = Field(description="Of a picture: width times height.")
    max_frames: int | None = Field(description="Of a moving picture.")
    max_frame_pixels: int | None = Field(description="Of all frames of a moving picture together.")


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
    linkable_kinds: list[str] = Field(description="The kinds of places that the apps set up here can reach.")
    post_kinds: list[str]
    limits: LimitsOut
    media: list[MediaRuleOut]
    options: dict[str, Any]
    scopes: dict[str, list[str]]
    scopes_by_kind: dict[str, dict[str, list[str]]] = Field(
        description="Scopes per capability for each kind of place; as `scopes` where a kind is not named."
    )
    product_link: dict[str, Any] = Field(description='Options that carry a product\'s link, as "{url}".')
    reports_numbers: bool = Field(description="Whether the platform tells numbers of single posts.")
    api_version: str
    api_sunset: datetime | None
    api_days_left: int | None = Field(description="Whole days until the sunset, below zero after it; null if unknown.")


class PlatformsOut(BaseModel):
    """All platforms this installation knows."""

    platforms: list[PlatformOut]
