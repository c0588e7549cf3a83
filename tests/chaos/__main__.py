"""`make chaos minutes=N seed=S`: the whole product under a nemesis, then judged. The same seed strikes the same way."""

import argparse
import asyncio
import os
import secrets
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from math import ceil
from pathlib import Path

from tests.chaos.evidence import gather_evidence, wait_until_settled
from tests.chaos.fleet import REPLICATED, Fleet
from tests.chaos.nemesis import Nemesis, plan_disturbances
from tests.chaos.report import print_report
from tests.chaos.shops import Shop, open_shops
from tests.chaos.verdict import Finding, judge
from tests.chaos.workload import Workload
from tests.support.kafka import Kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.kafka import has_java
from social_stack.ports import Ports
from social_stack.up import Stack, running_stack

_SETTLE_WITHIN = timedelta(minutes=5)
_LINK_AGAIN_EVERY = timedelta(seconds=15)
_ANSWERS_WITHIN = timedelta(seconds=90)
_CALL_LIMIT = timedelta(seconds=6)
_BEGUN = time.monotonic()


def say(text: str) -> None:
    """One line with the time."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", flush=True)  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="The nemesis run.")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long it disturbs")
    parser.add_argument("--seed", type=int, default=None, help="what decides everything; random where left out")
    parser.add_argument("--rate", type=float, default=1.2, help="create requests per second")
    return parser.parse_args()


def _broker(stack: Stack) -> Kafka:
    if not stack.embeds_kafka:
        return Kafka(stack.kafka, embedded=False, name="KAFKA_BOOTSTRAP_SERVERS")
    name = "Apache Kafka from Maven" if stack.uses_apache_kafka else "the embedded broker"
    return Kafka(stack.kafka, embedded=not stack.uses_apache_kafka, name=name)


async def _run(folder: Path, *, minutes: float, seed: int, rate: float) -> list[Finding]:
    config = StackConfig(
        data_dir=folder,
        ports=Ports.free(),
        kafka_bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
    )
    async with (
        running_stack(config, say=say) as stack,
        HttpClient(user_agent="chaos", timeout=_CALL_LIMIT) as http,
    ):
        fleet = Fleet(stack)
        try:
            return await _disturb(World(stack, http, _broker(stack)), fleet, minutes=minutes, seed=seed, rate=rate)
        finally:
            fleet.resume_all()


async def _disturb(world: World, fleet: Fleet, *, minutes: float, seed: int, rate: float) -> list[Finding]:
    say(f"broker: {world.kafka.name}")
    for service in REPLICATED:
        fleet.start(f"{service} worker 2")
    # X itself refuses an equal text; without that help every second send stands there to be seen.
    await world.control("POST", "switches", {"platform": "x", "switches": {"duplicate_window_s": 0}})
    shops = await open_shops(world, count=max(3, ceil(minutes * rate * 60 * 0.4 / 35)))
    say(f"{len(shops)} merchants linked X, Instagram and GitHub; disturbing for {minutes:g} minutes")
    nemesis = Nemesis(world, fleet)
    sandbox = world.stack.environment.sandbox_url
    workload = Workload(shops, seed=seed, rate=rate, assets=f"{sandbox}/assets")
    seconds = minutes * 60
    async with asyncio.TaskGroup() as group:
        work = group.create_task(workload.run(seconds=seconds, drain=_ANSWERS_WITHIN))
        await nemesis.run(plan_disturbances(seed, seconds=seconds))
        await world.control("DELETE", "faults")
        say("the nemesis rests; settling")
        await fleet.settle()
        await work
    await _settle(world, shops, workload)
    fleet.note_deaths()
    evidence = await gather_evidence(world, shops, workload.orders, fleet.incidents)
    findings = judge(evidence)
    print_report(evidence, findings, struck=nemesis.done, done=workload.done, drains=fleet.drains)
    return findings


async def _settle(world: World, shops: list[Shop], workload: Workload) -> None:
    """Merchants link again what was lost on the way, also what is found out late, until everything has ended."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < _SETTLE_WITHIN.total_seconds():
        relinked = [await shop.relink_lost() for shop in shops]
        workload.done["grants lost on the way, linked again"] += sum(relinked)
        if await wait_until_settled(world, within=_LINK_AGAIN_EVERY):
            break
    say(f"settled after {loop.time() - begun:.0f} s")


def main() -> int:
    """Runs it; returns the exit status."""
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    again = f"make chaos minutes={arguments.minutes:g} seed={seed}"
    say(f"seed {seed}; the same again with: {again}")
    if has_java():
        os.environ.setdefault("SOCIAL_KAFKA", "apache")
    folder = Path(tempfile.mkdtemp(prefix="social-chaos-"))
    kept = f"logs are kept in {folder / 'logs'}; again with: {again}"
    try:
        findings = asyncio.run(_run(folder, minutes=arguments.minutes, seed=seed, rate=arguments.rate))
    except BaseException:
        say(kept)
        raise
    if findings:
        print(f"chaos: FAILED with {len(findings)} findings, seed {seed}; {kept}", flush=True)  # noqa: T201
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(f"chaos: ok, seed {seed}: nothing lost, nothing twice", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
