"""YouTube's limits, counted and dated in docs/platforms/youtube.md, as data."""

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

API_VERSION: Final = "v3"
ANALYTICS_VERSION: Final = "v2"
TITLE_LIMIT: Final = 100
DESCRIPTION_BYTES: Final = 5_000
TAGS_LIMIT: Final = 500
DEFAULT_CATEGORY: Final = "22"
VIDEO_BYTES: Final = 256 * 1024**3
# What a channel may upload before its owner has confirmed a telephone number.
SHORT_UPLOADS: Final = timedelta(minutes=15)

UPLOAD: Final = "https://www.googleapis.com/auth/youtube.upload"
READ: Final = "https://www.googleapis.com/auth/youtube.readonly"
REPORTS: Final = "https://www.googleapis.com/auth/yt-analytics.readonly"

UPLOADS_BUCKET: Final = "videos.insert"
UNITS_BUCKET: Final = "units"
STATS_BUCKET: Final = "videos.batchGetStats"
SEARCH_BUCKET: Final = "search.list"
QUOTA_ZONE: Final = "America/Los_Angeles"
DAY: Final = timedelta(days=1)
# A look at the state of the upload and a handful at the video while YouTube works on it.
UNITS_PER_POST: Final = 6

FACTS: Final = PlatformFacts(
    platform=Platform.YOUTUBE,
    name="YouTube",
    place_kinds=(PlaceKind.CHANNEL,),
    post_kinds=(PostKind.VIDEO,),
    text_limit=DESCRIPTION_BYTES,
    text_unit="bytes of description in UTF-8, without < and >",
    media=(
        MediaRule(
            MediaKind.VIDEO,
            # YouTube takes many more; these are the ones whose length can be read here.
            ("video/mp4", "video/quicktime", "video/x-m4v"),
            max_bytes=VIDEO_BYTES,
            max_count=1,
        ),
    ),
    media_required=True,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": TITLE_LIMIT},
            "privacy": {"type": "string", "enum": ["public", "unlisted", "private"], "default": "public"},
            "made_for_kids": {"type": "boolean", "default": False},
            "tags": {
                "type": "array",
                "maxItems": 100,
                "items": {"type": "string", "minLength": 1, "maxLength": TAGS_LIMIT},
            },
            "category_id": {"type": "string", "minLength": 1, "maxLength": 4, "default": DEFAULT_CATEGORY},
        },
    },
    scopes={Capability.PUBLISH: (UPLOAD, READ), Capability.ANALYTICS: (READ, REPORTS)},
    api_version=API_VERSION,
    api_sunset=None,
    budgets=(
        # All merchants share the project's four purses; a day is one of the Pacific coast.
        Budget(UPLOADS_BUCKET, "app", 100, DAY, {"publisher": 1.0}, zone=QUOTA_ZONE),
        Budget(
            UNITS_BUCKET, "app", 10_000, DAY, {"publisher": 0.6, "analytics": 0.3, "auth-linker": 0.1}, zone=QUOTA_ZONE
        ),
        Budget(STATS_BUCKET, "app", 10_000, DAY, {"analytics": 1.0}, zone=QUOTA_ZONE),
        # Nothing here searches: it lags, and the list of uploads tells more.
        Budget(SEARCH_BUCKET, "app", 100, DAY, {"publisher": 1.0}, zone=QUOTA_ZONE),
    ),
    raw_retention=timedelta(days=30),
    look_delays=(
        timedelta(seconds=15),
        timedelta(minutes=2),
        timedelta(minutes=4),
        timedelta(minutes=10),
    ),
    account_costs=(Cost(UNITS_BUCKET, calls=1),),
    posts_costs=(Cost(STATS_BUCKET, calls=1),),
    measured_for=timedelta(days=90),
    refused_signs="<>",
)
