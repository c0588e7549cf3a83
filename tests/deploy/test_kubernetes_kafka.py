"""What Kubernetes is told of Kafka: topics, users and lags, compared with their declaration and with the code."""

import tomllib
from typing import Any

from tests.deploy.rendering import ROOT, Json, named, of_kind, pods, render

from social_cli.services import SERVICES
from social_common.kafka.consumer import group_id
from social_common.kafka.topics import dead_letter_topic

Acls = set[tuple[str, str, str, str]]


def declared() -> dict[str, Json]:
    """Every topic of deploy/topics.toml with what is said of its kind."""
    file = tomllib.loads((ROOT / "deploy" / "topics.toml").read_text())
    events: dict[str, Json] = dict.fromkeys(file["topics"], file["events"])
    letters = {
        dead_letter_topic(topic, consumer): file["dead_letters"]
        for topic, said in file["topics"].items()
        for consumer in said.get("read_by", {}).values()
    }
    return events | letters


def test_strimzi_keeps_the_topics_that_are_declared() -> None:
    """Names, partitions, copies, sizes and retention are those of the one declaration."""
    topics = {one["spec"]["topicName"]: one["spec"] for one in of_kind(render("prod"), "KafkaTopic")}

    assert {name: (one["partitions"], one["replicas"], one["config"]) for name, one in topics.items()} == {
        name: (
            said["partitions"],
            said["replication"],
            {
                "cleanup.policy": "delete",
                "max.message.bytes": said["largest_record_bytes"],
                "min.insync.replicas": said["min_insync_replicas"],
                "retention.ms": said["retention_days"] * 24 * 60 * 60 * 1000,
            },
        )
        for name, said in declared().items()
    }


def acls(user: str) -> Acls:
    """What a user may: kind of resource, its name, how the name is meant, operation."""
    found: Any = named(render("prod"), "KafkaUser")[user]["spec"]["authorization"]["acls"]
    return {
        (rule["resource"]["type"], rule["resource"]["name"], rule["resource"]["patternType"], operation)
        for rule in found
        if rule["resource"]["type"] != "cluster"
        for operation in rule["operations"]
    }


def may(kind: str, name: str, *operations: str, pattern: str = "literal") -> Acls:
    """Those operations on one resource."""
    return {(kind, name, pattern, operation) for operation in operations}


def test_a_service_may_at_kafka_exactly_what_it_does() -> None:
    """Writing its own topics and looking at their ends, reading what it consumes, parking what it cannot handle."""
    for service in SERVICES:
        expected = may("group", f"{service.name}.", "Read", "Describe", pattern="prefix")
        for topic in service.topics:
            expected |= may("topic", topic, "Read", "Write", "Describe")
        for topic, consumer in service.consumes:
            expected |= may("topic", topic, "Read", "Describe")
            expected |= may("topic", dead_letter_topic(topic, consumer), "Write", "Describe")
            assert group_id(service.name, consumer, topic).startswith(f"{service.name}.")

        assert acls(f"social-{service.name}") == expected, service.name


def test_a_consumer_team_may_only_read() -> None:
    """Events, in groups whose names begin with its own; no dead letters."""
    expected = may("group", "b2b.", "Read", "Describe", pattern="prefix")
    for service in SERVICES:
        for topic in service.topics:
            expected |= may("topic", topic, "Read", "Describe")

    assert acls("social-b2b-example") == expected


def test_a_worker_comes_as_its_own_user() -> None:
    """With the password that Strimzi made for it, and so does KEDA when it looks at that worker's lags."""
    ways = named(render("prod"), "TriggerAuthentication")
    for service in SERVICES:
        user = f"social-{service.name}"
        [pod] = [one for one in pods(render("prod")) if one.owner == f"Deployment/{user}-worker"]
        told = {one["name"]: one.get("value", one.get("valueFrom")) for one in pod.main["env"]}
        scaled = named(render("prod"), "ScaledObject")[f"{user}-worker"]["spec"]
        asked_by = {one["authenticationRef"]["name"] for one in scaled["triggers"] if one["type"] == "kafka"}

        assert user in named(render("prod"), "KafkaUser")
        assert told["KAFKA_USERNAME"] == user
        assert told["KAFKA_PASSWORD"] == {"secretKeyRef": {"name": user, "key": "password"}}
        assert asked_by == {f"{user}-kafka"}
        assert {one["name"] for one in ways[f"{user}-kafka"]["spec"]["secretTargetRef"]} == {user, "social-kafka-ca"}


def test_workers_grow_with_every_lag_of_theirs() -> None:
    """KEDA looks at each subscription of each service, and never wants more replicas than a topic has partitions."""
    partitions = min(said["partitions"] for name, said in declared().items() if not name.endswith(".dlt"))
    for service in SERVICES:
        scaled = named(render("prod"), "ScaledObject")[f"social-{service.name}-worker"]["spec"]
        lags = [one["metadata"] for one in scaled["triggers"] if one["type"] == "kafka"]

        assert {(lag["topic"], lag["consumerGroup"]) for lag in lags} == {
            (topic, group_id(service.name, consumer, topic)) for topic, consumer in service.consumes
        }
        assert 2 <= scaled["minReplicaCount"] <= scaled["maxReplicaCount"] <= partitions


def test_the_publisher_grows_with_what_is_due() -> None:
    """By the count that its worker's own role may read."""
    triggers = named(render("prod"), "ScaledObject")["social-publisher-worker"]["spec"]["triggers"]
    due = [one for one in triggers if one["type"] == "postgresql"]

    assert [one["metadata"]["query"] for one in due] == ["SELECT overdue FROM retail_b2c.publisher_gauges()"]
    assert [one["authenticationRef"]["name"] for one in due] == ["social-publisher-due-posts"]
