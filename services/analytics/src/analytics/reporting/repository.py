"""Reads for the API. Row security decides whose rows there are; every list is bounded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from analytics.reporting.domain import Granularity, Period, Sort
from analytics.tables import ENGAGEMENT
from social_common.db import ReadSession

Row = dict[str, Any]

_NUMBERS: Final = ", ".join(ENGAGEMENT)

_ACCOUNTS: Final = """
SELECT c.connection_id, c.platform, c.platform_username, c.kind,
    c.is_collected AND c.pause IS NULL AS is_collected,
    coalesce(c.pause, c.down_reason, CASE WHEN NOT c.is_collected THEN 'not_granted' END) AS not_collected_because,
    s.true_followers AS followers, s.true_following AS following, s.true_posts AS posts,
    s.true_reach AS reach, s.true_impressions AS impressions,
    round(s.true_engagement_rate, 2) AS engagement_rate, s.collected_at
FROM retail_b2c.analytics_connections AS c
LEFT JOIN retail_b2c.social_analytics AS s ON s.connection_id = c.connection_id
WHERE (c.revision > 0 OR s.collected_at IS NOT NULL)
"""

_ALL_ACCOUNTS: Final = f"{_ACCOUNTS} ORDER BY c.platform, c.created_at, c.connection_id LIMIT :at_most"
_ONE_ACCOUNT: Final = f"{_ACCOUNTS} AND c.connection_id = :connection_id"

# The same sums as measuring's rate of several posts: a post without interactions or audience is in neither.
_TOTALS: Final = """
WITH measured AS (
    SELECT p.*, coalesce(p.reach, p.impressions) AS audience,
        CASE WHEN coalesce(p.likes, p.comments, p.shares, p.saves) IS NOT NULL
            THEN coalesce(p.likes, 0)::numeric + coalesce(p.comments, 0) + coalesce(p.shares, 0) + coalesce(p.saves, 0)
        END AS interactions
    FROM retail_b2c.analytics_posts AS p
    WHERE p.status = 'published' AND p.posted_at >= :start AND p.posted_at < :end
)
SELECT count(*) AS posts, sum(likes) AS likes, sum(comments) AS comments, sum(shares) AS shares, sum(saves) AS saves,
    sum(clicks) AS clicks, sum(views) AS views, sum(reach) AS reach, sum(impressions) AS impressions,
    round(100 * sum(interactions) FILTER (WHERE audience IS NOT NULL)
        / nullif(sum(audience) FILTER (WHERE interactions IS NOT NULL), 0), 2) AS engagement_rate,
    count(collected_at) AS measured
FROM measured
"""

_FOLLOWERS: Final = """
SELECT sum(last.followers) AS followers,
    sum(last.followers - first.followers) FILTER (WHERE last.collected_at >= :start) AS followers_gained,
    count(*) FILTER (WHERE last.collected_at >= :start) AS measured
FROM retail_b2c.analytics_connections AS c
LEFT JOIN LATERAL (
    SELECT h.followers, h.collected_at FROM retail_b2c.analytics_account_history AS h
    WHERE h.connection_id = c.connection_id AND h.collected_at < :end AND h.followers IS NOT NULL
    ORDER BY h.collected_at DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
    SELECT h.followers FROM retail_b2c.analytics_account_history AS h
    WHERE h.connection_id = c.connection_id AND h.collected_at < :start AND h.followers IS NOT NULL
    ORDER BY h.collected_at DESC LIMIT 1
) AS first ON true
"""

_SERIES: Final = """
SELECT DISTINCT ON (at) date_trunc(:granularity, collected_at, 'UTC') AS at, collected_at,
    followers, following, posts, reach, impressions, round(engagement_rate, 2) AS engagement_rate
FROM retail_b2c.analytics_account_history
WHERE connection_id = :connection_id AND collected_at >= :start AND collected_at < :end
ORDER BY at, collected_at DESC
"""

_LAST_SNAPSHOT: Final = """
SELECT collected_at, followers, following, posts, reach, impressions, round(engagement_rate, 2) AS engagement_rate
FROM retail_b2c.analytics_account_history
WHERE connection_id = :connection_id AND collected_at < :moment
ORDER BY collected_at DESC LIMIT 1
"""

_POST_COLUMNS: Final = f"""
p.post_id, p.campaign_id, p.connection_id, p.platform, p.kind, p.product_id, p.platform_post_id, p.permalink,
p.posted_at, p.may_be_duplicate, {", ".join(f"p.{name}" for name in ENGAGEMENT)},
round(p.engagement_rate, 2) AS engagement_rate, p.collected_at, p.due_at IS NOT NULL AS is_collected, p.gone_at
"""

_PUBLISHED: Final = "retail_b2c.analytics_posts AS p WHERE p.status = 'published' AND p.posted_at IS NOT NULL"

_ONE_POST: Final = f"SELECT {_POST_COLUMNS} FROM {_PUBLISHED} AND p.post_id = :post_id"

_POST_HISTORY: Final = f"""
SELECT collected_at, {_NUMBERS}, round(engagement_rate, 2) AS engagement_rate
FROM retail_b2c.analytics_post_history
WHERE post_id = :post_id AND collected_at >= :start AND collected_at < :end
ORDER BY collected_at DESC LIMIT :at_most
"""


@dataclass(frozen=True, slots=True)
class PageAfter:
    """The last post of the page before: its sort value, None where it has none, and its id."""

    value: Any
    post_id: UUID


async def product_now(session: ReadSession) -> datetime:
    """The product's time."""
    now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
    return now


async def find_accounts(session: ReadSession, *, at_most: int) -> list[Row]:
    """The merchant's connections with their latest snapshots."""
    return [dict(row) for row in await session.all(_ALL_ACCOUNTS, {"at_most": at_most})]


async def find_account(session: ReadSession, connection_id: UUID) -> Row | None:
    """One connection with its latest snapshot; None where it is not the merchant's."""
    return _row(await session.one_or_none(_ONE_ACCOUNT, {"connection_id": connection_id}))


async def sum_posts(session: ReadSession, period: Period) -> Row:
    """The merchant's posts of a period, taken together."""
    return dict(await session.one(_TOTALS, {"start": period.start, "end": period.end}))


async def sum_followers(session: ReadSession, period: Period) -> Row:
    """Followers at the end of the period, and gained by accounts measured before it and in it."""
    return dict(await session.one(_FOLLOWERS, {"start": period.start, "end": period.end}))


async def find_series(
    session: ReadSession, connection_id: UUID, *, period: Period, granularity: Granularity
) -> list[Row]:
    """The last snapshot of each step of the period."""
    values = {
        "connection_id": connection_id,
        "start": period.start,
        "end": period.end,
        "granularity": granularity.value,
    }
    return [dict(row) for row in await session.all(_SERIES, values)]


async def last_snapshot(session: ReadSession, connection_id: UUID, *, before: datetime) -> Row | None:
    """The last snapshot of the connection before that moment."""
    return _row(await session.one_or_none(_LAST_SNAPSHOT, {"connection_id": connection_id, "moment": before}))


async def find_posts(
    session: ReadSession,
    period: Period,
    *,
    sort: Sort,
    after: PageAfter | None,
    at_most: int,
    platform: str | None,
    connection_id: UUID | None,
) -> list[Row]:
    """A page of the merchant's posts of a period, those without the sorted number last."""
    values: dict[str, Any] = {"start": period.start, "end": period.end, "at_most": at_most}
    clauses = ["p.posted_at >= :start", "p.posted_at < :end"]
    if platform is not None:
        clauses.append("p.platform = :platform")
        values["platform"] = platform
    if connection_id is not None:
        clauses.append("p.connection_id = :connection_id")
        values["connection_id"] = connection_id
    key, direction, beyond = f"p.{sort.key.value}", *(("DESC", "<") if sort.descending else ("ASC", ">"))
    if after is not None and after.value is None:
        clauses.append(f"({key} IS NULL AND p.post_id {beyond} :after_id)")
        values["after_id"] = after.post_id
    elif after is not None:
        clauses.append(f"({key} IS NULL OR ({key}, p.post_id) {beyond} (:after, :after_id))")
        values |= {"after": after.value, "after_id": after.post_id}
    query = (
        f"SELECT {_POST_COLUMNS}, {key} AS sort_value FROM {_PUBLISHED} AND {' AND '.join(clauses)} "
        f"ORDER BY {key} {direction} NULLS LAST, p.post_id {direction} LIMIT :at_most"
    )
    return [dict(row) for row in await session.all(query, values)]


async def find_post(session: ReadSession, post_id: UUID) -> Row | None:
    """One published post; None where it is not the merchant's."""
    return _row(await session.one_or_none(_ONE_POST, {"post_id": post_id}))


async def find_post_history(session: ReadSession, post_id: UUID, *, period: Period, at_most: int) -> list[Row]:
    """The measurements of a post in a period, newest first."""
    values = {"post_id": post_id, "start": period.start, "end": period.end, "at_most": at_most}
    return [dict(row) for row in await session.all(_POST_HISTORY, values)]


def _row(found: RowMapping | None) -> Row | None:
    return None if found is None else dict(found)
