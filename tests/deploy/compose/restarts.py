"""Every container is restarted, one after another, while merchants work through the console as browsers do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.chaos.evidence import Evidence, gather_evidence, outcomes_of_attempts
from tests.chaos.findings import DUPLICATE, LOST, Finding, tags_in
from tests.chaos.rest import wait_for_rest
from tests.chaos.steady import DUE_IN_S, Calls, SteadyLoad, open_steady_shops
from tests.chaos.verdict import judge
from tests.deploy.compose.engine import Project
from tests.support.kafka import Kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.ports import Ports
from social_stack.up import Stack

DATABASE = "postgresql://postgres:not-a-secret@localhost:8120/postgres"
BROKER = "localhost:8121"
_PATHS = {"auth-linker": "linker", "publisher": "publisher", "analytics": "analytics"}
_MERCHANTS = 4
_POSTS_PER_S, _READS_PER_S = 1.0, 3.0
# There is one of each API here, so a call may have to wait for a whole restart.
_TRIES = 120
_WARM_UP_S = 5.0
_BETWEEN_S = 2.0
_CALL_LIMIT = timedelta(seconds=15)
_REST_WITHIN = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Restarted:
    """How long one container took to end, and to be ready again."""

    name: str
    ended_s: float
    ready_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the restarts."""

    restarted: list[Restarted]
    calls: Calls
    evidence: Evidence
    findings: list[Finding]

    def rows(self) -> list[tuple[str, str]]:
        """The figures."""
        kinds = [finding.kind for finding in self.findings]
        late = sorted((one.sent_at - one.scheduled_at).total_seconds() for one in self.evidence.sends)
        return [
            ("containers restarted under load", str(len(self.restarted))),
            ("API calls", str(self.calls.made)),
            ("tries beyond the first", str(self.calls.tried_again.total())),
            ("calls never answered", str(len(self.calls.failed))),
            ("posts", str(len(self.evidence.posts))),
            ("lateness p50", f"{_share(late, 0.50):.1f} s"),
            ("lateness p99", f"{_share(late, 0.99):.1f} s"),
            ("posts or events lost", str(kinds.count(LOST))),
            ("posts doubled", str(kinds.count(DUPLICATE))),
            ("other findings", str(len(kinds) - kinds.count(LOST) - kinds.count(DUPLICATE))),
        ]

    def problems(self) -> list[str]:
        """In words; empty when all was kept."""
        return [f"never answered: {failed}" for failed in self.calls.failed] + [
            f"{finding.kind}: {finding.detail}" for finding in self.findings
        ]


async def restart_everything(project: Project, folder: Path, *, say: Callable[[str], None]) -> Outcome:
    """Restarts each container once under a steady load, waits for rest, and judges."""
    config = StackConfig(data_dir=folder, ports=Ports(), database_url=DATABASE, kafka_bootstrap_servers=BROKER)
    stack = Stack(config, say=say)  # never started: it tells where things are
    async with HttpClient(user_agent="compose-test", timeout=_CALL_LIMIT) as http:
        world = World(stack, http, Kafka(BROKER, embedded=False, name="compose"))
        # X itself refuses an equal text; without that help every second send stands there to be seen.
        await world.control("POST", "switches", {"platform": "x", "switches": {"duplicate_window_s": 0}})
        urls = {service: f"{stack.environment.console_url}/{path}" for service, path in _PATHS.items()}
        shops = await open_steady_shops(world, urls, count=_MERCHANTS)
        load = SteadyLoad(shops, posts_per_s=_POSTS_PER_S, reads_per_s=_READS_PER_S, tries=_TRIES)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run(stop))
            await asyncio.sleep(_WARM_UP_S)
            restarted = await _restart_each(project, say=say)
            stop.set()
        await asyncio.sleep(max(DUE_IN_S))
        say("everything has been due; waiting for rest")
        unrest = await wait_for_rest(world, within=_REST_WITHIN)
        evidence = await gather_evidence(world, shops, load.orders, await project.incidents())
        tags = {order.tag for order in load.orders}  # what a demo published before stands there, too
        evidence.standing = [one for one in evidence.standing if tags.intersection(tags_in(one["text"]))]
        evidence.attempts = await outcomes_of_attempts(world)
        evidence.unsent = {}  # numbers are told without end; what there was at rest has been looked at
        evidence.unrest = unrest
        return Outcome(restarted, load.calls, evidence, judge(evidence))


async def _restart_each(project: Project, *, say: Callable[[str], None]) -> list[Restarted]:
    restarted = []
    for container in await project.containers():
        ended, ready = await project.restart(container)
        restarted.append(Restarted(container.name, ended, ready))
        say(f"{container.name}: ended after {ended:.1f} s, ready again after {ready:.1f} s")
        await asyncio.sleep(_BETWEEN_S)
    return restarted


def _share(ascending: list[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))] if ascending else 0.0
