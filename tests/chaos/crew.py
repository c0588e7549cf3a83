"""Processes that end where they are told: the workers in the place of the stack's own, two APIs beside them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from tests.support.eventually import eventually
from tests.support.stack import World

from social_common.http import HttpClient, HttpError
from social_stack.crash_orders import Order, OrderFolder
from social_stack.processes import Child
from social_stack.secrets import SERVICES

_APIS = ("auth-linker", "publisher")
_SECOND = 50  # what is added to the ports of a second worker, and of an API beside the stack's own
# Whoever takes over waits for a lease to run out: as short as the calls under it allow.
_SHORT_LEASES = {
    "auth-linker": {
        "REFRESH_LEASE": "PT21S",
        "REFRESH_RETRY_FIRST": "PT2S",
        "REFRESH_POLL": "PT1S",
        "PLATFORM_USER_LEASE": "PT6S",
        "ERASURE_LEASE": "PT8S",
    },
    "publisher": {
        "WORK_LEASE": "PT8S",
        "PUBLISH_HARD_LIMIT": "PT5S",
        "PUBLISH_LEASE": "PT11S",
        "LOOK_LEASE": "PT11S",
    },
    "analytics": {
        "COLLECTION_LEASE": "PT1M",
        # Enough for its own moments; every three seconds it would be most of the machine's work.
        "COLLECTION_SCHEDULE": json.dumps({"*": {"account": 30, "posts": [{"until": 2592000, "every": 20}]}}),
    },
}
_UP = timedelta(seconds=60)
_OK = 200


class Crew:
    """Gives orders to the crashing processes and sees them obeyed."""

    def __init__(self, world: World, folder: Path, *, say: Callable[[str], None]) -> None:
        self._world = world
        self._say = say
        self._folders = {
            (service, role): OrderFolder(folder / f"{service}-{role}")
            for service in SERVICES
            for role in ("api", "worker")
        }
        self._root = folder
        self._children: dict[str, Child] = {}
        self.taken: list[tuple[str, str, Order]] = []

    async def take_over(self) -> None:
        """Stops the stack's own workers and starts the crew."""
        stack = self._world.stack
        await asyncio.gather(*(stack.children[f"{service} worker"].stop() for service in SERVICES))
        for service in SERVICES:
            self._start(service, "worker", 0)
        # Two of the one whose replicas compete for work with effects outside; the others are back in a second.
        self._start("publisher", "worker", 1)
        for service in _APIS:
            self._start(service, "api", 1)
        for name in self._children:
            await self._ready(name)

    async def hand_over(self) -> None:
        """Stops the crew and starts the stack's own workers again."""
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        for service in SERVICES:
            self._world.stack.start_service(service, "worker")
        await self._world.stack.wait_for_services()

    def api_of(self, service: str) -> str:
        """The address of the API that may be told to end; the stack's own goes on."""
        own = self._world.stack.environment.service(service)
        return f"http://localhost:{_other_port(own['API_PORT'])}"

    def give(self, service: str, role: str, order: Order) -> None:
        """Orders."""
        self._folders[service, role].give(order)

    async def obeyed(self, service: str, role: str, order: Order, *, within: float) -> None:
        """Waits until the order was carried out; takes it back and fails when the time is up."""
        folder = self._folders[service, role]

        async def is_taken() -> bool:
            return folder.is_taken(order)

        try:
            await eventually(is_taken, within=within, what=f"{service} {role} passes {order.file}")
        except AssertionError:
            folder.withdraw(order)
            raise
        self.taken.append((service, role, order))
        self._say(f"{service} {role}: {order.file}")

    async def api_is_back(self, service: str) -> None:
        """Waits until the API that ended answers again."""
        await self._ready(f"{service} api 2")

    def dead(self) -> list[str]:
        """Those that ended without an order, with their last words."""
        return [f"{name} ended: {child.tail(3)}" for name, child in self._children.items() if not child.is_running]

    def _start(self, service: str, role: str, copy: int) -> None:
        name = f"{service} {role}" if role == "worker" and not copy else f"{service} {role} 2"
        env = self._world.stack.environment.service(service) | _SHORT_LEASES[service]
        if copy:
            for port in ("API_PORT", "METRICS_PORT", "WORKER_PORT"):
                env[port] = _other_port(env[port])
        orders = str(self._root / f"{service}-{role}")
        command = [sys.executable, "-m", "social_stack.crashing", "--orders", orders, service, role]
        child = Child(name, command, self._world.stack.log(f"crashing {name}"), env)
        self._children[name] = child
        child.start()

    async def _ready(self, name: str) -> None:
        child = self._children[name]
        port = child.env["API_PORT" if " api" in name else "WORKER_PORT"]

        async def answers() -> bool:
            assert child.is_running, child.tail()
            try:
                return (await http.request("GET", f"http://localhost:{port}/readyz")).status == _OK
            except HttpError:
                return False

        async with HttpClient(user_agent="crew", timeout=timedelta(seconds=2)) as http:
            await eventually(answers, within=_UP.total_seconds(), what=f"{name} is ready")


def _other_port(port: str) -> str:
    return str(int(port) + _SECOND)


@asynccontextmanager
async def crew_of(world: World, folder: Path, *, say: Callable[[str], None]) -> AsyncIterator[Crew]:
    """A crew at work inside the block; the stack's own processes before and after."""
    crew = Crew(world, folder, say=say)
    try:
        await crew.take_over()
        yield crew
    finally:
        await crew.hand_over()
