"""How the topics of a cluster differ from what is declared, and bringing them there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.kafka_access import Brokers, client_options

MISSING: Final = "topic"
PARTITIONS: Final = "partitions"
REPLICATION: Final = "replication"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a topic that is not as declared; `found` is None where there is nothing."""

    topic: str
    what: str
    wanted: str
    found: str | None

    @property
    def is_mendable(self) -> bool:
        """Whether `apply_topics` mends it: partitions would scatter the keys, and copies are the brokers' to move."""
        return self.what not in {PARTITIONS, REPLICATION}


async def find_differences(brokers: Brokers, topics: Sequence[TopicSpec]) -> list[Difference]:
    """What differs, topic by topic; what is not declared is no difference."""
    admin = AIOKafkaAdminClient(**client_options(brokers), request_timeout_ms=10_000)
    try:
        await admin.start()
        names = set(await admin.list_topics())
        there = [topic for topic in topics if topic.name in names]
        shapes = {item["topic"]: item for item in await admin.describe_topics([t.name for t in there])} if there else {}
        settings = await _settings(admin, there) if there else {}
    finally:
        await admin.close()
    found = [Difference(topic.name, MISSING, "there", None) for topic in topics if topic.name not in names]
    for topic in there:
        found += _differences(topic, shapes[topic.name]["partitions"], settings[topic.name])
    return found


async def apply_topics(brokers: Brokers, topics: Sequence[TopicSpec]) -> None:
    """Create what is missing and give the rest its declared settings; partitions and copies stay as they are."""
    await declare_topics(brokers, topics)
    admin = AIOKafkaAdminClient(**client_options(brokers), request_timeout_ms=10_000)
    try:
        await admin.start()
        answers = await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.config()) for topic in topics]
        )
    finally:
        await admin.close()
    for answer in answers:
        for code, _, _, name in answer.resources:
            if code:
                raise for_code(code)(f"topic {name} could not be given its settings")


async def _settings(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec]) -> Mapping[str, Mapping[str, str]]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics])
    return {
        name: {str(entry[0]): str(entry[1]) for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


def _differences(topic: TopicSpec, partitions: Sequence[Any], settings: Mapping[str, str]) -> list[Difference]:
    found = []
    if len(partitions) != topic.partitions:
        found.append(Difference(topic.name, PARTITIONS, str(topic.partitions), str(len(partitions))))
    copies = min(len(one["replicas"]) for one in partitions)
    if copies < topic.replication:
        found.append(Difference(topic.name, REPLICATION, str(topic.replication), str(copies)))
    for name, wanted in topic.config().items():
        if settings.get(name) != wanted:
            found.append(Difference(topic.name, name, wanted, settings.get(name)))
    return found
