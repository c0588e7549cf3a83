"""Bringing the whole local stack up, and down again."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from social_common.http import HttpClient, HttpError
from social_stack.config import BadSetting, StackConfig
from social_stack.environment import StackEnvironment
from social_stack.kafka import apache_kafka, embedded_broker, wait_for_kafka
from social_stack.postgres import embedded_postgres, wait_for_postgres
from social_stack.processes import Child, ChildFailed, wait_until
from social_stack.secrets import SERVICES, keep_secrets

_JARS = Path.cwd() / ".build" / "kafka"
_START = timedelta(seconds=90)
Progress = Callable[[str], None]


class Stack:
    """The processes of one local stack. `children` names them: `sandbox`, `publisher api`, `publisher worker`, …"""

    def __init__(self, config: StackConfig, *, say: Progress) -> None:
        self.config = config
        self._say = say
        self.secrets = keep_secrets(config.data_dir / "secrets")
        self.embeds_kafka = config.kafka_bootstrap_servers is None
        self.uses_apache_kafka = self.embeds_kafka and os.environ.get("SOCIAL_KAFKA") == "apache"
        self.kafka = config.kafka_bootstrap_servers or f"127.0.0.1:{config.ports.kafka}"
        self.environment = StackEnvironment(
            config,
            self.secrets,
            kafka=self.kafka,
            kafka_is_embedded=config.kafka_is_embedded or (self.embeds_kafka and not self.uses_apache_kafka),
        )
        self.children: dict[str, Child] = {}

    def log(self, name: str) -> Path:
        """A part's log file."""
        return self.config.data_dir / "logs" / f"{name.replace(' ', '-').lower()}.log"

    async def start(self) -> None:
        """Starts everything in order and returns when all of it is ready."""
        await self.start_servers()
        self._say("services, console")
        for service in SERVICES:
            self.start_service(service, "api")
            self.start_service(service, "worker")
        self._start(self._module("console", "social_console", env=self.environment.console()))
        await self.wait_for_services()

    async def start_servers(self) -> None:
        """Starts what the services need, in order: database with its tables, broker, sandbox."""
        self._refuse_busy_ports()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.start_postgres())
            group.create_task(self._start_kafka())
        self._say("database: roles, schema and migrations")
        await self.prepare_database()
        self._say("sandbox")
        self._start(self._module("sandbox", "social_sandbox", env=self.environment.sandbox()))
        await self._wait_for_http("sandbox", f"{self.environment.sandbox_url}/readyz")

    def start_service(self, service: str, role: str) -> Child:
        """Starts one process of a service: its api or its worker."""
        name = f"{service} {role}"
        child = self._module(name, service.replace("-", "_"), role, env=self.environment.service(service))
        self._start(child)
        return child

    async def wait_for_services(self) -> None:
        """Waits until every API, every worker and the console are ready."""
        ports = self.config.ports
        async with asyncio.TaskGroup() as group:
            for index, service in enumerate(SERVICES, start=1):
                api = f"http://localhost:{ports.api(index)}/readyz"
                worker = f"http://localhost:{ports.worker(index)}/readyz"
                group.create_task(self._wait_for_http(f"{service} api", api))
                group.create_task(self._wait_for_http(f"{service} worker", worker))
            group.create_task(self._wait_for_http("console", f"{self.environment.console_url}/readyz"))

    async def stop(self) -> None:
        """Stops everything: those who write first, the database and the broker last."""
        servers = [name for name in ("PostgreSQL", "Kafka") if name in self.children]
        others = [child for name, child in self.children.items() if name not in servers]
        await asyncio.gather(*(child.stop() for child in others))
        await asyncio.gather(*(self.children[name].stop() for name in servers))

    def first_dead(self) -> Child | None:
        """A part that ended by itself, if there is one."""
        return next((child for child in self.children.values() if not child.is_running), None)

    def _refuse_busy_ports(self) -> None:
        unused = set()
        if self.config.database_url:
            unused.add(self.config.ports.postgres)
        if not self.embeds_kafka:
            unused.add(self.config.ports.kafka)
        busy = {port: name for port, name in self.config.ports.busy().items() if port not in unused}
        if busy:
            port, name = next(iter(busy.items()))
            raise BadSetting(
                f"Port {port} ({name}) is in use by another program; stop it, or move all our ports with "
                f"SOCIAL_PORT_BASE, for example SOCIAL_PORT_BASE=18100 make run."
            )

    def _start(self, child: Child) -> None:
        self.children[child.name] = child
        child.start()

    def _module(self, name: str, module: str, *arguments: str, env: dict[str, str]) -> Child:
        return Child(name, [sys.executable, "-m", module, *arguments], self.log(name), env)

    async def start_postgres(self) -> None:
        """Starts the embedded server, or waits for the one that DATABASE_URL names."""
        ports, url = self.config.ports, self.environment.superuser_url
        if self.config.database_url:
            self._say("PostgreSQL: the one DATABASE_URL names")
            try:
                await wait_for_postgres(url, child=None, within=timedelta(seconds=10))
            except ChildFailed as error:
                raise BadSetting(
                    "DATABASE_URL names a database that does not answer; check its host, port, user and password."
                ) from error
            return
        self._say(f"PostgreSQL from its wheel on port {ports.postgres}")
        child = await asyncio.to_thread(
            embedded_postgres,
            self.config.data_dir / "postgres",
            port=ports.postgres,
            password=self.secrets.passwords["postgres"],
            log=self.log("postgres"),
        )
        self._start(child)
        await wait_for_postgres(url, child=child, within=_START)

    async def _start_kafka(self) -> None:
        ports = self.config.ports
        if self.config.kafka_bootstrap_servers:
            self._say("Kafka: the one KAFKA_BOOTSTRAP_SERVERS names")
            try:
                await wait_for_kafka(self.config.kafka_bootstrap_servers, child=None, within=timedelta(seconds=15))
            except ChildFailed as error:
                raise BadSetting("KAFKA_BOOTSTRAP_SERVERS names a broker that does not answer.") from error
            return
        if self.uses_apache_kafka:
            self._say(f"Apache Kafka from Maven on port {ports.kafka}")
            folder = self.config.data_dir / "kafka"
            child = await asyncio.to_thread(
                apache_kafka,
                folder,
                jars=_JARS,
                port=ports.kafka,
                controller_port=ports.kafka + 1,
                listeners=self.config.kafka_listeners,
            )
        else:
            self._say(f"Kafka-compatible broker from its wheel on port {ports.kafka}")
            child = embedded_broker(port=ports.kafka, log=self.log("kafka"))
        child.name = "Kafka"
        self._start(child)
        await wait_for_kafka(f"127.0.0.1:{ports.kafka}", child=child, within=_START)

    async def prepare_database(self) -> None:
        """Runs every service's bootstrap and migrations, as operators do: one-off commands, safe side by side."""
        for command in ("bootstrap", "migrate"):
            async with asyncio.TaskGroup() as group:
                for service in SERVICES:
                    group.create_task(self.run_once(service, command))

    async def run_once(self, service: str, *command: str) -> None:
        """Runs a one-off command of a service to its end; fails with its last lines."""
        name = " ".join((service, *command))
        child = self._module(name, service.replace("-", "_"), *command, env=self.environment.service(service))
        child.start()
        ended = await child.ended(within=_START)
        if not ended or child.process is None or child.process.returncode:
            await child.stop()
            raise ChildFailed(f"{child.name} failed ({child.log}):\n{child.tail()}")

    async def _wait_for_http(self, name: str, url: str) -> None:
        async with HttpClient(user_agent="social-stack", timeout=timedelta(seconds=2)) as http:

            async def answers() -> bool:
                try:
                    return (await http.request("GET", url)).status == 200  # noqa: PLR2004
                except HttpError:
                    return False

            await wait_until(answers, child=self.children[name], within=_START, what=name)


@contextlib.asynccontextmanager
async def running_stack(config: StackConfig, *, say: Progress) -> AsyncIterator[Stack]:
    """A stack that is up inside the block and gone after it, whatever happens."""
    stack = Stack(config, say=say)
    try:
        await stack.start()
        yield stack
    finally:
        await stack.stop()


def plain(error: BaseException) -> Sequence[str]:
    """What to tell a person: the messages of the errors inside a group, each once."""
    if isinstance(error, BaseExceptionGroup):
        return list(dict.fromkeys(line for inner in error.exceptions for line in plain(inner)))
    return [str(error)]
