"""What the API of analytics answers. A number that was not reported is null, never 0; times are UTC."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

UtcTime = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Count = Annotated[int | None, Field(description="null: not reported")]
Rate = Annotated[
    float | None,
    Field(description="Interactions per hundred people reached (or impressions); null: cannot be said"),
]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class AccountNumbers(_Answer):
    """An account's numbers at one moment."""

    followers: Count
    following: Count
    posts: Count
    reach: Count
    impressions: Count
    engagement_rate: Rate


class Account(AccountNumbers):
    """A connection with its latest snapshot. `is_collected` says whether numbers are still being fetched."""

    connection_id: UUID
    platform: str
    platform_username: str | None
    kind: str | None
    is_collected: bool
    not_collected_because: str | None = Field(
        description="`not_granted`, `not_usable`, `not_known`, or why the connection went down; null while collected"
    )
    collected_at: UtcTime | None


class PostNumbers(_Answer):
    """Engagement since the post went live."""

    likes: Count
    comments: Count
    shares: Count
    saves: Count
    clicks: Count
    views: Count
    reach: Count
    impressions: Count


class Post(_Answer):
    """A published post with its latest numbers."""

    post_id: UUID
    campaign_id: UUID | None
    connection_id: UUID
    platform: str
    kind: str | None
    product_id: str | None
    platform_post_id: str | None
    permalink: str | None
    posted_at: UtcTime
    may_be_duplicate: bool
    metrics: PostNumbers
    engagement_rate: Rate
    collected_at: UtcTime | None
    is_collected: bool = Field(description="Whether its numbers are still being fetched")
    gone_at: UtcTime | None = Field(description="When the platform was found to have it no longer")


class Totals(PostNumbers):
    """The posts that went live in a period, taken together, and what the accounts gained in it."""

    posts: int
    engagement_rate: Rate
    followers: Count = Field(description="Of all accounts at the end of the period")
    followers_gained: Count = Field(description="By the accounts that were measured before the period and in it")


class Changes(_Answer):
    """Percent by which each total moved against the period before; null where it cannot be said."""

    posts: float | None
    likes: float | None
    comments: float | None
    shares: float | None
    saves: float | None
    clicks: float | None
    views: float | None
    reach: float | None
    impressions: float | None
    engagement_rate: float | None


class OverviewComparison(_Answer):
    """The period before, of the same length."""

    from_: UtcTime = Field(serialization_alias="from")
    to: UtcTime
    totals: Totals
    change_percent: Changes


class Overview(_Answer):
    """Everything of a merchant at a glance."""

    from_: UtcTime = Field(serialization_alias="from")
    to: UtcTime
    totals: Totals
    comparison: OverviewComparison | None = Field(description="null where nothing was measured in the period before")
    accounts: list[Account]
    collected_at: UtcTime | None


class SeriesPoint(AccountNumbers):
    """The last snapshot within one step; a step without one is left out, never made up."""

    at: UtcTime
    collected_at: UtcTime


class AccountComparison(_Answer):
    """The last snapshot of the period against the last one before it."""

    before: AccountNumbers
    before_collected_at: UtcTime
    change: AccountNumbers = Field(description="How far each number moved; null where one side was not reported")


class AccountReport(_Answer):
    """One account over a period."""

    account: Account
    from_: UtcTime = Field(serialization_alias="from")
    to: UtcTime
    granularity: str
    series: list[SeriesPoint]
    comparison: AccountComparison | None = Field(description="null where there is no snapshot on both sides")


class PostPage(_Answer):
    """One page of posts."""

    posts: list[Post]
    next_cursor: str | None


class PostPoint(PostNumbers):
    """A post's numbers as they were collected at one moment."""

    engagement_rate: Rate
    collected_at: UtcTime


class PostReport(_Answer):
    """One post with its history, oldest first."""

    post: Post
    history: list[PostPoint]
    history_is_cut: bool = Field(description="Whether older measurements were left out; ask with `to`")
