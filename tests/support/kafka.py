"""A broker that speaks the real Kafka protocol, one per test run.

In this order: the servers KAFKA_BOOTSTRAP_SERVERS names; Apache Kafka in a container where an engine runs; Apache Kafka
from Maven where Java is; the embedded broker. CI refuses the last: what holds only there proves nothing.
"""

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from social_stack.kafka import apache_kafka, embedded_broker, has_java, wait_for_kafka
from social_stack.processes import Child

JARS = Path(__file__).parents[2] / ".build" / "kafka"
_IMAGE = "apache/kafka:4.3.1"
_UP_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Kafka:
    """Where the broker is, and whether it is the embedded one (no idempotent producer)."""

    bootstrap_servers: str
    embedded: bool
    name: str
    child: Child | None = None  # its process, where it is ours: failure tests stop and go on with it


def _free_ports(count: int) -> list[int]:
    """Ports that the kernel has free now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class Choice(StrEnum):
    """Where the run's broker comes from."""

    NAMED = "the brokers that KAFKA_BOOTSTRAP_SERVERS names"
    CONTAINER = "Apache Kafka in a container"
    MAVEN = "Apache Kafka from Maven"
    EMBEDDED = "the embedded broker (install Java 17 and Maven for Apache Kafka itself)"


def choose() -> Choice:
    """The first of the four that this machine offers."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return Choice.NAMED
    if "DOCKER_HOST" in os.environ or Path("/var/run/docker.sock").exists():
        return Choice.CONTAINER
    return Choice.MAVEN if has_java() else Choice.EMBEDDED


def pytest_report_header() -> str:
    """Says at the top of a run which broker it speaks to."""
    return f"kafka: {choose()}"


def _start(child: Child, bootstrap_servers: str) -> None:
    child.start()
    asyncio.run(wait_for_kafka(bootstrap_servers, child=child, within=_UP_WITHIN))


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """The run's broker."""
    with running_kafka() as broker:
        yield broker


@contextlib.contextmanager
def _container() -> Iterator[str]:
    """The address of one node in a container; testcontainers' own KafkaContainer knows Confluent's images alone."""
    from testcontainers.core.container import DockerContainer

    [port] = _free_ports(1)
    server = DockerContainer(_IMAGE).with_bind_ports(port, port)
    # A broker tells its clients where to go on, so the port that they come by is known before it starts.
    address = f"{server.get_docker_client().host()}:{port}"
    with server.with_envs(
        KAFKA_NODE_ID="1",
        KAFKA_PROCESS_ROLES="broker,controller",
        KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
        KAFKA_LISTENERS=f"PLAINTEXT://:{port},CONTROLLER://:9093",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://{address}",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS="5",
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
        KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
    ):
        asyncio.run(wait_for_kafka(address, child=None, within=_UP_WITHIN))
        yield address


@contextlib.contextmanager
def running_kafka() -> Iterator[Kafka]:
    """A broker for as long as the block lasts; one of its own wherever it is not given by name."""
    choice = choose()
    if choice is Choice.EMBEDDED and os.environ.get("CI"):
        pytest.exit("CI needs Apache Kafka: install Java 17 and Maven, or set KAFKA_BOOTSTRAP_SERVERS.", 2)
    if choice is Choice.NAMED:
        yield Kafka(os.environ["KAFKA_BOOTSTRAP_SERVERS"], embedded=False, name=choice)
        return
    if choice is Choice.CONTAINER:
        with _container() as address:
            yield Kafka(address, embedded=False, name=choice)
        return
    port, controller_port = _free_ports(2)
    address = f"127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="social-kafka-") as folder:
        if choice is Choice.MAVEN:
            child = apache_kafka(Path(folder), jars=JARS, port=port, controller_port=controller_port)
        else:
            child = embedded_broker(port=port, log=Path(folder) / "broker.log")
        broker = Kafka(address, embedded=choice is Choice.EMBEDDED, name=choice, child=child)
        _start(child, address)
        try:
            yield broker
        finally:
            asyncio.run(child.stop())
