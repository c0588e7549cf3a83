"""The AsyncAPI document: every topic with its Kafka bindings, and every event with its CloudEvents headers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from social_common.events import SCHEMA_PREFIX, SOURCE_PREFIX, event_type
from social_common.kafka.consumer import group_id
from social_common.kafka.declared import DeclaredTopic
from social_common.kafka.topics import TopicSpec
from social_stack.contracts.narrowing import Json

# The number of the Kafka bindings' own specification.
_BINDING: Final = {"bindingVersion": "0.5.0"}
_DESCRIPTION: Final = (
    "Facts about merchants' accounts and posts. Delivery is at least once; deduplicate on source and id. Order is "
    "promised per aggregate on its topic; across topics apply an event only if its revision is newer. Within `v1` "
    "fields are only ever added. What else is promised: docs/consuming-events.md."
)


def asyncapi_document(
    schemas: Mapping[str, Json], *, topics: Sequence[DeclaredTopic], golden: Mapping[str, Json]
) -> Json:
    """The document: `schemas` has the data's schema per topic, and `golden` a record per topic as its example."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Social Connections",
            "version": "1.0.0",
            "description": _DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The installation's brokers; the operators give out the address and the credentials.",
                "variables": {"bootstrap": {"default": "localhost:8121", "description": "Of `make run`."}},
            }
        },
        "channels": {topic.spec.name: _channel(topic.spec, schemas[topic.spec.name]["title"]) for topic in topics},
        "operations": dict(_operations(topics, schemas)),
        "components": {
            "messages": {
                schemas[name]["title"]: _message(name, schemas[name], sender=topic.sent_by, record=golden[name])
                for topic in topics
                for name in (topic.spec.name,)
            }
        },
    }


def _channel(spec: TopicSpec, message: str) -> Json:
    kafka = {
        "topic": spec.name,
        "partitions": spec.partitions,
        "replicas": spec.replication,
        "topicConfiguration": {
            "cleanup.policy": ["delete"],
            "retention.ms": int(spec.retention.total_seconds() * 1000),
            "max.message.bytes": spec.largest_record,
        },
        **_BINDING,
    }
    return {
        "address": spec.name,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": kafka},
    }


def _operations(topics: Sequence[DeclaredTopic], schemas: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for topic in topics:
        name, sender = topic.spec.name, topic.sent_by
        channel = {"$ref": f"#/channels/{name}"}
        yield (
            f"{sender.replace('-', '_')}.{name}",
            {
                "action": "send",
                "channel": channel,
                "summary": f"{sender} tells it.",
                "description": schemas[name]["description"],
            },
        )
        for service, consumer in topic.read_by.items():
            group = group_id(service, consumer, name)
            kafka = {"groupId": {"type": "string", "enum": [group]}, **_BINDING}
            yield (
                f"{group}.read",
                {
                    "action": "receive",
                    "channel": channel,
                    "summary": f"{service} reads it.",
                    "bindings": {"kafka": kafka},
                },
            )


def _message(topic: str, schema: Json, *, sender: str, record: Json) -> Json:
    key = {"type": "string", "format": "uuid", "description": "The merchant's user_id."}
    return {
        "name": event_type(topic),
        "title": schema["title"],
        "summary": schema["description"],
        "contentType": "application/json",
        "headers": _headers(topic, sender=sender),
        "payload": {"$ref": f"./schemas/{topic}.v1.json"},
        "bindings": {"kafka": {"key": key, **_BINDING}},
        "examples": [{"name": "golden", "headers": record["headers"], "payload": record["value"]}],
    }


def _headers(topic: str, *, sender: str) -> Json:
    fixed = {
        "ce_specversion": "1.0",
        "ce_source": f"{SOURCE_PREFIX}/{sender}",
        "ce_type": event_type(topic),
        "ce_dataschema": f"{SCHEMA_PREFIX}/{topic}.v1.json",
        "content-type": "application/json",
    }
    properties: Json = {name: {"type": "string", "const": value} for name, value in fixed.items()}
    properties["ce_dataschema"]["format"] = "uri"
    properties |= {
        "ce_id": {"type": "string", "format": "uuid", "description": "The same on every redelivery."},
        "ce_subject": {"type": "string", "format": "uuid", "description": "The id of the connection or post."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
        "traceparent": {"type": "string", "description": "W3C trace context, where the change was traced."},
    }
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in Kafka's binary mode.",
        "required": [name for name in properties if name != "traceparent"],
        "properties": properties,
    }
