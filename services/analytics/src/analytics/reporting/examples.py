"""What the API's document shows of reports: made from the models, so that it always fits them."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from analytics.reporting.domain import Granularity
from analytics.reporting.schemas import (
    Account,
    AccountComparison,
    AccountNumbers,
    AccountReport,
    Changes,
    Overview,
    OverviewComparison,
    Post,
    PostNumbers,
    PostPage,
    PostPoint,
    PostReport,
    SeriesPoint,
    Totals,
)

_FROM: Final = datetime(2026, 11, 1, tzinfo=UTC)
_TO: Final = datetime(2026, 11, 8, tzinfo=UTC)
_AT: Final = datetime(2026, 11, 7, 18, 0, tzinfo=UTC)
_NUMBERS: Final = AccountNumbers(
    followers=1204, following=310, posts=88, reach=5400, impressions=8100, engagement_rate=4.2
)
_GAINED: Final = AccountNumbers(followers=34, following=0, posts=3, reach=400, impressions=None, engagement_rate=0.3)
_LIKES: Final = PostNumbers(
    likes=12, comments=3, shares=1, saves=None, clicks=9, views=None, reach=380, impressions=512
)
_TOTALS: Final = Totals(**_LIKES.model_dump(), posts=1, engagement_rate=4.21, followers=1204, followers_gained=34)
_ACCOUNT: Final = Account(
    **_NUMBERS.model_dump(),
    connection_id=UUID("2c9a7c54-6a0e-4f3c-8a6d-2f8d7f2f5a01"),
    platform="x",
    platform_username="kettleco",
    kind="account",
    is_collected=True,
    not_collected_because=None,
    collected_at=_AT,
)
_POST: Final = Post(
    post_id=UUID("5d8f2a10-91c7-4b7e-b7d1-6f0c3e4a8b33"),
    campaign_id=UUID("e7c0d9b4-5f1a-4c7d-8e2b-9a6b1c3d5f44"),
    connection_id=_ACCOUNT.connection_id,
    platform="x",
    kind="image",
    product_id="kettle-1",
    platform_post_id="1900000000000001234",
    permalink="https://x.com/kettleco/status/1900000000000001234",
    posted_at=_AT - timedelta(days=2),
    may_be_duplicate=False,
    metrics=_LIKES,
    engagement_rate=4.21,
    collected_at=_AT,
    is_collected=True,
    gone_at=None,
)

OVERVIEW: Final = Overview(
    from_=_FROM,
    to=_TO,
    totals=_TOTALS,
    comparison=OverviewComparison(
        from_=_FROM - timedelta(days=7),
        to=_FROM,
        totals=_TOTALS,
        change_percent=Changes(
            posts=0.0,
            likes=20.0,
            comments=0.0,
            shares=None,
            saves=None,
            clicks=12.5,
            views=None,
            reach=8.6,
            impressions=10.1,
            engagement_rate=3.7,
        ),
    ),
    accounts=[_ACCOUNT],
    collected_at=_AT,
)
ACCOUNT: Final = AccountReport(
    account=_ACCOUNT,
    from_=_FROM,
    to=_TO,
    granularity=Granularity.DAY,
    series=[SeriesPoint(**_NUMBERS.model_dump(), at=_AT.replace(hour=0), collected_at=_AT)],
    comparison=AccountComparison(before=_NUMBERS, before_collected_at=_FROM - timedelta(hours=6), change=_GAINED),
)
POSTS: Final = PostPage(posts=[_POST], next_cursor=None)
POST: Final = PostReport(
    post=_POST,
    history=[PostPoint(**_LIKES.model_dump(), engagement_rate=4.21, collected_at=_AT)],
    history_is_cut=False,
)
