"""Instagram's limits, counted and dated in docs/platforms/instagram.md, as data."""

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

API_VERSION: Final = "v26.0"
CAPTION_LIMIT: Final = 2200
HASHTAG_LIMIT: Final = 30
HASHTAG_ADVICE: Final = 5
MENTION_LIMIT: Final = 20
ALT_TEXT_LIMIT: Final = 1000
CAROUSEL_MIN: Final = 2
CAROUSEL_MAX: Final = 10

IMAGE_BYTES: Final = 8 * 1024 * 1024
REEL_BYTES: Final = 300 * 1024 * 1024
STORY_VIDEO_BYTES: Final = 100 * 1024 * 1024
REEL_MIN_LENGTH: Final = timedelta(seconds=3)
REEL_MAX_LENGTH: Final = timedelta(minutes=15)
STORY_MAX_LENGTH: Final = timedelta(seconds=60)
FEED_MIN_RATIO: Final = 0.8
FEED_MAX_RATIO: Final = 1.91
VIDEO_MIN_RATIO: Final = 0.01
VIDEO_MAX_RATIO: Final = 10.0
VIDEO_WIDTH: Final = 1920

DAY: Final = timedelta(hours=24)

CALLS: Final = "*"
PUBLICATIONS: Final = "POST /{ig-id}/media_publish"
CONTAINERS: Final = "POST /{ig-id}/media"
# A container is made and asked for until it is ready; then the post goes out and its address is read.
CALLS_PER_CONTAINER: Final = 4
CALLS_PER_POST: Final = 2

FACTS: Final = PlatformFacts(
    platform=Platform.INSTAGRAM,
    name="Instagram",
    place_kinds=(PlaceKind.ACCOUNT,),
    post_kinds=(PostKind.IMAGE, PostKind.CAROUSEL, PostKind.REEL, PostKind.STORY),
    text_limit=CAPTION_LIMIT,
    text_unit="characters",
    media=(
        MediaRule(
            MediaKind.IMAGE,
            ("image/jpeg",),
            max_bytes=IMAGE_BYTES,
            max_count=CAROUSEL_MAX,
            min_ratio=FEED_MIN_RATIO,
            max_ratio=FEED_MAX_RATIO,
        ),
        MediaRule(
            MediaKind.VIDEO,
            ("video/mp4", "video/quicktime"),
            max_bytes=REEL_BYTES,
            max_count=CAROUSEL_MAX,
            min_ratio=VIDEO_MIN_RATIO,
            max_ratio=VIDEO_MAX_RATIO,
            max_duration=REEL_MAX_LENGTH,
            min_duration=REEL_MIN_LENGTH,
            max_width=VIDEO_WIDTH,
        ),
    ),
    media_required=True,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "media_type": {
                "type": "string",
                "enum": ["auto", "CAROUSEL", "REELS", "STORIES"],
                "default": "auto",
            }
        },
    },
    scopes={
        Capability.PUBLISH: ("instagram_business_basic", "instagram_business_content_publish"),
        Capability.ANALYTICS: ("instagram_business_basic", "instagram_business_manage_insights"),
    },
    api_version=API_VERSION,
    # A Graph API version lives about two years; v26.0 came on 29 July 2026.
    api_sunset=datetime(2028, 7, 29, tzinfo=UTC),
    budgets=(
        # Two pages of Meta's say 50, one says 100; the account's own figure comes with content_publishing_limit.
        Budget(PUBLICATIONS, "connection", 50, DAY, {"publisher": 1.0}),
        Budget(CONTAINERS, "connection", 400, DAY, {"publisher": 1.0}),
        Budget(CALLS, "connection", 48_000, DAY, {"publisher": 0.4, "analytics": 0.5, "auth-linker": 0.1}),
    ),
    raw_retention=timedelta(days=90),
    look_delays=(
        timedelta(seconds=5),
        timedelta(seconds=20),
        timedelta(minutes=1),
        timedelta(minutes=5),
    ),
    account_costs=(Cost(CALLS, calls=2),),
    posts_costs=(Cost(CALLS, calls_per_post=1),),
    measured_for=timedelta(days=90),
    one_limit=True,
)
