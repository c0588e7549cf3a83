"""Snapshots, history and raw answers in the database.

A `revision` is the greater of the one before plus one and the real time in milliseconds, so that a restored database
never counts below what it sent before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from analytics.measuring.domain import Engagement, Standing, clamp_count, clamp_rate
from analytics.tables import raw_answers
from social_common.db import ReadSession, WriteSession

_BLANK: Final = "**********"

_STORE_SNAPSHOT = """
INSERT INTO retail_b2c.social_analytics AS s (
    connection_id, user_id, platform,
    followers, following, posts, reach, impressions, engagement_rate,
    true_followers, true_following, true_posts, true_reach, true_impressions, true_engagement_rate,
    last_updated, collected_at, revision
) VALUES (
    :connection_id, :user_id, :platform,
    :followers, :following, :posts, :reach, :impressions, :engagement_rate,
    :true_followers, :true_following, :true_posts, :true_reach, :true_impressions, :true_engagement_rate,
    :collected_at, :collected_at, floor(extract(epoch FROM clock_timestamp()) * 1000)
)
ON CONFLICT (connection_id) DO UPDATE SET
    followers = excluded.followers, following = excluded.following, posts = excluded.posts,
    reach = excluded.reach, impressions = excluded.impressions, engagement_rate = excluded.engagement_rate,
    true_followers = excluded.true_followers, true_following = excluded.true_following,
    true_posts = excluded.true_posts, true_reach = excluded.true_reach,
    true_impressions = excluded.true_impressions, true_engagement_rate = excluded.true_engagement_rate,
    last_updated = excluded.last_updated, collected_at = excluded.collected_at,
    revision = GREATEST(s.revision + 1, excluded.revision)
RETURNING revision
"""

_STORE_RATE = """
UPDATE retail_b2c.social_analytics
SET engagement_rate = :engagement_rate, true_engagement_rate = :true_engagement_rate
WHERE connection_id = :connection_id
"""

_ADD_ACCOUNT_HISTORY = """
INSERT INTO retail_b2c.analytics_account_history (
    connection_id, user_id, collected_at, followers, following, posts, reach, impressions, engagement_rate
) VALUES (
    :connection_id, :user_id, :collected_at, :followers, :following, :posts, :reach, :impressions,
    :engagement_rate
)
ON CONFLICT (connection_id, collected_at) DO NOTHING
"""

_STORE_POST = """
UPDATE retail_b2c.analytics_posts SET
    likes = :likes, comments = :comments, shares = :shares, saves = :saves, clicks = :clicks, views = :views,
    reach = :reach, impressions = :impressions, engagement_rate = :engagement_rate, collected_at = :collected_at,
    measured_revision = GREATEST(measured_revision + 1, floor(extract(epoch FROM clock_timestamp()) * 1000))
WHERE post_id = :post_id
RETURNING measured_revision, traceparent
"""

_ADD_POST_HISTORY = """
INSERT INTO retail_b2c.analytics_post_history (
    post_id, user_id, collected_at,
    likes, comments, shares, saves, clicks, views, reach, impressions, engagement_rate
) VALUES (
    :post_id, :user_id, :collected_at,
    :likes, :comments, :shares, :saves, :clicks, :views, :reach, :impressions, :engagement_rate
)
ON CONFLICT (post_id, collected_at) DO NOTHING
"""

_RECENT_POSTS = """
SELECT likes, comments, shares, saves, clicks, views, reach, impressions
FROM retail_b2c.analytics_posts
WHERE connection_id = :connection_id AND posted_at > :since AND collected_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class StoredEngagement:
    """What a post's new numbers are told with: their revision, and the trace that the post came with."""

    revision: int
    traceparent: str | None


async def store_snapshot(
    session: WriteSession,
    connection_id: UUID,
    standing: Standing,
    *,
    user_id: UUID,
    platform: str,
    rate: Decimal | None,
    collected_at: datetime,
) -> int:
    """Makes this the connection's latest snapshot and adds it to the history; the measurement's revision."""
    counts = asdict(standing)
    key = {"connection_id": connection_id, "user_id": user_id, "collected_at": collected_at}
    values = (
        key
        | {"platform": platform, "engagement_rate": clamp_rate(rate), "true_engagement_rate": rate}
        | {name: clamp_count(count) for name, count in counts.items()}
        | {f"true_{name}": count for name, count in counts.items()}
    )
    revision = await session.scalar(_STORE_SNAPSHOT, values)
    await session.execute(_ADD_ACCOUNT_HISTORY, key | counts | {"engagement_rate": rate})
    return int(str(revision))


async def store_rate(session: WriteSession, connection_id: UUID, *, rate: Decimal | None) -> None:
    """The account's rate after its posts moved; the rest of its snapshot stays as it was collected."""
    values = {"connection_id": connection_id, "engagement_rate": clamp_rate(rate), "true_engagement_rate": rate}
    await session.execute(_STORE_RATE, values)


async def store_engagement(
    session: WriteSession,
    post_id: UUID,
    engagement: Engagement,
    *,
    user_id: UUID,
    rate: Decimal | None,
    collected_at: datetime,
) -> StoredEngagement | None:
    """Makes this the post's latest numbers and adds it to the history; None where the post is no longer there."""
    values = asdict(engagement) | {
        "post_id": post_id,
        "engagement_rate": rate,
        "collected_at": collected_at,
    }
    row = await session.one_or_none(_STORE_POST, values)
    if row is None:
        return None
    await session.execute(_ADD_POST_HISTORY, values | {"user_id": user_id})
    return StoredEngagement(row["measured_revision"], row["traceparent"])


async def recent_engagements(session: ReadSession, connection_id: UUID, *, since: datetime) -> list[Engagement]:
    """The latest numbers of the connection's posts that went live after that moment."""
    rows = await session.all(_RECENT_POSTS, {"connection_id": connection_id, "since": since})
    return [Engagement(**row) for row in rows]


async def keep_raw(
    session: WriteSession,
    connection_id: UUID,
    answers: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    user_id: UUID,
    platform: str,
    collected_at: datetime,
    keep_for: timedelta,
    now: datetime,
    hidden: Collection[str] = (),
) -> None:
    """Keeps answers as the platform gave them, until its terms say they must go (real time).

    Where an answer repeats one of the `hidden` texts (Meta's links to further pages carry the token), a blank stands.
    """
    if not answers:
        return
    rows = [
        {
            "connection_id": connection_id,
            "user_id": user_id,
            "platform": platform,
            "operation": operation[:100],
            "body": _storable(body, hidden),
            "collected_at": collected_at,
            "keep_until": now + keep_for,
        }
        for operation, body in answers
    ]
    await session.execute(insert(raw_answers).values(rows))


def _storable(value: Any, hidden: Collection[str]) -> Any:
    """The same JSON without the hidden texts, and without NUL characters, which JSONB cannot hold."""
    match value:
        case str():
            text = value.replace("\x00", "")
            for secret in hidden:
                text = text.replace(secret, _BLANK)
            return text
        case Mapping():
            return {_storable(str(key), hidden): _storable(item, hidden) for key, item in value.items()}
        case list() | tuple():
            return [_storable(item, hidden) for item in value]
        case _:
            return value
