"""One nemesis run: the fleet up, merchants at work, strikes, healing, rest, and the evidence of all of it."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path

from tests.chaos.crash_witness import witness_of
from tests.chaos.evidence import Evidence, gather_evidence, outcomes_of_attempts, wait_until_settled
from tests.chaos.findings import Finding, tags_in
from tests.chaos.fleet import Fleet, running_fleet
from tests.chaos.nemesis import Nemesis
from tests.chaos.report import print_report
from tests.chaos.rest import wait_for_rest
from tests.chaos.shops import PLATFORMS, TROUBLE, Shop, open_shops
from tests.chaos.strikes import plan_disturbances
from tests.chaos.tokens import RequestLog, match_lost, refreshed_twice, stale_tokens
from tests.chaos.verdict import judge
from tests.chaos.workload import Workload
from tests.support.kafka import Kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.ports import Ports

_LINK_AGAIN_EVERY = timedelta(seconds=10)
_SETTLE_WITHIN = timedelta(minutes=5)
_REST_WITHIN = timedelta(minutes=2)
_ANSWERS_WITHIN = timedelta(seconds=120)
_CALL_LIMIT = timedelta(seconds=6)
_GATHER_EVERY_S = 10.0
_NOTABLE_S = 1.0
_POSTS_PER_SHOP_AND_MINUTE = 30
# Without these the merchants of one run would use up what a platform allows an app in a day.
_ROOMY = {
    "LINKEDIN_BUDGETS": json.dumps({"Community Management": {"app": 100_000}}),
    "YOUTUBE_BUDGETS": json.dumps(
        {name: {"app": 1_000_000} for name in ("videos.insert", "videos.batchGetStats", "units")}
    ),
}
_SWITCHES = {
    # X itself refuses an equal text; without that help every second send stands there to be seen.
    # These refuse an equal text; without that help every second send stands there to be seen.
    "x": {"duplicate_window_s": 0},
    "facebook": {"refuses_equal": False},
    "linkedin": {"app_per_day": 100_000, "duplicate_window_s": 0},
    "youtube": {"quota": dict.fromkeys(("uploads", "stats", "units"), 1_000_000)},
}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a run."""

    minutes: float
    seed: int
    rate: float

    @property
    def again(self) -> str:
        """The command that repeats it."""
        return f"make chaos minutes={self.minutes:g} seed={self.seed} rate={self.rate:g}"

    @property
    def shops(self) -> int:
        """How many merchants it takes."""
        return max(4, ceil(self.minutes * self.rate * 60 / _POSTS_PER_SHOP_AND_MINUTE / 2))


async def disturb(world: World, fleet: Fleet, plan: Plan, *, say: Say) -> list[Finding]:
    """The whole of it; prints its table and returns what was found."""
    for platform, switches in _SWITCHES.items():
        await world.control("POST", "switches", {"platform": platform, "switches": switches})
    shops = await open_shops(world, fleet.urls, count=plan.shops)
    say(f"{len(shops)} merchants linked {len(PLATFORMS)} platforms; disturbing for {plan.minutes:g} minutes")
    nemesis = Nemesis(world, fleet)
    workload = Workload(shops, seed=plan.seed, rate=plan.rate, assets=f"{world.sandbox}/assets", now=nemesis.clock.now)
    log = RequestLog(world)
    async with witness_of(world) as witness:
        await _work_and_strike(world, fleet, plan, workload, nemesis, log, say=say)
        await _settle(world, shops, workload, say=say)
        worked_until = await _database_time(world)
        evidence = await _evidence(world, fleet, shops, workload, nemesis, log, say=say)
        findings = [*judge(evidence), *await witness.findings(until=worked_until)]
    print_report(evidence, findings, struck=nemesis.done, done=workload.done, drains=fleet.drains)
    return findings


async def _work_and_strike(
    world: World, fleet: Fleet, plan: Plan, workload: Workload, nemesis: Nemesis, log: RequestLog, *, say: Say
) -> None:
    seconds = plan.minutes * 60
    async with asyncio.TaskGroup() as group:
        gathering = group.create_task(_keep_gathering(log))
        watching = group.create_task(_watch_itself(say))
        work = group.create_task(workload.run(seconds=seconds, drain=_ANSWERS_WITHIN))
        await nemesis.run(plan_disturbances(plan.seed, seconds=seconds, has_kafka_links=fleet.has_broker_of_its_own))
        say("the nemesis rests; everything is healed")
        await fleet.settle()
        say("every process is ready; waiting for the last answers to the merchants")
        await work
        gathering.cancel()
        watching.cancel()


async def _watch_itself(say: Say) -> None:
    """All links run in this process: what stops it for a while stops everybody, and is told."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(1)
        if (late := loop.time() - before - 1) > _NOTABLE_S:
            say(f"this process itself stood still for {late:.1f} s")


async def _database_time(world: World) -> datetime:
    async with world.database() as database:
        now: datetime = await database.fetchval("SELECT clock_timestamp()")
    return now


async def _keep_gathering(log: RequestLog) -> None:
    while True:
        await log.gather()
        await asyncio.sleep(_GATHER_EVERY_S)


async def _settle(world: World, shops: list[Shop], workload: Workload, *, say: Say) -> None:
    """Merchants link again what was lost, and publish what they could not without it, until everything has ended."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < _SETTLE_WITHIN.total_seconds():
        for shop in shops:
            try:
                workload.done["accounts linked again"] += await shop.relink_lost()
                workload.done["drafts published after all"] += await workload.publish_drafts(shop)
            except TROUBLE as error:
                # The merchant tries again; what never comes back is found by the judge, as posts that have not ended.
                say(f"linking again failed: {error}")
        if await wait_until_settled(world, within=_LINK_AGAIN_EVERY):
            break
    say(f"settled after {loop.time() - begun:.0f} s")
    resolved = await _resolve_half(world, shops, workload)
    say(f"merchants resolved {resolved} posts that nobody could tell about")


async def _resolve_half(world: World, shops: list[Shop], workload: Workload) -> int:
    """Every second unknown post is looked at by its merchant, who says what is true."""
    standing = (await world.control("GET", "posts"))["posts"]
    there = {(post["platform_id"], tag) for post in standing for tag in tags_in(post["text"])}
    places = {place.connection_id: place.platform_id for shop in shops for place in shop.places}
    resolved = 0
    for shop in shops:
        unknown = (await shop.insist("GET", "publisher", "/v1/posts?status=unknown&limit=100")).json()["posts"]
        for post in unknown[::2]:
            is_there = any((places[post["connection_id"]], tag) in there for tag in tags_in(post["content"]))
            await workload.desk.resolve(shop, post["id"], is_there=is_there)
            resolved += 1
    return resolved


async def _evidence(
    world: World, fleet: Fleet, shops: list[Shop], workload: Workload, nemesis: Nemesis, log: RequestLog, *, say: Say
) -> Evidence:
    left = await wait_for_rest(world, within=_REST_WITHIN)
    say(f"rest: {left or 'nothing is left over'}")
    stale = [trouble async for trouble in stale_tokens(shops)]
    fleet.note_deaths()
    unrest = await wait_for_rest(world, within=_REST_WITHIN)
    evidence = await gather_evidence(world, shops, workload.orders, fleet.incidents)
    await log.gather()
    lost = match_lost(evidence.records, log, nemesis.history, nemesis.clock)
    evidence.attempts = await outcomes_of_attempts(world)
    evidence.commands = workload.commands
    evidence.clock = nemesis.clock
    evidence.unsent = {}  # events about numbers never end; rows that were there at rest have been looked at
    evidence.unrest = unrest
    evidence.stale_tokens = [*stale, *refreshed_twice(log, nemesis.clock)]
    evidence.may_be_lost = frozenset(
        one.connection_id for one in lost if one.is_excused and one.reason == "reconnect_required"
    )
    evidence.may_be_revoked = frozenset(one.connection_id for one in lost if one.is_excused and one.reason == "revoked")
    return evidence


async def run_once(folder: Path, plan: Plan, *, say: Say) -> list[Finding]:
    """Brings a fleet up in `folder`, disturbs it as planned, and takes it down again."""
    config = StackConfig(
        data_dir=folder,
        ports=Ports.free(),
        kafka_bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
        passed_on=_ROOMY,
    )
    async with (
        running_fleet(config, say=say) as fleet,
        HttpClient(user_agent="chaos", timeout=_CALL_LIMIT) as http,
    ):
        world = World(fleet.stack, http, _broker(fleet))
        say(f"broker: {world.kafka.name}")
        return await disturb(world, fleet, plan, say=say)


def _broker(fleet: Fleet) -> Kafka:
    stack = fleet.stack
    if not stack.embeds_kafka:
        return Kafka(stack.kafka, embedded=False, name="KAFKA_BOOTSTRAP_SERVERS")
    name = "Apache Kafka from Maven" if stack.uses_apache_kafka else "the embedded broker"
    return Kafka(stack.kafka, embedded=not stack.uses_apache_kafka, name=name)
