"""The one way in which services consume."""

from dataclasses import dataclass

from social_common.kafka.broker import ServiceBroker
from social_common.kafka.pipeline import DEFAULT_RETRY, Handler, RecordPipeline, RetryPolicy
from social_common.kafka.topics import TopicSpec, dead_letter_spec


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service consumes: a topic, the name of the consumer, and what it does with an event.

    The handler opens its own transaction under `event.user_id`, asks `inbox.first_time` first, and returns when it
    is done. It raises `RecordError` where the record itself is wrong, `InfrastructureDown` where something it needs is.
    """

    topic: str
    consumer: str
    handler: Handler

    def dead_letters(self) -> TopicSpec:
        """The topic for what this consumer cannot handle."""
        return dead_letter_spec(self.topic, self.consumer)


def group_id(service: str, consumer: str, topic: str) -> str:
    """The consumer group: one per subscription.

    Members of one group that read different topics would rebalance each other for nothing, and the embedded broker
    never comes to rest with them.
    """
    return f"{service}.{consumer}.{topic}"


def subscribe(
    broker: ServiceBroker, topic: str, *, consumer: str, handler: Handler, retry: RetryPolicy = DEFAULT_RETRY
) -> RecordPipeline:
    """Have a handler called with each event of a topic, at least once, in the order of its partition."""
    pipeline = RecordPipeline(
        handler, topic=topic, consumer=consumer, park=broker.park, draining=broker.draining, retry=retry
    )

    async def consume(record: object) -> None:
        await pipeline(record)  # type: ignore[arg-type]  # FastStream types what the decoder returns as Any

    subscriber = broker.subscriber(
        topic,
        group_id=group_id(broker.settings.service, consumer, topic),
        auto_offset_reset="earliest",
        no_reply=True,
        # A record may be larger than a topic allows today; it is fetched, and parked or handled, all the same.
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    subscriber(consume)
    broker.pipelines.append(pipeline)
    return pipeline
