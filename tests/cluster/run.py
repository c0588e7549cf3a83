"""One run of `make cluster-test`: the overlay `local` in a cluster, struck under a steady load of due posts."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.chaos.evidence import Evidence, gather_evidence
from tests.chaos.findings import tags_in
from tests.chaos.rest import wait_for_rest
from tests.chaos.shops import Shop
from tests.chaos.steady import DUE_IN_S, SteadyLoad, open_steady_shops
from tests.chaos.verdict import judge
from tests.cluster.admission import try_overlays
from tests.cluster.figures import Phase, outcome, table
from tests.cluster.images import PRODUCT as IMAGES
from tests.cluster.images import bring_images, bring_servers
from tests.cluster.installation import NAMESPACE, NEW, OLD, SERVICES, Installation
from tests.cluster.kubectl import Cluster
from tests.cluster.scaling import has_metrics, most_replicas, start_scaling, stop_scaling
from tests.cluster.strikes import PRODUCT, Strikes
from tests.support.kafka import Kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.ports import Ports
from social_stack.up import Stack

PARTS: Final = ("admission", "demo", "steady", "restart", "kill", "drain", "upgrade", "scale")
_LOADED: Final = ("steady", "restart", "kill", "drain", "upgrade")
_BEGUN: Final = time.monotonic()
_STEADY_S: Final = 30.0
_MERCHANTS: Final = 6
_BURST: Final = 30.0
_CALL_LIMIT: Final = timedelta(seconds=10)
_REST_WITHIN: Final = timedelta(seconds=120)


def say(text: str) -> None:
    """One line with the time."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", flush=True)  # noqa: T201


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run is asked to do. `load` gives an archive of images to the cluster; `before` is the release before."""

    parts: tuple[str, ...]
    load: str | None
    before: str | None
    folder: Path
    reuse: bool
    posts_per_s: float
    reads_per_s: float


class Run:
    """Brings up, strikes, measures and judges; `problems` are the promises that did not hold."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._cluster = Cluster(NAMESPACE)
        self._installation = Installation(self._cluster, say=say)
        self._config = StackConfig(
            data_dir=wish.folder,
            ports=Ports(),
            database_url=None,
            kafka_bootstrap_servers=f"127.0.0.1:{Ports().kafka}",
        )
        self._is_up = wish.reuse
        self.problems: list[str] = []

    async def carry_out(self) -> None:
        """Everything that was asked for, in order; raises ClusterRefused at once where no cluster answers."""
        await self._cluster.run("version")
        if "admission" in self._wish.parts:
            await try_overlays(self._cluster, say=say)
        if self._wish.parts == ("admission",):
            return
        await self._bring_up()
        async with self._door() as world:
            if "demo" in self._wish.parts:
                await self._demo()
            loaded = [part for part in _LOADED if part in self._wish.parts]
            if loaded:
                await self._strike(world, loaded)
            if "scale" in self._wish.parts:
                await self._scale(world)

    async def take_down(self) -> None:
        """Nothing of it stays in the cluster; what another run left there is not touched."""
        if not self._is_up:
            return
        await self._cluster.run("delete", "namespace", NAMESPACE, "--ignore-not-found", within=timedelta(minutes=3))

    async def _bring_up(self) -> None:
        first = OLD if self._wish.before and "upgrade" in self._wish.parts else NEW
        if self._wish.load:
            await bring_servers(load=self._wish.load, say=say)
            if self._wish.before and first == OLD:
                await bring_images(self._wish.before, OLD, load=self._wish.load, say=say, targets=IMAGES)
            await bring_images("HEAD", NEW, load=self._wish.load, say=say)
        if self._wish.reuse:
            return
        if await self._cluster.is_there("namespace", NAMESPACE):
            raise SystemExit(f"error: the namespace {NAMESPACE} is there: delete it, or go on with it by --reuse")
        self._is_up = True
        begun = time.monotonic()
        await self._installation.bring_up(first, secrets=self._wish.folder / "secrets")
        say(f"ready after {time.monotonic() - begun:.0f} s")

    @asynccontextmanager
    async def _door(self) -> AsyncIterator[World]:
        ports = self._config.ports
        opened = [ports.console, *(ports.api(index) for index in (1, 2, 3)), ports.sandbox, ports.postgres, ports.kafka]
        broker = Kafka(f"127.0.0.1:{ports.kafka}", embedded=False, name="the cluster's own")
        async with (
            self._cluster.opened("deployment/social-door", opened),
            HttpClient(user_agent="cluster-test", timeout=_CALL_LIMIT) as http,
        ):
            yield World(Stack(self._config, say=say), http, broker)

    async def _demo(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "social_stack", "demo", "--stack", f"http://localhost:{self._config.ports.console}"),
            env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{self._config.ports.kafka}"},
        )
        if await process.wait():
            self.problems.append("the demo failed")

    async def _strike(self, world: World, parts: Sequence[str]) -> None:
        # X itself refuses an equal text; without that help every second send stands there to be seen.
        await world.control("POST", "switches", {"platform": "x", "switches": {"duplicate_window_s": 0}})
        urls = {s: world.stack.environment.api_url(s) for s in SERVICES}
        shops = await open_steady_shops(world, urls, count=_MERCHANTS)
        load = SteadyLoad(shops, posts_per_s=self._wish.posts_per_s, reads_per_s=self._wish.reads_per_s)
        say(f"{self._wish.posts_per_s:g} posts/s fall due, {self._wish.reads_per_s:g} reads/s")
        phases, stop = [], asyncio.Event()
        restarts = await self._restarts()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run(stop))
            await asyncio.sleep(max(DUE_IN_S))
            for part in parts:
                phase = Phase.begin(part, load.calls)
                did = await self._part(part, world)()
                await asyncio.sleep(max(DUE_IN_S))  # what fell due meanwhile may still be under way
                phase.end(load.calls, did)
                phases.append(phase)
                say(f"{part}: {did}")
            stop.set()
        await asyncio.sleep(max(DUE_IN_S))
        say("everything has been due; waiting for rest")
        evidence = await self._gather(world, shops, load)
        findings = judge(evidence)
        print(table(phases, evidence), outcome(evidence, findings), sep="\n")  # noqa: T201
        self.problems += [f"failed twice: {failed}" for failed in load.calls.failed]
        self.problems += [f"{finding.kind}: {finding.detail}" for finding in findings]
        if again := await self._restarts() - restarts:
            self.problems.append(f"{again} containers ended by themselves and were started again")

    def _part(self, name: str, world: World) -> Callable[[], Awaitable[str]]:
        strikes = Strikes(self._cluster, say=say)

        async def steady() -> str:
            await asyncio.sleep(_STEADY_S)
            return "nothing done"

        async def upgrade() -> str:
            heads = await self._heads(world)
            await self._installation.upgrade(NEW)
            now = await self._heads(world)
            moved = [
                f"{service} {heads[service]} → {now[service]}" for service in SERVICES if heads[service] != now[service]
            ]
            return f"migrated: {', '.join(moved) or 'nothing'}"

        return {
            "steady": steady,
            "restart": strikes.restart_everything,
            "kill": strikes.kill_by_force,
            "drain": strikes.drain,
            "upgrade": upgrade,
        }[name]

    async def _gather(self, world: World, shops: list[Shop], load: SteadyLoad) -> Evidence:
        unrest = await wait_for_rest(world, within=_REST_WITHIN)
        evidence = await gather_evidence(world, shops, load.orders, [])
        tags = {order.tag for order in load.orders}  # what a demo published before stands there, too
        evidence.standing = [one for one in evidence.standing if tags.intersection(tags_in(one["text"]))]
        evidence.unsent = {}  # numbers are told without end; what there was at rest has been looked at
        evidence.unrest = unrest
        return evidence

    async def _heads(self, world: World) -> dict[str, str]:
        async with world.database() as database:
            query = "SELECT version_num FROM retail_b2c.{}_alembic_version"
            return {s: str(await database.fetchval(query.format(s.replace("-", "_")))) for s in SERVICES}

    async def _restarts(self) -> int:
        pods = await self._cluster.pods(PRODUCT)
        return sum(one["restartCount"] for pod in pods for one in pod["status"].get("containerStatuses", []))

    async def _scale(self, world: World) -> None:
        if not await has_metrics(self._cluster):
            say("scale: the cluster measures no pods (no metrics.k8s.io), so nothing can be shown")
            return
        urls = {s: world.stack.environment.api_url(s) for s in SERVICES}
        shops = await open_steady_shops(world, urls, count=_MERCHANTS)
        await start_scaling(self._cluster)
        load, stop, begun = SteadyLoad(shops, posts_per_s=_BURST, reads_per_s=1), asyncio.Event(), time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run(stop))
            reached = await most_replicas(self._cluster, above=2)
            stop.set()
        took = time.monotonic() - begun
        say(f"scale: {_BURST:g} posts/s made publisher's worker grow from 2 to {reached} replicas in {took:.0f} s")
        if reached <= 2:
            self.problems.append("the load made no replica")
        await stop_scaling(self._cluster)
