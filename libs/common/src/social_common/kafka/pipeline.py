"""What happens to one record: read, handled, tried again a little, parked — or waited for, never skipped.

`RecordPipeline` decides; FastStream only brings the record and commits the offset when the pipeline returns. When it
cannot return (the infrastructure is down, or parking failed) it pauses and nacks, and the record comes again.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from faststream.exceptions import NackMessage

from social_common.events import CloudEvent, MalformedEvent, RawRecord
from social_common.kafka.dead_letters import Failure
from social_common.kafka.errors import RecordError, Verdict, describe, judge
from social_common.kafka.records import read_event
from social_common.logging import bind_log_context, clear_log_context, get_logger
from social_common.loops import backoff, wait_for
from social_common.metrics import counter

Handler = Callable[[CloudEvent], Awaitable[None]]
Park = Callable[[RawRecord, Failure], Awaitable[None]]

_log = get_logger()
_pauses = counter("social_consumer_pauses_total", "Pauses of a consumer whose infrastructure is down", ("consumer",))
_let_go = counter("social_consumer_let_go_total", "Records of users that are gone", ("consumer",))
_retries = counter("social_consumer_retries_total", "Further tries of a record", ("consumer",))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a record is tried, and how long between: all of it far below the group's poll interval."""

    tries: int = 4
    first_pause: timedelta = timedelta(milliseconds=200)
    factor: float = 4.0
    longest_wait: timedelta = timedelta(seconds=30)

    def pause(self, attempt: int) -> float:
        """Seconds after so many tries, with jitter of half of it either way."""
        return self.first_pause.total_seconds() * self.factor ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311


DEFAULT_RETRY: Final = RetryPolicy()


class RecordPipeline:
    """One consumer of one topic."""

    def __init__(
        self,
        handler: Handler,
        *,
        topic: str,
        consumer: str,
        park: Park,
        draining: asyncio.Event,
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        self.handler = handler
        self.topic = topic
        self.consumer = consumer
        self._park = park
        self._draining = draining
        self._retry = retry
        # The record that is waited for, with its first failure and how often it was brought again.
        self._waiting: tuple[int, int] | None = None
        self._first_failure: datetime | None = None
        self._waits = 0

    async def __call__(self, record: RawRecord) -> None:
        """Handle a record: returns when it is done or parked, raises NackMessage when it must come again."""
        if self._waiting != (record.partition, record.offset):
            self._waiting, self._first_failure, self._waits = None, None, 0
        bind_log_context(topic=record.topic, partition=record.partition, offset=record.offset, consumer=self.consumer)
        try:
            await self._handle(record)
        finally:
            clear_log_context()

    async def _handle(self, record: RawRecord) -> None:
        try:
            event = read_event(record, topic=self.topic)
        except (MalformedEvent, RecordError) as exc:
            await self._put_away(record, exc, attempts=1)
            return
        bind_log_context(event_id=event.id, traceparent=event.traceparent)
        for attempt in range(1, self._retry.tries + 1):
            try:
                await self.handler(event)
            except Exception as exc:  # every error has a verdict; none may end the consumer
                self._first_failure = self._first_failure or datetime.now(UTC)
                match judge(exc):
                    case Verdict.LET_GO:
                        _let_go.labels(self.consumer).inc()
                        _log.info("record_of_a_gone_user")
                        return
                    case Verdict.WAIT:
                        await self._come_again(record, exc)
                    case Verdict.RETRY if attempt < self._retry.tries:
                        _retries.labels(self.consumer).inc()
                        _log.warning("record_failed", cause=describe(exc), attempt=attempt, exc_info=exc)
                        if await wait_for(self._draining, seconds=self._retry.pause(attempt)):
                            raise NackMessage from exc
                    case _:
                        await self._put_away(record, exc, attempts=attempt)
                        return
            else:
                return

    async def _put_away(self, record: RawRecord, exc: Exception, *, attempts: int) -> None:
        failure = Failure(
            cause=describe(exc),
            consumer=self.consumer,
            attempts=attempts,
            first_failure=self._first_failure or datetime.now(UTC),
        )
        try:
            await self._park(record, failure)
        except Exception as parking:  # noqa: BLE001 - whatever stops the parking, the record must come again
            self._first_failure = failure.first_failure
            await self._come_again(record, parking)

    async def _come_again(self, record: RawRecord, exc: Exception) -> None:
        """Pause, then nack. Back at the broker in between, so that a long outage never looks like a dead consumer."""
        self._waiting = (record.partition, record.offset)
        self._waits += 1
        _pauses.labels(self.consumer).inc()
        _log.warning("consumer_waits", cause=describe(exc), waits=self._waits)
        await wait_for(self._draining, seconds=backoff(self._waits, longest=self._retry.longest_wait))
        raise NackMessage from exc
