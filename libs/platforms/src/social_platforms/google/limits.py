"""Google Business Profile's limits, counted and dated in docs/platforms/google.md, as data."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

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

# Local posts are still made by the old generation, everything else by the services that replaced it.
POSTS_VERSION: Final = "v4"
SERVICE_VERSION: Final = "v1"
SUMMARY_LIMIT: Final = 1500
EVENT_TITLE_ADVICE: Final = 58
IMAGE_BYTES: Final = 5 * 1024 * 1024
IMAGE_MIN_BYTES: Final = 10 * 1024
IMAGE_MIN_SIDE: Final = 250
MANAGE: Final = "https://www.googleapis.com/auth/business.manage"

ACCOUNTS_BUCKET: Final = "account management"
LOCATIONS_BUCKET: Final = "business information"
STANDING_BUCKET: Final = "verifications"
POSTS_BUCKET: Final = "local posts"
EDITS_BUCKET: Final = "edits"
PERFORMANCE_BUCKET: Final = "performance"

MINUTE: Final = timedelta(minutes=1)
_PER_MINUTE: Final = 300
_URL_LENGTH: Final = 2048

_URL: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1, "maxLength": _URL_LENGTH}
_DATE: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["year", "month", "day"],
    "properties": {
        "year": {"type": "integer", "minimum": 2000, "maximum": 9999},
        "month": {"type": "integer", "minimum": 1, "maximum": 12},
        "day": {"type": "integer", "minimum": 1, "maximum": 31},
    },
}
_TIME: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["hours", "minutes"],
    "properties": {
        "hours": {"type": "integer", "minimum": 0, "maximum": 23},
        "minutes": {"type": "integer", "minimum": 0, "maximum": 59},
    },
}
_EVENT: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "schedule"],
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "schedule": {
            "type": "object",
            "additionalProperties": False,
            "required": ["start_date", "start_time", "end_date", "end_time"],
            "properties": {"start_date": _DATE, "start_time": _TIME, "end_date": _DATE, "end_time": _TIME},
        },
    },
}
_OFFER: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "coupon_code": {"type": "string", "minLength": 1, "maxLength": 58},
        "redeem_online_url": _URL,
        "terms_conditions": {"type": "string", "minLength": 1, "maxLength": 5000},
    },
}
_CALL_TO_ACTION: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "enum": ["BOOK", "ORDER", "SHOP", "LEARN_MORE", "SIGN_UP", "CALL"]},
        "url": _URL,
    },
}

FACTS: Final = PlatformFacts(
    platform=Platform.GOOGLE,
    name="Google Business Profile",
    place_kinds=(PlaceKind.LOCATION,),
    post_kinds=(PostKind.UPDATE,),
    text_limit=SUMMARY_LIMIT,
    text_unit="characters",
    media=(
        MediaRule(
            MediaKind.IMAGE,
            ("image/jpeg", "image/png"),
            max_bytes=IMAGE_BYTES,
            max_count=1,
            min_bytes=IMAGE_MIN_BYTES,
            min_width=IMAGE_MIN_SIDE,
            min_height=IMAGE_MIN_SIDE,
        ),
    ),
    media_required=False,
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "topic_type": {"type": "string", "enum": ["STANDARD", "EVENT", "OFFER"], "default": "STANDARD"},
            "call_to_action": _CALL_TO_ACTION,
            "event": _EVENT,
            "offer": _OFFER,
        },
    },
    scopes={Capability.PUBLISH: (MANAGE,), Capability.ANALYTICS: (MANAGE,)},
    api_version=POSTS_VERSION,
    api_sunset=None,
    budgets=(
        # Every API gives the whole project 300 calls a minute; a project that is not approved has none.
        Budget(ACCOUNTS_BUCKET, "app", _PER_MINUTE, MINUTE, {"auth-linker": 1.0}),
        Budget(LOCATIONS_BUCKET, "app", _PER_MINUTE, MINUTE, {"auth-linker": 1.0}),
        Budget(STANDING_BUCKET, "app", _PER_MINUTE, MINUTE, {"auth-linker": 0.5, "publisher": 0.5}),
        Budget(POSTS_BUCKET, "app", _PER_MINUTE, MINUTE, {"publisher": 1.0}),
        Budget(PERFORMANCE_BUCKET, "app", _PER_MINUTE, MINUTE, {"analytics": 1.0}),
        # Ten edits a minute for each profile, which nobody can have raised; for posts no figure is published, so they
        # are spread evenly as well.
        Budget(EDITS_BUCKET, "connection", 10, MINUTE, {"publisher": 1.0}),
        Budget(EDITS_BUCKET, "connection", 1, timedelta(seconds=6), {"publisher": 1.0}),
    ),
    raw_retention=timedelta(days=30),
    look_delays=(
        timedelta(seconds=10),
        timedelta(seconds=60),
        timedelta(minutes=2),
        timedelta(minutes=10),
    ),
    account_costs=(Cost(PERFORMANCE_BUCKET, calls=1),),
    posts_costs=(),
    measured_for=timedelta(0),
    product_link={"call_to_action": {"type": "SHOP", "url": "{url}"}},
)
