"""Connections and posts in and out of the database, always behind the revision rule."""

from dataclasses import asdict
from uuid import UUID

from analytics.projections.domain import KnownConnection, KnownPost
from social_common.db import WriteSession
from social_common.telemetry import current_traceparent

# A connection that a post names before its own event came: `unknown`, so that asking auth-linker decides.
_ENSURE_CONNECTION = """
INSERT INTO retail_b2c.analytics_connections (connection_id, user_id, platform, state, is_collected)
VALUES (:connection_id, :user_id, :platform, 'unknown', true)
ON CONFLICT (connection_id) DO NOTHING
"""

_LOCK_CONNECTION = """
SELECT connection_id FROM retail_b2c.analytics_connections WHERE connection_id = :connection_id FOR UPDATE
"""

# An account that comes (back) into use is read at once; a pause and old failures end with any newer event.
_APPLY_CONNECTION = """
UPDATE retail_b2c.analytics_connections SET
    revision = :revision, state = :state, is_collected = :is_collected, down_reason = :down_reason,
    grant_id = coalesce(:grant_id, grant_id), platform_id = coalesce(:platform_id, platform_id),
    kind = coalesce(:kind, kind), platform_username = coalesce(:platform_username, platform_username),
    capabilities = :capabilities, pause = NULL,
    account_due_at = CASE
        WHEN account_due_at IS NULL OR state <> 'usable' OR NOT is_collected THEN retail_b2c.social_now()
        ELSE account_due_at
    END,
    account_retry_at = NULL, account_failures = 0, account_error = NULL, updated_at = now()
WHERE connection_id = :connection_id AND revision < :revision
"""

_FORGET_POST_FAILURES = """
UPDATE retail_b2c.analytics_posts SET retry_at = NULL, failures = 0, error = NULL
WHERE connection_id = :connection_id AND retry_at IS NOT NULL
"""

_APPLY_POST = """
INSERT INTO retail_b2c.analytics_posts AS p (
    post_id, connection_id, user_id, campaign_id, platform, kind, product_id, status, revision,
    scheduled_at, posted_at, platform_post_id, permalink, may_be_duplicate, traceparent
) VALUES (
    :post_id, :connection_id, :user_id, :campaign_id, :platform, :kind, :product_id, :status, :revision,
    :scheduled_at, :posted_at, :platform_post_id, :permalink, :may_be_duplicate, :traceparent
)
ON CONFLICT (post_id) DO UPDATE SET
    campaign_id = coalesce(excluded.campaign_id, p.campaign_id),
    kind = coalesce(excluded.kind, p.kind),
    product_id = coalesce(excluded.product_id, p.product_id),
    status = excluded.status,
    revision = excluded.revision,
    scheduled_at = coalesce(excluded.scheduled_at, p.scheduled_at),
    posted_at = excluded.posted_at,
    platform_post_id = excluded.platform_post_id,
    permalink = excluded.permalink,
    may_be_duplicate = excluded.may_be_duplicate,
    traceparent = excluded.traceparent,
    updated_at = now()
WHERE p.revision < excluded.revision
"""

_ERASE_CONNECTION = "DELETE FROM retail_b2c.analytics_connections WHERE connection_id = :connection_id"

_REMEMBER_ERASURE = """
INSERT INTO retail_b2c.analytics_erasures (connection_id, user_id) VALUES (:connection_id, :user_id)
ON CONFLICT (connection_id) DO NOTHING
"""

_ERASE_MERCHANT = """
WITH ended AS (
    INSERT INTO retail_b2c.analytics_erasures (connection_id, user_id)
    SELECT connection_id, user_id FROM retail_b2c.analytics_connections WHERE user_id = :user_id
    ON CONFLICT (connection_id) DO NOTHING
)
DELETE FROM retail_b2c.analytics_connections WHERE user_id = :user_id
"""

_HAS_CONNECTIONS = """
SELECT EXISTS (SELECT FROM retail_b2c.analytics_connections WHERE user_id = :user_id)
"""

_FORGET_EVENTS = "SELECT retail_b2c.analytics_outbox_forget(:user_id)"

_WAS_ERASED = """
SELECT EXISTS (SELECT FROM retail_b2c.analytics_erasures WHERE connection_id = :connection_id)
"""


async def lock_connection(session: WriteSession, connection_id: UUID, *, user_id: UUID, platform: str) -> bool:
    """Locks the connection's row, made as unknown when it is new; False where the connection ended for good.

    Whatever changes what is due takes this lock first, so that schedules are computed one after the other. The end
    is looked up under the lock: an erasure that was under way has committed by then.
    """
    values = {"connection_id": connection_id, "user_id": user_id, "platform": platform}
    await session.execute(_ENSURE_CONNECTION, values)
    await session.one(_LOCK_CONNECTION, {"connection_id": connection_id})
    if not await session.scalar(_WAS_ERASED, {"connection_id": connection_id}):
        return True
    await session.execute(_ERASE_CONNECTION, {"connection_id": connection_id})
    return False


async def apply_connection(session: WriteSession, connection: KnownConnection) -> bool:
    """Takes over a locked connection's newer state; False where what is known is as new."""
    values = asdict(connection) | {
        "capabilities": list(connection.capabilities),
        "is_collected": connection.is_collected(),
    }
    del values["user_id"], values["platform"]
    result = await session.execute(_APPLY_CONNECTION, values)
    if result.rowcount == 0:
        return False
    await session.execute(_FORGET_POST_FAILURES, {"connection_id": connection.connection_id})
    return True


async def apply_post(session: WriteSession, post: KnownPost) -> bool:
    """Takes over a post's newer state; False where what is known is as new."""
    result = await session.execute(_APPLY_POST, asdict(post) | {"traceparent": current_traceparent()})
    return result.rowcount > 0


async def erase_connection(session: WriteSession, connection_id: UUID, *, user_id: UUID) -> None:
    """Deletes the connection with its posts, numbers, history and raw answers, and remembers that it ended."""
    values = {"connection_id": connection_id, "user_id": user_id}
    await session.execute(_REMEMBER_ERASURE, values)
    await session.execute(_ERASE_CONNECTION, {"connection_id": connection_id})


async def erase_merchant(session: WriteSession, user_id: UUID) -> int:
    """Deletes everything of the merchant, sent events included; how many connections that were."""
    result = await session.execute(_ERASE_MERCHANT, {"user_id": user_id})
    await session.execute(_FORGET_EVENTS, {"user_id": user_id})
    return result.rowcount


async def forget_events_of_nobody(session: WriteSession, user_id: UUID) -> None:
    """Deletes the merchant's sent events once no connection of theirs is left to replay them for."""
    if not await session.scalar(_HAS_CONNECTIONS, {"user_id": user_id}):
        await session.execute(_FORGET_EVENTS, {"user_id": user_id})
