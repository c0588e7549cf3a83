"""The walk's other lanes: linking, refreshing, revoking, and what every service does with Kafka."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from tests.chaos.crash_points import (
    CONSENTING,
    FEW,
    LOST_ANSWERS,
    PAUSED_REFRESHES,
    REFRESHING,
    RENEWING,
    REVOKING,
    ROTATING,
    orders_of,
)
from tests.chaos.crash_walk import Walk, meet_a_crash
from tests.chaos.shops import wished
from tests.support.eventually import eventually

from social_common.checkpoints import Plumbing
from social_stack.browser import consent

_AGAIN_S = 6.0
_CONSUMED_WITHIN_S = 240.0
# What each service reads and writes, for its moments at Kafka.
_READS = {"auth-linker": "post.scheduled", "publisher": "connection.linked", "analytics": "connection.linked"}
_PARKS = {"auth-linker": "post.scheduled", "publisher": "post.measured", "analytics": "post.scheduled"}


async def walk_consents(walk: Walk) -> None:
    """The API is gone around the exchange of a code: the merchant begins again, with the same account."""
    for platform in walk.platforms if walk.is_whole else FEW:
        for order in orders_of(CONSENTING, platform):
            account = await walk.shop.account(platform)

            async def come_back(platform: str = platform, account: str = account) -> None:
                await meet_a_crash(_consent_at_replica(walk, platform, account))

            await walk.step("auth-linker", order, come_back, role="api")
            await walk.shop.link(platform, account)
            await walk.crew.api_is_back("auth-linker")


async def _consent_at_replica(walk: Walk, platform: str, account: str) -> object:
    own = walk.world.stack.environment.api_url("auth-linker")
    url = await walk.shop.merchant.authorize(platform, **wished(platform))
    return_to = f"{walk.world.stack.environment.console_url}/"
    return await consent(
        walk.world.http,
        url,
        account=account,
        return_to=return_to,
        route=lambda target: target.replace(own, walk.crew.api_of("auth-linker"), 1),
    )


async def walk_completing(walk: Walk) -> None:
    """The API is gone around the commit of a connection: the same key gets it from the other replica, once."""
    for order in orders_of([Plumbing.EVENT], "connection.linked"):
        account = await walk.shop.account("x")
        landing = await walk.shop.merchant.consent(await walk.shop.merchant.authorize("x"), account=account)
        body, key = {"link_code": landing.query["link_code"]}, str(uuid4())
        path = "/v1/connections/complete"

        async def complete(body: dict[str, str] = body, key: str = key, path: str = path) -> None:
            replica = walk.merchant_at("auth-linker")
            await meet_a_crash(replica.call("POST", "auth-linker", path, body, headers={"Idempotency-Key": key}))

        await walk.step("auth-linker", order, complete, role="api")
        answer = await walk.shop.insist("POST", "auth-linker", path, body, key=key)
        (connection,) = answer.json()["connections"]
        walk.shop.keep(connection, account)
        await walk.crew.api_is_back("auth-linker")


async def walk_rotating(walk: Walk) -> None:
    """Refreshes that spend their token, and their takeovers: who is killed in those costs accounts that nobody counts.

    So nothing else may end a process of auth-linker meanwhile.
    """
    platforms = [platform for platform in REFRESHING if platform in ROTATING and (walk.is_whole or platform in FEW)]
    await walk_refreshes(walk, platforms)
    if walk.is_whole:
        await walk_paused_refreshes(walk)
    async with walk.world.database() as database:
        query = "SELECT NOT EXISTS (SELECT 1 FROM retail_b2c.grants WHERE lease_owner IS NOT NULL AND is_live)"

        async def are_taken_over() -> bool:
            return bool(await database.fetchval(query))

        await eventually(are_taken_over, within=_CONSUMED_WITHIN_S, what="every refresh is taken over")


async def walk_others(walk: Walk) -> None:
    """Refreshes whose answer may be lost without a loss."""
    await walk_refreshes(walk, [one for one in (REFRESHING if walk.is_whole else FEW) if one not in ROTATING])


async def walk_refreshes(walk: Walk, platforms: Iterable[str]) -> None:
    """The API is gone around a refresh: only an answer that was lost on the way may cost an account, where it does."""
    for platform in platforms:
        for order in orders_of(RENEWING, platform):
            place = await walk.shop.link(platform)
            if platform in ROTATING and order.point in LOST_ANSWERS:
                walk.may_be_lost.add(place.connection_id)
            path = f"/v1/connections/{place.connection_id}/refresh"

            async def refresh(path: str = path) -> None:
                await meet_a_crash(walk.merchant_at("auth-linker").call("POST", "auth-linker", path))

            await walk.step("auth-linker", order, refresh, role="api")
            await walk.crew.api_is_back("auth-linker")


async def walk_paused_refreshes(walk: Walk) -> None:
    """A refresher stands still until another has probed; what it brings on waking is kept, and nobody stays lost."""
    for order in PAUSED_REFRESHES:
        place = await walk.shop.link(order.about)
        if order.point in LOST_ANSWERS:
            walk.must_come_back.add(place.connection_id)
        path = f"/v1/connections/{place.connection_id}/refresh"

        async def refresh(path: str = path) -> None:
            await meet_a_crash(walk.merchant_at("auth-linker").call("POST", "auth-linker", path))

        await walk.step("auth-linker", order, refresh, role="api")
        await walk.crew.api_is_back("auth-linker")


async def walk_revocations(walk: Walk) -> None:
    """The worker is gone around a revocation: another one ends it, with a proof."""
    for platform in walk.platforms if walk.is_whole else FEW:
        for order in orders_of(REVOKING, platform):
            place = await walk.shop.link(platform)
            walk.shop.places.remove(place)

            async def disconnect(path: str = f"/v1/connections/{place.connection_id}") -> None:
                await walk.shop.insist("DELETE", "auth-linker", path)

            await walk.step("auth-linker", order, disconnect)


async def walk_relay(walk: Walk, service: str, stimulus: Callable[[], Awaitable[object]]) -> None:
    """The worker that relays is gone around sending and marking."""
    for order in orders_of([Plumbing.SEND, Plumbing.MARK]):
        await walk.step(service, order, stimulus)


async def walk_events(walk: Walk, service: str, topic: str, stimulus: Callable[[], Awaitable[object]]) -> None:
    """The worker is gone around the commit of a state and its event."""
    for order in orders_of([Plumbing.EVENT], topic):
        await walk.step(service, order, stimulus, within=90)


async def walk_consumers(walk: Walk, service: str) -> None:
    """Workers are gone around handling, parking and committing an offset.

    All orders are given at once: after a kill the group waits for its lost member, and one wait does for several.
    """
    orders = [
        *orders_of([Plumbing.INBOX, Plumbing.OFFSET], _READS[service]),
        *orders_of([Plumbing.LETTER], _PARKS[service]),
    ]
    for order in orders:
        walk.crew.give(service, "worker", order)
    waiting = asyncio.gather(*(walk.obeyed(service, "worker", order, within=_CONSUMED_WITHIN_S) for order in orders))
    while not waiting.done():
        for shop in walk.shops:
            await plant(walk, _PARKS[service])
            if _READS[service] == "post.scheduled":
                await walk.publish("x", shop=shop, plain=True)
            else:
                await shop.link("x")
        await asyncio.wait([waiting], timeout=_AGAIN_S)
    await waiting


async def plant(walk: Walk, topic: str) -> None:
    """A record that no handler can take: a proper envelope around nothing."""
    event_id = str(uuid4())
    walk.planted[event_id] = topic
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": "/seftec/social/publisher",
        "ce_type": f"store.seftec.social.{topic}.v1",
        "ce_subject": str(uuid4()),
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_dataschema": f"https://example.com/{topic}.v1.json",
        "content-type": "application/json",
    }
    producer = AIOKafkaProducer(bootstrap_servers=walk.world.kafka.bootstrap_servers)
    await producer.start()
    try:
        await producer.send_and_wait(
            topic,
            b"{}",
            key=str(uuid4()).encode(),
            headers=[(name, text.encode()) for name, text in headers.items()],
        )
    finally:
        await producer.stop()
