"""GitHub's limits, counted and dated in docs/platforms/github.md, as data."""

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

API_VERSION: Final = "2026-03-10"
TITLE_LIMIT: Final = 256
BODY_LIMIT: Final = 65_536
TAG_LIMIT: Final = 200
MEDIA_LIMIT: Final = 10
# GitHub stores no pictures for an API: a post links to them, and the reader's browser loads them through its proxy.
LINKED_BYTES: Final = 10 * 1024 * 1024

HOUR: Final = timedelta(hours=1)

FACTS: Final = PlatformFacts(
    platform=Platform.GITHUB,
    name="GitHub",
    place_kinds=(PlaceKind.REPOSITORY,),
    post_kinds=(PostKind.DISCUSSION, PostKind.RELEASE),
    text_limit=BODY_LIMIT,
    text_unit="characters of Markdown, links to pictures included",
    media=(
        MediaRule(
            MediaKind.IMAGE,
            ("image/jpeg", "image/png", "image/webp", "image/gif"),
            max_bytes=LINKED_BYTES,
            max_count=MEDIA_LIMIT,
        ),
        MediaRule(MediaKind.GIF, ("image/gif",), max_bytes=LINKED_BYTES, max_count=MEDIA_LIMIT),
    ),
    media_required=False,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "kind": {"type": "string", "enum": ["discussion", "release"], "default": "discussion"},
            "title": {"type": "string", "minLength": 1, "maxLength": TITLE_LIMIT},
            "tag": {"type": "string", "minLength": 1, "maxLength": TAG_LIMIT},
            "category": {"type": "string", "minLength": 1, "maxLength": 100},
            "prerelease": {"type": "boolean", "default": False},
        },
    },
    scopes={
        Capability.PUBLISH: ("read:user", "public_repo"),
        Capability.ANALYTICS: ("read:user", "public_repo"),
    },
    api_version=API_VERSION,
    api_sunset=None,
    budgets=(
        Budget("REST", "connection", 5_000, HOUR, {"publisher": 0.4, "analytics": 0.4, "auth-linker": 0.2}),
        Budget("GraphQL", "connection", 5_000, HOUR, {"publisher": 0.5, "analytics": 0.4, "auth-linker": 0.1}),
        Budget("create content", "connection", 80, timedelta(minutes=1), {"publisher": 1.0}),
        Budget("create content", "connection", 500, HOUR, {"publisher": 1.0}),
    ),
    raw_retention=timedelta(days=180),
    look_delays=(
        timedelta(seconds=10),
        timedelta(seconds=30),
        timedelta(minutes=1),
        timedelta(minutes=5),
    ),
    account_costs=(Cost("REST", calls=2),),
    # A release takes a call of its own, discussions share one; which kind they are is not counted apart.
    posts_costs=(Cost("REST", calls_per_post=1), Cost("GraphQL", calls=1)),
    measured_for=timedelta(days=90),
    one_limit=True,
)
