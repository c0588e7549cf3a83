"""`make rolling`: every process is ended by SIGTERM and started again, one after another, while merchants work."""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.chaos.evidence import Evidence, gather_evidence
from tests.chaos.findings import DUPLICATE, LOST, Finding
from tests.chaos.fleet import TARGETS, Fleet, running_fleet
from tests.chaos.rest import wait_for_rest
from tests.chaos.steady import DUE_IN_S, Calls, SteadyLoad, open_steady_shops
from tests.chaos.verdict import judge
from tests.support.kafka import Kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.kafka import has_java
from social_stack.ports import Ports

_BEGUN = time.monotonic()
_CALL_LIMIT = timedelta(seconds=5)
_REST_WITHIN = timedelta(seconds=60)
_WARM_UP_S = 10.0
_BETWEEN_S = 1.0
_MERCHANTS = 6
_LATENESS_LIMIT_S = 2.0
_DRAIN_LIMIT_S = 30.0


def say(text: str) -> None:
    """One line with the time."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", flush=True)  # noqa: T201


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it; `problems` are the promises it broke."""

    calls: Calls
    refused: int
    drains: list[float]
    lateness: list[float]
    evidence: Evidence
    findings: list[Finding]

    def rows(self) -> list[tuple[str, str]]:
        """The table."""
        kinds = [finding.kind for finding in self.findings]
        return [
            ("API calls", str(self.calls.made)),
            ("of them tried a second time", str(self.calls.tried_again.total())),
            ("errors after one retry", str(len(self.calls.failed))),
            ("connections refused by an API", str(self.refused)),
            ("posts", str(len(self.evidence.posts))),
            ("lateness p50", f"{_share(self.lateness, 0.50):.3f} s"),
            ("lateness p99", f"{_share(self.lateness, 0.99):.3f} s"),
            ("lateness at worst", f"{_share(self.lateness, 1.0):.3f} s"),
            ("longest drain", f"{max(self.drains, default=0.0):.1f} s"),
            ("posts lost", str(kinds.count(LOST))),
            ("posts doubled", str(kinds.count(DUPLICATE))),
            ("other findings", str(len(kinds) - kinds.count(LOST) - kinds.count(DUPLICATE))),
        ]

    def problems(self) -> list[str]:
        """In words; empty when all was kept."""
        found = [f"failed twice: {failed}" for failed in self.calls.failed]
        found += [f"{finding.kind}: {finding.detail}" for finding in self.findings]
        if self.refused:
            found.append(f"{self.refused} connections were refused by an API that had not said that it ends")
        if (late := _share(self.lateness, 0.99)) >= _LATENESS_LIMIT_S:
            found.append(f"lateness p99 is {late:.3f} s, and not below {_LATENESS_LIMIT_S:.0f} s")
        if max(self.drains, default=0.0) >= _DRAIN_LIMIT_S:
            found.append(f"a drain took {max(self.drains):.1f} s")
        return found


async def roll(fleet: Fleet, names: Sequence[str]) -> None:
    """One after another: SIGTERM, its end, its new start, its readiness."""
    for name in names:
        await fleet.drain(name)
        took = fleet.drains[-1]
        begun = time.monotonic()
        fleet.start(name)
        await fleet.wait_until_ready([name])
        say(f"{name}: ended after {took:.1f} s, ready again after {time.monotonic() - begun:.1f} s")
        await asyncio.sleep(_BETWEEN_S)
        fleet.note_deaths()


async def _measure(
    fleet: Fleet, world: World, names: Sequence[str], *, posts_per_s: float, reads_per_s: float
) -> Figures:
    # X itself refuses an equal text; without that help every second send stands there to be seen.
    await world.control("POST", "switches", {"platform": "x", "switches": {"duplicate_window_s": 0}})
    shops = await open_steady_shops(world, fleet.urls, count=_MERCHANTS)
    load, stop = SteadyLoad(shops, posts_per_s=posts_per_s, reads_per_s=reads_per_s), asyncio.Event()
    say(f"{posts_per_s:g} posts/s fall due, {reads_per_s:g} reads/s; rolling {len(names)} processes")
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(stop))
        await asyncio.sleep(_WARM_UP_S)
        await roll(fleet, names)
        stop.set()
    await asyncio.sleep(max(DUE_IN_S))
    say("everything has been due; waiting for rest")
    unrest = await wait_for_rest(world, within=_REST_WITHIN)
    evidence = await gather_evidence(world, shops, load.orders, fleet.incidents)
    evidence.unsent = {}  # numbers are told without end; what there was at rest has been looked at
    evidence.unrest = unrest
    lateness = sorted((one.sent_at - one.scheduled_at).total_seconds() for one in evidence.sends)
    return Figures(load.calls, fleet.refused, fleet.drains, lateness, evidence, judge(evidence))


async def _run(folder: Path, names: Sequence[str], *, posts_per_s: float, reads_per_s: float) -> Figures:
    config = StackConfig(data_dir=folder, ports=Ports.free())
    async with (
        running_fleet(config, say=say) as fleet,
        HttpClient(user_agent="rolling", timeout=_CALL_LIMIT) as http,
    ):
        broker = Kafka(fleet.stack.kafka, embedded=not fleet.has_broker_of_its_own, name="the stack's own")
        world = World(fleet.stack, http, broker)
        return await _measure(fleet, world, names, posts_per_s=posts_per_s, reads_per_s=reads_per_s)


def _share(ascending: Sequence[float], share: float) -> float:
    if not ascending:
        return 0.0
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.rolling", description="The rolling restart.")
    parser.add_argument("--posts", type=float, default=2.0, help="posts that fall due per second")
    parser.add_argument("--reads", type=float, default=6.0, help="reading calls per second")
    parser.add_argument("--only", default="", help="services to roll, with commas; all where left out")
    return parser.parse_args()


def main() -> int:
    """Runs it; returns the exit status."""
    arguments = _arguments()
    wanted = tuple(arguments.only.split(",")) if arguments.only else ("",)
    names = [name for name in TARGETS if name.startswith(wanted)]
    if has_java():
        os.environ.setdefault("SOCIAL_KAFKA", "apache")
    folder = Path(tempfile.mkdtemp(prefix="social-rolling-"))
    try:
        figures = asyncio.run(_run(folder, names, posts_per_s=arguments.posts, reads_per_s=arguments.reads))
    except BaseException:
        say(f"logs are kept in {folder / 'logs'}")
        raise
    for name, value in figures.rows():
        print(f"  {name:<32} {value:>10}")  # noqa: T201
    for trouble, times in figures.calls.tried_again.most_common():
        print(f"  tried again after {trouble}: {times}")  # noqa: T201
    if problems := figures.problems():
        for problem in problems[:40]:
            print(f"  {problem}")  # noqa: T201
        print(f"rolling: FAILED with {len(problems)} problems; logs are kept in {folder / 'logs'}")  # noqa: T201
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print("rolling: ok, nobody noticed")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
