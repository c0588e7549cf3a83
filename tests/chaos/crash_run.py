"""A whole walk: all lanes side by side, then rest, and the evidence of what came of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.chaos.crash_lanes import (
    walk_completing,
    walk_consents,
    walk_consumers,
    walk_events,
    walk_others,
    walk_relay,
    walk_revocations,
    walk_rotating,
)
from tests.chaos.crash_walk import TAG, Walk, walk_creating, walk_discards, walk_looks, walk_pauses, walk_publishing
from tests.chaos.crash_witness import Witness, witness_of
from tests.chaos.crew import crew_of
from tests.chaos.evidence import Evidence, gather_evidence
from tests.chaos.findings import Finding, tags_in
from tests.chaos.rest import wait_for_rest
from tests.chaos.shops import Shop
from tests.chaos.tokens import stale_tokens
from tests.chaos.verdict import judge
from tests.support.stack import World

Lanes = Callable[[Walk], Awaitable[None]]
_SHOPS = 3
_REST_WITHIN = timedelta(seconds=120)
# Where a handle makes a second send safe, nothing is left open.
_CAN_TELL = frozenset({"instagram", "youtube"})


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk that is over."""

    walk: Walk
    evidence: Evidence
    findings: list[Finding]
    token_troubles: list[str]

    @property
    def passed(self) -> set[tuple[str, str]]:
        """Every moment that ended a process: service and name."""
        return {(service, order.point) for service, _, order in self.walk.crew.taken}

    @property
    def wrongly_unknown(self) -> list[str]:
        """Posts that nobody can tell about although the platform can, or that stand there."""
        there = {(p["platform_id"], tag) for p in self.evidence.standing for tag in tags_in(p["text"])}
        places = {place.connection_id: place.platform_id for shop in self.walk.shops for place in shop.places}
        return [
            f"{post['platform']} {post['kind']} {post['id']} {post['content']}"
            for post in self.evidence.posts
            if post["status"] == "unknown"
            and (
                post["platform"] in _CAN_TELL
                or post["kind"] == "release"
                or any((places[post["connection_id"]], tag) in there for tag in tags_in(post["content"]))
            )
        ]


def quiet(_: str) -> None:
    """Says nothing."""


async def walk_all(
    world: World,
    folder: Path,
    *,
    platforms: tuple[str, ...],
    is_whole: bool,
    say: Callable[[str], None] = quiet,
) -> Walked:
    """Walks every crash point on those platforms; `is_whole` with each commit on each of them."""
    return await walk_lanes(world, folder, every_lane, platforms=platforms, is_whole=is_whole, say=say)


async def walk_lanes(
    world: World,
    folder: Path,
    lanes: Lanes,
    *,
    platforms: tuple[str, ...],
    is_whole: bool,
    say: Callable[[str], None] = quiet,
) -> Walked:
    """Walks the lanes with merchants of its own, waits for rest, and judges what came of it."""
    async with witness_of(world) as witness:
        shops = [Shop(world, *(await world.merchant())) for _ in range(_SHOPS)]
        async with crew_of(world, folder, say=say) as crew:
            walk = Walk(world, crew, shops, platforms, is_whole)
            async with asyncio.TaskGroup() as links:
                for platform in platforms:
                    links.create_task(shops[0].link(platform))
                for shop in shops[1:]:
                    links.create_task(shop.link("x"))
            await lanes(walk)
            return await _judged(walk, witness, say)


async def _judged(walk: Walk, witness: Witness, say: Callable[[str], None]) -> Walked:
    say("every order is given; coming to rest")
    walked_until = datetime.now(UTC)
    left = await wait_for_rest(walk.world, within=_REST_WITHIN)
    say(f"rest: {left or 'nothing is left over'}")
    troubles = [trouble async for trouble in stale_tokens(walk.shops)]
    unrest = await wait_for_rest(walk.world, within=timedelta(seconds=30))
    gathered = await gather_evidence(walk.world, walk.shops, walk.requests, walk.crew.dead(), planted=walk.planted)
    merchants = {shop.user_id for shop in walk.shops}
    evidence = replace(
        gathered,
        # So are the accounts that others lost.
        records=[
            one for one in gathered.records if one.topic != "connection.unlinked" or one.data["user_id"] in merchants
        ],
        # The stack may have stood before; what others posted on it is theirs.
        standing=[post for post in gathered.standing if TAG in post["text"]],
        # Events about numbers never end; rows that were there at rest have been looked at.
        unsent={},
        unrest=unrest,
        may_be_lost=frozenset(walk.may_be_lost | walk.must_come_back),
    )
    return Walked(walk, evidence, [*judge(evidence), *await witness.findings(until=walked_until)], troubles)


async def every_lane(walk: Walk) -> None:
    """All of them side by side, but for those that nothing else may disturb."""
    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(_publisher(walk))
        lanes.create_task(walk_discards(walk))
        lanes.create_task(_analytics(walk))
        await walk_rotating(walk)
        lanes.create_task(_apis(walk))
        lanes.create_task(_linker(walk))


async def _publisher(walk: Walk) -> None:
    async def post() -> None:
        await walk.publish("x")

    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(walk_looks(walk))
        await walk_publishing(walk)
        await walk_pauses(walk)
        await walk_relay(walk, "publisher", post)
        await walk_events(walk, "publisher", "post.published", post)
        await walk_consumers(walk, "publisher")


async def _apis(walk: Walk) -> None:
    await walk_others(walk)
    await walk_creating(walk)
    await walk_completing(walk)
    await walk_consents(walk)


async def _linker(walk: Walk) -> None:
    async def link() -> None:
        await walk.shop.link("github")

    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(walk_revocations(walk))
        lanes.create_task(walk_relay(walk, "auth-linker", link))
        lanes.create_task(walk_consumers(walk, "auth-linker"))


async def _analytics(walk: Walk) -> None:
    async def nothing() -> None:
        """Numbers are collected all the time."""

    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(walk_relay(walk, "analytics", nothing))
        lanes.create_task(walk_events(walk, "analytics", "post.measured", nothing))
        lanes.create_task(walk_consumers(walk, "analytics"))


def table_of(walked: Walked) -> list[str]:
    """Every moment that was walked, with the platforms or topics it was walked for; then what the posts ended in."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for service, role, order in walked.walk.crew.taken:
        rows.setdefault((service, role, order.point), []).append(
            (order.about or "any") + (f" (stood still {order.pause:.0f} s)" if order.pause else "")
        )
    ends = Counter(f"{post['platform']:<12} {post['kind']:<11} {post['status']}" for post in walked.evidence.posts)
    return [
        *(f"{service:<12} {role:<7} {point:<26} {', '.join(about)}" for (service, role, point), about in rows.items()),
        "",
        *(f"{end:<36} {count:>5}" for end, count in sorted(ends.items())),
    ]
