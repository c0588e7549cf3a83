"""A platform's facts in the words of the API."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from auth_linker.platforms.schemas import LimitsOut, MediaRuleOut, PlatformOut
from auth_linker.platforms.sunsets import days_left
from social_platforms._core import Capability, PlaceKind, PlatformFacts


def describe(facts: PlatformFacts, *, configured: bool, reached: frozenset[PlaceKind], now: datetime) -> PlatformOut:
    """One platform's facts as they are told."""
    return PlatformOut(
        platform=facts.platform,
        name=facts.name,
        configured=configured,
        kinds=list(facts.place_kinds),
        linkable_kinds=[kind for kind in facts.place_kinds if kind in reached],
        post_kinds=list(facts.post_kinds),
        limits=LimitsOut(text_limit=facts.text_limit, text_unit=facts.text_unit, media_required=facts.media_required),
        media=[
            MediaRuleOut(
                kind=rule.kind,
                mimes=list(rule.mimes),
                max_bytes=rule.max_bytes,
                max_count=rule.max_count,
                min_ratio=rule.min_ratio,
                max_ratio=rule.max_ratio,
                max_duration_s=_seconds(rule.max_duration),
                min_duration_s=_seconds(rule.min_duration),
                min_bytes=rule.min_bytes,
                min_width=rule.min_width,
                min_height=rule.min_height,
                max_width=rule.max_width,
                max_height=rule.max_height,
                turnable=rule.turnable,
                max_pixels=rule.max_pixels,
                max_frames=rule.max_frames,
                max_frame_pixels=rule.max_frame_pixels,
            )
            for rule in facts.media
        ],
        options=dict(facts.options_schema),
        scopes=_plain(facts.scopes),
        scopes_by_kind={kind.value: _plain(scopes) for kind, scopes in facts.scopes_by_kind.items()},
        product_link=dict(facts.product_link),
        reports_numbers=facts.measured_for > timedelta(0),
        api_version=facts.api_version,
        api_sunset=facts.api_sunset,
        api_days_left=days_left(facts.api_sunset, now=now) if facts.api_sunset is not None else None,
    )


def _plain(scopes: Mapping[Capability, tuple[str, ...]]) -> dict[str, list[str]]:
    return {capability.value: list(names) for capability, names in scopes.items()}


def _seconds(duration: timedelta | None) -> float | None:
    return duration.total_seconds() if duration is not None else None
