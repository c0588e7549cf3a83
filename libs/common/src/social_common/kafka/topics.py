"""Topics as declared resources: names, sizes and retention in one place, created where a deployment asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from social_common.kafka_access import Brokers, client_options

RETENTION: Final = timedelta(days=30)
LARGEST_RECORD: Final = 1024 * 1024
LARGEST_DEAD_LETTER: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic; its partition count is chosen once, for more would scatter the keys anew."""

    name: str
    partitions: int = 6
    retention: timedelta = RETENTION
    largest_record: int = LARGEST_RECORD
    replication: int = 1
    min_insync_replicas: int = 1

    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka spells them."""
        settings = {
            "retention.ms": str(int(self.retention.total_seconds() * 1000)),
            "max.message.bytes": str(self.largest_record),
            "cleanup.policy": "delete",
        }
        # Where one copy is enough, the brokers' own default stands.
        return settings | ({"min.insync.replicas": str(self.min_insync_replicas)} if self.replication > 1 else {})


def dead_letter_topic(topic: str, consumer: str) -> str:
    """Where one consumer's dead letters of a topic go."""
    return f"{topic}.{consumer}.dlt"


def dead_letter_spec(topic: str, consumer: str) -> TopicSpec:
    """That topic: twice the size, so that parking always fits."""
    return TopicSpec(dead_letter_topic(topic, consumer), partitions=1, largest_record=LARGEST_DEAD_LETTER)


async def declare_topics(brokers: Brokers, topics: Sequence[TopicSpec]) -> None:
    """Create the topics that do not exist; those that do are left as they are."""
    admin = AIOKafkaAdminClient(**client_options(brokers), request_timeout_ms=10_000)
    await admin.start()
    try:
        answer = await admin.create_topics(
            [
                NewTopic(
                    name=topic.name,
                    num_partitions=topic.partitions,
                    replication_factor=topic.replication,
                    topic_configs=topic.config(),
                )
                for topic in topics
            ]
        )
        for name, code, *_ in answer.topic_errors:
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise for_code(code)(f"topic {name} could not be declared")
    finally:
        await admin.close()
