"""X's limits, counted and dated in docs/platforms/x.md, as data."""

from datetime import timedelta
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

API_VERSION: Final = "2"
TEXT_LIMIT: Final = 280
LONG_TEXT_LIMIT: Final = 25_000
URL_LENGTH: Final = 23
ALT_TEXT_LIMIT: Final = 1000
CASHTAG_LIMIT: Final = 1
REPLY_SETTINGS: Final = ("following", "mentionedUsers", "subscribers", "verified")

IMAGE_BYTES: Final = 5 * 1024 * 1024
GIF_BYTES: Final = 15 * 1024 * 1024
VIDEO_BYTES: Final = 8 * 1024**3
VIDEO_LENGTH: Final = timedelta(minutes=20)
# What differs for an account with a subscription; a Basic one has none of it.
PREMIUM: Final = frozenset({"Premium", "PremiumPlus"})
PREMIUM_VIDEO_BYTES: Final = 16 * 1024**3
PREMIUM_VIDEO_LENGTH: Final = timedelta(minutes=125)

QUARTER: Final = timedelta(minutes=15)
DAY: Final = timedelta(hours=24)

FACTS: Final = PlatformFacts(
    platform=Platform.X,
    name="X",
    place_kinds=(PlaceKind.ACCOUNT,),
    post_kinds=(PostKind.TEXT, PostKind.IMAGE, PostKind.VIDEO),
    text_limit=TEXT_LIMIT,
    text_unit="weighted characters: most scripts count 1, CJK and emoji 2, every link 23 (25,000 with X Premium)",
    media=(
        MediaRule(
            MediaKind.IMAGE,
            ("image/jpeg", "image/png", "image/webp", "image/gif"),
            max_bytes=IMAGE_BYTES,
            max_count=4,
        ),
        MediaRule(
            MediaKind.GIF,
            ("image/gif",),
            max_bytes=GIF_BYTES,
            max_count=1,
            max_width=1280,
            max_height=1080,
            max_frames=350,
            max_frame_pixels=300_000_000,
        ),
        # X takes WebM and MPEG-TS, too; their length and size cannot be read here, and it looks at both.
        MediaRule(
            MediaKind.VIDEO,
            ("video/mp4", "video/quicktime"),
            max_bytes=VIDEO_BYTES,
            max_count=1,
            min_ratio=1 / 3,
            max_ratio=3.0,
            max_duration=VIDEO_LENGTH,
            min_duration=timedelta(seconds=0.5),
            min_width=32,
            min_height=32,
            max_width=1280,
            max_height=1024,
            turnable=True,
        ),
    ),
    media_required=False,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {"reply_settings": {"type": "string", "enum": list(REPLY_SETTINGS)}},
    },
    scopes={
        Capability.PUBLISH: ("tweet.read", "tweet.write", "users.read", "media.write"),
        Capability.ANALYTICS: ("tweet.read", "users.read"),
    },
    api_version=API_VERSION,
    api_sunset=None,
    budgets=(
        Budget("POST /2/tweets", "connection", 100, QUARTER, {"publisher": 1.0}),
        Budget("POST /2/tweets", "app", 10_000, DAY, {"publisher": 1.0}),
        Budget("POST /2/media/upload", "connection", 500, QUARTER, {"publisher": 1.0}),
        Budget("GET /2/users/me", "connection", 75, QUARTER, {"auth-linker": 0.5, "analytics": 0.5}),
        Budget("GET /2/users/:id/tweets", "connection", 900, QUARTER, {"publisher": 1.0}),
        Budget("GET /2/users/:id/tweets", "app", 10_000, QUARTER, {"publisher": 1.0}),
        Budget("GET /2/tweets", "connection", 5_000, QUARTER, {"analytics": 1.0}),
        Budget("GET /2/tweets", "app", 3_500, QUARTER, {"analytics": 1.0}),
    ),
    raw_retention=timedelta(days=30),
    look_delays=(
        timedelta(seconds=10),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
    ),
    account_costs=(Cost("GET /2/users/me", calls=1),),
    # Young posts are asked twice: their private numbers come in a call of their own.
    posts_costs=(Cost("GET /2/tweets", calls=2),),
    measured_for=timedelta(days=30),  # private numbers are given no longer
)
