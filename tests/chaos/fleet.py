"""The processes the nemesis may strike: two replicas of every worker and every API, and the servers under them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.chaos.gates import Gates
from tests.chaos.links import Link
from tests.chaos.wiring import PROCESSES, Wiring

from social_common.http import HttpClient, HttpError
from social_stack.config import StackConfig
from social_stack.kafka import wait_for_kafka
from social_stack.postgres import wait_for_postgres
from social_stack.processes import Child, ChildFailed, wait_until
from social_stack.secrets import SERVICES
from social_stack.up import Stack

TARGETS = tuple(PROCESSES)
_DRAIN_LIMIT = timedelta(seconds=30)
_GONE_WITHIN = timedelta(seconds=10)
_UP_WITHIN = timedelta(seconds=90)
_OK = 200


class Fleet:
    """Starts, stops, kills and pauses processes by name; keeps what they did that they must not do."""

    def __init__(self, stack: Stack, wiring: Wiring) -> None:
        self.stack = stack
        self._wiring = wiring
        self._gates = Gates(stack)
        self._expected_down: set[str] = set()
        self.incidents: list[str] = []
        self.drains: list[float] = []

    @property
    def urls(self) -> dict[str, str]:
        """Where each API's front is; the addresses that the stack's environment gives, too."""
        return {service: self.stack.environment.api_url(service) for service in SERVICES}

    @property
    def links(self) -> dict[str, Link]:
        """By names such as `publisher worker -> Kafka`."""
        return self._wiring.links

    @property
    def refused(self) -> int:
        """Connections that went to an API thought ready, and were not taken."""
        return sum(front.refused for front in self._wiring.fronts.values())

    @property
    def has_broker_of_its_own(self) -> bool:
        """Whether Kafka can be cut off and killed: Apache Kafka, started by the stack."""
        return self.stack.uses_apache_kafka

    async def launch(self) -> None:
        """Starts all processes and waits until they are ready."""
        await self._gates.install()
        for name in TARGETS:
            self.start(name)
        await self.wait_until_ready(TARGETS)

    def start(self, name: str) -> None:
        """Starts it anew."""
        self._expected_down.discard(name)
        child = self.stack.children.get(name)
        if child is None:
            process = PROCESSES[name]
            settings = self._wiring.settings(name, self.stack.environment.service(process.service))
            command = [sys.executable, "-m", process.service.replace("-", "_"), process.role]
            child = self.stack.children[name] = Child(name, command, self.stack.log(name), settings)
        child.start()
        if PROCESSES[name].role == "api":
            self._wiring.fronts[PROCESSES[name].service].forget(name)

    async def kill(self, name: str) -> None:
        """Ends it with kill -9, and waits until it is gone."""
        self._expected_down.add(name)
        child = self.stack.children[name]
        child.send(signal.SIGKILL)
        await child.ended(within=_GONE_WITHIN)

    async def drain(self, name: str) -> None:
        """SIGTERM, which nobody tells its front; what does not end within 30 s is an incident, and killed."""
        self._expected_down.add(name)
        child = self.stack.children[name]
        begun = asyncio.get_running_loop().time()
        child.send(signal.SIGTERM)
        if not await child.ended(within=_DRAIN_LIMIT):
            self.incidents.append(f"{name} did not end within {_DRAIN_LIMIT.total_seconds():.0f} s of SIGTERM")
            await self.kill(name)
        self.drains.append(asyncio.get_running_loop().time() - begun)

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        self.stack.children[name].send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self.stack.children[name].send(signal.SIGCONT)

    def resume_all(self) -> None:
        """So that a stop reaches also those that sleep."""
        for child in self.stack.children.values():
            child.send(signal.SIGCONT)

    async def kill_broker(self) -> None:
        """Ends Kafka with kill -9; only where the stack has started Apache's."""
        await self.kill("Kafka")

    async def start_broker(self) -> None:
        """Starts it again on what it had written, and waits until it answers."""
        child = self.stack.children["Kafka"]
        child.start()
        await wait_for_kafka(self.stack.kafka, child=child, within=_UP_WITHIN)
        self._expected_down.discard("Kafka")

    async def kill_postgres(self) -> None:
        """Ends the server and all its sessions with kill -9."""
        self._expected_down.add("PostgreSQL")
        child = self.stack.children["PostgreSQL"]
        sessions = _children_of(child.pid)
        await self.kill("PostgreSQL")
        for pid in sessions:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def start_postgres(self) -> None:
        """Starts it again on the same data, and waits until it has recovered and answers."""
        child = self.stack.children["PostgreSQL"]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _UP_WITHIN.total_seconds()
        while True:
            child.start()
            try:
                await wait_for_postgres(self.stack.environment.superuser_url, child=child, within=_UP_WITHIN)
            except ChildFailed:
                # A session that has not noticed yet still holds the shared memory of the one that was killed.
                if child.is_running or loop.time() > deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                self._expected_down.discard("PostgreSQL")
                return

    async def outbox_full(self, service: str, *, on: bool) -> None:
        """From now on the outbox of that service takes no row, as with a full disk; or it does again."""
        await self._gates.set_full(service, on=on)

    async def jump_clock(self, seconds: float) -> float:
        """Moves the time of the whole stack; the offset that it has now."""
        url = f"{self.stack.environment.sandbox_url}/_control/clock"
        async with HttpClient(user_agent="fleet", timeout=timedelta(seconds=10)) as http:
            answer = await http.request("POST", url, json={"advance_s": seconds})
        if answer.status != _OK:
            raise OSError(f"the clock did not move: {answer.status} {answer.text}")
        return float(answer.json()["offset_s"])

    def heal(self) -> None:
        """Every link carries again."""
        self._wiring.heal()

    def note_deaths(self) -> None:
        """A process that ended without being told to is an incident; it is started again."""
        for name in (*TARGETS, "PostgreSQL", "Kafka", "sandbox"):
            child = self.stack.children.get(name)
            if child is not None and name not in self._expected_down and not child.is_running:
                status = child.process.returncode if child.process else None
                self.incidents.append(f"{name} ended by itself with status {status}: {child.tail(3)}")
                if name in TARGETS:
                    self.start(name)

    async def settle(self) -> None:
        """Waits until all of it is ready again; one that does not come up is an incident."""
        try:
            await self.wait_until_ready(TARGETS)
        except* ChildFailed as group:
            self.incidents += [str(error) for error in group.exceptions]
        self.note_deaths()

    async def wait_until_ready(self, names: Iterable[str]) -> None:
        """Waits until those processes say that they are, and the fronts of the APIs among them know it."""
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self._wait_for(name))

    async def _wait_for(self, name: str) -> None:
        process, child = PROCESSES[name], self.stack.children[name]
        url = f"http://127.0.0.1:{process.port(self.stack.config.ports)}/readyz"
        front = self._wiring.fronts[process.service] if process.role == "api" else None
        async with HttpClient(user_agent="fleet", timeout=timedelta(seconds=2)) as http:

            async def is_ready() -> bool:
                if front is not None:
                    return name in front.ready
                try:
                    return (await http.request("GET", url)).status == _OK
                except HttpError:
                    return False

            await wait_until(is_ready, child=child, within=_UP_WITHIN, what=name)


def _children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


@asynccontextmanager
async def running_fleet(config: StackConfig, *, say: Callable[[str], None]) -> AsyncIterator[Fleet]:
    """A stack whose services are the fleet's twelve processes; gone after the block, whatever happens."""
    has_kafka = Stack(config, say=say).uses_apache_kafka
    wiring = Wiring(config.ports, has_kafka=has_kafka)
    try:
        await wiring.open_links()
        wired = replace(config, original_urls=True, kafka_listeners=wiring.kafka_listeners())
        stack = Stack(wired, say=say)
        if not has_kafka:
            say("the broker is not Apache Kafka of our own: it is neither killed nor cut off")
        fleet = Fleet(stack, wiring)
        try:
            await stack.start_servers()
            await wiring.open_fronts()
            say("two replicas of every API and every worker")
            await fleet.launch()
            yield fleet
        finally:
            fleet.resume_all()
            wiring.heal()
            await stack.stop()
    finally:
        await wiring.close()
