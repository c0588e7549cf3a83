"""Who talks to whom: a link of its own for every process to everything it uses, and a front before every API."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from tests.chaos.links import Front, Link

from social_stack.environment import PLATFORMS
from social_stack.ports import Ports
from social_stack.secrets import SERVICES

POSTGRES, KAFKA, SANDBOX, LINKER = "PostgreSQL", "Kafka", "sandbox", "auth-linker"
_COPIES = (1, 2)
_APART = 50  # between the ports of the copies, and above the front's
_STOP_NOTICE = "PT2S"  # four times as long as a front takes to see it
# Every three seconds, as in the stack, the posts of a few minutes would be all that the machine does.
_COLLECTION_SCHEDULE = json.dumps({"*": {"account": 30, "posts": [{"until": 2592000, "every": 20}]}})
_LISTENERS = 30  # above the base: further ports of Apache Kafka
_ASKS_LINKER = ("publisher api", "publisher worker", "analytics worker")


@dataclass(frozen=True, slots=True)
class Process:
    """One of the replicas that are started, struck and rolled."""

    service: str
    role: str
    copy: int

    @property
    def name(self) -> str:
        """`publisher worker`, `publisher worker 2`."""
        return f"{self.service} {self.role}" + (f" {self.copy}" if self.copy > 1 else "")

    @property
    def index(self) -> int:
        """Which of the three services it belongs to, from 1."""
        return SERVICES.index(self.service) + 1

    def port(self, ports: Ports) -> int:
        """Where its readiness is told: of an API its own port, which only the front knows."""
        if self.role == "api":
            return ports.api(self.index) + _APART * self.copy
        return ports.worker(self.index) + _APART * (self.copy - 1)


PROCESSES = {
    process.name: process
    for process in (
        Process(service, role, copy) for service in SERVICES for role in ("api", "worker") for copy in _COPIES
    )
}


class Wiring:
    """The links and fronts of one stack; without `has_kafka` the brokers are talked to directly."""

    def __init__(self, ports: Ports, *, has_kafka: bool) -> None:
        self._ports = ports
        self.links = {link.name: link for link in _links(ports, has_kafka=has_kafka)}
        self.fronts = {
            service: Front(
                f"{service} api",
                {
                    name: process.port(ports)
                    for name, process in PROCESSES.items()
                    if process.role == "api" and process.service == service
                },
            )
            for service in SERVICES
        }

    async def open_links(self) -> None:
        """Before the broker, which tells its clients where they listen."""
        for link in self.links.values():
            await link.start()

    async def open_fronts(self) -> None:
        """After the stack has seen that its ports are free: each front listens where everybody looks for the API."""
        for index, service in enumerate(SERVICES, start=1):
            await self.fronts[service].start(self._ports.api(index))

    async def close(self) -> None:
        """Resets and ends all of it."""
        for passage in (*self.fronts.values(), *self.links.values()):
            await passage.stop()

    def heal(self) -> None:
        """Every link carries again."""
        for link in self.links.values():
            link.heal()

    def kafka_listeners(self) -> Mapping[int, int]:
        """What Apache Kafka is to listen at besides, and the link that each tells its clients."""
        found = {}
        for number, name in enumerate(_workers()):
            link = self.links.get(f"{name} -> {KAFKA}")
            if link is not None:
                found[_listener(self._ports, number)] = link.port
        return found

    def settings(self, name: str, settings: Mapping[str, str]) -> dict[str, str]:
        """A process's settings, changed so that it goes by its own links and listens at its own ports."""
        process, ports = PROCESSES[name], self._ports
        changed = dict(settings)
        for key in ("API_DATABASE_URL", "WORKER_DATABASE_URL"):
            changed[key] = _moved(changed[key], self.links[f"{name} -> {POSTGRES}"].port)
        sandbox = self.links[f"{name} -> {SANDBOX}"].port
        for platform in PLATFORMS:
            # Browsers go there directly.
            key = f"{platform.upper()}_BASE_URL"
            changed[key] = _moved(changed[key], sandbox)
        changed["SUPABASE_JWKS_URL"] = _moved(f"{changed['SUPABASE_URL']}/auth/v1/.well-known/jwks.json", sandbox)
        if (kafka := self.links.get(f"{name} -> {KAFKA}")) is not None:
            changed["KAFKA_BOOTSTRAP_SERVERS"] = f"127.0.0.1:{kafka.port}"
        if (linker := self.links.get(f"{name} -> {LINKER}")) is not None:
            changed["LINKER_URL"] = _moved(changed["LINKER_URL"], linker.port)
        if process.service == "analytics":
            changed["COLLECTION_SCHEDULE"] = _COLLECTION_SCHEDULE
        own = str(process.port(ports))
        if process.role == "api":
            metrics = ports.api_metrics(process.index) + _APART * (process.copy - 1)
            return changed | {"API_PORT": own, "METRICS_PORT": str(metrics), "STOP_NOTICE": _STOP_NOTICE}
        return changed | {"WORKER_PORT": own}


def link_names() -> list[str]:
    """Every link there is where the broker is one that can be linked to."""
    return list(_ways())


def _ways() -> dict[str, tuple[str, str]]:
    """Each link's process and what it leads to."""
    found: dict[str, tuple[str, str]] = {}
    for name, process in PROCESSES.items():
        used = [POSTGRES, SANDBOX]
        if f"{process.service} {process.role}" in _ASKS_LINKER:
            used.append(LINKER)
        if process.role == "worker":
            used.append(KAFKA)
        found |= {f"{name} -> {server}": (name, server) for server in used}
    return found


def _links(ports: Ports, *, has_kafka: bool) -> Iterator[Link]:
    known = {POSTGRES: ports.postgres, SANDBOX: ports.sandbox, LINKER: ports.api(1)}
    for link, (name, server) in _ways().items():
        if server != KAFKA:
            yield Link(link, "127.0.0.1", known[server])
        elif has_kafka:
            yield Link(link, "127.0.0.1", _listener(ports, _workers().index(name)))


def _workers() -> list[str]:
    return [name for name, process in PROCESSES.items() if process.role == "worker"]


def _listener(ports: Ports, number: int) -> int:
    return ports.base + _LISTENERS + number


def _moved(url: str, port: int) -> str:
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{port}"))
