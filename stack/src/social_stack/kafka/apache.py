"""Apache Kafka as jars from Maven: one KRaft node, up in about three seconds."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from social_stack.processes import Child, ChildFailed

_POM = Path(__file__).with_name("pom.xml")
_JAVA_FLAGS = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_LOG4J = """\
<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""


def has_java() -> bool:
    """True where Java and Maven are there to bring Apache Kafka."""
    return shutil.which("java") is not None and shutil.which("mvn") is not None


def fetch_jars(into: Path) -> None:
    """Brings Kafka's jars once; later calls find them there."""
    if (into / ".complete").exists():
        return
    into.mkdir(parents=True, exist_ok=True)
    command = [
        "mvn", "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={into}",
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise ChildFailed(f"Maven could not bring Apache Kafka's jars:\n{(done.stdout + done.stderr)[-2000:]}")
    (into / ".complete").touch()


def _properties(*, port: int, controller_port: int, logs: Path, listeners: Mapping[int, int]) -> str:
    # A client goes on with the address that the listener it came by tells: each further one has its own.
    told = {"PLAINTEXT": (port, port)} | {f"L{own}": (own, advertised) for own, advertised in listeners.items()}
    ways = [f"{name}://127.0.0.1:{own}" for name, (own, _) in told.items()]
    lines = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": ",".join([*ways, f"CONTROLLER://127.0.0.1:{controller_port}"]),
        "advertised.listeners": ",".join(f"{name}://127.0.0.1:{advertised}" for name, (_, advertised) in told.items()),
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in (*told, "CONTROLLER")),
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": logs,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 5,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "auto.create.topics.enable": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def apache_kafka(
    folder: Path, *, jars: Path, port: int, controller_port: int, listeners: Mapping[int, int] | None = None
) -> Child:
    """The broker's process, not started yet, its storage formatted in `folder`.

    `listeners` are further ports with the port that each tells its clients to go on with.
    """
    fetch_jars(jars)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "server.properties"
    properties = _properties(
        port=port, controller_port=controller_port, logs=folder / "logs", listeners=listeners or {}
    )
    config.write_text(properties)
    log4j = folder / "log4j2.xml"
    log4j.write_text(_LOG4J)
    java = ["java", *_JAVA_FLAGS, f"-Dlog4j2.configurationFile={log4j}", "-cp", f"{jars}/*"]
    if not (folder / "logs" / "meta.properties").exists():
        storage = [*java, "kafka.tools.StorageTool"]
        made = subprocess.run([*storage, "random-uuid"], check=True, capture_output=True, text=True)  # noqa: S603
        cluster = made.stdout.strip().splitlines()[-1]
        subprocess.run(  # noqa: S603
            [*storage, "format", "-t", cluster, "-c", str(config)], check=True, capture_output=True
        )
    return Child("Apache Kafka", [*java, "kafka.Kafka", str(config)], folder / "kafka.log", dict(os.environ))
