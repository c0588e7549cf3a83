"""`GET /v1/platforms`: the facts of each platform, as data for screens and validation."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request

from auth_linker.platforms import examples
from auth_linker.platforms.describing import describe
from auth_linker.platforms.schemas import PlatformsOut
from social_common.auth import CurrentMerchant
from social_common.openapi import shows
from social_platforms._core import Platform, PlatformFacts
from social_platforms.registry import OAuthApps

router = APIRouter(prefix="/v1", tags=["platforms"])


@router.get("/platforms", **shows(answers={200: examples.PLATFORMS}))
async def list_platforms(merchant: CurrentMerchant, request: Request) -> PlatformsOut:
    """What each platform can do, and whether it is set up here."""
    del merchant
    facts: Mapping[Platform, PlatformFacts] = request.app.state.facts
    apps: OAuthApps = request.app.state.apps
    now = datetime.now(UTC)
    return PlatformsOut(
        platforms=[
            describe(found, configured=platform in apps.platforms, reached=apps.kinds_at(platform), now=now)
            for platform, found in facts.items()
        ]
    )
