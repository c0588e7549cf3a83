"""What the API's document shows of each operation of planning: made from the models, so that it always fits them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from publisher.domain import Command, NotAllowedError, Status
from publisher.planning.errors import not_allowed, not_usable, unknown_connection
from publisher.planning.schemas import (
    AttemptOut,
    Attempts,
    Campaign,
    Changes,
    Checks,
    FindingOut,
    MediaIn,
    MediaOut,
    NewPosts,
    PostOut,
    PostPage,
    QuotaOut,
    Resolution,
    Retry,
    SettingsBody,
    Target,
    TargetCheck,
    TextLengthOut,
)
from publisher.planning.sharing import Product, Share
from social_common.errors import Conflict

_NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_DUE: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_CONNECTION: Final = UUID("2c9a7c54-6a0e-4f3c-8a6d-2f8d7f2f5a01")
_TEXT: Final = "The copper kettle is back: it boils a litre in three minutes."
_PICTURE: Final = "https://cdn.shop.example/kettle.jpg"

NEW_POSTS: Final = NewPosts(
    content=_TEXT,
    media=[MediaIn(url=_PICTURE, alt_text="A copper kettle on a stove")],
    targets=[Target(connection_id=_CONNECTION)],
    scheduled_at=_DUE,
    mode="schedule",
)
SHARE: Final = Share(
    product=Product(
        id="kettle-1",
        title="Copper kettle",
        description="Boils a litre in three minutes.",
        price=Decimal("59.90"),
        currency="EUR",
        url="https://shop.example/kettle",
        image_url=_PICTURE,
    ),
    targets=[Target(connection_id=_CONNECTION)],
    mode="now",
)
SCHEDULED: Final = PostOut(
    id=UUID("5d8f2a10-91c7-4b7e-b7d1-6f0c3e4a8b33"),
    campaign_id=UUID("e7c0d9b4-5f1a-4c7d-8e2b-9a6b1c3d5f44"),
    connection_id=_CONNECTION,
    platform="x",
    kind="image",
    content=_TEXT,
    media=[MediaOut(url=_PICTURE, kind="image", alt_text="A copper kettle on a stove")],
    media_url=_PICTURE,
    options={},
    product_id="kettle-1",
    scheduled_at=_DUE,
    posted_at=None,
    status=Status.SCHEDULED,
    step=None,
    platform_post_id=None,
    permalink=None,
    engagement=None,
    error=None,
    attempts=0,
    revision=1795424400000,
    created_at=_NOW,
    updated_at=_NOW,
)
PUBLISHED: Final = SCHEDULED.model_copy(
    update={
        "status": Status.PUBLISHED.value,
        "posted_at": _DUE + timedelta(milliseconds=210),
        "platform_post_id": "1900000000000001234",
        "permalink": "https://x.com/kettleco/status/1900000000000001234",
        "engagement": {"likes": 12, "comments": 3, "shares": 1},
        "attempts": 1,
        "revision": 1795428000500,
        "updated_at": _DUE + timedelta(milliseconds=500),
    }
)
CAMPAIGN: Final = Campaign(campaign_id=SCHEDULED.campaign_id, posts=[SCHEDULED])
PAGE: Final = PostPage(posts=[PUBLISHED], next_cursor=None)
CHANGES: Final = Changes(content="The copper kettle is back.", scheduled_at=_DUE)
RETRY: Final = Retry(confirm_may_duplicate=True)
RESOLUTION: Final = Resolution(outcome="published", permalink=PUBLISHED.permalink)
SETTINGS: Final = SettingsBody(catch_up_hours=6, on_doubt="ask")
ATTEMPTS: Final = Attempts(
    attempts=[
        AttemptOut(
            id=UUID("0b9b2f3e-6f53-4c8e-9f2c-0d6f5b7a1c22"),
            post_id=PUBLISHED.id,
            number=1,
            platform_id="1900000000000000001",
            step="sending",
            fingerprint="9f2b5c1d7e3a4068",
            started_at=_DUE,
            deadline=_DUE + timedelta(seconds=20),
            bytes_sent=True,
            finished_at=_DUE + timedelta(milliseconds=210),
            outcome="live",
            http_status=201,
            error=None,
            looks=[],
        )
    ]
)
CHECKS: Final = Checks(
    valid=False,
    targets=[
        TargetCheck(
            connection_id=_CONNECTION,
            platform="x",
            kind="image",
            text=TextLengthOut(length=312, limit=280),
            problems=[
                FindingOut(
                    code="content_rejected", field="targets.0.content", detail="The text has 312 of 280 characters."
                )
            ],
            warnings=[],
            quota=[QuotaOut(endpoint="posts", counted_by="us", limit=100, left=97, window_s=86_400, resets_at=_NOW)],
        )
    ],
)

NO_CONNECTION: Final = unknown_connection("body.targets.0.connection_id")
UNUSABLE: Final = not_usable("body.targets.0.connection_id")
NOT_NOW: Final = not_allowed(NotAllowedError(Command.PUBLISH, Status.PUBLISHING))
MAY_BE_THERE: Final = Conflict(
    "The post was not found on the account, which does not prove that it is not there.",
    action="Look at the account; then resolve it, or retry with confirm_may_duplicate: true.",
)
