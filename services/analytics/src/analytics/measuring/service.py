"""What a collection becomes: rates, a snapshot, history and events, all in the collection's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, quote_plus
from uuid import UUID

from analytics.events import ACCOUNT_MEASURED, POST_MEASURED, AccountMeasured, Metrics, PostMeasured
from analytics.measuring import repository
from analytics.measuring.domain import (
    Engagement,
    Standing,
    count_or_none,
    engagement_rate,
    engagement_rate_together,
    round_rate,
)
from social_common.db import WriteSession
from social_common.events import event
from social_common.secrets import Secret
from social_common.telemetry import span
from social_platforms._core import AccountMetrics, PostMetrics, RawAnswer

SERVICE: Final = "analytics"
RATE_WINDOW: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Measured:
    """Whose numbers were collected, and when in product time."""

    connection_id: UUID
    user_id: UUID
    platform: str
    collected_at: datetime


async def record_account(session: WriteSession, of: Measured, metrics: AccountMetrics) -> bool:
    """Stores a snapshot and says so; False where the platform reported nothing, which is no measurement."""
    standing = Standing(**{item.name: count_or_none(getattr(metrics, item.name)) for item in fields(Standing)})
    if standing.is_empty():
        return False
    rate = await _account_rate(session, of)
    revision = await repository.store_snapshot(
        session,
        of.connection_id,
        standing,
        user_id=of.user_id,
        platform=of.platform,
        rate=rate,
        collected_at=of.collected_at,
    )
    data = AccountMeasured(
        connection_id=of.connection_id,
        user_id=of.user_id,
        revision=revision,
        platform=of.platform,
        engagement_rate=None if rate is None else float(round_rate(rate)),
        collected_at=of.collected_at,
        **asdict(standing),
    )
    await _emit(session, of, ACCOUNT_MEASURED, subject=of.connection_id, data=data.model_dump(mode="json"))
    return True


async def record_posts(session: WriteSession, of: Measured, metrics: Mapping[UUID, PostMetrics]) -> frozenset[UUID]:
    """Stores posts' numbers and says so; the ids of those for which the platform reported anything."""
    stored = set()
    for post_id, numbers in sorted(metrics.items()):
        engagement = Engagement(
            **{item.name: count_or_none(getattr(numbers, item.name)) for item in fields(Engagement)}
        )
        if engagement.is_empty() or not await _record_post(session, of, post_id, engagement):
            continue
        stored.add(post_id)
    if stored:
        await repository.store_rate(session, of.connection_id, rate=await _account_rate(session, of))
    return frozenset(stored)


async def keep_raw(
    session: WriteSession,
    of: Measured,
    answers: Sequence[RawAnswer],
    *,
    keep_for: timedelta,
    now: datetime,
    secrets: Sequence[Secret],
) -> None:
    """Keeps what the platform answered for recomputing, until `keep_for` after `now` in real time.

    The secrets that the call was made with are blanked, also where they stand percent-encoded in a link.
    """
    plain = [secret.reveal() for secret in secrets]
    await repository.keep_raw(
        session,
        of.connection_id,
        [(answer.operation, answer.body) for answer in answers],
        user_id=of.user_id,
        platform=of.platform,
        collected_at=of.collected_at,
        keep_for=keep_for,
        now=now,
        hidden={text for secret in plain for text in (secret, quote(secret, safe=""), quote_plus(secret))},
    )


async def _record_post(session: WriteSession, of: Measured, post_id: UUID, engagement: Engagement) -> bool:
    stored = await repository.store_engagement(
        session,
        post_id,
        engagement,
        user_id=of.user_id,
        rate=engagement_rate(engagement),
        collected_at=of.collected_at,
    )
    if stored is None:
        return False
    data = PostMeasured(
        post_id=post_id,
        connection_id=of.connection_id,
        user_id=of.user_id,
        revision=stored.revision,
        platform=of.platform,
        metrics=Metrics(**asdict(engagement)),
        collected_at=of.collected_at,
    )
    with span("post.measure", traceparent=stored.traceparent, platform=of.platform):
        await _emit(session, of, POST_MEASURED, subject=post_id, data=data.model_dump(mode="json"))
    return True


async def _account_rate(session: WriteSession, of: Measured) -> Decimal | None:
    recent = await repository.recent_engagements(session, of.connection_id, since=of.collected_at - RATE_WINDOW)
    return engagement_rate_together(recent)


async def _emit(session: WriteSession, of: Measured, topic: str, *, subject: UUID, data: dict[str, Any]) -> None:
    await session.emit(
        event(
            topic,
            source_service=SERVICE,
            subject=str(subject),
            user_id=of.user_id,
            time=of.collected_at,
            data=data,
        )
    )
