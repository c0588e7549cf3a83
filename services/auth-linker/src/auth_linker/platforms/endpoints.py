"""`GET /v1/platforms`: the facts of each platform, as data for screens and validation."""

from collections.abc import Mapping

from fastapi import APIRouter, Request

from auth_linker.platforms.schemas import LimitsOut, MediaRuleOut, PlatformOut, PlatformsOut
from social_common.auth import CurrentMerchant
from social_platforms._core import Platform, PlatformFacts

router = APIRouter(prefix="/v1", tags=["platforms"])


@router.get("/platforms")
async def list_platforms(merchant: CurrentMerchant, request: Request) -> PlatformsOut:
    """What each platform can do, and whether it is set up here."""
    del merchant
    facts: Mapping[Platform, PlatformFacts] = request.app.state.facts
    configured: frozenset[str] = request.app.state.configured
    return PlatformsOut(
        platforms=[describe(found, configured=platform in configured) for platform, found in facts.items()]
    )


def describe(facts: PlatformFacts, *, configured: bool) -> PlatformOut:
    """One platform's facts as they are told."""
    return PlatformOut(
        platform=facts.platform,
        name=facts.name,
        configured=configured,
        kinds=list(facts.place_kinds),
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
                max_duration_s=rule.max_duration.total_seconds() if rule.max_duration is not None else None,
            )
            for rule in facts.media
        ],
        options=dict(facts.options_schema),
        scopes={capability.value: list(scopes) for capability, scopes in facts.scopes.items()},
        api_version=facts.api_version,
        api_sunset=facts.api_sunset,
    )
