"""Whether the product has come to rest: nothing taken and not given back, nothing unread, nothing owed."""

import asyncio
from datetime import datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from tests.support.stack import World

from analytics import events as analytics
from auth_linker import events as linker
from publisher import events as publisher
from social_common.kafka.consumer import group_id
from social_stack.secrets import SERVICES

Ends = dict[TopicPartition, int]
_POLL_S = 1.0
# A lease is left behind when its time is over and nobody has taken the work up again. A platform user's blocks nobody
# then, because it guards no work of its own.
_LEFT = {
    "posts in work": (
        "SELECT count(*) FROM retail_b2c.social_posts WHERE claimed_by IS NOT NULL AND lease_until < clock_timestamp()"
    ),
    "attempts in work": (
        "SELECT count(*) FROM retail_b2c.publisher_attempts WHERE owner IS NOT NULL AND lease_until < clock_timestamp()"
    ),
    "grants in work": "SELECT count(*) FROM retail_b2c.grants WHERE lease_owner IS NOT NULL AND is_live",
    "platform users in work": (
        "SELECT count(*) FROM retail_b2c.platform_user_leases "
        "WHERE owner IS NOT NULL AND lease_until > clock_timestamp()"
    ),
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


async def wait_for_rest(world: World, *, within: timedelta) -> dict[str, int]:
    """Waits until nothing is left over of what there is now; what is, when the time is up.

    Numbers are collected all the time, so that there always are newer records.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within.total_seconds()
    until, ends = await _now(world)
    while True:
        found = await _find_unrest(world, until, ends)
        if not found or loop.time() > deadline:
            return found
        await asyncio.sleep(_POLL_S)


async def _find_unrest(world: World, until: datetime, ends: Ends) -> dict[str, int]:
    found: dict[str, int] = {}
    async with world.database() as database:
        for name, query in _LEFT.items():
            found[name] = await database.fetchval(query)
        for service in SERVICES:
            table = f"{service.replace('-', '_')}_outbox"
            query = f"SELECT count(*) FROM retail_b2c.{table} WHERE sent_at IS NULL AND created_at < $1"
            found[f"unsent rows of {table}"] = await database.fetchval(query, until)
    found |= await _lag(world.kafka.bootstrap_servers, ends)
    return {name: count for name, count in found.items() if count}


async def _now(world: World) -> tuple[datetime, Ends]:
    servers = world.kafka.bootstrap_servers
    async with world.database() as database:
        until: datetime = await database.fetchval("SELECT clock_timestamp()")
    partitions = await _partitions(servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    try:
        return until, await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()


async def _lag(bootstrap_servers: str, ends: Ends) -> dict[str, int]:
    """Records that a consumer of ours has not committed yet, per group; one that never committed has read none."""
    found = {}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        for group, topic in _subscriptions().items():
            read = await admin.list_consumer_group_offsets(group)
            of_topic = [partition for partition in ends if partition.topic == topic]
            behind = (ends[one] - (read[one].offset if one in read else 0) for one in of_topic)
            found[f"lag of {group}"] = sum(max(0, count) for count in behind)
    finally:
        await admin.close()
    return found


def _subscriptions() -> dict[str, str]:
    """Every consumer group of ours with the topic that it reads."""
    consumed = {"auth-linker": linker.CONSUMES, "publisher": publisher.CONSUMES, "analytics": analytics.CONSUMES}
    return {
        group_id(service, consumer, topic): topic for service, pairs in consumed.items() for topic, consumer in pairs
    }


async def _partitions(bootstrap_servers: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        topics = await admin.describe_topics(sorted(set(_subscriptions().values())))
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], part["partition"]) for topic in topics for part in topic["partitions"]]
