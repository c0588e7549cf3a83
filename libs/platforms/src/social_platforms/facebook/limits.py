"""Facebook's limits, counted and dated in docs/platforms/facebook.md, as data."""

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
TEXT_LIMIT: Final = 63_206
LINK_LIMIT: Final = 2_048
ALT_TEXT_LIMIT: Final = 1_000
PICTURES_MAX: Final = 10

IMAGE_BYTES: Final = 10_000_000  # "10 MB", and nobody says which
PNG_ADVICE: Final = 1_000_000
VIDEO_BYTES: Final = 10 * 1024**3
VIDEO_MAX_LENGTH: Final = timedelta(hours=4)
REEL_MIN_LENGTH: Final = timedelta(seconds=3)
REEL_MAX_LENGTH: Final = timedelta(seconds=90)
REEL_MIN_WIDTH: Final = 540
REEL_MIN_HEIGHT: Final = 960
REEL_RATIO: Final = 9 / 16

DAY: Final = timedelta(hours=24)

REELS: Final = "POST /{page-id}/video_reels"
CALLS: Final = "*"
# What stood there before, the post itself and its link; a video is begun, sent, finished and looked at while it is
# worked on.
CALLS_PER_POST: Final = 3
CALLS_PER_VIDEO: Final = 10

FACTS: Final = PlatformFacts(
    platform=Platform.FACEBOOK,
    name="Facebook",
    place_kinds=(PlaceKind.PAGE,),
    post_kinds=(PostKind.TEXT, PostKind.IMAGE, PostKind.VIDEO, PostKind.REEL),
    text_limit=TEXT_LIMIT,
    text_unit="characters",
    media=(
        MediaRule(
            MediaKind.IMAGE,
            ("image/jpeg", "image/png", "image/bmp", "image/tiff", "image/gif"),
            max_bytes=IMAGE_BYTES,
            max_count=PICTURES_MAX,
        ),
        MediaRule(MediaKind.GIF, ("image/gif",), max_bytes=IMAGE_BYTES, max_count=PICTURES_MAX),
        MediaRule(
            MediaKind.VIDEO,
            ("video/mp4",),
            max_bytes=VIDEO_BYTES,
            max_count=1,
            max_duration=VIDEO_MAX_LENGTH,
        ),
    ),
    media_required=False,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {"link": {"type": "string", "minLength": 1, "maxLength": LINK_LIMIT}},
    },
    scopes={
        Capability.PUBLISH: ("pages_show_list", "pages_read_engagement", "pages_manage_posts"),
        Capability.ANALYTICS: ("pages_show_list", "pages_read_engagement", "read_insights"),
    },
    api_version=API_VERSION,
    # A Graph API version lives about two years; v26.0 came on 29 July 2026.
    api_sunset=datetime(2028, 7, 29, tzinfo=UTC),
    budgets=(
        Budget(REELS, "connection", 30, DAY, {"publisher": 1.0}),
        # 4,800 for each person who engaged with the Page in a day; a quiet Page has the budget of one.
        Budget(CALLS, "connection", 4_800, DAY, {"publisher": 0.4, "analytics": 0.5, "auth-linker": 0.1}),
    ),
    raw_retention=timedelta(days=90),
    look_delays=(
        timedelta(seconds=5),
        timedelta(seconds=15),
        timedelta(minutes=1),
        timedelta(minutes=5),
    ),
    account_costs=(Cost(CALLS, calls=2),),
    posts_costs=(Cost(CALLS, calls_per_post=2),),
    measured_for=timedelta(days=90),
    one_limit=True,
)
