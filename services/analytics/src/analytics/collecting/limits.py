"""What holds reads back, for all replicas at once: waits that platforms asked for, and shares of their budgets.

Both are system tables without merchants' rows, reached through functions only. Their times are real time.
"""

from datetime import datetime, timedelta
from uuid import UUID

from analytics.collecting.domain import Operation, Scope
from social_common.db import ReadSession, WriteSession

NOBODY = UUID(int=0)

_HOLDS = """
SELECT hold.operation, max(hold.held_until) AS held_until
FROM retail_b2c.analytics_connections AS c
CROSS JOIN LATERAL retail_b2c.analytics_holds_on(c.platform, c.grant_id, c.connection_id) AS hold
WHERE c.connection_id = :connection_id
GROUP BY hold.operation
"""

_HOLD = "SELECT retail_b2c.analytics_hold(:platform, :scope, :scope_id, :operation, :wait, :reason)"

_SPEND = "SELECT retail_b2c.analytics_spend(:platform, :scope_id, :endpoint, :calls, :count, :period)"


async def find_holds(session: ReadSession, connection_id: UUID) -> dict[Operation, datetime]:
    """Until when each operation is held for that connection, by its app, its grant or itself."""
    rows = await session.all(_HOLDS, {"connection_id": connection_id})
    return {Operation(row["operation"]): row["held_until"] for row in rows}


async def hold(
    session: WriteSession,
    platform: str,
    *,
    scope: Scope,
    scope_id: UUID,
    operation: Operation,
    wait: timedelta,
    reason: str,
) -> None:
    """Stops an operation for all replicas for that long, in real time; a longer hold stays."""
    values = {
        "platform": platform,
        "scope": scope.value,
        "scope_id": scope_id,
        "operation": operation.value,
        "wait": wait,
        "reason": reason[:50],
    }
    await session.execute(_HOLD, values)


async def spend(
    session: WriteSession,
    platform: str,
    *,
    scope_id: UUID,
    endpoint: str,
    calls: int,
    count: float,
    period: timedelta,
) -> timedelta:
    """Takes calls out of our share of a budget; nothing where there were enough, else how long until there are."""
    values = {
        "platform": platform,
        "scope_id": scope_id,
        "endpoint": endpoint,
        "calls": calls,
        "count": count,
        "period": period,
    }
    wait = await session.scalar(_SPEND, values)
    return wait if isinstance(wait, timedelta) else timedelta(0)
