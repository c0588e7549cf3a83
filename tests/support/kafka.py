"""A broker that speaks the real Kafka protocol, one per test run.

In this order: the servers KAFKA_BOOTSTRAP_SERVERS names; Apache Kafka in a container where an engine runs; Apache Kafka
from Maven where Java is; the embedded broker. CI refuses the last: what holds only there proves nothing.
"""

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from social_stack.kafka import apache_kafka, embedded_broker, has_java, wait_for_kafka
from social_stack.processes import Child

JARS = Path(__file__).parents[2] / ".build" / "kafka"


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


def _container() -> Kafka | None:
    """Apache Kafka by testcontainers, or None where no engine answers."""
    if "DOCKER_HOST" not in os.environ and not Path("/var/run/docker.sock").exists():
        return None
    from testcontainers.community.kafka import KafkaContainer

    container = KafkaContainer("apache/kafka:4.3.1").with_kraft()
    container.start()
    return Kafka(container.get_bootstrap_server(), embedded=False, name="Apache Kafka in a container")


def _start(child: Child, bootstrap_servers: str) -> None:
    child.start()
    asyncio.run(wait_for_kafka(bootstrap_servers, child=child, within=timedelta(seconds=60)))


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """The run's broker."""
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        yield Kafka(named, embedded=False, name="KAFKA_BOOTSTRAP_SERVERS")
        return
    found = _container()
    if found:
        yield found
        return
    port, controller_port = _free_ports(2)
    address = f"127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="social-kafka-") as folder:
        if has_java():
            child = apache_kafka(Path(folder), jars=JARS, port=port, controller_port=controller_port)
            broker = Kafka(address, embedded=False, name="Apache Kafka from Maven", child=child)
        elif os.environ.get("CI"):
            pytest.exit("CI needs Apache Kafka: install Java 17 and Maven, or set KAFKA_BOOTSTRAP_SERVERS.", 2)
        else:
            child = embedded_broker(port=port, log=Path(folder) / "broker.log")
            broker = Kafka(address, embedded=True, name="the embedded broker", child=child)
        _start(child, address)
        try:
            yield broker
        finally:
            asyncio.run(child.stop())
