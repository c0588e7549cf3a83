"""Whether the product has come to rest: nothing taken and not given back, nothing unread, nothing owed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from tests.support.stack import World

from social_stack.secrets import SERVICES

_POLL_S = 1.0
# A lease is left behind when its time is over and nobody has taken the work up again.
_LEFT = {
    "posts in work": "SELECT count(*) FROM retail_b2c.social_posts WHERE claimed_by IS NOT NULL AND {over}",
    "attempts in work": "SELECT count(*) FROM retail_b2c.publisher_attempts WHERE owner IS NOT NULL AND {over}",
    "grants in work": "SELECT count(*) FROM retail_b2c.grants WHERE lease_owner IS NOT NULL AND is_live",
    "platform users in work": "SELECT count(*) FROM retail_b2c.platform_user_leases WHERE owner IS NOT NULL AND {over}",
    "collections in work": (
        "SELECT count(*) FROM retail_b2c.analytics_connections "
        "WHERE lease_id IS NOT NULL AND is_collected AND leased_until < clock_timestamp()"
    ),
    "revocations owed": "SELECT count(*) FROM retail_b2c.erasures WHERE finished_at IS NULL",
    "posts open": (
        "SELECT count(*) FROM retail_b2c.social_posts "
        "WHERE status = 'publishing' OR (status IN ('scheduled', 'held') AND due_at < retail_b2c.social_now())"
    ),
}
_OVER = "lease_until < clock_timestamp()"


async def find_unrest(world: World) -> dict[str, int]:
    """What is left over, by name; empty at rest."""
    found: dict[str, int] = {}
    async with world.database() as database:
        for name, query in _LEFT.items():
            found[name] = await database.fetchval(query.format(over=_OVER))
        for service in SERVICES:
            table = f"{service.replace('-', '_')}_outbox"
            query = f"SELECT count(*) FROM retail_b2c.{table} WHERE sent_at IS NULL"
            found[f"unsent rows of {table}"] = await database.fetchval(query)
    found |= await consumer_lag(world.kafka.bootstrap_servers)
    return {name: count for name, count in found.items() if count}


async def wait_for_rest(world: World, *, within: timedelta) -> dict[str, int]:
    """Waits until nothing is left over; what is, when the time is up."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within.total_seconds()
    while True:
        found = await find_unrest(world)
        if not found or loop.time() > deadline:
            return found
        await asyncio.sleep(_POLL_S)


async def consumer_lag(bootstrap_servers: str) -> dict[str, int]:
    """Records that a consumer of ours has not committed yet, per group."""
    async with _admin(bootstrap_servers) as admin:
        groups = [group for group, *_ in await admin.list_consumer_groups() if _is_ours(group)]
        committed = {group: await admin.list_consumer_group_offsets(group) for group in groups}
    partitions = sorted({partition for offsets in committed.values() for partition in offsets})
    if not partitions:
        return {}
    ends = await _ends(bootstrap_servers, partitions)
    lags = {
        f"lag of {group}": sum(max(0, ends[partition] - told.offset) for partition, told in offsets.items())
        for group, offsets in committed.items()
    }
    return {name: lag for name, lag in lags.items() if lag}


def _is_ours(group: str) -> bool:
    return group.startswith(tuple(f"{service}." for service in SERVICES))


@asynccontextmanager
async def _admin(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _ends(bootstrap_servers: str, partitions: Sequence[object]) -> dict[object, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        ends: dict[object, int] = await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
    return ends
