"""The processes the nemesis may strike: every API, and two workers of the services whose replicas compete for work."""

import asyncio
import signal
import sys
from datetime import timedelta

from social_stack.processes import Child, ChildFailed
from social_stack.secrets import SERVICES
from social_stack.up import Stack

REPLICATED = ("auth-linker", "publisher")
_REPLICA_PORTS = 20  # above the first worker's port
_DRAIN_LIMIT = timedelta(seconds=30)

TARGETS = (
    *(f"{service} {role}" for service in SERVICES for role in ("api", "worker")),
    *(f"{service} worker 2" for service in REPLICATED),
)


class Fleet:
    """Starts, stops, kills and pauses processes by name; keeps what they did that they must not do."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._expected_down: set[str] = set()
        self.incidents: list[str] = []
        self.drains: list[float] = []

    def start(self, name: str) -> None:
        """Starts it anew."""
        self._expected_down.discard(name)
        service, role, *copy = name.split()
        if not copy:
            self._stack.start_service(service, role)
            return
        env = self._stack.environment.service(service)
        env["WORKER_PORT"] = str(int(env["WORKER_PORT"]) + _REPLICA_PORTS)
        command = [sys.executable, "-m", service.replace("-", "_"), role]
        child = Child(name, command, self._stack.log(name), env)
        self._stack.children[name] = child
        child.start()

    async def kill(self, name: str) -> None:
        """Ends it with kill -9, and waits until it is gone."""
        self._expected_down.add(name)
        child = self._stack.children[name]
        child.send(signal.SIGKILL)
        await child.ended(within=timedelta(seconds=10))

    async def drain(self, name: str) -> None:
        """SIGTERM; what does not end within 30 s is an incident, and killed."""
        self._expected_down.add(name)
        child = self._stack.children[name]
        begun = asyncio.get_running_loop().time()
        child.send(signal.SIGTERM)
        if not await child.ended(within=_DRAIN_LIMIT):
            self.incidents.append(f"{name} did not end within {_DRAIN_LIMIT.total_seconds():.0f} s of SIGTERM")
            await self.kill(name)
        self.drains.append(asyncio.get_running_loop().time() - begun)

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        self._stack.children[name].send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self._stack.children[name].send(signal.SIGCONT)

    def resume_all(self) -> None:
        """So that a stop reaches also those that sleep."""
        for child in self._stack.children.values():
            child.send(signal.SIGCONT)

    def note_deaths(self) -> None:
        """A process that ended without being told to is an incident; it is started again."""
        for name in TARGETS:
            child = self._stack.children[name]
            if name not in self._expected_down and not child.is_running:
                status = child.process.returncode if child.process else None
                self.incidents.append(f"{name} ended by itself with status {status}: {child.tail(3)}")
                self.start(name)

    async def settle(self) -> None:
        """Waits until all of it is ready again; one that does not come up is an incident."""
        try:
            await self._stack.wait_for_services()
        except* ChildFailed as group:
            self.incidents += [str(error) for error in group.exceptions]
        self.note_deaths()
