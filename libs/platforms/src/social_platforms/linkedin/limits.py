"""LinkedIn's limits, counted and dated in docs/platforms/linkedin.md, as data."""

from datetime import UTC, datetime, timedelta
from typing import Final

from social_platforms._core import (
    Budget,
    Capability,
    Cost,
    MediaKind,
    MediaRule,
    PlaceKind,
    Platform,
    PlatformFacts,
    PostKind,
)

# Never computed from the clock: LinkedIn skips months, and gives each version about a year.
API_VERSION: Final = "202609"
API_SUNSET: Final = datetime(2027, 9, 15, tzinfo=UTC)

TEXT_LIMIT: Final = 3000
ALT_TEXT_LIMIT: Final = 4086
IMAGES_MAX: Final = 20
# LinkedIn limits a picture's pixels ("fewer than 36,152,320") and not its bytes; so much of one is held in memory.
IMAGE_BYTES: Final = 20 * 1024 * 1024
IMAGE_PIXELS: Final = 36_152_319
GIF_FRAMES: Final = 250
VIDEO_MIN_BYTES: Final = 75 * 1024
VIDEO_BYTES: Final = 500 * 1024 * 1024
VIDEO_MIN_LENGTH: Final = timedelta(seconds=3)
VIDEO_LENGTH: Final = timedelta(minutes=30)

ACCESS_LIFE: Final = timedelta(days=60)
REFRESH_LIFE: Final = timedelta(days=365)

# Two apps, two products: what a call draws from depends on the app whose token it carries.
SHARE: Final = "Share on LinkedIn"
COMMUNITY: Final = "Community Management"
DAY: Final = timedelta(days=1)

IDENTITY_SCOPES: Final = ("openid", "profile")
MEMBER_SCOPES: Final = {Capability.PUBLISH: (*IDENTITY_SCOPES, "w_member_social")}
ORGANIZATION_SCOPES: Final = {
    Capability.PUBLISH: ("w_organization_social", "r_organization_social", "r_organization_admin"),
    # Posts are read too: only that tells a deleted one from one that nobody has seen.
    Capability.ANALYTICS: ("r_organization_social", "r_organization_admin", "rw_organization_admin"),
}
POSTING_ROLES: Final = ("ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER")
MEASURING_ROLE: Final = "ADMINISTRATOR"

_PICTURES: Final = ("image/jpeg", "image/png", "image/gif")

FACTS: Final = PlatformFacts(
    platform=Platform.LINKEDIN,
    name="LinkedIn",
    place_kinds=(PlaceKind.MEMBER, PlaceKind.ORGANIZATION),
    post_kinds=(PostKind.TEXT, PostKind.IMAGE, PostKind.VIDEO),
    text_limit=TEXT_LIMIT,
    # Of `commentary` as it is sent; whether LinkedIn counts before or after escaping it does not say.
    text_unit="characters; brackets and signs such as @ _ * count two",
    media=(
        MediaRule(MediaKind.IMAGE, _PICTURES, max_bytes=IMAGE_BYTES, max_count=IMAGES_MAX, max_pixels=IMAGE_PIXELS),
        MediaRule(
            MediaKind.GIF,
            ("image/gif",),
            max_bytes=IMAGE_BYTES,
            max_count=IMAGES_MAX,
            max_pixels=IMAGE_PIXELS,
            max_frames=GIF_FRAMES,
        ),
        MediaRule(
            MediaKind.VIDEO,
            ("video/mp4",),
            max_bytes=VIDEO_BYTES,
            max_count=1,
            min_bytes=VIDEO_MIN_BYTES,
            min_duration=VIDEO_MIN_LENGTH,
            max_duration=VIDEO_LENGTH,
        ),
    ),
    media_required=False,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "visibility": {"type": "string", "enum": ["PUBLIC", "CONNECTIONS"], "default": "PUBLIC"},
        },
    },
    # Of both apps together; which place needs which stands in `scopes_by_kind`.
    scopes={
        Capability.PUBLISH: (*MEMBER_SCOPES[Capability.PUBLISH], *ORGANIZATION_SCOPES[Capability.PUBLISH]),
        Capability.ANALYTICS: ORGANIZATION_SCOPES[Capability.ANALYTICS],
    },
    api_version=API_VERSION,
    api_sunset=API_SUNSET,
    budgets=(
        Budget(SHARE, "connection", 150, DAY, {"publisher": 0.9, "auth-linker": 0.1}, zone="UTC"),
        Budget(SHARE, "app", 100_000, DAY, {"publisher": 0.9, "auth-linker": 0.1}, zone="UTC"),
        # The Development tier; what the Standard tier gives only the app's own page at LinkedIn tells.
        Budget(COMMUNITY, "connection", 100, DAY, {"publisher": 0.5, "analytics": 0.4, "auth-linker": 0.1}, zone="UTC"),
        Budget(COMMUNITY, "app", 500, DAY, {"publisher": 0.5, "analytics": 0.4, "auth-linker": 0.1}, zone="UTC"),
    ),
    # Members' social data may be kept for 48 hours, an organisation's for a year: the shorter holds for all.
    raw_retention=timedelta(hours=48),
    look_delays=(
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=5),
    ),
    account_costs=(Cost(COMMUNITY, calls=2),),
    # Shares, UGC posts, and a look whether those that were left out still exist.
    posts_costs=(Cost(COMMUNITY, calls=3),),
    measured_for=timedelta(days=90),
    scopes_by_kind={
        PlaceKind.MEMBER: MEMBER_SCOPES,
        PlaceKind.ORGANIZATION: ORGANIZATION_SCOPES,
    },
)
