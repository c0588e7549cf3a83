"""Every client of ours logs in where the brokers ask for a password, as a KafkaUser of Strimzi has one."""

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.support.kafka import JARS

from social_common.kafka.broker import create_broker
from social_common.kafka.cluster import ClusterProbe
from social_common.kafka.differences import find_differences
from social_common.kafka.producer import create_producer
from social_common.kafka.reading import TopicReader
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.kafka_access import KafkaAccess
from social_common.secrets import Secret
from social_common.settings import ServiceSettings
from social_stack.kafka import has_java
from social_stack.kafka.apache import fetch_jars
from social_stack.processes import Child, wait_until

pytestmark = pytest.mark.long
_TOPIC = TopicSpec("locked.event", partitions=1)
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required username="broker" password="broker-secret";
log.dirs={folder}/logs
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaAccess]:
    """Apache Kafka that knows one user of ours."""
    if not has_java():
        pytest.skip("needs Java and Maven for Apache Kafka")
    fetch_jars(JARS)
    folder, port = tmp_path_factory.mktemp("kafka"), _free_port()
    config = folder / "server.properties"
    config.write_text(_PROPERTIES.format(port=port, controller=_free_port(), folder=folder))
    java = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{JARS}/*"]
    users = ("[name=broker,password=broker-secret]", "[name=social-notes,password=hidden]")
    scram = [part for user in users for part in ("--add-scram", f"SCRAM-SHA-512={user}")]
    storage = [*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(config), *scram]
    await asyncio.to_thread(subprocess.run, storage, check=True, capture_output=True)
    child = Child("Kafka", [*java, "kafka.Kafka", str(config)], folder / "kafka.log", dict(os.environ))
    child.start()
    access = KafkaAccess(f"127.0.0.1:{port}", "SASL_PLAINTEXT", username="social-notes", password=Secret("hidden"))
    try:
        probe = ClusterProbe(access)
        await wait_until(probe.is_reachable, child=child, within=timedelta(seconds=60), what="Kafka")
        await probe.close()
        yield access
    finally:
        await child.stop(within=timedelta(seconds=20))


async def test_every_client_logs_in(locked: KafkaAccess) -> None:
    """Declaring, comparing, sending, reading from outside and consuming."""
    settings = ServiceSettings(
        kafka_bootstrap_servers=locked.servers,
        kafka_security_protocol=locked.protocol,
        kafka_username=locked.username,
        kafka_password=locked.password,
    )
    await declare_topics(locked, [_TOPIC])
    producer = create_producer(settings)
    await producer.start()
    await producer.send_and_wait(_TOPIC.name, b"told")
    await producer.stop()
    broker = create_broker(settings)
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    broker.subscriber(_TOPIC.name, group_id="notes.reader", auto_offset_reset="earliest")(heard.put)

    await broker.start()
    try:
        assert await asyncio.wait_for(heard.get(), timeout=30) is not None
    finally:
        await broker.stop()

    assert await find_differences(locked, [_TOPIC]) == []
    async with TopicReader(locked, [_TOPIC.name]) as reader:
        assert await reader.bounds(reader.partitions[0]) == (0, 1)


async def test_a_wrong_password_is_no_way_in(locked: KafkaAccess) -> None:
    """The worker stays unready and says that Kafka cannot be reached."""
    probe = ClusterProbe(
        KafkaAccess(locked.servers, locked.protocol, username="social-notes", password=Secret("guess"))
    )

    assert await probe.is_reachable() is False
    await probe.close()
