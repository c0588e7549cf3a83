"""The consumers of `connection.*` and `post.*`: inbox, projection and schedule in one transaction per record."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from analytics.collecting.domain import Schedules
from analytics.projections import service
from analytics.projections.schemas import (
    ConnectionLinked,
    ConnectionUnlinked,
    PostFailed,
    PostPublished,
    PostScheduled,
    Told,
)
from social_common.db import Database, WriteSession
from social_common.events import CloudEvent
from social_common.inbox import first_time
from social_common.kafka.consumer import Subscription
from social_common.kafka.errors import RecordError
from social_common.kafka.pipeline import Handler

# Named after us: a dead letter topic is called by topic and consumer alone.
CONNECTIONS: Final = "analytics-connections"
POSTS: Final = "analytics-posts"


R = TypeVar("R", bound=Told)


def subscriptions(database: Database, schedules: Schedules) -> tuple[Subscription, ...]:
    """Everything analytics consumes."""

    async def published(session: WriteSession, told: PostPublished) -> None:
        await service.apply_published(session, told, schedules=schedules)

    def of(
        topic: str, consumer: str, reader: type[R], apply: Callable[[WriteSession, R], Awaitable[None]]
    ) -> Subscription:
        return Subscription(topic, consumer, _handler(database, consumer, reader, apply))

    return (
        of("connection.linked", CONNECTIONS, ConnectionLinked, service.apply_linked),
        of("connection.updated", CONNECTIONS, ConnectionLinked, service.apply_linked),
        of("connection.unlinked", CONNECTIONS, ConnectionUnlinked, service.apply_unlinked),
        of("post.scheduled", POSTS, PostScheduled, service.apply_scheduled),
        of("post.published", POSTS, PostPublished, published),
        of("post.failed", POSTS, PostFailed, service.apply_failed),
    )


def _handler(
    database: Database, consumer: str, reader: type[R], apply: Callable[[WriteSession, R], Awaitable[None]]
) -> Handler:
    async def handle(event: CloudEvent) -> None:
        told = reader.model_validate(event.data)
        if told.user_id != event.user_id:
            # The key chose whose claims are set; data of another merchant under them would be refused half way.
            raise RecordError("the record's key and its user_id name different merchants")
        async with database.write(event.user_id) as session:
            if await first_time(session, consumer=consumer, event=event):
                await apply(session, told)

    return handle
