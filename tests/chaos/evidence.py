"""What is known after a run: what the APIs say, what stands on the platforms, what is on Kafka and in the tables."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.clock import Clock
from tests.chaos.commands import Command
from tests.chaos.shops import Shop
from tests.chaos.workload import Order
from tests.support.stack import World

from social_stack.events import Record, read_topics
from social_stack.secrets import SERVICES

Json = dict[str, Any]
TOPICS = (
    "connection.linked",
    "connection.updated",
    "connection.unlinked",
    "post.scheduled",
    "post.canceled",
    "post.published",
    "post.failed",
)
_POLL_S = 2.0
_OPEN = "SELECT count(*) FROM retail_b2c.social_posts WHERE status IN ('draft', 'scheduled', 'held', 'publishing')"
_FIRST_SENDS = """
SELECT p.id::text AS post_id, p.user_id::text AS user_id, p.scheduled_at,
       min(a.started_at) FILTER (WHERE a.bytes_sent) AS sent_at
FROM retail_b2c.social_posts p JOIN retail_b2c.publisher_attempts a ON a.post_id = p.id
WHERE p.scheduled_at IS NOT NULL GROUP BY p.id HAVING bool_or(a.bytes_sent)
"""


_ATTEMPTS = """
SELECT post_id::text, array_agg(coalesce(outcome, '')) AS outcomes FROM retail_b2c.publisher_attempts
WHERE bytes_sent GROUP BY post_id
"""


@dataclass(frozen=True, slots=True)
class FirstSend:
    """When a post was due, as the product's clock goes, and when its first byte was about to leave, in real time."""

    post_id: str
    user_id: str
    scheduled_at: datetime
    sent_at: datetime


@dataclass(slots=True)
class Evidence:
    """All that the verdict is drawn from."""

    orders: list[Order]
    posts: list[Json]
    standing: list[Json]
    connections: list[Json]
    records: list[Record]
    unsent: dict[str, int]
    incidents: list[str]
    dead_letters: list[Record] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)  # events that were marked as sent, with their topics
    on_kafka: set[str] = field(default_factory=set)
    attempts: dict[str, list[str]] | None = None  # what came of what was sent, by post; None where nobody asked
    sends: list[FirstSend] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    unrest: dict[str, int] = field(default_factory=dict)  # what was taken up and is left over
    planted: dict[str, str] = field(default_factory=dict)  # records that nobody can handle, with their topic
    may_be_lost: frozenset[str] | None = None  # connections a lost answer may have cost; None where nobody counted
    may_be_revoked: frozenset[str] = frozenset()  # connections whose grant the platform was made to revoke
    stale_tokens: list[str] = field(default_factory=list)  # grants that do not hold the newest token


async def _unsent(world: World) -> dict[str, int]:
    found = {}
    async with world.database() as database:
        for service in SERVICES:
            table = f"{service.replace('-', '_')}_outbox"
            found[table] = await database.fetchval(f"SELECT count(*) FROM retail_b2c.{table} WHERE sent_at IS NULL")
    return found


async def _told(world: World) -> dict[str, str]:
    found: dict[str, str] = {}
    async with world.database() as database:
        for service in SERVICES:
            table = f"{service.replace('-', '_')}_outbox"
            query = f"SELECT event_id::text, topic FROM retail_b2c.{table} WHERE sent_at IS NOT NULL"
            found |= {row["event_id"]: row["topic"] for row in await database.fetch(query)}
    return found


async def outcomes_of_attempts(world: World) -> dict[str, list[str]]:
    """What came of everything that was sent, by post."""
    async with world.database() as database:
        return {row["post_id"]: row["outcomes"] for row in await database.fetch(_ATTEMPTS)}


async def wait_until_settled(world: World, *, within: timedelta) -> bool:
    """Waits until no post is open and no event unsent; False when the time was up before."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within.total_seconds()
    while True:
        async with world.database() as database:
            is_open = await database.fetchval(_OPEN)
        if not is_open and not any((await _unsent(world)).values()):
            return True
        if loop.time() > deadline:
            return False
        await asyncio.sleep(_POLL_S)


async def gather_evidence(
    world: World,
    shops: list[Shop],
    orders: list[Order],
    incidents: list[str],
    *,
    planted: Mapping[str, str] | None = None,
) -> Evidence:
    """Reads everything; the posts before the records, so that every state read has had its event sent."""
    posts: list[Json] = []
    connections: list[Json] = []
    for shop in shops:
        posts += await shop.read_all("publisher", "/v1/posts", "posts")
        connections += await shop.read_all("auth-linker", "/v1/connections", "connections")
    async with world.database() as database:
        sends = [FirstSend(**row) for row in await database.fetch(_FIRST_SENDS)]
    await wait_until_settled(world, within=timedelta(seconds=10))
    told = await _told(world)
    servers = world.kafka.bootstrap_servers
    limit = timedelta(seconds=30)
    every = await read_topics(servers, set(told.values()).union(TOPICS).__contains__, within=limit)
    records = [record for record in every if record.topic in TOPICS]
    planted = dict(planted or {})
    return Evidence(
        orders=orders,
        posts=posts,
        standing=(await world.control("GET", "posts"))["posts"],
        connections=connections,
        records=[record for record in records if record.headers["ce_id"] not in planted],
        unsent=await _unsent(world),
        incidents=incidents,
        dead_letters=await read_topics(servers, lambda topic: topic.endswith(".dlt"), within=limit),
        told=told,
        on_kafka={record.headers.get("ce_id", "") for record in every},
        sends=sends,
        planted=planted,
    )
